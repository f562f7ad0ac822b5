"""Workers killed (-9) at any moment of an import, a workbook or a night's work: what they did is there as a whole, and once."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Sum

from finance.ledger.imports.kind import ENTRIES
from finance.models import Entry, MonthTotal, Statement
from finance.statements.import_kind import STATEMENT
from iconm_portal.imports import importing
from iconm_portal.imports.specs import Spec
from iconm_portal.models import OPEN_JOBS, Center, HistoryEvent, ImportState, Job, JobState, TableImport, User
from iconm_portal.values import clock
from iconm_portal.work.kinds import load, nightly
from iconm_portal.work.nights import begin_due
from kpi.models import Record
from kpi.papers.open_data import workbook_actions
from kpi.register.imports.kind import RECORDS
from tests.builders.finance import make_accounts
from tests.builders.imports import csv_file, looked_at
from tests.builders.plans import make_plan
from tests.builders.records import make_category
from tests.iconm_portal.work.workers import QUEUE, until, worker

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 400
LONGEST_SECONDS = 1.5
"""By then such a table is read or applied, so that kills fall before, into and after it."""


@pytest.fixture(autouse=True)
def queued(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TASKS = QUEUE
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1)
    monkeypatch.setattr(importing, "AT_ONCE_ROWS", 1)


def seen(job: Job | None) -> Job:
    assert job is not None
    job.refresh_from_db()
    return job


class Kills:
    """Ends workers at any moment of what they do, and counts how often."""

    def __init__(self, times: int, told: Callable[[str, int], None]) -> None:
        self.times, self._told = times, told

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.times))

    def once(self, *jobs: Job | None) -> None:
        """One worker begins with the first of the jobs and is killed after a while; another one ends what is left."""
        with worker(OWN_NIGHTS="1") as first:
            until(lambda: seen(jobs[0]).state != JobState.WAITING)
            time.sleep(random.uniform(0, LONGEST_SECONDS))
            first.send_signal(signal.SIGKILL)
            first.wait()
        self._told("kills", 1)
        with worker(OWN_NIGHTS="1"):
            until(lambda: all(seen(job).state not in OPEN_JOBS for job in jobs))
        assert {seen(job).state for job in jobs} == {JobState.DONE}, [seen(job).failure for job in jobs]


def imported(spec: Spec, center: Center, by: User, kills: Kills, file: Any, params: dict[str, Any]) -> int:
    """Upload the table and apply it; how many rows it had."""
    checked = looked_at(file)
    table = importing.upload(spec=spec, center=center, file=checked, params=params, by=by, at=clock.now())
    kills.once(table.job)
    table.refresh_from_db()
    assert (table.state, table.problem_count) == (ImportState.CHECKED, 0)
    kills.once(importing.apply(table=table, by=by, at=clock.now()).job)
    table.refresh_from_db()
    assert table.state == ImportState.APPLIED
    applied = HistoryEvent.objects.filter(action="import.apply").count()
    assert applied == TableImport.objects.filter(state=ImportState.APPLIED).count()
    return table.row_count


def entries(center: Center, by: User, kills: Kills) -> None:
    """Each table is there with all its rows, once; and the sums that pages show are theirs."""
    make_accounts(center)
    for number in kills:
        days = (date(2025, 4, 1) + timedelta(days=row % 300) for row in range(ROWS))
        rows = [f"{day},rent,,{number + 1},,{number}-{row}," for row, day in enumerate(days)]
        file = csv_file("\n".join(["日付,科目コード,科目名,金額,相手方,摘要,証憑番号", *rows]))
        assert imported(ENTRIES, center, by, kills, file, {}) == ROWS
        assert Entry.objects.count() == (number + 1) * ROWS
        sums = {model: model.objects.aggregate(sum=Sum("amount"))["sum"] for model in (Entry, MonthTotal)}
        assert set(sums.values()) == {ROWS * sum(one + 1 for one in range(number + 1))}


def records(center: Center, by: User, kills: Kills) -> None:
    make_category(center, "lectures", name="市民公開講座")
    for number in kills:
        rows = [f"市民公開講座,第{number}回の{row},2025-05-{row % 30 + 1:02}" for row in range(ROWS)]
        file = csv_file("\n".join(["区分,件名,開催日", *rows]))
        assert imported(RECORDS, center, by, kills, file, {}) == ROWS
        assert Record.objects.count() == (number + 1) * ROWS
        assert Record.objects.values("number").distinct().count() == (number + 1) * ROWS


def statements(center: Center, by: User, kills: Kills) -> None:
    """Tables for the same draft: the latest amounts are the draft's."""
    make_accounts(center)
    params = {"year": 2023, "stage": "settlement", "unit": "yen"}
    for number in kills:
        file = csv_file(f"科目コード,科目名,金額,備考\nrent,,{number + 1},\nbuilding,,{number + 2},\n")
        assert imported(STATEMENT, center, by, kills, file, params) == 2
        lines = Statement.objects.get().lines.order_by("amount").values_list("amount", flat=True)
        assert list(lines) == [number + 1, number + 2]


def workbooks(center: Center, by: User, kills: Kills) -> None:
    make_plan(center, targets={"trials": 10})
    for _number in kills:
        job = workbook_actions.begin(center=center, as_of=date(2026, 6, 1), by=by, at=clock.now())
        kills.once(job)
        assert seen(job).result is not None


def nights(center: Center, by: User, kills: Kills) -> None:
    """Everything of a night, for another day each time."""
    load()
    tonight = clock.now().replace(hour=12)
    for number in kills:
        begun = begin_due(tonight - timedelta(days=number))
        assert len(begun) == len(nightly()) > 0
        kills.once(*begun)


EVERYTHING = [entries, records, statements, workbooks, nights]


@pytest.mark.verify
@pytest.mark.parametrize("what", EVERYTHING)
def test_twice(
    center: Center,
    foundation_staff: User,
    what: Callable[..., None],
    record_property: Callable[[str, int], None],
) -> None:
    what(center, foundation_staff, Kills(2, record_property))


@pytest.mark.soak
@pytest.mark.parametrize("what", EVERYTHING)
def test_a_hundred_times(
    center: Center,
    foundation_staff: User,
    what: Callable[..., None],
    record_property: Callable[[str, int], None],
) -> None:
    what(center, foundation_staff, Kills(100, record_property))
