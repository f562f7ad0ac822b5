"""Warnings on the sheet: said at their value, on load, while typing and after saving; they never stand in the way."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import gettext as _

from iconm_portal.models import Center, User
from kpi.models import Plan, Report
from kpi.value_sources.entry_values import Entered
from tests.builders.entry_pages import address, opened, type_in
from tests.builders.plans import make_accepted_report, make_draft, make_plan
from tests.people import LogIn, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]

REASON = "Give the reason in the note."


@pytest.fixture
def plan(center: Center, foundation_staff: User, city_staff: User) -> Plan:
    plan = make_plan(center, targets={"patents": 10})
    last_year = {"trials": 11, "patents": 6, "income": 291_330_000, "occupancy": 90}
    make_accepted_report(plan, 2022, last_year, by=foundation_staff, reviewer=city_staff)
    return plan


@pytest.fixture
def draft(plan: Plan, foundation_staff: User) -> Report:
    return make_draft(plan, 2023, {}, by=foundation_staff)


@pytest.fixture
def client(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


def checked(client: Client, report: Report, **typed: str) -> dict[str, dict[str, list[str]]]:
    """What the server says about what is being typed."""
    data = opened(client, report) | {
        name.replace("_", "-", 1) if name != "as_of" else name: value for name, value in typed.items()
    }
    answer = client.post(address(report, "check"), data, headers={"X-While-Typing": "1"})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"trials_value": "10"}, "trials-value", "11件"),
        ({"trials_value": "10"}, "trials-value", REASON),
        ({"patents_value": "11"}, "patents-value", "6件"),
        ({"income_value": "291"}, "income-value", "1,000"),
        (
            {"patents_value": "4", "as_of": "2023-11-30", "patents_certainty": "interim"},
            "patents-value",
            "令和5年11月末",
        ),
        ({"trials_value": "12", "as_of": "2024-05-31"}, "as_of", "令和6年3月末"),
    ],
)
def test_what_is_odd_is_said_while_typing(
    client: Client, draft: Report, typed: dict[str, str], field: str, said: str
) -> None:
    answer = checked(client, draft, **typed)
    assert answer["errors"] == {}
    assert _(said) in " ".join(answer["warnings"][field])


@pytest.mark.parametrize(
    "typed",
    [
        {"trials_value": "11"},
        {"trials_value": "0", "as_of": "2024-03-31", "trials_note": ""} | {"trials_value": "12"},
        {"occupancy_value": "100"},
        {"patents_value": "9"},
        {"patents_value": "-"},
        {"patents_value": ""},
    ],
)
def test_nothing_is_said_about_what_is_ordinary(client: Client, draft: Report, typed: dict[str, str]) -> None:
    assert checked(client, draft, **typed) == {"errors": {}, "warnings": {}, "stale": ""}


def test_a_reason_in_the_note_answers_the_question(client: Client, draft: Report) -> None:
    without = checked(client, draft, trials_value="10")["warnings"]["trials-value"]
    with_note = checked(client, draft, trials_value="10", trials_note="1件を除外")["warnings"]["trials-value"]
    assert set(without) - set(with_note) == {_(REASON)}


def test_what_cannot_be_taken_is_said_while_typing(client: Client, draft: Report) -> None:
    answer = checked(client, draft, income_value="361,2O4", as_of="2024-06-04")
    assert set(answer["errors"]) == {"income-value", "as_of"}
    answer = checked(client, draft, occupancy_value="101", patents_value="▲5")
    assert answer["errors"] == {
        "occupancy-value": ["この指標の値は100%を上回ることがありません。"],
        "patents-value": ["この指標の値は0件を下回ることがありません。"],
    }


def test_checking_saves_nothing(client: Client, draft: Report) -> None:
    checked(client, draft, trials_value="12")
    draft.refresh_from_db()
    assert (draft.version, draft.actuals.count()) == (2, 0)


def test_a_colleagues_save_is_said_while_typing(client: Client, draft: Report) -> None:
    page = opened(client, draft)
    type_in(client, draft, trials_value="12")
    answer = client.post(address(draft, "check"), page).json()
    assert answer["stale"]


def test_only_staff_check(
    log_in: LogIn, draft: Report, city_staff: User, foreign_foundation_staff: User
) -> None:
    assert log_in(city_staff).post(address(draft, "check"), {}).status_code == 403
    assert log_in(foreign_foundation_staff).post(address(draft, "check"), {}).status_code == 404


def test_warnings_do_not_stand_in_the_way_and_stay_until_answered(client: Client, draft: Report) -> None:
    answer = type_in(client, draft, trials_value="10")
    assert answer.status_code == 302
    text = client.get(address(draft, "entry")).content.decode()
    assert _(REASON) in text
    type_in(client, draft, trials_note="1件を除外")
    assert _(REASON) not in client.get(address(draft, "entry")).content.decode()


def test_part_of_a_year_is_no_yardstick_for_a_whole_one(
    center: Center, client: Client, foundation_staff: User, city_staff: User
) -> None:
    """T1's 8件 by November against 20件 in the full year after it."""
    plan = make_plan(center, code="part")
    by_november = plan.first_year.first_day.replace(month=11, day=30)
    make_accepted_report(
        plan,
        2022,
        {"patents": Entered(Decimal(8), certainty="interim")},
        by=foundation_staff,
        reviewer=city_staff,
        as_of=by_november,
    )
    report = make_draft(plan, 2023, {}, by=foundation_staff)
    assert checked(client, report, patents_value="20")["warnings"] == {}
