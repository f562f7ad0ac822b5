"""The one read model of the KPIs: what was targeted and reported, as known at the end of a day.

Screen tables, charts, sheets and CSV are all drawn from it. `load` asks a fixed number of queries for a center,
however many plans, indicators and years it has; everything after that is arithmetic.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import itemgetter

from iconm_portal.fiscal import FiscalYear
from iconm_portal.models import Center, ReviewState
from iconm_portal.money import Rounding, format_number
from kpi.achievement import (
    Achievement,
    Band,
    Certainty,
    Comparator,
    Counts,
    Kind,
    assess,
    display,
    summary,
)
from kpi.models import Actual, Continuity, Indicator, Kgi, Plan, Target


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """An indicator as its plan printed it, and how its values are shown."""

    id: int
    plan_code: str
    goal_id: int | None
    code: str
    name: str
    printed_kind: str
    is_new: bool
    significance: str
    unit: str
    kind: Kind
    comparator: Comparator
    prints_comparator: bool
    decimals: int
    entry_decimals: int
    scale: int
    rounding: Rounding
    continuity: Continuity
    predecessor_id: int | None
    continuity_reason: str

    @property
    def breaks(self) -> bool:
        """Whether its definition differs from that of the indicator of the same name before it."""
        return self.continuity == Continuity.BREAKS

    def shown(self, value: Decimal) -> Decimal:
        """A stored value in the display unit, by the indicator's own rounding (505,794,000 yen → 505 百万円)."""
        return display(value, scale=self.scale, decimals=self.decimals, rounding=self.rounding)

    def text(self, value: Decimal) -> str:
        """A stored value as it is printed, without the unit: "438,802", "24.3"."""
        return format_number(self.shown(value))


@dataclass(frozen=True, slots=True)
class TargetFact:
    """A target in force: value in base units."""

    value: Decimal
    revision: int
    known_from: date
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class ReportFact:
    """The accepted report that holds for a plan's year, and who stands behind it."""

    id: int
    as_of: date
    revision: int
    known_from: date
    source: str
    reason: str
    submitted_by: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class ActualFact:
    """A reported value in base units, or 「-」."""

    value: Decimal | None
    not_applicable: bool
    certainty: Certainty
    note: str
    source: str
    report: ReportFact

    @property
    def as_of(self) -> date:
        return self.report.as_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator in one fiscal year."""

    year: FiscalYear
    target: TargetFact | None
    actual: ActualFact | None
    achievement: Achievement
    is_baseline: bool

    @property
    def value(self) -> Decimal | None:
        return self.actual.value if self.actual else None

    @property
    def band(self) -> Band:
        return self.achievement.band


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator and its cells, one for each year of its plan (the baseline year first, where there is one)."""

    indicator: IndicatorFacts
    cells: tuple[Cell, ...]

    def cell(self, year: FiscalYear) -> Cell:
        """The year's cell. KeyError for a year outside the plan."""
        for cell in self.cells:
            if cell.year == year:
                return cell
        raise KeyError(year)

    @property
    def latest(self) -> Cell | None:
        """The last year with a value, baseline included; None when nothing was ever reported."""
        return next((cell for cell in reversed(self.cells) if cell.value is not None), None)


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """A goal under its plan's printed label; `label` is empty for indicators that stand under none."""

    id: int | None
    code: str
    label: str


NO_GOAL = GoalFacts(None, "", "")


@dataclass(frozen=True, slots=True)
class GoalRows:
    """A goal and the indicators that measure it."""

    goal: GoalFacts
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class KgiFacts:
    """A direct goal."""

    code: str
    text: str
    target_year: FiscalYear
    set_in: FiscalYear


