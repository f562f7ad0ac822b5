"""What a filled-in sheet would change in its draft, cell by cell: stored when it was downloaded, stored now, in the file.

Where only one side changed a field, that side's text stands; where both did, the person chooses. Nothing is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

from django.http import QueryDict

from iconm_portal.forms import merging
from iconm_portal.values.fields import EraDateFormField
from kpi.models import Indicator
from kpi.plans.achievement import Certainty
from kpi.reports.entry import EntrySheet
from kpi.reports.entry_forms import field_label, line_texts, said_text
from kpi.reports.entry_lines import EntryLine
from kpi.reports.upload.import_kind import Filled, FilledLine
from kpi.value_sources import check_messages
from kpi.value_sources.check_messages import NOT_APPLICABLE_TEXT
from kpi.value_sources.entry_values import Entered

FILE, STORED = "file", "stored"


class FieldOutcome(StrEnum):
    """What becomes of a field in which the file and the draft differ."""

    TAKEN = "taken"  # only the file changed it: it is taken over
    KEPT = "kept"  # only the draft changed, after the download: that stays
    DISPUTED = "disputed"  # both changed it: the person chooses


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field in which the file and the draft differ; of the whole report where there is no indicator."""

    indicator: Indicator | None
    name: str
    cell: str
    then_text: str
    now_text: str
    file_text: str
    standing: FieldOutcome
    chosen: str = (
        ""  # of a disputed one: whether the FILE's text or what is STORED is meant; empty while that is open
    )

    @property
    def key(self) -> str:
        """What names the field in a form."""
        return f"{self.indicator.code}-{self.name}" if self.indicator else self.name

    @property
    def label(self) -> str:
        """What the field is called."""
        return field_label(self.name)

    @property
    def then(self) -> str:
        """What was stored when the sheet was downloaded, as a page says it; empty for a blank."""
        return said_text(self.indicator, self.name, self.then_text)

    @property
    def now(self) -> str:
        """What is stored now."""
        return said_text(self.indicator, self.name, self.now_text)

    @property
    def file(self) -> str:
        """What the file says."""
        return said_text(self.indicator, self.name, self.file_text)

    @property
    def is_taken(self) -> bool:
        return self.standing is FieldOutcome.TAKEN

    @property
    def is_kept(self) -> bool:
        return self.standing is FieldOutcome.KEPT

    @property
    def is_disputed(self) -> bool:
        return self.standing is FieldOutcome.DISPUTED

    @property
    def takes_file(self) -> bool:
        """Whether the file's text is to stand; undecided, it is looked at as if it were."""
        return self.is_taken or (self.is_disputed and self.chosen != STORED)


@dataclass(frozen=True)
class LineDifference:
    """An indicator about which the file and the draft differ."""

    line: EntryLine
    filled: FilledLine
    texts: Mapping[str, str]  # what is stored now, by field name
    differences: tuple[FieldDifference, ...]

    @property
    def result(self) -> Entered:
        """What would be stored: field by field from the file or as it is now."""
        stored, filled = self.line.stored, self.filled
        taken = {one.name for one in self.differences if one.takes_file}
        value = filled if "value" in taken else stored
        certainty = filled.certainty if "certainty" in taken else None
        return Entered(
            value.value,
            value.not_applicable,
            certainty or Certainty(self.texts["certainty"]),
            filled.note if "note" in taken else stored.note,
        )


