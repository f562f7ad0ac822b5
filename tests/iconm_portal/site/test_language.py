"""Japanese unless somebody switches; the choice is a cookie and leads back to where one was."""

import pytest
from django.test import Client
from django.urls import reverse

from iconm_portal.models import User
from tests.people import client_of


def switch(client: Client, language: str, following: str = "/login/") -> str:
    answer = client.post(reverse("set_language"), {"language": language, "next": following})
    return str(answer.headers["Location"])


def test_japanese_whatever_the_browser_asks_for(client: Client, db: None) -> None:
    answer = client.get(reverse("login"), headers={"accept-language": "en-GB,en"})
    assert '<html lang="ja">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "ja"


def test_it_can_be_switched_without_a_login_and_back(client: Client, db: None) -> None:
    assert switch(client, "en") == "/login/"
    assert '<html lang="en">' in client.get(reverse("login")).content.decode()
    switch(client, "ja")
    assert '<html lang="ja">' in client.get(reverse("login")).content.decode()


@pytest.mark.parametrize("language", ["de", "", "../etc", "x" * 500])
def test_an_unknown_language_is_japanese(client: Client, db: None, language: str) -> None:
    switch(client, language)
    assert client.get(reverse("login")).headers["Content-Language"] == "ja"


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_switch_leads_to_no_other_site(client: Client, db: None, following: str) -> None:
    assert switch(client, "en", following) == "/"


def test_the_switch_leads_back_with_the_query(city_staff: User) -> None:
    assert switch(client_of(city_staff), "en", "/lab/?as_of=2022-01-27") == "/lab/?as_of=2022-01-27"


def test_get_switches_nothing(client: Client, db: None) -> None:
    assert client.get(reverse("set_language"), {"language": "en"}).status_code == 405


def test_the_choice_lasts_through_login_and_logout(client: Client, city_staff: User) -> None:
    switch(client, "en")
    client.force_login(city_staff)
    client.post(reverse("logout"))
    assert client.get(reverse("login")).headers["Content-Language"] == "en"
