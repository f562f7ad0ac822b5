"""The one read model: what was known when, which revision holds, and that its queries do not grow."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Continuity, Goal, Indicator, Plan
from kpi.plans import actions as plan_actions
from kpi.plans import scorecard
from kpi.plans.achievement import Band, Certainty, Kind
from kpi.plans.scorecard import Board, Cell
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import (
    INCOME,
    PATENTS,
    TRIALS,
    Accepted,
    correct,
    make_accepted_report,
    make_draft,
    make_plan,
    make_submitted,
    tokyo,
)

pytestmark = pytest.mark.django_db
FY2022, FY2023 = FiscalYear(2022), FiscalYear(2023)


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 10, "patents": 5})


def board(center: Center, known_at: date = date(2030, 1, 1)) -> Board:
    return scorecard.load(center, known_at=known_at)


def trials(center: Center, year: FiscalYear = FY2022, known_at: date = date(2030, 1, 1)) -> Cell:
    return board(center, known_at).plan("research").row("trials").cell(year)


def test_a_value_stands_against_its_own_years_target(
    center: Center, plan: Plan, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2022, {"trials": 12, "patents": 4})
    card = board(center).plan("research")
    assert [row.cell(FY2022).band for row in card.rows[:2]] == [Band.MET, Band.NOT_MET]
    assert card.rows[0].cell(FY2022).achievement.rate == Decimal("120.0")
    assert card.counts(FY2022).unreported == 2


def test_a_report_is_known_from_the_day_of_its_acceptance_on(
    center: Center, plan: Plan, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2022, {"trials": 12}, at=tokyo(date(2023, 5, 10), hour=23))
    assert trials(center, known_at=date(2023, 5, 9)).value is None
    assert trials(center, known_at=date(2023, 5, 10)).value == 12


def test_drafts_and_submitted_reports_are_not_known(
    center: Center, plan: Plan, foundation_staff: User
) -> None:
    make_draft(plan, 2022, {"trials": 12}, by=foundation_staff)
    make_submitted(plan, 2023, {"trials": 13}, by=foundation_staff)
    assert trials(center).value is None
    assert trials(center, FY2023).value is None


def test_the_latest_as_of_day_holds_whole(center: Center, plan: Plan, accepted_report: Accepted) -> None:
    """Nothing of the report as of November shines through where that of March has no value."""
    november = date(2022, 11, 30)
    accepted_report(plan, 2022, {"trials": 8, "patents": 3}, as_of=november)
    accepted_report(plan, 2022, {"trials": 12})
    row = board(center).plan("research").row
    assert (row("trials").cell(FY2022).value, row("patents").cell(FY2022).value) == (12, None)
    assert trials(center, known_at=date(2022, 12, 1)).value == 8


def test_a_correction_holds_from_its_acceptance_and_the_first_stays_known_before(
    center: Center, plan: Plan, accepted_report: Accepted, foundation_staff: User, city_staff: User
) -> None:
    first = accepted_report(plan, 2022, {"trials": 12}, at=tokyo(date(2023, 4, 1)))
    correct(first, {"trials": 11}, reason="重複を除いた", by=foundation_staff, reviewer=city_staff)
    cell = trials(center)
    assert (cell.value, cell.actual.report.revision, cell.actual.report.reason) == (11, 2, "重複を除いた")


def test_a_later_as_of_day_goes_before_a_higher_revision(
    center: Center, plan: Plan, accepted_report: Accepted, foundation_staff: User, city_staff: User
) -> None:
    november = accepted_report(plan, 2022, {"trials": 8}, as_of=date(2022, 11, 30))
    accepted_report(plan, 2022, {"trials": 12})
    correct(november, {"trials": 7}, reason="数え直し", by=foundation_staff, reviewer=city_staff)
    assert trials(center).value == 12


def test_a_revised_target_counts_from_its_day_on(center: Center, plan: Plan, city_staff: User) -> None:
    plan_actions.add_target(
        indicator=plan.indicators.get(code="trials"),
        fiscal_year=FY2022,
        value=Decimal(13),
        known_from=date(2023, 6, 1),
        by=city_staff,
        reason="引き上げ",
    )
    before, after = trials(center, known_at=date(2023, 5, 31)), trials(center, known_at=date(2023, 6, 1))
    assert (before.target.value, before.target.revision) == (10, 1)
    assert (after.target.value, after.target.revision, after.moved) == (13, 2, None)


def test_before_anything_was_known_there_is_no_plan(center: Center, plan: Plan) -> None:
    assert board(center, date(2022, 3, 31)).plans == ()
    assert [card.code for card in board(center, date(2022, 4, 1)).plans] == ["research"]


def test_the_baseline_is_never_compared(center: Center, accepted_report: Accepted) -> None:
    plan = make_plan(center, targets={"trials": 12}, baseline_year=2021)
    accepted_report(
        plan, 2021, {"trials": Entered(Decimal(11), certainty=Certainty.INTERIM)}, as_of=date(2021, 11, 30)
    )
    row = board(center).plan("research").row("trials")
    baseline = row.cells[0]
    assert (baseline.is_baseline, baseline.band, baseline.achievement.rate) == (True, Band.BASELINE, None)
    assert row.latest is baseline
    assert board(center).plan("research").reported_years == []


def test_not_applicable_not_reported_and_zero_are_three_things(
    center: Center, plan: Plan, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2022, {"trials": 0, "patents": None})
    row = board(center).plan("research").row
    bands = [row(code).cell(FY2022).band for code in ("trials", "patents", "income")]
    assert bands == [Band.NOT_MET, Band.NOT_APPLICABLE, Band.UNREPORTED]
    assert trials(center).value == 0


def test_a_part_year_flow_has_no_verdict(center: Center, plan: Plan, accepted_report: Accepted) -> None:
    values = {"patents": Entered(Decimal(9), certainty=Certainty.INTERIM)}
    accepted_report(plan, 2022, values, as_of=date(2022, 11, 30))
    cell = board(center).plan("research").row("patents").cell(FY2022)
    assert (cell.band, cell.achievement.comparable) == (Band.INTERIM, False)


def test_each_indicator_shows_values_by_its_own_rule(center: Center, accepted_report: Accepted) -> None:
    million = {**INCOME, "unit": "百万円", "scale": 1_000_000, "rounding": "truncate"}
    plan = make_plan(center, indicators=[million])
    accepted_report(plan, 2022, {"income": 505_794_000})
    row = board(center).plan("research").row("income")
    assert row.indicator.text(row.cell(FY2022).value) == "505"


def followed(first: Plan, second: Plan, code: str, continuity: Continuity) -> None:
    Indicator.objects.filter(plan=second, code=code).update(
        predecessor=first.indicators.get(code=code), continuity=continuity, continuity_reason="理由"
    )


def test_the_life_of_an_indicator_joins_its_plans_and_knows_its_break(center: Center) -> None:
    first = make_plan(
        center, indicators=[TRIALS, {**PATENTS, "kind": Kind.CUMULATIVE}], code="first", years=(2019, 2021),
        targets={"trials": 1, "patents": 1},
    )  # fmt: skip
    second = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 1, "patents": 1})
    followed(first, second, "trials", Continuity.CONTINUES)
    followed(first, second, "patents", Continuity.BREAKS)
    found = board(center)
    for code, breaks in (("trials", False), ("patents", True)):
        for plan in ("first", "research"):
            life = found.life_of(found.plan(plan).row(code).indicator)
            assert [segment.plan.code for segment in life] == ["first", "research"]
            assert [segment.breaks_before for segment in life] == [False, breaks]


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (date(2018, 1, 1), "first"),
        (date(2022, 3, 31), "first"),
        (date(2022, 4, 1), "second"),
        (date(2040, 1, 1), "second"),
    ],
)
def test_the_current_plan_is_the_last_one_begun(center: Center, today: date, code: str) -> None:
    make_plan(center, code="first", years=(2019, 2021), targets={"trials": 1})
    make_plan(center, code="second", years=(2022, 2025), targets={"trials": 1})
    current = board(center).current(today)
    assert current is not None
    assert current.code == code


@pytest.mark.parametrize(
    ("today", "start"), [(date(2021, 1, 1), 2022), (date(2023, 6, 1), 2023), (date(2030, 1, 1), 2025)]
)
def test_without_reports_the_running_year_is_looked_at_first(
    center: Center, plan: Plan, today: date, start: int
) -> None:
    assert board(center).plan("research").focus_year(today) == FiscalYear(start)


def test_the_last_reported_year_is_looked_at_first(
    center: Center, plan: Plan, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2022, {"trials": 12})
    assert board(center).plan("research").focus_year(date(2024, 6, 1)) == FY2022


def test_rows_stand_under_their_goals_in_order(center: Center) -> None:
    plan = make_plan(center, targets={"trials": 1})
    late = Goal.objects.create(plan=plan, code="late", position=2, label="あ")
    early = Goal.objects.create(plan=plan, code="early", position=1, label="ん")
    plan.indicators.filter(code="trials").update(goal=late)
    plan.indicators.filter(code="patents").update(goal=early)
    groups = board(center).plan("research").goals
    assert [group.goal.code for group in groups] == ["", "early", "late"]
    assert [row.indicator.code for row in groups[0].rows] == ["income", "occupancy"]


def test_another_centers_figures_stay_there(center: Center, foreign_center: Center, plan: Plan) -> None:
    assert board(foreign_center).plans == ()


def test_the_number_of_queries_does_not_grow(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    numbers = []
    for number in (8, 80, 800):
        plan = make_plan(
            center, indicators=number, code=f"p{number}", targets={f"i{index}": 5 for index in range(number)}
        )
        for year in (2022, 2023):
            values = {f"i{index}": index % 100 for index in range(number)}
            make_accepted_report(plan, year, values, by=foundation_staff, reviewer=city_staff)
        with CaptureQueriesContext(connection) as queries:
            found = board(center)
        assert sum(len(card.rows) for card in found.plans) >= number
        numbers.append(len(queries))
    assert numbers == [6, 6, 6]
