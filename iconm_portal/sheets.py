"""Workbooks for officials: 様式 sheets to read and print, データ sheets for machines, in one file.

Pure: values in, bytes out. The same values give the same bytes, because every time in the file comes from the
day that the caller names. A cell is a value with a kind; how a kind looks is decided here, once.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import product
from operator import attrgetter
from typing import Any, Literal, NamedTuple
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

CellValue = str | int | float | Decimal | date | datetime | None
CellKind = Literal["heading", "label", "text", "number", "unit", "blank"]
ColumnKind = Literal["text", "number", "date", "datetime"]
Align = Literal["left", "center", "right"]

NOT_APPLICABLE = "－"  # printed where a value cannot exist; a blank is one not yet reported, and neither is 0
DATA_PREFIX = "データ_"

JAPAN = timezone(timedelta(hours=9))
LONGEST_TEXT = 32_767  # Excel's limits
LONGEST_FORMAT = 255
LONGEST_SHEET_NAME = 31
HIGHEST_ROW = 409.0
EXACT_DIGITS = 15


# -- Values --

# Neither XML nor Excel can hold these; lone surrogates cannot even be encoded.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x000D_ in a text as the character it names, unless its first underscore is escaped itself.
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What Excel would make a formula, an error, a number, a date or a truth value once somebody edits the cell.
_NEEDS_QUOTE = re.compile(r"[=+\-@#'＝＋＠]|[\d.,:/%¥\\$()年月日\s-]+\Z|(?:true|false)\Z", re.IGNORECASE)
_CSV_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def clean_text(text: str) -> str:
    """The text as a cell can hold it: control characters removed, line ends as \\n.

    Raises ValueError above 32,767 UTF-16 units: a cut text would pass for the whole one.
    """
    text = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 > LONGEST_TEXT and len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise ValueError(f"A cell holds at most {LONGEST_TEXT} characters; this text is longer: {text[:40]}…")
    return text


def exact_number(value: int | float | Decimal) -> str:
    """The number, digit for digit (openpyxl would write Decimal("9.95") as 9.949999999999999).

    Raises ValueError for what is not finite, and for more than the 15 significant digits that Excel keeps.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that a cell can hold")
    if isinstance(value, float):
        return repr(value)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if len(text) > EXACT_DIGITS and len(text.lstrip("-").replace(".", "").strip("0")) > EXACT_DIGITS:
        raise ValueError(f"{value} has more than the {EXACT_DIGITS} digits that a spreadsheet keeps")
    return text


def _naive(moment: datetime) -> datetime:
    """Spreadsheets know no time zones: a zoned moment is written as Japan's clock showed it."""
    return moment.astimezone(JAPAN).replace(tzinfo=None) if moment.tzinfo else moment


class _Encoded(NamedTuple):
    """A value as openpyxl is to write it: type letter, content of the cell, whether to mark it as text."""

    type: Literal["s", "n", "d"]
    stored: Any
    quoted: bool = False


_BLANK = _Encoded("n", None)


def _encode(value: CellValue) -> _Encoded:
    if value is None or value == "":
        return _BLANK
    if isinstance(value, str):
        text = clean_text(value)
        escaped = _EXCEL_ESCAPE.sub("_x005F_", text) if "_x" in text else text
        return _Encoded("s", escaped, _NEEDS_QUOTE.match(text) is not None)
    if isinstance(value, bool):
        raise TypeError("A truth value has no place in a sheet: write the word that the reader is to see")
    if isinstance(value, int | float | Decimal):
        return _Encoded("n", exact_number(value))
    if isinstance(value, datetime):
        return _Encoded("d", _naive(value))
    if isinstance(value, date):
        return _Encoded("d", value)
    raise TypeError(f"A cell cannot hold {type(value).__name__}")


def number_format(
    unit: str = "", decimals: int = 0, suffix: str = "", negative: str = "▲", *, thousands: int = 0
) -> str:
    """A number format that prints the unit with the number, as the committee's tables do: 438,802千円.

    `decimals`: places after the point. `suffix`: what follows the unit (以上, （決算見込額）). `negative`:
    the sign on paper. `thousands`: how often the display divides by 1,000 (1: yen as 千円), rounding half up.
    """
    if decimals < 0 or thousands < 0:
        raise ValueError("decimals and thousands are counts")
    digits = "#,##0" + ("." + "0" * decimals if decimals else "") + "," * thousands
    number = digits + _quoted(unit + suffix)
    result = f"{number};{_quoted(negative)}{number}"
    if len(result) > LONGEST_FORMAT:
        raise ValueError(f"A number format has at most {LONGEST_FORMAT} characters: {unit}{suffix}")
    return result


