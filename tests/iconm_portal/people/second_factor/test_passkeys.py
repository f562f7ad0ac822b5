"""Passkeys: set up, used at the login, removed; and what is none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, HistoryEvent, User
from iconm_portal.people.second_factor import codes, passkeys
from tests.builders.second_factor import Device, asked_by, code_step, is_in, password_step
from tests.people import client_of

NEW = "/account/second-factor/passkeys/new/"
SECURE = {"secure": True}


@pytest.fixture
def clock() -> Iterator[None]:
    with time_machine.travel("2025-06-02T00:00:00Z", tick=False):
        yield


@pytest.fixture
def device() -> Device:
    return Device()


def set_up(person: User, device: Device, name: str = "PC") -> Any:
    client = client_of(person)
    asked = asked_by(client.get(NEW, **SECURE))
    return client.post(NEW, {"name": name, "credential": device.make(asked)}, **SECURE)


def second_step(client: Client, person: User) -> dict[str, Any]:
    password_step(client, person)
    return asked_by(client.get(reverse("second_step"), **SECURE))


def answer(client: Client, credential: str) -> Any:
    return client.post(reverse("second_step"), {"credential": credential}, **SECURE)


def test_it_is_made_and_asked_for_and_opens_the_login(
    client: Client, city_staff: User, device: Device
) -> None:
    assert set_up(city_staff, device).headers["Location"] == reverse("recovery_codes")
    assert [event.action for event in HistoryEvent.objects.all()] == ["person.add_passkey"]
    assert len(codes.unused_recovery_codes(city_staff)) == 10
    asked = second_step(client, city_staff)
    assert not is_in(client)
    assert answer(client, device.use(asked)).status_code == 302
    assert is_in(client)


def test_a_recovery_code_opens_it_too(client: Client, city_staff: User, device: Device) -> None:
    set_up(city_staff, device)
    password_step(client, city_staff)
    code_step(client, codes.unused_recovery_codes(city_staff)[0])
    assert is_in(client)


def test_what_was_answered_is_answered_once(client: Client, city_staff: User, device: Device) -> None:
    set_up(city_staff, device)
    credential = device.use(second_step(client, city_staff))
    answer(client, credential)
    other = Client()
    second_step(other, city_staff)
    assert answer(other, credential).status_code == 200
    assert not is_in(other)
    assert AuditEvent.objects.filter(kind=AuditKind.WRONG_CODE).count() == 1


def test_anothers_device_or_another_site_is_refused(
    client: Client, city_staff: User, city_viewer: User, device: Device
) -> None:
    set_up(city_staff, device)
    stranger, elsewhere = Device(), Device("https://evil.example")
    elsewhere.key, elsewhere.number = device.key, device.number
    stranger.number = device.number
    for one in (stranger, elsewhere):
        answer(client, one.use(second_step(client, city_staff)))
        assert not is_in(client)


def test_wrong_ones_are_counted_as_wrong_codes(client: Client, city_staff: User, device: Device) -> None:
    set_up(city_staff, device)
    second_step(client, city_staff)
    assert [answer(client, "{}").status_code for _time in range(9)] == [200] * 7 + [429] * 2


BROKEN = [
    "",
    "x",
    "[]",
    "null",
    "1",
    "{}",
    '{"response": 1}',
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
    "[" * 10_000,
    "1" * 10_000,
    json.dumps({"rawId": "\x00", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}),
    json.dumps({"id": "A" * 30_000}),
]


@pytest.mark.parametrize("credential", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_passkey_is_refused(
    client: Client, city_staff: User, device: Device, credential: str
) -> None:
    made = client_of(city_staff)
    made.get(NEW, **SECURE)
    assert made.post(NEW, {"name": "a", "credential": credential}, **SECURE).status_code == 400
    set_up(city_staff, device)
    second_step(client, city_staff)
    again = answer(client, credential)
    assert again.status_code == 200
    assert not is_in(client)
    assert '<input type="hidden" name="credential" id="id_credential">' in again.content.decode(), (
        "a script fills it"
    )


@pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
def test_a_new_one_with_any_byte_changed_breaks_nothing(city_staff: User, device: Device, part: str) -> None:
    client = client_of(city_staff)
    for place in range(0, 200, 23):
        said = json.loads(device.make(asked_by(client.get(NEW, **SECURE))))
        text = said["response"][part]
        said["response"][part] = text[:place] + "_-" + text[place + 2 :]
        sent = {"name": "a", "credential": json.dumps(said)}
        assert client.post(NEW, sent, **SECURE).status_code in (302, 400)


def test_a_passkey_is_removed_and_the_recovery_codes_with_the_last(
    city_staff: User, city_viewer: User, device: Device
) -> None:
    set_up(city_staff, device, "first")
    set_up(city_staff, Device(), "second")
    first, second = passkeys.of(city_staff)
    client_of(city_viewer).post(reverse("passkey_remove", kwargs={"passkey": first.pk}))
    assert len(passkeys.of(city_staff)) == 2
    page = client_of(city_staff).get(reverse("second_factor")).content.decode()
    assert "first" in page
    assert "second" in page
    for passkey in (first, first, second):
        client_of(city_staff).post(reverse("passkey_remove", kwargs={"passkey": passkey.pk}))
    assert not codes.of(city_staff).exists()
    removed = HistoryEvent.objects.filter(action="person.remove_passkey")
    assert removed.count() == 2


@pytest.mark.parametrize(
    ("host", "is_secure", "works"),
    [
        ("testserver", False, False),
        ("testserver", True, True),
        ("localhost:8000", False, True),
        ("127.0.0.1:8000", False, False),
        ("127.0.0.1", True, False),
        ("[::1]", True, False),
    ],
)
def test_where_it_does_not_work_the_page_says_so(
    city_staff: User, settings: Any, host: str, *, is_secure: bool, works: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = client_of(city_staff)
    page = client.get(reverse("second_factor"), secure=is_secure, headers={"host": host}).content.decode()
    assert ("このURLでは使えません" not in page) is works
    assert client.get(NEW, secure=is_secure, headers={"host": host}).status_code == (200 if works else 302)


def test_behind_a_proxy_the_settings_know_the_host(client: Client, city_staff: User, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"
    device = Device("https://portal.example.jp")
    set_up(city_staff, device)
    answer(client, device.use(second_step(client, city_staff)))
    assert is_in(client)


def test_the_pages_run_no_script_of_their_own(city_staff: User, client: Client, device: Device) -> None:
    page = client_of(city_staff).get(NEW, **SECURE)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.content.decode().count("<script") == page.content.decode().count("<script src=")
