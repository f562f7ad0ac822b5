"""What people type about wordings and amendments."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from agreements.consultations.forms import ConsultationChoice
from agreements.models import Consultation, ConsultationType, Edition
from agreements.wording import LONGEST_HEADING, texts
from agreements.wording.keys import LONGEST_NUMBER
from agreements.wording.text_file import MOST_BYTES, TextFileRefused, read_text_file
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import ProposalState
from iconm_portal.settlement.step_forms import DocumentField
from iconm_portal.values.fields import EraDateFormField

PASTED = "貼り付けた本文"
"""What stands for the file's name where a text was pasted: data, so in Japanese."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text to import, and what it came from."""

    text: str
    name: str
    encoding: str = ""


class WordingForm(forms.Form):
    """A text file, or its text pasted."""

    file = forms.FileField(
        label=_("Text file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".txt,text/plain"}),
        help_text=_("UTF-8 or Shift_JIS, up to 1 MB. Save a Word or PDF file as text first."),
    )
    text = forms.CharField(
        label=_("Or paste the text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "lang": "ja"}),
    )

    source: Source

    def clean(self) -> dict[str, Any]:
        """The text of one of the two; a refusal says why it is none."""
        cleaned = super().clean() or {}
        file, pasted = cleaned.get("file"), cleaned.get("text", "")
        if self.errors:
            return cleaned
        if not file and not pasted.strip():
            self.add_error("file", _("Choose a text file, or paste the text."))
        elif file:
            self._read("file", file.name or "", _content(file), file.size or 0)
        else:
            self._read("text", PASTED, pasted.encode("utf-8", "replace"))
        return cleaned

    def _read(self, field: str, name: str, data: bytes, size: int = 0) -> None:
        try:
            found = read_text_file(data, name, size=size)
        except TextFileRefused as error:
            self.add_error(field, texts.refusal(error))
        else:
            self.source = Source(found.text, name, found.encoding if field == "file" else "")


def _content(file: UploadedFile) -> bytes:
    """No more than what is needed to see that it is too large."""
    return file.read(MOST_BYTES + 1)


class SaveForm(forms.Form):
    """The text that was looked at, carried by the page itself: nothing was stored before."""

    text = forms.CharField(strip=False, widget=forms.HiddenInput, max_length=2 * MOST_BYTES)
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    accept = forms.BooleanField(
        label=_("I have looked at what is listed as wrong. Save all the same."), required=False
    )


class AmendmentForm(VersionedForm):
    """From which day an amendment holds, and why."""

    in_force_from = EraDateFormField(label=_("Takes effect on"))
    reason = forms.CharField(
        label=_("Reason for the amendment"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ProvisionForm(VersionedForm):
    """The words of a provision."""

    heading = forms.CharField(label=_("Heading"), max_length=LONGEST_HEADING, required=False)
    text = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "ja"}),
    )
    summary = forms.CharField(
        label=_("Summary in our own words"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "ja"}),
        help_text=_("Helps to find and to understand; it is no part of the wording."),
    )


class NewProvisionForm(ProvisionForm):
    """The same with the number that it is to have."""

    number = forms.CharField(
        label=_("Number"),
        max_length=LONGEST_NUMBER,
        help_text=_("As it is printed. A number put in later goes between its neighbours."),
    )
    field_order = ("number", "heading", "text", "summary")

    def stored_texts(self) -> dict[str, str]:
        """Nothing of it is stored yet, whatever others changed in the draft."""
        return {}


class ProposalForm(forms.Form):
    """What settled the amendment: the consultation, and the 変更協定 that was signed."""

    document_number = forms.CharField(label=_("Document number"), max_length=80)
    scan = DocumentField(label=_("Scan of the signed amendment"), required=False)

    def __init__(self, *args: Any, edition: Edition, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreement = edition.agreement
        talks = Consultation.objects.filter(
            center=agreement.center, type=ConsultationType.CHANGE, state=ProposalState.CONFIRMED
        )
        self.fields["consultation"] = ConsultationChoice(
            label=_("Consultation"),
            queryset=(talks.filter(agreement=agreement) | talks.filter(agreement=None)),
            empty_label=_("Choose"),
            error_messages={"invalid_choice": _("Choose one of the listed consultations.")},
        )
        self.fields["concluded_on"] = EraDateFormField(label=_("Concluded on"), latest=today)
        if edition.scan_id is None:
            self.fields["scan"].required = True
        else:
            self.fields["scan"].help_text = _("Leave it blank to keep the scan that is there.")
        self.order_fields(["consultation", "concluded_on", "document_number", "scan"])

    @property
    def has_choice(self) -> bool:
        """Whether there is a consultation to choose."""
        field: Any = self.fields["consultation"]
        return bool(field.queryset.exists())


class SearchForm(forms.Form):
    """Words to look for in all provisions."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
