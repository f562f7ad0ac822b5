"""The rows of a sheet or of a CSV, and the row among the first that has the headings. Pure.

CSV is read in the encoding that it is in (`encodings.py`), with commas, tabs or semicolons, whichever part its headings.
All its cells are texts; a ' that our own CSV puts before a text that a spreadsheet might take for a formula is taken away again.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from iconm_portal.display.sheets import csv_unquoted
from iconm_portal.forms.inspection.plain_text import LONGEST_LINE
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.imports.reading.stated import (
    Stated,
    grouped,
    read_heading,
    read_line,
    states_only,
    with_units,
    within,
    without,
)
from iconm_portal.imports.sheet_reading import Hidden, Kind, SheetCell

HEADING_WITHIN: Final = 20
"""The headings stand in one of the first so many rows that hold anything."""

SHEET_WIDTH: Final = 16_384
"""All rows of a sheet are as wide."""

Cells = tuple[SheetCell, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: a sheet by its place in the workbook and its name, or a CSV (without name, with encoding)."""

    index: int
    name: str
    encoding: str
    rows: Callable[[], Iterator[Cells]]
    hidden: Hidden  # of the sheet's rows and columns; complete when they were read
    width: Callable[[int], int] = lambda number: SHEET_WIDTH  # into how many parts a row of CSV falls


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A row taken for headings: its texts by column number, those that are known by their keys, and what is stated
    above it, beside it (（単位：千円）) and in a row of units below it.

    `number` is its last row, where headings of two rows are one (科目 beside 決算額 below 令和5年度).
    """

    number: int
    texts: Mapping[int, str]
    places: Mapping[int, str]
    lines: tuple[Stated, ...] = ()
    units: Mapping[int, Stated] = field(default_factory=dict)  # right below, by column
    end: int = 0  # the row of these units, where there is one
    groups: Mapping[str, Mapping[int, Stated]] = field(
        default_factory=dict
    )  # right above, by kind and column

    @property
    def stated(self) -> dict[int, Stated]:
        """By column what its heading states, with what stands above it."""
        return {
            at: with_units(within(read_heading(text).stated, at, self.groups), self.units.get(at))
            for at, text in self.texts.items()
        }

    def over(self, cells: Cells | None) -> "HeadingRow":
        """The same with the row below it, where that goes on with the headings: units of the columns, or their marks (A)."""
        if not cells or not all(_goes_on(cell) for cell in cells):
            return self
        said = {cell.column: _unit_of(cell) for cell in cells}
        if len(cells) == 1 and not any(one.units for one in said.values()):
            return self
        figures = {at: one for at, one in said.items() if at in self.places and one.units}
        others = [one for at, one in said.items() if at not in self.texts and one.units]
        return replace(self, units=figures, lines=(*self.lines, *others), end=cells[0].row)

    def below(self, above: Iterable[Stated]) -> "HeadingRow":
        """The same with what stands above it."""
        return replace(self, lines=(*above, *self.lines))


def heading_row(source: Source, known: Mapping[str, str], least: int) -> HeadingRow | None:
    """The row among the first that has the most known headings, `least` at least; or two rows together, where they have more."""
    best: HeadingRow | None = None
    above: list[Stated] = []
    last = HeadingRow(0, {}, {})
    for _number, (cells, below) in zip(range(HEADING_WITHIN), with_next(source.rows()), strict=False):
        row = as_headings(cells, known)
        for found in (row, _under(last, row, known)):
            if len(set(found.places.values())) >= least and (
                best is None or len(found.places) > len(best.places)
            ):
                said = {at: read_line(text) for at, text in last.texts.items() if found.texts.get(at) != text}
                groups = grouped(said)
                lines = (*above, *(without(one, groups) for one in said.values()))
                best = replace(found.below(lines), groups=groups).over(below)
        above += [read_line(text) for text in last.texts.values()]
        last = row
    return best


def with_next(rows: Iterator[Cells]) -> Iterator[tuple[Cells, Cells | None]]:
    """Each row with the one below it."""
    last: Cells | None = None
    for cells in rows:
        if last is not None:
            yield last, cells
        last = cells
    if last is not None:
        yield last, None


def as_headings(cells: Cells, known: Mapping[str, str]) -> HeadingRow:
    """A row as if it held headings."""
    texts = {cell.column: str(cell.value).strip() for cell in cells if cell.kind is Kind.TEXT}
    return _headings(cells[0].row, texts, known)


def _under(upper: HeadingRow, lower: HeadingRow, known: Mapping[str, str]) -> HeadingRow:
    """Two rows as one: a heading stands in the upper where the lower has nothing, as in cells that are merged."""
    return _headings(lower.number, dict(sorted({**upper.texts, **lower.texts}.items())), known)


def _headings(number: int, texts: Mapping[int, str], known: Mapping[str, str]) -> HeadingRow:
    places = {at: known[key] for at, text in texts.items() if (key := read_heading(text).key) in known}
    beside = (states_only(text) for at, text in texts.items() if at not in places)
    return HeadingRow(number, texts, places, tuple(one for one in beside if not one.is_empty), end=number)


_MARK: Final = re.compile(
    r"[①-⑳]|\(?[A-ZＡ-Ｚa-zア-ン]\)?(?:[-−－+＋=＝/／×÷]\(?[A-ZＡ-Ｚa-zア-ン]\)?)*|単位"
)
_EMBRACED: Final = "()（）[]［］〔〕【】 \u3000"


def _unit_of(cell: SheetCell) -> Stated:
    return states_only(f"({str(cell.value).strip(_EMBRACED)})")


def _goes_on(cell: SheetCell) -> bool:
    """Whether a cell right below the headings belongs to them: （円）, 千円, (A), (B)-(A), ①."""
    if not isinstance(cell.value, str):
        return False
    return bool(_unit_of(cell).units) or _MARK.fullmatch(cell.value.strip("（） ")) is not None


# -- CSV --


def csv_source(
    data: bytes, encoding: str, known: Mapping[str, str], limits: Limits, most_rows: int
) -> Source:
    """The rows that hold anything, parted by what parts the most known headings in a line."""
    delimiter = max(",\t;", key=lambda mark: _most_known(data, encoding, mark, known))

    def fields() -> Iterator[tuple[int, list[str]]]:
        return _csv_fields(data, encoding, delimiter, limits, most_rows)

    return Source(
        index=0,
        name="",
        encoding=encoding,
        rows=lambda: (cells for number, row in fields() if (cells := tuple(_csv_cells(number, row)))),
        hidden=Hidden(),
        width=lambda wanted: next((len(row) for number, row in fields() if number == wanted), SHEET_WIDTH),
    )


def _most_known(data: bytes, encoding: str, mark: str, known: Mapping[str, str]) -> tuple[int, int]:
    """How many known headings a line has when it is parted so, and into how many parts the lines fall."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, "ignore").read(10_000).splitlines()
    rows = [[cell.strip('" ') for cell in line.split(mark)] for line in lines]
    most = max((sum(read_heading(cell).key in known for cell in row) for row in rows), default=0)
    return most, sum(map(len, rows))