def _quoted(text: str) -> str:
    """The text as a literal of a number format, so that no % or ; of a unit is taken for an instruction."""
    if _UNWRITABLE.search(text) or "\n" in text or "\r" in text:
        raise ValueError("A number format cannot hold control characters")
    return "".join('\\"' if part == '"' else f'"{part}"' for part in re.split('(")', text) if part)


# -- What the caller describes --


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell of a 様式 sheet, or the top left corner of a merged block of `rowspan` × `colspan` cells.

    Numbers stay numbers; `number_format` carries what the printed table shows (see `number_format()`).
    Without `align` the kind decides: headings and units centred, numbers right, texts left.
    """

    value: CellValue = None
    kind: CellKind = "text"
    number_format: str = "General"
    align: Align | None = None
    colspan: int = 1
    rowspan: int = 1
    bold: bool = False


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
    unit_line: str = ""
    notes: Sequence[str] = ()
    freeze_columns: int = 0
    landscape: bool = True
    even_rows: bool = False  # every row of the body as high as the highest


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


# -- Looks --


class _Face(NamedTuple):
    """How a cell looks. The same face is the same style object, made once a workbook."""

    role: str = "text"  # a CellKind, or title, subtitle, unit_line, note, data, key
    align: str = ""
    number_format: str = "General"
    bold: bool = False
    frame: str = ""  # T at the table's top edge, B at its bottom edge
    quoted: bool = False


_ALIGN = {"heading": "center", "number": "right", "unit": "center", "title": "center", "subtitle": "center",
          "unit_line": "right", "key": "center"}  # fmt: skip
_BORDERLESS = frozenset({"title", "subtitle", "unit_line", "note", "data"})
_FILLS = {"heading": "E9EDF4", "key": "E9EDF4"}
_BOLD = frozenset({"title", "heading", "key"})
_TITLE_SIZE = 1.35  # × the body's size

_INNER = Side(style="thin", color="808080")
_OUTER = Side(style="medium", color="404040")


class _Faces:
    """A workbook's styles by face."""

    def __init__(self, workbook: Any, font: str, size: float) -> None:  # its types leave the style tables out
        self.font, self.size = font, size
        self._scratch = workbook.active
        workbook.remove(self._scratch)
        self._known: dict[_Face, StyleArray] = {}
        # Column widths are measured in digits of the Normal style, so that it must be the body's own font.
        normal = self._font(size, bold=False)
        workbook._fonts = IndexedList([normal])
        workbook._named_styles["Normal"].font = normal

    def __getitem__(self, face: _Face) -> StyleArray:
        style = self._known.get(face)
        if style is None:
            style = self._known[face] = self._make(face)
        return style

    def _font(self, size: float, *, bold: bool) -> Font:
        return Font(name=self.font, size=size, bold=bold, charset=128)

    def _make(self, face: _Face) -> StyleArray:
        cell: Any = self._scratch.cell(1, 1)
        cell._style = StyleArray()
        size = round(self.size * _TITLE_SIZE, 1) if face.role == "title" else self.size
        cell.font = self._font(size, bold=face.bold or face.role in _BOLD)
        if face.role != "data":
            horizontal = face.align or _ALIGN.get(face.role, "left")
            cell.alignment = Alignment(
                horizontal=horizontal,
                vertical="top" if face.role == "note" else "center",
                wrap_text=face.role not in ("key", "number", "title"),
                indent=1 if horizontal != "center" and face.role not in _BORDERLESS else 0,
            )
        if face.role in _FILLS:
            cell.fill = PatternFill("solid", fgColor=_FILLS[face.role])
        if face.role not in _BORDERLESS:
            top, bottom = (_OUTER if edge in face.frame else _INNER for edge in "TB")
            cell.border = Border(left=_INNER, right=_INNER, top=top, bottom=bottom)
        cell.number_format = face.number_format
        cell.quotePrefix = face.quoted
        return cell._style


def _write(sheet: Worksheet, faces: _Faces, row: int, column: int, value: CellValue, face: _Face) -> None:
    """The only way into a cell: a text is always a text, never a formula, an error or a number."""
    encoded = _encode(value)
    if encoded.quoted:
        face = face._replace(quoted=True)
    if encoded.type == "d" and face.number_format == "General":
        pattern = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        face = face._replace(number_format=pattern)
    cell: Any = sheet.cell(row, column)
    cell._style = faces[face]
    cell._value = encoded.stored
    cell.data_type = encoded.type


