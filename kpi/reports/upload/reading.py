"""Reading an entry sheet that was filled in offline: by code and heading, never by position.

Raises `UploadRefused` for what is no workbook that may be read, `NotThisSheet` for a workbook that is not the sheet of
this draft, and otherwise names every cell that cannot be meant. Nothing is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl.utils import get_column_letter

from iconm_portal.imports import texts as import_texts
from iconm_portal.imports.cell_values import BLANK, CellProblem, Choice, Day, Lines, Number, written
from iconm_portal.imports.sheet_reading import CellContent, Kind, SheetCell, SheetRows, read_rows
from iconm_portal.imports.table_reader import folded
from iconm_portal.values import clock
from kpi.models import Indicator, Report
from kpi.models.values import LARGEST
from kpi.plans.achievement import Certainty, stored
from kpi.plans.labels import PRINTED_CERTAINTY
from kpi.reports.entry_forms import DASHES
from kpi.reports.upload.origin import TEMPLATE, Origin, StoredLine
from kpi.reports.upload.sheet_file import (
    AS_OF,
    CERTAINTY,
    CODE,
    DASH,
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

_INPUTS: Final = (VALUE, DASH, CERTAINTY, NOTE)
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


class NotThisSheet(Exception):
    """The workbook is not the sheet of this draft, or not any more. `reasons` say why and what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be meant: where it stands (E7 実績値), whose it is, what stands there, what is wrong."""

    place: str
    indicator: str
    found: str
    text: str


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


@dataclass
class Filled:
    """A sheet that was filled in. Only one without `problems` can go on."""

    origin: Origin
    as_of: date | None = None
    as_of_cell: str = ""
    lines: dict[str, FilledLine] = field(default_factory=dict)  # by code; rows that were deleted are absent
    problems: list[Problem] = field(default_factory=list)


def read(data: bytes, *, filename: str, report: Report) -> Filled:
    """What the file says for this report. Raises UploadRefused or NotThisSheet."""
    sheets = read_rows(data, filename=filename)
    origin = _origin(sheets, report)
    table = _table(sheets)
    filled = Filled(origin)
    _read_day(table, filled, report)
    _read_lines(table, filled, report)
    return filled


# -- where it came from --


def _origin(sheets: list[SheetRows], report: Report) -> Origin:
    by_name = {sheet.name: sheet for sheet in sheets}
    if INFO not in by_name or STORED not in by_name:
        raise NotThisSheet(
            _(
                "This is not the portal's entry sheet, or its sheets “%(info)s” and “%(stored)s” were removed."
                " Download the sheet again and copy your values into it."
            )
            % {"info": INFO, "stored": STORED}
        )
    said = dict(_pairs(by_name[INFO]))
    texts = {key: said.get(label, "") for key, label in INFO_KEYS.items()}
    if texts["template"] != TEMPLATE:
        raise NotThisSheet(
            _("The sheet has the version “%(found)s”; only “%(known)s” is read now. Download it again.")
            % {"found": texts["template"], "known": TEMPLATE}
        )
    origin = Origin(lines=tuple(_stored_lines(by_name[STORED])), **texts)
    if not origin.is_sealed_by(said.get(SEAL, "")):
        raise NotThisSheet(
            _(
                "What the sheet says of its own origin was changed (“%(info)s”, “%(stored)s”), so it cannot be told"
                " what was changed in the portal since. Download the sheet again and copy your values into it."
            )
            % {"info": INFO, "stored": STORED}
        )
    reasons = list(_elsewhere(origin, report))
    if reasons:
        raise NotThisSheet(*reasons)
    return origin


def _pairs(sheet: SheetRows) -> Iterator[tuple[str, str]]:
    for row in sheet.rows():
        yield _text(row[0]), _text(row[1]) if len(row) > 1 else ""


def _stored_lines(sheet: SheetRows) -> Iterator[StoredLine]:
    rows = iter(sheet.rows())
    if tuple(_text(cell) for cell in next(rows, ())) != STORED_COLUMNS:
        return
    for row in rows:
        yield StoredLine(*(_text(cell) for cell in row))


def _text(content: CellContent) -> str:
    """As a text; spreadsheets may have made a number of one that was only digits."""
    return "" if content is None else f"{content:f}" if isinstance(content, Decimal) else str(content)


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


# -- the table --


@dataclass(frozen=True)
class _Table:
    """The sheet with the values: its cells by row and column, and where its headings stand."""

    cells: Mapping[tuple[int, int], SheetCell]
    heading_row: int
    columns: Mapping[str, int]  # by heading

    def at(self, row: int, heading: str) -> SheetCell | None:
        """The cell below the heading; None for a blank one."""
        cell = self.cells.get((row, self.columns[heading]))
        is_blank = cell is None or (isinstance(cell.value, str) and not cell.value.strip())
        return None if is_blank else cell

    def address(self, row: int, heading: str) -> str:
        return f"{get_column_letter(self.columns[heading])}{row}"

    def rows(self) -> list[int]:
        return sorted({row for row, _column in self.cells if row > self.heading_row})


def _table(sheets: list[SheetRows]) -> _Table:
    found = [table for sheet in sheets if (table := _headed(sheet)) is not None]
    if not found:
        wanted = "、".join([CODE, *_INPUTS])
        raise NotThisSheet(
            _("No row with all of these headings was found: %(headings)s. Download the sheet again.")
            % {"headings": wanted}
        )
    if len(found) > 1:
        raise NotThisSheet(_("Two sheets of the workbook hold values. Delete the one that is not meant."))
    return found[0]


def _headed(sheet: SheetRows) -> _Table | None:
    wanted = {folded(heading): heading for heading in (CODE, NAME, *_INPUTS)}
    by_row: dict[int, list[tuple[str, int]]] = {}
    for cell in sheet.cells:
        heading = wanted.get(folded(cell.value)) if isinstance(cell.value, str) else None
        if heading is not None:
            by_row.setdefault(cell.row, []).append((heading, cell.column))
    for row, headed in by_row.items():
        if {heading for heading, _column in headed} == set(wanted.values()):
            if len(headed) > len(wanted):
                raise NotThisSheet(_("A heading stands there twice in row %(row)s.") % {"row": row})
            cells = {(cell.row, cell.column): cell for cell in sheet.cells}
            return _Table(cells, row, dict(headed))
    return None


def _read_day(table: _Table, filled: Filled, report: Report) -> None:
    """The as-of day, to the right of its label above the headings."""
    label = next(
        (
            cell
            for cell in table.cells.values()
            if cell.row < table.heading_row and isinstance(cell.value, str) and folded(cell.value) == folded(AS_OF)
        ),
        None,
    )  # fmt: skip
    if label is None:
        raise NotThisSheet(
            _("The label “%(label)s” is missing. Download the sheet again.") % {"label": AS_OF}
        )
    cell = table.cells.get((label.row, label.column + 1))
    filled.as_of_cell = f"{get_column_letter(label.column + 1)}{label.row}"
    try:
        if cell is None:
            raise CellProblem(BLANK)
        filled.as_of = date.fromisoformat(Day().read(cell))
    except CellProblem as problem:
        _add(filled, f"{filled.as_of_cell} {AS_OF}", "", cell, problem)
        return
    refused = refuse_value(as_of=filled.as_of, fiscal_year=report.fiscal_year, today=clock.today())
    for text in check_messages.refusal_texts(refused):
        filled.problems.append(Problem(f"{filled.as_of_cell} {AS_OF}", "", _found(cell), text))


def _read_lines(table: _Table, filled: Filled, report: Report) -> None:
    indicators = {one.code: one for one in report.plan.indicators.all()}
    seen: dict[str, int] = {}
    for row in table.rows():
        is_filled = any(table.at(row, heading) for heading in _INPUTS)
        if not is_filled and _code(table.at(row, CODE)) not in indicators:
            continue  # the notes below the table, or somebody's own
        one = _indicator(table, row, filled, indicators)
        if one is None:
            continue
        if one.code in seen:
            problem = CellProblem(CODE_TWICE, row=seen[one.code])
            _at(filled, table, row, CODE, one, problem)
            continue
        seen[one.code] = row
        line = _line(table, row, filled, one)
        if line is not None:
            filled.lines[one.code] = line


def _code(cell: SheetCell | None) -> str:
    return "" if cell is None else written(cell).strip()


def _indicator(
    table: _Table, row: int, filled: Filled, indicators: Mapping[str, Indicator]
) -> Indicator | None:
    """Whose row it is. The name beside the code must still be its own: exchanged codes would exchange values."""
    cell = table.at(row, CODE)
    code = _code(cell)
    one, line = indicators.get(code), filled.origin.line(code)
    if one is None or line is None:
        problem = CellProblem(UNKNOWN_CODE, found=code) if code else CellProblem(NO_CODE)
        _at(filled, table, row, CODE, None, problem)
        return None
    name = table.at(row, NAME)
    if name is not None and not _folded_name(written(name)).startswith(_folded_name(line.name)):
        _at(filled, table, row, NAME, one, CellProblem(OTHER_NAME, name=line.name))
        return None
    return one


def _folded_name(text: str) -> str:
    return "".join(text.split())


def _line(table: _Table, row: int, filled: Filled, one: Indicator) -> FilledLine | None:
    """The row as it is meant; None with its problems added where it cannot be."""
    before = len(filled.problems)
    read: dict[str, Any] = {}
    for heading, parse in (
        (VALUE, lambda cell: _value(cell, one)),
        (DASH, _dash),
        (CERTAINTY, _CERTAINTY.read),
        (NOTE, Lines(LONGEST_NOTE).read),
    ):
        cell = table.at(row, heading)
        try:
            read[heading] = None if cell is None else parse(cell)
        except CellProblem as problem:
            _at(filled, table, row, heading, one, problem)
    if len(filled.problems) > before:
        return None
    value, certainty = read[VALUE], read[CERTAINTY]
    is_number = isinstance(value, Decimal)
    if is_number and read[DASH]:
        _at(filled, table, row, DASH, one, CellProblem(VALUE_AND_DASH))
    if is_number and certainty is None:
        _at(filled, table, row, CERTAINTY, one, CellProblem(NO_CERTAINTY))
    if len(filled.problems) > before:
        return None
    return FilledLine(
        value=stored(value, one.scale) if is_number else None,
        not_applicable=bool(read[DASH]) or value == check_messages.NOT_APPLICABLE_TEXT,
        certainty=Certainty(certainty) if certainty else None,
        note=read[NOTE] or "",
        cells={
            "value": table.address(row, VALUE),
            "certainty": table.address(row, CERTAINTY),
            "note": table.address(row, NOTE),
        },
    )


def _value(cell: SheetCell, one: Indicator) -> Decimal | str:
    """In the display unit, or 「-」; what officials write: １２, 12件, 347,000, ▲5."""
    if cell.kind is Kind.TEXT and str(cell.value).strip() in DASHES:
        return check_messages.NOT_APPLICABLE_TEXT
    most: Any = LARGEST / one.scale
    value = Decimal(
        Number(unit=one.unit, decimals=one.entry_decimals, minimum=-most, maximum=most).read(cell)
    )
    if (outside := one.out_of_bounds(stored(value, one.scale))) is not None:
        message, params = outside
        raise CellProblem(message, **params)
    return value


def _dash(cell: SheetCell) -> bool:
    if cell.kind is not Kind.TEXT or str(cell.value).strip() not in DASHES:
        raise CellProblem(NOT_A_DASH, found=written(cell))
    return True


def _at(
    filled: Filled, table: _Table, row: int, heading: str, one: Indicator | None, problem: CellProblem
) -> None:
    place = f"{table.address(row, heading)} {heading}"
    _add(filled, place, one.name if one else "", table.at(row, heading), problem)


def _add(filled: Filled, place: str, name: str, cell: SheetCell | None, problem: CellProblem) -> None:
    text = import_texts.problem({"message": problem.message, "params": problem.params})
    filled.problems.append(Problem(place, name, _found(cell), text))


def _found(cell: SheetCell | None) -> str:
    """What stands in a cell, not more of it than helps to find it."""
    text = "" if cell is None else written(cell)
    return f"{text[:40]}…" if len(text) > 40 else text
