"""The programs of `make run`: one of them is killed or hangs in the midst of a long export, and nobody else is hurt."""

import http.client
import os
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from finance.models import Entry
from iconm_portal.models import Center, HistoryEvent, Job, JobState, User, WaitingFile
from iconm_portal.values import clock
from tests.builders.finance import make_accounts
from tests.builders.plans import make_plan
from tests.builders.sent_forms import forms_in
from tests.iconm_portal.work.workers import state, until, worker
from tests.served import Answer, Server, Visitor, served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.verify]

LINES = 60_000
FIRST_BYTES = 20_000
HANGING_SECONDS = 60
"""gunicorn waits half of that for a sign of life."""


class Others:
    """What goes on meanwhile: pages are read and entries saved, each asked for again where the server's side broke off."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self.broken: Counter[str] = Counter()
        self.refused: list[str] = []
        self.saved = 0

    def read(self, visitor: Visitor, address: str) -> None:
        self._note(self._whole("read", lambda: visitor.get(address)))

    def save(self, visitor: Visitor, address: str, number: int) -> None:
        page = visitor.get(address).text
        [form] = [one for one in forms_in(page, address) if "amount" in one.kinds]
        words = {"account": "rent", "part": "", "amount": "1", "description": str(number)}
        typed = form.filled(date=clock.today().isoformat(), **words)
        self._note(self._whole("save", lambda: visitor.post(address, typed)))
        self.saved += 1

    def _note(self, answer: Answer) -> None:
        self.answers[answer.status] += 1
        if answer.status not in (200, 302):
            self.refused.append(answer.text)

    def _whole(self, what: str, ask: Callable[[], Answer]) -> Answer:
        """As a person does, who loads a page again that did not come."""
        for _time in range(3):
            try:
                return ask()
            except (OSError, http.client.HTTPException):
                self.broken[what] += 1
        raise AssertionError(f"{what}: broken off three times")


@contextmanager
def others_at_work(server: Server, center: Center, readers: list[User], writer: User) -> Iterator[Others]:
    others, ended = Others(), threading.Event()
    pages = [f"/{center.code}/", "/health/", reverse("kpi:plans", kwargs={"center": center.code})]
    entry = reverse("finance:entry_new", kwargs={"center": center.code})

    def read(visitor: Visitor, page: str) -> None:
        while not ended.wait(0.1):
            others.read(visitor, page)

    def write(visitor: Visitor) -> None:
        number = 0
        while not ended.wait(0.1):
            others.save(visitor, entry, number)
            number += 1

    # Signed in here: a thread that asks the database would leave a connection behind.
    visitors = [server.visitor(person) for person in readers]
    threads = [
        threading.Thread(target=read, args=pair, daemon=True) for pair in zip(visitors, pages, strict=True)
    ]
    threads.append(threading.Thread(target=write, args=[server.visitor(writer)], daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield others
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)


def end_or_hang(process: int, how: signal.Signals) -> None:
    """Not while it holds SQLite's one writer: whoever is stopped there stops everybody, and nothing helps."""
    while True:
        os.kill(process, how)
        if how == signal.SIGKILL:
            return
        until(lambda: is_stopped(process))
        if connection.vendor != "sqlite" or is_free():
            return
        os.kill(process, signal.SIGCONT)
        time.sleep(0.1)


def is_stopped(process: int) -> bool:
    """With all its threads."""
    states = [
        file.read_text().rpartition(")")[2].split()[0]
        for file in Path(f"/proc/{process}/task").glob("*/stat")
    ]
    return set(states) == {"T"}


def is_free() -> bool:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=1)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def in_the_midst(
    server: Server, visitor: Visitor, center: Center, by: User, how: signal.Signals
) -> tuple[Job, str, int] | None:
    """Ask for the workbook of all centers and end or hang the worker that makes it; the job, its page, and that worker.

    None where it had made it before: then a worker is at work again.
    """
    tables, workbook = (
        reverse(name, kwargs={"center": center.code}) for name in ("kpi:data", "kpi:data_workbook")
    )
    [form] = [one for one in forms_in(visitor.get(tables).text, tables) if one.action == workbook]
    jobs = Job.objects.filter(requested_by=by)
    before = jobs.count()
    [its_process] = server.named("worker")
    begun = visitor.post(workbook, form.filled())
    until(lambda: jobs.exclude(state=JobState.WAITING).count() > before)
    end_or_hang(its_process, how)
    job = jobs.latest("pk")
    if state(job) == JobState.RUNNING:
        return job, begun.location, its_process
    if how == signal.SIGSTOP:
        os.kill(its_process, signal.SIGCONT)
    else:
        until(lambda: len(set(server.named("worker")) - {its_process}) == 1)
    return None


