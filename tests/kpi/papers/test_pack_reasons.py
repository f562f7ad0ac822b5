"""What has changed since a frozen pack: behind each figure the report or statement, its revision, who, since when and why."""

import datetime

import pytest
from time_machine import TimeMachineFixture

from finance.statements import draft_actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Pack
from kpi.papers.pack_page import DifferenceText
from tests.builders import finance
from tests.builders.agreements import make_agreement
from tests.builders.packs import make_frozen_pack
from tests.builders.plans import TRIALS, make_accepted_report, make_plan, tokyo
from tests.builders.support import make_measure
from tests.people import LogIn

pytestmark = pytest.mark.django_db
MADE, LATER = datetime.date(2023, 6, 1), datetime.date(2024, 2, 1)


@pytest.fixture
def pack(center: Center, foundation_staff: User, city_staff: User, time_machine: TimeMachineFixture) -> Pack:
    """Frozen on 1 June 2023 with a plan, a settlement of FY2022 and an amount granted for it."""
    time_machine.move_to(tokyo(MADE))
    make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    finance.make_account(center, code="rent", name="賃料")
    finance.settled(center, 2022, {"rent": 5_000_000}, by=foundation_staff, reviewer=city_staff)
    grant = make_measure(make_agreement(center))
    grant.amounts.create(
        fiscal_year=FiscalYear(2022), stage="budget", amount=1_000_000, known_from=MADE, source="T8"
    )
    pack = make_frozen_pack(center, by=city_staff, as_of=MADE, at=tokyo(MADE))
    time_machine.move_to(tokyo(LATER))
    return pack


def differences(pack: Pack, log_in: LogIn, person: User) -> list[DifferenceText]:
    response = log_in(person).get(f"/lab/packs/{pack.number}/differences/")
    assert response.status_code == 200
    return [row for _table, rows in response.context["groups"] for row in rows]


def test_a_corrected_settlement_is_named_with_its_reason(
    pack: Pack, foundation_staff: User, city_staff: User, foundation_viewer: User, log_in: LogIn
) -> None:
    at = tokyo(LATER)
    first = pack.center.statements.get()
    draft = draft_actions.start_correction(statement=first, reason="賃料の計上もれ", by=foundation_staff)
    finance.fill(draft, {"rent": 5_250_000}, by=foundation_staff, at=at)
    finance.submit(draft, by=foundation_staff, at=at)
    finance.accept(draft, by=city_staff, at=at)
    (rent,) = [row for row in differences(pack, log_in, foundation_viewer) if row.what.startswith("賃料")]
    assert (rent.before, rent.after, rent.year) == ("5,000千円", "5,250千円", "令和4年度")
    assert (rent.reason, rent.since, rent.revision) == ("賃料の計上もれ", LATER, 2)
    assert {name.strip() for name in rent.who.split("、")} == {foundation_staff.name, city_staff.name}
    assert rent.url == "/lab/finance/2022/"


def test_a_revised_amount_of_support_is_named_with_its_reason(
    pack: Pack, city_viewer: User, log_in: LogIn
) -> None:
    grant = pack.center.support_measures.get()
    grant.amounts.create(
        fiscal_year=FiscalYear(2022),
        stage="budget",
        revision=2,
        amount=1_200_000,
        known_from=LATER,
        reason="補正予算",
        source="T8",
    )
    said = differences(pack, log_in, city_viewer)
    (row,) = [row for row in said if "1,200千円" in row.after]
    assert (row.before, row.reason, row.revision) == ("1,000千円", "補正予算", 2)
    assert row.url.endswith(f"/{grant.code}/")


def test_a_report_that_came_since_is_named_with_its_people(
    pack: Pack, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    values = {"trials": 9}
    plan = pack.center.plans.get()
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff, at=tokyo(LATER))
    new = [row for row in differences(pack, log_in, city_staff) if row.after == "9件"]
    assert {(row.before, row.since) for row in new} == {("なし", LATER)}
    assert all(city_staff.name in row.who for row in new)


def test_without_changes_it_says_so(pack: Pack, city_viewer: User, log_in: LogIn) -> None:
    assert differences(pack, log_in, city_viewer) == []
