"""KPIの推移 → worksheet: each indicator's targets and actuals year by year, with a native chart. Pure, no queries."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from iconm_portal.display.sheets import (
    ChartSeries,
    Column,
    FormCell,
    FormChart,
    FormSheet,
    form_sheet,
    number_format,
)
from iconm_portal.values.fiscal import FiscalYear, era_date
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Board, Cell, Row, Scorecard
from kpi.plans.tables.columns import printed_name

COURSE_SHEET = "KPIの推移"
_FIRST_YEAR = 2


class TrendLine(NamedTuple):
    """An indicator's targets, or its actuals."""

    row: Row
    word: str
    value: Callable[[Cell], Decimal | None]


NAME: Column[TrendLine] = Column(
    heading="指標",
    width=44,
    printed=lambda line: FormCell(
        f"{printed_name(line.row.indicator)}（{line.row.indicator.unit}）", "label"
    ),
    shared=lambda line: line.row.indicator.id,
)
WORD: Column[TrendLine] = Column(heading="区分", width=10, printed=lambda line: FormCell(line.word, "unit"))


def _year(year: FiscalYear) -> Column[TrendLine]:
    return Column(
        heading=year.wareki,
        width=16,
        printed=lambda line: _number(line.row.indicator, line.value(line.row.cell(year))),
    )


def course_sheet(board: Board, plan: Scorecard) -> FormSheet:
    """Two rows an indicator, and below the table a chart of each that has an actual.

    A baseline stays out: it is never set against a later target.
    """
    return form_sheet(
        COURSE_SHEET,
        [NAME, WORD, *map(_year, plan.years)],
        [
            line
            for row in plan.rows
            for line in (TrendLine(row, "目標", _target), TrendLine(row, "実績", lambda cell: cell.value))
        ],
        title=f"{board.center.name}　{COURSE_SHEET}",
        subtitle=f"{plan.label}　　{era_date(board.known_at)}現在",
        notes=["※ 空欄は未報告または目標のないもの。年度途中の値も含む（時点は「KPI達成状況」を参照）。"],
        freeze_columns=_FIRST_YEAR,
        small_charts=[
            _chart(row.indicator, 2 * place)
            for place, row in enumerate(plan.rows)
            if any(cell.value is not None and not cell.is_baseline for cell in row.cells)
        ],
    )


def _target(cell: Cell) -> Decimal | None:
    return cell.target.value if cell.target else None


def _number(indicator: IndicatorFacts, value: Decimal | None) -> FormCell:
    if value is None:
        return FormCell(None, "blank")
    shown = indicator.shown(value)
    exponent = shown.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return FormCell(shown, "number", number_format(decimals=decimals))


def _chart(indicator: IndicatorFacts, row: int) -> FormChart:
    """The actuals as bars, the targets as a line with marks."""
    return FormChart(
        title=f"{indicator.name}（{indicator.unit}）",
        first_column=_FIRST_YEAR,
        bars=[ChartSeries("実績", row + 1)],
        lines=[ChartSeries("目標", row)],
        number_format="#,##0.###;▲#,##0.###" if indicator.decimals else "#,##0;▲#,##0",
    )
