"""The server's clock is set back by 26 hours: today's entries are taken, and nothing stands before what went before it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from finance.models import Entry
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values import clock
from kpi.models import Report
from kpi.reports import actions
from tests.builders.entry_pages import address, form_of
from tests.builders.finance import make_accounts
from tests.builders.plans import make_draft, make_plan
from tests.days import AT
from tests.people import client_of

pytestmark = pytest.mark.django_db
BACK = timedelta(hours=26)
ENTRIES = "/lab/finance/ledger/entries/new/"


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def submitted(
    traveller: time_machine.Traveller, center: Center, city_staff: User, foundation_staff: User
) -> Report:
    """Handed in and opened today; then the clock is set back."""
    draft = make_draft(make_plan(center), 2025, {"trials": 12}, by=foundation_staff)
    client_of(foundation_staff).post(address(draft, "submit"), {"version": draft.version})
    draft.refresh_from_db()
    client_of(city_staff).post(address(draft, "open"), {"version": draft.version})
    draft.refresh_from_db()
    traveller.move_to(AT - BACK, tick=False)
    assert clock.today() == (AT - BACK).date()
    return draft


def test_acceptance_stands_after_what_was_handed_in(submitted: Report, city_staff: User) -> None:
    client = client_of(city_staff)
    page = form_of(client.get(address(submitted, "review")), holds="version")
    assert client.post(address(submitted, "accept"), page).status_code == 302
    submitted.refresh_from_db()
    assert submitted.submitted_at is not None
    assert submitted.accepted_at is not None
    assert submitted.accepted_at >= submitted.opened_at >= submitted.submitted_at  # type: ignore[operator]
    assert submitted.known_from == AT.date()
    times = list(HistoryEvent.objects.order_by("pk").values_list("at", flat=True))
    assert times == sorted(times)


def test_however_far_the_clock_is_set_back_the_steps_of_a_thing_stay_in_order(
    submitted: Report, city_staff: User
) -> None:
    """As an action, without the page: in a job or a command."""
    long_ago = AT - timedelta(days=400)
    actions.accept(report=submitted, version=submitted.version, by=city_staff, at=long_ago, comments=[])
    submitted.refresh_from_db()
    assert submitted.accepted_at == submitted.opened_at == AT
    assert submitted.known_from == AT.date()


def test_todays_entry_is_booked(submitted: Report, foundation_staff: User, center: Center) -> None:
    make_accounts(center)
    client = client_of(foundation_staff)
    page = form_of(client.get(ENTRIES), holds="amount")
    typed = {"date": AT.date().isoformat(), "account": "rent", "amount": "1200", "description": "6月分"}
    assert client.post(ENTRIES, page | typed).status_code == 302
    assert Entry.objects.get().date == AT.date()
    tomorrow = typed | {"date": (AT + timedelta(days=1)).date().isoformat()}
    assert client.post(ENTRIES, form_of(client.get(ENTRIES), holds="amount") | tomorrow).status_code == 400


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, AT),
        (AT - timedelta(days=1), AT),
        (AT + timedelta(hours=26), AT + timedelta(hours=26)),
        (AT + timedelta(days=3), AT),
    ],
)
def test_the_clock_is_held_to_what_happened_unless_that_is_far_away(
    traveller: time_machine.Traveller, last: datetime | None, expected: datetime
) -> None:
    with clock.not_before(last):
        assert clock.now() == expected
    assert clock.now() == AT
