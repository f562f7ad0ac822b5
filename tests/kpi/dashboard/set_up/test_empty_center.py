"""A center in which nothing was entered: every page of it, for everybody, and the way from each to what fills it."""

import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from iconm_portal.models import Center, Role
from tests.people import client_of, make_person
from tests.repository.test_access import COLUMNS, DOMAIN, PAGES, named

pytestmark = pytest.mark.django_db

# Arguments that an address of an empty center can have beside the center.
YEAR = {"year": 2025}
TABLE = {"table": "kpi-targets", "ending": "csv"}
MORE = ({}, YEAR, TABLE, {"ending": "xlsx"}, {"kind": "entries", "ending": "xlsx"}, {"group": "scheme-main"})

# From which list one comes to which step.
FILLED = {
    "kpi:home": "plan",
    "kpi:plans": "plan",
    "kpi:reports": "plan",
    "kpi:bases": "plan",
    "kpi:official_texts": "plan",
    "kpi:packs": "plan",
    "kpi:records": "categories",
    "kpi:balance": "accounts",
    "kpi:traceability": "agreements",
    "finance:statements": "accounts",
    "finance:ledger": "accounts",
    "finance:contributions": "terms",
    "agreements:agreements": "agreements",
    "agreements:calendar": "terms",
    "agreements:calendar_of_year": "terms",
    "agreements:support": "terms",
    "agreements:land": "terms",
    "agreements:verifications": "terms",
}
FILLED_ON_ITSELF = {
    "kpi:next_plan": "the draft begins there",
    "kpi:categories": "the first category is entered there",
    "kpi:arrangement": "the first activity is entered there",
    "finance:accounts": "the first account is entered there",
    "agreements:master": "the first agreement is entered there",
    "agreements:consultations": "the first talk is recorded there",
}

NO_STEP = {
    "agreements:calendar_subscription": "an address of one's own is issued there",
    "agreements:chronology": "it leads to the master data itself",
    "agreements:provision_search": "it asks for a word first",
    "kpi:balance_year": "a year that no list leads to",
    "kpi:initiatives": "it leads to their arrangement itself",
    "standing:changed": "nothing settled, nothing corrected",
}


def addresses(center: Center) -> dict[str, str]:
    """Every address that is there without anything in the center."""
    found = {}
    for name in PAGES:
        for more in MORE:
            try:
                found[name] = reverse(name, kwargs={"center": center.code} | more)
                break
            except NoReverseMatch:
                continue
    return found


def client_in(center: Center, column: str) -> Client:
    side, role = named(column)
    outside = role is Role.AUDITOR
    organisation = center.operator if column.startswith("foundation") else center.supporter
    person = make_person(f"{column}-x".replace("_", "-"), organisation, role)
    assert side or outside or role is Role.ADMINISTRATOR
    client = client_of(person)
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("column", COLUMNS)
def test_every_page_answers_everybody(center: Center, column: str, language: str) -> None:
    client = client_in(center, column)
    client.cookies["django_language"] = language
    wrong, seen = [], 0
    for name, address in addresses(center).items():
        answer = client.get(address)
        right = PAGES[name][0].right
        may = right not in DOMAIN or DOMAIN[right][COLUMNS.index(column)] == "✔"
        expected = (200, 302, 400, 404, 405) if may else (403, 404, 405)
        if any(page.rule for page in PAGES[name]):  # the state of a row may close it
            expected = (*expected, 403)
        if answer.status_code not in expected:
            wrong.append((name, answer.status_code))
        seen += answer.status_code == 200
    assert wrong == []
    assert seen > (0 if column == "administrator" else 25)


@pytest.mark.parametrize("column", ["city_staff", "foundation_staff", "city_viewer", "auditor"])
@pytest.mark.parametrize("name", FILLED)
def test_an_empty_list_leads_to_the_step_that_fills_it(center: Center, name: str, column: str) -> None:
    client = client_in(center, column)
    client.cookies["django_language"] = "en"
    page = client.get(addresses(center)[name], follow=True).content.decode()
    link = re.search(rf'href="/lab/preparation/#{FILLED[name]}"\s*>([^<]+)', page)
    assert link, name
    assert link[1].strip().startswith("Fill it in" if "staff" in column else "Who fills it in")


def test_every_step_that_a_list_leads_to_is_on_the_page(center: Center) -> None:
    page = client_in(center, "city_staff").get("/lab/preparation/").content.decode()
    assert set(FILLED.values()) <= set(re.findall(r'<li class="section" id="([a-z]+)"', page))


def test_every_empty_list_is_named_here(center: Center) -> None:
    client = client_in(center, "city_staff")
    empty = set()
    for name, address in addresses(center).items():
        answer = client.get(address)
        if answer.status_code == 200 and not answer.streaming and b'class="empty' in answer.content:
            empty.add(name)
    assert empty == (FILLED | FILLED_ON_ITSELF | NO_STEP).keys() - {"kpi:next_plan", "agreements:calendar"}
