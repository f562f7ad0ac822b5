"""The home page's answer to “are we on track?”, row by row in ready words, from the one read model.

Pure: no queries. Everything that a template shows stands here as text or as finished small pictures, so that the
page draws many rows quickly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from iconm_portal.display import small_charts
from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, PageCell
from iconm_portal.display.small_charts import BarFill, svg_bullet, svg_history
from iconm_portal.display.small_charts import Certainty as Fill
from iconm_portal.display.template_tags import span
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values.fiscal import FiscalYear
from kpi.indicators.continuity import in_one_line, stretches
from kpi.plans import findings, labels, texts
from kpi.plans.achievement import Band, Certainty
from kpi.plans.addresses import Addresses
from kpi.plans.facts import IndicatorFacts, KgiFacts
from kpi.plans.scorecard import Board, Cell, Row, Scorecard, Segment
from kpi.plans.tables.columns import break_note, named

YEARS_IN_HISTORY = 7
BEFORE_ITS_TIME = small_charts.HistoryYear(None, expected=False)
FILLS = {Certainty.FINAL: Fill.FINAL, Certainty.INTERIM: Fill.INTERIM, Certainty.FORECAST: Fill.FORECAST}


@dataclass(frozen=True, slots=True)
class GoalGroup:
    """The rows under a goal; `label` is empty where the plan prints no goals."""

    label: str
    rows: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report that the figures come from, and who stands behind it."""

    title: str
    url: str
    behind: str
    known_from: date


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan in one year: the finding and the verdicts counted."""

    label: str
    url: str
    period: str
    year: str
    finding: str
    tally: list[tuple[SafeString, str]]
    is_reported: bool
    later_unreported: str  # of which later years, over by now, nothing is known to their end


@dataclass(frozen=True, slots=True)
class PlanInYear:
    """A plan in one year with all its indicators."""

    code: str
    state: PlanState
    has_goals: bool
    heads: list[SafeString]
    columns: int
    groups: tuple[GoalGroup, ...]
    reports: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class YearLink:
    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The home page: the current plan, those that run beside it, and the others in a line each."""

    main: PlanInYear
    year_links: tuple[YearLink, ...]
    after_the_end: str
    last_reported: PlanState | None  # of another plan, where the current one has no report yet
    beside: tuple[PlanInYear, ...]
    others: tuple[PlanState, ...]
    kgis: tuple[KgiFacts, ...]


def overview(board: Board, to: Addresses, *, today: date, year: FiscalYear | None = None) -> Overview | None:
    """The current plan in `year` (its own choice without one); None when nothing at all was known.

    KeyError for a year outside the current plan.
    """
    plan = board.current(today)
    if plan is None:
        return None
    if year is not None and year not in plan.years:
        raise KeyError(year)
    focus = year or plan.focus_year(today)
    this_year = FiscalYear.of(today)
    rest = [other for other in board.plans if other is not plan]
    beside = [other for other in rest if other.first_year <= this_year <= other.last_year]
    return Overview(
        main=plan_in_year(board, plan, focus, to, today=today),
        year_links=tuple(
            YearLink(texts.year_label(one), to.year(one), is_chosen=one == focus) for one in plan.years
        ),
        after_the_end=after_the_end(board, plan, today),
        last_reported=_last_reported(plan, rest, to, today=today),
        beside=tuple(
            plan_in_year(board, other, other.focus_year(today), to, today=today) for other in beside
        ),
        others=tuple(
            plan_state(other, other.focus_year(today), to, today=today)
            for other in rest
            if other not in beside
        ),
        kgis=plan.kgis,
    )


def _last_reported(plan: Scorecard, rest: list[Scorecard], to: Addresses, *, today: date) -> PlanState | None:
    """What was reported last of a whole year, so that a plan without one does not leave its reader with nothing."""
    reported = [other for other in rest if other.whole_years]
    if plan.whole_years or not reported:
        return None
    last = max(reported, key=lambda other: (other.whole_years[-1], other.first_year))
    return plan_state(last, last.whole_years[-1], to, today=today)


def after_the_end(board: Board, plan: Scorecard, today: date) -> str:
    """What follows a plan that has ended; never a reproach. Empty while it runs."""
    if not plan.has_ended(today):
        return ""
    successor = board.successor(plan)
    if successor is None:
        return _("This plan has ended; the next one is not registered yet.")
    return _("This plan has ended; the next one begins in %(year)s.") % {
        "year": texts.year_label(successor.first_year)
    }


