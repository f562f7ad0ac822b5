"""Scorecard → worksheets: T1's and T3's own layouts, and the same figures in long form. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import assert_never

from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    DataSheet,
    FormCell,
    FormSheet,
    LongRow,
    long_form,
    number_format,
    text_width,
)
from iconm_portal.values.fiscal import FiscalYear, as_of_label, era_date
from iconm_portal.values.money import Rounding
from kpi.plans.achievement import Certainty, Comparator
from kpi.plans.facts import IndicatorFacts
from kpi.plans.labels import PRINTED_KIND
from kpi.plans.scorecard import Board, Cell, GoalRows, Row, Scorecard

COMPARATOR = {Comparator.AT_LEAST: "以上", Comparator.AT_MOST: "以下", Comparator.MAINTAIN: "維持"}
STATUS = {
    "target": "目標",
    "interim": "実績（途中経過）",
    "forecast": "実績（決算見込）",
    "final": "実績（確定）",
}
ROUNDING = {Rounding.HALF_UP: "四捨五入", Rounding.TRUNCATE: "切捨て"}

TARGETS_SHEET = "成果指標（KPI）"
ACHIEVEMENT_SHEET = "KPI達成状況"
TARGETS_DATA = "データ_成果指標"
ACHIEVEMENT_DATA = "データ_KPI達成状況"
DEFINITIONS_SHEET = "コード・定義"


# -- T1: the targets of a plan, beside its baseline --


def targets_sheet(board: Board, plan: Scorecard) -> FormSheet:
    """成果指標（KPI）: goal, significance, indicator, baseline, and a target for each year (T1)."""
    with_significance = any(row.indicator.significance for row in plan.rows)
    goal_heading = plan.goal_heading or "目標"
    first = [FormCell(goal_heading, "heading", rowspan=2)]
    if with_significance:
        first.append(FormCell("指標の意義", "heading", rowspan=2))
    first.append(FormCell("指標", "heading", rowspan=2))
    second = []
    if baseline := _baseline_heading(plan):
        first.append(FormCell(baseline, "heading"))
        second.append(FormCell("実績", "heading"))
    for year in plan.years:
        first.append(FormCell(year.wareki, "heading"))
        second.append(FormCell("目標", "heading"))
    body = []
    for goal, row, is_first in _goal_by_goal(plan):
        cells = [_goal_cell(goal)] if is_first else []
        if with_significance:
            cells.append(FormCell(row.indicator.significance))
        cells.append(FormCell(printed_name(row.indicator)))
        for cell in row.cells:
            if not cell.is_baseline:
                cells.append(_target_cell(row.indicator, cell))
            elif baseline:
                cells.append(_actual_cell(row.indicator, cell))
        body.append(cells)
    return FormSheet(
        name=TARGETS_SHEET,
        title=f"{board.center.name}　{TARGETS_SHEET}",
        subtitle=_subtitle(board, plan),
        widths=[18, *([24] if with_significance else []), 38, *_value_widths(body, len(second))],
        heading=[first, second],
        body=body,
        notes=_notes(plan, with_baseline=bool(baseline)),
        freeze_columns=2 + with_significance,
        even_rows=True,
    )


def _baseline_heading(plan: Scorecard) -> str:
    """The baseline column's heading, from its report's own day; empty where none is known."""
    report = plan.reports.get(plan.baseline_year) if plan.baseline_year else None
    return as_of_label(report.as_of) if report else ""


# -- T3: targets and actuals of a plan, year by year --


def achievement_sheet(board: Board, plan: Scorecard) -> FormSheet:
    """KPI達成状況: goal, indicator, and for each year target and actual (T3).

    A year without any report has a target column only, as T3 prints 令和3年度.
    """
    first = [
        FormCell(plan.goal_heading or "目標", "heading", rowspan=2),
        FormCell("指標", "heading", rowspan=2),
    ]
    second = []
    for year in plan.years:
        reported = year in plan.reports
        first.append(FormCell(year.wareki, "heading", colspan=2 if reported else 1))
        second.append(FormCell("目標", "heading"))
        if reported:
            second.append(FormCell("実績", "heading"))
    body = []
    for goal, row, is_first in _goal_by_goal(plan):
        cells = [_goal_cell(goal)] if is_first else []
        cells.append(FormCell(printed_name(row.indicator)))
        for year in plan.years:
            cell = row.cell(year)
            cells.append(_target_cell(row.indicator, cell))
            if year in plan.reports:
                cells.append(_actual_cell(row.indicator, cell))
        body.append(cells)
    return FormSheet(
        name=ACHIEVEMENT_SHEET,
        title=f"{board.center.name}　{ACHIEVEMENT_SHEET}",
        subtitle=_subtitle(board, plan),
        widths=[22, 38, *_value_widths(body, len(second))],
        heading=[first, second],
        body=body,
        notes=_notes(plan, with_baseline=False),
        freeze_columns=2,
        even_rows=True,
    )


# -- Cells --


def printed_name(indicator: IndicatorFacts) -> str:
    """The name as the table prints it: 特許出願件数(年間), メディア掲載件数(年間)【新規】."""
    return f"{indicator.name}{indicator.printed_kind}{'【新規】' if indicator.is_new else ''}"


def _goal_by_goal(plan: Scorecard) -> Iterator[tuple[GoalRows, Row, bool]]:
    for goal in plan.goals:
        for number, row in enumerate(goal.rows):
            yield goal, row, number == 0


def _goal_cell(goal: GoalRows) -> FormCell:
    return FormCell(goal.goal.label, "label", rowspan=len(goal.rows))


def _number_cell(indicator: IndicatorFacts, value: Decimal, suffix: str = "") -> FormCell:
    shown = indicator.shown(value)
    exponent = shown.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return FormCell(shown, "number", number_format(indicator.unit, decimals, suffix))


def _target_cell(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    if cell.target is None:
        return FormCell(None, "blank")
    suffix = COMPARATOR[indicator.comparator] if indicator.prints_comparator else ""
    return _number_cell(indicator, cell.target.value, suffix)


def _actual_cell(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    """The value, marked where it is not final; 「－」 where there can be none; blank if not reported.

    T1 prints 決算見込額 in full in its one column of actuals; a table of many years has room for a short mark only.
    """
    actual = cell.actual
    if actual is not None and actual.not_applicable:
        return FormCell(NOT_APPLICABLE, "text", align="center")
    if actual is None or actual.value is None:
        return FormCell(None, "blank")
    match actual.certainty:
        case Certainty.FORECAST:
            mark = "（決算見込額）" if cell.is_baseline else "（見込）"
        case Certainty.INTERIM:
            mark = "" if cell.is_baseline else "（途中）"
        case Certainty.FINAL:
            mark = ""
        case _:
            assert_never(actual.certainty)
    return _number_cell(indicator, actual.value, mark)


def _value_widths(body: list[list[FormCell]], columns: int) -> list[int]:
    """Wide enough for the longest figure with its unit, for a spreadsheet shows ### rather than break a number."""
    by_column = zip(*(cells[-columns:] for cells in body), strict=True)
    return [max(13, *(_printed_width(cell) + 5 for cell in cells)) for cells in by_column]


