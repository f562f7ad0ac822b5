"""An indicator's page: in words first, every figure with its origin, nothing needs the chart."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, User
from kpi.models import Continuity, Indicator, Plan
from kpi.plans import actions as plan_actions
from kpi.plans.achievement import Certainty, Comparator, Kind
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import INCOME, PATENTS, Accepted, correct, make_accepted_report, make_plan, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db
ADDRESS = "/lab/kpi/research/patents/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(tokyo(date(2024, 11, 24)), tick=False):
        yield


@pytest.fixture
def first(center: Center) -> Plan:
    indicators = [
        {**PATENTS, "kind": Kind.CUMULATIVE},
        {**INCOME, "unit": "百万円", "scale": 1_000_000, "rounding": "truncate"},
    ]
    return make_plan(
        center,
        code="first",
        label="前の計画",
        years=(2019, 2021),
        indicators=indicators,
        targets={"patents": 70, "income": 460_000_000},
    )


@pytest.fixture
def plan(center: Center, first: Plan) -> Plan:
    plan = make_plan(center, targets={"patents": 5, "income": 286_000_000})
    for code, continuity in (("patents", Continuity.BREAKS), ("income", Continuity.CONTINUES)):
        Indicator.objects.filter(plan=plan, code=code).update(
            predecessor=first.indicators.get(code=code),
            continuity=continuity,
            continuity_reason=f"理由 {code}",
        )
    return plan


@pytest.fixture
def client(log_in: LogIn, city_viewer: User) -> Client:
    client = log_in(city_viewer)
    client.cookies["django_language"] = "en"
    return client


def html_of(client: Client, address: str = ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def words(html: str) -> str:
    without_data = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without_data))).strip()


def section(html: str, heading: str) -> str:
    return words(html[html.index(f'id="{heading}"') :].split("</section>")[0])


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (6, "FY2023: 6 件 against a target of 5 件 (120.0 %): Met."),
        (4, "FY2023: 4 件 against a target of 5 件 (80.0 %): Not met."),
        (
            Entered(Decimal(6), certainty=Certainty.FORECAST),
            "FY2023: 6 件 against a target of 5 件 (120.0 %): Met, by the settlement forecast.",
        ),
        (None, "FY2023: not applicable."),
    ],
)
def test_the_page_begins_with_the_finding(
    plan: Plan, accepted_report: Accepted, client: Client, entry: Any, sentence: str
) -> None:
    accepted_report(plan, 2022, {"patents": 5})
    accepted_report(plan, 2023, {"patents": entry, "trials": 1})
    assert sentence in words(html_of(client))


def test_part_of_a_year_is_not_set_against_the_years_target(
    plan: Plan, accepted_report: Accepted, client: Client
) -> None:
    values = {"patents": Entered(Decimal(9), certainty=Certainty.INTERIM)}
    accepted_report(plan, 2024, values, as_of=date(2024, 9, 30))
    text = words(html_of(client))
    assert "9 件 (30 Sep 2024, interim). This counts only part of the year, so it is not compared" in text
    assert "180" not in text


def test_without_a_value_the_target_and_the_latest_value_are_said(
    plan: Plan, accepted_report: Accepted, client: Client
) -> None:
    accepted_report(plan, 2022, {"patents": 7})
    accepted_report(plan, 2023, {"trials": 1})
    text = words(html_of(client))
    assert "FY2023 is not reported yet; the target is 5 件. The latest value is 7 件 for FY2022" in text


def test_why_is_this_number_7(
    plan: Plan, accepted_report: Accepted, client: Client, foundation_staff: User
) -> None:
    """From the home page to the report that the number stands in: two links."""
    accepted = accepted_report(plan, 2023, {"patents": 7})
    assert f'href="{ADDRESS}"' in html_of(client, "/lab/")
    html = html_of(client)
    assert f'href="/lab/reports/2023/{accepted.pk}/"' in html
    assert "entered by 名前 foundation-staff, accepted by 名前 city-staff" in section(html, "figures")


def test_every_year_of_every_plan_is_in_the_table(
    first: Plan, plan: Plan, accepted_report: Accepted, client: Client
) -> None:
    accepted_report(first, 2020, {"patents": 87})
    accepted_report(plan, 2023, {"patents": 6})
    text = section(html_of(client), "figures")
    assert "FY2020 前の計画 70 件 87 件 31 Mar 2021, final 124.3 % ✓ Met" in text
    assert "FY2021 前の計画 70 件 Not reported – Not reported" in text
    assert "FY2023 計画 research 5 件 6 件 31 Mar 2024, final 120.0 % ✓ Met" in text


def test_a_break_is_explained_with_its_recorded_reason(plan: Plan, client: Client) -> None:
    text = section(html_of(client), "continuity")
    assert "it is counted differently from “特許出願件数” in “前の計画”: the two are not comparable." in text
    assert "Reason: 理由 patents" in text


def test_a_continued_indicator_shows_its_own_unit_and_the_newest(
    first: Plan, plan: Plan, accepted_report: Accepted, client: Client
) -> None:
    accepted_report(first, 2019, {"income": 505_794_000})
    html = html_of(client, "/lab/kpi/research/income/")
    assert "505 百万円 (505,794 千円)" in section(html, "figures")
    assert "it continues “研究費収入額” of “前の計画”." in section(html, "continuity")


def test_old_targets_are_kept_and_shown_with_the_reason(plan: Plan, client: Client, city_staff: User) -> None:
    plan_actions.add_target(
        indicator=plan.indicators.get(code="patents"),
        fiscal_year=plan.last_year,
        value=Decimal(8),
        known_from=date(2024, 6, 1),
        by=city_staff,
        reason="伸びを踏まえて引き上げ",
    )
    html = html_of(client)
    text = section(html, "revisions")
    assert "FY2025 5 件 1 replaced 1 April 2022" in text
    assert "FY2025 8 件 2 in force 1 June 2024 伸びを踏まえて引き上げ 名前 city-staff" in text
    assert "8 件 (revision 2)" in section(html, "figures")
    assert "8 件" not in words(html_of(client, f"{ADDRESS}?known_at=2024-05-31"))


def test_a_correction_and_its_note_are_told(
    plan: Plan, accepted_report: Accepted, client: Client, foundation_staff: User, city_staff: User
) -> None:
    accepted = accepted_report(plan, 2023, {"patents": 7}, at=tokyo(date(2024, 4, 10)))
    entry = Entered(Decimal(6), certainty=Certainty.FINAL, note="重複1件を除く")
    correct(accepted, {"patents": entry}, reason="数え直し", by=foundation_staff, reviewer=city_staff)
    text = section(html_of(client), "figures")
    assert "Corrected: 数え直し Note: 重複1件を除く" in text


def test_what_is_counted_is_said_in_words(center: Center, client: Client) -> None:
    make_plan(
        center,
        indicators=[{**INCOME, "code": "patents", "comparator": Comparator.AT_MOST, "rounding": "truncate"}],
        targets={"patents": 1},
    )
    text = section(html_of(client), "definition")
    assert "yearly: what happened within the fiscal year" in text
    assert "Target is met when the actual is not above it" in text
    assert "Rounding shown as a whole number, the rest is cut off" in text


def test_the_chart_stands_beside_its_table_and_needs_no_inline_script(plan: Plan, client: Client) -> None:
    html = html_of(client)
    assert '<script id="chart-indicator-data" type="application/json">' in html
    assert "Figures of this chart as a table" in html


def test_before_anything_was_known_the_page_says_so(plan: Plan, client: Client) -> None:
    assert "Nothing was known yet on 1 April 2018" in words(html_of(client, f"{ADDRESS}?known_at=2018-04-01"))


@pytest.mark.parametrize("address", ["/lab/kpi/research/nothing/", "/lab/kpi/nothing/patents/"])
def test_what_does_not_exist(plan: Plan, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_another_centers_indicator(plan: Plan, log_in: LogIn, foreign_city_viewer: User) -> None:
    assert log_in(foreign_city_viewer).get(ADDRESS).status_code == 404


def test_the_number_of_queries_does_not_grow(
    center: Center, foundation_staff: User, city_staff: User, client: Client
) -> None:
    numbers = []
    for number in (8, 80, 800):
        targets = {f"i{index}": 5 for index in range(number)}
        plan = make_plan(center, indicators=number, code=f"p{number}", targets=targets)
        make_accepted_report(plan, 2023, dict.fromkeys(targets, 6), by=foundation_staff, reviewer=city_staff)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/lab/kpi/p{number}/i3/").status_code == 200
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 13
