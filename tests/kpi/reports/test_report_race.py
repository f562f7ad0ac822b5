"""Two stale saves of one draft at the same moment, on real connections: exactly one wins, wholly."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, Reviewed, Role, User
from iconm_portal.settlement import version_lock
from kpi.models import Report
from kpi.reports import actions
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import make_draft, make_plan
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
NUMBER = 40  # of indicators: enough lines for two saves to be torn between


@pytest.fixture
def people(center: Center) -> list[User]:
    return [make_person(name, center.operator, Role.STAFF) for name in ("sato", "suzuki")]


def raced(report: Report, people: list[User]) -> list[str]:
    """What became of each person's save of the version that all of them saw; all begin at the same moment."""
    start = threading.Barrier(len(people))
    seen = report.version
    outcomes: dict[str, str] = {}

    def save(person: User, value: int) -> None:
        try:
            own = Report.objects.select_related("plan__center").get(pk=report.pk)
            entered = {
                indicator: Entered(value=Decimal(value), note=person.username)
                for indicator in own.plan.indicators.all()
            }
            start.wait(timeout=30)
            actions.save_draft(
                report=own,
                version=seen,
                as_of=own.as_of,
                entered=entered,
                by=person,
                at=report.recorded_at,
            )
            outcomes[person.username] = "saved"
        except Conflict:
            outcomes[person.username] = "conflict"
        finally:
            connection.close()

    threads = [
        threading.Thread(target=save, args=(person, number)) for number, person in enumerate(people, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[person.username] for person in people]


def saves(report: Report) -> int:
    return HistoryEvent.objects.filter(action="report.save", subject=report.history_key()).count()


def test_exactly_one_of_two_stale_saves_wins(center: Center, people: list[User]) -> None:
    plan = make_plan(center, indicators=NUMBER)
    report = make_draft(plan, 2023, {}, by=people[0])
    for _round in range(ROUNDS):
        before = saves(report)
        outcomes = raced(report, people)
        assert sorted(outcomes) == ["conflict", "saved"]
        winner = people[outcomes.index("saved")]
        report.refresh_from_db()
        # The stored state is entirely the winner's, and the history says so.
        notes = set(report.actuals.values_list("note", flat=True))
        assert (report.saved_by, notes, report.actuals.count()) == (winner, {winner.username}, NUMBER)
        assert saves(report) == before + 1


def test_without_the_check_one_save_silently_overwrites_the_other(
    center: Center, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race above is real, and it is the version that decides it."""
    monkeypatch.setattr(version_lock, "step", ignoring_the_version)
    report = make_draft(make_plan(center, indicators=NUMBER), 2023, {}, by=people[0])
    before = saves(report)
    assert raced(report, people) == ["saved", "saved"]
    assert saves(report) == before + 2
    # Both were told that they had saved; what one of them typed is gone.
    notes = set(report.actuals.values_list("note", flat=True))
    assert len(notes) == 1


def ignoring_the_version(
    item: Reviewed, version: int, from_states: tuple[str, ...], **changes: Any
) -> Reviewed:
    """The review's step as `get()` and `save()` would do it: whoever comes, comes through."""
    for name, value in changes.items():
        setattr(item, name, value)
    item.version = version + 1
    item.save()
    return item
