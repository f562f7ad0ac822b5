"""The plan's table, described once: T1 and T3 as sheets, the page's table, and what stands in the data beside the figures.

A further text about an indicator is a column of `text_columns` and nothing more: with a `width` T1 prints it, with a `key` it is
in データ, CSV, JSON and the code list, with a `label` the page shows it. A figure of each year is one like `target_column`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from django.utils.html import escape, format_html
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from iconm_portal.display.sheets import NOT_APPLICABLE, Column, FormCell, PageCell, keyed, number_format
from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import FiscalYear, as_of_label
from kpi.plans import labels, texts
from kpi.plans.achievement import Certainty, Comparator
from kpi.plans.cells import link, number
from kpi.plans.facts import GoalFacts, IndicatorFacts
from kpi.plans.scorecard import Cell, Row, Scorecard, Segment

TARGET_CHANGED = "目標変更あり"
COMPARATOR = {Comparator.AT_LEAST: "以上", Comparator.AT_MOST: "以下", Comparator.MAINTAIN: "維持"}
_WIDTH = 13


@dataclass(frozen=True, slots=True)
class PlanTableLine:
    """A row of the plan's table."""

    goal: GoalFacts
    row: Row

    @property
    def indicator(self) -> IndicatorFacts:
        return self.row.indicator


def lines(plan: Scorecard) -> list[PlanTableLine]:
    """Every indicator of the plan, goal by goal."""
    return [PlanTableLine(group.goal, row) for group in plan.goals for row in group.rows]


# -- What is said of an indicator --


def text_columns(plan: Scorecard) -> list[Column[PlanTableLine]]:
    """T1's columns before its figures. On the page, goals stand above their rows, and the significance below the name."""
    has_significance = any(row.indicator.significance for row in plan.rows)
    significance: Column[PlanTableLine] = Column(
        heading="指標の意義", width=24, value=lambda line: line.indicator.significance
    )
    return [goal_column(plan, 18), *([significance] if has_significance else []), NAME]


def goal_column(plan: Scorecard, width: float) -> Column[PlanTableLine]:
    """One cell beside all indicators of a goal."""
    return Column(
        heading=plan.goal_heading or "目標",
        width=width,
        printed=lambda line: FormCell(line.goal.label, "label"),
        shared=lambda line: line.goal,
    )


NAME: Column[PlanTableLine] = Column(
    heading="指標", width=38, value=lambda line: printed_name(line.indicator)
)


def data_columns(plan: Scorecard) -> tuple[Column[PlanTableLine], ...]:
    """What stands in the data beside the figures."""
    return keyed([*text_columns(plan), TARGET_MET])


# On paper and on pages it stands behind each target.
TARGET_MET: Column[PlanTableLine] = Column(
    "comparator", heading="目標の条件", value=lambda line: COMPARATOR[line.indicator.comparator]
)


def named(indicator: IndicatorFacts, url: str, *below: str) -> PageCell:
    """The name as a page has it: a link, badges, and below it what is given (markup)."""
    badges = format_html(' <span class="badge">{}</span>', texts.kind_badge(indicator))
    if indicator.is_new:
        badges += format_html(' <span class="badge badge--new">{}</span>', pgettext("indicator", "New"))
    return PageCell("".join((link(url, indicator.name, is_japanese=True), badges, *below)), "indicator")


def break_note(life: Sequence[Segment], row: Row) -> str:
    """That the definition is another one than before, as markup; nothing where it is the same."""
    place = next(number for number, segment in enumerate(life) if segment.row is row)
    note = texts.break_note(life[place], life[place - 1] if place else None)
    return format_html('<span class="sub break-note">{}</span>', note) if note else ""


def printed_name(indicator: IndicatorFacts) -> str:
    """The name as the table prints it: 特許出願件数(年間), メディア掲載件数(年間)【新規】."""
    return f"{indicator.name}{indicator.printed_kind}{'【新規】' if indicator.is_new else ''}"


# -- Its figures --


def baseline_columns(plan: Scorecard) -> list[Column[PlanTableLine]]:
    """What was reached before the plan; the heading is its report's own day. Nothing where the plan has none."""
    year = plan.baseline_year
    if year is None:
        return []
    report = plan.reports.get(year)
    day = fiscal.as_of_text(report.as_of, get_language() or "ja") if report else texts.year_label(year)
    return [
        Column(
            over=as_of_label(report.as_of) if report else "",
            heading="実績",
            width=_WIDTH if report else 0,
            printed=lambda line: _printed_actual(line.indicator, line.row.cell(year)),
            label=format_html('{}<span class="sub">{}</span>', _("Baseline"), day),
            name=_("Baseline"),
            html=lambda line: _actual_on_page(line.indicator, line.row.cell(year)),
            css="num",
        )
    ]


