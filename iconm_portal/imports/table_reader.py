"""Reading the tables that people upload (.xlsx, CSV) by their headings, row by row. Pure; no Django.

Columns are found by heading, never by position; what a cell means is decided by the column's parser
(`cell_values.py`). Whatever stands in the way of the file as a whole is an `UploadRefused` with a code.

CSV may be UTF-8 with or without BOM, or Shift_JIS (cp932), with commas or tabs. All its cells are texts; a ' that our
own CSV puts before a text that a spreadsheet might take for a formula is taken away again.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from openpyxl.utils import get_column_letter

from iconm_portal.display.sheets import csv_unquoted
from iconm_portal.forms.inspection.kinds import TABLES, FileKind, kind_of
from iconm_portal.forms.inspection.packages import check_size
from iconm_portal.forms.inspection.plain_text import LONGEST_LINE, check_text
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.imports.sheet_reading import Kind, OpenSheet, SheetCell, opened
from iconm_portal.values.text import folded, listed

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

HEADING_WITHIN: Final = 20
"""The headings stand in one of the first so many rows that hold anything."""


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
class TableRow:
    """A row that holds anything: its number as a spreadsheet counts, and its cells by column key. Blanks are absent."""

    number: int
    cells: Mapping[str, SheetCell]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table whose headings were found; `rows()` reads it. `letters` are "A", "B" … by key, none for CSV."""

    sheet: str  # its name; "" for CSV
    encoding: str  # of CSV; "" for .xlsx
    heading_row: int
    letters: Mapping[str, str]
    headings: Mapping[str, str]  # by key, as the file writes them
    not_read: tuple[str, ...]  # headings that name no column
    also_on: tuple[str, ...]  # other sheets that have all the headings too
    rows: Callable[[], Iterator[TableRow]]


def folded_heading(heading: str) -> str:
    """What is compared of a heading: without regard to case, width and spaces, and without a unit in brackets."""
    text = folded(heading)
    return text.partition("(")[0] or text


@contextmanager
def read_table(
    data: bytes, *, filename: str, columns: Sequence[Column], one_of: Sequence[Sequence[str]] = ()
) -> Iterator[ReadTable]:
    """The first table with the headings of these columns: on the first visible sheet that has them all, or in the CSV.

    `one_of` are sets of keys of which at least one must be there. Raises UploadRefused, also from its `rows()`.
    """
    if kind_of(filename, TABLES, Refusal.NOT_A_TABLE_NAME) is FileKind.XLSX:
        with opened(data, filename=filename, limits=LIMITS) as sheets:
            yield table_on([sheet for sheet in sheets if not sheet.hidden], columns, one_of)
    else:
        yield _best([_csv_source(data)], columns, one_of)


def table_on(
    sheets: Iterable[OpenSheet], columns: Sequence[Column], one_of: Sequence[Sequence[str]] = ()
) -> ReadTable:
    """The same among the sheets of a workbook that is open."""
    return _best([_Source(sheet.name, "", sheet.rows) for sheet in sheets], columns, one_of)


def address(letter: str, row: int) -> str:
    """C12, or "" for CSV, whose columns have no letters."""
    return f"{letter}{row}" if letter else ""


# -- Headings --


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    encoding: str
    rows: Callable[[], Iterator[tuple[SheetCell, ...]]]


@dataclass(frozen=True, slots=True)
class _Match:
    """A row taken for headings, and what it has."""

    source: _Source
    row: int
    places: Mapping[int, str]  # column number → key
    texts: Mapping[int, str]
    missing: tuple[str, ...]
    twice: tuple[str, ...]


def _best(
    sources: Sequence[_Source], columns: Sequence[Column], one_of: Sequence[Sequence[str]]
) -> ReadTable:
    found = [match for source in sources if (match := _match(source, columns, one_of))]
    if not found:
        raise UploadRefused(Refusal.NO_HEADINGS, headings=_listed(columns, one_of))
    best = next((match for match in found if not match.missing), max(found, key=lambda one: len(one.places)))
    if best.missing:
        raise UploadRefused(Refusal.MISSING_HEADINGS, headings=listed(best.missing), sheet=best.source.name)
    if best.twice:
        raise UploadRefused(
            Refusal.HEADINGS_TWICE, headings=listed(best.twice), sheet=best.source.name, row=best.row
        )
    by_key = {key: number for number, key in best.places.items()}
    has_letters = not best.source.encoding
    return ReadTable(
        sheet=best.source.name,
        encoding=best.source.encoding,
        heading_row=best.row,
        letters={key: get_column_letter(number) if has_letters else "" for key, number in by_key.items()},
        headings={key: best.texts[number] for key, number in by_key.items()},
        not_read=tuple(text for number, text in best.texts.items() if number not in best.places),
        also_on=tuple(one.source.name for one in found if one is not best and not one.missing),
        rows=lambda: _rows_below(best),
    )


