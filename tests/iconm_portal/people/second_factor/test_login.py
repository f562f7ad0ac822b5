"""The login with a second factor: what opens it, what does not, how often one may try."""

import base64
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import generate_totp_secret
from axes.models import AccessAttempt
from cryptography.fernet import InvalidToken
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, User
from iconm_portal.people.second_factor import codes
from iconm_portal.people.second_factor.adapter import SecondFactorAdapter
from iconm_portal.people.sign_in import browsers
from tests.builders.second_factor import (
    SECRET,
    code_now,
    code_step,
    is_in,
    password_step,
    with_app,
    wrong_code,
)
from tests.people import PASSWORD, client_of


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2025, 6, 2, 0, 0, 10, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def person(city_staff: User, clock: Any) -> User:
    return with_app(city_staff)


def test_the_password_alone_signs_nobody_in(client: Client, person: User) -> None:
    answer = password_step(client, person)
    assert answer.headers["Location"] == reverse("second_step")
    assert not is_in(client)
    assert client.get("/lab/").headers["Location"] == "/login/?next=/lab/"
    assert not AuditEvent.objects.exists()


def test_the_code_does_and_leads_to_where_one_wanted_to_go(client: Client, person: User) -> None:
    password_step(client, person, next="/lab/reports/")
    assert client.get(reverse("second_step")).status_code == 200
    assert code_step(client, code_now()).headers["Location"] == "/lab/reports/"
    assert is_in(client)
    assert "portal_browser" in client.cookies
    assert AuditEvent.objects.get().kind is AuditKind.SIGNED_IN


def test_without_a_password_there_is_no_second_step(client: Client, person: User) -> None:
    assert client.get(reverse("second_step")).headers["Location"] == reverse("login")
    assert code_step(client, code_now()).headers["Location"] == reverse("login")
    assert not is_in(client)


def test_it_waits_ten_minutes(client: Client, person: User, clock: Any) -> None:
    password_step(client, person)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert code_step(client, code_now()).headers["Location"] == reverse("login")
    assert not is_in(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "changed"}])
def test_it_ends_with_the_account_and_with_the_password(
    client: Client, person: User, change: dict[str, Any]
) -> None:
    password_step(client, person)
    User.objects.filter(pk=person.pk).update(**change)
    code_step(client, code_now())
    assert not is_in(client)


