"""What the money asks of whom, told on the home page."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from finance import todo
from finance.models import Stage
from finance.statements import actions
from iconm_portal.models import Center, User
from tests.builders.finance import make_accounts, make_statement, make_submitted, settled
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
TODAY = date(2026, 11, 24)


def titles(user: User, center: Center) -> list[str]:
    return [task.title for task in todo.tasks(user, center, today=TODAY)]


def test_each_side_is_asked_for_what_it_can_do(
    center: Center, foundation_staff: User, city_staff: User, foundation_viewer: User
) -> None:
    make_accounts(center)
    make_statement(center, 2023, by=foundation_staff)
    make_submitted(center, 2024, by=foundation_staff)
    make_submitted(center, 2026, by=foundation_staff, stage=Stage.BUDGET)
    returned = make_submitted(center, 2025, by=foundation_staff)
    at = tokyo(TODAY)
    actions.open_review(statement=returned, version=returned.version, by=city_staff, at=at)
    assert titles(city_staff, center) == [
        "Review: Statement of settlement of FY2024",
        "Finish the review: Statement of settlement of FY2025",
    ]
    actions.send_back(statement=returned, version=returned.version, text="？", by=city_staff, at=at)
    assert sorted(titles(foundation_staff, center)) == [
        "Decide after the consultation: Budget statement of FY2026",
        "Finish the draft: Statement of settlement of FY2023",
        "Revise the returned statement: Statement of settlement of FY2025",
    ]
    assert titles(foundation_viewer, center) == []


def test_the_city_goes_on_knowing_what_it_returned_and_why(
    center: Center, foundation_staff: User, city_staff: User, city_viewer: User, log_in: LogIn
) -> None:
    make_accounts(center)
    made, at = make_submitted(center, 2025, by=foundation_staff), tokyo(TODAY)
    actions.open_review(statement=made, version=made.version, by=city_staff, at=at)
    actions.send_back(statement=made, version=made.version, text="内訳は？", by=city_staff, at=at)
    with translation.override("ja"):
        seen, other = (
            log_in(by).get("/lab/finance/statements/").content.decode() for by in (city_staff, city_viewer)
        )
    for words in (f"{city_staff.name}が財団へ差戻し、財団が修正中", "内訳は？"):
        assert words in seen
        assert words not in other
    actions.submit(statement=made, version=made.version, by=foundation_staff, at=at)
    assert "財団へ差戻し" not in log_in(city_staff).get("/lab/finance/statements/").content.decode()


def test_nothing_open_costs_one_query(
    center: Center, foundation_staff: User, city_staff: User, django_assert_num_queries: Any
) -> None:
    make_accounts(center)
    settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    with django_assert_num_queries(1):
        assert titles(foundation_staff, center) == []
