"""Whoever waits for SQLite's one writer asks again soon, and gives up when their patience ends."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from iconm_portal.models import Organisation
from iconm_portal.site.sqlite3 import base
from iconm_portal.values import waiting

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has more than one writer"),
]


@pytest.fixture
def writer() -> Iterator[sqlite3.Connection]:
    """Another program, which is writing."""
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def patience() -> float:
    return waiting.seconds_of(connection)


def test_one_asks_again_soon_however_long_one_has_waited(
    writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 200:
            writer.execute("ROLLBACK")

    monkeypatch.setattr(base.time, "sleep", sleep)
    with transaction.atomic():
        Organisation.objects.create(code="later", name="later")
    assert slept == [base.ASKS_AGAIN_SECONDS] * 200
    assert Organisation.objects.filter(code="later").exists()
    assert patience() == 20


def test_one_gives_up_when_the_patience_ends(writer: sqlite3.Connection) -> None:
    with waiting.at_most(0.05), pytest.raises(OperationalError, match="locked"), transaction.atomic():
        raise AssertionError("somebody else writes")
    assert patience() == 20
    writer.execute("ROLLBACK")
    with transaction.atomic():
        Organisation.objects.create(code="later", name="later")


def test_what_is_no_waiting_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A BEGIN within a transaction is a mistake of the program."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("nobody writes"))
    connection.ensure_connection()
    connection.connection.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(OperationalError, match="within a transaction"), transaction.atomic():
            raise AssertionError("not begun")
    finally:
        connection.connection.execute("ROLLBACK")
    assert patience() == 20