# -- The heights of rows: a spreadsheet does not fit them to wrapped text in merged cells --


def text_width(text: str) -> int:
    """The width in half-width characters: full-width and ambiguous ones (①, ※) count two."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(sign) in "FWA" else 1 for sign in text)


def line_count(text: str, width: float) -> int:
    """How many lines the text takes in a column of that width, allowing for padding and unbroken words."""
    room = max(width - 3, 2.0)  # an indent on the left takes about two characters
    lengths = [text_width(line) for line in text.split("\n")]
    return sum(1 if length <= room else math.ceil(length / max(room - 1, 2.0)) for length in lengths)


class _Heights:
    """Row heights in points. Yu Gothic sets its lines 1.7 times its size apart, wider than other fonts."""

    def __init__(self, sheet: Worksheet, size: float) -> None:
        self._sheet, self._line = sheet, size * 1.7

    def needed(self, value: CellValue, width: float, padding: float) -> float:
        lines = line_count(value, width) if isinstance(value, str) else 1
        return lines * self._line + padding

    def raise_to(self, first: int, rows: int, height: float) -> None:
        """Make these rows together at least so high, sharing what is missing equally."""
        dimensions = [self._sheet.row_dimensions[row] for row in range(first, first + rows)]
        missing = height - sum(dimension.height or 0 for dimension in dimensions)
        if missing > 0:
            for dimension in dimensions:
                dimension.height = min(round((dimension.height or 0) + missing / rows, 1), HIGHEST_ROW)

    def make_even(self, first: int, rows: int) -> None:
        """Give all these rows the height of the highest."""
        dimensions = [self._sheet.row_dimensions[row] for row in range(first, first + rows)]
        highest = max((dimension.height or 0 for dimension in dimensions), default=0)
        for dimension in dimensions:
            dimension.height = highest


def _fit_to_paper(sheet: Worksheet, *, landscape: bool) -> None:
    """A4, as wide as the page and as many pages long as it takes, numbered."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)  # else fitToWidth is ignored
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.6  # inches
    margins.top, margins.bottom, margins.header, margins.footer = 0.75, 0.75, 0.3, 0.35
    footer: Any = sheet.oddFooter
    footer.center.text = "&P / &N"


# -- 様式 --


class _Placed(NamedTuple):
    """A cell of a form with its place in the block of rows, both from 0."""

    row: int
    column: int
    cell: FormCell


def _place(rows: Sequence[Sequence[FormCell]], columns: int) -> list[_Placed]:
    """Give every cell its place, as HTML does. Raises ValueError unless the cells fill the table exactly."""
    placed: list[_Placed] = []
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in taken:
                column += 1
            below, beside = row + cell.rowspan, column + cell.colspan
            block = set(product(range(row, below), range(column, beside)))
            if not block or below > len(rows) or beside > columns or block & taken:
                raise ValueError(f"The cell {cell.value!r} of row {row + 1} does not fit into the table")
            taken |= block
            placed.append(_Placed(row, column, cell))
            column = beside
        missing = [column + 1 for column in range(columns) if (row, column) not in taken]
        if missing:
            raise ValueError(f"Row {row + 1} of the table lacks columns {missing}")
    return placed


class _OrderedMerges(MultiCellRange):
    """openpyxl keeps merged ranges in a set, whose order changes from run to run."""

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.sorted())


