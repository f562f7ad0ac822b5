"""Every table of steps: each step from each state, for each side and role, and with a version that is no longer true.

A new table needs a Case in CASES: how to make one of its things, and what its steps are given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import get_resolver, reverse

from agreements.consultations import actions as consultation_actions
from agreements.editions import actions as edition_actions
from agreements.instruments import annual_actions, ending_actions
from agreements.models import AgreementKind, ConsultationType
from iconm_portal.models import Center, HistoryEvent, ProposalState, ReviewState, User
from iconm_portal.people.access import allowed
from iconm_portal.settlement.step_views import VIEWS, StepViews
from iconm_portal.settlement.steps import TABLES, Step, StepTable
from iconm_portal.settlement.version_lock import Conflict, SamePerson, SameSide, WrongStep
from kpi.models import IndicatorStep
from kpi.targets import actions as target_actions
from kpi.targets import next_plan_actions
from kpi.targets import next_plan_drafts as drafts
from tests.builders.agreements import (
    a_pdf,
    details,
    make_agreement,
    make_consultation,
    proposed_annual,
    proposed_ending,
    terms,
)
from tests.builders.editions import change_talk, make_amendment, make_worded
from tests.builders.plans import make_plan
from tests.builders.proposals import complete_next_plan, make_target_draft, terms_of, values_of
from tests.days import AT, TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
PEOPLE = [
    "foundation_staff",
    "city_staff",
    "foundation_viewer",
    "city_viewer",
    "administrator",
    "foreign_city_staff",
]


@dataclass(frozen=True)
class Cast:
    """A center with its people; the foundation's staff goes first."""

    center: Center
    people: Mapping[str, User]

    @property
    def foundation(self) -> User:
        return self.people["foundation_staff"]

    @property
    def city(self) -> User:
        return self.people["city_staff"]


# By which steps something comes to a state.
JOINTLY = {
    ProposalState.DRAFT: (),
    ProposalState.PROPOSED: ("propose",),
    ProposalState.CONFIRMED: ("propose", "confirm"),
    ProposalState.DECLINED: ("propose", "decline"),
}
REVIEWED = {
    ReviewState.DRAFT: (),
    ReviewState.SUBMITTED: ("submit",),
    ReviewState.IN_REVIEW: ("submit", "open"),
    ReviewState.RETURNED: ("submit", "open", "return"),
    ReviewState.ACCEPTED: ("submit", "open", "accept"),
}


@dataclass(frozen=True)
class Case:
    """How the tests make one of a table's things, as a draft that could be handed in, and what its steps are given."""

    table: StepTable[Any]
    make: Callable[[Cast], Any]
    given: Mapping[str, Callable[[Any, Cast], dict[str, Any]]] = field(default_factory=dict)
    ways: Mapping[Any, tuple[str, ...]] = field(default_factory=lambda: JOINTLY)
    at: Callable[[Any], dict[str, Any]] | None = None  # the parts of its address beside the center


def target_draft(cast: Cast) -> Any:
    plan = make_plan(cast.center, years=(2024, 2027), targets={"patents": 5})
    talk = make_consultation(cast.center, proposer=cast.foundation, confirmer=cast.city)
    return make_target_draft(plan, {("patents", 2027): 12}, by=cast.foundation, talk=talk)


def other_targets(item: Any, cast: Cast) -> dict[str, Any]:
    return {"terms": terms_of(item.consultation), "values": values_of(item.plan, {("patents", 2026): 9})}


def plan_draft(cast: Cast) -> Any:
    return complete_next_plan(make_plan(cast.center), by=cast.foundation, other=cast.city)


def a_new_line(item: Any, cast: Cast) -> dict[str, Any]:
    shape = {name: getattr(item.lines.get(code="patents"), name) for name in drafts.SHAPE}
    targets = {item.first_year: Decimal(4)}
    return {
        "code": "",
        "draft": drafts.LineDraft(step=IndicatorStep.NEW, code="visits", shape=shape, targets=targets),
    }


def without_a_new_line(item: Any, cast: Cast) -> dict[str, Any]:
    """One is there to be taken out, in whatever state the proposal is."""
    line = item.lines.get(code="patents")
    if item.state != ProposalState.CONFIRMED:
        line.pk, line.code, line.step, line.previous = None, "visits", IndicatorStep.NEW, None
        line.save()
    return {"code": "visits"}


