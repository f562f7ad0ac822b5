"""Several people at the ledger at the same moment, on real connections: no yen is lost, an entry is taken back once."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import translation

from finance.ledger import actions, closing_actions
from finance.ledger.imports.kind import ENTRIES
from finance.models import Entry
from iconm_portal.imports import importing
from iconm_portal.models import Center, Role, TableImport, User
from tests.builders.finance import make_accounts
from tests.builders.imports import csv_file, looked_at
from tests.builders.ledger import AT, YEAR, added_up, kept, new, post
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(center: Center) -> list[User]:
    make_accounts(center)
    return [make_person(name, center.operator, Role.STAFF) for name in ("sato", "suzuki")]


def at_once(*work: Callable[[], None]) -> list[str]:
    """What became of each, "" where nothing was said against it; all begin at the same moment."""
    start = threading.Barrier(len(work))
    said = [""] * len(work)

    def run(place: int) -> None:
        try:
            start.wait(timeout=30)
            with translation.override("en"):
                work[place]()
        except ValidationError as refused:
            said[place] = " ".join(refused.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_no_yen_is_lost_when_two_people_post(center: Center, people: list[User]) -> None:
    lines = {person: [new(center, code, 7) for code in ("rent", "research")] for person in people}

    def posting(person: User) -> Callable[[], None]:
        def work() -> None:
            for _round in range(5):
                actions.post(center=center, new=lines[person][0], by=person, at=AT)
                actions.post_many(center=center, rows=lines[person], by=person, at=AT)

        return work

    assert at_once(*map(posting, people)) == ["", ""]
    assert Entry.objects.count() == 30
    assert kept(center) == added_up(center)


def test_the_second_who_takes_the_same_entry_back_is_told(center: Center, people: list[User]) -> None:
    for _round in range(3):
        made = post(center, by=people[0])

        def taking_back(person: User, number: int = made.pk) -> Callable[[], None]:
            own = Entry.objects.select_related("center", "account", "part").get(pk=number)
            return lambda: [actions.reverse(entry=own, reason="誤り", by=person, at=AT)].clear()

        said = sorted(at_once(*map(taking_back, people)))
        assert said[0] == ""
        assert "reversed this entry already" in said[1]
        assert Entry.objects.filter(reverses=made).count() == 1
    assert kept(center) == added_up(center)


def test_nothing_slips_into_a_year_that_is_being_closed(center: Center, people: list[User]) -> None:
    line = new(center)
    said = at_once(
        lambda: [closing_actions.close_year(center=center, fiscal_year=YEAR, by=people[0], at=AT)].clear(),
        lambda: [actions.post(center=center, new=line, by=people[1], at=AT)].clear(),
    )
    assert said[0] == ""
    assert Entry.objects.count() == (0 if "closed" in said[1] else 1)
    assert kept(center) == added_up(center)


def test_the_same_file_uploaded_twice_is_applied_once(center: Center, people: list[User]) -> None:
    """Both are checked before either is applied; the second finds the first, behind the lock."""
    told = []
    for turn in range(20):
        text = f"日付,科目コード,科目名,金額,相手方,摘要,証憑番号\nR5.6.1,rent,,{turn + 1},,x,\n"
        uploads = [
            importing.upload(
                spec=ENTRIES, center=center, file=looked_at(csv_file(text)), params={}, by=person, at=AT
            )
            for person in people
        ]

        def applying(table: TableImport, by: User) -> Callable[[], None]:
            def work() -> None:
                try:
                    importing.apply(table=table, by=by, at=AT)
                except importing.Repeated:
                    raise ValidationError("the same file") from None

            return work

        said = at_once(*(applying(table, by) for table, by in zip(uploads, people, strict=True)))
        told.append(sorted(said))
        assert Entry.objects.count() == turn + 1
    assert told == [["", "the same file"]] * 20