@pytest.fixture
def long_history(center: Center, city_staff: User) -> int:
    """So many lines that sending them takes seconds."""
    at, name = clock.now(), city_staff.username
    events = (
        HistoryEvent(at=at, actor=name, action="record.edit", center=center.code, subject=f"record:{number}")
        for number in range(LINES)
    )
    return len(HistoryEvent.objects.bulk_create(events, batch_size=2_000))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.usefixtures("long_history")
def test_a_web_process_that_ends_or_hangs_in_the_midst_of_a_long_export(
    center: Center,
    city_staff: User,
    city_viewer: User,
    foundation_viewer: User,
    foundation_staff: User,
    how: signal.Signals,
    record_property: Callable[[str, int], None],
) -> None:
    """Whoever fetched it sees that it is not whole, and gets it by asking again; another process takes the place of the one."""
    make_accounts(center)
    address = reverse("history_csv")
    readers = [city_viewer, foundation_viewer, city_staff]
    with served() as server, others_at_work(server, center, readers, foundation_staff) as others:
        until(lambda: len(server.named("web")) == 2 and others.saved > 3)
        before = server.named("web")
        with closing(server.visitor(city_staff).begin("GET", address)) as asked:
            answer = asked.getresponse()
            assert answer.read(FIRST_BYTES)
            its_process = server.serving(asked)
            os.kill(its_process, how)
            with pytest.raises((http.client.IncompleteRead, OSError)):
                answer.read()
        until(
            lambda: its_process not in server.named("web") and len(server.named("web")) == 2, HANGING_SECONDS
        )
        assert set(before) & set(server.named("web")) == set(before) - {its_process}
        again = server.visitor(city_staff).get(address)
        assert again.body.count(b"\r\n") > LINES
        saved = others.saved
        until(lambda: others.saved > saved + 3)
    record_property("others' requests", others.answers.total())
    assert others.refused == []
    assert others.broken.total() <= len(readers) + 1, "once for each whose answer was in that process"
    assert Entry.objects.count() == others.saved, "none lost, none twice"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_ends_or_hangs_in_the_midst_of_the_workbook_of_all_centers(
    center: Center,
    city_staff: User,
    city_viewer: User,
    foundation_viewer: User,
    foundation_staff: User,
    how: signal.Signals,
    record_property: Callable[[str, int], None],
) -> None:
    """It is begun again by itself, once, and ends with its result; who reads and saves sees nothing of it."""
    make_accounts(center)
    make_plan(center, targets={"trials": 10})
    readers = [city_viewer, foundation_viewer, city_staff]
    with served() as server, others_at_work(server, center, readers, foundation_staff) as others:
        until(lambda: others.saved > 3)
        visitor = server.visitor(city_staff)
        while not (met := in_the_midst(server, visitor, center, city_staff, how)):
            pass  # it was quicker than this; what it made is counted below
        job, address, its_process = met
        # `make run` starts another one for one that ended; one that hangs is known by those that do not.
        with worker():
            until(lambda: state(job) == JobState.DONE)
            if how == signal.SIGSTOP:
                os.kill(its_process, signal.SIGCONT)
        assert visitor.get(address).status == 200
        assert visitor.get(f"{address}result/").body.startswith(b"PK")
    record_property("others' requests", others.answers.total())
    assert (job.losses, job.run) == (1, 2)
    assert WaitingFile.objects.count() == Job.objects.filter(requested_by=city_staff).count(), (
        "each made once"
    )
    assert others.refused == []
    assert others.broken.total() == 0
    assert Entry.objects.count() == others.saved
