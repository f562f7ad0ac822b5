"""What a caller describes: the columns of a table, the cells of 様式 sheets, the rows of データ sheets."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from iconm_portal.display.sheets.values import CellValue

Row = TypeVar("Row")
Other = TypeVar("Other")

CellKind = Literal["heading", "label", "text", "number", "unit", "blank", "input"]
ColumnKind = Literal["text", "number", "date", "datetime"]
Align = Literal["left", "center", "right"]

NOT_APPLICABLE = "－"  # printed where a value cannot exist; a blank is one not yet reported, and neither is 0
DATA_PREFIX = "データ_"


@dataclass(frozen=True, slots=True)
class CellCheck:
    """What may be typed into an input; the spreadsheet itself refuses anything else, with the message.

    `choices` make a drop-down list, and so do the cells of another sheet that `choices_from` names; of `least` and `most`
    those that are given bound a number, a date or the length of a text. The spreadsheet does not look at what is pasted:
    whoever reads the sheet checks again.
    """

    kind: Literal["list", "whole", "decimal", "date", "textLength"]
    message: str
    choices: tuple[str, ...] = ()
    choices_from: str = ""  # '計画'!$A$5:$A$200
    least: int | Decimal | date | None = None
    most: int | Decimal | date | None = None


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell of a 様式 sheet, or the top left corner of a merged block of `rowspan` × `colspan` cells.

    Numbers stay numbers; `number_format` carries what the printed table shows (see `number_format()`).
    Without `align` the kind decides: headings and units centred, numbers right, texts left. An "input" is to be
    filled in: coloured, and open where the sheet is protected; `check` says what it takes.
    """

    value: CellValue = None
    kind: CellKind = "text"
    number_format: str = "General"
    align: Align | None = None
    colspan: int = 1
    rowspan: int = 1
    bold: bool = False
    check: CellCheck | None = None


class PageCell(NamedTuple):
    """A cell of a table on a page: markup that is escaped already, its classes, and a second, smaller line."""

    content: str = ""
    css: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column of a table, described once. Where it is drawn follows from what it is given:

    in データ, CSV and JSON by its unique `key`, which is the header there; on the 様式 sheet by its `width` (in
    characters of half width), under the Japanese `heading`; on the page by its `label`, in the reader's language.
    `over` and `label_over` are what it shares with the columns beside it: a heading above theirs.

    `value` is the datum. The sheet prints it as a text unless `printed` says how, the page shows it as one unless `html`
    does. `shared` is what rows below each other have in common where they share one cell of the sheet. `name` is what a cell
    is called where each is named (on a phone) if not by its label, and `css` are the classes of the page's heading.
    """

    key: str = ""
    kind: ColumnKind = "text"
    value: Callable[[Row], CellValue] | None = None
    heading: str = ""
    width: float = 0
    printed: Callable[[Row], FormCell] | None = None
    over: str = ""
    shared: Callable[[Row], Hashable] | None = None
    label: str = ""
    html: Callable[[Row], PageCell] | None = None
    label_over: str = ""
    name: str = ""
    css: str = ""

    def __post_init__(self) -> None:
        """ValueError for a column that has a place but nothing to stand there."""
        if self.width and not (self.heading and (self.value or self.printed)):
            raise ValueError(f"A sheet cannot print {self}: heading, and value or printed")
        if self.label and not (self.value or self.html):
            raise ValueError(f"A page cannot show {self}: value or html")

    def beside(self, row_of: Callable[[Other], Row | None]) -> "Column[Other]":
        """Its datum in a table of other rows, beside those that belong to one of this table's."""

        def value(other: Other) -> CellValue:
            row = row_of(other)
            return None if row is None or self.value is None else self.value(row)

        return Column(self.key, self.kind, value)


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """A row of the form's body as a series; `row` counts from 0, without the heading."""

    name: str
    row: int


@dataclass(frozen=True, slots=True)
class FormChart:
    """A chart below the table: rows as stacked bars and as lines, over the table's last columns.

    `first_column` (from 0) is the first with values, up to the last column; the heading's last row names them.
    `number_format` is the axis's.
    """

    title: str
    first_column: int
    bars: Sequence[ChartSeries]
    lines: Sequence[ChartSeries]
    number_format: str


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A 様式 sheet: a title, one bordered table, notes; A4, as wide as the page.

    `heading` and `body` are rows of cells, written as in HTML: a row lists only the cells that begin in it,
    and what an earlier rowspan covers is left out. `widths` are in characters of half width, one a column.
    Heading rows are repeated on every page and stay in view on the screen, as do the first `freeze_columns`.
    """

    name: str
    title: str
    widths: Sequence[float]
    heading: Sequence[Sequence[FormCell]]
    body: Sequence[Sequence[FormCell]]
    subtitle: str = ""
    remark: str = ""  # what whoever makes the paper says of it, above the table
    unit_line: str = ""
    notes: Sequence[str] = ()
    freeze_columns: int = 0
    landscape: bool = True
    even_rows: bool = False  # every row of the body as high as the highest
    chart: FormChart | None = None  # on a page of its own when printed
    small_charts: Sequence[FormChart] = ()  # two beside each other, below the table
    protected: bool = (
        False  # only inputs can be changed; there is no password, so it guards against slips alone
    )


@dataclass(frozen=True, slots=True)
class DataSheet:
    """A データ sheet: header in row 1, data from row 2, one datum a cell; nothing merged or hidden."""

    name: str
    columns: Sequence[Column[Any]]
    rows: Iterable[Sequence[CellValue]]
    protected: bool = False
