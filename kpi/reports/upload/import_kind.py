"""The entry sheet as a kind of import: its columns, and what is checked of a sheet that was filled in offline.

Limits, headings, what a cell means and the words for what is wrong are those of every import. The sheet's own is, that

- it says which draft it was made from, in which state (`origin`), and is read for that draft alone;
- how a value is read depends on the indicator of its row, and the as-of day stands above the headings;
- its rows are never staged to be applied as they are: whenever they are looked at, they are compared with the draft as
  it is stored then, and the person chooses where both changed (`comparison`). So it is no `TableImport`: a file with
  problems is not kept, one without can be applied again while the draft is open, and none waits as a task.

Raises `UploadRefused` for what is no workbook that may be read, `NotThisSheet` for a workbook that is not the sheet of
this draft, and otherwise names every cell that cannot be meant. Nothing is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl.utils import get_column_letter

from iconm_portal.forms.inspection.refusals import About, Refusal, UploadRefused
from iconm_portal.imports import preview
from iconm_portal.imports.cell_values import CellProblem, Choice, Day, Lines, Number, written
from iconm_portal.imports.preview import ShownProblem
from iconm_portal.imports.reading.meaning import understood
from iconm_portal.imports.reading.tables import Column, ReadTable, TablePart, TableRow, address
from iconm_portal.imports.sheet_reading import Kind, OpenSheet, SheetCell, opened
from iconm_portal.imports.specs import ReadRow
from iconm_portal.imports.table_reader import folded_heading, table_on
from iconm_portal.values import clock
from iconm_portal.values.text import listed
from iconm_portal.values.written.letters import folded, is_dash
from kpi.models import Indicator, Report
from kpi.models.values import LARGEST
from kpi.plans.achievement import Certainty, stored
from kpi.plans.labels import PRINTED_CERTAINTY
from kpi.reports.upload.origin import TEMPLATE, Origin, StoredLine
from kpi.reports.upload.sheet_file import (
    AS_OF,
    CERTAINTY,
    CODE,
    DASH,
    FORMER_CERTAINTY,
    INFO,
    INFO_KEYS,
    LONGEST_NOTE,
    NAME,
    NOTE,
    SEAL,
    STORED,
    STORED_COLUMNS,
    VALUE,
)
from kpi.value_sources import check_messages
from kpi.value_sources.checks import refuse_value
from kpi.value_sources.entry_values import Entered

UNKNOWN_CERTAINTY: Final = gettext_noop("“%(found)s” is not a certainty. Choose 確定, 決算見込 or 途中経過.")
NOT_A_DASH: Final = gettext_noop("Only “－” or nothing can stand here, not “%(found)s”.")
VALUE_AND_DASH: Final = gettext_noop(
    "There is a value, and “－” for not applicable beside it. Clear one of them."
)
NO_CERTAINTY: Final = gettext_noop("The value has no certainty. Choose 確定, 決算見込 or 途中経過.")
NO_CODE: Final = gettext_noop("The row has no code, so it is not known which indicator is meant.")
UNKNOWN_CODE: Final = gettext_noop("The plan has no indicator with the code “%(found)s”.")
CODE_TWICE: Final = gettext_noop("The indicator stands in row %(row)s already. Delete one of the two rows.")
OTHER_NAME: Final = gettext_noop(
    "The code belongs to “%(name)s”, but another name stands beside it. Undo what was changed, or download anew."
)


class NotThisSheet(Exception):
    """The workbook is not the sheet of this draft, or not any more. `reasons` say why and what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class FilledLine:
    """What the file says for an indicator; `cells` are the addresses by field name (E7).

    Where the value is blank or 「－」 and no certainty is chosen, `certainty` is None.
    """

    value: Decimal | None  # in base units
    not_applicable: bool
    certainty: Certainty | None
    note: str
    cells: Mapping[str, str]

    def entered(self, usual: Certainty) -> Entered:
        """As an entry; `usual` is the certainty of one that has none."""
        return Entered(self.value, self.not_applicable, self.certainty or usual, self.note)


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet that was filled in. Only one without `problems` can go on, and only that has its day."""

    origin: Origin
    as_of: date | None
    as_of_cell: str
    lines: Mapping[str, FilledLine]  # by code; rows that were deleted are absent
    problems: Sequence[ShownProblem]  # about the indicator of the row


# -- the columns --


@dataclass(frozen=True, slots=True)
class _AsItStands:
    """The cell itself, which the checker reads."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> SheetCell:
        return cell

    def show(self, value: Any) -> str:
        return written(value)


