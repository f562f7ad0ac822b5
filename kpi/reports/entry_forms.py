"""The year's entry sheet as one form, and how it is brought up to date when two people work on one draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms import files
from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.file_fields import EvidenceField
from iconm_portal.settlement.draft_page import DraftForm, KeysField
from iconm_portal.values.written.letters import is_dash
from kpi.models import Indicator
from kpi.plans import labels
from kpi.plans.achievement import Certainty, stored
from kpi.plans.value_field import IndicatorField
from kpi.reports.entry import EntrySheet
from kpi.reports.entry_lines import EntryLine
from kpi.reports.forms import StartForm
from kpi.value_sources import check_messages
from kpi.value_sources.check_messages import NOT_APPLICABLE_TEXT, entered_text
from kpi.value_sources.entry_values import Entered

# The fields


class ActualField(IndicatorField):
    """A value in the indicator's display unit, or 「-」 (however the dash was typed) for not applicable."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and is_dash(value):
            return NOT_APPLICABLE_TEXT
        return super().to_python(value)


class LineForm(EditedForm):
    """What is entered for one indicator. The prefix is its code."""

    saved_together = (("value", "certainty"),)
    certainty = forms.ChoiceField(label=_("Certainty"), choices=list(labels.CERTAINTY.items()))
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )
    attach = EvidenceField(label=_("Attach files"), required=False)
    remove = KeysField(label=_("Remove"), required=False)

    def __init__(
        self, line: EntryLine, texts: Mapping[str, str], *, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.line, self.line_name = line, line.indicator.name
        super().__init__(data, uploads, prefix=line.indicator.code, initial=dict(texts))
        self.fields["value"] = ActualField(line.indicator, label=line.indicator.name)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = _("%(indicator)s: %(field)s") % {
                "indicator": line.indicator.name,
                "field": self.label_of(name),
            }

    def label_of(self, name: str) -> str:
        """The field of the value is labelled with its indicator."""
        return field_label(name) if name == "value" else super().label_of(name)

    def in_words(self, name: str, text: str) -> str:
        """With the unit, the certainty in words."""
        return said_text(self.line.indicator, name, text)

    def is_disputable(self, name: str, fields: Mapping[str, str]) -> bool:
        """A certainty without a value says nothing; two people need not agree on it."""
        return name != "certainty" or bool(fields["value"])

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


class EntryForm(DraftForm):
    """The whole sheet as one: its head, and a form per indicator."""

    head: StartForm
    lines: Sequence[LineForm]

    def __init__(
        self, sheet: EntrySheet, *, today: date, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.sheet = sheet
        head = StartForm(
            data, initial={"as_of": sheet.report.as_of}, fiscal_year=sheet.report.fiscal_year, today=today
        )
        head.fields["as_of"].widget.attrs["aria-describedby"] = "id_as_of_hint id_as_of_said"
        lines = [LineForm(line, line_texts(line, sheet), data=data, uploads=uploads) for line in sheet.lines]
        super().__init__(data, head, lines, today=today)

    @property
    def in_order(self) -> Sequence[EditedForm]:
        return [self.head, *self.lines]

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
                found[line.add_prefix("value")] = line.line.words.warnings_of(entry, as_of)
        return {name: texts for name, texts in found.items() if texts}

    @property
    def rows(self) -> list["EntryRow"]:
        """The lines with what stands beside their fields."""
        return [
            EntryRow(line, self.warnings.get(line.add_prefix("value"), []), frozenset(line.removed()))
            for line in self.lines
        ]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A line of the sheet as the page shows it."""

    form: LineForm
    warnings: list[str]
    removed: frozenset[int]

    @property
    def line(self) -> EntryLine:
        return self.form.line


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


def with_proposals(data: QueryDict, sheet: EntrySheet) -> tuple[QueryDict, int]:
    """The sent fields, with the proposed values in those that are blank, and how many these are."""
    filled, number = data.copy(), 0
    for line in sheet.lines:
        code = line.indicator.code
        proposed = line.proposed
        if proposed is not None and proposed.entry and not data.get(f"{code}-value", "").strip():
            filled[f"{code}-value"] = proposed.entry
            filled[f"{code}-certainty"] = str(proposed.proposal.certainty)
            number += 1
    return filled, number


def line_texts(line: EntryLine, sheet: EntrySheet) -> dict[str, str]:
    """What is stored for an indicator as it stands in its fields; unreported, with the certainty that is usual."""
    certainty = line.stored.certainty if line.is_reported else sheet.usual_certainty
    return {
        "value": entered_text(line.indicator, line.stored),
        "certainty": str(certainty),
        "note": line.stored.note,
    }