def _printed_width(cell: FormCell) -> int:
    if not isinstance(cell.value, Decimal):
        return 0
    affixes = cell.number_format.partition(";")[0].replace('"', "").lstrip("#,0.")
    return text_width(f"{cell.value:,f}{affixes}")


def _subtitle(board: Board, plan: Scorecard) -> str:
    return f"{plan.label}　　{era_date(board.known_at)}現在"


def _notes(plan: Scorecard, *, with_baseline: bool) -> list[str]:
    notes = []
    if with_baseline and plan.baseline_year in plan.reports:
        day = as_of_label(plan.reports[plan.baseline_year].as_of)
        notes.append(
            f"{day}の実績は基準値（その日までの途中経過。決算見込額は年度末の見込み）であり、各年度の目標とは比較しない。"
        )
    notes += [
        f"{row.indicator.name}：{row.indicator.continuity_reason}。"
        for row in plan.rows
        if row.indicator.breaks
    ]
    notes += [
        f"{row.indicator.name}は{row.indicator.unit}未満を切り捨てて表示している。"
        for row in plan.rows
        if row.indicator.scale > 1 and row.indicator.rounding is Rounding.TRUNCATE
    ]
    notes += [
        f"{row.indicator.name}（{year.wareki}目標）は改定されている：{target.reason}"
        for row in plan.rows
        for year in plan.years
        if (target := row.cell(year).target) and target.revision > 1
    ]
    shown = [
        cell
        for row in plan.rows
        for cell in row.cells
        if cell.year in plan.reports and cell.is_baseline == with_baseline
    ]
    if not with_baseline and any(
        cell.actual and cell.actual.certainty is not Certainty.FINAL for cell in shown
    ):
        notes.append("（見込）は決算見込、（途中）は年度途中の値。")
    if any(cell.value is None for cell in shown):
        notes.append("空欄は未報告、「－」は該当なし。")
    return [f"※ {note}" for note in notes]


