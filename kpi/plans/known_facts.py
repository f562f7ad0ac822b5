"""The facts of a center's KPIs as they are known at the end of a day, asked for with one query each.

What they mean together is `kpi.plans.scorecard`. The rows are sorted here rather than by the database: for so few of them
the ORM's work on an ORDER BY costs more than the sorting.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import Q

from iconm_portal.models import Center, ReviewState
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.models import Actual, Continuity, Indicator, Kgi, Target, is_our_summary, official_text
from kpi.plans.achievement import Certainty, Comparator, Kind
from kpi.plans.facts import NO_GOAL, ActualFact, GoalFacts, IndicatorFacts, KgiFacts, ReportFact, TargetFact

# The shape of each query, prepared once: resolving the names of the columns costs the ORM as much as asking.
_INDICATORS = Indicator.objects.order_by().values_list(
    "goal__position",
    "goal_id",
    "goal__code",
    "goal__label",
    "plan_id",
    "plan__code",
    "position",
    "id",
    "code",
    "name",
    "printed_kind",
    "is_new",
    "significance",
    "unit",
    "kind",
    "comparator",
    "prints_comparator",
    "decimals",
    "entry_decimals",
    "scale",
    "rounding",
    "continuity",
    "predecessor_id",
    "continuity_reason",
    named=True,
)


def indicators(center: Center) -> dict[int, list[tuple[GoalFacts, IndicatorFacts]]]:
    """By plan, in order of goal and position; those that stand under no goal come first."""
    found: dict[int, list[tuple[GoalFacts, IndicatorFacts]]] = {}
    for row in sorted(_INDICATORS.filter(plan__center=center), key=_place):
        goal = GoalFacts(row.goal_id, row.goal__code, row.goal__label) if row.goal_id else NO_GOAL
        indicator = IndicatorFacts(
            id=row.id,
            plan_code=row.plan__code,
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
        found.setdefault(row.plan_id, []).append((goal, indicator))
    return found


def _place(row: Any) -> tuple[int, ...]:
    under = (row.goal__position, row.goal_id) if row.goal_id else (-1, 0)
    return (*under, row.position, row.id)


_TARGETS = Target.objects.order_by().values_list(
    "indicator_id",
    "fiscal_year",
    "value",
    "revision",
    "known_from",
    "reason",
    "source",
    "effective_from",
    "recorded_at",
)


def in_force(day: date) -> Q:
    """The targets that are known on that day, and not agreed for a later one only."""
    has_begun = Q(effective_from__isnull=True) | Q(effective_from__lte=day)
    return Q(known_from__lte=day) & has_begun


@dataclass(frozen=True, slots=True)
class Moment:
    """When something became known: the day, and the time within it where people did it in the portal on that day."""

    day: date
    at: datetime | None = None

    @classmethod
    def of(cls, day: date, done_at: datetime | None) -> "Moment":
        """What came from a document, or was entered later, has a day only."""
        return cls(day, done_at if done_at is not None and clock.day_of(done_at) == day else None)

    def is_after(self, other: "Moment") -> bool:
        """Within one day only where both have a time: what one document tells is told at once."""
        if self.day != other.day or self.at is None or other.at is None:
            return self.day > other.day
        return self.at > other.at


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of one target that are known and in force, the highest last."""

    facts: tuple[tuple[TargetFact, Moment], ...]

    @property
    def now(self) -> TargetFact | None:
        return self.facts[-1][0] if self.facts else None

    def at(self, moment: Moment) -> TargetFact | None:
        """The one that was in force then; None where the target was first set afterwards."""
        held = [fact for fact, since in self.facts if not since.is_after(moment)]
        return held[-1] if held else None


NEVER_SET = Revisions(())
Targets = dict[tuple[int, FiscalYear], Revisions]


def targets_in_force(center: Center, known_at: date) -> Targets:
    """The revisions of each target that are known and in force on that day, in their order."""
    rows = _TARGETS.filter(in_force(known_at), indicator__plan__center=center)
    found: dict[tuple[int, FiscalYear], list[tuple[TargetFact, Moment]]] = {}
    for indicator_id, year, *facts, recorded_at in sorted(rows, key=itemgetter(3)):  # by revision
        fact = TargetFact(*facts)
        since = Moment.of(fact.since, None if fact.source else recorded_at)
        found.setdefault((indicator_id, year), []).append((fact, since))
    return {key: Revisions(tuple(revisions)) for key, revisions in found.items()}


