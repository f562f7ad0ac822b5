"""Small builders of plans and reports. Reports go through the real actions, so they are what the portal makes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from iconm_portal.history.history import Source
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, Report, Target
from kpi.plans.achievement import Certainty, Kind
from kpi.reports import actions
from kpi.value_sources.entry_values import Comment, Entered

TRIALS = {"code": "trials", "name": "治験の実施件数", "unit": "件", "kind": Kind.CUMULATIVE}
PATENTS = {"code": "patents", "name": "特許出願件数", "unit": "件", "kind": Kind.FLOW}
INCOME = {"code": "income", "name": "研究費収入額", "unit": "千円", "kind": Kind.FLOW, "scale": 1000}
OCCUPANCY = {
    "code": "occupancy",
    "name": "入居率",
    "unit": "%",
    "kind": Kind.RATIO,
    "decimals": 1,
    "entry_decimals": 1,
}
STANDARD: Sequence[Mapping[str, Any]] = (TRIALS, PATENTS, INCOME, OCCUPANCY)
SOURCE = Source("T1")

# What is reported for an indicator, by its code: a value in base units, None for 「-」, or all of it.
Values = Mapping[str, Entered | Decimal | int | str | None]
Accepted = Callable[..., Report]


def tokyo(day: date, hour: int = 10) -> datetime:
    """A moment of that day in Japan."""
    return datetime.combine(day, time(hour), ZoneInfo("Asia/Tokyo"))


def many(number: int) -> list[dict[str, Any]]:
    """So many indicators, for query counts."""
    return [{**STANDARD[index % 4], "code": f"i{index}", "name": f"指標{index}"} for index in range(number)]


def make_indicator(plan: Plan, **fields: Any) -> Indicator:
    """One more indicator at the end of a plan."""
    return Indicator.objects.create(plan=plan, **{"position": plan.indicators.count() + 1, **fields})


def make_plan(
    center: Center,
    *,
    indicators: Sequence[Mapping[str, Any]] | int = STANDARD,
    years: tuple[int, int] = (2022, 2025),
    code: str = "research",
    targets: Mapping[str, Decimal | int | str] | None = None,
    **fields: Any,
) -> Plan:
    """A plan with indicators (fields of the model, or how many), and the same target in every year, by code."""
    first, last = years
    plan = Plan.objects.create(
        center=center,
        code=code,
        **{"label": f"計画 {code}", "first_year": first, "last_year": last, **fields},
    )
    specifications = many(indicators) if isinstance(indicators, int) else indicators
    made = Indicator.objects.bulk_create(
        Indicator(plan=plan, position=position, **specification)
        for position, specification in enumerate(specifications, start=1)
    )
    by_code = {indicator.code: indicator for indicator in made}
    Target.objects.bulk_create(
        Target(
            indicator=by_code[indicator_code],
            fiscal_year=year,
            value=Decimal(value),
            known_from=plan.first_year.first_day,
            source=SOURCE.text,
        )
        for indicator_code, value in (targets or {}).items()
        for year in FiscalYear.range(plan.first_year, plan.last_year)
    )
    return plan


def entered(value: Entered | Decimal | int | str | None) -> Entered:
    """An entry as final, from its value alone."""
    if isinstance(value, Entered):
        return value
    if value is None:
        return Entered(not_applicable=True)
    return Entered(value=Decimal(value), certainty=Certainty.FINAL)


def make_draft(
    plan: Plan, year: int, values: Values, *, by: User, as_of: date | None = None, at: datetime | None = None
) -> Report:
    """A draft that holds the values; as of the year's last day unless told otherwise."""
    day = as_of or FiscalYear(year).last_day
    report = actions.start_report(plan=plan, fiscal_year=FiscalYear(year), as_of=day, by=by)
    return fill(report, values, by=by, at=at)


def fill(report: Report, values: Values, *, by: User, at: datetime | None = None) -> Report:
    """Save the values into the draft."""
    by_code = {indicator.code: indicator for indicator in report.plan.indicators.all()}
    return actions.save_draft(
        report=report,
        version=report.version,
        as_of=report.as_of,
        entered={by_code[code]: entered(value) for code, value in values.items()},
        by=by,
        at=at or _after(report),
    )


def make_submitted(
    plan: Plan, year: int, values: Values, *, by: User, as_of: date | None = None, at: datetime | None = None
) -> Report:
    """Handed in, not yet opened by the city."""
    report = make_draft(plan, year, values, by=by, as_of=as_of, at=at)
    return actions.submit(report=report, version=report.version, by=by, at=at or _after(report))


def make_returned(
    plan: Plan,
    year: int,
    values: Values,
    *,
    by: User,
    reviewer: User,
    comments: Mapping[str, str] | None = None,
) -> Report:
    """Sent back with comments by indicator code ("" for the whole report)."""
    report = make_submitted(plan, year, values, by=by)
    at = _after(report)
    actions.open_review(report=report, version=report.version, by=reviewer, at=at)
    ids = {indicator.code: indicator.pk for indicator in plan.indicators.all()}
    said = [Comment(text, ids.get(code)) for code, text in (comments or {"": "確認してください。"}).items()]
    return actions.send_back(report=report, version=report.version, comments=said, by=reviewer, at=at)


def make_accepted_report(
    plan: Plan,
    year: int,
    values: Values,
    *,
    by: User,
    reviewer: User,
    as_of: date | None = None,
    at: datetime | None = None,
) -> Report:
    """Entered and submitted by the foundation's person, accepted by the city's, the day after its as-of day."""
    report = make_submitted(plan, year, values, by=by, as_of=as_of, at=at)
    return accept(report, reviewer=reviewer, at=at)


def correct(report: Report, values: Values, *, reason: str, by: User, reviewer: User) -> Report:
    """An accepted correction of an accepted report."""
    draft = fill(actions.start_correction(report=report, reason=reason, by=by), values, by=by)
    actions.submit(report=draft, version=draft.version, by=by, at=_after(draft))
    return accept(draft, reviewer=reviewer)


def accept(report: Report, *, reviewer: User, at: datetime | None = None) -> Report:
    """Open and accept a submitted report."""
    moment = at or _after(report)
    actions.open_review(report=report, version=report.version, by=reviewer, at=moment)
    return actions.accept(report=report, version=report.version, by=reviewer, at=moment)


def _after(report: Report) -> datetime:
    return tokyo(report.as_of + timedelta(days=1))


@pytest.fixture
def accepted_report(foundation_staff: User, city_staff: User) -> Accepted:
    """An accepted report of a plan and a year: entered by the foundation, accepted by the city."""

    def made(plan: Plan, year: int, values: Values, **options: Any) -> Report:
        return make_accepted_report(plan, year, values, by=foundation_staff, reviewer=city_staff, **options)

    return made
