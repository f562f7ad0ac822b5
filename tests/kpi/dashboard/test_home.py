"""The home page: are we on track?"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard.overview import overview
from kpi.models import Continuity, Indicator, Plan, Target
from kpi.plans import findings, scorecard, texts
from kpi.plans.achievement import Band, Certainty, Comparator, Counts, Kind
from kpi.plans.addresses import Addresses
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import OCCUPANCY, PATENTS, Accepted, make_accepted_report, make_plan, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db
TARGETS = {"trials": 10, "patents": 5, "income": 300_000_000, "occupancy": 90}


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(tokyo(date(2024, 11, 24)), tick=False):
        yield


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets=TARGETS, baseline_year=2021)


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def page(client: Client, query: str = "") -> str:
    """The page's text in English, without its pictures, in one line."""
    response = english(client).get(f"/lab/{query}")
    assert response.status_code == 200
    return words(response.content.decode())


def words(html: str) -> str:
    return unescape(
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "[svg]", html, flags=re.DOTALL)))
    )


def row_of(client: Client, name: str, query: str = "") -> str:
    """The row of an indicator."""
    html = english(client).get(f"/lab/{query}").content.decode()
    return words(next(row for row in html.split("<tr") if f">{name}</a>" in row))


# --- the finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts(met=3, not_met=1, interim=1, unreported=1), "Of 6 indicators, 3 are met, 1 is not met."),
        (Counts(met=1, nearly=2, not_met=1), "Of 4 indicators, 1 is met, 2 are nearly met, 1 is not met."),
        (Counts(not_met=1, unreported=1), "Of 2 indicators, none is met, 1 is not met."),
        (Counts(met=2, unreported=3), "Of 5 indicators, 2 are met."),
        (Counts(met=8), "All 8 indicators met their targets."),
        (Counts(not_met=8), "None of the 8 indicators met its target."),
        (Counts(met=1), "The one indicator met its target."),
        (Counts(not_met=1), "The one indicator did not meet its target."),
        (Counts(unreported=8), "Nothing has been reported for FY2023 yet: all 8 indicators are open."),
        (Counts(unreported=1), "Nothing has been reported for FY2023 yet: 1 indicator is open."),
        (
            Counts(interim=2, unreported=1),
            "No verdict for FY2023 yet: none of the 3 indicators has a value that can be judged.",
        ),
    ],
)  # fmt: skip
def test_the_finding_in_words(counts: Counts, sentence: str) -> None:
    with translation.override("en"):
        assert findings.finding(counts, "FY2023") == sentence


def test_the_page_begins_with_the_finding(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2023, {"trials": 12, "patents": 4, "income": 300_000_000})
    text = page(log_in(city_viewer))
    assert "Are we on track? — FY2023 As known on 24 November 2024" in text
    assert "Of 4 indicators, 2 are met, 1 is not met. ✓ Met 2 × Not met 1 – Not reported 1" in text


# --- the rows ------------------------------------------------------------------------------------


def test_a_row_has_value_day_certainty_target_rate_and_verdict(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2023, {"income": 361_204_000})
    row = row_of(log_in(city_viewer), "研究費収入額")
    assert "361,204 千円 31 Mar 2024, final 300,000 千円 [svg] 120.4 % [svg] ✓ Met" in row


def test_what_is_not_reported_is_no_bar_and_shows_the_latest_value_with_its_own_target(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2022, {"trials": 9})
    accepted_report(plan, 2023, {"patents": 4})
    row = row_of(log_in(city_viewer), "治験の実施件数")
    assert "Not reported FY2022: 9 件 of 10 件 (31 Mar 2023, final) 10 件 [svg] – Not reported" in row


