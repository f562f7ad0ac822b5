"""Reading the tables that people upload (.xlsx, CSV) by their headings, row by row. Pure; no Django.

Columns are found by heading, never by position; what a cell means is decided by the column's parser (`cell_values.py`), in
the unit that the file states (`reading/`). Of a workbook all sheets with the headings are read, one below the other, and so
is a second table below the first. What is not read is named (`Seen`). Whatever stands in the way of the file as a whole is an
`UploadRefused` with a code, or a `Contradiction` to what was chosen for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import PurePath
from typing import Any, Final, Protocol

from openpyxl.utils import get_column_letter

from iconm_portal.forms.inspection.encodings import NAMES
from iconm_portal.forms.inspection.kinds import TABLES, FileKind, kind_of
from iconm_portal.forms.inspection.packages import check_size
from iconm_portal.forms.inspection.plain_text import check_text
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.imports.cell_values import Number
from iconm_portal.imports.reading import chosen as meeting
from iconm_portal.imports.reading.chosen import Chosen, Contradiction, Nearness
from iconm_portal.imports.reading.sources import (
    Cells,
    HeadingRow,
    Source,
    as_headings,
    csv_source,
    heading_row,
)
from iconm_portal.imports.reading.stated import Stated, read_heading, read_line, together
from iconm_portal.imports.sheet_reading import Kind, OpenSheet, SheetCell, opened
from iconm_portal.values.text import listed
from iconm_portal.values.written.units import factor, read_unit

MOST_ROWS: Final = 100_000
LIMITS: Final = Limits(
    bytes=20 * 1024 * 1024,
    inflated=400 * 1024 * 1024,
    tags=15_000_000,
    rows=MOST_ROWS + 1_000,  # room for titles above the table and blank rows within it
    columns=200,
    cells=3_000_000,
)
"""What a table may hold: 100,000 rows of about twenty columns. Sheets are streamed, so memory stays bounded."""

OF_SHEET: Final = 1_000_000
"""Rows of the second sheet are numbered from here, of the third from twice as much; those of the first as they stand."""
_THOUSANDS: Final = re.compile(r"[-−－▲△(（¥￥]*\d{1,3}")
_REST: Final = re.compile(r"\d{3}[)）円]?")
MOST_NAMED: Final = 20
"""So many rows are named one by one."""


class Parser(Protocol):
    """What a column's cells mean."""

    @property
    def numeric(self) -> bool:
        """Whether its values are figures, which are set to the right."""

    def read(self, cell: SheetCell) -> Any:
        """A value that JSON can hold; CellProblem for what cannot be meant."""

    def show(self, value: Any) -> str:
        """The value in the reader's language."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an import reads. The first of `headings` is what the template prints, the second its English.

    `required`: the heading must be there, and no cell below it is blank.
    """

    key: str
    headings: tuple[str, ...]
    parse: Parser
    required: bool = False

    @property
    def heading(self) -> str:
        """As the template prints it."""
        return self.headings[0]


@dataclass(frozen=True, slots=True)
class TablePart:
    """A row of headings and what is below it: how its cells are meant, and what the file states of them.

    `letters` are "A", "B" … by key, none for CSV. `stated` are the units out of which figures are converted, by key.
    """

    sheet: str  # its name; "" for CSV
    index: int  # the sheet's place
    heading_row: int
    columns: tuple[Column, ...]
    letters: Mapping[str, str]
    headings: Mapping[str, str]  # by key, as the file writes them
    not_read: tuple[str, ...]  # headings that name no column, or one of another stage
    stated: Mapping[str, str]
    of_years: Stated
    places: Mapping[int, str]  # column number → key
    headed: frozenset[int]  # the columns that have a heading at all
    lines: tuple[Stated, ...]  # what is stated above it
    groups: Mapping[str, Mapping[int, Stated]]  # and right above single columns

    @property
    def units(self) -> set[str]:
        """In which its figures are, where the file or whoever chose says so."""
        return {one.parse.stated or one.parse.unit for one in self.columns if isinstance(one.parse, Number)}

    def is_like(self, other: "TablePart") -> bool:
        """Whether the rows below it are meant in the same way."""
        return (self.places, self.columns, self.of_years.years) == (
            other.places,
            other.columns,
            other.of_years.years,
        )


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that holds anything: its number (`OF_SHEET`), and its cells by column key. Blanks are absent.

    `is_too_long`: of CSV, with cells beyond its headings, and a comma may have parted a figure (1,234).
    """

    number: int
    cells: Mapping[str, SheetCell]
    part: TablePart
    is_too_long: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sheet that is not read, and why: it is hidden, its headings are others, or it states another year or stage."""

    sheet: str
    why: str  # "hidden", "headings", "stated"


