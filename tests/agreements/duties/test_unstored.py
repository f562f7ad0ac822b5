"""What falls due without a stored row is still due: reminded of, overdue, in the to-do lists, stored with one click; and
an agreement's own last day and review."""

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from agreements.duties import calendar, programme_actions
from agreements.instruments import dates
from agreements.instruments.dates import DayKind
from agreements.models import (
    Agreement,
    AgreementKind,
    ConsultationType,
    Duty,
    Obligation,
    Reminder,
    VerificationKind,
)
from agreements.pages import todo
from iconm_portal.models import Center, Side, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_obligation,
    store,
)
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db

DUE = date(2027, 5, 31)
PAGE = "/lab/calendar/2026/basic/report/"


@pytest.fixture
def report(center: Center) -> Obligation:
    """From FY2026 on; nobody has stored it."""
    return make_obligation(make_agreement(center), first_year=2026)


def sent(day: date) -> list[str]:
    mail.outbox.clear()
    with time_machine.travel(tokyo(day, 2), tick=False):
        call_command("send_reminders", stdout=StringIO(), stderr=StringIO())
    return [message.body for message in mail.outbox]


def test_an_unstored_duty_is_reminded_of(
    report: Obligation, foundation_staff: User, city_staff: User
) -> None:
    """For 31 May 2027, as of 10 May: once, and to the bound side only; once more when it has passed."""
    (body,) = sent(date(2027, 5, 10))
    assert "事業報告書と収支決算書の提出（令和8年度分）" in body
    assert "未登録です。" in body
    assert [message.to for message in mail.outbox] == [[foundation_staff.email]]
    assert sent(date(2027, 5, 11)) == []
    (late,) = sent(date(2027, 6, 10))
    assert "期限超過 10日" in late
    assert sent(date(2027, 6, 11)) == []


def test_storing_it_afterwards_brings_no_second_reminder(report: Obligation, foundation_staff: User) -> None:
    assert len(sent(date(2027, 5, 10))) == 1
    programme_actions.store(
        obligation=report, fiscal_year=FiscalYear(2026), by=foundation_staff, at=tokyo(date(2027, 5, 12))
    )
    assert sent(date(2027, 5, 13)) == []
    assert Reminder.objects.get().about == Duty.objects.get().history_key()


