"""The one read model of the KPIs: what was targeted and reported, as known at the end of a day.

Screen tables, charts, sheets and CSV are all drawn from it. `load` asks a fixed number of queries for a center,
however many plans, indicators and years it has; everything after that is arithmetic.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from iconm_portal.models import Center
from iconm_portal.standing import registry
from iconm_portal.standing.changes import Standing, Unsettled
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Plan
from kpi.plans import known_facts
from kpi.plans.achievement import Achievement, Band, Counts, assess, summary
from kpi.plans.facts import ActualFact, GoalFacts, IndicatorFacts, KgiFacts, ReportFact, TargetFact

ACTUAL = "kpi.actual"
"""The kind of a reported value among the things that rest on others (`iconm_portal/standing`)."""
COUNT = "kpi.count"
"""The kind of what the register counts, on which a value can rest."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the settlement or the register says of a value by now, and the verdict that it would give."""

    unsettled: Unsettled
    achievement: Achievement

    @property
    def said(self) -> str:
        """What stands beside the value: 決算の訂正により 355,000千円."""
        return self.unsettled.said

    @property
    def is_of_register(self) -> bool:
        """Whether the register says it, not the settlement."""
        return any(change.seen.kind == COUNT for change in self.unsettled.changes)


@dataclass(frozen=True, slots=True)
class MovedTarget:
    """A target that came into force after its year was judged: what it is now, and the verdict that it would give.

    `by_correction`: the one that it would give to what the settlement or the register says of the value by now.
    """

    target: TargetFact
    achievement: Achievement
    by_correction: Achievement | None = None

    @property
    def has_verdict(self) -> bool:
        """Whether one can be told; none where what the value was taken from would give another one."""
        if not self.achievement.band.is_verdict:
            return False
        return self.by_correction is None or self.by_correction.band is self.achievement.band


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator in one fiscal year.

    `target` is what the year is judged by: the one in force when a value of the whole year was first accepted, None
    where there was none then; before that the one in force now. `moved` stands beside it where another one came later.
    """

    year: FiscalYear
    target: TargetFact | None
    actual: ActualFact | None
    achievement: Achievement
    is_baseline: bool
    moved: MovedTarget | None = None
    correction: Correction | None = (
        None  # where it differs from what the settlement or the register says by now
    )

    @property
    def is_contradicted(self) -> bool:
        """Whether what it was taken from gives another verdict than the reported value, so that none is claimed."""
        if self.correction is None or not self.band.is_verdict:
            return False
        return self.correction.achievement.band is not self.band

    @property
    def is_contradicted_by_register(self) -> bool:
        return self.is_contradicted and self.correction is not None and self.correction.is_of_register

    @property
    def value(self) -> Decimal | None:
        return self.actual.value if self.actual else None

    @property
    def band(self) -> Band:
        return self.achievement.band

    @property
    def target_in_force(self) -> TargetFact | None:
        """What both sides agreed last, whether the year is judged by it or not."""
        return self.moved.target if self.moved else self.target

    @property
    def is_whole_year(self) -> bool:
        """Whether there is a value that speaks of the whole year, not of a day within it."""
        return self.value is not None and self.band is not Band.INTERIM


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

    def interim_after(self, year: FiscalYear) -> list[Cell]:
        """The values of later years that stand beside this one's verdict without one of their own; none beside a year
        that another whole one has followed."""
        later = [cell for cell in self.cells if cell.year > year and cell.value is not None]
        return [] if any(cell.is_whole_year for cell in later) else later

    @property
    def latest(self) -> Cell | None:
        """The last year with a value, baseline included; None when nothing was ever reported."""
        return next((cell for cell in reversed(self.cells) if cell.value is not None), None)


@dataclass(frozen=True, slots=True)
class GoalRows:
    """A goal and the indicators that measure it."""

    goal: GoalFacts
    rows: tuple[Row, ...]


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
        return not any(cell.target_in_force or cell.actual for row in self.rows for cell in row.cells)

    @cached_property
    def reported_years(self) -> list[FiscalYear]:
        """The plan's own years that have a value."""
        return [year for year in self.years if any(row.cell(year).value is not None for row in self.rows)]

    @cached_property
    def whole_years(self) -> list[FiscalYear]:
        """Those of which more is known than a value from within the year."""
        return [
            year for year in self.reported_years if any(row.cell(year).is_whole_year for row in self.rows)
        ]

    def counts(self, year: FiscalYear) -> Counts:
        """How many indicators stand in which band in that year."""
        cells = [row.cell(year) for row in self.rows]
        achievements = [cell.achievement for cell in cells if not cell.is_contradicted]
        return summary(
            (one.band for one in achievements if not one.is_forecast),
            (one.band for one in achievements if one.is_forecast),
            moved=sum(cell.moved is not None for cell in cells),
            contradicted=sum(cell.is_contradicted for cell in cells),
            by_register=sum(cell.is_contradicted_by_register for cell in cells),
        )

    def focus_year(self, today: date) -> FiscalYear:
        """The year to look at first: the last whole one reported, before there is one the last of which anything was
        reported, otherwise the running one or the plan's nearest to it."""
        if self.reported_years:
            return (self.whole_years or self.reported_years)[-1]
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