@dataclass(slots=True)
class Seen:
    """What was noticed while the rows were read; complete when they are at their end. Rows are numbered as `OF_SHEET` says."""

    parts: list[TablePart] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    idle_rows: list[int] = field(default_factory=list)  # with nothing under a heading that is read
    idle_columns: list[str] = field(default_factory=list)  # with cells, and without a heading
    left_out: list[int] = field(default_factory=list)  # where a table of another year or stage begins


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table whose headings were found; `rows()` reads it, all its parts one after another."""

    parts: tuple[TablePart, ...]
    encoding: str  # of CSV; "" for .xlsx
    left_out: tuple[LeftOut, ...]
    seen: Seen
    rows: Callable[[], Iterator[TableRow]]

    @property
    def first(self) -> TablePart:
        return self.parts[0]


def folded_heading(heading: str) -> str:
    """What is compared of a heading: without regard to case, width and spaces, and without what it states of its figures."""
    return read_heading(heading).key


@contextmanager
def read_table(
    data: bytes,
    *,
    filename: str,
    columns: Sequence[Column],
    one_of: Sequence[Sequence[str]] = (),
    chosen: Chosen | None = None,
) -> Iterator[ReadTable]:
    """The tables with the headings of these columns: on all visible sheets that have them, or in the CSV.

    `one_of` are sets of keys of which at least one must be there. Raises UploadRefused, also from its `rows()`, and
    Contradiction to what was `chosen`.
    """
    form = _Form(columns, one_of, chosen or Chosen(), read_line(PurePath(filename).stem))
    if kind_of(filename, TABLES, Refusal.NOT_A_TABLE_NAME) is FileKind.XLSX:
        with opened(data, filename=filename, limits=LIMITS) as sheets:
            by_hidden: dict[bool, list[Source]] = {False: [], True: []}
            for place, sheet in enumerate(sheets):
                by_hidden[sheet.hidden].append(_source(place, sheet))
            yield form.table(by_hidden[False], by_hidden[True])
    else:
        check_size(len(data), LIMITS)
        source = csv_source(data, check_text(data), form.known, LIMITS, MOST_ROWS)
        yield form.table([source], [])


def table_on(
    sheets: Sequence[OpenSheet], columns: Sequence[Column], one_of: Sequence[Sequence[str]] = ()
) -> ReadTable:
    """The same among the sheets of a workbook that is open."""
    form = _Form(columns, one_of, Chosen(), Stated())
    return form.table([_source(place, sheet) for place, sheet in enumerate(sheets)], [])


def address(letter: str, row: int) -> str:
    """C12, or "" for CSV, whose columns have no letters."""
    return f"{letter}{row % OF_SHEET}" if letter else ""


# -- Finding the parts --


def _source(place: int, sheet: OpenSheet) -> Source:
    return Source(place, sheet.name, "", sheet.rows, sheet.hides)


@dataclass(frozen=True)
class _Form:
    """What a table is to have, and what was chosen for it."""

    columns: Sequence[Column]
    one_of: Sequence[Sequence[str]]
    chosen: Chosen
    of_file: Stated

    @property
    def known(self) -> dict[str, str]:
        """By what is compared of a heading: the column's key."""
        return {
            read_heading(heading).key: column.key for column in self.columns for heading in column.headings
        }

    def table(self, sources: Sequence[Source], hidden: Sequence[Source]) -> ReadTable:
        """The parts that can be read of the sources, and which of them are left out."""
        known = self.known
        least = min(2, len(self.columns))
        rows = {source.index: row for source in sources if (row := heading_row(source, known, least))}
        whole = [
            source for source in sources if source.index in rows and not self.missing(rows[source.index])
        ]
        if not whole:
            raise self._no_headings(
                [(source, rows[source.index]) for source in sources if source.index in rows]
            )
        parts: dict[int, TablePart] = {}
        contradictions: list[Contradiction] = []
        for source in whole:
            try:
                parts[source.index] = self.part(source, rows[source.index])
            except Contradiction as contradiction:
                contradictions.append(contradiction)
        if contradictions and not (parts and all(one.is_of_other_figures for one in contradictions)):
            raise contradictions[0]
        seen = Seen()
        found = [source for source in whole if source.index in parts]
        return ReadTable(
            parts=tuple(parts.values()),
            encoding=NAMES.get(sources[0].encoding, "") if sources else "",
            left_out=tuple(_left_out(sources, hidden, parts, whole)),
            seen=seen,
            rows=lambda: _rows(self, [(source, parts[source.index]) for source in found], seen),
        )

    def missing(self, row: HeadingRow) -> list[str]:
        """What is missing, as the template calls it."""
        there = set(row.places.values())
        missing = [column.heading for column in self.columns if column.required and column.key not in there]
        return missing + [_either(keys, self.columns) for keys in self.one_of if not set(keys) & there]

    def part(self, source: Source, row: HeadingRow) -> TablePart:
        """The headings as they are meant. UploadRefused where two mean the same, Contradiction to what was chosen."""
        headings = row.stated
        places = self._chosen_places(source, row, headings)
        own = {one.key: one.parse.unit for one in self.columns if isinstance(one.parse, Number)}
        stated = Nearness(
            headings=tuple(
                headings[number] if key in own else read_heading(row.texts[number]).stated
                for number, key in places.items()
            ),
            lines=row.lines,
            sheet=read_line(source.name),
            file=self.of_file,
        )
        of_years = meeting.check(self.chosen, stated)
        figures = {
            key: (headings[number], own[key] or self.chosen.unit)
            for number, key in places.items()
            if key in own
        }
        units = meeting.units(figures, stated, self.chosen)
        has_letters = not source.encoding
        return TablePart(
            sheet=source.name,
            index=source.index,
            heading_row=row.number,
            columns=tuple(_in_unit(column, figures.get(column.key), units) for column in self.columns),
            letters={key: get_column_letter(number) if has_letters else "" for number, key in places.items()},
            headings={key: row.texts[number] for number, key in places.items()},
            not_read=tuple(text for number, text in row.texts.items() if number not in places),
            stated={key: unit for key, unit in units.items() if _is_converted(unit, figures[key][1])},
            of_years=of_years,
            places=places,
            headed=frozenset(row.texts),
            lines=row.lines,
            groups=row.groups,
        )

    def _chosen_places(
        self, source: Source, row: HeadingRow, headings: Mapping[int, Stated]
    ) -> dict[int, str]:
        """One column for each key: of several, that of the chosen year and stage."""
        several: dict[str, dict[int, Stated]] = {}
        for number, key in row.places.items():
            several.setdefault(key, {})[number] = headings[number]
        found, twice = {}, []
        for key, stated in several.items():
            meant = next(iter(stated)) if len(stated) == 1 else meeting.of_several(stated, self.chosen)
            if meant is None:
                twice.append(listed(row.texts[number] for number in stated))
            else:
                found[meant] = key
        if twice:
            raise UploadRefused(
                Refusal.HEADINGS_TWICE, headings=listed(twice), sheet=source.name, row=row.number
            )
        return dict(sorted(found.items()))

    def _no_headings(self, found: Sequence[tuple[Source, HeadingRow]]) -> UploadRefused:
        if not found:
            required = [column.heading for column in self.columns if column.required]
            wanted = [*required, *(_either(keys, self.columns) for keys in self.one_of)]
            return UploadRefused(Refusal.NO_HEADINGS, headings=listed(wanted))
        source, row = max(found, key=lambda one: len(one[1].places))
        return UploadRefused(Refusal.MISSING_HEADINGS, headings=listed(self.missing(row)), sheet=source.name)


