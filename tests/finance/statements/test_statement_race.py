"""Two people at the same moment, on real connections: one save, one acceptance, one draft wins, wholly."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from finance.models import RecordedUnit, Stage, Statement
from finance.statements import actions, draft_actions
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import USUAL, entered, make_accounts, make_statement, make_submitted
from tests.builders.plans import tokyo
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


def raced(people: list[User], act: Callable[[User], object]) -> list[str]:
    """What became of each person's act; all begin at the same moment."""
    start = threading.Barrier(len(people))
    outcomes: dict[str, str] = {}

    def run(person: User) -> None:
        try:
            start.wait(timeout=30)
            act(person)
            outcomes[person.username] = "done"
        except (Conflict, ValidationError):
            outcomes[person.username] = "refused"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[person.username] for person in people]


def two(center: Center, side: str) -> list[User]:
    organisation = getattr(center, side)
    return [make_person(f"{name}-{side}", organisation, Role.STAFF) for name in ("sato", "suzuki")]


def test_exactly_one_of_two_stale_saves_wins(center: Center) -> None:
    make_accounts(center)
    people = two(center, "operator")
    draft = make_statement(center, 2024, {}, by=people[0])
    for _round in range(ROUNDS):
        draft.refresh_from_db()
        seen = draft.version

        def save(person: User, seen: int = seen) -> None:
            own = Statement.objects.select_related("center").get(pk=draft.pk)
            notes = dict.fromkeys(USUAL, person.username)
            content = draft_actions.Content(entered(own.center, USUAL, notes=notes))
            actions.save_draft(statement=own, version=seen, content=content, by=person, at=own.recorded_at)

        outcomes = raced(people, save)
        assert sorted(outcomes) == ["done", "refused"]
        winner = people[outcomes.index("done")]
        assert set(draft.lines.values_list("note", flat=True)) == {winner.username}
        assert draft.lines.count() == len(USUAL)


def test_exactly_one_of_two_acceptances_wins(center: Center) -> None:
    make_accounts(center)
    writer, *_other = two(center, "operator")
    people = two(center, "supporter")
    made = make_submitted(center, 2024, by=writer)
    actions.open_review(statement=made, version=made.version, by=people[0], at=made.recorded_at)

    def accept(person: User) -> None:
        own = Statement.objects.select_related("center").get(pk=made.pk)
        actions.accept(statement=own, version=made.version, by=person, at=made.recorded_at)

    outcomes = raced(people, accept)
    assert sorted(outcomes) == ["done", "refused"]
    made.refresh_from_db()
    assert made.accepted_by == people[outcomes.index("done")]
    assert HistoryEvent.objects.filter(action="statement.accept").count() == 1


def test_two_people_begin_one_draft(center: Center) -> None:
    make_accounts(center)
    people = two(center, "operator")

    def begin(person: User) -> None:
        own = Center.objects.get(pk=center.pk)
        draft_actions.start(
            center=own,
            fiscal_year=FiscalYear(2024),
            stage=Stage.FORECAST,
            unit=RecordedUnit.YEN,
            by=person,
            at=tokyo(date(2025, 1, 20)),
        )

    assert sorted(raced(people, begin)) == ["done", "refused"]
    assert Statement.objects.count() == 1
