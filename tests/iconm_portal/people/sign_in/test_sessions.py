"""When a session ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from iconm_portal.models import User
from tests.people import client_of


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS = 10 * 60 * 60, 120 * 60


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2025, 6, 2, 0, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def is_in(client: Client) -> bool:
    return client.get(reverse("password_change")).status_code == 200


def test_it_ends_two_hours_after_the_last_request(clock: Any, city_staff: User) -> None:
    client = client_of(city_staff)
    for _hour in range(4):
        clock.shift(timedelta(minutes=114))
        assert is_in(client)
    clock.shift(timedelta(minutes=121))
    assert not is_in(client)


def test_it_ends_ten_hours_after_the_login_whatever_happens(clock: Any, city_staff: User) -> None:
    client = client_of(city_staff)
    for _half_hour in range(19):
        clock.shift(timedelta(minutes=30))
        assert is_in(client)
    clock.shift(timedelta(minutes=31))
    assert not is_in(client)


def test_nothing_of_it_stays_in_the_database(clock: Any, city_staff: User) -> None:
    client = client_of(city_staff)
    session = client.session
    clock.shift(timedelta(minutes=121))
    is_in(client)
    assert not session.exists(session.session_key)


def test_the_idle_clock_is_written_every_five_minutes_at_most(clock: Any, city_staff: User) -> None:
    client = client_of(city_staff)

    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            is_in(client)
        return sum(query["sql"].startswith("UPDATE") for query in queries)

    clock.shift(timedelta(minutes=4))
    assert writes() == 0
    clock.shift(timedelta(minutes=2))
    assert writes() == 1
    assert writes() == 0


def test_a_clock_put_back_ends_it(clock: Any, city_staff: User) -> None:
    client = client_of(city_staff)
    clock.shift(-timedelta(hours=26))
    assert not is_in(client)


def test_it_ends_with_the_logout(city_staff: User) -> None:
    client = client_of(city_staff)
    session = client.session
    client.post(reverse("logout"))
    assert not session.exists(session.session_key)
