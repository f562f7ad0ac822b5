"""From storing a year's duties to settling them: who may, what is refused, what the history says."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from agreements.duties import actions, programme_actions
from agreements.models import Agreement, Bound, Duty, Extension, Timing, VerificationKind, Way
from iconm_portal.forms.refusals import Conflict, SameSide, WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, HistoryEvent, ReviewState, User
from iconm_portal.settlement.review import Decision
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    ANNUAL,
    CONTINUOUS,
    DRAFT_PLAN,
    ONCE,
    REPORT,
    a_pdf,
    accept_duty,
    hand_in,
    make_agreement,
    make_conclusion,
    make_consultation,
    make_obligation,
    open_duty,
    return_duty,
    store,
)
from tests.builders.plans import tokyo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

AT = tokyo(date(2026, 5, 20))


@pytest.fixture
def basic(center: Center) -> Agreement:
    agreement = make_agreement(center)
    make_obligation(agreement, documents=2)
    for what in (DRAFT_PLAN, ANNUAL, ONCE, CONTINUOUS):
        make_obligation(agreement, what)
    return agreement


@pytest.fixture
def stored(center: Center, basic: Agreement, foundation_staff: User) -> dict[str, Duty]:
    return store(center, 2026, by=foundation_staff)


@pytest.fixture
def report(stored: dict[str, Duty]) -> Duty:
    return stored["report/2025"]


@pytest.fixture
def draft_plan(stored: dict[str, Duty]) -> Duty:
    return stored["draft-plan/2027"]


@pytest.fixture
def annual(stored: dict[str, Duty]) -> Duty:
    return stored["annual/2026"]


def actions_of(duty: Duty) -> list[str]:
    events = HistoryEvent.objects.filter(subject=duty.history_key()).order_by("pk")
    return list(events.values_list("action", flat=True))


# -- Storing a year --


def test_a_year_is_stored_once_and_repeatable(
    center: Center, basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    first = programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=AT)
    assert {(one.obligation.code, one.fiscal_year.start, one.due_on) for one in first} == {
        ("report", 2025, date(2026, 5, 31)),
        ("draft-plan", 2027, date(2026, 8, 31)),
        ("annual", 2026, None),
    }
    again = programme_actions.store_year(
        center=center, fiscal_year=FiscalYear(2026), by=foundation_staff, at=AT
    )
    assert again == []
    assert Duty.objects.count() == 3
    assert HistoryEvent.objects.filter(action="duty.store").count() == 3


def test_a_later_obligation_joins_the_stored_year(
    center: Center, basic: Agreement, stored: dict[str, Duty], city_staff: User
) -> None:
    make_obligation(basic, ANNUAL, code="another")
    (added,) = programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=AT)
    assert added.obligation.code == "another"


def test_only_what_is_concluded_is_stored(center: Center, city_staff: User) -> None:
    draft = make_agreement(center, concluded=None)
    make_obligation(draft)
    assert (
        programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=AT) == []
    )
    make_conclusion(draft, "2026-05")
    assert (
        len(programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=AT))
        == 1
    )


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_others_store_nothing(
    center: Center, basic: Agreement, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        programme_actions.store_year(
            center=center, fiscal_year=FiscalYear(2026), by=request.getfixturevalue(who), at=AT
        )
    assert not Duty.objects.exists()


def test_without_its_history_nothing_is_stored(
    center: Center, basic: Agreement, city_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_fields: object) -> None:
        raise RuntimeError("no history")

    monkeypatch.setattr(history, "record", fails)
    with pytest.raises(RuntimeError):
        programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=AT)
    assert not Duty.objects.exists()


# -- Review --


def test_the_way_from_saving_to_acceptance(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    return_duty(report, by=city_staff, text="決算書の頁が足りません。")
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    actions.accept(
        duty=report,
        version=report.version,
        text="確認しました。",
        decision=Decision(date(2026, 5, 28), "課長"),
        by=city_staff,
        at=tokyo(date(2026, 5, 29)),
    )
    assert (report.state, report.known_from, report.acceptance_decided_post) == (
        ReviewState.ACCEPTED,
        date(2026, 5, 29),
        "課長",
    )
    assert list(report.comments.values_list("text", flat=True)) == [
        "決算書の頁が足りません。",
        "確認しました。",
    ]
    versions = report.documents.values_list("required__code", "version")
    assert sorted(versions) == [(f"document-{n}", v) for n in (1, 2) for v in (1, 2)]
    assert actions_of(report) == [
        f"duty.{step}" for step in "store save submit open return save submit open accept".split()
    ]


def test_nothing_is_handed_in_while_a_document_is_missing(report: Duty, foundation_staff: User) -> None:
    first = report.obligation.required_documents.get(code="document-1")
    actions.save(
        duty=report,
        version=report.version,
        note="",
        documents=[(first, a_pdf())],
        by=foundation_staff,
        at=AT,
    )
    with pytest.raises(ValidationError, match="書類2"):
        actions.submit(duty=report, version=report.version, by=foundation_staff, at=AT)
    assert Duty.objects.get(pk=report.pk).state == ReviewState.DRAFT


def test_what_asks_for_no_document_needs_at_least_a_note(draft_plan: Duty, foundation_staff: User) -> None:
    with pytest.raises(ValidationError):
        actions.submit(duty=draft_plan, version=draft_plan.version, by=foundation_staff, at=AT)
    hand_in(draft_plan, by=foundation_staff, note="郵送しました。")
    assert draft_plan.state == ReviewState.SUBMITTED


def test_taken_back_until_the_city_opens_it(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    actions.take_back(duty=report, version=report.version, by=foundation_staff)
    assert report.state == ReviewState.DRAFT
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    with pytest.raises(WrongStep):
        actions.take_back(duty=report, version=report.version, by=foundation_staff)


def test_returned_needs_a_reason(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    with pytest.raises(ValidationError):
        return_duty(report, by=city_staff, text="  ")
    report.refresh_from_db()
    assert report.state == ReviewState.IN_REVIEW


def test_whoever_comes_second_is_told(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    seen = report.version
    open_duty(report, by=city_staff)
    with pytest.raises(Conflict):
        actions.take_back(duty=report, version=seen, by=foundation_staff)
    with pytest.raises(Conflict):
        actions.save(duty=report, version=seen, note="x", documents=[], by=foundation_staff, at=AT)


def test_the_database_keeps_what_is_settled(report: Duty, foundation_staff: User, city_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    accept_duty(report, by=city_staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        Duty.objects.filter(pk=report.pk).update(note="changed")
    with pytest.raises(DatabaseError), transaction.atomic():
        report.documents.update(version=9)


Steps = dict[str, Callable[[Duty, User], object]]
STEPS: Steps = {
    "save": lambda duty, by: actions.save(
        duty=duty, version=duty.version, note="x", documents=[], by=by, at=AT
    ),
    "submit": lambda duty, by: actions.submit(duty=duty, version=duty.version, by=by, at=AT),
    "take_back": lambda duty, by: actions.take_back(duty=duty, version=duty.version, by=by),
    "open": lambda duty, by: actions.open_review(duty=duty, version=duty.version, by=by, at=AT),
    "return": lambda duty, by: actions.send_back(duty=duty, version=duty.version, text="x", by=by, at=AT),
    "accept": lambda duty, by: actions.accept(duty=duty, version=duty.version, by=by, at=AT),
    "comment": lambda duty, by: actions.comment(duty=duty, text="x", by=by, at=AT),
}
_BY_FOUNDATION = {"save", "submit", "take_back", "comment"}
_BY_CITY = {"open", "return", "accept", "comment"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "who",
    [
        "city_viewer",
        "city_staff",
        "foundation_viewer",
        "foundation_staff",
        "administrator",
        "foreign_foundation_staff",
    ],
)
def test_who_may_take_which_step_of_a_review(
    report: Duty, step: str, who: str, request: pytest.FixtureRequest
) -> None:
    """Denied before the state is looked at; whoever may is let through to it."""
    may = {"foundation_staff": _BY_FOUNDATION, "city_staff": _BY_CITY}.get(who, set())
    person = request.getfixturevalue(who)
    if step in may:
        try:
            STEPS[step](report, person)
        except (WrongStep, ValidationError):
            pass
    else:
        with pytest.raises(PermissionDenied):
            STEPS[step](report, person)


def test_what_binds_the_city_is_handed_in_by_the_city(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    make_obligation(basic, REPORT, code="by-city", bound=Bound.SUPPORTER)
    duty = store(center, 2026, by=city_staff)["by-city/2025"]
    with pytest.raises(PermissionDenied):
        hand_in(duty, by=foundation_staff)
    hand_in(duty, by=city_staff)
    with pytest.raises(PermissionDenied):
        open_duty(duty, by=city_staff)
    open_duty(duty, by=foundation_staff)
    accept_duty(duty, by=foundation_staff)
    assert duty.is_settled


# -- Joint --


@pytest.mark.parametrize("proposer", ["foundation_staff", "city_staff"])
def test_either_side_proposes_and_the_other_confirms(
    annual: Duty, proposer: str, foundation_staff: User, city_staff: User
) -> None:
    one, other = (
        (foundation_staff, city_staff) if proposer == "foundation_staff" else (city_staff, foundation_staff)
    )
    hand_in(annual, by=one)
    with pytest.raises(SameSide):
        accept_duty(annual, by=one)
    with pytest.raises(SameSide):
        return_duty(annual, by=one)
    with pytest.raises(PermissionDenied):
        actions.take_back(duty=annual, version=annual.version, by=other)
    return_duty(annual, by=other)
    assert annual.state == ReviewState.RETURNED
    hand_in(annual, by=one)
    accept_duty(annual, by=other)
    assert (annual.state, annual.submitted_by, annual.accepted_by) == (ReviewState.ACCEPTED, one, other)
    assert actions_of(annual)[-4:] == ["duty.decline", "duty.save", "duty.propose", "duty.confirm"]


def test_a_proposal_that_is_not_there_cannot_be_confirmed(annual: Duty, city_staff: User) -> None:
    with pytest.raises(WrongStep):
        accept_duty(annual, by=city_staff)


def test_what_a_verification_fulfils_is_not_handed_in(
    center: Center, basic: Agreement, foundation_staff: User
) -> None:
    make_obligation(basic, ANNUAL, code="verify", verification=VerificationKind.KPI)
    duty = store(center, 2026, by=foundation_staff)["verify/2025"]
    with pytest.raises(PermissionDenied):
        hand_in(duty, by=foundation_staff)


# -- The foundation decides --


def test_the_foundation_decides_after_a_confirmed_consultation(
    center: Center, draft_plan: Duty, foundation_staff: User, city_staff: User
) -> None:
    hand_in(draft_plan, by=foundation_staff)
    actions.comment(duty=draft_plan, text="入居率の見込みを示してほしい。", by=city_staff, at=AT)
    talk = make_consultation(center, proposer=foundation_staff)
    with pytest.raises(ValidationError):
        decide(draft_plan, talk, foundation_staff)
    foreign = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    decide(draft_plan, foreign, foundation_staff)
    assert (draft_plan.state, draft_plan.decided_by, draft_plan.accepted_by) == (
        ReviewState.ACCEPTED,
        foundation_staff,
        None,
    )
    event = HistoryEvent.objects.get(action="duty.decide")
    assert event.consultation == foreign.key


def test_the_city_neither_accepts_nor_returns_nor_decides_it(
    center: Center, draft_plan: Duty, foundation_staff: User, city_staff: User
) -> None:
    hand_in(draft_plan, by=foundation_staff)
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    for refused in (
        lambda: open_duty(draft_plan, by=city_staff),
        lambda: accept_duty(draft_plan, by=city_staff),
        lambda: return_duty(draft_plan, by=city_staff),
        lambda: decide(draft_plan, talk, city_staff),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert Duty.objects.get(pk=draft_plan.pk).state == ReviewState.SUBMITTED


def test_nothing_is_decided_before_it_is_handed_in(
    center: Center, draft_plan: Duty, report: Duty, foundation_staff: User, city_staff: User
) -> None:
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    with pytest.raises(WrongStep):
        decide(draft_plan, talk, foundation_staff)
    with pytest.raises(PermissionDenied):
        decide(report, talk, foundation_staff)


def test_a_foreign_consultation_settles_nothing(
    draft_plan: Duty,
    foundation_staff: User,
    foreign_center: Center,
    foreign_city_staff: User,
    foreign_foundation_staff: User,
) -> None:
    hand_in(draft_plan, by=foundation_staff)
    talk = make_consultation(foreign_center, proposer=foreign_city_staff, confirmer=foreign_foundation_staff)
    with pytest.raises(ValidationError):
        decide(draft_plan, talk, foundation_staff)


def decide(duty: Duty, talk: object, by: User) -> None:
    actions.decide(duty=duty, version=duty.version, consultation=talk, by=by, at=AT)  # type: ignore[arg-type]


# -- Dates --


def test_the_parties_own_date_stays_once_it_is_set(annual: Duty, city_staff: User) -> None:
    actions.set_own_date(duty=annual, version=annual.version, due_on=date(2026, 9, 30), by=city_staff)
    assert (annual.due_on, annual.due_is_own) == (date(2026, 9, 30), True)
    with pytest.raises(ValidationError):
        actions.set_own_date(duty=annual, version=annual.version, due_on=date(2026, 10, 30), by=city_staff)
    with pytest.raises(DatabaseError), transaction.atomic():
        Duty.objects.filter(pk=annual.pk).update(due_on=date(2026, 10, 30))


def test_the_printed_date_is_not_replaced_by_an_own_one(report: Duty, city_staff: User) -> None:
    with pytest.raises(ValidationError):
        actions.set_own_date(duty=report, version=report.version, due_on=date(2026, 7, 1), by=city_staff)


def extend(duty: Duty, talk: object, due_on: date, by: User) -> Extension:
    return actions.extend(
        duty=duty,
        version=duty.version,
        due_on=due_on,
        reason="監査の遅れ",
        consultation=talk,  # type: ignore[arg-type]
        by=by,
        at=AT,
    )


def test_an_extension_needs_a_confirmed_consultation_and_a_later_date(
    center: Center, report: Duty, annual: Duty, foundation_staff: User, city_staff: User
) -> None:
    proposed = make_consultation(center, proposer=foundation_staff)
    confirmed = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    with pytest.raises(ValidationError):
        extend(report, proposed, date(2026, 6, 30), city_staff)
    with pytest.raises(ValidationError):
        extend(report, confirmed, date(2026, 5, 31), city_staff)
    with pytest.raises(ValidationError):
        extend(annual, confirmed, date(2026, 6, 30), city_staff)  # has no date yet
    extend(report, confirmed, date(2026, 6, 30), city_staff)
    with pytest.raises(ValidationError):
        extend(report, confirmed, date(2026, 6, 30), foundation_staff)
    extend(report, confirmed, date(2026, 7, 31), foundation_staff)
    report.refresh_from_db()
    assert (report.due_on, actions.current_due(report)) == (date(2026, 5, 31), date(2026, 7, 31))
    event = HistoryEvent.objects.filter(action="duty.extend").latest("pk")
    assert (event.before, event.after) == ({"due_on": "2026-06-30"}, {"due_on": "2026-07-31"})
    assert (event.reason, event.consultation) == ("監査の遅れ", confirmed.key)


def test_what_is_settled_is_not_extended(
    center: Center, report: Duty, foundation_staff: User, city_staff: User
) -> None:
    confirmed = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    hand_in(report, by=foundation_staff)
    open_duty(report, by=city_staff)
    accept_duty(report, by=city_staff)
    with pytest.raises(WrongStep):
        extend(report, confirmed, date(2026, 7, 31), city_staff)


# -- On request --


def test_the_city_asks_for_a_report_with_a_date(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    obligation = make_obligation(
        basic, REPORT, code="on-request", timing=Timing.ON_REQUEST, due_month=None, due_day=None
    )
    assert "on-request" not in {key.split("/")[0] for key in store(center, 2026, by=city_staff)}

    def ask(by: User, due_on: date = date(2026, 6, 30)) -> Duty:
        return programme_actions.ask(
            obligation=obligation,
            fiscal_year=FiscalYear(2026),
            due_on=due_on,
            reason="運営状況の確認",
            by=by,
            at=AT,
        )

    with pytest.raises(PermissionDenied):
        ask(foundation_staff)
    with pytest.raises(ValidationError):
        ask(city_staff, date(2026, 5, 1))
    duty = ask(city_staff)
    assert (duty.due_on, duty.due_is_own, duty.state) == (date(2026, 6, 30), True, ReviewState.DRAFT)
    second = ask(city_staff, date(2026, 9, 30))
    assert (duty.number, second.number) == (1, 2)
    assert (str(duty.history_key()) + "/2", second.due_on) == (second.history_key(), date(2026, 9, 30))


def test_nothing_is_asked_for_under_an_unsigned_draft_or_beyond_request(
    center: Center, basic: Agreement, city_staff: User
) -> None:
    draft = make_agreement(center, code="draft", concluded=None)
    on_request = make_obligation(draft, REPORT, timing=Timing.ON_REQUEST, due_month=None, due_day=None)
    yearly = basic.obligations.get(code="annual")
    assert yearly.way == Way.JOINT
    with pytest.raises(ValidationError):
        programme_actions.ask(
            obligation=on_request,
            fiscal_year=FiscalYear(2026),
            due_on=date(2026, 7, 1),
            reason="",
            by=city_staff,
            at=AT,
        )
    with pytest.raises(PermissionDenied):
        programme_actions.ask(
            obligation=yearly,
            fiscal_year=FiscalYear(2026),
            due_on=date(2026, 7, 1),
            reason="",
            by=city_staff,
            at=AT,
        )
