"""What every answer carries, whatever it is."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from iconm_portal.models import Center, User
from tests.people import client_of

pytestmark = pytest.mark.django_db

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OF_TESTS = ("TESTING", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE")
STATIC = "/static/css/portal.css"
ROOT = Path(__file__).parents[3]


def assert_complete(answer: HttpResponseBase, status: int) -> None:
    assert answer.status_code == status
    for name, value in EXPECTED.items():
        assert answer.headers[name] == value, name
    policy = {one.strip() for one in answer.headers["Content-Security-Policy"].split(";")}
    assert policy >= {
        f"{name} 'none'" for name in ("default-src", "object-src", "base-uri", "frame-ancestors")
    }
    assert "script-src 'self'" in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers, "no other site's page reads it"


def test_pages(center: Center, city_staff: User) -> None:
    client = client_of(city_staff)
    assert_complete(client.get("/lab/"), 200)
    assert_complete(client.get("/"), 302)
    assert_complete(client.get("/lab/nowhere/"), 404)
    assert_complete(client.get(reverse("people")), 403)
    assert_complete(client.get(reverse("logout")), 405)


def test_answers_to_strangers() -> None:
    client = Client()
    assert_complete(client.get(reverse("login")), 200)
    assert_complete(client.get("/people/"), 302)
    assert_complete(client.get(reverse("health")), 200)
    assert_complete(client.get("/open/nowhere/"), 404)


def test_static_files() -> None:
    answer = Client().get(STATIC)
    assert_complete(answer, 200)
    answer.close()


def test_refusals_before_any_view() -> None:
    client = Client()
    assert_complete(client.get(reverse("login"), headers={"host": "evil.example"}), 400)
    assert_complete(client.post(reverse("login"), CONTENT_LENGTH="999999999999"), 413)
    assert_complete(Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x"}), 403)
    too_many = {f"field-{number}": "" for number in range(6000)}
    assert_complete(client.post(reverse("login"), too_many), 400)


def test_a_redirect_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert_complete(Client().get(reverse("login")), 301)


def test_a_year_of_tls_is_asked_for_by_every_answer(
    center: Center, city_staff: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS", "1")
    read = runpy.run_path(str(ROOT / "iconm_portal" / "settings.py"))
    for name in ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT"):
        setattr(settings, name, read[name])
    client = client_of(city_staff)
    for address in ("/lab/", "/lab/nowhere/", reverse("people"), reverse("health"), STATIC):
        answer = client.get(address, secure=True)
        asked = answer.headers["Strict-Transport-Security"]
        assert int(asked.split(";")[0].removeprefix("max-age=")) >= 365 * 24 * 60 * 60
        assert "includeSubDomains" in asked
        answer.close() if address == STATIC else None
    for address in ("/lab/", reverse("login"), "/open/lab/"):
        assert client.get(address).headers["Location"] == f"https://testserver{address}", "never in the clear"


def test_programs_are_not_led_from_the_clear_to_tls(settings: Any, db: None) -> None:
    """They would go on sending in the clear, a secret address too, and nobody would notice."""
    read = runpy.run_path(str(ROOT / "iconm_portal" / "settings.py"))
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = read["SECURE_REDIRECT_EXEMPT"]
    client = Client()
    calendar = reverse("calendar_feed", kwargs={"secret": "x"})
    assert_complete(client.get(calendar), 403)
    assert_complete(client.get(calendar, secure=True), 404)
    assert_complete(client.get(reverse("health")), 200)
    assert_complete(client.get(reverse("login")), 301)


def test_without_a_key_of_its_own_no_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TESTING", "DEBUG", "SECRET_KEY", "SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        runpy.run_path(str(ROOT / "iconm_portal" / "settings.py"))


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
    ],
)
def test_the_server_takes_no_request_whose_end_can_be_read_in_two_ways(lengths: str) -> None:
    request = f"POST /login/ HTTP/1.1\r\nHost: portal\r\n{lengths}\r\n\r\n0\r\n\r\n"
    with pytest.raises(ParseException):
        next(RequestParser(Config(), iter([request.encode()]), ("127.0.0.1", 1)))


def test_a_failure(
    city_staff: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: object) -> None:
        raise RuntimeError("of this test")

    monkeypatch.setattr("iconm_portal.site.views.own_centers", fails)
    client = client_of(city_staff)
    client.raise_request_exception = False
    answer = client.get("/")
    assert_complete(answer, 500)
    page = answer.content.decode()
    for word in ("of this test", "RuntimeError", "Traceback", "own_centers"):
        assert word not in page, "what went wrong is for the log"
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert logged.exc_info
    assert "of this test" in str(logged.exc_info[1])


def test_every_text_says_its_letters(center: Center, city_staff: User, administrator: User) -> None:
    staff, keeper = client_of(city_staff), client_of(administrator)
    answers = [
        Client().get(reverse("health")),
        Client().get(reverse("login")),
        Client().get(STATIC),
        Client().get("/static/js/comfort.js"),
        Client().post(reverse("login"), CONTENT_LENGTH="999999999999"),
        staff.get("/lab/"),
        staff.get("/lab/nowhere/"),
        staff.get(reverse("kpi:records_csv", kwargs={"center": "lab"})),
        staff.get(reverse("finance:ledger_export", kwargs={"center": "lab", "year": 2024})),
        keeper.get(reverse("history_csv")),
        keeper.get(reverse("audit_csv")),
    ]
    for answer in answers:
        kind = answer.headers["Content-Type"]
        assert kind.startswith("text/")
        assert kind.endswith(('; charset="utf-8"', "; charset=utf-8")), kind
        answer.close()


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_no_method_that_sends_a_request_back(center: Center, city_staff: User, method: str) -> None:
    client = client_of(city_staff)
    for address in ("/", "/lab/", reverse("health"), reverse("password_change")):
        assert_complete(client.generic(method, address), 405)
    static = client.generic(method, STATIC)
    assert_complete(static, 405)
    static.close()


@pytest.mark.parametrize(
    "address",
    [
        "/.git/HEAD",
        "/static/.git/HEAD",
        "/static/",
        "/static/css/",
        "/static/../manage.py",
        "/static/%2e%2e/var/secret_key",
    ],
)
def test_nothing_but_pages_and_static_files_is_served(city_staff: User, address: str) -> None:
    """Neither the repository nor a list of what a folder holds."""
    assert_complete(client_of(city_staff).get(address), 404)


def test_what_a_person_sees_is_kept_nowhere(center: Center, city_staff: User) -> None:
    client = client_of(city_staff)
    for address in ("/lab/", "/", "/lab/nowhere/", reverse("password_change")):
        assert "no-store" in client.get(address).headers["Cache-Control"], address
    static = client.get(STATIC)
    assert "no-store" not in static.headers.get("Cache-Control", "")
    static.close()


def test_the_chosen_language_is_a_cookie_with_its_flags() -> None:
    client = Client()
    client.post(reverse("set_language"), {"language": "en", "next": "/login/"})
    cookie = client.cookies["django_language"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_check_deploy_has_nothing_to_say_of_a_server_behind_tls() -> None:
    """In a process of its own, as a city would set it up; what it says of SQLite is about the test's database alone."""
    environment = {key: value for key, value in os.environ.items() if key not in OF_TESTS}
    said = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"],
        cwd=ROOT,
        env=environment
        | {
            "DJANGO_SETTINGS_MODULE": "iconm_portal.settings",
            "HTTPS": "1",
            "SECRET_KEY": "a-key-as-long-as-django-wants-it-0123456789-abcdefghijklm",
            "ALLOWED_HOSTS": "portal.example.lg.jp",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    words = said.stdout + said.stderr
    assert said.returncode == 0, words
    assert "security." not in words, words
