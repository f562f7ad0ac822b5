"""Somebody discards a draft while somebody else is just saving it: the second is told (409), and nothing typed is lost.

The discarding comes between the look-up of the page and the transaction of the save, where it used to end in an error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import Atomic
from django.http import HttpResponse
from django.urls import reverse

from iconm_portal.models import Center, HistoryEvent, ProposalState, ReviewState, User
from iconm_portal.settlement.step_views import VIEWS, StepViews
from iconm_portal.settlement.steps import Step
from tests.builders.entry_pages import form_of
from tests.builders.packs import make_pack
from tests.builders.plans import make_plan
from tests.days import AT, TODAY
from tests.iconm_portal.settlement.test_settlement_tables import (
    CASES,
    PEOPLE,
    Case,
    Cast,
    addresses,
    brought_to,
    budget,
    evaluation,
    joint_verification,
    report,
    settlement,
    taker,
)
from tests.people import client_of
from tests.repository import test_two_at_once as edits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("autumn")]
TYPED = "打ち込んだ文です"
DRAFT = (ProposalState.DRAFT, ReviewState.DRAFT)


@contextmanager
def just_before_saving(discard: Callable[[], HttpResponse]) -> Iterator[list[HttpResponse]]:
    """Does it before the first transaction that begins in the block; gives what it was answered with."""
    real, answers, begun = Atomic.__enter__, list[HttpResponse](), list[bool]()

    def enter(self: Atomic) -> None:
        if not begun and not connection.in_atomic_block:
            begun.append(True)
            answers.append(discard())
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Atomic, "__enter__", enter)
        yield answers


def told(address: str, person: User, sent: dict[str, Any], discard: Callable[[], HttpResponse]) -> str:
    """What the second reads, who saves while the first discards."""
    events = HistoryEvent.objects.count()
    client = client_of(person)
    client.cookies["django_language"] = "en"
    with just_before_saving(discard) as first:
        answer = client.post(address, sent)
    assert [one.status_code for one in first] == [302], f"{address} saves nothing"
    assert answer.status_code == 409
    assert HistoryEvent.objects.count() == events + 1, "the discarding"
    return answer.content.decode()


@pytest.fixture
def cast(center: Center, request: pytest.FixtureRequest) -> Cast:
    return Cast(center, {name: request.getfixturevalue(name) for name in PEOPLE})


def discarding(case: Case, item: Any, cast: Cast) -> Callable[[], HttpResponse]:
    step = case.table["discard"]
    views = next(views for views in VIEWS if views.table is case.table and step in views.steps)
    address = reverse(views.address(step), kwargs={"center": item.center.code, **case.at(item)})
    person, version = taker(step, item, cast), item.version
    return lambda: client_of(person).post(address, {"version": version})


def steps_of_drafts() -> list[Any]:
    """Those that are taken from a draft."""
    found = []
    for address in addresses():
        _views, case, step = address.values
        states = step.from_states if isinstance(step.from_states, tuple) else DRAFT
        if "discard" in case.table and "discard" not in case.lacks and not set(states).isdisjoint(DRAFT):
            found.append(address)
    return found


@pytest.mark.parametrize(("views", "case", "step"), steps_of_drafts())
def test_every_step_with_what_is_discarded_meanwhile(
    cast: Cast, views: StepViews, case: Case, step: Step
) -> None:
    """Discarding among them."""
    item = brought_to(case, next(state for state in case.ways if state in DRAFT), cast)
    person = taker(step, item, cast)
    if person is None or step.name not in case.table.possible(item, person).names:
        pytest.skip("no step from a draft")
    address = reverse(views.address(step), kwargs={"center": cast.center.code, **case.at(item)})
    page = told(address, person, {"version": item.version, "reason": TYPED}, discarding(case, item, cast))
    assert TYPED in page or "reason" not in step.takes
    assert not type(item).objects.filter(pk=item.pk).exists()


# --- pages on which a draft is edited -------------------------------------------------------------


def drafts_of(center: Center) -> list[tuple[Case, Any]]:
    """Every draft there is that can be discarded."""
    found = []
    for table in {id(case.table): case for case in CASES if "discard" in case.table}.values():
        model = table.table.model
        found += [(table, item) for item in model.objects.all() if item.state in DRAFT]  # type: ignore[attr-defined]
    return found


EDITS = [
    make
    for make in edits.PAGES.values()
    if make
    in (
        edits.targets,
        edits.official_texts,
        edits.plan_head,
        edits.plan_line,
        edits.amendment,
        edits.annual_amendment,
        edits.amended_obligation,
        edits.amended_measure,
        edits.provision,
    )
]


@pytest.mark.parametrize("make", EDITS, ids=lambda make: make.__name__)
def test_every_edit_of_what_is_discarded_meanwhile(
    cast: Cast, make: Callable[[edits.Cast], edits.Page]
) -> None:
    page = make(edits.Cast(cast.center, cast.city, cast.foundation, cast.people["administrator"]))
    ((case, item),) = drafts_of(cast.center)
    sent = edits.opened(client_of(page.by), page) | page.also | {page.name: page.texts[1]}
    assert page.texts[1] in told(page.url, page.by, sent, discarding(case, item, cast))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.make in (report, settlement, budget)], ids=lambda case: case.name
)
def test_every_sheet_of_what_is_discarded_meanwhile(cast: Cast, case: Case) -> None:
    item = case.make(cast)
    views = next(views for views in VIEWS if views.table is case.table)
    address = reverse(f"{views.page}_entry", kwargs={"center": cast.center.code, **case.at(item)})
    sent = form_of(client_of(cast.foundation).get(address), holds="version")
    name = next(name for name in sent if name.endswith("note"))
    page = told(address, cast.foundation, sent | {name: TYPED}, discarding(case, item, cast))
    assert TYPED in page


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.make in (joint_verification, evaluation)],
    ids=lambda case: case.name,
)
def test_a_verification_that_is_discarded_meanwhile(cast: Cast, case: Case) -> None:
    item = case.make(cast)
    views = next(views for views in VIEWS if views.table is case.table)
    page = reverse(views.page, kwargs={"center": cast.center.code, **case.at(item)})
    sent = form_of(client_of(cast.foundation).get(page), holds="result") | {"result": TYPED}
    assert TYPED in told(f"{page}save/", cast.foundation, sent, discarding(case, item, cast))


@pytest.mark.parametrize("what", ["edit", "freeze", "discard"])
def test_a_pack_that_is_discarded_meanwhile(cast: Cast, what: str) -> None:
    make_plan(cast.center, targets={"trials": 10})
    made = make_pack(cast.center, by=cast.city, as_of=TODAY, at=AT)
    at = f"/lab/packs/{made.number}/"
    client = client_of(cast.city)
    sent = form_of(client.get(f"{at}edit/"), holds="committee") | {"committee": TYPED}
    page = told(
        f"{at}{what}/",
        cast.city,
        sent,
        lambda: client_of(cast.city).post(f"{at}discard/", {"version": made.version}),
    )
    assert TYPED in page


def test_what_was_discarded_before_it_is_saved_is_not_found_and_not_lost(cast: Cast) -> None:
    made = make_pack(cast.center, by=cast.city, as_of=TODAY, at=AT)
    at, client = f"/lab/packs/{made.number}/", client_of(cast.city)
    sent = form_of(client.get(f"{at}edit/"), holds="committee") | {"committee": TYPED}
    assert client.post(f"{at}discard/", {"version": made.version}).status_code == 302
    answer = client.post(f"{at}edit/", sent)
    assert answer.status_code == 404
    assert TYPED in answer.content.decode()
    assert str(made.version) not in answer.context["typed"]
    assert client.post(f"{at}discard/", {"version": made.version}).status_code == 404
