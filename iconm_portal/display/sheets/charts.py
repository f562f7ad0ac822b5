"""A native chart below the table of a 様式 sheet: drawn by the spreadsheet itself, from the table's own cells."""

import math
from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.title import Title, title_maker
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from iconm_portal.display.charts import INKS, RULE, TEXT, WARNING
from iconm_portal.display.sheets.model import ChartSeries, FormChart

ROWS = 24  # of the spreadsheet's default height, about 13 cm
SMALL_ROWS = 13
TITLE_POINTS = 12
_GAP = 63_500  # EMU (5 points), so that a chart's frame does not lie on the page's edge
PAIRS_ON_A_PAGE = 2
_PATTERNS: dict[str, Any] = {
    "/": "wdUpDiag",
    "x": "diagCross",
    "\\": "wdDnDiag",
    ".": "pct60",
    "-": "narHorz",
}
_LINES: tuple[tuple[str, Any, Any], ...] = ((TEXT, "solid", "circle"), (WARNING, "dash", "triangle"))


def add_chart(sheet: Worksheet, chart: FormChart, *, body: int, row: int, columns: int) -> int:
    """Draw the chart from below the row, over the table's width; returns the first row after it.

    `body` is the row of the table's first line. The chart begins a printed page, so that none cuts through it.
    """
    _draw(sheet, chart, body, columns, (0, row, columns, row + ROWS))
    sheet.row_breaks.append(Break(id=row))
    return row + ROWS + 1


def add_small_charts(
    sheet: Worksheet, charts: Sequence[FormChart], *, body: int, row: int, widths: Sequence[float]
) -> int:
    """Two beside each other, two pairs on a printed page; returns the first row after them."""
    columns, middle = len(widths), _middle(widths)
    sheet.row_breaks.append(Break(id=row))
    for number, chart in enumerate(charts):
        pair, is_right = divmod(number, 2)
        top = row + pair * SMALL_ROWS
        if pair and pair % PAIRS_ON_A_PAGE == 0 and not is_right:
            sheet.row_breaks.append(Break(id=top))
        left, right = (middle, columns) if is_right else (0, middle)
        _draw(sheet, chart, body, columns, (left, top, right, top + SMALL_ROWS - 1))
    return row + math.ceil(len(charts) / 2) * SMALL_ROWS + 1


def _middle(widths: Sequence[float]) -> int:
    """After how many columns half of the width is reached most nearly."""
    half = sum(widths) / 2
    return min(range(1, len(widths)), key=lambda count: abs(sum(widths[:count]) - half))


def _draw(
    sheet: Worksheet, chart: FormChart, body: int, columns: int, place: tuple[int, int, int, int]
) -> None:
    bars, lines = BarChart(), LineChart()
    bars.type, bars.grouping, bars.overlap, bars.gapWidth = "col", "stacked", 100, 60
    for number, series in enumerate(chart.bars):
        made = _series(sheet, chart, series, body, columns)
        made.graphicalProperties = _fill(number)
        bars.series.append(made)
    for number, series in enumerate(chart.lines):
        made = _series(sheet, chart, series, body, columns)
        colour, dash, marker = _LINES[number % len(_LINES)]
        made.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=colour[1:], prstDash=dash, w=25400)
        )
        made.marker = Marker(symbol=marker, size=8, spPr=GraphicalProperties(solidFill=colour[1:]))
        made.smooth = False
        lines.series.append(made)
    bars.title, bars.legend.position = _title(chart.title), "b"
    _axes(sheet, bars, chart, body, columns)
    _axes(sheet, lines, chart, body, columns)
    whole: Any = bars
    if chart.lines:
        whole += lines  # on the same axes
    left, top, right, bottom = place
    whole.anchor = TwoCellAnchor(
        _from=AnchorMarker(col=left, row=top, rowOff=_GAP), to=AnchorMarker(col=right, row=bottom)
    )
    sheet.add_chart(whole)


def _title(text: str) -> Title:
    """Of the size of the table's own heading; the spreadsheet's usual size breaks a name of twelve characters."""
    title = title_maker(text)
    for paragraph in title.tx.rich.p:  # type: ignore[union-attr]  # title_maker has filled both
        paragraph.pPr = ParagraphProperties(defRPr=CharacterProperties(sz=TITLE_POINTS * 100, b=True))
    return title


def _series(sheet: Worksheet, chart: FormChart, series: ChartSeries, body: int, columns: int) -> Any:
    row = body + series.row
    made: Any = SeriesFactory(
        Reference(sheet, min_col=chart.first_column + 1, max_col=columns, min_row=row, max_row=row)
    )
    made.tx = SeriesLabel(v=series.name)
    headings = Reference(
        sheet, min_col=chart.first_column + 1, max_col=columns, min_row=body - 1, max_row=body - 1
    )
    made.cat = AxDataSource(strRef=StrRef(f=str(headings)))
    return made


def _fill(number: int) -> GraphicalProperties:
    """The house's colours, each with the pattern that tells it apart on black-and-white paper."""
    ink = INKS[number % len(INKS)]
    colour = ink.colour[1:]
    if not ink.pattern:
        return GraphicalProperties(solidFill=colour)
    pattern = PatternFillProperties(prst=_PATTERNS[ink.pattern])
    pattern.fgClr, pattern.bgClr = _rgb(colour), _rgb("FFFFFF")
    return GraphicalProperties(pattFill=pattern, ln=LineProperties(solidFill=colour))


def _rgb(colour: str) -> ColorChoice:
    made: Any = ColorChoice()
    made.srgbClr = colour
    return made


def _axes(sheet: Worksheet, drawn: Any, chart: FormChart, body: int, columns: int) -> None:
    """Visible axes from zero; below it only where a line falls below, for bars are read from their foot."""
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.x_axis.tickLblPos = "low"
    drawn.y_axis.number_format = chart.number_format
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=RULE[1:]))
    rows = [body + series.row for series in (*chart.bars, *chart.lines)]
    cells: list[Any] = [cell for row in rows for cell in sheet[row][chart.first_column : columns]]
    if all(float(cell.value) >= 0 for cell in cells if cell.data_type == "n" and cell.value is not None):
        drawn.y_axis.scaling.min = 0
