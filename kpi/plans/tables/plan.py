"""The plan's table as the page draws it: by goal or sorted."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, PageCell
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import labels, texts
from kpi.plans.achievement import Band
from kpi.plans.addresses import Addresses
from kpi.plans.scorecard import Board, Scorecard
from kpi.plans.tables import columns
from kpi.plans.tables.columns import PlanTableLine

# In which order a reader wants to see verdicts: what needs attention first.
ATTENTION = (
    Band.NOT_MET,
    Band.NEARLY,
    Band.INTERIM,
    Band.UNREPORTED,
    Band.NO_TARGET,
    Band.NOT_APPLICABLE,
    Band.MET,
    Band.BASELINE,
)
VERDICTS = (Band.NOT_MET, Band.NEARLY, Band.MET)
SORTS = ("position", "rate", "-rate", "band")


@dataclass(frozen=True, slots=True)
class PlanGroup:
    label: str
    rows: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """T1 and T3 on screen: groups by goal, or one group without a label when sorted otherwise."""

    heads: list[SafeString]
    columns: int
    groups: tuple[PlanGroup, ...]


def plan_table(
    board: Board,
    plan: Scorecard,
    to: Addresses,
    *,
    years: tuple[FiscalYear, ...],
    goal: str = "",
    sort: str = "position",
    focus: FiscalYear,
) -> PlanTable:
    """The plan's own figures for these years; `goal` is a goal's code, `focus` the year that rate and band sort by."""
    by_goal = sort == "position"
    table = PageTable(
        [
            _name(board, plan, to, with_goal=not by_goal),
            *columns.text_columns(plan),
            *columns.baseline_columns(plan),
            *(
                column
                for year in years
                for column in (columns.target_column(year), columns.actual_column(year))
            ),
        ]
    )
    groups = [group for group in plan.goals if not goal or group.goal.code == goal]
    lines = [[PlanTableLine(group.goal, row) for row in group.rows] for group in groups]
    labels_of = [group.goal.label for group in groups]
    if not by_goal:
        labels_of, lines = [""], [sorted(chain.from_iterable(lines), key=_key(sort, focus))]
    drawn = (tuple(table.row(line) for line in of_group) for of_group in lines)
    return PlanTable(table.heads, table.width, tuple(map(PlanGroup, labels_of, drawn)))


def _key(sort: str, focus: FiscalYear) -> Callable[[PlanTableLine], tuple[Any, ...]]:
    """By the focus year's verdict, and within one verdict by rate; what has none comes last, both ways.

    Verdicts come first because under 以下 there is no rate to sort by. Sorting is stable, so ties keep the plan's order.
    Never by a name.
    """

    def by_rate(line: PlanTableLine) -> tuple[int, bool, Decimal]:
        cell = line.row.cell(focus)
        order = VERDICTS if sort == "rate" else VERDICTS[::-1]
        has_verdict = cell.band.is_verdict and not cell.is_contradicted
        place = order.index(cell.band) if has_verdict else len(order)
        rate = cell.achievement.rate
        return (place, rate is None, Decimal(0) if rate is None else rate if sort == "rate" else -rate)

    def by_band(line: PlanTableLine) -> tuple[int]:
        cell = line.row.cell(focus)
        return (-1 if cell.is_contradicted else ATTENTION.index(cell.band),)

    return by_band if sort == "band" else by_rate


def _name(board: Board, plan: Scorecard, to: Addresses, *, with_goal: bool) -> Column[PlanTableLine]:
    """The indicator with all that is short enough to stand below its name; its goal too where goals are no groups."""
    above = _below(plan.goal_heading)

    def draw(line: PlanTableLine) -> PageCell:
        return columns.named(
            line.indicator,
            to.indicator(plan, line.row),
            _below(line.indicator.significance),
            columns.break_note(board.life_of(line.indicator), line.row),
            _below(line.goal.label if with_goal else ""),
        )

    return Column(label=format_html("{}{}", above, _("Indicator")), html=draw)


def _below(text: str) -> str:
    return format_html('<span class="sub" lang="ja">{}</span>', text) if text else ""


def legend(plan: Scorecard) -> list[tuple[SafeString, str]]:
    """The marks that occur in the plan's table, with their words."""
    found = {cell.band for row in plan.rows for cell in row.cells if not cell.is_contradicted}
    explained = [band for band in Band if band.is_verdict or band is Band.INTERIM]
    marks = [(texts.mark(band), str(labels.BAND[band])) for band in explained if band in found]
    cells = [cell for row in plan.rows for cell in row.cells if cell.is_contradicted]
    contradicted = {cell.is_contradicted_by_register: cell for cell in reversed(cells)}
    return [
        *marks,
        *(
            (texts.verdict_mark(cell), texts.contradicted_word(by_register=by_register))
            for by_register, cell in sorted(contradicted.items())
        ),
    ]