def _is_converted(stated: str, own: str) -> bool:
    return (factor(stated, own) if own else read_unit(stated).scale) not in (None, 1)


def _in_unit(column: Column, figures: tuple[Stated, str] | None, units: Mapping[str, str]) -> Column:
    """The column with its figures in the unit that the file states, or that was chosen."""
    if figures is None or not isinstance(column.parse, Number):
        return column
    _stated, unit = figures
    stated = units.get(column.key, "")
    return replace(column, parse=replace(column.parse, unit=unit, stated=stated if stated != unit else ""))


def _either(keys: Iterable[str], columns: Sequence[Column]) -> str:
    return "／".join(column.heading for column in columns if column.key in keys)


def _left_out(
    sources: Sequence[Source],
    hidden: Sequence[Source],
    parts: Mapping[int, TablePart],
    whole: Sequence[Source],
) -> Iterator[LeftOut]:
    """The sheets that hold anything and are not read."""
    others = {source.index for source in whole}
    for source in sources:
        if source.index not in parts and next(source.rows(), None):
            yield LeftOut(source.name, "stated" if source.index in others else "headings")
    for source in hidden:
        if next(source.rows(), None):
            yield LeftOut(source.name, "hidden")


# -- Reading the rows --


def _rows(form: _Form, parts: Sequence[tuple[Source, TablePart]], seen: Seen) -> Iterator[TableRow]:
    count = 0
    for source, part in parts:
        seen.parts.append(part)
        for row in _rows_below(form, source, part, seen):
            count += 1
            if count > MOST_ROWS:
                raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet=source.name, limit=MOST_ROWS)
            yield row
        columns = {
            number: letter for number, letter in _letters(source.hidden.columns) if number in part.places
        }
        seen.hidden_columns += [
            f"{letter} {part.headings[part.places[number]]}" for number, letter in columns.items()
        ]


