"""What people type about wordings and amendments."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, assert_never

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from agreements.consultations.forms import ConsultationChoice
from agreements.editions.draft_actions import Wanted, WantedRule
from agreements.editions.measure_actions import WantedTerms
from agreements.editions.obligations.measures import RestingMeasure, has_total
from agreements.instruments.forms import MOST_YEN
from agreements.models import (
    Consultation,
    ConsultationType,
    Edition,
    MeasureOutcome,
    Obligation,
    ObligationChange,
    Outcome,
    Timing,
)
from agreements.wording import LONGEST_HEADING, MOST_CHARACTERS, Kind, Problem, Wording, parse, texts
from agreements.wording.files.any_file import read_any_file
from agreements.wording.files.extracted import MOST_BYTES, as_data, from_data
from agreements.wording.fragment import Fragment, read_fragment
from agreements.wording.keys import LONGEST_NUMBER
from agreements.wording.text_file import TextFileRefused, read_text_file
from iconm_portal.display import template_tags
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.forms.file_fields import OutsideFileField
from iconm_portal.forms.inspection.inspecting import LONGEST_NAME, clean_name
from iconm_portal.forms.inspection.kinds import FileKind
from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused
from iconm_portal.forms.inspection.virus_scan import check_virus
from iconm_portal.models import ProposalState
from iconm_portal.values.fields import EraDateFormField, FiscalYearFormField, NumberFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, to_yen

PASTED = "貼り付けた本文"
"""What stands for the file's name where a text was pasted: data, so in Japanese."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text to import, and what it came from."""

    text: str
    name: str
    encoding: str = ""
    notes: tuple[Problem, ...] = ()

    def parsed(self) -> Wording:
        """The wording, with what the file itself gives reason to look at. WordingTooLong."""
        wording = parse(self.text)
        problems = sorted((*self.notes, *wording.problems), key=lambda problem: problem.line)
        return replace(wording, problems=tuple(problems))


class WordingFileField(OutsideFileField):
    """A Word file, a PDF with text, or text in any encoding of Japanese: what it is, its own reader says (`any_file`)."""

    kinds = (FileKind.DOCX, FileKind.PDF, FileKind.TXT)

    def inspected(self, uploaded: UploadedFile) -> Source:
        """The text. No more is read than is needed to see that it is too large; no name is asked for."""
        uploaded.seek(0)
        data, name = uploaded.read(MOST_BYTES + 1), clean_name(uploaded.name or "")
        if not data:
            raise UploadRefused(Refusal.EMPTY)
        try:
            found = read_any_file(data, name, size=uploaded.size or 0)
        except TextFileRefused as error:
            raise ValidationError(texts.refusal(error)) from error
        check_virus(data)
        return Source(found.text, name[:LONGEST_NAME], found.encoding, found.notes)