@dataclass(frozen=True)
class Comparison:
    """A filled-in sheet beside the draft as it is stored now."""

    sheet: EntrySheet
    filled: Filled
    head: tuple[FieldDifference, ...]  # the as-of day, where it differs
    lines: tuple[LineDifference, ...]

    @property
    def is_moved_on(self) -> bool:
        """Whether the draft was saved since the sheet was downloaded."""
        return self.filled.origin.version != str(self.sheet.report.version)

    @cached_property
    def differences(self) -> list[FieldDifference]:
        """All, in the order of the page."""
        return [*self.head, *(one for line in self.lines for one in line.differences)]

    @property
    def taken(self) -> list[FieldDifference]:
        return [one for one in self.differences if one.is_taken]

    @property
    def kept(self) -> list[FieldDifference]:
        return [one for one in self.differences if one.is_kept]

    @property
    def disputed(self) -> list[FieldDifference]:
        return [one for one in self.differences if one.is_disputed]

    @property
    def is_to_apply(self) -> bool:
        """Whether there is anything that applying could change."""
        return any(not one.is_kept for one in self.differences)

    @cached_property
    def unchanged(self) -> list[EntryLine]:
        """The indicators about which file and draft say the same."""
        different = {line.line.indicator.pk for line in self.lines}
        return [
            line
            for line in self.sheet.lines
            if line.indicator.pk not in different and line.indicator.code in self.filled.lines
        ]

    @cached_property
    def missing(self) -> list[Indicator]:
        """The indicators whose rows are not in the file: they stay as they are stored."""
        return [line.indicator for line in self.sheet.lines if line.indicator.code not in self.filled.lines]

    @property
    def undecided(self) -> list[FieldDifference]:
        """What the person has still to choose."""
        return [one for one in self.disputed if not one.chosen]

    @property
    def as_of(self) -> date:
        """The as-of day that would be stored."""
        takes_file = any(one.takes_file for one in self.head)
        return self.filled.as_of if takes_file and self.filled.as_of else self.sheet.report.as_of

    @property
    def entered(self) -> dict[Indicator, Entered]:
        """The entries of the indicators that would change."""
        return {
            line.line.indicator: line.result
            for line in self.lines
            if check_messages.differing(line.line.stored, line.result)
        }

    @property
    def groups(self) -> Iterator[tuple[EntryLine | None, tuple[FieldDifference, ...], list[str]]]:
        """The differences by indicator, None for the whole report, with what the entry page would say of the result."""
        if self.head:
            yield (
                None,
                self.head,
                check_messages.sheet_warning_texts(self.as_of, self.sheet.report.fiscal_year),
            )
        for one in self.lines:
            yield one.line, one.differences, one.line.words.warnings_of(one.result, self.as_of)


def compare(sheet: EntrySheet, filled: Filled, sent: QueryDict | None = None) -> Comparison:
    """The sheet as it is stored now, and a file without problems; `sent` holds what the person chose. No queries."""
    lines = []
    for line in sheet.lines:
        said = filled.lines.get(line.indicator.code)
        if said is not None:
            texts = line_texts(line, sheet)
            differences = _of_line(line.indicator, said, texts, filled)
            if differences:
                decided = tuple(_decided(one, sent) for one in differences)
                lines.append(LineDifference(line, said, texts, decided))
    head = tuple(_decided(one, sent) for one in _of_head(sheet, filled))
    return Comparison(sheet, filled, head, tuple(lines))


def _decided(one: FieldDifference, sent: QueryDict | None) -> FieldDifference:
    """With what the person chose, where what is stored is still what their page showed."""
    if sent is None or not one.is_disputed:
        return one
    chosen = sent.get(f"{one.key}-choice", "")
    # A browser sends a text back from a hidden field with its own ends of lines.
    is_as_seen = sent.get(f"{one.key}-seen") == "\r\n".join(one.now_text.splitlines())
    return replace(one, chosen=chosen) if chosen in (FILE, STORED) and is_as_seen else one


def _of_head(sheet: EntrySheet, filled: Filled) -> tuple[FieldDifference, ...]:
    then = date.fromisoformat(filled.origin.as_of)
    texts = [EraDateFormField().prepare_value(day) for day in (then, filled.as_of, sheet.report.as_of)]
    seen, said, now = ({"as_of": text} for text in texts)
    return tuple(_differences(None, seen, said, now, {"as_of": filled.as_of_cell}))


def _of_line(
    one: Indicator, said: FilledLine, now: Mapping[str, str], filled: Filled
) -> tuple[FieldDifference, ...]:
    origin = filled.origin.line(one.code)
    seen = origin.texts if origin else {}
    entered = said.entered(Certainty(now["certainty"]))
    texts = {
        "value": check_messages.entered_text(one, entered),
        # A certainty that is not chosen is one that was left alone.
        "certainty": str(said.certainty or seen.get("certainty", now["certainty"])),
        "note": said.note,
    }
    found = _differences(one, seen, texts, now, said.cells)
    values = {texts["value"], now["value"]} - {"", NOT_APPLICABLE_TEXT}
    # A certainty without a value says nothing; two states need not agree on it.
    return tuple(difference for difference in found if difference.name != "certainty" or values)


def _differences(
    one: Indicator | None,
    seen: Mapping[str, str],
    said: Mapping[str, str],
    now: Mapping[str, str],
    cells: Mapping[str, str],
) -> list[FieldDifference]:
    _fields, others = merging.merge(seen=seen, typed=said, now=now)
    found = []
    for name, stored in now.items():
        if merging.is_same(said[name], stored):
            continue
        standing = FieldOutcome.TAKEN
        if name in others:
            standing = FieldOutcome.KEPT if others[name].is_taken_over else FieldOutcome.DISPUTED
        then = seen.get(name, "")
        found.append(FieldDifference(one, name, cells[name], then, stored, said[name], standing))
    return found
