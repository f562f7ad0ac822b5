"""The plan's table as the report prints it, drawn as ready rows rather than by django-tables2: it has two rows of headings
and groups, and it must be drawn fast."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import labels, texts
from kpi.plans.achievement import Band, Certainty
from kpi.plans.addresses import Addresses
from kpi.plans.cells import joined, number, td
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Board, Cell, Row, Scorecard

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
SORTS = ("position", "rate", "-rate", "band")


@dataclass(frozen=True, slots=True)
class PlanRow:
    name: str
    url: str
    kind: str
    is_new: bool
    break_note: str
    goal: str
    significance: str
    cells: SafeString


@dataclass(frozen=True, slots=True)
class PlanGroup:
    label: str
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """T1 and T3 on screen: groups by goal, or one group without a label when sorted otherwise."""

    baseline: str
    years: tuple[str, ...]
    columns: int
    groups: tuple[PlanGroup, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A year of the table; the words that name its cells on a narrow screen. A baseline has no target."""

    year: FiscalYear
    target: str | None
    actual: str


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
    groups = [group for group in plan.goals if not goal or group.goal.code == goal]
    columns = _columns(plan, years)
    shown = [
        (
            group.goal.label,
            [(row, _plan_row(board, plan, row, group.goal.label, columns, to)) for row in group.rows],
        )
        for group in groups
    ]
    if sort != "position":
        ordered = sorted((pair for _label, rows in shown for pair in rows), key=_key(sort, focus))
        shown = [("", ordered)]
    return PlanTable(
        baseline=_baseline_heading(plan),
        years=tuple(texts.year_label(year) for year in years),
        columns=1 + bool(plan.baseline_year) + 2 * len(years),
        groups=tuple(PlanGroup(label, tuple(made for _row, made in rows)) for label, rows in shown),
    )


def _key(sort: str, focus: FiscalYear) -> Callable[[tuple[Row, PlanRow]], tuple[Any, ...]]:
    """By the focus year's rate or band; sorting is stable, so ties keep the plan's order. Never by a name."""

    def by_rate(pair: tuple[Row, PlanRow]) -> tuple[bool, Decimal]:
        rate = pair[0].cell(focus).achievement.rate
        return (rate is None, Decimal(0) if rate is None else rate if sort == "rate" else -rate)

    def by_band(pair: tuple[Row, PlanRow]) -> tuple[int]:
        return (ATTENTION.index(pair[0].cell(focus).band),)

    return by_band if sort == "band" else by_rate


def _baseline_heading(plan: Scorecard) -> str:
    """As T1 prints it: the day of the baseline's report."""
    if plan.baseline_year is None:
        return ""
    report = plan.reports.get(plan.baseline_year)
    if report is None:
        return texts.year_label(plan.baseline_year)
    return fiscal.as_of_text(report.as_of, get_language() or "ja")


def _plan_row(
    board: Board, plan: Scorecard, row: Row, goal: str, columns: list[Column], to: Addresses
) -> PlanRow:
    indicator = row.indicator
    life = board.life_of(indicator)
    place = next(number for number, segment in enumerate(life) if segment.row is row)
    target_unit = texts.target_unit(indicator)
    cells = []
    for column in columns:
        cell = row.cell(column.year)
        if column.target is not None:
            cells.append(_target_cell(indicator, cell, column.target, target_unit))
        cells.append(_actual_cell(indicator, cell, column.actual))
    return PlanRow(
        name=indicator.name,
        url=to.indicator(plan, row),
        kind=texts.kind_badge(indicator),
        is_new=indicator.is_new,
        break_note=texts.break_note(life[place], life[place - 1] if place else None),
        goal=goal,
        significance=indicator.significance,
        cells=joined(cells),
    )


def _columns(plan: Scorecard, years: tuple[FiscalYear, ...]) -> list[Column]:
    columns = [Column(plan.baseline_year, None, escape(_("Baseline")))] if plan.baseline_year else []
    for year in years:
        said = {"year": texts.year_short(year)}
        columns.append(Column(year, escape(_("Target %(year)s") % said), escape(_("Actual %(year)s") % said)))
    return columns


def _target_cell(indicator: IndicatorFacts, cell: Cell, label: str, unit: str) -> str:
    if cell.target is None:
        return td("num target", label, "")
    note = escape(_("revised")) if cell.target.revision > 1 else ""
    return td("num target", label, number(indicator.text(cell.target.value), unit), note)


def _actual_cell(indicator: IndicatorFacts, cell: Cell, label: str) -> str:
    css = "num baseline" if cell.is_baseline else "num actual"
    if cell.value is None or cell.actual is None:
        note = escape(cell.actual.note) if cell.actual else ""
        return td(f"{css} absent", label, escape(texts.absent(cell)), note)
    content = number(indicator.text(cell.value), indicator.unit) + texts.mark(cell.band)
    return td(css, label, content, escape(_standing_note(cell)))


def _standing_note(cell: Cell) -> str:
    """As-of and certainty, unless it is simply the final value at the year's end; a baseline's day is in the heading."""
    if cell.actual is None:
        return ""
    if cell.is_baseline:
        return str(labels.CERTAINTY[cell.actual.certainty])
    if cell.actual.certainty == Certainty.FINAL and cell.actual.as_of == cell.year.last_day:
        return ""
    return texts.as_of(cell.actual)


# The lists


def legend(plan: Scorecard) -> list[tuple[SafeString, str]]:
    """The marks that occur in the plan's table, with their words."""
    found = {cell.band for row in plan.rows for cell in row.cells}
    explained = [band for band in Band if band.is_verdict or band is Band.INTERIM]
    return [(texts.mark(band), str(labels.BAND[band])) for band in explained if band in found]