class _FormWriter:
    """Writes one 様式 sheet from top to bottom."""

    def __init__(self, sheet: Worksheet, form: FormSheet, faces: _Faces) -> None:
        if not form.heading or not form.widths:
            raise ValueError("A form needs columns and a heading")
        self.sheet, self.form, self.faces = sheet, form, faces
        self.columns = len(form.widths)
        self.heights = _Heights(sheet, faces.size)
        self.row = 1
        sheet.merged_cells = _OrderedMerges()

    def write(self) -> None:
        form = self.form
        for number, width in enumerate(form.widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self._line(form.title, "title", padding=12)
        self._line(form.subtitle, "subtitle", padding=8)
        self._line(form.unit_line, "unit_line", padding=4)
        if not (form.subtitle or form.unit_line):
            self.heights.raise_to(self.row, 1, self.faces.size)
            self.row += 1
        first, last_row = self.row, self.row + len(form.heading) + len(form.body) - 1
        self._block(form.heading, first, last_row)
        body = self.row
        self._block(form.body, first, last_row)
        if form.even_rows:
            self.heights.make_even(body, len(form.body))
        if form.notes:
            self.heights.raise_to(self.row, 1, 6.0)
            self.row += 1
        for note in form.notes:
            self._line(note, "note", padding=2)
        self._screen(body)
        self._page(first, body - 1)

    def _line(self, text: str, role: str, *, padding: float) -> None:
        """A text across the whole table, such as the title or a note; an empty one takes no row."""
        if not text:
            return
        _write(self.sheet, self.faces, self.row, 1, text, _Face(role))
        self._merge(self.row, 1, 1, self.columns)
        size = _TITLE_SIZE if role == "title" else 1
        self.heights.raise_to(self.row, 1, self.heights.needed(text, sum(self.form.widths), padding) * size)
        self.row += 1

    def _block(self, rows: Sequence[Sequence[FormCell]], first: int, last: int) -> None:
        placed = _place(rows, self.columns)
        for place in placed:
            self._cell(place, first, last)
        # Low blocks first: what a cell in one row needs counts before a merged one asks for the rest.
        for row, column, cell in sorted(placed, key=lambda place: place.cell.rowspan):
            width = sum(self.form.widths[column : column + cell.colspan])
            height = self.heights.needed(cell.value, width, padding=6)
            self.heights.raise_to(self.row + row, cell.rowspan, height)
        self.row += len(rows)

    def _cell(self, place: _Placed, first: int, last: int) -> None:
        """The cell, and its look in all that it covers: a merged block's borders are its cells'."""
        cell, top, left = place.cell, self.row + place.row, place.column + 1
        face = _Face(cell.kind, cell.align or "", cell.number_format, cell.bold)
        for row in range(top, top + cell.rowspan):
            for column in range(left, left + cell.colspan):
                value = cell.value if (row, column) == (top, left) else None
                frame = "T" * (row == first) + "B" * (row == last)
                _write(self.sheet, self.faces, row, column, value, face._replace(frame=frame))
        self._merge(top, left, cell.rowspan, cell.colspan)

    def _merge(self, row: int, column: int, rows: int, columns: int) -> None:
        # Worksheet.merge_cells() would throw the styles of the covered cells away.
        if rows * columns > 1:
            self.sheet.merged_cells.ranges.add(
                CellRange(min_row=row, min_col=column, max_row=row + rows - 1, max_col=column + columns - 1)
            )

    def _screen(self, body: int) -> None:
        self.sheet.sheet_view.showGridLines = False
        self.sheet.freeze_panes = self.sheet.cell(body, self.form.freeze_columns + 1).coordinate

    def _page(self, first_heading: int, last_heading: int) -> None:
        _fit_to_paper(self.sheet, landscape=self.form.landscape)
        self.sheet.print_options.horizontalCentered = True
        self.sheet.print_title_rows = f"{first_heading}:{last_heading}"
        self.sheet.print_area = f"A1:{get_column_letter(self.columns)}{self.row - 1}"


# -- データ --

_HOLDS: dict[ColumnKind, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float, Decimal),
    "date": (date,),
    "datetime": (datetime,),
}
_DATA_WIDTHS = {"date": 12, "datetime": 18}
_MEASURED_ROWS = 50
_NARROWEST, _WIDEST = 8, 48


def _check_columns(columns: Sequence[Column]) -> None:
    keys = [column.key for column in columns]
    if not keys or not all(keys) or len(set(keys)) != len(keys):
        raise ValueError(f"The headers of a data sheet are not empty and unique: {keys}")


def _check_row(columns: Sequence[Column], row: Sequence[CellValue], number: int) -> None:
    if len(row) != len(columns):
        raise ValueError(f"Row {number} has {len(row)} values for {len(columns)} columns")
    for column, value in zip(columns, row, strict=True):
        # By exact type: a bool is an int to Python and a datetime is a date, but not in a table.
        if value is not None and type(value) not in _HOLDS[column.kind]:
            raise TypeError(f"Row {number}, {column.key}: {type(value).__name__} is not a {column.kind}")


def _data_width(column: Column, values: Iterable[CellValue]) -> int:
    widest = max((text_width(str(value)) for value in values if value is not None), default=0)
    widest = max(widest, _DATA_WIDTHS.get(column.kind, _NARROWEST), text_width(column.key) + 1)
    return min(widest + 2, _WIDEST)


def _write_data(sheet: Worksheet, data: DataSheet, faces: _Faces) -> None:
    _check_columns(data.columns)
    rows = list(data.rows)
    key, datum = _Face("key"), _Face("data")
    for number, column in enumerate(data.columns, 1):
        _write(sheet, faces, 1, number, column.key, key)
        width = _data_width(column, (row[number - 1] for row in rows[:_MEASURED_ROWS] if len(row) >= number))
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row_number, row in enumerate(rows, 2):
        _check_row(data.columns, row, row_number)
        for number, value in enumerate(row, 1):
            if value is not None:
                _write(sheet, faces, row_number, number, value, datum)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    _fit_to_paper(sheet, landscape=True)


