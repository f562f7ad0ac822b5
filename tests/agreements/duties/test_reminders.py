"""Reminders by mail: once each, whatever nights are missed, and never twice after a crash."""

import threading
from datetime import date, timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from agreements.duties import actions, reminder_actions
from agreements.models import Agreement, Duty, Reminder, ReminderKind
from iconm_portal.models import Center, Role, User
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_obligation,
    open_duty,
    store,
)
from tests.builders.plans import tokyo
from tests.people import make_person
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db

# The agreements began so late that nothing was due before the first duties stored here.
BEGUN = date(2025, 10, 1)

DUE = date(2026, 5, 31)


@pytest.fixture
def basic(center: Center) -> Agreement:
    agreement = make_agreement(center, starts_on=BEGUN)
    make_obligation(agreement)
    return agreement


@pytest.fixture
def report(center: Center, basic: Agreement, foundation_staff: User) -> Duty:
    return store(center, 2026, by=foundation_staff)["report/2025"]


def night(day: date) -> tuple[int, str]:
    """How many mails the run of that day sent, and what it wrote to its error output."""
    mail.outbox.clear()
    errors = StringIO()
    with time_machine.travel(tokyo(day, 2), tick=False):
        call_command("send_reminders", stdout=StringIO(), stderr=errors)
    return len(mail.outbox), errors.getvalue()


def sent_on(days: range, start: date = DUE) -> list[int]:
    """The days, from the due date, on which something was sent."""
    return [number for number in days if night(start + timedelta(days=number))[0]]


def test_once_within_the_month_before_and_once_after(report: Duty) -> None:
    assert sent_on(range(-40, 40, 1)) == [-30, 1]
    kinds = list(Reminder.objects.values_list("kind", "due_on").order_by("pk"))
    assert kinds == [(ReminderKind.AHEAD, DUE), (ReminderKind.OVERDUE, DUE)]
    assert not reminder_actions.unclear()


@pytest.mark.parametrize(("nights", "sent"), [([-29, 0], [-29]), ([-1, 3], [-1, 3]), ([20], [20])])
def test_a_missed_night_loses_nothing(report: Duty, nights: list[int], sent: list[int]) -> None:
    """The nights on which the command ran: what the missed ones would have sent comes with the next."""
    assert [number for number in nights if night(DUE + timedelta(days=number))[0]] == sent


