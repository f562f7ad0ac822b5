"""/<center>/finance/<year>/: budget, forecast, settlement and ledger of a year, account by account."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.models import Stage
from iconm_portal.models import Center, User
from tests.builders.finance import USUAL, decided, make_accounts, make_statement, make_submitted, settled
from tests.builders.ledger import close, make_deposits, post
from tests.builders.plans import tokyo
from tests.kpi.dashboard.test_balance_page import html_of, table_of, words
from tests.people import LogIn, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
PAGE = "/lab/finance/2025/"


@pytest.fixture
def people(center: Center, foundation_staff: User, city_staff: User) -> dict[str, User]:
    make_accounts(center)
    return {"by": foundation_staff, "reviewer": city_staff}


@pytest.fixture
def client(log_in: LogIn, city_viewer: User) -> Client:
    client = log_in(city_viewer)
    client.cookies["django_language"] = "en"
    return client


def rows_of(client: Client, address: str = PAGE, **asked: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in table_of(html_of(client, address, **{"unit": "yen", **asked}))}


def keep_ledger(center: Center, by: User) -> None:
    """All of the usual settlement, but 1,000 yen less rent; of the research income 200 are told apart."""
    for code, amount in USUAL.items():
        told_apart = 200 if code == "research-income" else 0
        post(center, code, amount - told_apart - (1_000 if code == "rent" else 0), by=by)
    post(center, "research-income", 200, part="indirect", by=by)


def test_all_stages_side_by_side(center: Center, people: dict[str, User], client: Client) -> None:
    decided(center, 2025, USUAL | {"rent": 400_000}, **people)
    settled(center, 2025, USUAL | {"rent": 280_000}, stage=Stage.FORECAST, **people)
    settled(center, 2025, **people)
    rows = rows_of(client)
    assert rows["共同研究負担金"] == ["400,000", "280,000", "300,000", "▲100,000", "75.0%"]
    assert rows["Balance of the year"] == ["300,000", "180,000", "200,000", "▲100,000", ""]
    text = words(html_of(client, PAGE, unit="yen"))
    assert "Settlement: revenue 1,200,000円, expenditure 1,000,000円, balance 200,000円." in text
    assert "100.0% of the budgeted expenditure was used." in text
    assert "No ledger is kept for this year." in text


def test_a_statement_without_a_ledger_says_so_in_japanese(iconm: Center, log_in: LogIn) -> None:
    html = html_of(log_in(make_person("reader", iconm.supporter)), "/iconm/finance/2019/")
    assert "台帳なし" in html
    rows = {row[0]: row[1:] for row in table_of(html)}
    assert rows["研究支援"] == ["221,227"]
    assert [row[1] for row in table_of(html) if row[0] == "合計"] == ["846,921", "805,499 内訳の計 805,500"]
    assert "/iconm/finance/statements/2019/settlement/1/" in html


def test_where_the_ledger_differs_it_says_by_how_much(
    center: Center, people: dict[str, User], client: Client
) -> None:
    settled(center, 2025, **people)
    make_deposits(center)
    keep_ledger(center, people["by"])
    post(center, "deposits-in", 777, by=people["by"])
    close(center, by=people["by"])
    rows = rows_of(client)
    assert rows["共同研究負担金"] == ["300,000", "299,000", "▲1,000 differs"]
    assert rows["研究費"] == ["800,000", "800,000", "0"]
    assert rows["Balance of the year"] == ["200,000", "199,000", "▲1,000"]  # deposits are no revenue
    html = html_of(client, PAGE, unit="yen")
    assert "The ledger differs from the settlement: 共同研究負担金: ▲1,000円." in words(html)
    assert 'href="/lab/finance/ledger/2025/rent/"' in html


def test_sums_of_an_open_ledger_are_the_foundations(
    center: Center, people: dict[str, User], client: Client, log_in: LogIn
) -> None:
    settled(center, 2025, **people)
    keep_ledger(center, people["by"])
    assert rows_of(client)["共同研究負担金"] == ["300,000"]
    assert "not closed yet" in words(html_of(client, PAGE))
    assert rows_of(log_in(people["by"]))["共同研究負担金"] == ["300,000", "299,000", "▲1,000 不一致"]


def test_statements_are_listed_as_far_as_the_reader_may_know(
    center: Center, people: dict[str, User], client: Client, log_in: LogIn
) -> None:
    decided(center, 2025, **people)
    make_submitted(center, 2025, by=people["by"])
    make_statement(center, 2025, stage=Stage.SUPPLEMENTARY, by=people["by"])
    submitted = "/lab/finance/statements/2025/settlement/1/"
    draft = "/lab/finance/statements/2025/supplementary/1/"
    for reader, seen in (
        (client, (False, False)),
        (log_in(people["reviewer"]), (True, False)),
        (log_in(people["by"]), (True, True)),
    ):
        html = html_of(reader, PAGE)
        assert "/lab/finance/statements/2025/budget/1/" in html
        assert (submitted in html, draft in html) == seen


def test_a_budget_is_called_decided_and_never_accepted(
    center: Center, people: dict[str, User], client: Client
) -> None:
    decided(center, 2025, **people)
    text = words(html_of(client, PAGE))
    assert "Decided" in text
    assert "Accepted" not in text


def test_on_an_earlier_day_without_the_ledger(
    center: Center, people: dict[str, User], client: Client
) -> None:
    settled(center, 2025, at=tokyo(date(2026, 6, 3)), **people)
    keep_ledger(center, people["by"])
    close(center, by=people["by"])
    assert rows_of(client, known_at="2026-06-03")["共同研究負担金"] == ["300,000"]
    text = words(html_of(client, PAGE, known_at="2026-06-02"))
    assert "No budget and no settlement of this fiscal year was known on that day." in text


def test_a_year_of_which_nothing_is_known(center: Center, client: Client) -> None:
    assert "No budget and no settlement is known" in words(html_of(client, "/lab/finance/1999/"))


def test_a_constant_number_of_queries(center: Center, people: dict[str, User], client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            html_of(client, PAGE)
        return len(asked)

    settled(center, 2025, {"rent": 1}, **people)
    post(center, "rent", 1, by=people["by"])
    close(center, by=people["by"])
    before = queries()
    settled(center, 2024, **people)
    decided(center, 2025, **people)
    assert queries() == before