def crumbs(to: Addresses, plan: Scorecard | None = None) -> list[Crumb]:
    """The way down to a plan's page, or to an indicator of the plan."""
    way = [Crumb(_("KPI"), to.plans())]
    return way if plan is None else [*way, Crumb(plan.label, to.plan(plan))]


@dataclass(frozen=True, slots=True)
class Window:
    """The years of a history with their short names, and the word that every row repeats."""

    names: dict[FiscalYear, str]
    unreported: str


def _window(years: tuple[FiscalYear, ...]) -> Window:
    return Window(
        names={year: texts.year_short(year) for year in years}, unreported=str(labels.BAND[Band.UNREPORTED])
    )


def plan_in_year(
    board: Board, plan: Scorecard, year: FiscalYear, to: Addresses, *, today: date
) -> PlanInYear:
    """All rows of a plan for one of its years."""
    lives = {row.indicator.id: board.life_of(row.indicator) for row in plan.rows}
    first = min(segment.row.cells[0].year for life in lives.values() for segment in life)
    years = FiscalYear.range(max(first, year - (YEARS_IN_HISTORY - 1)), year)
    table = PageTable(_columns(plan, year, lives, _window(years), to))
    return PlanInYear(
        code=plan.code,
        state=plan_state(plan, year, to, today=today),
        has_goals=any(group.goal.label for group in plan.goals),
        heads=table.heads,
        columns=table.width,
        groups=tuple(GoalGroup(group.goal.label, tuple(map(table.row, group.rows))) for group in plan.goals),
        reports=tuple(_report_lines(plan, year, to)),
    )


def plan_state(plan: Scorecard, year: FiscalYear, to: Addresses, *, today: date) -> PlanState:
    counts = plan.counts(year)
    return PlanState(
        label=plan.label,
        url=to.plan(plan),
        period=texts.period(plan),
        year=texts.year_label(year),
        finding=findings.finding(counts, texts.year_label(year))
        if plan.reported_years
        else findings.plan_finding(plan, year),
        tally=findings.tally(counts),
        is_reported=bool(plan.reported_years),
        later_unreported=findings.later_unreported(plan, year, today=today),
    )


def _columns(
    plan: Scorecard, year: FiscalYear, lives: Mapping[int, list[Segment]], window: Window, to: Addresses
) -> list[Column[Row]]:
    """What is said of each indicator in the year, its history over the years of the window."""
    names = list(window.names.values())
    years = span(names[0], names[-1])

    def life(row: Row) -> list[Segment]:
        return lives[row.indicator.id]

    def until_here(row: Row) -> list[Segment]:
        place = next(number for number, segment in enumerate(life(row)) if segment.row is row)
        return life(row)[: place + 1]

    return [
        Column(
            label=_("Indicator"),
            html=lambda row: named(row.indicator, to.indicator(plan, row), break_note(life(row), row)),
        ),
        Column(
            label=_("Actual (as of, certainty)"),
            name=_("Actual"),
            css="num",
            html=lambda row: _value_cell(row, row.cell(year)),
        ),
        Column(
            label=_("Target %(year)s") % {"year": texts.year_label(year)},
            name=_("Target"),
            css="num",
            html=lambda row: _target_cell(row.indicator, row.cell(year)),
        ),
        Column(label=_("Against the target"), html=lambda row: _bullet_cell(row, row.cell(year))),
        Column(
            label=_("History (%(years)s)") % {"years": years},
            name=pgettext("over the years", "History"),
            html=lambda row: PageCell(history(until_here(row), window), "history-cell"),
        ),
        Column(label=_("Verdict"), html=lambda row: _verdict_cell(row.cell(year))),
    ]


def _verdict_cell(cell: Cell) -> PageCell:
    return PageCell(texts.verdict_chip(cell), "verdict", escape(texts.verdict_note(cell)))


def _value_cell(row: Row, cell: Cell) -> PageCell:
    if cell.value is not None and cell.actual is not None:
        value = row.indicator.text(cell.value)
        content = f'<span class="value">{value}</span> <span class="unit">{escape(row.indicator.unit)}</span>'
        notes = [
            texts.as_of(cell.actual),
            *filter(None, [texts.beside_value(cell)]),
            *_interim_beside(row, cell),
        ]
        return PageCell(content, "num value-cell", "<br>".join(map(escape, notes)))
    content = f'<span class="none">{escape(texts.absent(cell))}</span>'
    if cell.actual and cell.actual.note:
        content += f'<span class="sub" lang="ja">{escape(cell.actual.note)}</span>'
    return PageCell(content, "num value-cell", escape(latest_instead(row, cell)))