def test_the_mail_says_what_is_due(report: Duty, foundation_staff: User, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"
    night(DUE + timedelta(days=5))
    (message,) = mail.outbox
    assert message.to == [foundation_staff.email]
    for said in (
        "名前 foundation-staff",
        "事業報告書と収支決算書の提出（令和7年度分）",
        "令和8年5月31日",
        "R8.5.29",
        "https://portal.example.jp/lab/calendar/2025/basic/report/",
    ):
        assert said in message.body


def test_only_the_bound_sides_staff_who_can_be_reached(
    center: Center,
    basic: Agreement,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    foundation_viewer: User,
    administrator: User,
    foreign_foundation_staff: User,
) -> None:
    make_person("second", center.operator, Role.STAFF)
    make_person("no-address", center.operator, Role.STAFF, email="")
    make_person("gone", center.operator, Role.STAFF, is_active=False)
    annual = make_obligation(basic, ANNUAL)
    stored = store(center, 2026, by=foundation_staff)
    own = stored["annual/2026"]
    actions.set_own_date(duty=own, version=own.version, due_on=date(2026, 6, 10), by=city_staff)
    night(DUE)
    by_person = {message.to[0]: message.body for message in mail.outbox}
    assert set(by_person) == {
        "foundation-staff@example.jp",
        "second@example.jp",
        "city-staff@example.jp",
    }
    assert annual.title in by_person["city-staff@example.jp"]
    assert "事業報告書" not in by_person["city-staff@example.jp"]
    # Two duties, one mail.
    assert "事業報告書" in by_person["second@example.jp"]
    assert annual.title in by_person["second@example.jp"]


def test_a_proposal_reminds_the_side_that_has_not_answered(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    with no_guards():
        basic.obligations.all().delete()
    make_obligation(basic, ANNUAL)
    annual = store(center, 2026, by=foundation_staff)["annual/2026"]
    actions.set_own_date(duty=annual, version=annual.version, due_on=DUE, by=foundation_staff)
    hand_in(annual, by=foundation_staff)
    night(DUE)
    assert [message.to for message in mail.outbox] == [[city_staff.email]]


def test_what_is_done_is_not_reminded_of(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    assert night(DUE) == (0, "")
    accept_duty(open_duty(report, by=city_staff), by=city_staff)
    assert night(DUE + timedelta(days=10)) == (0, "")


def test_what_nobody_signed_is_not_reminded_of(center: Center, foundation_staff: User) -> None:
    make_obligation(make_agreement(center, code="draft", concluded=None), DRAFT_PLAN)
    assert night(DUE)[0] == 0


def test_an_extension_brings_a_new_reminder_for_the_new_date(
    center: Center, report: Duty, foundation_staff: User, city_staff: User
) -> None:
    assert night(DUE)[0] == 1
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    actions.extend(
        duty=report,
        version=report.version,
        due_on=date(2026, 7, 31),
        reason="監査の遅れ",
        consultation=talk,
        by=city_staff,
        at=tokyo(DUE),
    )
    assert sent_on(range(1, 70)) == [31, 62]  # from a month before 31 July, and the day after it


# -- What goes wrong --


class Crash(BaseException):
    """The machine goes down: nothing catches it."""


def crash(*_arguments: Any, **_options: Any) -> None:
    raise Crash


def test_a_crash_between_claim_and_mail_is_unclear_and_never_sent_twice(
    report: Duty, monkeypatch: pytest.MonkeyPatch, log_in: Any, foundation_staff: User
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", crash)
        with pytest.raises(Crash):
            night(DUE)
    assert Reminder.objects.filter(sent__isnull=True).count() == 1
    sent, errors = night(DUE)
    assert sent == 0
    assert "Unclear whether they were sent" in errors
    assert "foundation-staff <foundation-staff@example.jp>" in errors
    client: Client = log_in(foundation_staff)
    client.cookies["django_language"] = "en"
    page = client.get("/lab/calendar/2026/").content.decode()
    assert "It is unclear whether these reminders were sent." in page
    # The overdue reminder is another one, and comes.
    assert night(DUE + timedelta(days=1))[0] == 1


def test_a_crash_between_mail_and_mark_is_unclear_too(report: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(reminder_actions, "mark_sent", crash)
        with pytest.raises(Crash):
            night(DUE)
    assert len(mail.outbox) == 1
    assert night(DUE)[0] == 0
    assert len(reminder_actions.unclear()) == 1


def test_without_a_mail_server_nothing_is_claimed(report: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_backend: EmailBackend) -> None:
        raise ConnectionRefusedError("no server")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", refused)
        with pytest.raises(CommandError, match="nothing more was claimed"):
            night(DUE)
    assert not Reminder.objects.exists()
    assert night(DUE)[0] == 1


def test_a_refused_address_stops_nobody_else(
    center: Center, report: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("second", center.operator, Role.STAFF)
    deliver = EmailBackend.send_messages

    def refuse_first(backend: EmailBackend, messages: list[Any]) -> int:
        if messages[0].to == ["foundation-staff@example.jp"]:
            raise SMTPRecipientsRefused({"foundation-staff@example.jp": (550, b"unknown")})
        return deliver(backend, messages)

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse_first)
        sent, errors = night(DUE)
    assert sent == 1
    assert "unknown" in errors
    assert night(DUE)[0] == 0


def test_the_day_can_be_given(report: Duty, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("send_reminders", date=DUE - timedelta(days=31))
    assert mail.outbox == []
    call_command("send_reminders", date=DUE - timedelta(days=30))
    assert len(mail.outbox) == 1
    with pytest.raises((CommandError, SystemExit)):
        call_command("send_reminders", "--date", "2026-02-31")


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_reminder_once(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = make_agreement(center, starts_on=BEGUN)
    for number in range(6):
        make_obligation(agreement, code=f"report-{number}")
    store(center, 2026, by=foundation_staff)
    start = threading.Barrier(2)
    found = reminder_actions.due_reminders

    def found_together(*arguments: Any, **options: Any) -> Any:
        due = found(*arguments, **options)
        start.wait(timeout=30)  # both have read that nothing is claimed
        return due

    monkeypatch.setattr(reminder_actions, "due_reminders", found_together)

    def run() -> None:
        try:
            call_command("send_reminders", date=DUE, stdout=StringIO(), stderr=StringIO())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _run in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = "".join(message.body for message in mail.outbox)
    assert said.count("■") == Reminder.objects.count() == 6
    assert "条文の要旨" in said
    assert not reminder_actions.unclear()
