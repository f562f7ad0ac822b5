"""The file that people send: a sheet that was filled in."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms.inspection.kinds import FileKind
from iconm_portal.forms.inspection.refusals import About, Limits, UploadRefused
from iconm_portal.imports.pages import TableFileField


class SheetFileField(TableFileField):
    """A filled-in sheet: a workbook, and nothing else."""

    kinds = (FileKind.XLSX,)

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Filled-in sheet"),
            help_text=gettext_lazy(
                "The .xlsx that you downloaded from this report, up to 5 MB. Excel and LibreOffice both do."
            ),
        )

    @property
    def limits(self) -> Limits:
        return Limits()

    @staticmethod
    def refusal_text(refused: UploadRefused) -> str:
        """Why the file is not read, and what to do."""
        if refused.code.about == About.NAME and "filename" in refused.params:
            return _(
                "“%(name)s” is not an Excel workbook. Upload the sheet as .xlsx, as it was downloaded."
            ) % {"name": refused.params["filename"]}
        return TableFileField.refusal_text(refused)


class UploadForm(forms.Form):
    """The file that was filled in."""

    file = SheetFileField()