class WordingForm(forms.Form):
    """A text file, or its text pasted."""

    file = WordingFileField(
        label=_("Word, PDF or text file"),
        required=False,
        help_text=_(
            "A Word file (.docx) or a PDF with text, up to 10 MB, or text up to 1 MB. A scan holds no text."
        ),
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
            self.add_error("file", _("Choose a file, or paste the text."))
        elif file:
            self.source = file
        else:
            self._read_pasted(pasted)
        return cleaned

    def _read_pasted(self, pasted: str) -> None:
        try:
            found = read_text_file(pasted.encode("utf-8", "replace"), PASTED)
        except TextFileRefused as error:
            self.add_error("text", texts.refusal(error))
        else:
            self.source = Source(found.text, PASTED)


class SaveForm(forms.Form):
    """The text that was looked at, carried by the page itself: nothing was stored before."""

    text = forms.CharField(strip=False, widget=forms.HiddenInput, max_length=2 * MOST_CHARACTERS)
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    notes = forms.JSONField(widget=forms.HiddenInput, required=False)
    accept = forms.BooleanField(
        label=_("I have looked at what is listed as wrong. Save all the same."), required=False
    )

    @classmethod
    def of(cls, source: Source) -> "SaveForm":
        """The form that carries a text."""
        return cls(initial={"text": source.text, "name": source.name, "notes": as_data(source.notes)})

    def clean_notes(self) -> tuple[Problem, ...]:
        """What the file gave reason to look at."""
        try:
            return from_data(self.cleaned_data["notes"] or [])
        except ValueError as error:
            raise ValidationError(_("Choose the file anew.")) from error

    @property
    def source(self) -> Source:
        """What it carries."""
        facts = self.cleaned_data
        return Source(facts["text"], facts["name"], notes=facts["notes"])


class AmendmentForm(VersionedForm):
    """From which day an amendment holds, and why."""

    in_force_from = EraDateFormField(label=_("Takes effect on"))
    reason = forms.CharField(
        label=_("Reason for the amendment"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnnualAmendmentForm(AmendmentForm):
    """The same of an annual agreement, whose amount and content can change too. Typed in 千円, kept in whole yen."""

    contribution = NumberFormField(
        label=_("Contribution of the city from that day on"),
        unit="千円",
        decimals=3,
        minimum=0,
        maximum=Decimal(MOST_YEN) / 1000,
        required=False,
        help_text=_("In thousands of yen, for the whole year. Leave it blank if the amount stays."),
    )
    content = forms.CharField(
        label=_("What is to be done, and by whom"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "ja"}),
    )

    def facts(self) -> dict[str, Any]:
        """What was typed, with the amount in yen; of a valid form."""
        typed = dict(self.cleaned_data)
        thousands = typed["contribution"]
        typed["contribution"] = None if thousands is None else to_yen(thousands, MoneyUnit.THOUSAND)
        return typed


class ObligationChangeForm(VersionedForm):
    """What becomes of an obligation. A yearly one has month, day and the year of them; one that falls due once, a day."""

    outcome = forms.ChoiceField(
        label=_("What becomes of it"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    from_year = forms.TypedChoiceField(
        label=_("From the duty for"),
        coerce=lambda text: FiscalYear(int(text)),
        empty_value=None,
        required=False,
        help_text=_("The fiscal year that the duty concerns, not the one in which it falls due."),
    )
    due_month = forms.IntegerField(label=_("Due month"), min_value=1, max_value=12, required=False)
    due_day = forms.IntegerField(label=_("Due day"), min_value=1, max_value=31, required=False)
    due_year_offset = forms.TypedChoiceField(label=_("In which year"), coerce=int, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        edition: Edition,
        obligation: Obligation,
        change: ObligationChange | None,
        offsets: Iterable[tuple[int, Any]],
    ) -> None:
        rule = change if change and change.outcome == Outcome.NEW_RULE else obligation
        first = FiscalYear.of(edition.in_force_from)
        year = change.from_year if change and change.from_year else first
        super().__init__(
            data,
            initial={
                "outcome": change.outcome if change else None,
                "from_year": str(year.start),
                "due_month": rule.due_month,
                "due_day": rule.due_day,
                "due_year_offset": rule.due_year_offset,
                "due_on": rule.due_on,
                "version": edition.version,
            },
        )
        years = FiscalYear.range(min(first, year) - 2, max(first, year) + 5)
        self.fields["from_year"].choices = [  # type: ignore[attr-defined]
            (str(one.start), template_tags.fiscal_year(one)) for one in years
        ]
        self.fields["due_year_offset"].choices = list(offsets)  # type: ignore[attr-defined]
        unused = ["due_month", "due_day", "due_year_offset"]
        match obligation.timing:
            case Timing.ONCE:
                self.fields["due_on"] = EraDateFormField(label=_("Due on"), required=False)
            case Timing.YEARLY:
                unused = []
            case Timing.CONTINUOUS | Timing.ON_REQUEST:
                outcome: Any = self.fields["outcome"]
                outcome.choices = [one for one in Outcome.choices if one[0] != Outcome.NEW_RULE]
            case _:
                assert_never(obligation.timing)
        for name in unused:
            del self.fields[name]

    def wanted(self) -> WantedRule:
        """What was typed; of a valid form."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        offset = typed.get("due_year_offset") or 0
        return WantedRule(**typed | {"outcome": Outcome(typed["outcome"]), "due_year_offset": offset})


class MeasureChangeForm(VersionedForm):
    """What becomes of a support measure. Its total, where it has one, is typed in 千円 and kept in whole yen."""

    outcome = forms.ChoiceField(
        label=_("What becomes of it"), choices=MeasureOutcome.choices, widget=forms.RadioSelect
    )
    total = NumberFormField(
        label=_("Amount for all its years"),
        unit="千円",
        decimals=3,
        minimum=0,
        maximum=Decimal(MOST_YEN) / 1000,
        required=False,
        help_text=_("In thousands of yen. It holds from the day on which the amendment takes effect."),
    )
    last_year = FiscalYearFormField(
        label=_("Last fiscal year"),
        required=False,
        help_text=_("Of new terms. Leave it blank where it is granted without an end."),
    )
    from_year = FiscalYearFormField(
        label=_("Not granted from"),
        required=False,
        help_text=_("Of what is no longer granted: the first fiscal year for which nothing is."),
    )

    def __init__(self, data: Any = None, *, edition: Edition, resting: RestingMeasure) -> None:
        measure, change = resting.measure, resting.change
        terms = change if change and change.outcome == MeasureOutcome.NEW_TERMS else measure
        first = FiscalYear.of(edition.in_force_from)
        first = first if first.first_day >= edition.in_force_from else first.next
        super().__init__(
            data,
            initial={
                "outcome": change.outcome if change else None,
                "total": None if terms.total is None else Decimal(terms.total) / 1000,
                "last_year": terms.last_year,
                "from_year": (change.from_year if change else None) or max(first, measure.first_year),
                "version": edition.version,
            },
        )
        if not has_total(measure):
            del self.fields["total"]

    def wanted(self) -> WantedTerms:
        """What was typed, with the amount in yen; of a valid form."""
        typed = self.cleaned_data
        thousands = typed.get("total")
        return WantedTerms(
            outcome=MeasureOutcome(typed["outcome"]),
            from_year=typed["from_year"],
            last_year=typed["last_year"],
            total=None if thousands is None else to_yen(thousands, MoneyUnit.THOUSAND),
        )


def summary_field(*, rows: int) -> forms.CharField:
    """What a provision says, in our own words."""
    return forms.CharField(
        label=_("Summary in our own words"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "lang": "ja"}),
        help_text=_("Helps to find and to understand; it is no part of the wording."),
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
    summary = summary_field(rows=2)

    def __init__(self, *args: Any, kind: Kind, provision_label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.provision_label = kind, provision_label
        self.fragment = Fragment("")
        self.is_doubted = False

    def clean(self) -> dict[str, Any]:
        """The text read as an imported one is. What looks wrong in it is named once, and saved after a tick."""
        cleaned = super().clean() or {}
        if "text" in cleaned:
            self.fragment = read_fragment(self.kind, cleaned["text"], self.provision_label)
            cleaned["text"] = self.fragment.text
            is_late = cleaned.get("version") != self.initial.get("version")
            if not is_late:  # what another saved meanwhile is looked at first
                self._ask_about(self.fragment.problems)
        return cleaned

    def _ask_about(self, problems: Iterable[Problem]) -> None:
        self.is_doubted = bool(problems)
        if self.is_doubted:
            self.fields["accept"] = forms.BooleanField(
                label=_("I have looked at what is listed as wrong. Save all the same."), required=False
            )
            if not self.data.get(self.add_prefix("accept")):
                self.add_error("text", [texts.problem(problem) for problem in problems])

    def wanted(self) -> Wanted:
        """What was typed, with the parts that were read from it."""
        facts = self.cleaned_data
        return Wanted(facts["heading"], facts["text"], facts["summary"], self.fragment.below)


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
    """What settled the amendment: the consultation. The signed 変更協定 is recorded afterwards, as its conclusion."""

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
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

    @property
    def has_choice(self) -> bool:
        """Whether there is a consultation to choose."""
        field: Any = self.fields["consultation"]
        return bool(field.queryset.exists())


class SearchForm(forms.Form):
    """Words to look for in all provisions."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