@dataclass(frozen=True)
class Scorecard:
    """A plan with everything known about it."""

    id: int
    code: str
    label: str
    goal_heading: str
    agreement: str
    first_year: FiscalYear
    last_year: FiscalYear
    baseline_year: FiscalYear | None
    goals: tuple[GoalRows, ...]
    kgis: tuple[KgiFacts, ...]
    reports: dict[FiscalYear, ReportFact] = field(hash=False)

    @property
    def years(self) -> tuple[FiscalYear, ...]:
        """The plan's own years, without the baseline."""
        return FiscalYear.range(self.first_year, self.last_year)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for goal in self.goals for row in goal.rows)

    def row(self, code: str) -> Row:
        """The indicator's row by its code. KeyError when the plan has none."""
        for row in self.rows:
            if row.indicator.code == code:
                return row
        raise KeyError(code)

    @cached_property
    def is_empty(self) -> bool:
        """Nothing was known of it on that day: no target and no actual."""
        return not any(cell.target or cell.actual for row in self.rows for cell in row.cells)

    @cached_property
    def reported_years(self) -> list[FiscalYear]:
        """The plan's own years that have a value."""
        return [year for year in self.years if any(row.cell(year).value is not None for row in self.rows)]

    def counts(self, year: FiscalYear) -> Counts:
        """How many indicators stand in which band in that year."""
        return summary(row.cell(year).band for row in self.rows)

    def focus_year(self, today: date) -> FiscalYear:
        """The year to look at first: the last one reported, otherwise the running one or the plan's nearest to it."""
        if self.reported_years:
            return self.reported_years[-1]
        return min(max(FiscalYear.of(today), self.first_year), self.last_year)

    def has_ended(self, today: date) -> bool:
        return self.last_year < FiscalYear.of(today)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of years in the life of an indicator: its row in one plan, and how it follows the stretch before."""

    plan: Scorecard
    row: Row

    @property
    def breaks_before(self) -> bool:
        return self.row.indicator.breaks


@dataclass(frozen=True)
class Board:
    """All plans of a center, in order of their first year, as known at the end of `known_at`."""

    center: Center
    known_at: date
    plans: tuple[Scorecard, ...]

    def plan(self, code: str) -> Scorecard:
        """KeyError when there is none with this code."""
        for plan in self.plans:
            if plan.code == code:
                return plan
        raise KeyError(code)

    def current(self, today: date) -> Scorecard | None:
        """The last plan begun by today; before any has begun, the first to come."""
        this_year = FiscalYear.of(today)
        begun = [plan for plan in self.plans if plan.first_year <= this_year]
        return begun[-1] if begun else next(iter(self.plans), None)

    def successor(self, plan: Scorecard) -> Scorecard | None:
        """A plan that begins after this one has ended."""
        return next((other for other in self.plans if other.first_year > plan.last_year), None)

    @cached_property
    def _places(self) -> dict[int, Segment]:
        return {row.indicator.id: Segment(plan, row) for plan in self.plans for row in plan.rows}

    @cached_property
    def _followers(self) -> dict[int | None, Segment]:
        """What follows an indicator, by its id."""
        return {segment.row.indicator.predecessor_id: segment for segment in self._places.values()}

    def life_of(self, indicator: IndicatorFacts) -> list[Segment]:
        """The indicator through all plans, oldest first: its predecessors, itself, and what follows it."""
        segments = [self._places[indicator.id]]
        while (before := segments[0].row.indicator.predecessor_id) in self._places:
            segments.insert(0, self._places[before])
        while (after := self._followers.get(segments[-1].row.indicator.id)) is not None:
            segments.append(after)
        return segments


def load(center: Center, *, known_at: date) -> Board:
    """Read everything known about the center's KPIs at the end of `known_at` (Japan), in five queries.

    An unknown day shows nothing rather than something later: plans without a known figure are left out. The rows
    are sorted here: for so few of them the ORM's work on an ORDER BY costs more than the sorting.
    """
    reports, actuals = _accepted(center, known_at)
    targets = _effective_targets(center, known_at)
    kgis = _kgis(center)
    indicators = _indicators(center)
    cards = []
    for plan in sorted(
        Plan.objects.filter(center=center).order_by(), key=lambda row: (row.first_year, row.pk)
    ):
        baseline = (plan.baseline_year,) if plan.baseline_year else ()
        years = baseline + FiscalYear.range(plan.first_year, plan.last_year)
        goals: dict[GoalFacts, list[Row]] = {}
        for goal, indicator in indicators.get(plan.pk, []):
            facts = _facts(plan, indicator)
            cells = (
                _cell(plan, facts, year, targets.get((facts.id, year)), actuals.get((facts.id, year)))
                for year in years
            )
            goals.setdefault(goal, []).append(Row(facts, tuple(cells)))
        card = Scorecard(
            id=plan.pk,
            code=plan.code,
            label=plan.label,
            goal_heading=plan.goal_heading,
            agreement=plan.agreement,
            first_year=plan.first_year,
            last_year=plan.last_year,
            baseline_year=plan.baseline_year,
            goals=tuple(GoalRows(goal, tuple(rows)) for goal, rows in goals.items()),
            kgis=tuple(kgis.get(plan.pk, [])),
            reports={year: fact for (plan_id, year), fact in reports.items() if plan_id == plan.pk},
        )
        if not card.is_empty:
            cards.append(card)
    return Board(center, known_at, tuple(cards))


def _cell(
    plan: Plan,
    indicator: IndicatorFacts,
    year: FiscalYear,
    target: TargetFact | None,
    actual: ActualFact | None,
) -> Cell:
    is_baseline = year == plan.baseline_year
    achievement = assess(
        actual=actual.value if actual else None,
        target=target.value if target else None,
        kind=indicator.kind,
        comparator=indicator.comparator,
        certainty=actual.certainty if actual else None,
        is_baseline=is_baseline,
        not_applicable=actual.not_applicable if actual else False,
        part_year=actual is not None and actual.as_of < year.last_day,
        nearly_threshold=plan.nearly_threshold,
    )
    return Cell(year, target, actual, achievement, is_baseline)


def _indicators(center: Center) -> dict[int, list[tuple[GoalFacts, Indicator]]]:
    """By plan, in order of goal and position; those that stand under no goal come first."""
    found: dict[int, list[tuple[GoalFacts, Indicator]]] = {}
    rows = Indicator.objects.filter(plan__center=center).select_related("goal").order_by()
    for row in sorted(rows, key=_place):
        goal = GoalFacts(row.goal.pk, row.goal.code, row.goal.label) if row.goal else NO_GOAL
        found.setdefault(row.plan_id, []).append((goal, row))
    return found


def _place(row: Indicator) -> tuple[int, ...]:
    return (
        (row.goal.position, row.goal.pk, row.position, row.pk) if row.goal else (-1, 0, row.position, row.pk)
    )


def _facts(plan: Plan, row: Indicator) -> IndicatorFacts:
    return IndicatorFacts(
        id=row.pk,
        plan_code=plan.code,
        goal_id=row.goal_id,
        code=row.code,
        name=row.name,
        printed_kind=row.printed_kind,
        is_new=row.is_new,
        significance=row.significance,
        unit=row.unit,
        kind=Kind(row.kind),
        comparator=Comparator(row.comparator),
        prints_comparator=row.prints_comparator,
        decimals=row.decimals,
        entry_decimals=row.entry_decimals,
        scale=row.scale,
        rounding=Rounding(row.rounding),
        continuity=Continuity(row.continuity),
        predecessor_id=row.predecessor_id,
        continuity_reason=row.continuity_reason,
    )


def _effective_targets(center: Center, known_at: date) -> dict[tuple[int, FiscalYear], TargetFact]:
    """The highest known revision of each target (later rows replace earlier ones)."""
    rows = (
        Target.objects.filter(indicator__plan__center=center, known_from__lte=known_at)
        .order_by()
        .values_list("revision", "indicator_id", "fiscal_year", "value", "known_from", "reason", "source")
    )
    return {
        (indicator_id, year): TargetFact(value, revision, known_from, reason, source)
        for revision, indicator_id, year, value, known_from, reason, source in sorted(rows, key=itemgetter(0))
    }


Reports = dict[tuple[int, FiscalYear], ReportFact]
Actuals = dict[tuple[int, FiscalYear], ActualFact]


def _accepted(center: Center, known_at: date) -> tuple[Reports, Actuals]:
    """For each plan and year the latest as-of day's highest accepted revision, and the values that it holds.

    A report is a set: where a later one holds, nothing of an earlier one shines through.
    """
    rows = (
        Actual.objects.filter(
            report__plan__center=center,
            report__state=ReviewState.ACCEPTED,
            report__known_from__lte=known_at,
        )
        .order_by()
        .values_list(*_REPORT_COLUMNS, *_ACTUAL_COLUMNS)
    )
    reports: Reports = {}
    values: dict[int, list[tuple[int, ActualFact]]] = {}
    for plan_id, year, report_id, as_of, revision, known_from, source, reason, *people_and_actual in sorted(
        rows, key=itemgetter(3, 4, 2)
    ):
        submitted_by, accepted_by, indicator_id, value, not_applicable, certainty, note, of = (
            people_and_actual
        )
        report = reports.get((plan_id, year))
        if report is None or report.id != report_id:
            people = submitted_by or "", accepted_by or ""
            report = ReportFact(report_id, as_of, revision, known_from, source, reason, *people)
            reports[plan_id, year] = report
        actual = ActualFact(value, not_applicable, Certainty(certainty), note, of, report)
        values.setdefault(report_id, []).append((indicator_id, actual))
    actuals = {
        (indicator_id, year): actual
        for (_plan_id, year), report in reports.items()
        for indicator_id, actual in values[report.id]
    }
    return reports, actuals


_REPORT_COLUMNS = (
    "report__plan_id",
    "report__fiscal_year",
    "report_id",
    "report__as_of",
    "report__revision",
    "report__known_from",
    "report__source",
    "report__reason",
    "report__submitted_by__name",
    "report__accepted_by__name",
)
_ACTUAL_COLUMNS = ("indicator_id", "value", "not_applicable", "certainty", "note", "source")


def _kgis(center: Center) -> dict[int, list[KgiFacts]]:
    found: dict[int, list[KgiFacts]] = {}
    rows = (
        Kgi.objects.filter(center=center, plans__isnull=False)
        .order_by()
        .values_list("position", "pk", "plans", "code", "text", "target_year", "set_in")
    )
    for _position, _pk, plan_id, *facts in sorted(rows, key=itemgetter(0, 1)):
        found.setdefault(plan_id, []).append(KgiFacts(*facts))
    return found
