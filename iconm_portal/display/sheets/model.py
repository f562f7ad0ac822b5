"""What a caller describes: cells and tables of 様式 sheets, columns and rows of データ sheets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Literal

from iconm_portal.display.sheets.values import CellValue

CellKind = Literal["heading", "label", "text", "number", "unit", "blank", "input"]
ColumnKind = Literal["text", "number", "date", "datetime"]
Align = Literal["left", "center", "right"]

NOT_APPLICABLE = "－"  # printed where a value cannot exist; a blank is one not yet reported, and neither is 0
DATA_PREFIX = "データ_"


@dataclass(frozen=True, slots=True)
class CellCheck:
    """What may be typed into an input; the spreadsheet itself refuses anything else, with the message.

    `choices` make a drop-down list; of `least` and `most` those that are given bound a number, a date or the length
    of a text. The spreadsheet does not look at what is pasted: whoever reads the sheet checks again.
    """

    kind: Literal["list", "whole", "decimal", "date", "textLength"]
    message: str
    choices: tuple[str, ...] = ()
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
class Column:
    """A column of a データ sheet: its unique key, which is the header, and the kind of its values."""

    key: str
    kind: ColumnKind = "text"


@dataclass(frozen=True, slots=True)
class DataSheet:
    """A データ sheet: header in row 1, data from row 2, one datum a cell; nothing merged or hidden."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[CellValue]]
    protected: bool = False


@dataclass(frozen=True, slots=True)
class LongRow:
    """One datum in the long form. `value` is in the display unit of the printed table (505 百万円, 24.3 %).

    A printed 「－」 is a row without value and with a note; what is not reported is no row at all.
    """

    fiscal_year: int
    fiscal_year_wareki: str
    facility_code: str
    plan_code: str
    item_code: str
    item_name: str
    value: int | Decimal | None
    unit: str
    status: str
    as_of: date | None
    note: str = ""


LONG_FORM_COLUMNS = (
    Column("fiscal_year", "number"),
    Column("fiscal_year_wareki"),
    Column("facility_code"),
    Column("plan_code"),
    Column("item_code"),
    Column("item_name"),
    Column("value", "number"),
    Column("unit"),
    Column("status"),
    Column("as_of", "date"),
    Column("note"),
)

_long_values = attrgetter(*(column.key for column in LONG_FORM_COLUMNS))


def long_form(name: str, rows: Iterable[LongRow]) -> DataSheet:
    """The データ sheet of these data; `name` begins with データ_."""
    return DataSheet(name, LONG_FORM_COLUMNS, [_long_values(row) for row in rows])
