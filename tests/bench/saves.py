"""Eight people save ledger entries at the same time: each has filled in all forms before, and sends them one after the other."""

import os
import statistics
import threading
import time
from itertools import count

from django.urls import reverse

from finance.models import Account, Side
from iconm_portal.models import Center, Organisation, Role, User
from iconm_portal.values import clock
from tests.builders.sent_forms import forms_in
from tests.served import Server, Visitor, served

WRITERS = 8
SAVES = 40
"""Of each person; more than one that each sends before, unmeasured."""
_numbers = count(1)


def seconds(writers: int) -> list[float]:
    """From sending a form to its answer, for each save of all of them."""
    center, people = _center(writers)
    with served(os.environ) as server:
        desks = [_Desk(server, center, person) for person in people]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
    assert all(len(desk.taken) == SAVES for desk in desks)
    return [one for desk in desks for one in desk.taken]


def percentile(taken: list[float], percent: int) -> float:
    return statistics.quantiles(taken, n=100)[percent - 1]


class _Desk(threading.Thread):
    """One person with forms that are filled in; all begin to send when they are."""

    def __init__(self, server: Server, center: Center, person: User) -> None:
        super().__init__(name=person.username)
        self.taken: list[float] = []
        self._visitor: Visitor = server.visitor(person)
        self._address = reverse("finance:entry_new", kwargs={"center": center.code})
        self._forms = [self._filled(number) for number in range(SAVES + 1)]

    def _filled(self, number: int) -> dict[str, str]:
        page = self._visitor.get(self._address).text
        [form] = [one for one in forms_in(page, self._address) if "amount" in one.kinds]
        typed = {
            "account": "rent",
            "amount": str(1000 + number),
            "description": f"{self.name} の {number} 回目の賃料",
        }
        return form.filled(date=clock.today().isoformat(), **typed)

    def run(self) -> None:
        for number, form in enumerate(self._forms):
            begun = time.perf_counter()
            answer = self._visitor.post(self._address, form)
            if number:
                self.taken.append(time.perf_counter() - begun)
            assert answer.status == 302, answer.text


def _center(writers: int) -> tuple[Center, list[User]]:
    code = f"saves-{next(_numbers)}"
    city, foundation = (
        Organisation.objects.create(code=f"{code}-{name}", name=name) for name in ("city", "lab")
    )
    center = Center.objects.create(
        code=code, position=91, name=code, short_name=code, supporter=city, operator=foundation
    )
    Account.objects.create(
        center=center,
        code="rent",
        position=1,
        side=Side.EXPENDITURE,
        name="賃料",
        first_year=2015,
        source="bench",
    )
    return center, [
        User.objects.create(username=f"{code}-{number}", name=code, organisation=foundation, role=Role.STAFF)
        for number in range(writers)
    ]
