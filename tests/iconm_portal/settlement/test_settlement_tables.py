"""Every table of steps: each step from each state, for each side and role, and with a version that is no longer true.

A new table needs a Case in CASES: how to make one of its things, and what its steps are given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import get_resolver, reverse

from agreements.consultations import actions as consultation_actions
from agreements.duties import actions as duty_actions
from agreements.editions import actions as edition_actions
from agreements.editions.official_wording import actions as wording_actions
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import AgreementKind, ConsultationType, Verdict, VerificationKind
from agreements.verifications import actions as verification_actions
from agreements.wording import parse
from finance.models import Stage
from finance.statements import actions as statement_actions
from finance.statements.draft_actions import Content
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, ProposalState, ReviewState, Side, User
from iconm_portal.people.access import allowed
from iconm_portal.settlement import answers
from iconm_portal.settlement.step_views import VIEWS, StepViews
from iconm_portal.settlement.steps import TABLES, Step, StepTable
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.official_texts import actions as official_text_actions
from kpi.models import IndicatorStep
from kpi.reports import actions as report_actions
from kpi.targets import actions as target_actions
from kpi.targets import next_plan_actions
from kpi.targets import next_plan_drafts as drafts
from kpi.targets.corrections import actions as correction_actions
from kpi.value_sources.entry_values import Comment, Entered
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    REPORT,
    details,
    make_agreement,
    make_consultation,
    make_edition,
    make_obligation,
    proposed_annual,
    proposed_ending,
    store,
    terms,
)
from tests.builders.corrections import draft_correction
from tests.builders.editions import TEXT, change_talk, make_amendment, make_worded
from tests.builders.finance import entered, make_account, make_accounts, make_statement
from tests.builders.initiatives import make_category, make_scheme
from tests.builders.official_texts import draft_official_texts, texts_of
from tests.builders.plans import make_draft, make_plan
from tests.builders.proposals import complete_next_plan, make_target_draft, terms_of, values_of
from tests.builders.standing import make_answer
from tests.builders.support import make_criteria, make_verification, make_verification_obligation
from tests.days import AT
from tests.people import LogIn
from tests.unguarded import no_guards

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
ANSWERED = {  # a proposal, which the other side opens as it answers
    ReviewState.DRAFT: (),
    ReviewState.SUBMITTED: ("submit",),
    ReviewState.RETURNED: ("submit", "return"),
    ReviewState.ACCEPTED: ("submit", "accept"),
}
DECIDED = {
    ReviewState.DRAFT: (),
    ReviewState.SUBMITTED: ("submit",),
    ReviewState.ACCEPTED: ("submit", "decide"),
}


@dataclass(frozen=True)
class Case:
    """How the tests make one of a table's things, as a draft that could be handed in, and what its steps are given."""

    table: StepTable[Any]
    make: Callable[[Cast], Any]
    given: Mapping[str, Callable[[Any, Cast], dict[str, Any]]] = field(default_factory=dict)
    ways: Mapping[Any, tuple[str, ...]] = field(default_factory=lambda: JOINTLY)
    lacks: tuple[str, ...] = ()  # steps of the table that nobody can take with this thing
    at: Callable[[Any], dict[str, Any]] = lambda item: {}  # the parts of its address beside the center
    sent: Mapping[str, Callable[[Any, Cast], dict[str, Any]]] = field(
        default_factory=dict
    )  # with which steps what

    @property
    def name(self) -> str:
        return f"{self.table.code}-{self.make.__name__}"


def a_confirmed_talk(item: Any, cast: Cast) -> dict[str, Any]:
    talk = make_consultation(item.center, proposer=cast.foundation, confirmer=cast.city)
    return {"consultation": talk}


def target_draft(cast: Cast) -> Any:
    plan = make_plan(cast.center, years=(2024, 2027), targets={"patents": 5})
    talk = make_consultation(cast.center, proposer=cast.foundation, confirmer=cast.city)
    return make_target_draft(plan, {("patents", 2027): 12}, by=cast.foundation, talk=talk)


def plan_correction(cast: Cast) -> Any:
    """A wording of a plan that is to be corrected."""
    return draft_correction(make_plan(cast.center), by=cast.foundation)


def official_texts(cast: Cast) -> Any:
    make_category(make_scheme(cast.center))
    return draft_official_texts(cast.center, by=cast.foundation)


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
        with no_guards():  # what lies before the other side has no line added
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


def a_change_talk(item: Any, cast: Cast) -> dict[str, Any]:
    return {"consultation": change_talk(item.agreement, cast.foundation, cast.city)}


