"""What people send around a filled-in sheet: the file, and which side they choose where both changed a field."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms import files
from iconm_portal.imports import texts
from iconm_portal.imports.sheet_reading import Limits, Refusal, UploadRefused
from iconm_portal.imports.table_reader import refuse_name
from iconm_portal.imports.workbook_checks import check_beginning, check_name
from kpi.reports.upload.comparison import FILE, STORED, Choices, Comparison

LIMITS: Final = Limits()
XLSX: Final = ".xlsx"


def refusal_text(refused: UploadRefused) -> str:
    """Why the file is not read, and what to do."""
    if refused.code is Refusal.NOT_XLSX_NAME:
        return _("“%(name)s” is not an Excel workbook. Upload the sheet as .xlsx, as it was downloaded.") % {
            "name": refused.params["filename"]
        }
    return texts.refusal(refused.code, refused.params)


class SheetFileField(forms.FileField):
    """A filled-in sheet. What its name, its size and its first bytes tell is refused here, at the field."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Filled-in sheet"),
            help_text=gettext_lazy(
                "The .xlsx that you downloaded from this report, up to 5 MB. Excel and LibreOffice both do."
            ),
            widget=forms.FileInput(attrs={"accept": XLSX}),
        )

    def clean(self, data: Any, initial: Any = None) -> files.CheckedFile:
        """The checked file."""
        uploaded: UploadedFile = super().clean(data, initial)
        name, size = uploaded.name or "", uploaded.size or 0
        try:
            if name.lower().endswith((".xls", ".xlsm", ".xltm", ".xlam", ".xlsb")):
                refuse_name(name)
            check_name(name)
            if size > LIMITS.bytes:
                raise UploadRefused(Refusal.TOO_BIG, bytes=size, limit=LIMITS.bytes)
            check_beginning(uploaded.read(), LIMITS)
            uploaded.seek(0)
        except UploadRefused as refused:
            raise ValidationError(refusal_text(refused)) from refused
        return files.check(uploaded)


class UploadForm(forms.Form):
    """The file that was filled in."""

    file = SheetFileField()


def choices_of(data: QueryDict, comparison: Comparison) -> Choices:
    """What the person chose, where what is stored is still what their page showed."""
    found = {}
    for one in comparison.disputed:
        chosen = data.get(f"{one.key}-choice", "")
        if chosen in (FILE, STORED) and data.get(f"{one.key}-seen") == _sent(one.now_text):
            found[one.key] = chosen
    return found


def _sent(text: str) -> str:
    """A text as a browser sends it back from a hidden field."""
    return "\r\n".join(text.splitlines())