def _match(source: _Source, columns: Sequence[Column], one_of: Sequence[Sequence[str]]) -> _Match | None:
    """The row among the first that has the most known headings: at least two, or all where there are fewer."""
    known = {folded_heading(heading): column.key for column in columns for heading in column.headings}
    best: _Match | None = None
    for number, cells in _first(source.rows(), HEADING_WITHIN):
        texts = {cell.column: str(cell.value).strip() for cell in cells if cell.kind is Kind.TEXT}
        places = {
            at: known[folded_heading(text)] for at, text in texts.items() if folded_heading(text) in known
        }
        if len(set(places.values())) < min(2, len(columns)):
            continue
        if best is None or len(places) > len(best.places):
            best = _Match(source, number, places, texts, *_wrong(places, columns, one_of))
    return best


def _first(rows: Iterator[tuple[SheetCell, ...]], most: int) -> Iterator[tuple[int, tuple[SheetCell, ...]]]:
    for _number, cells in zip(range(most), rows, strict=False):
        if cells:
            yield cells[0].row, cells


def _wrong(
    places: Mapping[int, str], columns: Sequence[Column], one_of: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is missing and what is there twice, as the template calls it."""
    there = list(places.values())
    missing = [column.heading for column in columns if column.required and column.key not in there]
    missing += [_either(keys, columns) for keys in one_of if not set(keys) & set(there)]
    twice = [column.heading for column in columns if there.count(column.key) > 1]
    return tuple(missing), tuple(twice)


def _either(keys: Iterable[str], columns: Sequence[Column]) -> str:
    return "／".join(column.heading for column in columns if column.key in keys)


def _listed(columns: Sequence[Column], one_of: Sequence[Sequence[str]]) -> str:
    required = [column.heading for column in columns if column.required]
    return listed([*required, *(_either(keys, columns) for keys in one_of)])


def _rows_below(match: _Match) -> Iterator[TableRow]:
    count = 0
    for cells in match.source.rows():
        if cells[0].row <= match.row:
            continue
        known = {match.places[cell.column]: cell for cell in cells if cell.column in match.places}
        if not known:
            continue
        count += 1
        if count > MOST_ROWS:
            raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet=match.source.name, limit=MOST_ROWS)
        yield TableRow(cells[0].row, known)


# -- CSV --


def _csv_source(data: bytes) -> _Source:
    check_size(len(data), LIMITS)
    encoding = check_text(data)
    first_line = data[:10_000].decode(encoding, "ignore").partition("\n")[0]
    delimiter = "\t" if first_line.count("\t") > first_line.count(",") else ","
    return _Source("", encoding, lambda: _csv_rows(data, encoding, delimiter))


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


def _csv_rows(data: bytes, encoding: str, delimiter: str) -> Iterator[tuple[SheetCell, ...]]:
    """The rows that hold anything. A row's number counts rows, as a spreadsheet would, not lines within cells."""
    lines = _Lines(io.TextIOWrapper(io.BytesIO(data), encoding, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, fields in enumerate(reader, start=1):
            lines.of_row = 0
            if len(fields) > LIMITS.columns:
                raise UploadRefused(Refusal.TOO_MANY_COLUMNS, sheet="", limit=LIMITS.columns)
            cells = tuple(_csv_cells(number, fields))
            if cells:
                yield cells
            if number > LIMITS.rows:
                raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet="", limit=MOST_ROWS)
    except csv.Error as problem:
        raise UploadRefused(Refusal.CSV_DAMAGED, row=number + 1) from problem


def _csv_cells(row: int, fields: Iterable[str]) -> Iterator[SheetCell]:
    for column, written in enumerate(fields, start=1):
        text = csv_unquoted(written)
        if text.strip():
            yield SheetCell(row, column, text, Kind.TEXT)
