"""How a kind of cell looks, decided once, and how high its row must be."""

import math
from datetime import datetime
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from iconm_portal.display.sheets.values import CellValue, encode

HIGHEST_ROW = 409.0  # Excel's limit, in points


class Face(NamedTuple):
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
_FILLS = {"heading": "E9EDF4", "key": "E9EDF4", "input": "FFF8DB"}
_BOLD = frozenset({"title", "heading", "key"})
TITLE_SIZE = 1.35  # × the body's size

_INNER = Side(style="thin", color="808080")
_OUTER = Side(style="medium", color="404040")


class Faces:
    """A workbook's styles by face."""

    def __init__(self, workbook: Any, font: str, size: float) -> None:  # its types leave the style tables out
        self.font, self.size = font, size
        self._scratch = workbook.active
        workbook.remove(self._scratch)
        self._known: dict[Face, StyleArray] = {}
        # Column widths are measured in digits of the Normal style, so that it must be the body's own font.
        normal = self._font(size, bold=False)
        workbook._fonts = IndexedList([normal])
        workbook._named_styles["Normal"].font = normal

    def __getitem__(self, face: Face) -> StyleArray:
        style = self._known.get(face)
        if style is None:
            style = self._known[face] = self._make(face)
        return style

    def _font(self, size: float, *, bold: bool) -> Font:
        return Font(name=self.font, size=size, bold=bold, charset=128)

    def _make(self, face: Face) -> StyleArray:
        cell: Any = self._scratch.cell(1, 1)
        cell._style = StyleArray()
        size = round(self.size * TITLE_SIZE, 1) if face.role == "title" else self.size
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
        if face.role == "input":
            cell.protection = Protection(locked=False)
        cell.number_format = face.number_format
        cell.quotePrefix = face.quoted
        return cell._style


def write_cell(sheet: Worksheet, faces: Faces, row: int, column: int, value: CellValue, face: Face) -> None:
    """The only way into a cell: a text is always a text, never a formula, an error or a number."""
    encoded = encode(value)
    if encoded.quoted:
        face = face._replace(quoted=True)
    if encoded.type == "d" and face.number_format == "General":
        pattern = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        face = face._replace(number_format=pattern)
    cell: Any = sheet.cell(row, column)
    cell._style = faces[face]
    cell._value = encoded.stored
    cell.data_type = encoded.type


# The heights of rows: a spreadsheet does not fit them to wrapped text in merged cells.


def text_width(text: str) -> int:
    """The width in half-width characters: full-width and ambiguous ones (①, ※) count two."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(sign) in "FWA" else 1 for sign in text)


def line_count(text: str, width: float) -> int:
    """How many lines the text takes in a column of that width, allowing for padding and unbroken words."""
    room = max(width - 3, 2.0)  # an indent on the left takes about two characters
    lengths = [text_width(line) for line in text.split("\n")]
    return sum(1 if length <= room else math.ceil(length / max(room - 1, 2.0)) for length in lengths)


class Heights:
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


def protect(sheet: Worksheet) -> None:
    """Lock all but the inputs, without a password. Widths and heights stay the reader's own affair."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # False is allowed


def fit_to_paper(sheet: Worksheet, *, landscape: bool) -> None:
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
