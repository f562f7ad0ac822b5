"""Setting up one's second factor, its recovery codes, and doing without it again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, HistoryEvent, User
from iconm_portal.people.second_factor import codes
from tests.builders.second_factor import code_now, offered_secret, with_app
from tests.people import PASSWORD, client_of


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2025, 6, 2, 0, 0, 10, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def client(clock: Any, city_staff: User) -> Client:
    return client_of(city_staff)


def set_up(client: Client, **changed: str) -> Any:
    page = client.get(reverse("second_factor_app"))
    typed = {"code": code_now(offered_secret(page)), "offered": page.context["form"]["offered"].value()}
    return client.post(reverse("second_factor_app"), typed | changed)


def deeds() -> list[str]:
    return list(HistoryEvent.objects.order_by("pk").values_list("action", flat=True))


def test_an_app_is_set_up_by_its_code(client: Client, city_staff: User) -> None:
    page = client.get(reverse("second_factor_app"))
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert set_up(client).headers["Location"] == reverse("recovery_codes")
    assert codes.is_set_up(city_staff)
    assert deeds() == ["person.set_up_app"]
    assert AuditEvent.objects.filter(kind=AuditKind.RIGHTS, what__startswith="person.set_up_app").exists()
    shown = client.get(reverse("recovery_codes")).content.decode()
    assert all(code in shown for code in codes.unused_recovery_codes(city_staff))
    assert "設定日 2025-06-02" in client.get(reverse("second_factor")).content.decode()


def test_to_look_at_the_page_writes_nothing(client: Client, django_assert_max_num_queries: Any) -> None:
    before = client.session.items()
    page = client.get(reverse("second_factor_app"))
    assert dict(client.session.items()) == dict(before)
    assert offered_secret(page) != offered_secret(client.get(reverse("second_factor_app")))


def test_a_wrong_code_sets_up_nothing_and_keeps_the_key(client: Client, city_staff: User) -> None:
    page = client.get(reverse("second_factor_app"))
    typed = {"code": "12", "offered": page.context["form"]["offered"].value()}
    again = client.post(reverse("second_factor_app"), typed)
    assert again.status_code == 400
    assert offered_secret(again) == offered_secret(page)
    assert not codes.is_set_up(city_staff)


@pytest.mark.parametrize("offered", ["", "x", "JBSWY3DPEHPK3PXP"])
def test_a_key_that_the_page_did_not_offer_is_refused(client: Client, city_staff: User, offered: str) -> None:
    assert set_up(client, offered=offered).status_code == 400
    assert not codes.is_set_up(city_staff)


def test_a_key_offered_to_another_or_too_long_ago_is_refused(
    client: Client, city_staff: User, city_viewer: User, clock: Any
) -> None:
    other = client_of(city_viewer).get(reverse("second_factor_app")).context["form"]
    assert set_up(client, offered=other["offered"].value(), code=code_now(other.secret)).status_code == 400
    page = client.get(reverse("second_factor_app")).context["form"]
    clock.shift(timedelta(minutes=31))
    client.post(reverse("confirm"), {"password": PASSWORD})
    typed = {"code": code_now(page.secret), "offered": page["offered"].value()}
    assert client.post(reverse("second_factor_app"), typed).status_code == 400
    assert not codes.is_set_up(city_staff)


def test_the_code_that_set_it_up_opens_no_login(client: Client, city_staff: User) -> None:
    page = client.get(reverse("second_factor_app")).context["form"]
    code = code_now(page.secret)
    client.post(reverse("second_factor_app"), {"code": code, "offered": page["offered"].value()})
    assert codes.take(city_staff, code) is None


def test_there_is_one_app(client: Client, city_staff: User) -> None:
    page = client.get(reverse("second_factor_app")).context["form"]
    set_up(client)
    typed = {"code": code_now(page.secret), "offered": page["offered"].value()}
    assert client.post(reverse("second_factor_app"), typed).status_code == 400
    assert client.get(reverse("second_factor_app")).headers["Location"] == reverse("second_factor")
    assert deeds() == ["person.set_up_app"]


def test_recovery_codes_are_made_anew(client: Client, city_staff: User) -> None:
    with_app(city_staff)
    before = codes.unused_recovery_codes(city_staff)
    client.post(reverse("recovery_codes"))
    after = codes.unused_recovery_codes(city_staff)
    assert len(after) == 10
    assert not set(before) & set(after)
    assert codes.take(city_staff, before[0]) is None
    assert deeds() == ["person.renew_recovery_codes"]


def test_recovery_codes_are_taken_away_as_text(client: Client, city_staff: User) -> None:
    with_app(city_staff)
    answer = client.get(reverse("recovery_codes_file"))
    assert answer.content.decode().split() == codes.unused_recovery_codes(city_staff)
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_a_second_factor_there_are_no_recovery_codes(client: Client, city_staff: User) -> None:
    for method in (client.get, client.post):
        assert method(reverse("recovery_codes")).headers["Location"] == reverse("second_factor")
    assert client.get(reverse("recovery_codes_file")).content == b""
    assert not codes.of(city_staff).exists()


def test_the_app_is_removed_and_the_recovery_codes_with_it(client: Client, city_staff: User) -> None:
    with_app(city_staff)
    client.post(reverse("second_factor_app_remove"))
    assert not codes.of(city_staff).exists()
    client.post(reverse("second_factor_app_remove"))
    assert deeds() == ["person.remove_app"]


# The password again


GUARDED = ["second_factor_app", "second_factor_app_remove", "recovery_codes", "recovery_codes_file"]


@pytest.mark.parametrize("name", GUARDED)
def test_after_a_while_the_password_is_asked_for_again(
    client: Client, city_staff: User, clock: Any, name: str
) -> None:
    with_app(city_staff)
    clock.shift(timedelta(minutes=16))
    asks = f"{reverse('confirm')}?next={reverse(name)}".replace("/account", "%2Faccount")
    to_confirm = client.post(reverse(name)).headers["Location"]
    assert to_confirm.startswith(reverse("confirm")), asks
    assert codes.is_set_up(city_staff)
    assert client.post(to_confirm, {"password": "wrong"}).status_code == 400
    assert client.get(reverse(name)).headers["Location"] == to_confirm
    assert client.post(to_confirm, {"password": PASSWORD}).headers["Location"] == reverse(name)
    assert client.get(reverse(name)).headers.get("Location") != to_confirm


def test_it_leads_to_no_other_site(client: Client) -> None:
    address = reverse("confirm", query={"next": "https://evil.example/"})
    assert client.post(address, {"password": PASSWORD}).headers["Location"] == reverse("account")


def test_guesses_at_it_are_limited_as_at_the_login(client: Client, city_staff: User) -> None:
    answers = [client.post(reverse("confirm"), {"password": "wrong"}).status_code for _time in range(9)]
    assert answers == [400] * 7 + [429] * 2
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [AuditKind.SIGNED_IN] + [AuditKind.FAILED] * 8 + [AuditKind.PAUSED] * 2
    assert set(AuditEvent.objects.values_list("username", flat=True)) == {city_staff.username}


def test_no_page_of_allauths_own_is_there(client: Client) -> None:
    for address in ("/accounts/signup/", "/accounts/email/", "/account/signup/", "/account/login/", "/2fa/"):
        assert client.get(address).status_code == 404
