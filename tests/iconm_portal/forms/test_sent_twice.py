"""A form sent twice makes one thing, and both answers lead to it; raced, on whatever database the tests run."""

import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finance.models import Entry
from iconm_portal.models import Center, HistoryEvent, User
from tests.builders.finance import make_accounts
from tests.people import client_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/lab/finance/ledger/entries/new/"


def typed(**more: Any) -> dict[str, Any]:
    return {
        "date": date(2026, 6, 1).isoformat(),
        "account": "rent",
        "amount": "1200",
        "counterparty": "臨海製薬",
        "description": "6月分",
        **more,
    }


def at_once(clients: list[Client], address: str, data: dict[str, Any]) -> list[Any]:
    start, answers = threading.Barrier(len(clients)), [None] * len(clients)

    def send(place: int) -> None:
        try:
            start.wait(timeout=30)
            answers[place] = clients[place].post(address, data)  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def clients(center: Center, foundation_staff: User) -> list[Client]:
    make_accounts(center)
    return [client_of(foundation_staff), client_of(foundation_staff)]


def test_a_ledger_entry_sent_twice_is_booked_once(center: Center, clients: list[Client]) -> None:
    for turn in range(20):
        answers = at_once(clients, PAGE, typed(csrfmiddlewaretoken=f"page-{turn}"))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert len({answer.headers["Location"] for answer in answers}) == 1
        assert Entry.objects.count() == turn + 1
    assert HistoryEvent.objects.filter(action="entry.post").count() == 20


def test_without_the_pages_value_it_would_be_booked_twice(center: Center, clients: list[Client]) -> None:
    """The control."""
    at_once(clients, PAGE, typed())
    assert Entry.objects.count() == 2


def test_what_is_sent_from_another_page_or_with_other_contents_is_another(
    center: Center, clients: list[Client]
) -> None:
    client = clients[0]
    for more in (
        {"csrfmiddlewaretoken": "a"},
        {"csrfmiddlewaretoken": "b"},
        {"csrfmiddlewaretoken": "a", "amount": "1300"},
    ):
        assert client.post(PAGE, typed(**more)).status_code == 302
    assert Entry.objects.count() == 3


def test_what_was_refused_may_be_sent_again(center: Center, clients: list[Client]) -> None:
    for _time in range(2):
        assert clients[0].post(PAGE, typed(csrfmiddlewaretoken="a", amount="")).status_code == 400
    assert not Entry.objects.exists()
