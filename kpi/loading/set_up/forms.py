"""Uploading a set-up workbook: the file, and the document in which both sides settled what stands in it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.file_fields import OutsideFileField
from iconm_portal.forms.inspection.kinds import FileKind
from iconm_portal.forms.inspection.refusals import Limits
from iconm_portal.imports import table_reader
from iconm_portal.models.set_up import LONGEST_DOCUMENT
from iconm_portal.values.fields import EraDateFormField


class WorkbookField(OutsideFileField):
    """A set-up workbook."""

    kinds: Iterable[FileKind] = (FileKind.XLSX,)

    @property
    def limits(self) -> Limits:
        return table_reader.LIMITS


class UploadForm(forms.Form):
    """A filled-in workbook and what stands behind it."""

    document = forms.CharField(
        label=_("Document in which both sides settled it"),
        max_length=LONGEST_DOCUMENT,
        help_text=_("The source of every row that names none of its own, such as 令和5年度 事業報告書."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document_on"] = EraDateFormField(label=_("Date of the document"), latest=today)
        self.fields["file"] = WorkbookField(
            label=_("Workbook"), help_text=_("The portal's own template, filled in: .xlsx, up to 20 MB.")
        )