_ACTUALS = Actual.objects.order_by().values_list(
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
    "report__accepted_at",
    "indicator_id",
    "value",
    "not_applicable",
    "certainty",
    "note",
    "source",
    named=True,
)
Reports = dict[tuple[int, FiscalYear], ReportFact]
Actuals = dict[tuple[int, FiscalYear], ActualFact]
Judged = dict[tuple[int, FiscalYear], Moment]


def accepted(
    center: Center, known_at: date, *, without: Collection[int] = ()
) -> tuple[Reports, Actuals, Judged]:
    """For each plan and year the latest as-of day's highest accepted revision, the values that hold, and when an
    indicator's year first had a value that can be judged.

    The report of a whole year is a set: what it leaves blank is not reported. As of a day within the year a blank says
    nothing new, so that the value of an earlier day stands, with its own report. `without`: reports, by key, that are left
    out, as those that came later within the day.
    """
    rows: Iterable[Any] = _ACTUALS.filter(
        report__plan__center=center, report__state=ReviewState.ACCEPTED, report__known_from__lte=known_at
    )
    latest: dict[tuple[int, FiscalYear, date], ReportFact] = {}
    values: dict[int, list[tuple[int, ActualFact]]] = {}
    judged: Judged = {}
    counted = (row for row in rows if row.report_id not in without)
    for row in sorted(counted, key=attrgetter("report__as_of", "report__revision", "report_id")):
        of_day = row.report__plan_id, row.report__fiscal_year, row.report__as_of
        report = latest.get(of_day)
        if report is None or report.id != row.report_id:
            report = ReportFact(
                id=row.report_id,
                as_of=row.report__as_of,
                revision=row.report__revision,
                known_from=row.report__known_from,
                source=row.report__source,
                reason=row.report__reason,
                submitted_by=row.report__submitted_by__name or "",
                accepted_by=row.report__accepted_by__name or "",
                accepted_at=row.report__accepted_at,
            )
            latest[of_day] = report
        actual = ActualFact(
            row.value, row.not_applicable, Certainty(row.certainty), row.note, row.source, report
        )
        values.setdefault(row.report_id, []).append((row.indicator_id, actual))
        moment = _judged(actual, row.report__fiscal_year, row.report__accepted_at)
        if moment is not None:
            key = row.indicator_id, row.report__fiscal_year
            if key not in judged or judged[key].is_after(moment):
                judged[key] = moment
    reports: Reports = {}
    actuals: Actuals = {}
    for (plan_id, year, _as_of), report in reversed(latest.items()):  # the latest day first
        holding = reports.setdefault((plan_id, year), report)
        if report is holding or holding.as_of < year.last_day:
            for indicator_id, actual in values[report.id]:
                standing = actuals.get((indicator_id, year))
                if standing is None or (standing.is_blank and not actual.is_blank):
                    actuals[indicator_id, year] = actual
    return reports, actuals, judged


def _judged(actual: ActualFact, year: FiscalYear, accepted_at: datetime | None) -> Moment | None:
    """From when the accepted value has a verdict: its acceptance, but for a forecast not before the year is over. None
    for what has none."""
    if actual.value is None or not actual.certainty.allows_verdict(
        part_year=actual.as_of < year.last_day, year_runs=False
    ):
        return None
    return Moment.of(max(actual.report.known_from, year.last_day), accepted_at)


_KGIS = (
    Kgi.objects.filter(plans__isnull=False)
    .order_by()
    .values_list("position", "pk", "plans", "code", "text", "target_year", "set_in", "source")
)


def kgis(center: Center, *, known_at: date) -> dict[int, list[KgiFacts]]:
    """By plan, in order of position; in the official text where both sides had confirmed one by the day."""
    found: dict[int, list[KgiFacts]] = {}
    rows = _KGIS.filter(center=center).annotate(official=official_text("kgi", known_at))
    for _position, _pk, plan_id, code, text, target_year, set_in, source, official in sorted(
        rows, key=itemgetter(0, 1)
    ):
        facts = KgiFacts(
            code, official or text, target_year, set_in, is_summary=is_our_summary(source, official)
        )
        found.setdefault(plan_id, []).append(facts)
    return found
