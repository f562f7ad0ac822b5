"""Scorecard → worksheets: T1's and T3's own layouts, and the same figures in long form. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from iconm_portal.display.sheets import (
    Column,
    DataSheet,
    FormSheet,
    LongRow,
    fitted,
    form_sheet,
    long_form,
)
from iconm_portal.values.fiscal import FiscalYear, as_of_label, era_date, span_of_years
from iconm_portal.values.money import Rounding
from kpi.plans.achievement import Certainty
from kpi.plans.facts import IndicatorFacts
from kpi.plans.labels import PRINTED_BAND, PRINTED_KIND
from kpi.plans.scorecard import Board, Cell, Scorecard
from kpi.plans.tables import columns
from kpi.plans.tables.columns import COMPARATOR, TARGET_CHANGED, printed_name, printed_target

STATUS = {
    "target": "目標",
    "target_changed": "目標（実績の受理後に変更されたもの）",
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
    texts, rows = columns.text_columns(plan), columns.lines(plan)
    figures = [*columns.baseline_columns(plan), *map(columns.target_column, plan.years)]
    return form_sheet(
        TARGETS_SHEET,
        [*texts, *fitted(figures, rows, least=13)],
        rows,
        title=f"{board.center.name}　{TARGETS_SHEET}",
        subtitle=_subtitle(board, plan),
        notes=_notes(plan, reported(plan, baseline=True)),
        freeze_columns=len(texts),
        even_rows=True,
    )


# -- T3: targets and actuals of a plan, year by year --


def achievement_sheet(board: Board, plan: Scorecard) -> FormSheet:
    """KPI達成状況: goal, indicator, and for each year target and actual (T3).

    A year without any report has a target column only, as T3 prints 令和3年度.
    """
    texts, rows = [columns.goal_column(plan, 22), columns.NAME], columns.lines(plan)
    figures = [
        make(year)
        for year in plan.years
        for make in (columns.target_column, *([columns.actual_column] if year in plan.reports else []))
    ]
    return form_sheet(
        ACHIEVEMENT_SHEET,
        [*texts, *fitted(figures, rows, least=13)],
        rows,
        title=f"{board.center.name}　{ACHIEVEMENT_SHEET}",
        subtitle=_subtitle(board, plan),
        notes=_notes(plan, reported(plan, baseline=False)),
        freeze_columns=len(texts),
        even_rows=True,
    )


def _subtitle(board: Board, plan: Scorecard) -> str:
    return f"{plan.label}　　{era_date(board.known_at)}現在"


def reported(plan: Scorecard, *, baseline: bool) -> list[tuple[IndicatorFacts, Cell]]:
    """The cells whose actuals a sheet prints: T1 the baseline's, T3 those of the plan's own years with a report."""
    return [
        (row.indicator, cell)
        for row in plan.rows
        for cell in row.cells
        if cell.year in plan.reports and cell.is_baseline == baseline
    ]


def _notes(plan: Scorecard, shown: Sequence[tuple[IndicatorFacts, Cell]]) -> list[str]:
    """What the sheet's reader must know of its targets and of the actuals that it prints (`shown`), and of no others."""
    notes = _baseline_notes(plan, shown)
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
        if not row.cell(year).moved and (target := row.cell(year).target) and target.revision > 1
    ]
    notes += moved_notes(plan)
    notes += corrected_notes(shown)
    if any(columns.actual_mark(cell) for _indicator, cell in shown if not cell.is_baseline):
        notes.append("（見込）は決算見込、（途中）は年度途中の値。")
    if any(cell.value is None for _indicator, cell in shown):
        notes.append("空欄は未報告、「－」は該当なし。")
    return [f"※ {note}" for note in notes]


def _baseline_notes(plan: Scorecard, shown: Sequence[tuple[IndicatorFacts, Cell]]) -> list[str]:
    """That a baseline is no year's actual; of what is not final, what it speaks of."""
    cells = [cell for _indicator, cell in shown if cell.is_baseline]
    if not cells:
        return []
    day = as_of_label(plan.reports[cells[0].year].as_of)
    held = {cell.actual.certainty for cell in cells if cell.actual and cell.value is not None}
    said = {
        Certainty.INTERIM: "その日までの途中経過",
        Certainty.FORECAST: "決算見込額は年度末の見込み",
        Certainty.FINAL: "",
    }
    found = [text for certainty, text in said.items() if text and certainty in held]
    so_far = f"（{'。'.join(found)}）" if found else ""
    return [f"{day}の実績は基準値{so_far}であり、各年度の目標とは比較しない。"]


def moved_notes(plan: Scorecard) -> list[str]:
    """Which targets were changed after their year was judged, and what the later ones would say."""
    return [
        f"{row.indicator.name}（{year.wareki}目標）：{_moved(row.indicator, cell)}"
        for row in plan.rows
        for year in plan.years
        if (cell := row.cell(year)).moved
    ]


