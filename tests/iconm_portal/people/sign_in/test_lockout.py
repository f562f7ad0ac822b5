"""When guessing is paused: by name and by address; and who never is: the holder, in a browser of their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse

from iconm_portal.models import User
from iconm_portal.people.sign_in import browsers
from iconm_portal.people.sign_in.lockout import FAILURES_BY_ADDRESS
from tests.people import PASSWORD, make_person

IN, WRONG, PAUSED = 302, 200, 429


def try_login(client: Client, username: str, password: str = PASSWORD, **extra: str) -> int:
    client.cookies.pop("sessionid", None)
    return client.post(reverse("login"), {"username": username, "password": password}, **extra).status_code


def guess(username: str, times: int = 8, **extra: str) -> list[int]:
    """A stranger's wrong passwords, one after another."""
    return [try_login(Client(), username, "wrong", **extra) for _attempt in range(times)]


def address(number: int) -> str:
    return f"192.0.2.{number}"


def test_after_eight_wrong_passwords_the_name_is_paused(city_staff: User) -> None:
    assert guess("City-Staff") == [WRONG] * 7 + [PAUSED]
    assert try_login(Client(), "ｃｉｔｙ-staff") == PAUSED, "the right password makes no difference"


def test_one_name_is_guessed_at_eight_times_from_however_many_addresses(city_staff: User) -> None:
    answers = [guess("city-staff", 1, REMOTE_ADDR=address(number))[0] for number in range(1, 13)]
    assert answers.count(WRONG) == 7
    assert try_login(Client(), "city-staff", REMOTE_ADDR=address(99)) == PAUSED


def test_one_address_guesses_at_however_many_names_so_often(city_staff: User) -> None:
    answers = [guess(f"name-{number}", 1)[0] for number in range(60)]
    assert answers.count(WRONG) == FAILURES_BY_ADDRESS - 1
    assert try_login(Client(), "city-staff") == PAUSED
    assert try_login(Client(), "city-staff", REMOTE_ADDR=address(7)) == IN, "other places are not concerned"


def test_a_login_of_ones_own_does_not_clear_what_one_guessed_at_others(city_staff: User) -> None:
    for number in range(FAILURES_BY_ADDRESS - 1):
        guess(f"name-{number}", 1)
    assert try_login(Client(), "city-staff") == IN
    assert guess("another", 1) == [PAUSED]


def test_a_holder_has_a_way_of_their_own(city_staff: User) -> None:
    own = Client()
    assert try_login(own, "city-staff") == IN
    assert guess("city-staff")[-1] == PAUSED
    for number in range(60):
        guess(f"name-{number}", 1)
    assert try_login(own, "city-staff") == IN, "neither by their name nor from their address"
    assert try_login(Client(), "city-staff", REMOTE_ADDR=address(7)) == PAUSED, "and strangers stay out"


def test_the_own_way_has_its_limit_too(city_staff: User) -> None:
    own = Client()
    try_login(own, "city-staff")
    assert [try_login(own, "city-staff", "wrong") for _attempt in range(8)] == [WRONG] * 7 + [PAUSED]
    assert try_login(own, "city-staff") == PAUSED


def test_a_browser_is_its_own_for_those_alone_who_signed_in_with_it(
    city_staff: User, foundation_staff: User
) -> None:
    own = Client()
    try_login(own, "city-staff")
    guess("foundation-staff")
    assert try_login(own, "foundation-staff") == PAUSED
    own.cookies["portal_browser"] = own.cookies["portal_browser"].value[:-1] + "x"
    guess("city-staff")
    assert try_login(own, "city-staff") == PAUSED, "a mark that is not the portal's own is none"


