"""What the home page asks of a person beside reports, statements and duties, and how little it costs to ask."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, ImportState, User
from iconm_portal.standing import changes
from iconm_portal.work.todo import Task
from kpi.dashboard.home_views import tasks
from kpi.models import Plan
from kpi.plans import scorecard
from kpi.value_sources.entry_values import Entered
from tests.builders.agreements import make_consultation
from tests.builders.finance import make_accounts, settled
from tests.builders.imports import make_import
from tests.builders.ledger import close, post
from tests.builders.packs import make_pack
from tests.builders.plans import TRIALS, make_accepted_report, make_draft, make_plan, make_submitted
from tests.builders.proposals import make_target_proposal
from tests.builders.records import make_basis, make_category, make_many, make_record
from tests.days import AT, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]


@pytest.fixture
def plan(center: Center, foundation_staff: User, city_staff: User) -> Plan:
    """Trials of FY2023–FY2028; all ended years are reported and accepted with 3, explained by a note."""
    made = make_plan(center, years=(2023, 2028), indicators=[TRIALS], targets={"trials": 3})
    for year in (2023, 2024, 2025):
        explained = {"trials": Entered(Decimal(3), note="公表資料による")}
        make_accepted_report(made, year, explained, by=foundation_staff, reviewer=city_staff)
    return made


def found(user: User, center: Center) -> list[Task]:
    return tasks(user, center) or []


def titles(user: User, center: Center) -> list[str]:
    return [task.title for task in found(user, center)]


def with_records(plan: Plan, number: int) -> None:
    """A register that counts so many trials of FY2023, of which a source told: no fewer than were accepted."""
    category = make_category(plan.center)
    make_basis(plan.indicators.get(), category)
    make_many(category, number, happened="2023-06-01")


def test_records_of_which_no_file_tells(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    category = make_category(center)
    for title in ("一社目", "二社目"):
        make_record(category, title, happened="2024-05-01", source="", recorded_by=foundation_staff)
    make_record(category, "報告書にあるもの", happened="2024-05-01")
    (task,) = found(foundation_staff, center)
    assert task.title == "Attach files to 2 records of the register"
    assert task.url == "/lab/records/?file=missing"
    assert titles(city_staff, center) == []


def test_the_latest_accepted_report_against_the_register(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    with_records(plan, 4)
    assert titles(foundation_staff, center) == []  # a note says why
    report = make_accepted_report(
        plan, 2026, {"trials": 4}, by=foundation_staff, reviewer=city_staff, as_of=date(2026, 9, 30)
    )
    assert titles(foundation_staff, center) == []
    make_record(center.categories.get(), "あとから分かった件", happened="2024-06")
    # What the register has moved since it was accepted is told with what else has changed since, and once.
    assert titles(foundation_staff, center) == titles(city_staff, center) == []
    (changed,) = changes.load(center, known_at=TODAY, kinds=[scorecard.ACTUAL]).all
    assert (changed.said, changed.settled.url) == (
        "By the records of the register 5件",
        f"/lab/reports/2026/{report.pk}/",
    )


def test_drafts_and_what_is_under_review_against_the_register(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    with_records(plan, 5)
    draft = make_draft(plan, 2026, {"trials": 4}, by=foundation_staff, as_of=date(2026, 9, 30))
    differing = "Say why 1 value of FY2026 differs from the register or the accounts"
    assert titles(foundation_staff, center) == ["Finish the draft report for FY2026", differing]
    assert found(foundation_staff, center)[1].url == f"/lab/reports/2026/{draft.pk}/entry/"
    assert titles(city_staff, center) == []


def test_what_is_handed_in_differing_is_the_citys_to_ask_about(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    with_records(plan, 4)
    make_submitted(plan, 2026, {"trials": 4}, by=foundation_staff, as_of=date(2026, 9, 30))
    make_record(center.categories.get(), "あとから分かった件", happened="2024-06")
    asked = "1 value of FY2026 differs from the register or the accounts, and no reason is given"
    assert asked in titles(city_staff, center)  # only the foundation could write the reason
    assert len(titles(city_staff, center)) == 2
    assert titles(foundation_staff, center) == []


def test_targets_that_the_other_side_proposed(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    made = make_target_proposal(plan, {("trials", 2028): 9}, by=foundation_staff, talk=talk)
    (task,) = found(city_staff, center)
    assert (task.url, task.since) == (f"/lab/kpi/research/targets/{made.pk}/", TODAY)
    assert titles(foundation_staff, center) == []


def test_ones_own_tables_that_were_checked_and_left(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    entries = make_import(center, by=foundation_staff)
    records = make_import(center, by=foundation_staff, kind="kpi.records")
    make_import(center, by=foundation_staff, state=ImportState.DISCARDED)
    make_import(center, by=city_staff)
    assert {task.url for task in found(foundation_staff, center)} == {
        f"/lab/finance/imports/{entries.pk}/",
        f"/lab/records/import/{records.pk}/",
    }


def test_a_settled_year_whose_ledger_is_open(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    make_accounts(center)
    post(center, by=foundation_staff)
    assert titles(foundation_staff, center) == []
    settled(center, 2025, by=foundation_staff, reviewer=city_staff)
    (task,) = found(foundation_staff, center)
    assert task.title == "Close the ledger of FY2025: its settlement is accepted"
    assert task.since == date(2026, 5, 20)
    assert titles(city_staff, center) == []
    close(center, by=foundation_staff)
    assert titles(foundation_staff, center) == []


def test_packs_being_prepared_are_the_citys(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    pack = make_pack(center, by=city_staff, as_of=date(2026, 6, 30), at=AT)
    (task,) = found(city_staff, center)
    assert task.url == f"/lab/packs/{pack.number}/"
    assert titles(foundation_staff, center) == []


def test_where_nothing_is_open_five_queries_tell(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    make_many(make_category(center), 300)
    for person, number in ((foundation_staff, 5), (city_staff, 4)):
        with CaptureQueriesContext(connection) as captured:
            assert titles(person, center) == []
        assert len(captured) == number


def test_the_queries_do_not_grow_with_what_is_open(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    with_records(plan, 3)
    make_draft(plan, 2026, {"trials": 9}, by=foundation_staff, as_of=date(2026, 9, 30))
    category = make_category(center, "visits")
    numbers = []
    for round_ in range(3):
        make_many(category, 300, first=1 + 300 * round_, source="", recorded_by=foundation_staff)
        make_import(center, by=foundation_staff)
        with CaptureQueriesContext(connection) as captured:
            assert len(titles(foundation_staff, center)) == 4 + round_
        numbers.append(len(captured))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 18