def corrected_notes(shown: Iterable[tuple[IndicatorFacts, Cell]]) -> list[str]:
    """Of which values the settlement or the register says something else by now, and what."""
    return [
        f"{indicator.name}（{cell.year.wareki}）は、{cell.correction.said}（報告値と異なる）。"
        for indicator, cell in shown
        if cell.correction
    ]


def _moved(indicator: IndicatorFacts, cell: Cell) -> str:
    """目標変更あり。実績の受理後、令和6年6月1日から89%。達成状況は受理時の目標90%によるもので、変更後の目標では達成。理由：…"""
    moved = cell.moved
    if moved is None:
        return ""
    now = printed_target(indicator, moved.target.value)
    then = (
        f"受理時の目標{printed_target(indicator, cell.target.value)}による"
        if cell.target
        else "受理時は目標がない"
    )
    band = PRINTED_BAND[moved.achievement.band] if moved.has_verdict else ""
    forecast = "見込" if moved.achievement.is_forecast else ""
    said = f"{TARGET_CHANGED}。実績の受理後、{era_date(moved.target.since)}から{now}。達成状況は{then}"
    said += f"（変更後の目標では{band}{forecast}）" if band else ""
    return said + (f"。理由：{moved.target.reason}" if moved.target.reason else "")


# -- Long form --


def targets_data(board: Board, plan: Scorecard) -> DataSheet:
    """T1 in long form: the baseline's actuals and every target."""
    rows = _long_rows(board, plan, baseline=True, later_actuals=False)
    return long_form(TARGETS_DATA, rows, _beside_figures(plan))


def _beside_figures(plan: Scorecard) -> list[Column[LongRow]]:
    """The texts about an indicator that have a key, for each of its figures."""
    line_of = {line.indicator.code: line for line in columns.lines(plan)}
    return [column.beside(lambda datum: line_of[datum.item_code]) for column in columns.data_columns(plan)]


def achievement_data(board: Board, plan: Scorecard) -> DataSheet:
    """T3 in long form: targets and actuals of the plan's own years."""
    rows = _long_rows(board, plan, baseline=False, later_actuals=True)
    return long_form(ACHIEVEMENT_DATA, rows, _beside_figures(plan))


def _long_rows(board: Board, plan: Scorecard, *, baseline: bool, later_actuals: bool) -> Iterator[LongRow]:
    """One row per datum, in display units. An unreported value is no row; 「－」 is a row without a value."""
    for row in plan.rows:
        for cell in row.cells:
            if cell.is_baseline and not baseline:
                continue
            if cell.target is not None:
                note = "；".join(filter(None, [TARGET_CHANGED if cell.moved else "", cell.target.reason]))
                yield _long_row(board, row.indicator, cell.year, cell.target.value, "target", None, note)
            if cell.moved is not None:
                note, value = _moved(row.indicator, cell), cell.moved.target.value
                yield _long_row(board, row.indicator, cell.year, value, "target_changed", None, note)
            actual = cell.actual
            if actual is None or not (cell.is_baseline or later_actuals):
                continue
            corrected = cell.correction.said if cell.correction else ""
            note = "；".join(filter(None, ["基準値" if cell.is_baseline else "", actual.note, corrected]))
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

DEFINITION_COLUMNS: tuple[Column[Definition], ...] = (
    Column("item", value=itemgetter(0), heading="項目", width=16),
    Column("code", value=itemgetter(1), heading="コード", width=32),
    Column("name", value=itemgetter(2), heading="名称", width=44),
    Column("definition", value=itemgetter(3), heading="定義", width=70),
)


def definition_rows(board: Board, plans: Iterable[Scorecard]) -> Iterator[Definition]:
    """What the codes of the KPIs' データ sheets stand for."""
    yield "facility_code", board.center.code, board.center.name, ""
    for plan in plans:
        yield "plan_code", plan.code, plan.label, span_of_years(plan.first_year.wareki, plan.last_year.wareki)
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
        for column in columns.data_columns(plan):
            yield column.key, "", column.heading, TARGETS_DATA
    for code, word in STATUS.items():
        yield "status", code, word, ""
    yield "as_of", "", "時点", "実績の値がいつ現在のものか。目標は空欄。"


def definitions_sheet(board: Board, plans: Iterable[Scorecard], more: Iterable[Definition] = ()) -> FormSheet:
    """コード・定義: what the codes of the データ sheets stand for; `more` are the rows of the other sheets."""
    return form_sheet(
        DEFINITIONS_SHEET,
        DEFINITION_COLUMNS,
        list(dict.fromkeys([*definition_rows(board, plans), *more])),
        title=DEFINITIONS_SHEET,
        subtitle=f"{board.center.name}　　{era_date(board.known_at)}現在",
    )