# What is put before the other side as soon as it is recorded.
RECORDED = {
    ProposalState.PROPOSED: (),
    ProposalState.DRAFT: ("take_back",),
    ProposalState.CONFIRMED: ("confirm",),
    ProposalState.DECLINED: ("decline",),
}


def talk(cast: Cast) -> Any:
    told = details(type=ConsultationType.COORDINATE)
    return consultation_actions.record(center=cast.center, details=told, by=cast.foundation, at=AT)


def ending(cast: Cast) -> Any:
    agreement = make_agreement(cast.center)
    return proposed_ending(agreement, by=cast.foundation, confirmed_by=cast.city)


def annual_terms(cast: Cast) -> Any:
    parent = make_agreement(cast.center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)
    return proposed_annual(parent, by=cast.foundation).editions.get()


def amendment(cast: Cast) -> Any:
    return make_amendment(make_worded(cast.center).agreement, by=cast.foundation)


def concluded(item: Any, cast: Cast) -> dict[str, Any]:
    return {
        "consultation": change_talk(item.agreement, cast.foundation, cast.city),
        "concluded_on": TODAY,
        "document_number": "8臨拠第12号",
        "scan": a_pdf(),
    }


CASES = [
    Case(ending_actions.STEPS, ending, ways=RECORDED, at=lambda item: {"agreement": item.agreement.code}),
    Case(
        annual_actions.STEPS,
        annual_terms,
        {"edit": lambda item, cast: {"terms": terms()}},
        RECORDED,
        at=lambda item: {"agreement": item.agreement.code},
    ),
    Case(
        edition_actions.STEPS,
        amendment,
        {"propose": concluded},
        at=lambda item: {"agreement": item.agreement.code, "edition": item.number},
    ),
    Case(
        target_actions.STEPS,
        target_draft,
        {"edit": other_targets},
        at=lambda item: {"plan": item.plan.code, "proposal": item.pk},
    ),
    Case(
        next_plan_actions.STEPS,
        plan_draft,
        {
            "edit": lambda item, cast: {"head": drafts.head_of(item), "goals": drafts.goals_of(item)},
            "save_line": a_new_line,
            "remove_line": without_a_new_line,
        },
        at=lambda item: {"proposal": item.pk},
    ),
    Case(
        consultation_actions.STEPS,
        talk,
        {"edit": lambda item, cast: {"details": details(subject="別の件")}},
        RECORDED,
        at=lambda item: {"number": item.number},
    ),
]
# What steps of many tables take.
USUAL = {"reason": "数字が合わない", "text": "数字が合わない"}


@pytest.fixture
def cast(center: Center, request: pytest.FixtureRequest) -> Cast:
    return Cast(center, {name: request.getfixturevalue(name) for name in PEOPLE})


def taker(step: Step, item: Any, cast: Cast) -> User:
    """Somebody who can take the step: the foundation's staff where both sides' can."""
    return next(person for person in cast.people.values() if may(step, item, person))


def may(step: Step, item: Any, person: User) -> bool:
    """What the table says of the person, whatever the state."""
    center = item.center
    return allowed(person, center, step.right) and center.side_of(person) in step.whose.sides(item)


def given(case: Case, step: Step, item: Any, cast: Cast) -> dict[str, Any]:
    usual = {name: USUAL[name] for name in step.takes if name in USUAL}
    special = case.given.get(step.name)
    return usual | (special(item, cast) if special else {})


def brought_to(case: Case, state: str, cast: Cast) -> Any:
    item = case.make(cast)
    for name in case.ways[state]:
        step = case.table[name]
        more = given(case, step, item, cast)
        by = taker(step, item, cast)
        case.table.take(name, item, version=item.version, by=by, at=AT, **more)
    assert item.state == state
    return case.table.model.objects.get(pk=item.pk)  # type: ignore[attr-defined]


def everything(item: Any) -> tuple[Any, int]:
    """The row as it is stored, and how much happened so far."""
    return list(type(item).objects.filter(pk=item.pk).values()), HistoryEvent.objects.count()


def test_every_table_is_tried_here() -> None:
    assert get_resolver().url_patterns, "every table is declared by now"
    tried = [case.table for case in CASES]
    assert [table.code for table in TABLES if table not in tried] == []


