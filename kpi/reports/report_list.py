"""The years of each plan and what reports there are: only those of which the person may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.settlement.sent_back import SentBack
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Plan, Report
from kpi.reports.entry import visible_reports


@dataclass(frozen=True, slots=True)
class YearOfPlan:
    """A fiscal year of a plan with its reports, the latest first."""

    year: FiscalYear
    is_baseline: bool
    reports: tuple[Report, ...]
    returned: SentBack | None  # for the city: what it sent back, and sees again when it is handed in
    start_as_of: date | None  # the day proposed for a new report, where the person may start one

    @property
    def start_as_of_text(self) -> str:
        """The proposed day, as the date field writes it."""
        return EraDateFormField().prepare_value(self.start_as_of) if self.start_as_of else ""

    @property
    def in_force(self) -> Report | None:
        """The accepted report that holds: the latest as-of day, then the highest revision."""
        return next((report for report in self.reports if report.is_settled), None)

    @property
    def is_empty(self) -> bool:
        return not self.reports and self.returned is None


@dataclass(frozen=True, slots=True)
class PlanReports:
    """A plan and its years in order."""

    plan: Plan
    years: tuple[YearOfPlan, ...]


def replacing(report: Report, others: Iterable[Report]) -> Report | None:
    """The accepted report of the same plan and year that took an accepted one's place. `others`: those beside it."""
    if not report.is_settled:
        return None
    last = max(
        [report, *(one for one in others if one.is_settled)], key=lambda one: (one.as_of, one.revision)
    )
    return None if last == report else last


def load(user: User, center: Center, *, today: date, year: FiscalYear | None = None) -> list[PlanReports]:
    """All plans of the center, the newest first, or only what concerns one year; three queries."""
    reports = _by_plan_and_year(visible_reports(user, center))
    returned = _returned(user, center)
    keeps = allowed(user, center, Right.KEEP)
    found = []
    for plan in Plan.objects.filter(center=center).order_by("-first_year", "-pk"):
        years = tuple(
            _year_of_plan(
                plan,
                of_plan,
                reports.get((plan.pk, of_plan), ()),
                returned.get((plan.pk, of_plan)),
                keeps,
                today,
            )
            for of_plan in _years(plan, today)
            if year in (None, of_plan)
        )
        if years:
            found.append(PlanReports(plan, years))
    return found


def _years(plan: Plan, today: date) -> list[FiscalYear]:
    """The baseline year and those of the plan's years that have begun."""
    baseline = [plan.baseline_year] if plan.baseline_year else []
    return [*baseline, *FiscalYear.range(plan.first_year, min(plan.last_year, FiscalYear.of(today)))]


def _year_of_plan(
    plan: Plan,
    year: FiscalYear,
    reports: tuple[Report, ...],
    returned: SentBack | None,
    keeps: bool,
    today: date,
) -> YearOfPlan:
    is_baseline = year == plan.baseline_year
    proposed = min(year.last_day, today)
    is_free = not any(not report.is_settled or report.as_of == proposed for report in reports)
    return YearOfPlan(
        year=year,
        is_baseline=is_baseline,
        reports=reports,
        returned=returned,
        start_as_of=proposed if keeps and is_free and not (is_baseline and reports) else None,
    )


def _by_plan_and_year(reports: Iterable[Report]) -> dict[tuple[int, FiscalYear], tuple[Report, ...]]:
    found: dict[tuple[int, FiscalYear], tuple[Report, ...]] = {}
    for report in sorted(reports, key=lambda report: (report.as_of, report.revision), reverse=True):
        key = (report.plan_id, report.fiscal_year)
        found[key] = (*found.get(key, ()), report)
    return found


def _returned(user: User, center: Center) -> dict[tuple[int, FiscalYear], SentBack]:
    """What the city sent back, by plan and year; nothing for those who see the returned report itself."""
    if not allowed(user, center, Right.REVIEW):
        return {}
    rows = Report.objects.filter(plan__center=center, state=ReviewState.RETURNED)
    return {
        (row.plan_id, row.fiscal_year): SentBack(
            str(row), row.returned_at, row.returned_by.name, row.comments.all()
        )
        for row in rows.select_related("plan", "returned_by").prefetch_related("comments__written_by")
        if row.returned_at and row.returned_by
    }
