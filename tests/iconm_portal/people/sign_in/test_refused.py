"""Who asks for what they have no right to stands in the log."""

import json
import logging
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from iconm_portal.models import Center, User
from tests.people import client_of

SETTINGS = Path(__file__).parents[4] / "iconm_portal" / "settings.py"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        json.loads(record.message)
        for record in caplog.records
        if record.name == "iconm_portal.audit" and record.levelno == logging.WARNING
    ]


def test_a_page_without_the_right(city_staff: User, caplog: pytest.LogCaptureFixture) -> None:
    client_of(city_staff).get(reverse("people"), headers={"user-agent": "Browser 1"})
    (line,) = lines(caplog)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "event": "refused",
        "username": "city-staff",
        "name": "名前 city-staff",
        "organisation": "city",
        "address": "127.0.0.1",
        "browser": "Browser 1",
        "what": "403 GET /people/",
    }


def test_a_center_of_others(
    city_staff: User, foreign_center: Center, caplog: pytest.LogCaptureFixture
) -> None:
    client_of(city_staff).get("/foreign-lab/reports/")
    (line,) = lines(caplog)
    assert (line["username"], line["what"]) == ("city-staff", "404 GET /foreign-lab/reports/")


@pytest.mark.django_db
def test_a_form_from_another_site(caplog: pytest.LogCaptureFixture) -> None:
    Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x", "password": "a secret"})
    (line,) = lines(caplog)
    assert (line["username"], line["what"]) == ("", "403 POST /login/")
    assert "a secret" not in caplog.text


def test_what_is_allowed_leaves_no_line(city_staff: User, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(city_staff)
    for address in ("/lab/", "/lab/nowhere/", reverse("password_change")):
        client.get(address)
    assert lines(caplog) == []


@pytest.mark.parametrize(
    "forged", ["/lab/%0aCRITICAL%20all%20is%20well/", "/%0d%0a2026-12-01T00:00:00+0900%20ERROR/"]
)
def test_nobody_writes_a_line_of_their_own(
    city_staff: User, caplog: pytest.LogCaptureFixture, forged: str
) -> None:
    client = client_of(city_staff)
    client.get(forged, headers={"user-agent": "x\nERROR forged"})
    client.post(reverse("people"), {"name": "a\nb"}, headers={"user-agent": "x\nERROR forged"})
    assert len(caplog.records) > 1
    assert not [record.getMessage() for record in caplog.records if re.search(r"[\r\n]", record.getMessage())]


def test_the_log_says_its_time_zone() -> None:
    shape = runpy.run_path(str(SETTINGS))["LOGGING"]["formatters"]["line"]
    record = logging.LogRecord("name", logging.WARNING, "", 0, "said", (), None)
    written = logging.Formatter(shape["format"], shape["datefmt"]).format(record)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING name said", written)


@pytest.fixture
def as_in_the_settings() -> Iterator[None]:
    """The filters of the portal's own settings, whatever the test run logs by."""
    said = runpy.run_path(str(SETTINGS))["LOGGING"]
    logger = logging.getLogger("django.request")
    added = [
        import_string(said["filters"][name]["()"])() for name in said["loggers"]["django.request"]["filters"]
    ]
    for one in added:
        logger.addFilter(one)
    yield
    for one in added:
        logger.removeFilter(one)


@pytest.mark.django_db
def test_no_secret_part_of_an_address_is_written_down(
    as_in_the_settings: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    client = Client(raise_request_exception=False)
    secret = "a-secret-that-is-not-valid-any-more"
    address = reverse("calendar_feed", kwargs={"secret": secret})
    assert client.get(address).status_code == 404
    monkeypatch.setattr("agreements.duties.feed_actions.person_of", lambda _secret: 1 / 0)
    assert client.get(address).status_code == 500
    assert client.post(address).status_code == 405
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = runpy.run_path(str(SETTINGS))["SECURE_REDIRECT_EXEMPT"]
    assert Client().get(address).status_code == 403
    said = [record.getMessage() for record in caplog.records]
    assert len(said) >= 5
    assert not [line for line in said if secret in line]
    assert any(line.endswith("/calendar/….ics") for line in said)
