"""KPIの推移 → worksheet: each indicator's targets and actuals year by year, with a native chart. Pure, no queries."""

from collections.abc import Iterator
from decimal import Decimal

from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    ChartSeries,
    FormCell,
    FormChart,
    FormSheet,
    axis_format,
    number_format,
)
from iconm_portal.values.fiscal import era_date
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Board, Cell, Row, Scorecard
from kpi.plans.tables.columns import TARGET_CHANGED, actual_mark, printed_comparator, printed_name
from kpi.plans.tables.sheets import corrected_notes, moved_notes, reported

COURSE_SHEET = "KPIの推移"
_FIRST_YEAR = 2


def course_sheet(board: Board, plan: Scorecard) -> FormSheet:
    """Two rows an indicator, and below the table a chart of each that has an actual.

    A baseline stays out: it is never set against a later target.
    """
    years = plan.years
    return FormSheet(
        name=COURSE_SHEET,
        title=f"{board.center.name}　{COURSE_SHEET}",
        subtitle=f"{plan.label}　　{era_date(board.known_at)}現在",
        widths=[44, 10, *(16 for _year in years)],
        heading=[[FormCell(text, "heading") for text in ("指標", "区分", *(year.wareki for year in years))]],
        body=[line for row in plan.rows for line in _lines(plan, row)],
        notes=[
            "※ 空欄は未報告または目標のないもの、「－」は該当なし。（見込）は決算見込、（途中）は年度途中の値。",
            *(f"※ {note}" for note in (*moved_notes(plan), *corrected_notes(reported(plan, baseline=False)))),
        ],
        freeze_columns=_FIRST_YEAR,
        small_charts=[
            _chart(row.indicator, 2 * place)
            for place, row in enumerate(plan.rows)
            if any(cell.value is not None and not cell.is_baseline for cell in row.cells)
        ],
    )


def _lines(plan: Scorecard, row: Row) -> Iterator[list[FormCell]]:
    cells = [row.cell(year) for year in plan.years]
    name = FormCell(f"{printed_name(row.indicator)}（{row.indicator.unit}）", "label", rowspan=2)
    yield [name, FormCell("目標", "unit"), *(_target(row.indicator, cell) for cell in cells)]
    yield [FormCell("実績", "unit"), *(_actual(row.indicator, cell) for cell in cells)]


def _target(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    comparator = printed_comparator(indicator)
    behind = f"{indicator.unit}{comparator}" if comparator else ""
    mark = f"（{TARGET_CHANGED}）" if cell.moved else ""
    return _number(indicator, cell.target.value if cell.target else None, f"{behind}{mark}")


def _actual(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    """The value, marked 「見込」 or 「途中」 where it is not the year's final one; 「－」 where nothing applies."""
    if cell.actual is not None and cell.actual.not_applicable:
        return FormCell(NOT_APPLICABLE, align="right")
    return _number(indicator, cell.value, actual_mark(cell))


def _number(indicator: IndicatorFacts, value: Decimal | None, behind: str = "") -> FormCell:
    if value is None:
        return FormCell(None, "blank")
    shown = indicator.shown(value)
    exponent = shown.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return FormCell(shown, "number", number_format(decimals=decimals, suffix=behind))


def _chart(indicator: IndicatorFacts, row: int) -> FormChart:
    """The actuals as bars, the targets as a line with marks."""
    return FormChart(
        title=f"{indicator.name}（{indicator.unit}）",
        first_column=_FIRST_YEAR,
        bars=[ChartSeries("実績", row + 1)],
        lines=[ChartSeries("目標", row)],
        number_format=axis_format("#,##0.###" if indicator.decimals else "#,##0"),
    )
