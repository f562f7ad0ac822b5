"""The facts of a center's KPIs as they are known at the end of a day, asked for with one query each.

What they mean together is `kpi.plans.scorecard`. The rows are sorted here rather than by the database: for so few of them
the ORM's work on an ORDER BY costs more than the sorting.
"""

from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import Q

from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.models import Actual, Continuity, Indicator, Kgi, Target
from kpi.plans.achievement import Certainty, Comparator, Kind
from kpi.plans.facts import NO_GOAL, ActualFact, GoalFacts, IndicatorFacts, KgiFacts, ReportFact, TargetFact

# The shape of each query, prepared once: resolving the names of the columns costs the ORM as much as asking.
_INDICATORS = Indicator.objects.order_by().values_list(
    "goal__position",
    "goal_id",
    "position",
    "id",
    "plan_id",
    "plan__code",
    "goal__code",
    "goal__label",
    "kind",
    "comparator",
    "rounding",
    "continuity",
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
)


def indicators(center: Center) -> dict[int, list[tuple[GoalFacts, IndicatorFacts]]]:
    """By plan, in order of goal and position; those that stand under no goal come first."""
    found: dict[int, list[tuple[GoalFacts, IndicatorFacts]]] = {}
    rows = sorted(_INDICATORS.filter(plan__center=center), key=_place)
    for _goal_position, goal_id, _position, id_, plan_id, plan_code, goal_code, goal_label, *facts in rows:
        kind, comparator, rounding, continuity, code, name, printed_kind, is_new, *rest = facts
        significance, unit, prints_comparator, decimals, entry_decimals, scale, predecessor_id, reason = rest
        goal = GoalFacts(goal_id, goal_code, goal_label) if goal_id else NO_GOAL
        indicator = IndicatorFacts(
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
            continuity_reason=reason,
        )
        found.setdefault(plan_id, []).append((goal, indicator))
    return found


def _place(row: tuple[Any, ...]) -> tuple[int, ...]:
    goal_position, goal_id, position, id_, *_facts = row
    return (goal_position, goal_id, position, id_) if goal_id else (-1, 0, position, id_)


_TARGETS = Target.objects.order_by().values_list(
    "revision", "indicator_id", "fiscal_year", "value", "known_from", "reason", "source", "effective_from"
)


def in_force(day: date) -> Q:
    """The targets that are known on that day, and not agreed for a later one only."""
    has_begun = Q(effective_from__isnull=True) | Q(effective_from__lte=day)
    return Q(known_from__lte=day) & has_begun


def targets_in_force(center: Center, known_at: date) -> dict[tuple[int, FiscalYear], TargetFact]:
    """The highest revision of each target known and in force on that day (later rows replace earlier ones)."""
    rows = _TARGETS.filter(in_force(known_at), indicator__plan__center=center)
    return {
        (indicator_id, year): TargetFact(value, revision, known_from, reason, source, effective_from)
        for revision, indicator_id, year, value, known_from, reason, source, effective_from in sorted(
            rows, key=itemgetter(0)
        )
    }


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
    "indicator_id",
    "value",
    "not_applicable",
    "certainty",
    "note",
    "source",
)
Reports = dict[tuple[int, FiscalYear], ReportFact]
Actuals = dict[tuple[int, FiscalYear], ActualFact]


def accepted(center: Center, known_at: date) -> tuple[Reports, Actuals]:
    """For each plan and year the latest as-of day's highest accepted revision, and the values that hold.

    The report of a whole year is a set: what it leaves blank is not reported. As of a day within the year a blank says
    nothing new, so that the value of an earlier day stands, with its own report.
    """
    rows: Iterable[tuple[Any, ...]] = _ACTUALS.filter(
        report__plan__center=center, report__state=ReviewState.ACCEPTED, report__known_from__lte=known_at
    )
    latest: dict[tuple[int, FiscalYear, date], ReportFact] = {}
    values: dict[int, list[tuple[int, ActualFact]]] = {}
    for plan_id, year, report_id, as_of, revision, known_from, source, reason, *people_and_actual in sorted(
        rows, key=itemgetter(3, 4, 2)
    ):
        submitted_by, accepted_by, indicator_id, value, not_applicable, certainty, note, of = (
            people_and_actual
        )
        report = latest.get((plan_id, year, as_of))
        if report is None or report.id != report_id:
            people = submitted_by or "", accepted_by or ""
            report = ReportFact(report_id, as_of, revision, known_from, source, reason, *people)
            latest[plan_id, year, as_of] = report
        actual = ActualFact(value, not_applicable, Certainty(certainty), note, of, report)
        values.setdefault(report_id, []).append((indicator_id, actual))
    reports: Reports = {}
    actuals: Actuals = {}
    for (plan_id, year, _as_of), report in reversed(latest.items()):  # the latest day first
        holding = reports.setdefault((plan_id, year), report)
        if report is holding or holding.as_of < year.last_day:
            for indicator_id, actual in values[report.id]:
                standing = actuals.get((indicator_id, year))
                if standing is None or (standing.is_blank and not actual.is_blank):
                    actuals[indicator_id, year] = actual
    return reports, actuals


_KGIS = (
    Kgi.objects.filter(plans__isnull=False)
    .order_by()
    .values_list("position", "pk", "plans", "code", "text", "target_year", "set_in")
)


def kgis(center: Center) -> dict[int, list[KgiFacts]]:
    """By plan, in order of position."""
    found: dict[int, list[KgiFacts]] = {}
    for _position, _pk, plan_id, *facts in sorted(_KGIS.filter(center=center), key=itemgetter(0, 1)):
        found.setdefault(plan_id, []).append(KgiFacts(*facts))
    return found