@pytest.mark.parametrize(
    ("half_minutes", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(
    client: Client, person: User, half_minutes: int, opens: bool
) -> None:
    password_step(client, person)
    code_step(client, code_now(half_minutes=half_minutes))
    assert is_in(client) is opens


@pytest.mark.parametrize("how", ["{0} {1}", "{0}-{1}", " {0}{1} "])
def test_a_code_is_read_as_it_is_typed(client: Client, person: User, how: str) -> None:
    password_step(client, person)
    code = code_now()
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    code_step(client, how.format(code[:3], code[3:]).translate(wide))
    assert is_in(client)


def test_a_code_is_good_once(client: Client, person: User, clock: Any) -> None:
    code = code_now()
    password_step(client, person)
    code_step(client, code)
    other = Client()
    for _time in range(2):
        password_step(other, person)
        code_step(other, code)
        assert not is_in(other)
        clock.shift(timedelta(seconds=25))
    code_step(other, code_now())
    assert is_in(other)


def test_a_recovery_code_is_good_once_and_written_down(client: Client, person: User) -> None:
    code = codes.unused_recovery_codes(person)[3]
    password_step(client, person)
    answer = client.post(reverse("second_step"), {"code": code}, follow=True)
    assert "残り9個" in answer.content.decode()
    event = AuditEvent.objects.get(kind=AuditKind.CODE_USED)
    assert (event.username, event.what) == (person.username, "9")
    other = Client()
    password_step(other, person)
    code_step(other, code)
    assert not is_in(other)


@pytest.mark.parametrize("typed", ["", "x", "１" * 5000, "12345\x00", "0" * 8, "½"])
def test_what_is_no_code_is_refused(client: Client, person: User, typed: str) -> None:
    password_step(client, person)
    assert code_step(client, typed).status_code == 200
    assert not is_in(client)


def test_a_key_that_is_gone_refuses_every_code_and_breaks_nothing(
    client: Client, person: User, settings: Any
) -> None:
    password_step(client, person)
    old = settings.SECRET_KEY
    right = code_now()
    settings.SECRET_KEY = "another key"
    assert codes.take(person, right) is None
    assert codes.unused_recovery_codes(person) == []
    settings.SECRET_KEY_FALLBACKS = [old]
    assert codes.take(person, right) is codes.Proof.APP


def test_secrets_are_not_kept_in_the_clear(person: User) -> None:
    kept = [str(row.data) for row in codes.of(person)]
    assert not any("JBSWY3DP" in text for text in kept)


# Secrets


def test_recovery_codes_and_keys_are_drawn_from_a_source_of_secrets(
    city_staff: User, city_viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """160 bits of a key and 320 of a seed; from nothing else than what the operating system gives for secrets."""
    drawn: list[int] = []

    draw = secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda length: (drawn.append(8 * length), draw(length))[1])
    assert generate_totp_secret() != generate_totp_secret()
    made = [codes.unused_recovery_codes(with_app(person)) for person in (city_staff, city_viewer)]
    assert drawn == [160, 160, 320, 320]
    assert len({code for one in made for code in one}) == 20


def test_a_recovery_code_takes_a_hundred_million_guesses(person: User) -> None:
    assert {(len(code), code.isdigit()) for code in codes.unused_recovery_codes(person)} == {(8, True)}


def test_no_half_minute_more_where_the_settings_allow_none(person: User, settings: Any) -> None:
    right, before = code_now(), code_now(half_minutes=-1)
    settings.MFA_TOTP_TOLERANCE = 0
    assert codes.take(person, before) is None
    assert codes.take(person, right) is codes.Proof.APP


def test_an_encrypted_secret_is_authenticated_and_never_the_same_twice() -> None:
    """Fernet: AES-128 in CBC with a new vector each time, under HMAC-SHA-256; a bit changed anywhere is found."""
    adapter = SecondFactorAdapter()
    kept = adapter.encrypt(SECRET)
    assert adapter.decrypt(kept) == SECRET
    raw = base64.urlsafe_b64decode(kept)
    version, time, vector, text, seal = raw[:1], raw[1:9], raw[9:25], raw[25:-32], raw[-32:]
    assert (version, len(time), len(vector), len(text) % 16, len(seal)) == (b"\x80", 8, 16, 0, 32)
    assert base64.urlsafe_b64decode(adapter.encrypt(SECRET))[9:25] != vector
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1
        with pytest.raises(InvalidToken):
            adapter.decrypt(base64.urlsafe_b64encode(bytes(altered)).decode())


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_new_key_ends_nothing_while_the_old_one_is_kept(person: User, settings: Any, is_kept: bool) -> None:
    """Sessions, the browser's signed cookie and encrypted secrets go on; without it each of them is worth nothing."""
    client = client_of(person)
    right = code_now()
    settings.SECRET_KEY, old = "another key of the portal", settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = [old] if is_kept else []
    assert (client.get(reverse("account")).status_code == 200) is is_kept
    request = HttpRequest()
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    assert bool(browsers.mark_of(request, person.username)) is is_kept
    assert (codes.take(person, right) is codes.Proof.APP) is is_kept


# Limits


def fail(client: Client, person: User, times: int) -> int:
    password_step(client, person)
    return [code_step(client, wrong_code()).status_code for _time in range(times)][-1]


def test_eight_wrong_codes_pause_the_name(client: Client, person: User) -> None:
    assert fail(client, person, 7) == 200
    assert code_step(client, wrong_code()).status_code == 429
    assert code_step(client, code_now()).status_code == 429
    assert not is_in(client)
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [AuditKind.WRONG_CODE] * 8 + [AuditKind.PAUSED] * 2
    assert set(AuditEvent.objects.values_list("username", flat=True)) == {person.username}


def test_whoever_logs_in_anew_begins_no_new_count(client: Client, person: User) -> None:
    for _time in range(7):
        fail(Client(REMOTE_ADDR="10.0.0.7"), person, 1)
    assert fail(Client(REMOTE_ADDR="10.0.0.8"), person, 1) == 429


def test_codes_and_passwords_are_counted_together(client: Client, person: User) -> None:
    for _time in range(4):
        client.post(reverse("login"), {"username": person.username, "password": "wrong"})
    assert fail(client, person, 4) == 429


def test_strangers_who_guess_codes_do_not_shut_the_holder_out(person: User) -> None:
    holder = client_of(person)
    holder.post(reverse("logout"))
    assert fail(Client(REMOTE_ADDR="10.0.0.7"), person, 8) == 429
    password_step(holder, person)
    code_step(holder, code_now())
    assert is_in(holder)


def test_the_pause_opens_by_itself(client: Client, person: User, clock: Any) -> None:
    fail(client, person, 8)
    clock.shift(timedelta(minutes=16))
    password_step(client, person)
    code_step(client, code_now())
    assert is_in(client)


def test_a_failure_keeps_nothing_that_opens_anything(client: Client, person: User) -> None:
    fail(client, person, 1)
    attempt = AccessAttempt.objects.get()
    assert wrong_code() not in attempt.post_data
    assert PASSWORD not in attempt.post_data
