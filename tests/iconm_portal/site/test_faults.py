"""With the database away, held by somebody else, or without room: said as such, nothing typed is lost, the log stays short."""

import errno
import logging
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import time_machine
from django.conf import settings as all_settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from iconm_portal.models import Center, User
from iconm_portal.people.sign_in import sessions
from iconm_portal.site import faults
from iconm_portal.site.faults import OnceInAWhile, WritersWaitOutside
from iconm_portal.values.faults import Fault, fault_of
from tests.people import client_of


def away(folder: Path) -> None:
    psycopg2.connect(host=str(folder), dbname="portal")


def cannot_open(folder: Path) -> None:
    sqlite3.connect(folder / "nothing" / "portal.sqlite3")


def held(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "held.sqlite3")) as first:
        first.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(folder / "held.sqlite3", timeout=0)) as second:
            second.execute("BEGIN IMMEDIATE")


def full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "full.sqlite3")) as file:
        file.execute("CREATE TABLE kept (text)")
        file.execute(f"PRAGMA max_page_count = {file.execute('PRAGMA page_count').fetchone()[0]}")
        file.execute("INSERT INTO kept VALUES (zeroblob(100000))")


def no_room(folder: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def raised_by(way: Callable[[Path], None], folder: Path) -> Exception:
    """What really comes, as Django hands it on."""
    with pytest.raises((sqlite3.Error, psycopg2.Error, OSError)) as raised:
        way(folder)
    error = OperationalError("as Django has it")
    error.__cause__ = raised.value
    return error


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        (away, Fault.AWAY),
        (cannot_open, Fault.AWAY),
        (held, Fault.BUSY),
        (full, Fault.FULL),
        (no_room, Fault.FULL),
    ],
)
def test_what_drivers_and_systems_raise(way: Callable[[Path], None], fault: Fault, tmp_path: Path) -> None:
    assert fault_of(raised_by(way, tmp_path)) is fault


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("53100", Fault.FULL),
        ("53300", Fault.BUSY),
        ("55P03", Fault.BUSY),
        ("40P01", Fault.BUSY),
        ("57P01", Fault.AWAY),
        ("08006", Fault.AWAY),
        ("23505", None),
        ("42P01", None),
    ],
)
def test_what_postgresql_says(code: str, fault: Fault | None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("what a PostgreSQL server says, only one says")
    with pytest.raises(Exception, match="said") as raised, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'said' USING ERRCODE = '{code}'; END $$")
    assert fault_of(raised.value) is fault


@pytest.mark.django_db
def test_the_portals_own_mistakes_are_no_faults() -> None:
    with pytest.raises(Exception, match="nowhere") as raised, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert fault_of(raised.value) is None
    assert fault_of(ValueError("wrong")) is None
    assert fault_of(OSError(errno.EACCES, "Permission denied")) is None


@contextmanager
def database_raising(error: Exception) -> Iterator[None]:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise error

    with connection.execute_wrapper(refuse):
        yield


def asked(client: Client) -> Client:
    """A browser sees answers, not errors."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("language", "title", "told"),
    [
        (
            "en",
            "The portal cannot answer at the moment",
            "The portal&#x27;s database does not answer at the moment.",
        ),
        ("ja", "ただいまポータルを利用できません", "ポータルのデータベースに接続できません。"),
    ],
)
def test_a_page_without_the_database(
    language: str, title: str, told: str, city_staff: User, tmp_path: Path
) -> None:
    client = asked(client_of(city_staff))
    client.cookies[all_settings.LANGUAGE_COOKIE_NAME] = language
    with database_raising(raised_by(away, tmp_path)):
        answer = client.get(reverse("home"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    page = answer.content.decode()
    assert title in page
    assert told in page
    assert 'href="/"' in page


@pytest.mark.parametrize(("way", "told"), [(full, "has no room left"), (held, "The database is busy")])
def test_what_was_typed_can_be_sent_again(
    way: Callable[[Path], None], told: str, administrator: User, tmp_path: Path
) -> None:
    client = asked(client_of(administrator))
    client.cookies[all_settings.LANGUAGE_COOKIE_NAME] = "en"
    typed = {"name": "田中 <花子>", "form_key": "0123456789", "csrfmiddlewaretoken": "its-token"}
    with database_raising(raised_by(way, tmp_path)):
        answer = client.post(reverse("person_new"), typed)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert told in page
    for name, text in {**typed, "name": "田中 &lt;花子&gt;"}.items():
        assert f'<textarea name="{name}" hidden>\n{text}</textarea>' in page
    assert f'action="{reverse("person_new")}"' in page
    assert "it is not saved a second time" in page


def test_a_password_is_not_printed_into_a_page(administrator: User, tmp_path: Path) -> None:
    client = asked(client_of(administrator))
    client.cookies[all_settings.LANGUAGE_COOKIE_NAME] = "en"
    with database_raising(raised_by(away, tmp_path)):
        page = client.post(reverse("login"), {"username": "tanaka", "password": "secret-of-mine"})
    assert page.status_code == 503
    assert "secret-of-mine" not in page.content.decode()
    assert "go back in your browser" in page.content.decode()


@pytest.mark.django_db
def test_any_other_error_is_answered_as_ever() -> None:
    try:
        raise ValueError("a mistake of ours")
    except ValueError:
        assert faults.answer(RequestFactory().get("/")).status_code == 500
    assert sys.exc_info()[1] is None


@pytest.mark.django_db(transaction=True)
def test_a_reader_does_not_wait_for_the_writer(city_staff: User, center: Center, settings: Any) -> None:
    """The one thing that reading writes, the clock of an idle session, is written by a later page."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has more than one writer")
    settings.SESSION_IDLE_SECONDS = 2 * sessions.WRITTEN_EVERY_SECONDS
    name = str(connection.settings_dict["NAME"])
    with time_machine.travel(datetime(2025, 6, 2, tzinfo=UTC), tick=False) as clock:
        client = client_of(city_staff)
        begun = client.session["seen_at"]
        clock.shift(timedelta(seconds=sessions.WRITTEN_EVERY_SECONDS))
        with closing(sqlite3.connect(name, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert client.get(reverse("kpi:home", args=[center.code])).status_code == 200
            other.execute("ROLLBACK")
        assert client.session["seen_at"] == begun
        with connection.cursor() as cursor:  # who writes after it waits as long as ever
            assert cursor.execute("PRAGMA busy_timeout").fetchone() == (20_000,)
        assert client.get(reverse("kpi:home", args=[center.code])).status_code == 200
        assert client.session["seen_at"] == begun + sessions.WRITTEN_EVERY_SECONDS


@pytest.mark.django_db
def test_a_session_that_cannot_be_written_is_not_said_to_have_ended(
    city_staff: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = client_of(city_staff).session

    def refused(*args: Any, **kwargs: Any) -> None:
        raise raised_by(held, tmp_path)

    monkeypatch.setattr(store.model, "save", refused)
    with pytest.raises(OperationalError):
        store.save()


def test_writers_leave_threads_for_readers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WRITERS_AT_ONCE = 1
    monkeypatch.setattr(WritersWaitOutside, "STUCK_SECONDS", 0.0)
    is_in, may_go = threading.Event(), threading.Event()

    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            is_in.set()
            assert may_go.wait(60)
        return HttpResponse("done")

    waits = WritersWaitOutside(view)
    first: list[HttpResponse] = []
    writer = threading.Thread(target=lambda: first.append(waits(RequestFactory().post("/"))))
    writer.start()
    assert is_in.wait(60)
    with translation.override("en"):
        assert waits(RequestFactory().post("/", {"title": "a report"})).status_code == 503
    assert waits(RequestFactory().get("/")).status_code == 200
    may_go.set()
    writer.join()
    assert first[0].status_code == 200
    assert waits(RequestFactory().post("/")).status_code == 200


def test_who_waits_is_let_in_as_long_as_others_get_done(settings: Any) -> None:
    settings.WRITERS_AT_ONCE = 1
    waits = WritersWaitOutside(lambda _request: HttpResponse("done"))
    answers: list[int] = []
    writers = [
        threading.Thread(target=lambda: answers.append(waits(RequestFactory().post("/")).status_code))
        for _ in range(20)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert answers == [200] * 20


def record_of(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except type(error):
        return logging.LogRecord(
            "django.request", logging.ERROR, "", 0, "%s: %s", ("Oh", "/kpi/"), sys.exc_info()
        )


def test_the_log_says_a_fault_once_in_a_while(tmp_path: Path) -> None:
    now = [0.0]
    once = OnceInAWhile(lambda: now[0])
    through = []
    for second in range(25):
        now[0] = float(second)
        through += [record for record in [record_of(raised_by(held, tmp_path))] if once.filter(record)]
    assert [record.getMessage() for record in through] == [
        "BUSY at Oh: /kpi/: as Django has it",
        "BUSY at Oh: /kpi/: as Django has it (and 9 more like it before)",
        "BUSY at Oh: /kpi/: as Django has it (and 9 more like it before)",
    ]
    assert not any(record.exc_info for record in through)


def test_a_mistake_of_ours_keeps_its_traceback_and_does_not_hide_another() -> None:
    once = OnceInAWhile(lambda: 0.0)
    first, same, other = (record_of(error) for error in (ValueError("a"), ValueError("b"), KeyError("c")))
    assert [once.filter(record) for record in (first, same, other)] == [True, False, True]
    assert first.exc_info is not None
    assert first.getMessage() == "Oh: /kpi/"