class _Lines:
    """The lines of a row, which may be many: one quotation mark opens a cell that runs on. UploadRefused beyond the limit."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.of_row = 0  # letters since the last row ended

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.of_row += len(line)
            if self.of_row > LONGEST_LINE:
                raise UploadRefused(Refusal.LINE_TOO_LONG, limit=LONGEST_LINE)
            yield line


def _csv_fields(
    data: bytes, encoding: str, delimiter: str, limits: Limits, most_rows: int
) -> Iterator[tuple[int, list[str]]]:
    """Rows by number, which counts rows, as a spreadsheet would, not lines within cells."""
    lines = _Lines(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, fields in enumerate(reader, start=1):
            lines.of_row = 0
            if len(fields) > limits.columns:
                raise UploadRefused(Refusal.TOO_MANY_COLUMNS, sheet="", limit=limits.columns)
            yield number, fields
            if number > limits.rows:
                raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet="", limit=most_rows)
    except csv.Error as problem:
        raise UploadRefused(Refusal.CSV_DAMAGED, row=number + 1) from problem


def _csv_cells(row: int, fields: Iterable[str]) -> Iterator[SheetCell]:
    for column, written in enumerate(fields, start=1):
        text = csv_unquoted(written)
        if text.strip():
            yield SheetCell(row, column, text, Kind.TEXT)
