"""/<center>/finance/: T2 on screen, any years, any stage, budget beside settlement, as known on a day."""

import re
from datetime import date
from html import unescape
from typing import Any

import plotly.graph_objects as go
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.balance.totals import EXPENDITURE
from finance.models import RecordedUnit
from iconm_portal.models import Center, User
from tests.builders.agreements import make_agreement
from tests.builders.finance import USUAL, decided, make_account, make_accounts, make_submitted, settled
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.support import make_measure
from tests.people import LogIn, make_person
from tests.readers import t2

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
PAGE = "/lab/finance/"


@pytest.fixture
def people(center: Center, foundation_staff: User, city_staff: User) -> dict[str, User]:
    make_accounts(center)
    return {"by": foundation_staff, "reviewer": city_staff}


@pytest.fixture
def client(log_in: LogIn, city_viewer: User) -> Client:
    client = log_in(city_viewer)
    client.cookies["django_language"] = "en"
    return client


def html_of(client: Client, address: str = PAGE, **asked: str) -> str:
    response = client.get(address, asked)
    assert response.status_code == 200
    return str(response.content.decode())


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))).strip()


def table_of(html: str) -> list[list[str]]:
    """Each row of the balance as its cells' texts, without the headings and the rows that only head others."""
    (table,) = re.findall(r'<table class="table [^"]*balance-table">(.*?)</table>', html, re.DOTALL)
    return [
        [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for css, row in re.findall(
            r'<tr class="([^"]*)"[^>]*>(.*?)</tr>', table.partition("</thead>")[2], re.DOTALL
        )
        if css != "group" and "shared" not in css
    ]


def test_the_rents_stand_beside_the_occupancy(iconm: Center, log_in: LogIn) -> None:
    reader = log_in(make_person("reader", iconm.supporter))
    page = words(html_of(reader, "/iconm/kpi/support-r4/occupancy/"))
    assert "賃料等の収入：H30 127,665千円、R1 151,716千円、R2 204,665千円。" in page
    assert "賃料等の収入：" not in words(html_of(reader, "/iconm/kpi/support-r4/trials/"))


def test_t2_figure_for_figure(iconm: Center, log_in: LogIn) -> None:
    reader = log_in(make_person("reader", iconm.supporter))
    html = html_of(reader, "/iconm/finance/", known_at="2022-01-27")
    assert table_of(html) == t2.printed()
    assert "（単位：千円）" in html
    assert "R1・R2は内訳の計と合計が一致しません" in html
    text = words(html)
    assert "令和2年度は収入972,441千円、支出895,780千円、収支差額76,661千円。" in text
    assert "H27の39.8%からR2は16.5%" in text
    assert "累計は113,961千円" in text


def test_every_figure_leads_to_its_year_and_the_occupancy_to_its_indicator(
    iconm: Center, log_in: LogIn
) -> None:
    html = html_of(log_in(make_person("reader", iconm.supporter)), "/iconm/finance/")
    figures = sum(figure is not None for figure in t2.thousands().values())
    links = re.findall(r'<a class="figure-link" href="([^"]+)">', html)
    assert len(links) == figures + len(t2.YEARS)
    assert "/iconm/finance/2019/#research-support" in links
    assert links.count("/iconm/kpi/startup/occupancy/") == len(t2.YEARS)


def test_another_unit_and_fewer_years(iconm: Center, log_in: LogIn) -> None:
    reader = log_in(make_person("reader", iconm.supporter))
    html = html_of(reader, "/iconm/finance/", unit="million", first="2019", last="2019")
    assert [row for row in table_of(html) if row[0] == "研究費"] == [["研究費", "506"]]
    html = html_of(reader, "/iconm/finance/", unit="yen", first="2017", last="2017")
    assert [row for row in table_of(html) if row[0] == "当期収支差額"] == [["当期収支差額", "▲23,477,000"]]


def test_the_charts_are_valid_and_say_the_same_as_their_tables(iconm: Center, log_in: LogIn) -> None:
    response = log_in(make_person("reader", iconm.supporter)).get("/iconm/finance/")
    charts = {chart.key: chart for chart in response.context["charts"]}
    assert list(charts) == ["both-sides", "city-share", "rent-occupancy", "cumulative"]
    for chart in charts.values():
        go.Figure(chart.figure)
    assert [row[1] for row in charts["city-share"].table.rows] == [
        "39.8",
        "24.3",
        "20.5",
        "17.9",
        "21.3",
        "16.5",
    ]
    assert [row[2] for row in charts["cumulative"].table.rows] == [
        "2,256", "24,715", "1,238", "▲4,122", "37,300", "113,961"
    ]  # fmt: skip
    assert charts["rent-occupancy"].table.rows[-1] == ("R2", "204,665", "80")


def test_no_sum_over_a_gap_in_the_years(center: Center, people: dict[str, User], client: Client) -> None:
    """Settlements of H27–R2 and R7 only: the text adds up to R2, as the chart does, and names R3–R6."""
    client.cookies["django_language"] = "ja"
    for year in range(2015, 2021):
        settled(center, year, {"rent": 3_000, "running": 1_000}, **people)
    settled(center, 2025, **people)
    response = client.get(PAGE)
    text = words(response.content.decode())
    assert (
        "H27からR2までの収支差額の累計は12千円。R3〜R6は収支差額が未記録のため、その先の累計は示しません。"
        in text
    )
    assert "H27からR7まで" not in text
    (chart,) = (chart for chart in response.context["charts"] if chart.key == "cumulative")
    assert [row[2] for row in chart.table.rows] == ["2", "4", "6", "8", "10", "12", "", "", "", "", ""]


def test_a_single_year_before_a_gap_is_no_sum(
    center: Center, people: dict[str, User], client: Client
) -> None:
    settled(center, 2022, **people)
    settled(center, 2025, **people)
    text = words(html_of(client))
    assert "together" not in text.partition("Balance by fiscal year")[0]
    assert "For FY2023–FY2024 no balance is known; nothing is added up beyond." in text


def test_the_share_of_a_city_that_is_recorded_in_part_only_is_not_said(
    center: Center, people: dict[str, User], client: Client
) -> None:
    """Two contributions of the year, and one of them without an amount: their sum is not known."""
    agreement = make_agreement(center)
    for code in ("first", "second"):
        make_account(center, code=f"city-{code}", measure=make_measure(agreement, code=code))
    settled(center, 2023, USUAL | {"city-first": 100_000}, **people)
    assert "The city's contributions are" not in words(html_of(client))
    settled(center, 2024, USUAL | {"city-first": 100_000, "city-second": 0}, **people)
    assert "The city's contributions are 7.7% of the revenue." in words(html_of(client))


def test_budget_beside_settlement(center: Center, people: dict[str, User], client: Client) -> None:
    decided(center, 2023, USUAL | {"rent": 400_000}, **people)
    settled(center, 2023, **people)
    rows = {row[0]: row[1:] for row in table_of(html_of(client, show="compared", unit="yen"))}
    assert rows["共同研究負担金"] == ["400,000", "300,000", "▲100,000", "75.0%"]
    assert rows["Balance of the year"] == ["300,000", "200,000", "▲100,000", ""]
    of_budgets = html_of(client, show="budget", unit="yen")
    assert ", Budget: revenue" in of_budgets
    only = {row[0]: row[1:] for row in table_of(of_budgets)}
    assert only["共同研究負担金"] == ["400,000"]


def test_where_one_side_is_missing_nothing_is_compared(
    center: Center, people: dict[str, User], client: Client
) -> None:
    settled(center, 2023, **people)
    html = html_of(client, show="compared", unit="yen")
    rows = {row[0]: row[1:] for row in table_of(html)}
    assert rows["共同研究負担金"] == ["", "300,000", "", ""]


def test_occupancy_stands_above_with_its_certainty(
    center: Center, people: dict[str, User], client: Client
) -> None:
    settled(center, 2023, **people)
    plan = make_plan(center, targets={"occupancy": 90})
    make_accepted_report(plan, 2023, {"occupancy": 87.5}, **people)
    rows = table_of(html_of(client))
    assert rows[0][1] == "90 %"
    assert rows[1][1].startswith("87.5 %")


def test_a_total_that_rounding_cannot_explain_is_said(
    center: Center, people: dict[str, User], client: Client
) -> None:
    """Submitting refuses such a total; one that came from a source stays, with a warning."""
    made = settled(center, 2023, unit=RecordedUnit.THOUSAND, **people)
    from_source = made.__class__.objects.create(
        center=center, fiscal_year=2024, stage="settlement", unit=RecordedUnit.THOUSAND, source="T2"
    )
    from_source.lines.create(account=center.accounts.get(code="rent"), amount=5_000)
    from_source.lines.create(account=center.accounts.get(code="research"), amount=3_000)
    from_source.totals.create(of=EXPENDITURE[0], amount=9_000)
    made.__class__.objects.filter(pk=from_source.pk).update(state="accepted", known_from=date(2025, 6, 1))
    html = html_of(client)
    assert "FY2024, total expenditure: 9千円 is printed, and the parts come to 3千円." in words(html)
    assert 'title="does not agree with its parts"' in html


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2023", "last": "2022"}, "The last year does not come before the first."),
        ({"first": "1999"}, "1999 is not one of the available choices"),
        ({"show": "drafts"}, "drafts is not one of the available choices"),
        ({"unit": "1e3"}, "1e3 is not one of the available choices"),
    ],
)
def test_a_choice_that_cannot_be_shown_is_said_and_everything_is_shown(
    center: Center, people: dict[str, User], client: Client, asked: dict[str, str], said: str
) -> None:
    for year in (2022, 2023):
        settled(center, year, **people)
    html = html_of(client, **asked)
    assert said in words(html)
    assert len(table_of(html)[0]) == 3


