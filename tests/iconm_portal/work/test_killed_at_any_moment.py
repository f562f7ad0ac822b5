"""Workers killed (-9) at any moment of an import or of a workbook: what they did is there as a whole, and once."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from finance.ledger.import_kind import ENTRIES
from finance.models import Entry, MonthTotal
from iconm_portal.imports import importing
from iconm_portal.models import OPEN_JOBS, Center, HistoryEvent, ImportState, Job, JobState, TableImport, User
from iconm_portal.values import clock
from kpi.papers.open_data import workbook_actions
from tests.builders.finance import make_accounts
from tests.builders.imports import looked_at
from tests.builders.plans import make_plan
from tests.iconm_portal.work.workers import QUEUE, until, worker

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 400
LONGEST_SECONDS = 1.5
"""By then such a table is read or applied, so that kills fall before, into and after it."""
HEADING = "日付,科目コード,科目名,金額,相手方,摘要,証憑番号"


@pytest.fixture(autouse=True)
def queued(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TASKS = QUEUE
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1)
    monkeypatch.setattr(importing, "AT_ONCE_ROWS", 1)


def table_of(number: int) -> SimpleUploadedFile:
    days = (date(2025, 4, 1) + timedelta(days=row % 300) for row in range(ROWS))
    rows = [f"{day},rent,,{number + 1},,{number}-{row}," for row, day in enumerate(days)]
    return SimpleUploadedFile(f"{number}.csv", "\n".join([HEADING, *rows]).encode())


def seen(job: Job | None) -> Job:
    assert job is not None
    job.refresh_from_db()
    return job


def killed_once(job: Job | None, chance: random.Random) -> None:
    """One worker begins the job and is killed after a while; another one ends what is left."""
    with worker() as first:
        until(lambda: seen(job).state != JobState.WAITING)
        time.sleep(chance.uniform(0, LONGEST_SECONDS))
        kill(first)
    with worker():
        until(lambda: seen(job).state not in OPEN_JOBS)
    assert seen(job).state == JobState.DONE, seen(job).failure


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def is_whole(tables: int) -> None:
    """Every table that was applied is there with all its rows, once; and the sums that pages show are theirs."""
    assert Entry.objects.count() == tables * ROWS
    sums = {model: model.objects.aggregate(sum=Sum("amount"))["sum"] for model in (Entry, MonthTotal)}
    assert set(sums.values()) == {ROWS * sum(number + 1 for number in range(tables))}
    assert HistoryEvent.objects.filter(action="import.apply").count() == tables


def imports(center: Center, by: User, kills: int, chance: random.Random) -> None:
    make_accounts(center)
    for number in range(kills):
        file = looked_at(table_of(number))
        table = importing.upload(spec=ENTRIES, center=center, file=file, params={}, by=by, at=clock.now())
        killed_once(table.job, chance)
        table.refresh_from_db()
        assert (table.state, table.row_count, table.problem_count) == (ImportState.CHECKED, ROWS, 0)
        killed_once(importing.apply(table=table, by=by, at=clock.now()).job, chance)
        assert TableImport.objects.filter(state=ImportState.APPLIED).count() == number + 1
        is_whole(number + 1)


def workbooks(center: Center, by: User, kills: int, chance: random.Random) -> None:
    make_plan(center, targets={"trials": 10})
    for _number in range(kills):
        day = date(2026, 6, 1)
        job = workbook_actions.begin(center=center, as_of=day, by=by, at=clock.now())
        killed_once(job, chance)
        assert seen(job).result is not None


@pytest.mark.verify
@pytest.mark.parametrize("what", [imports, workbooks])
def test_a_few_times(center: Center, foundation_staff: User, what: Callable[..., None]) -> None:
    what(center, foundation_staff, 3, random.Random())


@pytest.mark.soak
@pytest.mark.parametrize("what", [imports, workbooks])
def test_a_hundred_times(center: Center, foundation_staff: User, what: Callable[..., None]) -> None:
    what(center, foundation_staff, 100, random.Random())
