"""A year and what is known within it: which values have a verdict, which stand, and what is asked for in the end."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import todo
from kpi.dashboard.overview import Overview, overview
from kpi.models import Continuity, Plan
from kpi.plans import findings, scorecard
from kpi.plans.achievement import Band, Certainty
from kpi.plans.addresses import Addresses
from kpi.plans.scorecard import Cell, Scorecard
from kpi.reports import entry
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import Accepted, make_draft, make_indicator, make_plan, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db
TARGETS = {"trials": 10, "patents": 5, "income": 300_000_000, "occupancy": 90}
WHOLE = {"trials": 12, "patents": 5, "income": 310_000_000, "occupancy": 91}
FY2022, FY2023 = FiscalYear(2022), FiscalYear(2023)
MID_YEAR, IN_NOVEMBER, IN_APRIL = date(2023, 9, 30), date(2023, 11, 20), date(2024, 4, 10)


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets=TARGETS)


def interim(value: int) -> Entered:
    return Entered(Decimal(value), certainty=Certainty.INTERIM)


def forecast(value: int) -> Entered:
    return Entered(Decimal(value), certainty=Certainty.FORECAST)


def card(center: Center, day: date) -> Scorecard:
    return scorecard.load(center, known_at=day).plan("research")


def cell(center: Center, day: date, code: str = "trials", year: FiscalYear = FY2023) -> Cell:
    return card(center, day).row(code).cell(year)


def home(center: Center, day: date) -> Overview:
    with translation.override("ja"):
        found = overview(scorecard.load(center, known_at=day), Addresses(center.code), today=day)
    assert found is not None
    return found


def row_of(found: Overview, name: str) -> str:
    rows = [str(row) for group in found.main.groups for row in group.rows]
    html = next(row for row in rows if name in row)
    return unescape(
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)))
    )


# -- Verdicts --


@pytest.mark.parametrize("code", ["trials", "patents", "occupancy"])
@pytest.mark.parametrize("certainty", [Certainty.FINAL, Certainty.INTERIM])
@pytest.mark.parametrize("day", [IN_NOVEMBER, IN_APRIL])
def test_a_mid_year_value_has_no_verdict_whatever_it_calls_itself(
    plan: Plan, accepted_report: Accepted, code: str, certainty: Certainty, day: date
) -> None:
    accepted_report(plan, 2023, {code: Entered(Decimal(95), certainty=certainty)}, as_of=MID_YEAR)
    assert cell(plan.center, day, code).band is Band.INTERIM


def test_a_forecast_has_a_verdict_marked_as_one_once_its_year_is_over(
    plan: Plan, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2023, {"trials": forecast(12)}, as_of=MID_YEAR)
    assert cell(plan.center, date(2024, 3, 31)).band is Band.INTERIM
    after = cell(plan.center, date(2024, 4, 1))
    assert (after.band, after.achievement.is_forecast) == (Band.MET, True)


def test_a_plan_never_says_all_met_on_a_forecast(plan: Plan, accepted_report: Accepted) -> None:
    accepted_report(plan, 2022, WHOLE | {"income": forecast(361_000_000)}, at=tokyo(IN_APRIL))
    counts = card(plan.center, IN_APRIL).counts(FY2022)
    assert (counts.met, counts.expected_met) == (3, 1)
    with translation.override("ja"):
        said = findings.finding(counts, "令和4年度")
        assert said == "4指標のうち3つが達成、1つが達成見込です。"
        assert [re.sub(r"<[^>]+>", "", chip) + number for chip, number in findings.tally(counts)] == [
            "✓達成3",
            "◐達成（見込）1",
        ]


def test_by_forecasts_alone_nothing_is_met(plan: Plan, accepted_report: Accepted) -> None:
    values = {"trials": forecast(12), "patents": forecast(1)}
    accepted_report(plan, 2022, values, at=tokyo(IN_APRIL))
    with translation.override("ja"):
        said = findings.finding(card(plan.center, IN_APRIL).counts(FY2022), "令和4年度")
    assert said == "4指標のうち1つが達成見込、1つが未達見込です。"


# -- The home page --


@pytest.mark.parametrize("day", [IN_NOVEMBER, IN_APRIL])
def test_the_last_whole_years_verdicts_stay_first_with_the_interim_values_beside_them(
    plan: Plan, accepted_report: Accepted, day: date
) -> None:
    accepted_report(plan, 2022, WHOLE)
    accepted_report(plan, 2023, {"trials": interim(13), "occupancy": Decimal(88)}, as_of=MID_YEAR)
    found = home(plan.center, day)
    assert (found.main.state.year, found.main.state.finding) == (
        "令和4年度",
        "4指標すべてが達成です。",
    )
    assert "12 件 R5.3末・確定 R5 13件 R5.9末・途中経過 " in row_of(found, "治験の実施件数")
    assert "R5 88% R5.9末・確定" in row_of(found, "入居率")
    assert "R5 " not in row_of(found, "特許出願件数")
    assert [link.label for link in found.year_links if link.is_chosen] == ["令和4年度"]


def test_interim_values_stand_beside_the_last_whole_year_only(plan: Plan, accepted_report: Accepted) -> None:
    accepted_report(plan, 2022, WHOLE)
    accepted_report(plan, 2023, WHOLE)
    accepted_report(plan, 2024, {"trials": interim(13)}, as_of=date(2024, 9, 30))
    row = card(plan.center, date(2024, 11, 20)).row("trials")
    assert [later.year.start for later in row.interim_after(FY2023)] == [2024]
    assert row.interim_after(FY2022) == []


def test_in_a_plans_first_year_the_plan_before_it_tells_of_the_last_whole_year(
    center: Center, accepted_report: Accepted
) -> None:
    before = make_plan(center, code="first", label="前の計画", years=(2019, 2022), targets=TARGETS)
    now = make_plan(center, years=(2023, 2025), targets=TARGETS)
    accepted_report(before, 2022, WHOLE)
    accepted_report(now, 2023, {"trials": interim(13)}, as_of=MID_YEAR)
    found = home(center, IN_NOVEMBER)
    assert found.last_reported is not None
    assert found.last_reported.finding == "4指標すべてが達成です。"


# -- Blanks --


def test_a_blank_in_a_later_interim_leaves_the_earlier_value_standing_with_its_day(
    plan: Plan, accepted_report: Accepted
) -> None:
    first = {"trials": interim(11), "occupancy": interim(88)}
    accepted_report(plan, 2023, first, as_of=MID_YEAR)
    accepted_report(plan, 2023, {"trials": interim(12)}, as_of=date(2023, 12, 31))
    day = date(2024, 2, 1)
    trials, occupancy = cell(plan.center, day), cell(plan.center, day, "occupancy")
    assert (trials.value, trials.actual and trials.actual.as_of) == (Decimal(12), date(2023, 12, 31))
    assert (occupancy.value, occupancy.actual and occupancy.actual.as_of) == (Decimal(88), MID_YEAR)
    assert occupancy.band is Band.INTERIM


def test_a_blank_in_the_years_own_set_is_not_reported(plan: Plan, accepted_report: Accepted) -> None:
    accepted_report(plan, 2023, {"trials": interim(11), "occupancy": interim(88)}, as_of=MID_YEAR)
    accepted_report(plan, 2023, {"trials": 12})
    assert cell(plan.center, IN_APRIL, "occupancy").band is Band.UNREPORTED


def test_a_note_alone_takes_no_value_away_within_the_year(plan: Plan, accepted_report: Accepted) -> None:
    accepted_report(plan, 2023, {"occupancy": interim(88)}, as_of=MID_YEAR)
    later = {"trials": interim(12), "occupancy": Entered(note="集計中")}
    accepted_report(plan, 2023, later, as_of=date(2023, 12, 31))
    assert cell(plan.center, date(2024, 2, 1), "occupancy").value == Decimal(88)


# -- The entry sheet --


def test_the_year_before_is_the_final_value_once_it_is_accepted(
    center: Center, accepted_report: Accepted, foundation_staff: User
) -> None:
    """The next plan's baseline of R3.11 stood in the sheet of R4, even after R3's own value."""
    old = make_plan(center, code="first", years=(2019, 2021), targets=TARGETS)
    new = make_plan(center, baseline_year=2021, indicators=[], targets={})
    followed = old.indicators.get(code="trials")
    make_indicator(
        new,
        code="trials",
        name="治験の実施件数",
        unit="件",
        kind=followed.kind,
        continuity=Continuity.CONTINUES,
        predecessor=followed,
        continuity_reason="同じ数え方",
    )
    accepted_report(new, 2021, {"trials": interim(8)}, as_of=date(2021, 11, 30))
    sheet = make_draft(new, 2022, {}, by=foundation_staff)

    def before() -> tuple[Decimal, Certainty] | None:
        earlier = entry.load(sheet, today=IN_APRIL).lines[0].earlier
        return earlier and (earlier.value, earlier.certainty)

    assert before() == (Decimal(8), Certainty.INTERIM)
    accepted_report(old, 2021, {"trials": 9})
    assert before() == (Decimal(9), Certainty.FINAL)


# -- What is asked for --


def asked(center: Center, person: User, day: date) -> list[str]:
    with time_machine.travel(tokyo(day)), translation.override("ja"):
        found = todo.tasks(person, center, today=day)
    return [task.title for task in found if "確定値" in task.title]


def test_forecasts_and_blanks_are_asked_for_after_the_year_until_they_are_final(
    plan: Plan, accepted_report: Accepted, foundation_staff: User, city_staff: User
) -> None:
    values = {"trials": 12, "patents": forecast(5), "occupancy": None}
    accepted_report(plan, 2022, values, at=tokyo(date(2023, 3, 31)))
    assert asked(plan.center, foundation_staff, date(2023, 3, 31)) == []
    wanted = ["令和4年度の確定値を報告する（2指標）"]  # the forecast, and the blank income
    assert asked(plan.center, foundation_staff, date(2023, 4, 1)) == wanted
    assert asked(plan.center, foundation_staff, date(2026, 11, 1)) == wanted
    assert asked(plan.center, city_staff, date(2023, 4, 1)) == []


def test_an_interim_report_alone_is_asked_for_as_a_whole_until_the_years_own(
    plan: Plan, accepted_report: Accepted, foundation_staff: User
) -> None:
    accepted_report(plan, 2022, WHOLE, as_of=date(2022, 9, 30))
    assert asked(plan.center, foundation_staff, date(2023, 4, 1)) == ["令和4年度の確定値を報告する（4指標）"]
    accepted_report(plan, 2022, WHOLE)
    assert asked(plan.center, foundation_staff, date(2023, 4, 1)) == []


def test_while_a_report_of_the_year_is_being_worked_on_it_is_not_asked_for_twice(
    plan: Plan, accepted_report: Accepted, foundation_staff: User
) -> None:
    accepted_report(plan, 2022, {"trials": 12}, as_of=date(2022, 9, 30))
    make_draft(plan, 2022, {"trials": 13}, by=foundation_staff)
    assert asked(plan.center, foundation_staff, date(2023, 4, 1)) == []


def test_asking_takes_as_many_queries_however_many_years_there_are(
    plan: Plan, accepted_report: Accepted, foundation_staff: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            asked(plan.center, foundation_staff, date(2026, 4, 1))
        return len(seen)

    accepted_report(plan, 2022, {"trials": 12})
    one = queries()
    for year in (2023, 2024):
        accepted_report(plan, year, {"trials": 12})
    assert queries() == one


# -- Years after the one with the verdicts --


def test_later_years_without_a_report_are_named_beside_the_verdicts(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_staff: User
) -> None:
    """Only R4 is reported of R4–R7. While R5 runs nothing is missing; then each year that is over is named."""
    accepted_report(plan, 2022, WHOLE)
    said = [
        home(plan.center, day).main.state.later_unreported
        for day in (IN_NOVEMBER, IN_APRIL, date(2026, 5, 1))
    ]
    assert said == [
        "",
        "R5の年度末の実績は、まだ受理されていません。",
        "R5〜R7の年度末の実績は、まだ受理されていません。",
    ]
    with time_machine.travel(tokyo(date(2026, 5, 1)), tick=False):
        for path in ("/lab/", "/lab/kpi/research/"):
            assert said[-1] in log_in(city_staff).get(path).content.decode()


def test_a_mid_year_value_is_not_the_year_s_end(plan: Plan, accepted_report: Accepted) -> None:
    accepted_report(plan, 2022, WHOLE)
    accepted_report(plan, 2023, {"trials": interim(13)}, as_of=MID_YEAR)
    found = home(plan.center, IN_APRIL).main.state
    assert (found.year, found.later_unreported) == (
        "令和4年度",
        "R5の年度末の実績は、まだ受理されていません。",
    )


def test_a_plan_without_any_verdict_says_that_alone(plan: Plan, accepted_report: Accepted) -> None:
    assert home(plan.center, IN_APRIL).main.state.later_unreported == ""
    accepted_report(plan, 2022, {"trials": interim(11)}, as_of=date(2022, 9, 30))
    assert home(plan.center, IN_APRIL).main.state.later_unreported == ""
