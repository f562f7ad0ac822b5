"""What people type about actuals: the year's entry sheet, the review, and the small forms around a report."""

import json
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

from iconm_portal import files
from iconm_portal.fields import EraDateFormField, NumberFormField
from iconm_portal.fiscal import FiscalYear
from kpi import actions, labels, merging, remarks
from kpi.achievement import Certainty, stored
from kpi.checks import refuse_value
from kpi.entry import NOT_APPLICABLE_TEXT, Line, Sheet, entered_text
from kpi.merging import Difference
from kpi.models import Indicator

LARGEST = Decimal("999999999999.999")  # 15 digits, three of them decimals: what a value column holds
_DASHES = frozenset("-－ー―−‐‑–—")

# The small forms around a report


class VersionForm(forms.Form):
    """The state of the report that the person saw. Anything but a number is a state that never was."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    @property
    def seen(self) -> int:
        """The version, 0 where none was sent."""
        return self.cleaned_data["version"] if self.is_valid() else 0


class StartForm(forms.Form):
    """The day of which a new report speaks."""

    as_of = EraDateFormField(label=_("As of"))

    def __init__(self, *args: Any, fiscal_year: FiscalYear, today: date, **kwargs: Any) -> None:
        self.fiscal_year, self.today = fiscal_year, today
        super().__init__(*args, **kwargs)

    def clean_as_of(self) -> date:
        """Refused in the future and before the year."""
        as_of: date = self.cleaned_data["as_of"]
        refusals = refuse_value(as_of=as_of, fiscal_year=self.fiscal_year, today=self.today)
        if refusals:
            raise ValidationError(remarks.refusal_texts(refusals))
        return as_of


class CorrectionForm(forms.Form):
    """Why accepted figures are corrected."""

    reason = forms.CharField(
        label=_("Reason for the correction"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class DecisionForm(forms.Form):
    """A side's own internal decision (決裁日, 決裁者の職), if it records it."""

    decided_on = EraDateFormField(label=_("Internal decision on"), required=False)
    decided_post = forms.CharField(label=_("Decided by (post)"), max_length=60, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decided_on = self.fields["decided_on"]
        assert isinstance(decided_on, EraDateFormField)
        decided_on.latest = today

    def decision(self) -> actions.Decision:
        """Of a valid form."""
        return actions.Decision(self.cleaned_data["decided_on"], self.cleaned_data["decided_post"])


# The entry sheet


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
        if isinstance(value, str) and value.strip() in _DASHES:
            return NOT_APPLICABLE_TEXT
        return super().to_python(value)


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Any number of files, each checked for type, content and size (`iconm_portal.files`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"accept": files.ACCEPT, "multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[files.CheckedFile]:
        """The checked files. ValidationError with one message per refused file."""
        checked, refused = [], []
        for uploaded in data or []:
            try:
                checked.append(files.check(uploaded))
            except ValidationError as error:
                refused.append(error)
        if refused:
            raise ValidationError(refused)
        return checked


class KeysField(forms.MultipleChoiceField):
    """Keys of rows that may have gone since the page was made; those are simply not found later."""

    def valid_value(self, value: str) -> bool:
        return value.isdigit()


class LineForm(forms.Form):
    """What is entered for one indicator. The prefix is its code."""

    certainty = forms.ChoiceField(label=_("Certainty"), choices=list(labels.CERTAINTY.items()))
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )
    files = EvidenceField(label=_("Attach files"), required=False)
    remove = KeysField(label=_("Remove"), required=False)

    def __init__(
        self, line: Line, texts: Mapping[str, str], *, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.line = line
        self.seen = json.dumps(dict(texts), ensure_ascii=False)
        self.differences: dict[str, Difference] = {}
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

    def entered(self) -> actions.Entered:
        """The typed entry in base units; of a form without refusals in value, certainty and note."""
        value = self.cleaned_data["value"]
        not_applicable = value == NOT_APPLICABLE_TEXT
        return actions.Entered(
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


class HeadForm(DecisionForm, StartForm):
    """What holds for the whole sheet."""

    field_order = ["as_of"]

    def __init__(self, *args: Any, fiscal_year: FiscalYear, today: date, **kwargs: Any) -> None:
        DecisionForm.__init__(self, *args, today=today, **kwargs)
        self.fiscal_year = fiscal_year


@dataclass(frozen=True, slots=True)
class Wrong:
    """One refusal, for the summary above a sheet of many forms."""

    label: str
    message: str
    target: str


class EntryForm:
    """The whole sheet as one: its head, and a form per indicator."""

    def __init__(
        self, sheet: Sheet, *, today: date, data: QueryDict | None = None, uploads: Any = None
    ) -> None:
        self.sheet, self.data = sheet, data
        self.head_texts = _head_texts(sheet)
        self.head = HeadForm(
            data, initial={"as_of": sheet.report.as_of}, fiscal_year=sheet.report.fiscal_year, today=today
        )
        self.lines = [
            LineForm(line, _line_texts(line, sheet), data=data, uploads=uploads) for line in sheet.lines
        ]
        self.differences: dict[str, Difference] = {}

    def is_valid(self) -> bool:
        """Whether everything can be taken as it was typed."""
        return self.data is not None and not self.wrongs

    @cached_property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        return [wrong for form in (self.head, *self.lines) for wrong in _wrongs(form)]

    @property
    def chose_files(self) -> bool:
        """Whether files were sent along: a browser does not send them again by itself."""
        return any(line.files for line in self.lines)

    def entered(self) -> dict[Indicator, actions.Entered]:
        """What was typed for each indicator; of a valid form."""
        return {line.line.indicator: line.entered() for line in self.lines}

    def new_files(self) -> dict[Indicator, list[files.CheckedFile]]:
        """The files that were added; of a valid form."""
        return {
            line.line.indicator: line.cleaned_data["files"]
            for line in self.lines
            if line.cleaned_data["files"]
        }

    def removed_files(self) -> list[int]:
        """Keys of the attached files whose removal was asked for."""
        return [key for line in self.lines for key in line.removed()]

    def errors(self) -> dict[str, list[str]]:
        """The refusals by field name."""
        return {
            form.add_prefix(name): [str(message) for message in messages]
            for form in (self.head, *self.lines)
            for name, messages in form.errors.items()
        }

    def warnings(self) -> dict[str, list[str]]:
        """The warnings by field name: about what was typed where it can be read, else about what is stored."""
        as_of = self.sheet.report.as_of
        if self.data is not None and "as_of" not in self.head.errors:
            as_of = self.head.cleaned_data["as_of"]
        found = {"as_of": remarks.sheet_warning_texts(as_of, self.sheet.report.fiscal_year)}
        for line in self.lines:
            if self.data is None or line.has_readable_entry:
                entry = line.line.stored if self.data is None else line.entered()
                found[line.add_prefix("value")] = line.line.warning_texts(entry, as_of)
        return {name: texts for name, texts in found.items() if texts}

    @classmethod
    def merged(cls, sheet: Sheet, *, today: date, data: QueryDict, uploads: Any = None) -> "EntryForm":
        """The sent form brought up to what somebody else saved meanwhile, with every field that is in dispute."""
        ours = data.copy()
        found: dict[str, dict[str, Difference]] = {}
        for prefix, now in _now(sheet):
            seen_name = f"{prefix}seen"
            fields, found[prefix] = merging.merge(
                seen=_read_seen(data.get(seen_name)),
                typed={name: data.get(prefix + name, "") for name in now},
                now=now,
            )
            if not fields.get("value", "-") and "certainty" in found[prefix]:
                # A certainty without a value says nothing; two people need not agree on it.
                del found[prefix]["certainty"]
            for name, text in fields.items():
                ours[prefix + name] = text
            ours[seen_name] = json.dumps(now, ensure_ascii=False)
        form = cls(sheet, today=today, data=ours, uploads=uploads)
        form.differences = found[""]
        for line in form.lines:
            line.differences = found[line.add_prefix("")]
        return form


def with_choices(data: QueryDict, sheet: Sheet) -> QueryDict:
    """The sent fields, with the stored text put where the person chose it over their own."""
    chosen = data.copy()
    for prefix, now in _now(sheet):
        for name, text in now.items():
            if data.get(f"{prefix}{name}-choice") == "stored":
                chosen[prefix + name] = text
    return chosen


def _now(sheet: Sheet) -> Iterator[tuple[str, dict[str, str]]]:
    """What is stored, as texts by field name, under the prefix of its form."""
    yield "", _head_texts(sheet)
    for line in sheet.lines:
        yield f"{line.indicator.code}-", _line_texts(line, sheet)


def _head_texts(sheet: Sheet) -> dict[str, str]:
    return {"as_of": EraDateFormField().prepare_value(sheet.report.as_of)}


def _line_texts(line: Line, sheet: Sheet) -> dict[str, str]:
    certainty = line.stored.certainty if line.is_reported else sheet.usual_certainty
    return {
        "value": entered_text(line.indicator, line.stored),
        "certainty": str(certainty),
        "note": line.stored.note,
    }


def _read_seen(text: str | None) -> dict[str, str]:
    """What the page was made from; nothing when that is not readable, which makes everything a dispute."""
    try:
        seen = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(part) for name, part in seen.items()} if isinstance(seen, dict) else {}


def _wrongs(form: forms.Form) -> Iterator[Wrong]:
    for name, messages in form.errors.items():
        bound = form[name]
        line: Line | None = getattr(form, "line", None)
        label = line.indicator.name if line else str(bound.label)
        for message in messages:
            yield Wrong(label, str(message), bound.auto_id)


# The review


class CommentForm(forms.Form):
    """The city's remark on one value, or on the whole report."""

    comment = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, line: Line | None, *, data: QueryDict | None = None) -> None:
        self.line = line
        super().__init__(data, prefix=line.indicator.code if line else None)
        widget = self.fields["comment"].widget
        if line:
            widget.attrs["aria-label"] = _("%(indicator)s: %(field)s") % {
                "indicator": line.indicator.name,
                "field": _("Comment"),
            }
        else:
            widget.attrs["rows"] = 2
            self.fields["comment"].label = _("Comment on the whole report")


class ReviewForm:
    """A comment for each value and one for the whole, and the city's own internal decision."""

    def __init__(self, sheet: Sheet, *, today: date, data: QueryDict | None = None) -> None:
        self.whole = CommentForm(None, data=data)
        self.lines = [CommentForm(line, data=data) for line in sheet.lines]
        self.decision_form = DecisionForm(data, today=today)
        self.is_bound = data is not None

    @cached_property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        return [wrong for form in (*self.lines, self.whole, self.decision_form) for wrong in _wrongs(form)]

    def is_valid(self) -> bool:
        return self.is_bound and not self.wrongs

    def comments(self) -> list[actions.Comment]:
        """What was written, blank ones left out; of a valid form."""
        return [
            actions.Comment(form.cleaned_data["comment"], form.line.indicator.pk if form.line else None)
            for form in (*self.lines, self.whole)
            if form.cleaned_data["comment"]
        ]

    def decision(self) -> actions.Decision:
        """The city's own internal decision, if it was recorded; of a valid form."""
        return self.decision_form.decision()
