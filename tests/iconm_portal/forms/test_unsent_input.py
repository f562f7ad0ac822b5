"""What is typed into a form after the session's end is there again after the login, passwords excepted."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from iconm_portal.forms import unsent_input
from iconm_portal.models import Organisation, User
from tests.people import PASSWORD

NEW = {"username": "tanaka", "name": "田中 一郎", "email": "", "role": "staff"}


@pytest.fixture
def client(administrator: User) -> Client:
    """Logged in once by the page, and then the session ended on the server."""
    client = Client()
    log_in(client, reverse("login"))
    client.session.delete()
    return client


def log_in(client: Client, location: str) -> str:
    answer = client.post(location, {"username": "administrator", "password": PASSWORD})
    return str(answer.headers["Location"])


def test_the_form_is_filled_again_and_can_be_saved(client: Client, city: Organisation) -> None:
    too_late = client.post(reverse("person_new"), NEW | {"organisation": city.pk})
    back = log_in(client, too_late.headers["Location"])
    page = client.get(back)
    assert page.context["was_kept"]
    assert "田中 一郎" in page.content.decode()
    assert not User.objects.filter(username="tanaka").exists(), "nothing was saved by opening the page"

    client.post(back, NEW | {"organisation": city.pk})
    assert User.objects.filter(username="tanaka").exists()
    assert not client.get(reverse("person_new")).context["was_kept"], "and then it is forgotten"


def test_it_belongs_to_its_own_address(client: Client, city_staff: User) -> None:
    too_late = client.post(reverse("person_new"), NEW)
    log_in(client, too_late.headers["Location"])
    page = client.get(reverse("person", kwargs={"person": city_staff.pk}))
    assert not page.context["was_kept"]
    assert "田中" not in page.content.decode()


def test_an_action_by_button_leads_back_to_its_button(client: Client, city_staff: User) -> None:
    too_late = client.post(reverse("person_deactivate", kwargs={"person": city_staff.pk}), {"reason": "異動"})
    back = log_in(client, too_late.headers["Location"])
    assert client.get(back).headers["Location"] == reverse("person", kwargs={"person": city_staff.pk})
    city_staff.refresh_from_db()
    assert city_staff.is_active


def test_passwords_are_not_kept(client: Client) -> None:
    client.post(
        reverse("password_change"),
        {"old_password": PASSWORD, "new_password1": "secret", "new_password2": "secret", "note": "x"},
    )
    assert list(client.session["typed_input"]["fields"]) == ["note"]


def test_too_much_is_not_kept(client: Client) -> None:
    client.post(reverse("person_new"), {"name": "長" * (unsent_input.MAX_CHARACTERS + 1)})
    assert "typed_input" not in client.session


def test_of_a_stranger_nothing_is_kept_and_no_session_is_made(administrator: User) -> None:
    stranger = Client()
    stranger.post(reverse("person_new"), {"name": "長" * 1000})
    assert not Session.objects.exists()
    stranger.cookies["portal_browser"] = "forged:1abc:xyz"
    stranger.post(reverse("person_new"), {"name": "長" * 1000})
    assert not Session.objects.exists()


def test_it_is_kept_for_an_hour(client: Client) -> None:
    with time_machine.travel(datetime(2025, 6, 2, 9, 0, tzinfo=UTC), tick=False) as clock:
        log_in(client, reverse("login"))
        client.session.delete()
        too_late = client.post(reverse("person_new"), NEW)
        assert client.session.get_expiry_age() == 60 * 60, "the session that holds it goes with it"
        clock.shift(timedelta(minutes=59))
        back = log_in(client, too_late.headers["Location"])
        assert client.session.get_expiry_age() > 60 * 60, "after the login it lives as long as any other"
        assert client.get(back).context["was_kept"]
        clock.shift(timedelta(minutes=2))
        assert not client.get(back).context["was_kept"]


def test_public_pages_keep_nothing(client: Client) -> None:
    client.post(reverse("login"), {"username": "x", "password": "y"})
    assert "typed_input" not in client.session
