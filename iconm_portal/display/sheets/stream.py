"""A workbook of データ sheets that is written row by row: its size does not matter to the memory.

The rows of several sheets may come in any order, so that a long list of centers is read once for all of them. Such a
workbook has no 様式 sheets: openpyxl's is either all write-only or not at all.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from iconm_portal.display.sheets.book import TimelessZip, check_sheet_name
from iconm_portal.display.sheets.data import check_row
from iconm_portal.display.sheets.model import Column
from iconm_portal.display.sheets.values import CellValue, clean_text, encode, naive

LONGEST_SHEET = 1_048_576  # Excel's limit, header included
_WIDTH = 16


class SheetFull(Exception):
    """A sheet has as many rows as a spreadsheet can hold."""


class StreamBook:
    """Add sheets with their columns, then rows to any of them, then `write_to` a file."""

    def __init__(self, *, title: str, created: date | datetime, font: str = "Yu Gothic", size: float = 10.5):
        moment = created if isinstance(created, datetime) else datetime.combine(created, time())
        self._moment = naive(moment)
        self._workbook = Workbook(write_only=True)
        self._workbook.properties = DocumentProperties(
            title=clean_text(title), language="ja", created=self._moment, modified=self._moment
        )
        self._font, self._bold = Font(name=font, size=size), Font(name=font, size=size, bold=True)
        self._styles: dict[tuple[bool, bool, bool], Any] = {}
        self._sheets: dict[str, tuple[Any, Sequence[Column], int]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._sheets

    def sheet(self, name: str, columns: Sequence[Column]) -> None:
        """Begin a sheet with its header. ValueError for a bad name."""
        check_sheet_name(name, self._sheets)
        sheet: Any = self._workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number in range(1, len(columns) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
        sheet.append([self._cell(sheet, column.key, self._bold) for column in columns])
        self._sheets[name] = (sheet, columns, 1)

    def rows(self, name: str, rows: Iterable[Sequence[CellValue]]) -> None:
        """Add rows to a sheet. SheetFull where it can hold no more; ValueError and TypeError as for any データ sheet."""
        sheet, columns, count = self._sheets[name]
        for row in rows:
            count += 1
            if count > LONGEST_SHEET:
                raise SheetFull(name)
            check_row(columns, row, count)
            sheet.append([None if value is None else self._cell(sheet, value, self._font) for value in row])
        self._sheets[name] = (sheet, columns, count)

    def write_to(self, file: IO[bytes]) -> None:
        """Write the .xlsx; the same rows give the same bytes."""
        ExcelWriter(self._workbook, TimelessZip(file, self._moment)).save()

    def abandon(self) -> None:
        """Throw away what was written so far, with its temporary files."""
        for sheet, _columns, _count in self._sheets.values():
            sheet.close()
            sheet._writer.cleanup()

    def _cell(self, sheet: Any, value: CellValue, font: Font) -> Any:
        """A text is a text, whatever it begins with."""
        encoded = encode(value)
        cell: Any = WriteOnlyCell(sheet)
        cell._style = self._style(sheet, font, quoted=encoded.quoted, is_date=encoded.type == "d")
        cell._value, cell.data_type = encoded.stored, encoded.type
        return cell

    def _style(self, sheet: Any, font: Font, *, quoted: bool, is_date: bool) -> Any:
        """Made once a workbook: looking a style up for each of a million cells costs more than writing them."""
        key = (font is self._bold, quoted, is_date)
        if key not in self._styles:
            cell: Any = WriteOnlyCell(sheet)
            cell.font = font
            if quoted:
                cell.quotePrefix = True
            if is_date:
                cell.number_format = "yyyy-mm-dd"
            self._styles[key] = cell._style
        return self._styles[key]