def load(
    center: Center, *, known_at: date, standing: Standing | None = None, without: Collection[int] = ()
) -> Board:
    """Read everything known about the center's KPIs at the end of `known_at` (Japan), in six queries; a few more where a
    value is taken from an account or counted in the register. `standing`: what has changed by that day, where it was asked
    for already. `without`: reports, by key, that are left out (`known_facts.accepted`).

    An unknown day shows nothing rather than something later: plans without a known figure are left out.
    """
    reports, actuals, judged = known_facts.accepted(center, known_at, without=without)
    targets = known_facts.targets_in_force(center, known_at)
    kgis = known_facts.kgis(center, known_at=known_at)
    indicators = known_facts.indicators(center)
    differing = _differing(center, known_at, standing)
    cards, running = [], FiscalYear.of(known_at)
    for plan in sorted(
        Plan.objects.filter(center=center).order_by(), key=lambda row: (row.first_year, row.pk)
    ):
        baseline = (plan.baseline_year,) if plan.baseline_year else ()
        years = baseline + FiscalYear.range(plan.first_year, plan.last_year)
        goals: dict[GoalFacts, list[Row]] = {}
        for goal, facts in indicators.get(plan.pk, []):
            cells = (
                _cell(
                    plan,
                    facts,
                    year,
                    targets.get((facts.id, year), known_facts.NEVER_SET),
                    actuals.get((facts.id, year)),
                    judged.get((facts.id, year)),
                    differing.get(f"{plan.code}/{year.start}/{facts.code}"),
                    year_runs=year >= running,
                )
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
    targets: known_facts.Revisions,
    actual: ActualFact | None,
    judged: known_facts.Moment | None,
    unsettled: Unsettled | None,
    *,
    year_runs: bool,
) -> Cell:
    is_baseline = year == plan.baseline_year

    def against(target: TargetFact | None, value: Decimal | None) -> Achievement:
        return assess(
            actual=value,
            target=target.value if target else None,
            kind=indicator.kind,
            comparator=indicator.comparator,
            certainty=actual.certainty if actual else None,
            is_baseline=is_baseline,
            not_applicable=actual.not_applicable if actual else False,
            part_year=actual is not None and actual.as_of < year.last_day,
            year_runs=year_runs,
            nearly_threshold=plan.nearly_threshold,
            printed=indicator.shown,
        )

    value = actual.value if actual else None
    now = targets.now
    then = now if judged is None else targets.at(judged)
    said_by_now = unsettled.changes[0].now.figure if unsettled is not None else None
    moved = correction = None
    if now is not None and (then is None or then.value != now.value):
        moved = MovedTarget(now, against(now, value), against(now, said_by_now) if unsettled else None)
    else:
        then = now
    if unsettled is not None:
        correction = Correction(unsettled, against(then, said_by_now))
    return Cell(year, then, actual, against(then, value), is_baseline, moved, correction)


def _differing(center: Center, known_at: date, standing: Standing | None) -> dict[str, Unsettled]:
    """What differs from the settlement or the register, by the value's key; asked through the ground, because these and the
    reports stand above the plans."""
    if standing is not None:
        return {one.key: one for one in standing.all if one.kind == ACTUAL}
    judge = registry.kind(ACTUAL).judge
    return {} if judge is None else {key: one for (_kind, key), one in judge(center, known_at).items()}
