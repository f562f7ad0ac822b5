"""What the agreements put on a person's list: what is due soon or late, what came back, what waits for an answer."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import Agreement, Duty, VerificationKind
from agreements.pages.todo import tasks
from agreements.verifications import actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work.todo import Task
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_obligation,
    open_duty,
    return_duty,
    store,
)
from tests.days import AT
from tests.people import LogIn

pytestmark = pytest.mark.django_db

# The agreements began so late that nothing was due before the first duties stored here.
BEGUN = date(2025, 10, 1)


@pytest.fixture
def stored(center: Center, foundation_staff: User) -> dict[str, Duty]:
    agreement = make_agreement(center, starts_on=BEGUN)
    make_obligation(agreement)
    for what in (DRAFT_PLAN, ANNUAL):
        make_obligation(agreement, what)
    return store(center, 2026, by=foundation_staff)


def found(user: User, center: Center, today: date) -> list[Task]:
    return tasks(user, center, today=today)


def test_what_is_open_from_two_months_before(
    center: Center, stored: dict[str, Duty], foundation_staff: User, city_staff: User
) -> None:
    assert found(foundation_staff, center, date(2026, 3, 31)) == []
    undated, task = found(foundation_staff, center, date(2026, 4, 1))
    # What has no date is done within its year, by both.
    assert (undated.url, undated.since) == ("/lab/calendar/2026/basic/annual/", date(2026, 4, 1))
    assert (task.due, task.is_overdue, task.url) == (
        date(2026, 5, 31),
        False,
        "/lab/calendar/2025/basic/report/",
    )
    late, _undated, soon = found(foundation_staff, center, date(2026, 7, 15))
    assert (late.is_overdue, soon.is_overdue, soon.due) == (True, False, date(2026, 8, 31))
    assert found(city_staff, center, date(2026, 7, 15)) == [undated]


def test_it_goes_back_and_forth(
    center: Center, stored: dict[str, Duty], foundation_staff: User, city_staff: User
) -> None:
    report, today = stored["report/2025"], date(2026, 5, 26)
    stored["annual/2026"].delete()

    def waits() -> list[int]:
        return [len(found(person, center, today)) for person in (foundation_staff, city_staff)]

    assert waits() == [1, 0]
    hand_in(report, by=foundation_staff)
    assert waits() == [0, 1]
    open_duty(report, by=city_staff)
    assert waits() == [0, 1]
    return_duty(report, by=city_staff)
    assert waits() == [1, 0]
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    accept_duty(report, by=city_staff)
    assert waits() == [0, 0]


def test_a_proposal_waits_for_the_other_side(
    center: Center, stored: dict[str, Duty], foundation_staff: User, city_staff: User
) -> None:
    hand_in(stored["annual/2026"], by=city_staff)
    (task,) = found(foundation_staff, center, date(2026, 3, 20))
    assert task.url == "/lab/calendar/2026/basic/annual/"
    assert found(city_staff, center, date(2026, 3, 20)) == []


def test_a_consultation_waits_for_the_other_side(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    make_consultation(center, proposer=foundation_staff, held_on=date(2026, 4, 1))
    (task,) = found(city_staff, center, date(2026, 4, 2))
    assert (task.url, task.since) == ("/lab/consultations/1/", date(2026, 4, 1))
    assert found(foundation_staff, center, date(2026, 4, 2)) == []


def test_an_obligation_to_verify_leads_to_the_verification(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    agreement = make_agreement(center, starts_on=BEGUN)
    make_obligation(agreement, code="verify", verification=VerificationKind.SETTLEMENT)
    store(center, 2026, by=foundation_staff)
    for person in (foundation_staff, city_staff):
        (task,) = found(person, center, date(2026, 6, 1))
        assert task.url == "/lab/verifications/settlement/2025/"
    actions.save_draft(
        center=center,
        kind=VerificationKind.SETTLEMENT,
        fiscal_year=FiscalYear(2025),
        version=0,
        result="結果",
        by=foundation_staff,
        at=AT,
    )
    assert len(found(foundation_staff, center, date(2026, 6, 1))) == 1
    assert found(city_staff, center, date(2026, 6, 1)) == []  # there is nothing to see of it yet


def test_those_who_only_look_have_nothing_to_do(
    center: Center,
    stored: dict[str, Duty],
    city_viewer: User,
    foundation_viewer: User,
    administrator: User,
    foreign_foundation_staff: User,
) -> None:
    for person in (city_viewer, foundation_viewer, administrator, foreign_foundation_staff):
        assert found(person, center, date(2026, 7, 1)) == []


def test_as_many_queries_however_many(
    center: Center, stored: dict[str, Duty], foundation_staff: User
) -> None:
    agreement = Agreement.objects.get()
    for number in range(5):
        make_obligation(agreement, code=f"more-{number}", documents=2)
    store(center, 2026, by=foundation_staff)
    with CaptureQueriesContext(connection) as captured:
        assert len(found(foundation_staff, center, date(2026, 6, 1))) == 7
    # Verifications, six for the agreements and their rules, duties and extensions, then what waits for an answer.
    assert len(captured) == 16


def test_one_query_where_nothing_is_there(center: Center, foundation_staff: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert tasks(foundation_staff, center, today=date(2026, 6, 1)) == []
    assert len(captured) == 1


def test_they_stand_on_the_home_page(
    center: Center, stored: dict[str, Duty], log_in: LogIn, foundation_staff: User
) -> None:
    assert "/lab/calendar/2025/basic/report/" in log_in(foundation_staff).get("/lab/").content.decode()
