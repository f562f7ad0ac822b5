"""What every answer carries, whatever it is."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

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
    policy = answer.headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert directive in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]


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


def test_a_failure(city_staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object) -> None:
        raise RuntimeError("of this test")

    monkeypatch.setattr("iconm_portal.site.views.own_centers", fails)
    client = client_of(city_staff)
    client.raise_request_exception = False
    assert_complete(client.get("/"), 500)


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
