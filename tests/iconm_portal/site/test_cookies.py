"""The cookies of the portal behind TLS: nobody else's, and nobody else reads them."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client
from django.urls import reverse

from iconm_portal.models import User
from iconm_portal.site.message_storage import MessageCookie
from tests.people import PASSWORD

SETTINGS = Path(__file__).parents[3] / "iconm_portal" / "settings.py"
KINDS = 5  # session, token, language, known browser, messages


@pytest.fixture
def behind_tls(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser of somebody whose portal was set up with HTTPS=1."""
    monkeypatch.setenv("HTTPS", "1")
    read = runpy.run_path(str(SETTINGS))
    for name, value in read.items():
        if "_COOKIE_" in name and name.isupper() and not name.startswith("_"):
            setattr(settings, name, value)
    monkeypatch.setattr(MessageCookie, "cookie_name", read["MESSAGES_COOKIE_NAME"])
    return Client()


def test_each_is_for_this_host_alone_and_goes_over_tls_only(
    behind_tls: Client, administrator: User, city_staff: User
) -> None:
    client = behind_tls
    client.post(reverse("set_language"), {"language": "en", "next": "/login/"}, secure=True)
    client.get(reverse("login"), secure=True)
    client.post(reverse("login"), {"username": "administrator", "password": PASSWORD}, secure=True)
    client.post(reverse("person_deactivate", kwargs={"person": city_staff.pk}), secure=True)
    assert len(client.cookies) == KINDS, list(client.cookies)
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-"), name
        assert cookie["secure"], name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
        assert cookie["samesite"] == "Lax", name
        # The token against forged requests is read by the page's own script.
        assert bool(cookie["httponly"]) is not name.endswith("csrftoken"), name


def test_signed_in_with_these_one_is_in(behind_tls: Client, administrator: User) -> None:
    behind_tls.post(reverse("login"), {"username": "administrator", "password": PASSWORD}, secure=True)
    assert behind_tls.get(reverse("people"), secure=True).status_code == 200


def test_messages_bear_the_name_of_the_settings(settings: Any) -> None:
    assert MessageCookie.cookie_name == settings.MESSAGES_COOKIE_NAME == CookieStorage.cookie_name


def test_the_script_finds_the_token_by_either_name() -> None:
    script = (SETTINGS.parents[1] / "static" / "js" / "fresh_token.js").read_text()
    assert "(?:__Host-)?csrftoken=" in script