def test_as_known_on_an_earlier_day(center: Center, people: dict[str, User], client: Client) -> None:
    settled(center, 2022, at=tokyo(date(2023, 6, 1)), **people)
    settled(center, 2023, at=tokyo(date(2024, 6, 3)), **people)
    html = html_of(client, known_at="2024-06-02")
    assert len(table_of(html)[0]) == 2
    assert "/lab/finance/2022/?known_at=2024-06-02#rent" in html
    assert "No budget and no settlement" not in html
    assert "Nothing was known yet on 31 May 2023" in words(html_of(client, known_at="2023-05-31"))


def test_drafts_and_what_is_handed_in_do_not_show(
    center: Center, people: dict[str, User], log_in: LogIn, foundation_staff: User
) -> None:
    make_submitted(center, 2023, by=foundation_staff)
    html = html_of(log_in(foundation_staff))
    assert "財団が予算を決定するか、市が決算を受理すると" in words(html)


def test_a_constant_number_of_queries(center: Center, people: dict[str, User], client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            html_of(client, show="compared")
        return len(asked)

    settled(center, 2023, **people)
    before = queries()
    for year in (2021, 2022, 2024):
        amounts: Any = {"rent": 5, "research": 4} if year == 2021 else USUAL
        settled(center, year, amounts, **people)
        decided(center, year, amounts, **people)
    assert queries() == before