def _target_cell(indicator: IndicatorFacts, cell: Cell) -> PageCell:
    note = escape(texts.moved_target(indicator, cell))
    if cell.target is None:
        return PageCell("", "num target-cell", note)
    unit = f'<span class="unit">{escape(texts.target_unit(indicator))}</span>'
    return PageCell(f"<span>{indicator.text(cell.target.value)} {unit}</span>", "num target-cell", note)


def _bullet_cell(row: Row, cell: Cell) -> PageCell:
    words = texts.comparison(row.indicator, cell)
    rate = f'<span class="rate">{escape(words)}</span>' if words else ""
    return PageCell(bullet(row, cell) + rate, "bullet-cell")


def _interim_beside(row: Row, cell: Cell) -> Iterator[str]:
    """What is known within later years, beside the verdict of the one looked at."""
    for later in row.interim_after(cell.year):
        if later.actual is not None:
            yield _("%(year)s: %(value)s (%(as_of)s)") % {
                "year": texts.year_short(later.year),
                "value": texts.value(row.indicator, later),
                "as_of": texts.as_of(later.actual),
            }


def latest_instead(row: Row, cell: Cell) -> str:
    """Where a year has no value: the latest that its plan knows, beside its own target only, or else the baseline."""
    latest = row.latest
    if latest is None or latest.actual is None or (cell.actual and cell.actual.not_applicable):
        return ""
    said = {"value": texts.value(row.indicator, latest), "as_of": texts.as_of(latest.actual)}
    if latest.is_baseline:
        return _("Baseline %(value)s (%(as_of)s)") % said
    said |= {"year": texts.year_short(latest.year), "target": texts.target(row.indicator, latest)}
    if latest.target is None:
        return _("%(year)s: %(value)s (%(as_of)s)") % said
    return _("%(year)s: %(value)s of %(target)s (%(as_of)s)") % said


def bullet(row: Row, cell: Cell) -> SafeString:
    """The bar against its own year's target; empty where nothing is compared."""
    if not cell.achievement.comparable or cell.target is None:
        return SafeString("")
    return svg_bullet(
        value=cell.value,
        target=cell.target.value,
        standing=BarFill.OPEN if cell.achievement.is_forecast or cell.is_contradicted else _fill(cell.band),
        label=_("%(value)s against a target of %(target)s")
        % {
            "value": texts.value(row.indicator, cell),
            "target": texts.target(row.indicator, cell),
        },
    )


def _fill(band: Band) -> BarFill:
    match band:
        case Band.MET:
            return BarFill.MET
        case Band.NEARLY:
            return BarFill.NEARLY
        case Band.NOT_MET:
            return BarFill.NOT_MET
        case Band.INTERIM | Band.UNREPORTED | Band.NOT_APPLICABLE | Band.NO_TARGET | Band.BASELINE:
            return BarFill.OPEN
        case _:
            assert_never(band)


def history(life: list[Segment], window: Window) -> SafeString:
    """The indicator through its plans: targets as strokes, breaks as dashed lines, "?" where nothing was reported."""
    known = in_one_line(stretches(life))
    years, said = [], []
    stretch_before: int | None = None
    for year, name in window.names.items():
        entry = known.get(year)
        if entry is None:
            years.append(BEFORE_ITS_TIME)
            continue
        stretch, here = entry
        cell, indicator = here.actual.cell, here.actual.segment.row.indicator
        broken = stretch_before is not None and stretch != stretch_before
        years.append(
            small_charts.HistoryYear(
                cell.value,
                target=here.target.cell.target.value if here.target and here.target.cell.target else None,
                certainty=FILLS[cell.actual.certainty] if cell.actual else Fill.FINAL,
                expected=not (cell.actual and cell.actual.not_applicable),
                break_before=broken,
            )
        )
        text = window.unreported if cell.value is None else indicator.text(cell.value)
        said.append(f"{'| ' if broken else ''}{name} {text}")
        stretch_before = stretch
    return svg_history(years, label=", ".join(said))


def _report_lines(plan: Scorecard, year: FiscalYear, to: Addresses) -> Iterator[ReportLine]:
    """The report of the year and, where it has none, that of the baseline."""
    shown = year if year in plan.reports else plan.baseline_year
    report = plan.reports.get(shown) if shown else None
    if report is None or shown is None:
        return
    title = _("Baseline report %(year)s") if shown == plan.baseline_year else _("Report %(year)s")
    yield ReportLine(
        title=title % {"year": texts.year_label(shown)},
        url=to.report(shown, report.id),
        behind=texts.behind(report),
        known_from=report.known_from,
    )