def conclusion(cast: Cast) -> Any:
    agreement = make_agreement(cast.center, concluded=None)
    return conclusion_actions.record_conclusion(
        agreement=agreement, concluded_on="2022-03-25", by=cast.foundation, at=AT
    )


def wording(cast: Cast) -> Any:
    edition = make_edition(make_agreement(cast.center, concluded=None))
    return wording_actions.import_wording(
        edition=edition, version=1, wording=parse(TEXT), file_name="a.txt", by=cast.foundation, at=AT
    )


def settlement(cast: Cast) -> Any:
    make_accounts(cast.center)
    return make_statement(cast.center, 2024, by=cast.foundation)


def budget(cast: Cast) -> Any:
    make_accounts(cast.center)
    return make_statement(cast.center, 2027, by=cast.foundation, stage=Stage.BUDGET)


STATEMENT_STEPS: dict[str, Callable[[Any, Cast], dict[str, Any]]] = {
    "edit": lambda item, cast: {"content": Content(entered(item.center, {"rent": 1}))},
    "decide": a_confirmed_talk,
}


def report(cast: Cast) -> Any:
    plan = make_plan(cast.center, years=(2024, 2027))
    return make_draft(plan, 2025, {"trials": 12, "patents": None}, by=cast.foundation)


def other_values(item: Any, cast: Cast) -> dict[str, Any]:
    trials = item.plan.indicators.get(code="trials")
    return {"as_of": item.as_of, "entered": {trials: Entered(Decimal(9))}}


def comments(item: Any, cast: Cast) -> dict[str, Any]:
    return {"comments": [Comment("内訳は？")]}


def a_duty(cast: Cast, what: dict[str, Any], key: str) -> Any:
    """Stored, with a note, so that it could be handed in."""
    make_obligation(make_agreement(cast.center), what)
    duty = store(cast.center, 2026, by=cast.foundation)[key]
    return duty_actions.save(
        duty=duty, version=duty.version, note="提出します。", documents=[], by=cast.foundation, at=AT
    )


def reviewed_duty(cast: Cast) -> Any:
    return a_duty(cast, REPORT, "report/2025")


def joint_duty(cast: Cast) -> Any:
    return a_duty(cast, ANNUAL, "annual/2026")


def decided_duty(cast: Cast) -> Any:
    return a_duty(cast, DRAFT_PLAN, "draft-plan/2027")


def asked_for(cast: Cast, kind: VerificationKind) -> dict[str, Any]:
    make_verification_obligation(make_agreement(cast.center), kind)
    return {"center": cast.center, "kind": kind, "fiscal_year": FiscalYear(2025), "version": 0}


def joint_verification(cast: Cast) -> Any:
    what = asked_for(cast, VerificationKind.KPI)
    return verification_actions.save_draft(**what, result="目標を達成した", by=cast.foundation, at=AT)


def evaluation(cast: Cast) -> Any:
    what = asked_for(cast, VerificationKind.EFFECT)
    said = dict.fromkeys(make_criteria(cast.center, 2), "取り組んだ")
    return verification_actions.save_draft(
        **what, result="", self_assessments=said, by=cast.foundation, at=AT
    )


def judgement(item: Any, cast: Cast) -> dict[str, Any]:
    said = {finding.criterion: "認める" for finding in item.findings.select_related("criterion")}
    return {"judgements": said, "follow_up": "続ける"}


VERIFICATION_STEPS: dict[str, Callable[[Any, Cast], dict[str, Any]]] = {
    "edit": lambda item, cast: {"result": "別紙のとおり"},
    "save_judgement": judgement,
    "judge": lambda item, cast: judgement(item, cast) | {"verdict": Verdict.MEETS},
}


DUTY_STEPS: dict[str, Callable[[Any, Cast], dict[str, Any]]] = {
    "save": lambda item, cast: {"note": "別紙のとおり", "documents": []},
    "decide": a_confirmed_talk,
    "date": lambda item, cast: {"due_on": date(2027, 3, 31)},
    "extend": lambda item, cast: (
        a_confirmed_talk(item, cast) | {"due_on": date(2027, 3, 31), "reason": "監査の遅れ"}
    ),
}


def a_numbered_talk(item: Any, cast: Cast) -> dict[str, Any]:
    return {"consultation": a_confirmed_talk(item, cast)["consultation"].number}


TO_DUTY: dict[str, Callable[[Any, Cast], dict[str, Any]]] = {
    "decide": a_numbered_talk,
    "date": lambda item, cast: {"due_on": "2027-03-31"},
    "extend": lambda item, cast: a_numbered_talk(item, cast) | {"due_on": "2027-03-31"},
}


