"""A list that cannot understand what it is narrowed to says so once, at the field; and gives no file that looks empty."""

import ast
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from iconm_portal.models import Center, Role, User
from tests.builders.finance import make_accounts
from tests.builders.ledger import post
from tests.builders.records import make_category
from tests.people import client_of, make_person
from tests.repository.test_enumerations import nodes

pytestmark = pytest.mark.django_db
FOUND_NOTHING = ("Widen", "is found for this choice", "fits this choice", "No people are found")
"""How lists say that they found nothing."""


def administrator(center: Center) -> User:
    return make_person("admin", center.supporter, Role.ADMINISTRATOR)


def staff(center: Center) -> User:
    return make_person("staff", center.operator, Role.STAFF)


LISTS: list[tuple[Callable[[Center], User], str, dict[str, Any], dict[str, str], tuple[str, ...]]] = [
    (administrator, "audit", {}, {"begin": "令和99年"}, ("audit_csv", "audit_json")),
    (administrator, "history", {}, {"end": "99999-01-01"}, ("history_csv", "history_json")),
    (administrator, "people", {}, {"q": "x" * 101}, ()),
    (staff, "kpi:records", {"center": "lab"}, {"year": "x"}, ("kpi:records_csv", "kpi:records_xlsx")),
    (staff, "finance:statements", {"center": "lab"}, {"stage": "x"}, ()),
    (staff, "finance:ledger_of_year", {"center": "lab", "year": 2025}, {"month": "13"}, ()),
]


@pytest.mark.parametrize(("who", "shown", "at", "query", "files"), LISTS, ids=[one[1] for one in LISTS])
def test_what_cannot_be_understood_is_said_once_and_no_file_is_made(
    center: Center,
    who: Callable[[Center], User],
    shown: str,
    at: dict[str, Any],
    query: dict[str, str],
    files: tuple[str, ...],
) -> None:
    make_category(center)
    make_accounts(center)
    post(center, "rent", 1200, by=make_person("keeper", center.operator, Role.STAFF))
    client = client_of(who(center))
    client.cookies["django_language"] = "en"
    address = reverse(shown, kwargs=at)
    assert "error-summary" not in client.get(address).content.decode(), "the list as it is has nothing wrong"
    for place, statuses in [(address, {200, 400}), *((reverse(file, kwargs=at), {400}) for file in files)]:
        answer = client.get(place, query)
        assert answer.status_code in statuses
        text = answer.content.decode()
        assert text.count('class="error-summary"') == 1
        assert text.count("field field--error") == 1
        assert not [words for words in FOUND_NOTHING if words in text]


def test_every_list_with_a_filter_is_tried() -> None:
    """A new filter is to be tried here too; what stands beside needs no list: it chooses what a page of figures shows."""
    tried = {"AuditFilter", "HistoryFilter", "PeopleFilter", "RecordFilter", "ListFilter"}
    what_figures_show = {"YearFilter", "PlanFilter", "UnitFilter", "BalanceFilter"}
    there = {
        node.name
        for _module, node in nodes()
        if isinstance(node, ast.ClassDef) and node.name.endswith("Filter")
    }
    assert there - {"EraDateFilter"} == tried | what_figures_show
