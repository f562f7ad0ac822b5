"""A hundred thousand requests of everybody: nothing of them stays in memory.

SOAK_REQUESTS says how many (100,000 without it; of fewer than 5,000 the half is still warming up), SOAK_PEOPLE how many at once.
"""

import os
import random
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from statistics import median

import pytest
from django.db import connection
from django.urls import reverse

from iconm_portal.models import Center, User
from tests.builders.sent_forms import forms_in
from tests.repository.test_access import PAGES, World, at_center, make_world
from tests.served import Server, Visitor, served

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = int(os.environ.get("SOAK_REQUESTS") or 100_000)
AT_ONCE = int(os.environ.get("SOAK_PEOPLE") or 8)
SAVES, WRONG, JOBS = 0.1, 0.02, 0.001
"""Shares of all requests: saves, addresses and passwords that are none, workbooks of all centers."""
SAMPLES = 200
MOST_GROWTH = 1.05
"""Of a process's memory from the middle of the run to its end: room for what an allocator scatters, not for what is kept."""
EXPECTED = {200, 302, 303, 400, 403, 404, 409, 429}


@dataclass
class Run:
    """What was asked and answered so far, by all threads."""

    asked: Iterator[int] = field(default_factory=count)
    done: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, status: int, what: str) -> None:
        self.done += 1
        self.answers[status] += 1
        if status not in EXPECTED:
            self.wrong.append(f"{status} {what}")


def pages_of(world: World) -> list[tuple[User, str]]:
    """Every address at the world's center, as everybody asks for it; and those of the demonstration that name only a center."""
    asked = [
        (person, reverse(name, kwargs=page.arguments(world)))
        for (name, pages), person in product(PAGES.items(), world.people.values())
        for page in pages
        if "GET" in page.methods
    ]
    demonstration = Center.objects.get(code="midoridai")
    staff = User.objects.filter(organisation__in=[demonstration.supporter, demonstration.operator])
    of_a_center = [
        reverse(name, kwargs={"center": demonstration.code})
        for name, pages in PAGES.items()
        if "GET" in pages[0].methods and pages[0].arguments is at_center
    ]
    return asked + list(product(staff, of_a_center))


def saves_of(world: World) -> list[tuple[User, str]]:
    """Pages with a form that is saved again and again."""
    return [
        (world.people["foundation_staff"], reverse(name, kwargs=PAGES[name][0].arguments(world)))
        for name in ("kpi:report_entry", "kpi:record_edit", "agreements:consultation_edit")
    ]


class Asker(threading.Thread):
    """One browser for each person, one request after the other, until all are asked."""

    def __init__(self, server: Server, run: Run, world: World, seed: int) -> None:
        super().__init__(daemon=True)
        self._server, self._run, self._random = server, run, random.Random(seed)
        self._pages, self._saves = pages_of(world), saves_of(world)
        self._workbook = reverse("kpi:data_workbook", kwargs={"center": world.center.code})
        self._by_whom = world.people["city_viewer"]
        self._visitors: dict[User | None, Visitor] = {}

    def run(self) -> None:
        try:
            while next(self._run.asked) < REQUESTS:
                self._ask()
        except Exception as error:
            self._run.wrong.append(repr(error))
        finally:
            connection.close()  # who is signed in for the first time is looked up

    def _ask(self) -> None:
        dice = self._random.random()
        if dice < JOBS:
            self._post(self._by_whom, self._workbook.replace("workbook/", ""), self._workbook)
        elif dice < JOBS + WRONG:
            self._go_wrong()
        elif dice < JOBS + WRONG + SAVES:
            person, address = self._random.choice(self._saves)
            self._post(person, address, address)
        else:
            self._get(*self._random.choice(self._pages))

    def _visitor(self, person: User | None) -> Visitor:
        if person not in self._visitors:
            self._visitors[person] = self._server.visitor(person)
        return self._visitors[person]

    def _get(self, person: User | None, address: str) -> str:
        answer = self._visitor(person).get(address)
        self._run.note(answer.status, address)
        return answer.text

    def _go_wrong(self) -> None:
        if self._random.random() < 0.5:
            self._get(None, f"/{self._random.randrange(10**6)}/")
            return
        form = forms_in(self._get(None, "/login/"), "/login/")[-1]
        typed = form.filled(username=f"nobody-{self._random.randrange(10**6)}", password="no password")
        self._run.note(self._visitor(None).post("/login/", typed).status, "login")

    def _post(self, person: User, page: str, address: str) -> None:
        """With something else in one of its texts."""
        forms = [form for form in forms_in(self._get(person, page), page) if form.action == address]
        for form in forms[-1:]:
            texts = [name for name, kind in form.kinds.items() if kind in ("text", "textarea")]
            words = f"{self._random.randrange(10**6)} 回目の確認"
            typed = {self._random.choice(texts): words} if texts else {}
            self._run.note(self._visitor(person).post(address, form.filled(**typed)).status, address)


def resident(process: int) -> int:
    """Bytes that a process holds in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def watch(server: Server, run: Run, askers: Iterable[Asker]) -> dict[int, list[int]]:
    """What each process held, so many times in the course of the run."""
    held: defaultdict[int, list[int]] = defaultdict(list)
    processes = server.processes()
    while any(asker.is_alive() for asker in askers):
        if run.done * SAMPLES >= len(held[server.process.pid]) * REQUESTS:
            for process in processes:
                held[process].append(resident(process))
        time.sleep(0.05)
    assert server.processes() == processes, "none of them ended"
    return held


def growth(held: list[int]) -> float:
    """Of the memory from the middle of the run to its end."""
    tenth = len(held) // 10
    middle = len(held) // 2
    return median(held[-tenth:]) / median(held[middle - tenth // 2 : middle + tenth // 2 + 1])


@pytest.mark.soak
def test_nothing_of_many_requests_stays_in_memory(
    demo: None, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, int], None]
) -> None:
    world, seed = make_world("own"), int(os.environ.get("SEED") or secrets.randbelow(10**6))
    run = Run()
    with served() as server:
        askers = [Asker(server, run, world, seed + number) for number in range(AT_ONCE)]
        for asker in askers:
            asker.start()
        held = watch(server, run, askers)
        names = server.processes()
    record_property("requests", run.done)
    with capsys.disabled():
        print(f"\nseed {seed}: {run.done:,} requests, answered {dict(sorted(run.answers.items()))}")
        for process, its in held.items():
            tenths = " ".join(f"{part / 2**20:.0f}" for part in its[:: max(len(its) // 10, 1)])
            print(f"{names[process]:<8} MiB {tenths}, from the middle on × {growth(its):.3f}")
    assert run.wrong == []
    assert {names[process]: growth(its) for process, its in held.items() if growth(its) > MOST_GROWTH} == {}