def at_duty(item: Any) -> dict[str, Any]:
    obligation = item.obligation
    agreement = obligation.agreement.code
    return {"year": item.fiscal_year, "agreement": agreement, "obligation": obligation.code}


def at_statement(item: Any) -> dict[str, Any]:
    return {"year": item.fiscal_year, "stage": item.stage, "revision": item.revision}


def answer(cast: Cast) -> Any:
    """That a verification stands: its settlement came later."""
    make_account(cast.center, code="stated")
    make_verification_obligation(make_agreement(cast.center, code="verified"), VerificationKind.KPI)
    make_verification(cast.center, VerificationKind.KPI, 2022, by=cast.foundation, confirmer=cast.city)
    return make_answer(cast.center, city=cast.city, foundation=cast.foundation)


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
        {"propose": a_change_talk},
        at=lambda item: {"agreement": item.agreement.code, "edition": item.number},
    ),
    Case(
        conclusion_actions.STEPS,
        conclusion,
        {"edit": lambda item, cast: {"concluded_on": "2022-03-24"}},
        RECORDED,
        at=lambda item: {"agreement": item.agreement.code},
    ),
    Case(
        wording_actions.STEPS,
        wording,
        ways={state: steps for state, steps in RECORDED.items() if state != ProposalState.DRAFT},
        at=lambda item: {"agreement": item.edition.agreement.code, "edition": item.edition.number},
    ),
    Case(
        target_actions.STEPS,
        target_draft,
        {"edit": other_targets},
        at=lambda item: {"plan": item.plan.code, "proposal": item.pk},
    ),
    Case(
        correction_actions.STEPS,
        plan_correction,
        {
            "edit": lambda item, cast: {
                "reason": "字句を改める",
                "texts": {"indicator-trials-name": "治験の件数（改）"},
            }
        },
        at=lambda item: {"plan": item.plan.code, "correction": item.pk},
    ),
    Case(
        official_text_actions.STEPS,
        official_texts,
        {"edit": lambda item, cast: {"document": "別の文書", "texts": texts_of(cast.center, "別の文言")}},
        at=lambda item: {"proposal": item.pk},
    ),
    Case(
        next_plan_actions.STEPS,
        plan_draft,
        {
            "edit": lambda item, cast: {"head": drafts.head_of(item), "goals": drafts.goals_of(item)},
            "save_line": a_new_line,
            "save_targets": lambda item, cast: {"targets": {}},
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
    Case(
        report_actions.STEPS,
        report,
        {"edit": other_values, "return": comments, "accept": comments},
        REVIEWED,
        at=lambda item: {"year": item.fiscal_year, "report": item.pk},
    ),
    Case(
        duty_actions.STEPS,
        reviewed_duty,
        DUTY_STEPS,
        REVIEWED,
        lacks=("decide",),
        at=at_duty,
        sent=TO_DUTY,
    ),
    Case(
        duty_actions.STEPS,
        joint_duty,
        DUTY_STEPS,
        ANSWERED,
        lacks=("open", "decide"),
        at=at_duty,
        sent=TO_DUTY,
    ),
    Case(
        duty_actions.STEPS,
        decided_duty,
        DUTY_STEPS,
        DECIDED,
        lacks=("open", "return", "accept"),
        at=at_duty,
        sent=TO_DUTY,
    ),
    Case(
        verification_actions.JOINT,
        joint_verification,
        VERIFICATION_STEPS,
        ANSWERED | {ReviewState.ACCEPTED: ("submit", "confirm")},
        at=lambda item: {"kind": item.kind, "year": item.fiscal_year},
    ),
    Case(
        verification_actions.EFFECT,
        evaluation,
        VERIFICATION_STEPS,
        REVIEWED | {ReviewState.ACCEPTED: ("submit", "open", "judge")},
        at=lambda item: {"year": item.fiscal_year},
    ),
    Case(
        statement_actions.STEPS,
        settlement,
        STATEMENT_STEPS,
        REVIEWED,
        lacks=("decide",),
        at=at_statement,
    ),
    Case(
        statement_actions.STEPS,
        budget,
        STATEMENT_STEPS,
        DECIDED,
        lacks=("open", "return", "accept"),
        at=at_statement,
        sent={"decide": a_numbered_talk},
    ),
    Case(
        answers.STEPS,
        answer,
        ways={
            ProposalState.PROPOSED: (),
            ProposalState.CONFIRMED: ("confirm",),
            ProposalState.DECLINED: ("decline",),
        },
        at=lambda item: {"answer": item.pk},
    ),
]
# What steps of many tables take.
USUAL = dict.fromkeys(("reason", "text", "comment"), "数字が合わない")


@pytest.fixture
def cast(center: Center, request: pytest.FixtureRequest) -> Cast:
    return Cast(center, {name: request.getfixturevalue(name) for name in PEOPLE})


def taker(step: Step, item: Any, cast: Cast) -> User | None:
    """Somebody who can take the step: the foundation's staff where both sides' can. None where the thing has no such step."""
    return next((person for person in cast.people.values() if may(step, item, person)), None)


def may(step: Step, item: Any, person: User) -> bool:
    """What the table says of the person, whatever the state."""
    center = item.center
    return allowed(person, center, step.right) and center.side_of(person) in step.whose.sides(item)


def given(case: Case, step: Step, item: Any, cast: Cast) -> dict[str, Any]:
    usual = {name: USUAL[name] for name in step.takes if name in USUAL}
    special = case.given.get(step.name)
    return usual | (special(item, cast) if special else {})


def brought_to(case: Case, state: str, cast: Cast, item: Any = None) -> Any:
    item = item or case.make(cast)
    for name in case.ways[state]:
        step = case.table[name]
        more = given(case, step, item, cast)
        by = taker(step, item, cast)
        assert by is not None
        case.table.take(name, item, version=item.version, by=by, at=AT, **more)
    assert item.state == state
    return case.table.model.objects.get(pk=item.pk)  # type: ignore[attr-defined]


AWAITED = [
    pytest.param(case, state, id=f"{case.name}-{state}")
    for case in CASES
    for state in case.ways
    if state in (ProposalState.PROPOSED, ReviewState.SUBMITTED, ReviewState.IN_REVIEW)
]


@pytest.mark.parametrize(("case", "state"), AWAITED)
def test_what_waits_for_a_side_without_staff_says_so(
    cast: Cast, case: Case, state: str, log_in: LogIn
) -> None:
    item = brought_to(case, state, cast)
    awaited = case.table.awaited(item)
    if not awaited:  # the operator decides it
        assert "decide" not in case.lacks
        return
    (side,) = awaited
    answering, other = (
        (cast.city, cast.foundation) if side is Side.SUPPORTER else (cast.foundation, cast.city)
    )
    page = next(view.page for view in VIEWS if view.table is case.table and "review" not in view.page)
    address = reverse(page, kwargs={"center": item.center.code, **case.at(item)})

    def says_so(person: User) -> bool:
        client = log_in(person)
        client.cookies["django_language"] = "en"
        answer = client.get(address)
        assert answer.status_code == 200
        return "has nobody yet who could give it" in answer.content.decode()

    assert not says_so(other)
    answering.is_active = False
    answering.save(update_fields=["is_active"])
    assert says_so(other)
    if page.startswith(("agreements:agreement", "kpi:report", "agreements:duty")):
        assert log_in(cast.people["city_viewer"]).get(address).context.get("nobody_answers", "") == ""


def everything(item: Any) -> tuple[Any, int]:
    """The row as it is stored, and how much happened so far."""
    return list(type(item).objects.filter(pk=item.pk).values()), HistoryEvent.objects.count()


def test_every_table_is_tried_here() -> None:
    assert get_resolver().url_patterns, "every table is declared by now"
    tried = [case.table for case in CASES]
    assert [table.code for table in TABLES if table not in tried] == []


def test_every_step_is_one_of_some_thing() -> None:
    for table in TABLES:
        lacks = [set(case.lacks) for case in CASES if case.table is table]
        assert set.intersection(*lacks) == set(), table.code


@pytest.mark.parametrize(
    ("case", "name", "state"),
    [
        pytest.param(case, step.name, state, id=f"{case.name}-{step.name}-{state}")
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
    assert (person is None) == (name in case.lacks)
    if person is None:
        return
    is_there = state in step.states(item) and (step.applies is None or step.applies(item))
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


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_whoever_put_it_forward_does_not_settle_it(cast: Cast, case: Case) -> None:
    """Not even at the other side, where the person may work by now."""
    settling = next((step for step in case.table.steps if step.name in ("confirm", "accept", "judge")), None)
    if settling is None or settling.name in case.lacks:
        pytest.skip("nobody settles it")
    item = case.make(cast)
    (state,) = settling.states(item)
    item = brought_to(case, state, cast, item)
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


# Steps that are not taken with an empty form.
NEED_WORDS = ("decline", "return", "decide", "date", "extend")


def addresses() -> list[Any]:
    assert get_resolver().url_patterns, "every address is there by now"
    return [
        pytest.param(views, case, step, id=f"{case.name}-{views.address(step)}")
        for views in VIEWS
        for case in CASES
        for step in views.steps
        if case.table is views.table
        and step.name not in case.lacks
        # An amendment's conclusion has its page beside the agreement's: test_edition_pages.
        and views.page != "agreements:edition_conclusion"
    ]


@pytest.mark.parametrize(("views", "case", "step"), addresses())
def test_every_address_of_a_step(log_in: LogIn, cast: Cast, views: StepViews, case: Case, step: Step) -> None:
    item = case.make(cast)
    if step.applies is not None and not step.applies(item):
        pytest.skip("there is no such step with this thing")
    item = brought_to(case, next(state for state in case.ways if state in step.states(item)), cast, item)
    parts = {"center": cast.center.code, **case.at(item)}
    page, address = (reverse(name, kwargs=parts) for name in (views.page, views.address(step)))
    typed = USUAL | (case.sent[step.name](item, cast) if step.name in case.sent else {})
    before = everything(item)
    person = taker(step, item, cast)
    client = log_in(person)
    client.cookies["django_language"] = "en"

    assert client.get(address).url == page, "by the address alone, as after logging in again"
    stale = client.post(address, {"version": item.version - 1, **typed})
    assert stale.status_code == 409
    assert "Someone changed this" in stale.content.decode()
    if step.name in NEED_WORDS:
        assert client.post(address, {"version": item.version}).status_code in (400, 409)
    for other in cast.people.values():
        if not may(step, item, other):
            answer = log_in(other).post(address, {"version": item.version, **typed})
            assert answer.status_code in (403, 404, 409)
    assert everything(item) == before

    assert client.post(address, {"version": item.version, **typed}).status_code == 302
    assert everything(item) != before


TYPED = "打ち込んだ理由です"


def moved_on() -> list[Any]:
    """Every address of a step with which a reason is typed, and the states in which the thing may be by then."""
    return [
        pytest.param(*address.values, state, id=f"{address.id}-{state}")
        for address in addresses()
        for state in address.values[1].ways
        if not USUAL.keys().isdisjoint(address.values[2].takes)
    ]


@pytest.mark.parametrize(("views", "case", "step", "state"), moved_on())
def test_what_was_typed_with_a_step_outlives_the_state(
    log_in: LogIn, cast: Cast, views: StepViews, case: Case, step: Step, state: str
) -> None:
    """Somebody else moved the thing on meanwhile: the page that says so still holds the words, to be copied."""
    item = brought_to(case, state, cast)
    sent = case.sent[step.name](item, cast) if step.name in case.sent else {}
    sent |= dict.fromkeys(USUAL, TYPED)
    address = reverse(views.address(step), kwargs={"center": cast.center.code, **case.at(item)})
    for person in (cast.city, cast.foundation):
        answer = log_in(person).post(address, {"version": item.version - 1, **sent}, follow=True)
        assert answer.status_code in (200, 400, 403, 404, 409)
        if answer.status_code != 403:
            assert TYPED in answer.content.decode()


def test_what_was_typed_with_a_step_outlives_the_thing(log_in: LogIn, cast: Cast) -> None:
    """Taken back and discarded while the other side typed why it declines: not found, and the words are there."""
    case = next(case for case in CASES if case.table is target_actions.STEPS)
    item = case.make(cast)
    address = reverse("kpi:target_proposal_decline", kwargs={"center": cast.center.code, **case.at(item)})
    target_actions.discard(proposal=item, version=item.version, by=cast.foundation)
    answer = log_in(cast.city).post(address, {"version": 2, "reason": TYPED})
    assert answer.status_code == 404
    assert TYPED in answer.content.decode()


@pytest.mark.parametrize(
    ("make", "address", "field"),
    [
        (joint_verification, "agreements:verification_save", "result"),
        (evaluation, "kpi:evaluation_save", None),
    ],
)
@pytest.mark.parametrize("state", [ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.ACCEPTED])
def test_what_was_typed_into_a_draft_outlives_its_being_handed_in(
    log_in: LogIn, cast: Cast, make: Callable[[Cast], Any], address: str, field: str | None, state: str
) -> None:
    """A colleague handed it in meanwhile: the words are there, in the form or to be copied."""
    case = next(case for case in CASES if case.make is make)
    item = brought_to(case, state, cast)
    name = field or item.findings.select_related("criterion")[0].criterion.code
    at = reverse(address, kwargs={"center": cast.center.code, **case.at(item)})
    answer = log_in(cast.foundation).post(at, {"version": item.version - 1, name: TYPED})
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    handed_back = f"<br>{TYPED}" in answer.content.decode()
    assert handed_back == (state != ReviewState.DRAFT)