def test_a_mark_is_worth_something_for_half_a_year_and_for_its_own_purpose(city_staff: User) -> None:
    own = Client()
    with time_machine.travel(datetime(2025, 1, 6, 9, 0, tzinfo=UTC), tick=False) as clock:
        try_login(own, "city-staff")
        said = signing.loads(own.cookies["portal_browser"].value, salt=browsers._SALT)
        for number in range(60):
            guess(f"name-{number}", 1)
        assert try_login(own, "city-staff") == IN
        for value in (
            signing.dumps(said, salt="another purpose"),
            signing.dumps(said, salt=browsers._SALT, key="another key"),
            signing.b64_encode(b"{}").decode() + "::",
        ):
            stranger = Client()
            stranger.cookies["portal_browser"] = value
            assert try_login(stranger, "city-staff") == PAUSED
        clock.shift(timedelta(days=browsers.KEPT_DAYS, minutes=1))
        for number in range(60):
            guess(f"name-{number}", 1)
        assert try_login(own, "city-staff") == PAUSED


def test_a_shared_browser_remembers_several_people(city_staff: User, foundation_staff: User) -> None:
    shared = Client()
    for username in ("city-staff", "foundation-staff"):
        assert try_login(shared, username) == IN
        guess(username)
    assert [try_login(shared, name) for name in ("city-staff", "foundation-staff")] == [IN, IN]


def test_the_mark_tells_nobody_who_signed_in(city_staff: User) -> None:
    own = Client()
    try_login(own, "city-staff")
    cookie = own.cookies["portal_browser"]
    assert "city-staff" not in cookie.value
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_pause_ends_by_itself(city_staff: User) -> None:
    with time_machine.travel(datetime(2025, 6, 2, 9, 0, tzinfo=UTC), tick=False) as clock:
        guess("city-staff")
        clock.shift(timedelta(minutes=14))
        assert try_login(Client(), "city-staff") == PAUSED, "and trying again does not make it longer"
        clock.shift(timedelta(minutes=2))
        assert try_login(Client(), "city-staff") == IN


def test_a_server_on_a_unix_socket_has_no_address_and_pauses_all_the_same(city_staff: User) -> None:
    assert guess("city-staff", REMOTE_ADDR="")[-1] == PAUSED


@pytest.mark.parametrize("forged", ["198.51.100.{}", "198.51.100.{}, 203.0.113.9", "unknown, 198.51.100.{}"])
def test_without_proxies_nobody_chooses_their_address(city_staff: User, forged: str) -> None:
    for number in range(FAILURES_BY_ADDRESS):
        guess(f"name-{number}", 1, HTTP_X_FORWARDED_FOR=forged.format(number))
    assert try_login(Client(), "city-staff", HTTP_X_FORWARDED_FOR=forged.format(250)) == PAUSED


@pytest.mark.parametrize(("proxies", "behind"), [(1, ""), (2, ", 10.0.0.2")])
def test_behind_proxies_each_client_has_their_own_address(
    settings: Any, city_staff: User, proxies: int, behind: str
) -> None:
    settings.PROXY_COUNT = proxies
    for number in range(FAILURES_BY_ADDRESS):
        # What a client wrote itself stands before what the proxies add.
        guess(f"name-{number}", 1, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}, 203.0.113.9{behind}")
    forged = f"198.51.100.77, 203.0.113.9{behind}"
    assert try_login(Client(), "city-staff", HTTP_X_FORWARDED_FOR=forged) == PAUSED
    assert try_login(Client(), "city-staff", HTTP_X_FORWARDED_FOR=f"203.0.113.10{behind}") == IN


def test_who_comes_past_the_proxy_chooses_no_address(settings: Any, city_staff: User) -> None:
    settings.PROXY_COUNT = 1
    past = {"REMOTE_ADDR": "198.51.100.1"}
    for number in range(FAILURES_BY_ADDRESS):
        guess(f"name-{number}", 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}", **past)
    assert try_login(Client(), "city-staff", HTTP_X_FORWARDED_FOR="203.0.113.250", **past) == PAUSED


def test_a_long_name_is_counted_like_any(city_staff: User) -> None:
    make_person("a" * 60, city_staff.organisation, name="名前", email="")
    own = Client()
    assert try_login(own, "a" * 60) == IN
    assert try_login(own, "a" * 60, "wrong") == WRONG
    assert guess("b" * 60)[-1] == PAUSED