def test_without_any_report_the_baseline_is_shown_and_not_compared(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    values = {"trials": Entered(Decimal(11), certainty=Certainty.INTERIM)}
    accepted_report(plan, 2021, values, as_of=date(2021, 11, 30), at=tokyo(date(2022, 1, 27)))
    client = log_in(city_viewer)
    row = row_of(client, "治験の実施件数")
    assert "Not reported Baseline 11 件 (30 Nov 2021, interim) 10 件 [svg] – Not reported" in row
    assert "Nothing has been reported for this plan yet." in page(client)


def test_part_of_a_year_is_not_compared(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    values = {"patents": Entered(Decimal(9), certainty=Certainty.INTERIM)}
    accepted_report(plan, 2024, values, as_of=date(2024, 9, 30))
    row = row_of(log_in(city_viewer), "特許出願件数")
    assert "9 件 30 Sep 2024, interim 5 件 Not compared: only part of the year [svg] ◐ Interim" in row


def test_a_forecast_says_so_beside_its_verdict(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2023, {"income": Entered(Decimal(310_000_000), certainty=Certainty.FORECAST)})
    assert "✓ Met settlement forecast" in row_of(log_in(city_viewer), "研究費収入額")


def test_not_applicable_is_neither_zero_nor_missing(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2023, {"trials": 0, "patents": Entered(not_applicable=True, note="対象なし")})
    client = log_in(city_viewer)
    assert " － 対象なし 5 件 [svg] Not applicable" in row_of(client, "特許出願件数")
    assert " 0 件 31 Mar 2024, final" in row_of(client, "治験の実施件数")


def test_a_target_that_is_an_upper_limit_says_so(
    center: Center, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    plan = make_plan(
        center, indicators=[{**PATENTS, "comparator": Comparator.AT_MOST}], targets={"patents": 3}
    )
    accepted_report(plan, 2023, {"patents": 4})
    assert "3 件 or less [svg] +1 件 [svg] × Not met" in row_of(log_in(city_viewer), "特許出願件数")


def test_a_break_in_definition_is_said_and_drawn(
    center: Center, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    old = {**PATENTS, "kind": Kind.CUMULATIVE}
    first = make_plan(center, code="first", years=(2019, 2021), indicators=[old], targets={"patents": 40})
    plan = make_plan(center, indicators=[PATENTS], targets={"patents": 5})
    Indicator.objects.filter(plan=plan).update(
        predecessor=first.indicators.get(), continuity=Continuity.BREAKS, continuity_reason="数え方"
    )
    accepted_report(first, 2020, {"patents": 87})
    accepted_report(plan, 2023, {"patents": 6})
    client = english(log_in(city_viewer))
    assert "From FY2022 yearly instead of cumulative" in row_of(client, "特許出願件数")
    html = client.get("/lab/").content.decode()
    assert 'class="break"' in html
    assert "FY2020 87, FY2021 Not reported, | FY2022 Not reported, FY2023 6</title>" in html


# --- plans and days ------------------------------------------------------------------------------


def test_another_year_of_the_plan_can_be_chosen(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2022, {"trials": 9})
    accepted_report(plan, 2023, {"trials": 12})
    client = log_in(city_viewer)
    assert " 9 件 31 Mar 2023, final" in row_of(client, "治験の実施件数", "?year=2022")
    assert 'href="?year=2025"' in client.get("/lab/").content.decode()


@pytest.mark.parametrize(
    "query", ["?year=2030", "?year=x", "?year=" + "9" * 30, "?known_at=2030-01-01", "?known_at=x"]
)
def test_an_impossible_choice_is_said_and_the_default_shown(
    plan: Plan, log_in: LogIn, city_viewer: User, query: str
) -> None:
    assert "cannot be shown." in page(log_in(city_viewer), query)


def test_as_known_on_an_earlier_day(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2022, {"trials": 9}, at=tokyo(date(2023, 5, 1)))
    accepted_report(plan, 2023, {"trials": 12}, at=tokyo(date(2024, 5, 1)))
    client = log_in(city_viewer)
    text = page(client, "?known_at=R6.4.30")
    assert "— FY2022 As known on 30 April 2024" in text
    assert "This is the state as it was known on 30 April 2024. Show today's state" in text
    html = client.get("/lab/?known_at=R6.4.30").content.decode()
    assert 'href="/lab/kpi/research/trials/?known_at=2024-04-30"' in html
    assert "Nothing was known yet on 1 April 2020" in page(client, "?known_at=2020-04-01")


def test_after_its_end_a_plan_is_not_late(
    center: Center, plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted_report(plan, 2023, {"trials": 12})
    client = log_in(city_viewer)
    assert "This plan has ended" not in page(client)
    with time_machine.travel(tokyo(date(2026, 11, 24)), tick=False):
        text = page(log_in(city_viewer))
    assert "This plan has ended; the next one is not registered yet." in text
    assert not re.search(r"\blate\b|overdue", text, re.IGNORECASE)


def test_earlier_plans_keep_their_results_in_a_line(
    center: Center, plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    first = make_plan(
        center, code="first", label="前の計画", years=(2019, 2021), targets={"trials": 1, "patents": 9}
    )
    accepted_report(first, 2020, {"trials": 1, "patents": 1})
    text = page(log_in(city_viewer))
    assert "前の計画 FY2019–FY2021 FY2020 ✓ Met 1 × Not met 1" in text


def test_a_plan_to_come_has_no_verdicts_yet(
    center: Center, plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    first = make_plan(center, code="first", years=(2019, 2021), targets={"trials": 1})
    accepted_report(first, 2020, {"trials": 1}, at=tokyo(date(2021, 5, 1)))
    Target.objects.create(
        indicator=plan.indicators.get(code="trials"),
        fiscal_year=2025,
        revision=2,
        value=9,
        known_from=date(2021, 6, 1),
        reason="案",
        source="T1",
    )
    text = page(log_in(city_viewer), "?known_at=2021-07-01")
    assert "— FY2020 As known on 1 July 2021" in text
    assert "計画 research FY2022–FY2025 No report yet" in text


def test_a_plan_that_runs_beside_the_current_one_is_shown_in_full(
    center: Center, plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    beside = make_plan(
        center,
        code="beside",
        label="並行する計画",
        years=(2021, 2028),
        indicators=[OCCUPANCY],
        targets={"occupancy": 80},
    )
    accepted_report(beside, 2023, {"occupancy": "81.5"})
    client = log_in(city_viewer)
    assert "並行する計画 — FY2023 The one indicator met its target." in page(client).replace("  ", " ")


def test_a_center_without_plans_says_what_to_do(center: Center, log_in: LogIn, city_viewer: User) -> None:
    assert "No plan with targets is registered for this center yet." in page(log_in(city_viewer))


def test_names_and_notes_are_marked_as_japanese(plan: Plan, log_in: LogIn, city_viewer: User) -> None:
    html = english(log_in(city_viewer)).get("/lab/").content.decode()
    assert '<html lang="en">' in html
    assert re.search(r'<a href="/lab/kpi/research/trials/" lang="ja">治験の実施件数</a>', html)


def test_the_report_behind_the_year_names_its_people(
    plan: Plan, accepted_report: Accepted, log_in: LogIn, city_viewer: User
) -> None:
    accepted = accepted_report(plan, 2023, {"trials": 12}, at=tokyo(date(2024, 5, 20)))
    client = log_in(city_viewer)
    text = page(client)
    assert "entered by 名前 foundation-staff, accepted by 名前 city-staff ・ known from 20 May 2024" in text
    assert f'href="/lab/reports/2023/{accepted.pk}/"' in client.get("/lab/").content.decode()


# --- who, how, how much --------------------------------------------------------------------------


def test_what_waits_is_shown_to_those_who_act_only(
    plan: Plan, log_in: LogIn, city_viewer: User, foundation_staff: User
) -> None:
    assert "For you to do" not in page(log_in(city_viewer))
    assert "For you to do" in page(log_in(foundation_staff))


def test_a_foreign_center_is_not_there(plan: Plan, log_in: LogIn, foreign_city_staff: User) -> None:
    assert log_in(foreign_city_staff).get("/lab/").status_code == 404


def test_an_administrator_has_no_scorecard(plan: Plan, log_in: LogIn, administrator: User) -> None:
    assert log_in(administrator).get("/lab/").status_code == 403


def test_the_page_is_only_read(plan: Plan, log_in: LogIn, city_staff: User) -> None:
    assert log_in(city_staff).post("/lab/").status_code == 405


def test_the_number_of_queries_does_not_grow(
    center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    client, numbers = log_in(city_staff), []
    client.get("/lab/")
    for number in (8, 80, 800):
        targets = {f"i{index}": 5 for index in range(number)}
        plan = make_plan(center, indicators=number, code=f"p{number}", targets=targets)
        make_accepted_report(plan, 2023, dict.fromkeys(targets, 6), by=foundation_staff, reviewer=city_staff)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/lab/").status_code == 200
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 16


def test_a_year_outside_the_plan_is_refused(center: Center, plan: Plan) -> None:
    board = scorecard.load(center, known_at=date(2024, 11, 24))
    with pytest.raises(KeyError):
        overview(board, Addresses("lab"), today=date(2024, 11, 24), year=FiscalYear(2030))


def test_every_band_has_its_chip() -> None:
    assert set(texts.CHIPS) == set(Band)