def target_column(year: FiscalYear) -> Column[PlanTableLine]:
    return Column(
        over=year.wareki,
        heading="目標",
        width=_WIDTH,
        printed=lambda line: _printed_target(line.indicator, line.row.cell(year)),
        label_over=texts.year_label(year),
        label=_("Target"),
        name=_("Target %(year)s") % {"year": texts.year_short(year)},
        html=lambda line: _target_on_page(line.indicator, line.row.cell(year)),
        css="num target",
    )


def actual_column(year: FiscalYear) -> Column[PlanTableLine]:
    return Column(
        over=year.wareki,
        heading="実績",
        width=_WIDTH,
        printed=lambda line: _printed_actual(line.indicator, line.row.cell(year)),
        label_over=texts.year_label(year),
        label=_("Actual"),
        name=_("Actual %(year)s") % {"year": texts.year_short(year)},
        html=lambda line: _actual_on_page(line.indicator, line.row.cell(year)),
        css="num",
    )


# -- Printed --


def _printed_number(indicator: IndicatorFacts, value: Decimal, suffix: str = "") -> FormCell:
    shown = indicator.shown(value)
    exponent = shown.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return FormCell(shown, "number", number_format(indicator.unit, decimals, suffix))


def _printed_target(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    if cell.target is None:
        return FormCell(None, "blank")
    mark = f"（{TARGET_CHANGED}）" if cell.moved else ""
    return _printed_number(indicator, cell.target.value, f"{printed_comparator(indicator)}{mark}")


def printed_comparator(indicator: IndicatorFacts) -> str:
    """What paper prints behind a target's unit, as pages do (`texts.target_unit`): 以下, を維持; 以上 where the plan has it."""
    match indicator.comparator:
        case Comparator.AT_MOST:
            return "以下"
        case Comparator.MAINTAIN:
            return "を維持"
        case Comparator.AT_LEAST:
            return "以上" if indicator.prints_comparator else ""
        case _:
            assert_never(indicator.comparator)


def printed_target(indicator: IndicatorFacts, value: Decimal) -> str:
    """A target in a note on paper: 90%を維持."""
    return f"{indicator.text(value)}{indicator.unit}{printed_comparator(indicator)}"


def _printed_actual(indicator: IndicatorFacts, cell: Cell) -> FormCell:
    """The value, marked where it is not the whole year's final one; 「－」 where there can be none; blank if not reported.

    T1 prints 決算見込額 in full in its one column of actuals; a table of many years has room for a short mark only.
    """
    actual = cell.actual
    if actual is not None and actual.not_applicable:
        return FormCell(NOT_APPLICABLE, "text", align="center")
    if actual is None or actual.value is None:
        return FormCell(None, "blank")
    return _printed_number(indicator, actual.value, actual_mark(cell))


def actual_mark(cell: Cell) -> str:
    """What stands behind a value on paper that is not the whole year's final one."""
    if cell.actual is None or cell.value is None:
        return ""
    match cell.actual.certainty:
        case Certainty.FORECAST:
            return "（決算見込額）" if cell.is_baseline else "（見込）"
        case Certainty.INTERIM:
            return "" if cell.is_baseline else "（途中）"
        case Certainty.FINAL:  # final for its day: one within the year says nothing of the year
            return "" if cell.is_baseline or cell.actual.as_of == cell.year.last_day else "（途中）"
        case _:
            assert_never(cell.actual.certainty)


# -- On the page --


def _target_on_page(indicator: IndicatorFacts, cell: Cell) -> PageCell:
    note = texts.moved_target(indicator, cell)
    if cell.target is None:
        return PageCell("", "num target", escape(note))
    if not note and cell.target.revision > 1:
        note = _("revised")
    content = number(indicator.text(cell.target.value), texts.target_unit(indicator))
    return PageCell(content, "num target", escape(note))


def _actual_on_page(indicator: IndicatorFacts, cell: Cell) -> PageCell:
    css = "num baseline" if cell.is_baseline else "num actual"
    if cell.value is None or cell.actual is None:
        note = escape(cell.actual.note) if cell.actual else ""
        return PageCell(escape(texts.absent(cell)), f"{css} absent", note)
    content = number(indicator.text(cell.value), indicator.unit) + texts.verdict_mark(cell)
    notes = filter(None, [_standing_note(cell), texts.beside_value(cell), texts.moved_mark(cell)])
    return PageCell(content, css, "<br>".join(map(escape, notes)))


def _standing_note(cell: Cell) -> str:
    """As-of and certainty, unless it is simply the final value at the year's end; a baseline's day is in the heading."""
    if cell.actual is None:
        return ""
    if cell.is_baseline:
        return str(labels.CERTAINTY[cell.actual.certainty])
    if cell.actual.certainty == Certainty.FINAL and cell.actual.as_of == cell.year.last_day:
        return ""
    return texts.as_of(cell.actual)
