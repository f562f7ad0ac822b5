"""Writing a データ sheet, or the same table as CSV."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from iconm_portal.display.sheets.model import Column, ColumnKind, DataSheet
from iconm_portal.display.sheets.styles import Face, Faces, fit_to_paper, protect, text_width, write_cell
from iconm_portal.display.sheets.values import CellValue, clean_text, exact_number, naive

# What a spreadsheet may run when it opens a CSV (OWASP, "CSV injection"), also behind blanks. A mark that such a text begins
# with itself is told from ours by one more.
_RUNS = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")

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


def check_row(columns: Sequence[Column], row: Sequence[CellValue], number: int) -> None:
    if len(row) != len(columns):
        raise ValueError(f"Row {number} has {len(row)} values for {len(columns)} columns")
    for column, value in zip(columns, row, strict=True):
        # By exact type: a bool is an int to Python and a datetime is a date, but not in a table. A code is its text.
        held = str if isinstance(value, Enum) else type(value)
        if value is not None and held not in _HOLDS[column.kind]:
            raise TypeError(f"Row {number}, {column.key}: {type(value).__name__} is not a {column.kind}")


def _data_width(column: Column, values: Iterable[CellValue]) -> int:
    widest = max((text_width(str(value)) for value in values if value is not None), default=0)
    widest = max(widest, _DATA_WIDTHS.get(column.kind, _NARROWEST), text_width(column.key) + 1)
    return min(widest + 2, _WIDEST)


def write_data(sheet: Worksheet, data: DataSheet, faces: Faces) -> None:
    _check_columns(data.columns)
    rows = list(data.rows)
    key, datum = Face("key"), Face("data")
    for number, column in enumerate(data.columns, 1):
        write_cell(sheet, faces, 1, number, column.key, key)
        width = _data_width(column, (row[number - 1] for row in rows[:_MEASURED_ROWS] if len(row) >= number))
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row_number, row in enumerate(rows, 2):
        check_row(data.columns, row, row_number)
        for number, value in enumerate(row, 1):
            if value is not None:
                write_cell(sheet, faces, row_number, number, value, datum)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    if data.protected:
        protect(sheet)
    fit_to_paper(sheet, landscape=True)


def csv_bytes(columns: Sequence[Column], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """The table as CSV: UTF-8 with BOM, dates as 2022-01-27, a text that Excel might run behind a '."""
    return b"".join(csv_lines(columns, rows))


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[CellValue]]) -> Iterator[bytes]:
    """The same, line by line, for tables that are too long to be held at once."""
    _check_columns(columns)
    yield codecs.BOM_UTF8 + _csv_line(csv_text(column.key) for column in columns)
    for number, row in enumerate(rows, 2):
        check_row(columns, row, number)
        yield _csv_line(csv_text(value) for value in row)


def _csv_line(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def csv_text(value: CellValue) -> str:
    """The value as a cell of CSV: a date as 2022-01-27, a text that a spreadsheet might run behind a '."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = clean_text(value)
        return f"'{text}" if len(text) > 1 and _RUNS.match(text) else text
    if isinstance(value, datetime):
        return naive(value).isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else exact_number(value)


def csv_unquoted(text: str) -> str:
    """A text as it was before our own CSV put a ' in front of it."""
    return text[1:] if text.startswith("'") and _RUNS.match(text, 1) else text