def test_it_is_overdue_and_on_the_list_and_stored_with_one_click(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    today = date(2027, 6, 10)
    (task,) = todo.tasks(foundation_staff, center, today=today)
    assert (task.is_overdue, task.due, task.mark) == (True, DUE, "未登録")
    assert task.store_url == f"{PAGE}store/"
    assert todo.tasks(city_staff, center, today=today) == []
    with time_machine.travel(tokyo(today), tick=False):
        client = log_in(foundation_staff)
        for address in ("/lab/", "/lab/calendar/2027/", PAGE):
            page = client.get(address).content.decode()
            assert "未登録" in page
            assert f"{PAGE}store/" in page
        assert "期限を過ぎたものが1件あります。" in client.get("/lab/calendar/2027/").content.decode()
        assert client.get(f"{PAGE}store/").status_code == 302
        assert not Duty.objects.exists()  # opening a page never writes
        assert client.post(f"{PAGE}store/").headers["Location"] == PAGE
        duty = Duty.objects.get()
        assert (duty.due_on, duty.fiscal_year.start) == (DUE, 2026)
        assert client.post(f"{PAGE}store/").status_code == 302  # once more changes nothing
        assert Duty.objects.count() == 1
        assert "期限超過 10日" in client.get(PAGE).content.decode()


def test_only_what_a_concluded_agreement_asks_for_is_stored(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    make_obligation(make_agreement(center, concluded=None))
    client = log_in(foundation_staff)
    assert client.post("/lab/calendar/2025/basic/report/store/").status_code == 302
    assert client.post("/lab/calendar/2019/basic/report/store/").status_code == 302
    assert client.post("/lab/calendar/2025/basic/none/store/").status_code == 404
    assert not Duty.objects.exists()


def test_viewers_store_nothing(report: Obligation, city_viewer: User, log_in: LogIn) -> None:
    assert log_in(city_viewer).post(f"{PAGE}store/").status_code == 403


def test_unsigned_drafts_are_neither_late_nor_asked_for(
    center: Center, foundation_staff: User, city_viewer: User
) -> None:
    make_obligation(make_agreement(center, concluded=None))
    assert todo.tasks(foundation_staff, center, today=date(2027, 6, 10)) == []
    found = calendar.load(center, city_viewer, FiscalYear(2027), today=date(2027, 6, 10))
    assert found.overdue == ()
    assert all(item.is_draft for item in found.items)
    assert sent(date(2027, 5, 10)) == []


def test_only_this_year_and_the_last_are_asked_for(center: Center, foundation_staff: User) -> None:
    """An agreement that began 33 years ago does not fill the list; one line names its years, which are still due."""
    make_obligation(make_agreement(center, starts_on=date(1993, 4, 1), concluded="1993-03"))
    found = todo.tasks(foundation_staff, center, today=date(2026, 6, 10))
    assert [task.due for task in found] == [date(1994, 5, 31), date(2025, 5, 31), date(2026, 5, 31)]
    assert found[0].title == "過年度（H6〜R6）の未登録・期限超過の義務31件を登録し、対応する"
    assert found[0].url == "/lab/calendar/1994/"
    assert found[0].is_overdue
    assert len(sent(date(2026, 6, 10))) == 1
    assert Reminder.objects.count() == 2


def test_the_marks_and_the_list_agree(
    center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    """Nothing is waiting for you: then no row says that your side has the next step, and the other way round."""
    agreement = make_agreement(center, starts_on=date(2025, 10, 1))
    for what in ({}, DRAFT_PLAN, ANNUAL):
        make_obligation(agreement, what or None)
    make_obligation(agreement, ANNUAL, code="verify", verification=VerificationKind.KPI)
    days = [date(2026, 4, 1) + timedelta(days=step) for step in range(0, 700, 50)]
    for is_stored in (False, True):
        if is_stored:
            stored = store(center, 2026, by=foundation_staff)
            hand_in(stored["annual/2026"], by=foundation_staff, on=date(2026, 4, 20))
        for person in (foundation_staff, city_staff):
            for day in days:
                with time_machine.travel(tokyo(day), tick=False):
                    page = log_in(person).get(f"/lab/calendar/{FiscalYear.of(day).start}/").content.decode()
                has_none = "対応が必要なものはありません" in page
                marked = page.count("こちら側の対応待ち")
                assert has_none == (marked == 0), (person, day, is_stored)
                tasks = todo.of_agreements(person, center, today=day)
                assert marked == len(
                    [task for task in tasks if "/calendar/" in task.url or "verif" in task.url]
                )


# -- An agreement's own days --


def make_ending(center: Center, **fields: object) -> Agreement:
    return make_agreement(center, **{"ends_on": date(2027, 3, 31), **fields})


def test_the_last_day_is_announced_from_half_a_year_before(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    agreement = make_ending(center)
    near = date(2027, 3, 31) - timedelta(days=180)
    assert todo.tasks(city_staff, center, today=near - timedelta(days=1)) == []
    for person in (city_staff, foundation_staff):
        (task,) = todo.tasks(person, center, today=near)
        assert (task.due, task.is_overdue, task.url) == (
            date(2027, 3, 31),
            False,
            f"/lab/agreements/{agreement.code}/",
        )
    # By mail, to both, once, whatever nights are missed; after it has ended, no more.
    assert sent(near - timedelta(days=1)) == []
    assert len(sent(near + timedelta(days=17))) == 2
    assert sent(near + timedelta(days=18)) == []
    assert sent(date(2027, 4, 1)) == []
    assert todo.tasks(city_staff, center, today=date(2027, 4, 1)) == []


def test_an_annual_agreement_is_announced_a_month_before(center: Center, city_staff: User) -> None:
    parent = make_agreement(center)
    make_ending(center, code="annual", kind=AgreementKind.ANNUAL, parent=parent, fiscal_year=2026)
    assert todo.tasks(city_staff, center, today=date(2027, 2, 28)) == []
    assert len(todo.tasks(city_staff, center, today=date(2027, 3, 1))) == 1


def test_a_review_is_announced_and_late_until_it_was_held(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    agreement = make_agreement(center, review_on=date(2026, 9, 30))
    (task,) = todo.tasks(city_staff, center, today=date(2026, 6, 1))
    assert (task.due, task.is_overdue) == (date(2026, 9, 30), False)
    assert len(sent(date(2026, 6, 1))) == 2
    (task,) = todo.tasks(city_staff, center, today=date(2026, 10, 1))
    assert task.is_overdue
    assert len(sent(date(2026, 10, 5))) == 2
    make_consultation(
        center,
        proposer=city_staff,
        confirmer=foundation_staff,
        held_on=date(2026, 10, 6),
        type=ConsultationType.CHANGE,
        agreement=agreement,
    )
    assert todo.tasks(city_staff, center, today=date(2026, 10, 7)) == []


def test_the_duty_of_the_day_is_the_review(center: Center, foundation_staff: User, city_staff: User) -> None:
    agreement = make_agreement(center, review_on=date(2026, 3, 31), starts_on=date(2025, 4, 1))
    once = {**ANNUAL, "code": "term-review", "timing": "once", "due_on": date(2026, 3, 31)}
    make_obligation(agreement, once)
    duty = store(center, 2025, by=foundation_staff, on=date(2025, 10, 1))["term-review/2025"]
    assert [day.kind for day in dates.load(center, today=date(2026, 1, 1))] == [DayKind.REVIEW]
    accept_duty(hand_in(duty, by=foundation_staff, on=date(2026, 2, 1)), by=city_staff, on=date(2026, 2, 9))
    assert dates.load(center, today=date(2026, 3, 1)) == ()


def test_drafts_are_not_announced_but_marked_in_the_calendar(
    center: Center, city_staff: User, log_in: LogIn
) -> None:
    make_ending(center, concluded=None)
    assert todo.tasks(city_staff, center, today=date(2027, 3, 1)) == []
    (day,) = dates.load(center, today=date(2027, 3, 1))
    assert not day.is_concluded
    page = log_in(city_staff).get("/lab/calendar/2026/").content.decode()
    assert "協定の最終日と見直しの期限" in page


def test_the_sides_are_asked_for_what_is_theirs(center: Center, report: Obligation, city_staff: User) -> None:
    (item,) = calendar.outstanding(center, city_staff, today=date(2027, 5, 10))
    assert (item.asks(Side.OPERATOR), item.asks(Side.SUPPORTER), item.asks(None)) == (True, False, False)
