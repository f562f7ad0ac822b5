"""What waits for whom."""

from datetime import date

import pytest

from iconm_portal.models import Center, User
from iconm_portal.work.todo import Task, in_order
from kpi.dashboard.todo import tasks
from kpi.reports import actions
from tests.builders.plans import (
    TRIALS,
    make_accepted_report,
    make_draft,
    make_plan,
    make_returned,
    make_submitted,
    tokyo,
)

TODAY = date(2024, 6, 1)
VALUES = {"trials": 12}

pytestmark = pytest.mark.django_db


def titles(user: User, center: Center, today: date = TODAY) -> list[str]:
    return [task.title for task in tasks(user, center, today=today)]


def test_a_draft_waits_for_the_foundation(center: Center, foundation_staff: User, city_staff: User) -> None:
    plan = make_plan(center, years=(2023, 2025))
    report = make_draft(plan, 2023, VALUES, by=foundation_staff, at=tokyo(date(2024, 5, 2)))
    (task,) = tasks(foundation_staff, center, today=TODAY)
    assert task.url == f"/lab/reports/2023/{report.pk}/entry/"
    assert task.since == date(2024, 5, 2)
    assert titles(city_staff, center) == []


def test_a_returned_report_waits_for_the_foundation(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    report = make_returned(
        make_plan(center, years=(2023, 2025)), 2023, VALUES, by=foundation_staff, reviewer=city_staff
    )
    (task,) = tasks(foundation_staff, center, today=TODAY)
    assert (task.url, task.since) == (f"/lab/reports/2023/{report.pk}/entry/", date(2024, 4, 1))
    assert titles(city_staff, center) == []


def test_a_submitted_report_waits_for_the_city(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    report = make_submitted(make_plan(center, years=(2023, 2025)), 2023, VALUES, by=foundation_staff)
    (task,) = tasks(city_staff, center, today=TODAY)
    assert task.url == f"/lab/reports/2023/{report.pk}/"
    assert titles(foundation_staff, center) == []
    actions.open_review(report=report, version=report.version, by=city_staff, at=tokyo(TODAY))
    (task,) = tasks(city_staff, center, today=TODAY)
    assert task.url == f"/lab/reports/2023/{report.pk}/review/"


def test_ended_years_without_a_report_are_one_task(center: Center, foundation_staff: User) -> None:
    make_plan(center, years=(2021, 2025))
    (task,) = tasks(foundation_staff, center, today=TODAY)
    assert "令和3年度" in task.title
    assert "令和5年度" in task.title
    assert (task.since, task.is_overdue) == (date(2022, 4, 1), False)


def test_reported_years_are_not_asked_for_among_those_that_are(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, years=(2020, 2025), indicators=[TRIALS])
    make_accepted_report(plan, 2021, VALUES, by=foundation_staff, reviewer=city_staff)
    first, second = tasks(foundation_staff, center, today=TODAY)
    assert ("令和2年度" in first.title, first.since) == (True, date(2021, 4, 1))
    assert "〜" not in first.title
    assert "令和4年度〜令和5年度" in second.title


def test_a_plans_last_year_is_asked_for_although_the_next_plan_has_begun(
    center: Center, foundation_staff: User
) -> None:
    make_plan(center, years=(2023, 2023))
    make_plan(center, code="next", years=(2024, 2026))
    (task,) = tasks(foundation_staff, center, today=TODAY)
    assert "令和5年度" in task.title


def test_an_ended_plan_without_successor_concerns_both(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, years=(2023, 2023), indicators=[TRIALS])  # all of it final, nothing to ask for
    make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    assert titles(foundation_staff, center) == titles(city_staff, center) != []
    make_plan(center, code="next", years=(2024, 2026))
    assert titles(foundation_staff, center) == titles(city_staff, center) == []


def test_those_who_only_look_have_nothing_to_do(
    center: Center,
    foundation_staff: User,
    city_viewer: User,
    foundation_viewer: User,
    administrator: User,
    foreign_city_staff: User,
) -> None:
    make_submitted(make_plan(center, years=(2022, 2022)), 2022, VALUES, by=foundation_staff)
    for person in (city_viewer, foundation_viewer, administrator, foreign_city_staff):
        assert tasks(person, center, today=TODAY) == []


def test_late_tasks_come_first_then_by_date() -> None:
    late = Task("c", "/", due=date(2024, 5, 31), is_overdue=True)
    early, undated = Task("b", "/", since=date(2024, 1, 1)), Task("a", "/")
    assert in_order([undated, early, late]) == [late, early, undated]
