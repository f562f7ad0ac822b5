"""What is read of an uploaded table: its columns, the parts in which they stand, its rows, and what is noticed. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from iconm_portal.imports.cell_values import Number
from iconm_portal.imports.reading.stated import Stated, Telling
from iconm_portal.imports.sheet_reading import SheetCell

MOST_ROWS: Final = 100_000
OF_SHEET: Final = 1_000_000
"""Rows of the second sheet are numbered from here, of the third from twice as much; those of the first as they stand."""
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
    spreads: bool = (
        False  # over columns without a heading right of it, as names do that are set in by their rank
    )

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
    end: int  # the last row of its headings: one with units may stand below them
    columns: tuple[Column, ...]
    letters: Mapping[str, str]
    headings: Mapping[str, str]  # by key, as the file writes them
    not_read: tuple[str, ...]  # headings that name no column, or one of another stage
    stated: Mapping[str, str]
    of_years: Stated
    places: Mapping[int, str]  # column number → key
    headed: frozenset[int]  # the columns that have a heading at all
    spread: Mapping[int, str]  # columns without a heading, by the key of the one that spreads over them
    telling: Mapping[
        int, Telling
    ]  # columns that are not read, and whose cells say what the figures beside them are
    passed_over: tuple[tuple[str, str], ...]  # texts of other years than what is nearer, each with that
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

    `is_too_long`: of CSV, with cells beyond its headings, and a comma may have parted a figure (1,234). `sum_word`: what it
    is called, where it may be a sum of others. `told`: what its cells say of its figures (千円 in a column 単位).
    """

    number: int
    cells: Mapping[str, SheetCell]
    part: TablePart
    is_too_long: bool = False
    sum_word: str = ""
    told: tuple[tuple[Telling, str], ...] = ()


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
    struck_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    idle_rows: list[int] = field(default_factory=list)  # with nothing under a heading that is read
    lines: list[int] = field(
        default_factory=list
    )  # of words alone, which are no rows: remarks, titles of pages
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


def address(letter: str, row: int) -> str:
    """C12, or "" for CSV, whose columns have no letters."""
    return f"{letter}{row % OF_SHEET}" if letter else ""