def csv_bytes(columns: Sequence[Column], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """The table as CSV: UTF-8 with BOM, dates as 2022-01-27, a text that Excel might run behind a '."""
    _check_columns(columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column.key for column in columns)
    for number, row in enumerate(rows, 2):
        _check_row(columns, row, number)
        writer.writerow(_csv_text(value) for value in row)
    return text.getvalue().encode("utf-8-sig")


def _csv_text(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = clean_text(value)
        return f"'{text}" if text.startswith(_CSV_FORMULA) and len(text) > 1 else text
    if isinstance(value, datetime):
        return _naive(value).isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else exact_number(value)


# -- The workbook --


class _TimelessZip(ZipFile):
    """A zip whose entries all bear the same time and system."""

    def __init__(self, file: io.BytesIO, moment: datetime) -> None:
        super().__init__(file, "w", ZIP_DEFLATED)
        self._moment = (max(moment.year, 1980), moment.month, moment.day, 0, 0, 0)

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        entry = ZipInfo(zinfo_or_arcname, self._moment)
        entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
        super().writestr(entry, data)

    def write(self, filename: Any, arcname: Any = None, *args: Any, **kwargs: Any) -> None:
        with open(filename, "rb") as part:
            self.writestr(arcname, part.read())


_BAD_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|\A'|'\Z")


def _check_sheet_name(name: str, taken: Iterable[str]) -> None:
    """Excel's rules; it compares names without regard to case."""
    too_long = len(name.encode("utf-16-le")) // 2 > LONGEST_SHEET_NAME
    if not name.strip() or too_long or name.lower() == "history" or _BAD_IN_NAME.search(name):
        raise ValueError(f"Not a name for a sheet: {name!r}")
    if name.lower() in {other.lower() for other in taken}:
        raise ValueError(f"Two sheets named {name!r}")


class Book:
    """A workbook under construction: add sheets in the order in which they shall stand, then `to_bytes()`.

    `created` is the day for which the workbook speaks (Japan's, for a zoned moment); it becomes the file's own
    date, and today's appears nowhere. `font` and `size` (points) are those of every sheet.
    """

    def __init__(
        self,
        *,
        title: str,
        created: date | datetime,
        creator: str = "",
        font: str = "Yu Gothic",
        size: float = 10.5,
    ) -> None:
        moment = created if isinstance(created, datetime) else datetime.combine(created, time())
        self._moment = _naive(moment)
        self._workbook = Workbook()
        self._workbook.properties = DocumentProperties(
            title=clean_text(title), creator=clean_text(creator) or None, language="ja", created=self._moment,
            modified=self._moment,
        )  # fmt: skip
        self._faces = _Faces(self._workbook, font, size)
        self._written: bytes | None = None

    def form_sheet(self, form: FormSheet) -> None:
        """Add a 様式 sheet. Raises ValueError when its cells do not fill its table, or for a bad name."""
        if form.name.startswith(DATA_PREFIX):
            raise ValueError(f"{DATA_PREFIX} names machine-readable sheets: {form.name}")
        _FormWriter(self._sheet(form.name), form, self._faces).write()

    def data_sheet(self, data: DataSheet) -> None:
        """Add a データ sheet.

        Raises ValueError for a bad name or row, TypeError for a value not of its column's kind.
        """
        if not data.name.startswith(DATA_PREFIX):
            raise ValueError(f"A machine-readable sheet is named {DATA_PREFIX}…: {data.name}")
        _write_data(self._sheet(data.name), data, self._faces)

    def to_bytes(self) -> bytes:
        """The workbook as an .xlsx file, to which no sheet can be added any more. Raises ValueError without sheets."""
        if not self._workbook.worksheets:
            raise ValueError("A workbook needs a sheet")
        if self._written is None:  # kept, because openpyxl writes a workbook differently the second time
            file = io.BytesIO()
            # Not Workbook.save(), which stamps the present time.
            ExcelWriter(self._workbook, _TimelessZip(file, self._moment)).save()
            self._written = file.getvalue()
        return self._written

    def _sheet(self, name: str) -> Worksheet:
        if self._written is not None:
            raise ValueError("The workbook has been written already")
        _check_sheet_name(name, self._workbook.sheetnames)
        return self._workbook.create_sheet(name)