def _letters(numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    return ((number, get_column_letter(number)) for number in sorted(numbers))


def _rows_below(form: _Form, source: Source, part: TablePart, seen: Seen) -> Iterator[TableRow]:
    offset, known, idle, is_left_out = source.index * OF_SHEET, form.known, set[int](), False
    names, width, groups = _names(form, part), source.width(part.heading_row), part.groups
    held: list[Cells] = []  # lines that may stand above further headings: 令和6年度, （単位：千円）
    for cells in source.rows():
        number = cells[0].row
        if number <= part.heading_row:
            continue
        if _looks_like_headings(cells, names):
            row = as_headings(cells, known)
            if len(row.places) > 1 and not form.missing(row):
                row = replace(row.below(_carried(held, part.lines)), groups=groups)
                below, is_left_out = _below(form, source, row), False
                held.clear()
                if below is None:
                    is_left_out = True
                    seen.left_out.append(offset + number)
                elif not below.is_like(part):  # those of every page again are
                    part, names, width = below, _names(form, below), max(width, *below.headed)
                    seen.parts.append(below)
                continue
        if len(held) < MOST_NAMED and _is_line(cells):
            held.append(cells)
            continue
        if not is_left_out:
            yield from _as_rows((*held, cells), source, part, seen, idle, width)
        held.clear()
    if not is_left_out:
        yield from _as_rows(held, source, part, seen, idle, width)
    seen.idle_columns += [letter for number, letter in _letters(idle - part.headed)]


def _as_rows(
    lines: Iterable[Cells], source: Source, part: TablePart, seen: Seen, idle: set[int], width: int
) -> Iterator[TableRow]:
    """Rows with anything under a heading that is read; of others it is noted that they are not."""
    places, offset = part.places, source.index * OF_SHEET
    for cells in lines:
        number = cells[0].row
        found = {places[cell.column]: cell for cell in cells if cell.column in places}
        if len(found) < len(cells):
            idle.update(cell.column for cell in cells if cell.column not in places)
        if not found:
            meeting.refuse_below(together(_said(cells)), part.units, number)
            seen.idle_rows.append(offset + number)
            continue
        if number in source.hidden.rows:
            seen.hidden_rows.append(offset + number)
        is_too_long = cells[-1].column > width and _may_be_parted(cells)
        yield TableRow(offset + number, found, part, is_too_long)


def _may_be_parted(cells: Cells) -> bool:
    """Whether two neighbours may be one figure that was written without quotation marks: 1 and 234. Side notes are none."""
    return any(
        other.column == one.column + 1
        and _THOUSANDS.fullmatch(str(one.value).strip())
        and _REST.fullmatch(str(other.value).strip())
        for one, other in pairwise(cells)
    )


def _is_line(cells: Cells) -> bool:
    """Whether a row may be a line above a table: few texts, all of which state something."""
    return len(cells) <= 2 and all(
        isinstance(cell.value, str) and not read_line(cell.value).is_empty for cell in cells
    )


def _said(cells: Cells) -> list[Stated]:
    return [read_line(cell.value) if isinstance(cell.value, str) else Stated() for cell in cells]


def _carried(lines: Iterable[Cells], above: Iterable[Stated]) -> list[Stated]:
    """What is stated of a further table: what stands right above it, and of the first one's what that does not say anew."""
    own = [said for cells in lines for said in _said(cells)]
    new = together(own)
    kept = (
        replace(
            one,
            units=() if new.units else one.units,
            years=() if new.years else one.years,
            stages=frozenset() if new.stages else one.stages,
        )
        for one in above
    )
    return [*own, *kept]


def _below(form: _Form, source: Source, row: HeadingRow) -> TablePart | None:
    """What further headings in a sheet mean; None for those of another year or stage than was chosen."""
    try:
        return form.part(source, row)
    except Contradiction as contradiction:
        if contradiction.is_of_other_figures:
            return None
        raise


def _names(form: _Form, part: TablePart) -> frozenset[str]:
    """Texts by which a second row of headings is suspected; whether it is one is looked at then."""
    return frozenset(part.headings.values()) | {
        heading for column in form.columns for heading in column.headings
    }


def _looks_like_headings(cells: Cells, names: frozenset[str]) -> bool:
    """Cheap, because it is asked of every row."""
    hits = 0
    for cell in cells:
        if cell.kind is Kind.TEXT and cell.value in names:
            hits += 1
            if hits > 1:
                return True
    return False
