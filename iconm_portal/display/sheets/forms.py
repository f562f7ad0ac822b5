"""Writing a 様式 sheet: a title, one bordered table, notes; A4, as wide as the page."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from iconm_portal.display.sheets.charts import add_chart, add_small_charts
from iconm_portal.display.sheets.checks import Checks
from iconm_portal.display.sheets.model import FormCell, FormSheet
from iconm_portal.display.sheets.preview import shown_text
from iconm_portal.display.sheets.styles import (
    TITLE_SIZE,
    Face,
    Faces,
    Heights,
    fit_to_paper,
    protect,
    text_width,
    write_cell,
)

_BESIDE_A_FIGURE = 3  # the indent, and what a spreadsheet keeps free at both sides


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


def fitting(form: FormSheet) -> FormSheet:
    """The form with every column as wide as its longest figure needs: a spreadsheet breaks no number, and prints ###."""
    needed = list(form.widths)
    for place in _place(form.body, len(needed)):
        if place.cell.colspan == 1 and isinstance(place.cell.value, Decimal | int | float):
            room = text_width(shown_text(place.cell)) + _BESIDE_A_FIGURE
            needed[place.column] = max(needed[place.column], room)
    return replace(form, widths=needed)


class _OrderedMerges(MultiCellRange):
    """openpyxl keeps merged ranges in a set, whose order changes from run to run."""

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.sorted())


class FormWriter:
    """Writes one 様式 sheet from top to bottom."""

    def __init__(self, sheet: Worksheet, form: FormSheet, faces: Faces) -> None:
        if not form.heading or not form.widths:
            raise ValueError("A form needs columns and a heading")
        self.sheet, self.form, self.faces = sheet, fitting(form), faces
        self.columns = len(form.widths)
        self.heights = Heights(sheet, faces.size)
        self.checks = Checks()
        self.row = 1
        sheet.merged_cells = _OrderedMerges()

    def write(self) -> None:
        form = self.form
        for number, width in enumerate(form.widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self._line(form.title, "title", padding=12)
        self._line(form.subtitle, "subtitle", padding=8)
        self._line(form.remark, "note", padding=8)
        self._line(form.unit_line, "unit_line", padding=4)
        if not (form.subtitle or form.remark or form.unit_line):
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
        if form.chart:
            self.row = add_chart(self.sheet, form.chart, body=body, row=self.row, columns=self.columns)
        if form.small_charts:
            self.row = add_small_charts(
                self.sheet, form.small_charts, body=body, row=self.row, widths=form.widths
            )
        self.checks.write(self.sheet)
        if form.protected:
            protect(self.sheet)
        self._screen(body)
        # Where charts follow on pages of their own, the table's heading would stand above them.
        self._page(first, body - 1, repeats=not (form.chart or form.small_charts))

    def _line(self, text: str, role: str, *, padding: float) -> None:
        """A text across the whole table, such as the title or a note; an empty one takes no row."""
        if not text:
            return
        write_cell(self.sheet, self.faces, self.row, 1, text, Face(role))
        self._merge(self.row, 1, 1, self.columns)
        size = TITLE_SIZE if role == "title" else 1
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
        face = Face(cell.kind, cell.align or "", cell.number_format, cell.bold)
        for row in range(top, top + cell.rowspan):
            for column in range(left, left + cell.colspan):
                value = cell.value if (row, column) == (top, left) else None
                frame = "T" * (row == first) + "B" * (row == last)
                write_cell(self.sheet, self.faces, row, column, value, face._replace(frame=frame))
        self._merge(top, left, cell.rowspan, cell.colspan)
        if cell.check:
            self.checks.add(cell.check, top, left)

    def _merge(self, row: int, column: int, rows: int, columns: int) -> None:
        # Worksheet.merge_cells() would throw the styles of the covered cells away.
        if rows * columns > 1:
            self.sheet.merged_cells.ranges.add(
                CellRange(min_row=row, min_col=column, max_row=row + rows - 1, max_col=column + columns - 1)
            )

    def _screen(self, body: int) -> None:
        self.sheet.sheet_view.showGridLines = False
        self.sheet.freeze_panes = self.sheet.cell(body, self.form.freeze_columns + 1).coordinate

    def _page(self, first_heading: int, last_heading: int, *, repeats: bool) -> None:
        fit_to_paper(self.sheet, landscape=self.form.landscape)
        self.sheet.print_options.horizontalCentered = True
        if repeats:
            self.sheet.print_title_rows = f"{first_heading}:{last_heading}"
        self.sheet.print_area = f"A1:{get_column_letter(self.columns)}{self.row - 1}"
