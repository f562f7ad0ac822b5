"""The one read model of the KPIs: what was targeted and reported, as known at the end of a day.

Screen tables, charts, sheets and CSV are all drawn from it. `load` asks a fixed number of queries for a center,
however many plans, indicators and years it has; everything after that is arithmetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Count

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
from kpi.models import Actual, Continuity, Evidence, Goal, Indicator, Kgi, Plan, Report, Target


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
    files: int
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

    def life_of(self, indicator: IndicatorFacts) -> list[Segment]:
        """The indicator through all plans, oldest first: its predecessors, itself, and what follows it."""
        successors = {segment.row.indicator.predecessor_id: segment for segment in self._places.values()}
        segments = [self._places[indicator.id]]
        while (before := segments[0].row.indicator.predecessor_id) in self._places:
            segments.insert(0, self._places[before])
        while segments[-1].row.indicator.id in successors:
            segments.append(successors[segments[-1].row.indicator.id])
        return segments


def load(center: Center, *, known_at: date) -> Board:
    """Read everything known about the center's KPIs at the end of `known_at` (Japan), in eight queries.

    An unknown day shows nothing rather than something later: plans without a known figure are left out.
    """
    reports = _effective_reports(center, known_at)
    targets = _effective_targets(center, known_at)
    actuals = _actuals(reports)
    kgis = _kgis(center)
    goals: dict[int, list[GoalFacts]] = {}
    for plan_id, *facts in Goal.objects.filter(plan__center=center).values_list(
        "plan_id", "id", "code", "label"
    ):
        goals.setdefault(plan_id, []).append(GoalFacts(*facts))
    indicators = _indicators(center)
    plans = []
    for plan in Plan.objects.filter(center=center):
        baseline = (plan.baseline_year,) if plan.baseline_year else ()
        years = baseline + FiscalYear.range(plan.first_year, plan.last_year)
        rows = [
            Row(
                indicator,
                tuple(
                    _cell(
                        plan,
                        indicator,
                        year,
                        targets.get((indicator.id, year)),
                        actuals.get((indicator.id, year)),
                    )
                    for year in years
                ),
            )
            for indicator in indicators.get(plan.pk, [])
        ]
        card = Scorecard(
            id=plan.pk,
            code=plan.code,
            label=plan.label,
            goal_heading=plan.goal_heading,
            agreement=plan.agreement,
            first_year=plan.first_year,
            last_year=plan.last_year,
            baseline_year=plan.baseline_year,
            goals=tuple(_grouped(goals.get(plan.pk, []), rows)),
            kgis=tuple(kgis.get(plan.pk, [])),
            reports={year: fact for (plan_id, year), fact in reports.items() if plan_id == plan.pk},
        )
        if not card.is_empty:
            plans.append(card)
    return Board(center, known_at, tuple(plans))


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


def _grouped(goals: list[GoalFacts], rows: list[Row]) -> Iterator[GoalRows]:
    """Rows under their goals in order; those without a goal come first, under an empty label."""
    for goal in [GoalFacts(None, "", ""), *goals]:
        of_goal = tuple(row for row in rows if row.indicator.goal_id == goal.id)
        if of_goal:
            yield GoalRows(goal, of_goal)


def _indicators(center: Center) -> dict[int, list[IndicatorFacts]]:
    found: dict[int, list[IndicatorFacts]] = {}
    for plan_id, kind, comparator, rounding, continuity, *facts in Indicator.objects.filter(
        plan__center=center
    ).values_list(
        "plan_id",
        "kind",
        "comparator",
        "rounding",
        "continuity",
        "id",
        "plan__code",
        "goal_id",
        "code",
        "name",
        "printed_kind",
        "is_new",
        "significance",
        "unit",
        "prints_comparator",
        "decimals",
        "entry_decimals",
        "scale",
        "predecessor_id",
        "continuity_reason",
    ):
        (id_, plan_code, goal_id, code, name, printed_kind, is_new, significance, unit, *rest) = facts
        prints_comparator, decimals, entry_decimals, scale, predecessor_id, continuity_reason = rest
        found.setdefault(plan_id, []).append(
            IndicatorFacts(
                id=id_,
                plan_code=plan_code,
                goal_id=goal_id,
                code=code,
                name=name,
                printed_kind=printed_kind,
                is_new=is_new,
                significance=significance,
                unit=unit,
                kind=Kind(kind),
                comparator=Comparator(comparator),
                prints_comparator=prints_comparator,
                decimals=decimals,
                entry_decimals=entry_decimals,
                scale=scale,
                rounding=Rounding(rounding),
                continuity=Continuity(continuity),
                predecessor_id=predecessor_id,
                continuity_reason=continuity_reason,
            )
        )
    return found


def _effective_targets(center: Center, known_at: date) -> dict[tuple[int, FiscalYear], TargetFact]:
    """The highest known revision of each target (later rows replace earlier ones)."""
    rows = (
        Target.objects.filter(indicator__plan__center=center, known_from__lte=known_at)
        .order_by("revision")
        .values_list("indicator_id", "fiscal_year", "value", "revision", "known_from", "reason", "source")
    )
    return {(indicator_id, year): TargetFact(*facts) for indicator_id, year, *facts in rows}


def _effective_reports(center: Center, known_at: date) -> dict[tuple[int, FiscalYear], ReportFact]:
    """For each plan and year the latest as-of day's highest accepted revision (later rows replace earlier ones)."""
    rows = (
        Report.objects.filter(plan__center=center, state=ReviewState.ACCEPTED, known_from__lte=known_at)
        .order_by("as_of", "revision")
        .values_list(
            "plan_id",
            "fiscal_year",
            "id",
            "as_of",
            "revision",
            "known_from",
            "source",
            "reason",
            "submitted_by__name",
            "accepted_by__name",
        )
    )
    return {
        (plan_id, year): ReportFact(*facts, submitted_by or "", accepted_by or "")
        for plan_id, year, *facts, submitted_by, accepted_by in rows
    }


def _actuals(reports: dict[tuple[int, FiscalYear], ReportFact]) -> dict[tuple[int, FiscalYear], ActualFact]:
    by_id = {fact.id: (year, fact) for (_plan_id, year), fact in reports.items()}
    files = {
        (report_id, indicator_id): number
        for report_id, indicator_id, number in Evidence.objects.filter(report_id__in=by_id)
        .order_by()
        .values_list("report_id", "indicator_id")
        .annotate(number=Count("id"))
    }
    found = {}
    for report_id, indicator_id, value, not_applicable, certainty, note, source in Actual.objects.filter(
        report_id__in=by_id
    ).values_list("report_id", "indicator_id", "value", "not_applicable", "certainty", "note", "source"):
        year, report = by_id[report_id]
        found[indicator_id, year] = ActualFact(
            value,
            not_applicable,
            Certainty(certainty),
            note,
            source,
            files.get((report_id, indicator_id), 0),
            report,
        )
    return found


def _kgis(center: Center) -> dict[int, list[KgiFacts]]:
    found: dict[int, list[KgiFacts]] = {}
    for plan_id, *facts in Kgi.objects.filter(center=center, plans__isnull=False).values_list(
        "plans", "code", "text", "target_year", "set_in"
    ):
        found.setdefault(plan_id, []).append(KgiFacts(*facts))
    return found