@dataclass(frozen=True, slots=True)
class _Dash:
    """「－」, however it is typed."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        if cell.kind is not Kind.TEXT or not is_dash(str(cell.value)):
            raise CellProblem(NOT_A_DASH, found=written(cell))
        return str(cell.value)

    def show(self, value: Any) -> str:
        return str(value)


_CERTAINTY: Final = Choice(
    names={word: str(certainty) for certainty, word in PRINTED_CERTAINTY.items()}
    | {
        "最終": "final",
        "確定値": "final",
        "見込": "forecast",
        "見込み": "forecast",
        "決算見込み": "forecast",
    },
    unknown=UNKNOWN_CERTAINTY,
    labels={},
)
COLUMNS: Final = (
    Column("code", (CODE,), _AsItStands()),
    Column("name", (NAME,), _AsItStands()),
    Column("value", (VALUE,), _AsItStands()),
    Column("dash", (DASH,), _Dash()),
    Column("certainty", (CERTAINTY, FORMER_CERTAINTY), _CERTAINTY),
    Column("note", (NOTE,), Lines(LONGEST_NOTE)),
)
_INPUTS: Final = ("value", "dash", "certainty", "note")
_DAY: Final = Column(
    "as_of", (AS_OF,), Day(is_as_of=True), required=True
)  # beside its label above the headings


# -- reading --


def read(data: bytes, *, filename: str, report: Report) -> Filled:
    """What the file says for this report. Raises UploadRefused or NotThisSheet."""
    with opened(data, filename=filename) as sheets:
        by_name = {sheet.name: sheet for sheet in sheets}
        origin = _origin(by_name, report)
        table = _table(sheets)
        head, letter = _head(by_name[table.first.sheet], table.first, report)
        rows = [understood(COLUMNS, _without_blanks(row)) for row in table.rows()]
        if len(table.seen.parts) > 1:
            raise NotThisSheet(
                _("The headings stand there twice, in rows %(rows)s.")
                % {"rows": listed(str(part.heading_row) for part in table.seen.parts)}
            )
    checker = _Checker(report, origin, table.first.letters)
    checker.check(rows)
    place = {"letters": {**table.first.letters, _DAY.key: letter}}
    return Filled(
        origin=origin,
        as_of=date.fromisoformat(head.get(_DAY.key)) if head.is_sound() else None,
        as_of_cell=address(letter, head.number),
        lines=checker.lines,
        problems=[
            replace(
                problem,
                about=row.resolved.name if row.resolved else "",
                found=_shortened(problem.found),
            )
            for row in (head, *rows)
            for problem in preview.problems((_DAY, *COLUMNS), place, [row])
        ],
    )


def _shortened(found: str) -> str:
    """What stands in a cell, not more of it than helps to find it."""
    return f"{found[:40]}…" if len(found) > 40 else found


def _table(sheets: Sequence[OpenSheet]) -> ReadTable:
    try:
        table = table_on(sheets, COLUMNS, one_of=[(column.key,) for column in COLUMNS])
    except UploadRefused as refused:
        if refused.code.about != About.HEADINGS:
            raise
        if refused.code == Refusal.HEADINGS_TWICE:
            text = _("A heading stands there twice in row %(row)s.") % refused.params
        else:
            wanted = listed((CODE, VALUE, DASH, CERTAINTY, NOTE))
            text = _(
                "No row with all of these headings was found: %(headings)s. Download the sheet again."
            ) % {"headings": wanted}
        raise NotThisSheet(text) from refused
    if len(table.parts) > 1:
        raise NotThisSheet(_("Two sheets of the workbook hold values. Delete the one that is not meant."))
    return table


def _without_blanks(row: TableRow) -> TableRow:
    """A cell with nothing but spaces is blank."""
    cells = {key: cell for key, cell in row.cells.items() if cell.kind is not Kind.TEXT or _code(cell)}
    return replace(row, cells=cells)


def _head(sheet: OpenSheet, part: TablePart, report: Report) -> tuple[ReadRow, str]:
    """The as-of day, to the right of its label above the headings, and the letter of its column."""
    for cells in sheet.rows():
        if cells[0].row >= part.heading_row:
            break
        at = {cell.column: cell for cell in cells}
        for cell in cells:
            if cell.kind is Kind.TEXT and folded_heading(str(cell.value)) == folded_heading(AS_OF):
                day = at.get(cell.column + 1)
                row = understood([_DAY], TableRow(cell.row, {_DAY.key: day} if day else {}, part))
                if day and row.is_sound():
                    _refuse_day(row, written(day), report)
                return row, get_column_letter(cell.column + 1)
    raise NotThisSheet(_("The label “%(label)s” is missing. Download the sheet again.") % {"label": AS_OF})


def _refuse_day(row: ReadRow, found: str, report: Report) -> None:
    as_of = date.fromisoformat(row.get(_DAY.key))
    refused = refuse_value(as_of=as_of, fiscal_year=report.fiscal_year, today=clock.today())
    for text in check_messages.refusal_texts(refused):
        row.error(_DAY.key, text.replace("%", "%%"))
        row.problems[-1]["found"] = found


class _Checker:
    """Holds the rows against the indicators of the plan, and against what the sheet was made from."""

    def __init__(self, report: Report, origin: Origin, letters: Mapping[str, str]) -> None:
        self._indicators = {one.code: one for one in report.plan.indicators.all()}
        self._origin, self._letters = origin, letters
        self._rows: dict[str, int] = {}
        self.lines: dict[str, FilledLine] = {}

    def check(self, rows: Iterable[ReadRow]) -> None:
        """Resolves each row to its indicator, and adds its line where it can be meant."""
        for row in rows:
            is_filled = any(key in row.values or not row.is_sound(key) for key in _INPUTS)
            if not is_filled and _code(row.get("code")) not in self._indicators:
                row.problems.clear()  # the notes below the table, or somebody's own
                continue
            row.resolved = self._indicator(row)
            if row.resolved is not None and row.is_sound("code", "name"):
                self._add_line(row, row.resolved)

    def _indicator(self, row: ReadRow) -> Indicator | None:
        """Whose row it is. The name beside the code must still be its own: exchanged codes would exchange values."""
        code = _code(row.get("code"))
        one, line = self._indicators.get(code), self._origin.line(code)
        if one is None or line is None:
            row.problems.clear()
            if code:
                row.error("code", UNKNOWN_CODE, found=code)
            else:
                row.error("code", NO_CODE)
            return None
        name = row.get("name")
        if name and not folded(written(name)).startswith(folded(line.name)):
            row.problems.clear()
            row.error("name", OTHER_NAME, name=line.name)
        elif (first := self._rows.setdefault(code, row.number)) != row.number:
            row.problems.clear()
            row.error("code", CODE_TWICE, row=first)
        return one

    def _add_line(self, row: ReadRow, one: Indicator) -> None:
        value = _value(row, one)
        if not row.is_sound():
            return
        if isinstance(value, Decimal):
            if row.get("dash"):
                row.error("dash", VALUE_AND_DASH)
            if not row.get("certainty"):
                row.error("certainty", NO_CERTAINTY)
        if not row.is_sound():
            return
        self.lines[one.code] = FilledLine(
            value=stored(value, one.scale) if isinstance(value, Decimal) else None,
            not_applicable=bool(row.get("dash")) or value == check_messages.NOT_APPLICABLE_TEXT,
            certainty=Certainty(row.get("certainty")) if row.get("certainty") else None,
            note=row.get("note"),
            cells={name: address(self._letters[name], row.number) for name in ("value", "certainty", "note")},
        )


def _code(cell: SheetCell | str) -> str:
    return written(cell).strip() if isinstance(cell, SheetCell) else ""


def _value(row: ReadRow, one: Indicator) -> Decimal | str | None:
    """In the display unit, or 「-」; what officials write: １２, 12件, 347,000, ▲5. None for a blank, or with its error."""
    cell: SheetCell | None = row.get("value") or None
    if cell is None:
        return None
    if cell.kind is Kind.TEXT and is_dash(str(cell.value)):
        return check_messages.NOT_APPLICABLE_TEXT
    most: Any = LARGEST / one.scale
    figure = Number(unit=one.unit, decimals=one.entry_decimals, minimum=-most, maximum=most)
    try:
        value = Decimal(figure.read(cell))
    except CellProblem as problem:
        row.error("value", problem.message, **problem.params)
        return None
    if (outside := one.out_of_bounds(stored(value, one.scale))) is not None:
        message, params = outside
        row.error("value", message, **params)
        return None
    return value


# -- where it came from --


def _origin(sheets: Mapping[str, OpenSheet], report: Report) -> Origin:
    if INFO not in sheets or STORED not in sheets:
        raise NotThisSheet(
            _(
                "This is not the portal's entry sheet, or its sheets “%(info)s” and “%(stored)s” were removed."
                " Download the sheet again and copy your values into it."
            )
            % {"info": INFO, "stored": STORED}
        )
    said = {row[0]: row[1] for row in _texts(sheets[INFO], 2)}
    texts = {key: said.get(label, "") for key, label in INFO_KEYS.items()}
    if texts["template"] != TEMPLATE:
        raise NotThisSheet(
            _("The sheet has the version “%(found)s”; only “%(known)s” is read now. Download it again.")
            % {"found": texts["template"], "known": TEMPLATE}
        )
    lines = list(_texts(sheets[STORED], len(STORED_COLUMNS)))
    is_headed = lines[:1] == [STORED_COLUMNS]
    origin = Origin(lines=tuple(StoredLine(*line) for line in lines[1:] if is_headed), **texts)
    if not origin.is_sealed_by(said.get(SEAL, "")):
        raise NotThisSheet(
            _(
                "What the sheet says of its own origin was changed (“%(info)s”, “%(stored)s”), so it cannot be told"
                " what was changed in the portal since. Download the sheet again and copy your values into it."
            )
            % {"info": INFO, "stored": STORED}
        )
    if reasons := list(_elsewhere(origin, report)):
        raise NotThisSheet(*reasons)
    return origin


def _texts(sheet: OpenSheet, columns: int) -> Iterator[tuple[str, ...]]:
    """The first columns of its rows as texts; spreadsheets may have made a number of one that was only digits."""
    for cells in sheet.rows():
        at = {cell.column: written(cell) for cell in cells}
        yield tuple(at.get(column, "") for column in range(1, columns + 1))


def _elsewhere(origin: Origin, report: Report) -> Iterator[str]:
    """What the sheet was made for, where that is not this report."""
    plan = report.plan
    if origin.center != plan.center.code:
        yield _("The sheet was made for the center “%(found)s”, not for “%(here)s”.") % {
            "found": origin.center, "here": plan.center.code
        }  # fmt: skip
    elif origin.plan != plan.code:
        yield _("The sheet was made for the plan “%(found)s”, not for “%(here)s”.") % {
            "found": origin.plan, "here": plan.code
        }  # fmt: skip
    elif origin.fiscal_year != str(report.fiscal_year.start):
        yield _("The sheet was made for the fiscal year %(found)s, not for %(here)s.") % {
            "found": origin.fiscal_year, "here": report.fiscal_year.start
        }  # fmt: skip
    elif origin.report != str(report.pk):
        yield _(
            "The sheet was made from another report of this year, such as one that was discarded or corrected."
            " Download this report's own sheet and copy your values into it."
        )
    for one in plan.indicators.all():
        line = origin.line(one.code)
        if line is not None and line.unit != one.unit:
            yield _(
                "“%(name)s” is counted in %(now)s now, but the sheet was made for %(then)s. Download it again."
            ) % {"name": one.name, "now": one.unit, "then": line.unit}
