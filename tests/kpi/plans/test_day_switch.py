"""The day switch: pages looked at as known on an earlier day say so, stay on that day, and tell nothing later."""

import re
from datetime import date

import pytest

from finance.models import Account
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement
from tests.builders.finance import make_accounts, make_statement, settled
from tests.builders.plans import TRIALS, make_accepted_report, make_plan, tokyo
from tests.builders.support import make_measure
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
THEN = "2026-06-01"
NOTHING = "2014-01-01"
PAGES = (
    "/lab/",
    "/lab/kpi/",
    "/lab/kpi/research/",
    "/lab/kpi/research/trials/",
    "/lab/finance/",
    "/lab/finance/2025/",
    "/lab/finance/contributions/",
    "/lab/support/",
    "/lab/support/grant/",
)


@pytest.fixture
def history(center: Center, foundation_staff: User, city_staff: User) -> None:
    """FY2024 and FY2025 reported and settled, the later ones in July 2026; what the city gave for FY2022 in October."""
    plan = make_plan(center, years=(2023, 2028), indicators=[TRIALS], targets={"trials": 10})
    accounts = make_accounts(center)
    measure = make_measure(make_agreement(center))
    Account.objects.filter(pk=accounts["other"].pk).update(measure=measure)
    people = {"by": foundation_staff, "reviewer": city_staff}
    for year, day in ((2024, date(2025, 5, 20)), (2025, date(2026, 7, 20))):
        make_accepted_report(plan, year, {"trials": year}, at=tokyo(day), **people)
        settled(center, year, at=tokyo(day), **people)
    make_statement(center, 2023, by=foundation_staff)
    for known, yen in ((date(2026, 5, 1), 100_000_000), (date(2026, 10, 1), 123_000_000)):
        measure.amounts.create(
            fiscal_year=FiscalYear(2022),
            stage="settled",
            revision=measure.amounts.count() + 1,
            amount=yen,
            reason="改定",
            known_from=known,
            source="T8",
        )


def main_of(log_in: LogIn, person: User, address: str, day: str) -> str:
    response = log_in(person).get(address, {"known_at": day})
    assert response.status_code == 200
    return re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_the_day_and_stays_on_it(
    history: None, city_staff: User, log_in: LogIn, address: str
) -> None:
    html = main_of(log_in, city_staff, address, THEN)
    assert "令和8年6月1日の時点" in html
    assert 'href="/lab/changes/?earlier=2026-06-01"' in html
    switched = re.compile(
        r"/lab/(kpi/(research/(trials/)?)?|finance/(\d{4}/|contributions/)?|support/(grant/)?)?"
    )
    # Today's state is the one way back.
    addresses = [url for url in re.findall(r'href="([^"]+)"', html) if url != address]
    astray = [url for url in addresses if switched.fullmatch(url.partition("?")[0]) and THEN not in url]
    assert astray == []


@pytest.mark.parametrize(
    ("address", "then", "later"),
    [
        ("/lab/", "2,024", "2,025"),
        ("/lab/kpi/research/trials/", "2,024", "2,025"),
        ("/lab/support/grant/", "100,000", "123,000"),
        ("/lab/finance/contributions/", "100,000", "123,000"),
    ],
)
def test_what_became_known_later_is_not_told(
    history: None, foundation_staff: User, log_in: LogIn, address: str, then: str, later: str
) -> None:
    html = main_of(log_in, foundation_staff, address, THEN)
    assert then in html
    assert later not in html


def test_a_year_shows_the_statements_of_that_day(
    history: None, foundation_staff: User, log_in: LogIn
) -> None:
    """Neither one that was settled later nor a draft of today's."""
    for year in (2023, 2025):
        address = f"/lab/finance/{year}/"
        assert "/statements/" not in main_of(log_in, foundation_staff, address, THEN)
        assert "/statements/" in main_of(log_in, foundation_staff, address, "")


def test_an_amount_is_entered_today_only(history: None, city_staff: User, log_in: LogIn) -> None:
    address = "/lab/support/grant/"
    assert "grant/record/" in main_of(log_in, city_staff, address, "")
    assert "grant/record/" not in main_of(log_in, city_staff, address, THEN)


@pytest.mark.parametrize("address", [*PAGES[:5], "/lab/packs/"])
def test_earlier_than_the_first_says_so(
    history: None, city_viewer: User, log_in: LogIn, address: str
) -> None:
    name = "as_of" if "packs" in address else "known_at"
    text = log_in(city_viewer).get(address, {name: NOTHING}).content.decode()
    assert re.search("まだ何も|何も確定していま|何も知られて|ありません", text)
