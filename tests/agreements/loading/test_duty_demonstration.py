"""The fictional center shows duties in every state in the current fiscal year."""

from datetime import date

import pytest

from agreements.duties import calendar
from agreements.duties.items import Status
from agreements.loading import demonstration
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.story import Player
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_every_state_can_be_seen(center: Center, city_staff: User, foundation_staff: User) -> None:
    demonstration.load(Player(Loader(center), {"city": city_staff, "foundation": foundation_staff}))
    this_year = calendar.load(center, foundation_staff, FiscalYear(2026), today=TODAY)
    by_code = {f"{one.obligation.code}/{one.fiscal_year.start}": one for one in this_year.items}
    assert {one.status for one in this_year.dated} >= {
        Status.OPEN,
        Status.HANDED_IN,
        Status.IN_REVIEW,
        Status.RETURNED,
        Status.SETTLED,
    }
    assert by_code["half-year/2026"].is_overdue
    assert len(by_code["repairs/2026"].extensions) == 2
    assert by_code["report/2025"].is_settled
    assert by_code["leap-day/2026"].is_clamped
    assert {one.obligation.timing for one in this_year.standing} == {"on_request", "continuous"}
    last_year = calendar.load(center, foundation_staff, FiscalYear(2025), today=TODAY)
    assert last_year.dated
    assert all(one.is_settled for one in last_year.dated)
    assert any(one.duty and one.duty.decided_by for one in last_year.dated)
    # What was stored after the amendment is due by it: the story is acted out in the order of its days.
    assert (by_code["report/2025"].first_due, by_code["report/2025"].amended) == (date(2026, 6, 30), None)
    verified = [one for one in this_year.items if one.obligation.verification]
    assert len({one.status for one in verified}) > 1
