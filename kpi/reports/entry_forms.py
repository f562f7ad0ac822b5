"""The year's entry sheet as one form, and how it is brought up to date when two people work on one draft."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms import files
from iconm_portal.forms.drafts import Group, KeysField, brought_up, seen_text
from iconm_portal.forms.merging import Difference
from iconm_portal.settlement.step_forms import DecisionForm, EvidenceField
from iconm_portal.values.fields import EraDateFormField, NumberFormField
from kpi.models import Indicator
from kpi.plans import labels
from kpi.plans.achievement import Certainty, stored
from kpi.reports.entry import Line, Sheet
from kpi.reports.forms import StartForm, Wrong, wrongs_of
from kpi.value_sources import check_messages
from kpi.value_sources.check_messages import NOT_APPLICABLE_TEXT, entered_text
from kpi.value_sources.entry_values import Entered

LARGEST = Decimal("999999999999.999")  # 15 digits, three of them decimals: what a value column holds
DASHES = frozenset("-－ー―−‐‑–—")  # however the dash of 「-」 may be typed

# The fields


class ActualField(NumberFormField):
    """A value in the indicator's display unit, or 「-」 (however the dash was typed) for not applicable."""

    def __init__(self, indicator: Indicator) -> None:
        largest = LARGEST / indicator.scale
        super().__init__(
            label=indicator.name,
            unit=indicator.unit,
            decimals=indicator.entry_decimals,
            minimum=-largest,
            maximum=largest,
            required=False,
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip() in DASHES:
            return NOT_APPLICABLE_TEXT
        return super().to_python(value)


class LineForm(forms.Form):
    """What is entered for one indicator. The prefix is its code."""

    certainty = forms.ChoiceField(label=_("Certainty"), choices=list(labels.CERTAINTY.items()))
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )
    attach = EvidenceField(label=_("Attach files"), required=False)
    remove = KeysField(label=_("Remove"), required=False)

    def __init__(
        self, line: Line, texts: Mapping[str, str], *, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.line = line
        self.seen = seen_text(texts)
        super().__init__(data, uploads, prefix=line.indicator.code, initial=dict(texts))
        self.fields["value"] = ActualField(line.indicator)
        for name, field in self.fields.items():
            # Where messages about the field stand, also those that come while typing.
            field.widget.attrs["aria-describedby"] = f"id_{self.add_prefix(name)}_said"
            field.widget.attrs["aria-label"] = _("%(indicator)s: %(field)s") % {
                "indicator": line.indicator.name,
                "field": _("Actual") if name == "value" else field.label,
            }

    @property
    def code(self) -> str:
        return self.line.indicator.code

    def entered(self) -> Entered:
        """The typed entry in base units; of a form without refusals in value, certainty and note."""
        value = self.cleaned_data["value"]
        not_applicable = value == NOT_APPLICABLE_TEXT
        return Entered(
            value=None if value is None or not_applicable else stored(value, self.line.indicator.scale),
            not_applicable=not_applicable,
            certainty=Certainty(self.cleaned_data["certainty"]),
            note=self.cleaned_data["note"],
        )

    @property
    def has_readable_entry(self) -> bool:
        """Whether value, certainty and note could be taken as typed."""
        return self.is_bound and not self.errors.keys() & {"value", "certainty", "note"}

    def removed(self) -> list[int]:
        """Keys of the attached files whose removal was asked for, as typed."""
        marked = {str(key) for key in self["remove"].value() or []}
        return [attached.id for attached in self.line.files if str(attached.id) in marked]


class EntryForm:
    """The whole sheet as one: its head, and a form per indicator."""

    def __init__(
        self, sheet: Sheet, *, today: date, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.sheet, self.data = sheet, data
        self.seen = seen_text(_head_texts(sheet))
        self.disputes: list[Dispute] = []
        self.head = StartForm(
            data, initial={"as_of": sheet.report.as_of}, fiscal_year=sheet.report.fiscal_year, today=today
        )
        self.head.fields["as_of"].widget.attrs["aria-describedby"] = "id_as_of_hint id_as_of_said"
        self.decision_form = DecisionForm(data, today=today)
        self.lines = [
            LineForm(line, line_texts(line, sheet), data=data, uploads=uploads) for line in sheet.lines
        ]

    @property
    def _forms(self) -> list[forms.Form]:
        return [self.head, *self.lines, self.decision_form]

    def is_valid(self) -> bool:
        """Whether everything can be taken as it was typed."""
        return self.data is not None and not self.wrongs

    @property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        return [wrong for form in self._forms for wrong in wrongs_of(form)]

    def refuse(self, error: ValidationError) -> None:
        """Add what the action found wrong: at the field that it names, of the head or of an indicator (code-note)."""
        if hasattr(error, "error_dict"):
            lines = {line.add_prefix(name): (line, name) for line in self.lines for name in line.fields}
            for name, errors in error.error_dict.items():
                form, field = lines.get(name, (self.head, name if name in self.head.fields else None))
                form.add_error(field, errors)
        else:
            self.head.add_error(None, error)

    def entered(self) -> dict[Indicator, Entered]:
        """What was typed for each indicator; of a valid form."""
        return {line.line.indicator: line.entered() for line in self.lines}

    def new_files(self) -> dict[Indicator, list[files.CheckedFile]]:
        """The files that were added; of a valid form."""
        return {
            line.line.indicator: line.cleaned_data["attach"]
            for line in self.lines
            if line.cleaned_data["attach"]
        }

    def removed_files(self) -> list[int]:
        """Keys of the attached files whose removal was asked for."""
        return [key for line in self.lines for key in line.removed()]

    def errors(self) -> dict[str, list[str]]:
        """The refusals by field name."""
        return {
            form.add_prefix(name): [str(message) for message in messages]
            for form in self._forms
            for name, messages in form.errors.items()
        }

    @cached_property
    def warnings(self) -> dict[str, list[str]]:
        """The warnings by field name: about what was typed where it can be read, else about what is stored."""
        as_of = self.sheet.report.as_of
        if self.data is not None and "as_of" not in self.head.errors:
            as_of = self.head.cleaned_data["as_of"]
        found = {"as_of": check_messages.sheet_warning_texts(as_of, self.sheet.report.fiscal_year)}
        for line in self.lines:
            if self.data is None or line.has_readable_entry:
                entry = line.line.stored if self.data is None else line.entered()
                found[line.add_prefix("value")] = line.line.warning_texts(entry, as_of)
        return {name: texts for name, texts in found.items() if texts}

    @property
    def rows(self) -> list["EntryRow"]:
        """The lines with what stands beside their fields."""
        return [
            EntryRow(
                form=line,
                warnings=self.warnings.get(line.add_prefix("value"), []),
                disputes=[dispute for dispute in self.disputes if dispute.code == line.code],
                removed=frozenset(line.removed()),
            )
            for line in self.lines
        ]

    @property
    def head_disputes(self) -> list["Dispute"]:
        """What is in dispute outside the lines: the as-of date."""
        return [dispute for dispute in self.disputes if not dispute.code]

    @classmethod
    def merged(cls, sheet: Sheet, *, today: date, data: QueryDict) -> "EntryForm":
        """The sent form brought up to what somebody else saved meanwhile, with every field that is in dispute."""
        ours, changed = brought_up(data, groups(sheet))
        form = cls(sheet, today=today, data=ours)
        form.disputes = [
            Dispute(one.about.indicator if one.about else None, one.name, one.difference)
            for one in changed
            # A certainty without a value says nothing; two people need not agree on it.
            if one.name != "certainty" or ours[f"{_prefix(one.about)}value"]
        ]
        return form


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A line of the sheet as the page shows it."""

    form: LineForm
    warnings: list[str]
    disputes: list["Dispute"]
    removed: frozenset[int]

    @property
    def line(self) -> Line:
        return self.form.line


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field that somebody else changed while the person typed; `indicator` is None for the as-of date."""

    indicator: Indicator | None
    name: str
    difference: Difference

    @property
    def code(self) -> str:
        return self.indicator.code if self.indicator else ""

    @property
    def field(self) -> str:
        """The name of the field on the page."""
        return f"{self.code}-{self.name}" if self.code else self.name

    @property
    def label(self) -> str:
        """What the field is called."""
        return field_label(self.name)

    @property
    def stored(self) -> str:
        """What is stored now, as the page says it; empty where it is blank."""
        return said_text(self.indicator, self.name, self.difference.stored)

    @property
    def typed(self) -> str:
        """What the person's page held."""
        return said_text(self.indicator, self.name, self.difference.typed)

    @property
    def is_taken_over(self) -> bool:
        return self.difference.is_taken_over


def field_label(name: str) -> str:
    """What a field of the sheet is called."""
    labelled = {"value": _("Actual"), "certainty": _("Certainty"), "note": _("Note")}
    return str(labelled.get(name, _("As of")))


def said_text(indicator: Indicator | None, name: str, text: str) -> str:
    """What stands in a field, as a page says it: with its unit, the certainty in words."""
    if name == "certainty" and text in labels.CERTAINTY:
        return str(labels.CERTAINTY[Certainty(text)])
    has_unit = name == "value" and text not in ("", NOT_APPLICABLE_TEXT)
    return f"{text} {indicator.unit}" if indicator and has_unit else text


def with_proposals(data: QueryDict, sheet: Sheet) -> tuple[QueryDict, int]:
    """The sent fields, with the proposed values in those that are blank, and how many these are."""
    filled, number = data.copy(), 0
    for line in sheet.lines:
        prefix = _prefix(line)
        if line.proposal is not None and line.proposal_entry and not data.get(f"{prefix}value", "").strip():
            filled[f"{prefix}value"] = line.proposal_entry
            filled[f"{prefix}certainty"] = str(line.proposal.certainty)
            number += 1
    return filled, number


def _prefix(line: Line | None) -> str:
    return f"{line.indicator.code}-" if line else ""


def groups(sheet: Sheet) -> Iterator[Group[Line | None]]:
    """The fields that are stored: of the head (None), then of each line."""
    yield Group("", None, _head_texts(sheet))
    for line in sheet.lines:
        yield Group(_prefix(line), line, line_texts(line, sheet))


def _head_texts(sheet: Sheet) -> dict[str, str]:
    return {"as_of": EraDateFormField().prepare_value(sheet.report.as_of)}


def line_texts(line: Line, sheet: Sheet) -> dict[str, str]:
    """What is stored for an indicator as it stands in its fields; unreported, with the certainty that is usual."""
    certainty = line.stored.certainty if line.is_reported else sheet.usual_certainty
    return {
        "value": entered_text(line.indicator, line.stored),
        "certainty": str(certainty),
        "note": line.stored.note,
    }