# -- Long form --


def targets_data(board: Board, plan: Scorecard) -> DataSheet:
    """T1 in long form: the baseline's actuals and every target."""
    return long_form(TARGETS_DATA, _long_rows(board, plan, baseline=True, later_actuals=False))


def achievement_data(board: Board, plan: Scorecard) -> DataSheet:
    """T3 in long form: targets and actuals of the plan's own years."""
    return long_form(ACHIEVEMENT_DATA, _long_rows(board, plan, baseline=False, later_actuals=True))


def _long_rows(board: Board, plan: Scorecard, *, baseline: bool, later_actuals: bool) -> Iterator[LongRow]:
    """One row per datum, in display units. An unreported value is no row; 「－」 is a row without a value."""
    for row in plan.rows:
        for cell in row.cells:
            if cell.is_baseline and not baseline:
                continue
            if cell.target is not None:
                yield _long_row(
                    board, row.indicator, cell.year, cell.target.value, "target", None, cell.target.reason
                )
            actual = cell.actual
            if actual is None or not (cell.is_baseline or later_actuals):
                continue
            note = "；".join(filter(None, ["基準値" if cell.is_baseline else "", actual.note]))
            if actual.not_applicable:
                note = "；".join(filter(None, ["該当なし（－）", note]))
            elif actual.value is None:
                continue
            yield _long_row(
                board, row.indicator, cell.year, actual.value, str(actual.certainty), actual.as_of, note
            )


def _long_row(
    board: Board,
    indicator: IndicatorFacts,
    year: FiscalYear,
    value: Decimal | None,
    status: str,
    as_of: date | None,
    note: str,
) -> LongRow:
    return LongRow(
        fiscal_year=year.start,
        fiscal_year_wareki=year.wareki,
        facility_code=board.center.code,
        plan_code=indicator.plan_code,
        item_code=indicator.code,
        item_name=f"{indicator.name}{indicator.printed_kind}",
        value=None if value is None else indicator.shown(value),
        unit=indicator.unit,
        status=status,
        as_of=as_of,
        note=note,
    )


# -- Codes and definitions --


Definition = tuple[str, str, str, str]
"""A row of コード・定義: column, code, name, definition."""


def definition_rows(board: Board, plans: Iterable[Scorecard]) -> Iterator[Definition]:
    """What the codes of the KPIs' データ sheets stand for."""
    yield "facility_code", board.center.code, board.center.name, ""
    for plan in plans:
        yield "plan_code", plan.code, plan.label, f"{plan.first_year.wareki}〜{plan.last_year.wareki}"
        for row in plan.rows:
            indicator = row.indicator
            facts = [
                PRINTED_KIND[indicator.kind],
                f"目標は{COMPARATOR[indicator.comparator]}",
                f"単位 {indicator.unit}",
                *([f"{indicator.unit}未満{ROUNDING[indicator.rounding]}"] if indicator.scale > 1 else []),
                *([indicator.continuity_reason] if indicator.continuity_reason else []),
            ]
            yield "item_code", f"{plan.code} / {indicator.code}", printed_name(indicator), "、".join(facts)
    for code, word in STATUS.items():
        yield "status", code, word, ""
    yield "as_of", "", "時点", "実績の値がいつ現在のものか。目標は空欄。"


def definitions_sheet(board: Board, plans: Iterable[Scorecard], more: Iterable[Definition] = ()) -> FormSheet:
    """コード・定義: what the codes of the データ sheets stand for; `more` are the rows of the other sheets."""
    rows = dict.fromkeys([*definition_rows(board, plans), *more])
    return FormSheet(
        name=DEFINITIONS_SHEET,
        title=DEFINITIONS_SHEET,
        subtitle=f"{board.center.name}　　{era_date(board.known_at)}現在",
        widths=[16, 32, 44, 70],
        heading=[[FormCell(text, "heading") for text in ("項目", "コード", "名称", "定義")]],
        body=[[FormCell(text) for text in row] for row in rows],
    )