@pytest.mark.parametrize(
    ("case", "name", "state"),
    [
        pytest.param(case, step.name, state, id=f"{case.table.code}-{step.name}-{state}")
        for case in CASES
        for step in case.table.steps
        for state in case.ways
    ],
)
def test_every_step_from_every_state(cast: Cast, case: Case, name: str, state: str) -> None:
    table, step = case.table, case.table[name]
    item = brought_to(case, state, cast)
    more = given(case, step, item, cast)
    before = everything(item)

    for person in cast.people.values():
        if not may(step, item, person):
            assert name not in table.possible(item, person).names
            with pytest.raises((PermissionDenied, ValidationError, SamePerson, SameSide)):
                table.take(name, item, version=item.version, by=person, at=AT, **more)
            assert everything(item) == before

    person = taker(step, item, cast)
    is_there = state in step.from_states and (step.applies is None or step.applies(item))
    # Where the step is not there, its check may be the first to say so.
    with pytest.raises(Conflict if is_there else (Conflict, ValidationError)):
        table.take(name, item, version=item.version - 1, by=person, at=AT, **more)
    assert everything(item) == before

    assert (name in table.possible(item, person).names) == is_there
    if not is_there:
        with pytest.raises((WrongStep, ValidationError)):
            table.take(name, item, version=item.version, by=person, at=AT, **more)
        assert everything(item) == before
        return
    version = item.version
    table.take(name, item, version=version, by=person, at=AT, **more)
    stored = type(item).objects.filter(pk=before[0][0]["id"]).first()
    if step.recorded is not None:
        event = HistoryEvent.objects.latest("pk")
        assert (event.action, event.actor) == (f"{table.code}.{step.word(item)}", person.username)
        assert HistoryEvent.objects.count() > before[1]
    if step.deletes:
        assert stored is None
    else:
        assert stored is not None
        assert stored.version > version


@pytest.mark.parametrize("case", CASES, ids=[case.table.code for case in CASES])
def test_whoever_put_it_forward_does_not_settle_it(cast: Cast, case: Case) -> None:
    """Not even at the other side, where the person may work by now."""
    settling = next((step for step in case.table.steps if step.name in ("confirm", "accept")), None)
    if settling is None:
        pytest.skip("nobody settles it")
    item = brought_to(case, settling.from_states[0], cast)
    more = given(case, settling, item, cast)
    mover = cast.foundation
    mover.organisation = cast.center.supporter
    mover.save()
    with pytest.raises((SamePerson, SameSide, PermissionDenied)):
        case.table.take(settling.name, item, version=item.version, by=mover, at=AT, **more)


def test_a_step_is_given_what_it_takes(cast: Cast) -> None:
    case = CASES[0]
    item = brought_to(case, ProposalState.PROPOSED, cast)
    for wrong in ({}, {"reason": "x", "more": 1}):
        with pytest.raises(TypeError):
            case.table.take("decline", item, version=item.version, by=cast.city, at=AT, **wrong)
    with pytest.raises(TypeError, match="at="):
        case.table.take("decline", item, version=item.version, by=cast.city, reason="x")


def addresses() -> list[Any]:
    assert get_resolver().url_patterns, "every address is there by now"
    cases = {id(case.table): case for case in CASES}
    return [
        pytest.param(views, cases[id(views.table)], step, id=views.address(step))
        for views in VIEWS
        if cases[id(views.table)].at is not None
        for step in views.steps
    ]


@pytest.mark.parametrize(("views", "case", "step"), addresses())
def test_every_address_of_a_step(log_in: LogIn, cast: Cast, views: StepViews, case: Case, step: Step) -> None:
    item = brought_to(case, step.from_states[0], cast)
    parts = {"center": cast.center.code, **(case.at(item) if case.at else {})}
    page, address = (reverse(name, kwargs=parts) for name in (views.page, views.address(step)))
    before = everything(item)
    person = taker(step, item, cast)
    client = log_in(person)
    client.cookies["django_language"] = "en"

    assert client.get(address).url == page, "by the address alone, as after logging in again"
    stale = client.post(address, {"version": item.version - 1, **USUAL})
    assert stale.status_code == 409
    assert "Someone changed this" in stale.content.decode()
    if views.forms.get(step.name) or step.forms:
        assert client.post(address, {"version": item.version}).status_code == 400
    for other in cast.people.values():
        if not may(step, item, other):
            answer = log_in(other).post(address, {"version": item.version, **USUAL})
            assert answer.status_code in (403, 404, 409)
    assert everything(item) == before

    assert client.post(address, {"version": item.version, **USUAL}).status_code == 302
    assert everything(item) != before
