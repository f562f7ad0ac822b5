"""準備: each step from what is really there, who goes on from it, and whom the others ask."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from iconm_portal.models import Center, Role, User
from iconm_portal.people.centers.setting_up import SetUpStep
from kpi.dashboard.set_up import steps
from kpi.reports import actions
from tests.builders.agreements import REPORT, make_agreement, make_obligation
from tests.builders.finance import make_accounts
from tests.builders.plans import accept, make_draft, make_plan
from tests.builders.records import make_category
from tests.builders.support import make_measure
from tests.days import AT, TODAY
from tests.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]

KEYS = ["agreements", "plan", "accounts", "terms", "categories", "past"]


def as_it_stands(user: User, center: Center) -> dict[str, SetUpStep]:
    return {step.key: step for step in steps.steps(user, center, today=TODAY)}


def done(user: User, center: Center) -> list[str]:
    return [key for key, step in as_it_stands(user, center).items() if step.is_done]


def fill(center: Center) -> None:
    make_obligation(make_agreement(center), REPORT)
    make_plan(center, years=(2024, 2027))
    make_accounts(center)
    make_category(center, "lectures")


def test_everything_is_missing_at_first_and_then_nothing(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    assert list(as_it_stands(city_staff, center)) == KEYS
    assert done(city_staff, center) == []
    assert steps.is_incomplete(center)
    make_agreement(center)
    assert done(city_staff, center) == ["agreements"]
    make_obligation(center.agreements.get(), REPORT)
    make_accounts(center)
    make_category(center, "lectures")
    assert steps.is_incomplete(center)
    plan = make_plan(center, years=(2022, 2027), targets={"trials": 3})
    assert done(city_staff, center) == KEYS[:-1]
    assert not steps.is_incomplete(center)
    draft = make_draft(plan, 2022, {"trials": 9}, by=foundation_staff)
    actions.submit(report=draft, version=draft.version, by=foundation_staff, at=AT)
    accept(draft, reviewer=city_staff)
    assert done(city_staff, center) == KEYS


def test_a_center_that_begins_this_year_has_no_past(center: Center, city_staff: User) -> None:
    make_plan(center, years=(2026, 2029))
    assert as_it_stands(city_staff, center)["past"].is_done


def test_what_is_there_is_said(center: Center, city_staff: User) -> None:
    make_measure(make_agreement(center, code="draft", concluded=None))
    with translation.override("ja"):
        found = as_it_stands(city_staff, center)
    assert found["agreements"].there == ("協定 1件（うち締結済み 0件）",)
    assert "支援措置 1件" in found["terms"].there[0]
    assert not found["terms"].is_done


@pytest.mark.parametrize("who", ["city_staff", "foundation_staff"])
def test_staff_go_on_from_every_step(request: pytest.FixtureRequest, center: Center, who: str) -> None:
    user: User = request.getfixturevalue(who)
    client = client_of(user)
    for step in as_it_stands(user, center).values():
        assert step.links
        assert not step.ask
        for link in step.links:
            assert client.get(link.url).status_code == 200


def test_the_others_are_told_whom_to_ask(center: Center, city_viewer: User, foundation_staff: User) -> None:
    for step in as_it_stands(city_viewer, center).values():
        assert step.links == ()
        assert any(foundation_staff.name in line for line in step.ask)
    assert any("管理者に依頼" in line for line in as_it_stands(city_viewer, center)["plan"].ask)


def test_the_home_page_leads_there_while_something_is_missing(
    center: Center, city_viewer: User, city_staff: User
) -> None:
    link = f'href="{reverse("kpi:preparation", kwargs={"center": "lab"})}"'
    for user in (city_viewer, city_staff):
        assert link in client_of(user).get("/lab/").content.decode().partition("<main")[2]
    assert link in client_of(city_staff).get("/lab/master/").content.decode()
    fill(center)
    assert link not in client_of(city_staff).get("/lab/").content.decode().partition("<main")[2]


def test_the_number_of_queries_does_not_grow(
    center: Center, city_staff: User, django_assert_num_queries: Any
) -> None:
    client = client_of(city_staff)
    client.get("/lab/preparation/")
    with django_assert_num_queries(12):
        client.get("/lab/preparation/")
    fill(center)
    for number in range(3):
        make_agreement(center, code=f"more-{number}", concluded=None)
        make_person(f"more-{number}", center.supporter, Role.STAFF)
    with django_assert_num_queries(12):
        client.get("/lab/preparation/")
