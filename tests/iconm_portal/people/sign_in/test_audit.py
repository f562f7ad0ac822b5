"""The record of use: what is written down, what is not, who sees it, and that nobody alters it."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, HistoryEvent, Organisation, Role, User
from iconm_portal.people import actions
from tests.people import PASSWORD, client_of, make_person


def kinds() -> list[AuditKind]:
    return list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))


def log_in(username: str, password: str = PASSWORD, **extra: str) -> Client:
    client = Client()
    client.post(reverse("login"), {"username": username, "password": password}, **extra)
    return client


def test_who_comes_and_goes(city_staff: User) -> None:
    log_in("city-staff", HTTP_USER_AGENT="Browser 1").post(reverse("logout"))
    assert kinds() == [AuditKind.SIGNED_IN, AuditKind.SIGNED_OUT]
    came = AuditEvent.objects.earliest("pk")
    assert (came.username, came.organisation, came.address, came.browser) == (
        "city-staff",
        "city",
        "127.0.0.1",
        "Browser 1",
    )


def test_who_fails(city_staff: User) -> None:
    for _attempt in range(9):
        log_in("city-staff", "wrong")
    assert kinds() == [AuditKind.FAILED] * 8 + [AuditKind.PAUSED] * 2, "the eighth failed, and paused it"
    assert set(AuditEvent.objects.values_list("username", flat=True)) == {"city-staff"}


def test_what_a_stranger_types_is_not_kept(city_staff: User) -> None:
    log_in("my own secret password")
    event = AuditEvent.objects.get()
    assert (event.kind, event.username, event.organisation) == (AuditKind.FAILED, "", "")


def test_sessions_that_end_by_themselves(city_staff: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 60
    with time_machine.travel(datetime(2025, 6, 2, tzinfo=UTC), tick=False) as clock:
        client = client_of(city_staff)
        clock.shift(timedelta(minutes=2))
        client.get("/")
    assert kinds() == [AuditKind.SIGNED_IN, AuditKind.SESSION_ENDED]


def test_changes_of_rights(administrator: User, city: Organisation) -> None:
    actions.create_person(
        username="tanaka", name="田中", email="", organisation=city, role=Role.STAFF, by=administrator
    )
    event = AuditEvent.objects.get()
    assert (event.kind, event.username) == (AuditKind.RIGHTS, "administrator")
    assert event.what == "person.create portal.user/tanaka"
    shown = client_of(administrator).get(reverse("audit")).content.decode()
    assert "登録 利用者 tanaka" in shown
    rows = b"".join(client_of(administrator).get(reverse("audit_csv")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "登録 利用者 tanaka,person.create portal.user/tanaka" in rows


@pytest.mark.parametrize("address", ["history_csv", "history_json", "audit_csv", "audit_json"])
def test_a_download_of_personal_data_stands_here_and_in_no_centers_history(
    administrator: User, address: str
) -> None:
    client = client_of(administrator)
    answer = client.get(reverse(address))
    assert b"".join(answer.streaming_content) is not None  # type: ignore[attr-defined]
    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.username) == (AuditKind.TAKEN_AWAY, "administrator")
    assert not HistoryEvent.objects.exists()


def test_what_is_exported_is_what_is_asked_for(administrator: User, city_staff: User) -> None:
    log_in("city-staff", "wrong")
    log_in("city-staff")
    client = client_of(administrator)
    answer = client.get(reverse("audit_json"), {"kind": "failed"})
    (line,) = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert json.loads(line)["event"] == "failed"
    rows = b"".join(client.get(reverse("audit_csv")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "パスワードの誤り" in rows
    assert rows.splitlines()[0].startswith("番号,日時,事項")


def test_each_administrator_sees_their_own_people_and_strangers(
    administrator: User, city_staff: User, foreign_administrator: User, foreign_city_staff: User
) -> None:
    for username in ("city-staff", "foreign-city-staff", "nobody"):
        log_in(username, "wrong")
    page = client_of(administrator).get(reverse("audit"), {"kind": "failed"})
    shown = [event.username for event in page.context["table"].data]
    assert sorted(shown) == ["", "city-staff"]


def test_an_auditor_sees_it_and_staff_do_not(city: Organisation, city_staff: User) -> None:
    auditor = make_person("auditor", city, Role.AUDITOR)
    assert client_of(auditor).get(reverse("audit")).status_code == 200
    assert client_of(city_staff).get(reverse("audit")).status_code == 403


def test_a_filter_that_cannot_be_understood_shows_nothing(administrator: User) -> None:
    client, query = client_of(administrator), {"begin": "令和99年", "kind": "x"}
    page = client.get(reverse("audit"), query)
    assert page.status_code == 200
    assert list(page.context["table"].data) == []
    for address in ("audit_csv", "audit_json"):
        assert client.get(reverse(address), query).status_code == 400
    assert AuditKind.TAKEN_AWAY not in kinds(), "nothing was taken away"


def test_a_part_of_a_name_finds_its_bearer(administrator: User, city_staff: User) -> None:
    log_in("city-staff", "wrong")
    client = client_of(administrator)
    for typed in ("city-staff", "Ｙ－ＳＴ", city_staff.name[-2:]):
        page = client.get(reverse("audit"), {"username": typed, "kind": "failed"})
        assert [event.username for event in page.context["table"].data] == ["city-staff"]


def test_nobody_alters_it(city_staff: User) -> None:
    log_in("city-staff")
    for change in (
        lambda: AuditEvent.objects.update(username="another"),
        lambda: AuditEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEvent.objects.get().username == "city-staff"


def test_each_event_is_a_line_for_the_syslog(city_staff: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="iconm_portal.audit"):
        log_in("city-staff", "wrong")
    (line,) = [record.message for record in caplog.records if record.name == "iconm_portal.audit"]
    said = json.loads(line)
    assert (said["event"], said["username"]) == ("failed", "city-staff")
    assert "wrong" not in line
