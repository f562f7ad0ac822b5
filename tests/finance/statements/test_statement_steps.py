"""The steps of a statement: budgets are decided by the foundation, settlements accepted by the city."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from finance.balance.totals import EXPENDITURE, REVENUE
from finance.models import RecordedUnit, Stage, Statement, StatementLine
from finance.statements import actions, draft_actions
from iconm_portal.forms.refusals import Conflict, SamePerson, WrongStep
from iconm_portal.models import Center, HistoryEvent, ReviewState, Role, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import a_pdf
from tests.builders.finance import (
    USUAL,
    account,
    decide,
    decided,
    entered,
    fill,
    make_account,
    make_accounts,
    make_statement,
    make_submitted,
    make_talk,
    settled,
    submit,
    totals,
)
from tests.builders.plans import tokyo
from tests.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "accounts")]

AT = tokyo(date(2025, 5, 20))


@pytest.fixture
def accounts(center: Center) -> None:
    make_accounts(center)


def begin(center: Center, by: User, *, year: int = 2024, stage: Stage = Stage.SETTLEMENT) -> Statement:
    return draft_actions.start(
        center=center, fiscal_year=FiscalYear(year), stage=stage, unit=RecordedUnit.YEN, by=by, at=AT
    )


def events(statement: Statement) -> list[str]:
    found = HistoryEvent.objects.filter(subject=statement.history_key()).order_by("pk")
    return [event.action.removeprefix("statement.") for event in found]


# -- Settlements --


def test_a_settlement_is_handed_in_and_accepted(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    assert (made.state, made.known_from) == (ReviewState.ACCEPTED, date(2025, 5, 20))
    assert (made.submitted_by, made.accepted_by) == (foundation_staff, city_staff)
    assert events(made) == ["start", "save", "submit", "open", "accept"]
    assert dict(made.lines.values_list("account__code", "amount")) == USUAL


def test_a_returned_settlement_is_revised_and_handed_in_again(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = make_submitted(center, 2024, by=foundation_staff)
    actions.open_review(statement=made, version=made.version, by=city_staff, at=AT)
    with pytest.raises(ValidationError):
        actions.send_back(statement=made, version=made.version, text=" ", by=city_staff, at=AT)
    actions.send_back(statement=made, version=made.version, text="内訳は？", by=city_staff, at=AT)
    assert (made.state, made.comments.get().text) == (ReviewState.RETURNED, "内訳は？")
    with pytest.raises(WrongStep):
        actions.discard(statement=made, version=made.version, by=foundation_staff)
    made.refresh_from_db()
    submit(fill(made, USUAL | {"other": 1}, by=foundation_staff), by=foundation_staff)
    assert made.state == ReviewState.SUBMITTED


def test_the_foundation_takes_back_until_the_city_opens(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = make_submitted(center, 2024, by=foundation_staff)
    actions.take_back(statement=made, version=made.version, by=foundation_staff)
    assert made.state == ReviewState.DRAFT
    submit(made, by=foundation_staff)
    actions.open_review(statement=made, version=made.version, by=city_staff, at=AT)
    with pytest.raises(WrongStep):
        actions.take_back(statement=made, version=made.version, by=foundation_staff)


def test_a_year_is_settled_after_its_end_and_forecast_before(center: Center, foundation_staff: User) -> None:
    with pytest.raises(ValidationError, match="has not ended"):
        begin(center, foundation_staff, year=2025)
    assert begin(center, foundation_staff, year=2025, stage=Stage.FORECAST).pk


# -- Budgets --


def test_the_foundation_decides_a_budget_after_a_confirmed_talk(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = decided(center, 2025, by=foundation_staff, reviewer=city_staff)
    assert (made.state, made.accepted_by) == (ReviewState.ACCEPTED, foundation_staff)
    assert made.consultation is not None
    event = HistoryEvent.objects.get(action="statement.decide")
    assert event.consultation == made.consultation.key


def test_a_budget_waits_for_the_other_sides_confirmation(center: Center, foundation_staff: User) -> None:
    made = make_submitted(center, 2025, by=foundation_staff, stage=Stage.BUDGET)
    with pytest.raises(ValidationError, match="both sides"):
        decide(made, consultation=make_talk(center, by=foundation_staff, confirmer=None), by=foundation_staff)


def test_the_city_never_approves_a_budget(center: Center, foundation_staff: User, city_staff: User) -> None:
    made = make_submitted(center, 2025, by=foundation_staff, stage=Stage.BUDGET)
    talk = make_talk(center, by=foundation_staff, confirmer=city_staff)
    with pytest.raises(PermissionDenied):
        decide(made, consultation=talk, by=city_staff)
    with pytest.raises(PermissionDenied):
        actions.open_review(statement=made, version=made.version, by=city_staff, at=AT)


def test_a_foreign_talk_decides_nothing(
    center: Center,
    foreign_center: Center,
    foundation_staff: User,
    foreign_foundation_staff: User,
    foreign_city_staff: User,
) -> None:
    made = make_submitted(center, 2025, by=foundation_staff, stage=Stage.BUDGET)
    talk = make_talk(foreign_center, by=foreign_foundation_staff, confirmer=foreign_city_staff)
    with pytest.raises(ValidationError):
        decide(made, consultation=talk, by=foundation_staff)


def test_a_supplementary_budget_states_the_year_anew_and_replaces_the_budget(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    with pytest.raises(ValidationError, match="nothing to supplement"):
        begin(center, foundation_staff, year=2025, stage=Stage.SUPPLEMENTARY)
    budget = decided(center, 2025, by=foundation_staff, reviewer=city_staff, unit=RecordedUnit.THOUSAND)
    draft = begin(center, foundation_staff, year=2025, stage=Stage.SUPPLEMENTARY)
    assert draft.unit == RecordedUnit.THOUSAND
    assert dict(draft.lines.values_list("account__code", "amount")) == USUAL
    submit(draft, by=foundation_staff)
    talk = make_talk(center, by=foundation_staff, confirmer=city_staff)
    decide(draft, consultation=talk, by=foundation_staff)
    with pytest.raises(ValidationError, match="Correct that one instead"):
        draft_actions.start_correction(statement=budget, reason="誤記", by=foundation_staff)
    assert draft_actions.start_correction(statement=draft, reason="再補正", by=foundation_staff).revision == 2


def test_a_correction_of_a_budget_is_not_decided_after_a_supplementary_one(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    budget = decided(center, 2025, by=foundation_staff, reviewer=city_staff)
    late = draft_actions.start_correction(statement=budget, reason="誤記", by=foundation_staff)
    submit(late, by=foundation_staff)
    decided(center, 2025, by=foundation_staff, reviewer=city_staff, stage=Stage.SUPPLEMENTARY)
    talk = make_talk(center, by=foundation_staff, confirmer=city_staff)
    with pytest.raises(ValidationError, match="Correct that one instead"):
        decide(late, consultation=talk, by=foundation_staff)


# -- Settled is frozen; a correction is a new revision --


def test_a_correction_carries_everything_and_a_reason(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    printed = totals(1_200_000, 1_000_000)
    draft = make_statement(center, 2024, by=foundation_staff, printed=printed)
    actions.save_draft(
        statement=draft,
        version=draft.version,
        content=draft_actions.Content(entered(center, USUAL, notes={"rent": "値上げ"}), printed, "注記"),
        new_files=[a_pdf()],
        by=foundation_staff,
        at=AT,
    )
    submit(draft, by=foundation_staff)
    actions.open_review(statement=draft, version=draft.version, by=city_staff, at=AT)
    actions.accept(statement=draft, version=draft.version, by=city_staff, at=AT)
    with pytest.raises(ValidationError):
        draft_actions.start_correction(statement=draft, reason=" ", by=foundation_staff)
    new = draft_actions.start_correction(statement=draft, reason="計上漏れ", by=foundation_staff)
    assert (new.revision, new.reason, new.note, new.files.count()) == (2, "計上漏れ", "注記", 1)
    assert new.lines.get(account__code="rent").note == "値上げ"
    assert new.totals.count() == 3
    with pytest.raises(ValidationError, match="worked on already"):
        draft_actions.start_correction(statement=draft, reason="再度", by=foundation_staff)
    actions.discard(statement=new, version=new.version, by=foundation_staff)
    assert Statement.objects.get() == draft


def test_what_is_settled_is_frozen_by_the_database_too(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    with pytest.raises(WrongStep):
        fill(made, {}, by=foundation_staff)
    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        StatementLine.objects.filter(statement=made).update(amount=1)
    with pytest.raises(ValidationError, match="Correct it"):
        begin(center, foundation_staff)


# -- What is refused --


def refused(draft: Statement, by: User, amounts: dict[str, int], **content: object) -> str:
    what = draft_actions.Content(entered(draft.center, amounts), **content)  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as caught:
        actions.save_draft(statement=draft, version=draft.version, content=what, by=by, at=AT)
    assert not draft.lines.exists()
    return " ".join(caught.value.messages)


def test_lines_stand_only_on_the_years_leaves(center: Center, foundation_staff: User) -> None:
    draft = begin(center, foundation_staff)
    assert "施設管理, 研究支援" in refused(draft, foundation_staff, {"running": 1})
    make_account(center, code="old", name="旧科目", last_year=2020)
    assert "does not hold in FY2024" in refused(draft, foundation_staff, {"old": 1})
    # In a year in which nothing stands below them, the running costs are a leaf.
    early = begin(center, foundation_staff, year=2020)
    assert fill(early, {"running": 1}, by=foundation_staff).lines.count() == 1


def test_an_amount_is_whole_in_its_unit_not_negative_and_not_beyond_measure(
    center: Center, foundation_staff: User
) -> None:
    draft = draft_actions.start(
        center=center,
        fiscal_year=FiscalYear(2024),
        stage=Stage.SETTLEMENT,
        unit=RecordedUnit.THOUSAND,
        by=foundation_staff,
        at=AT,
    )
    assert "whole number of 千円" in refused(draft, foundation_staff, {"rent": 1_500})
    assert "not negative" in refused(draft, foundation_staff, {"rent": -1_000})
    assert "too large" in refused(draft, foundation_staff, {"rent": 10**15})
    assert "not negative" in refused(draft, foundation_staff, {}, printed={REVENUE: -1_000})


def test_a_printed_total_that_nothing_explains_is_refused_on_submitting(
    center: Center, foundation_staff: User
) -> None:
    draft = make_statement(center, 2024, by=foundation_staff, printed={EXPENDITURE: 1_000_002})
    with pytest.raises(ValidationError, match="施設管理") as caught:
        submit(draft, by=foundation_staff)
    assert "2円 apart" in caught.value.messages[0]
    draft.refresh_from_db()
    assert draft.state == ReviewState.DRAFT


def test_a_part_that_exceeds_its_account_is_refused_on_submitting(
    center: Center, foundation_staff: User
) -> None:
    draft = make_statement(center, 2024, USUAL | {"indirect": 800_001}, by=foundation_staff)
    with pytest.raises(ValidationError, match="cannot exceed"):
        submit(draft, by=foundation_staff)


def test_an_empty_statement_is_not_handed_in(center: Center, foundation_staff: User) -> None:
    draft = begin(center, foundation_staff)
    with pytest.raises(ValidationError, match="Nothing is entered"):
        submit(draft, by=foundation_staff)


def test_two_drafts_of_a_year_and_stage_cannot_be(center: Center, foundation_staff: User) -> None:
    begin(center, foundation_staff)
    with pytest.raises(ValidationError, match="worked on already"):
        begin(center, foundation_staff)


# -- Wrong people --

STEPS: dict[str, Callable[[Statement, User], object]] = {
    "save": lambda s, by: fill(s, {}, by=by),
    "submit": lambda s, by: submit(s, by=by),
    "take back": lambda s, by: actions.take_back(statement=s, version=s.version, by=by),
    "discard": lambda s, by: actions.discard(statement=s, version=s.version, by=by),
    "correct": lambda s, by: draft_actions.start_correction(statement=s, reason="x", by=by),
    "start": lambda s, by: begin(s.center, by),
}
CITY_STEPS: dict[str, Callable[[Statement, User], object]] = {
    "open": lambda s, by: actions.open_review(statement=s, version=s.version, by=by, at=AT),
    "return": lambda s, by: actions.send_back(statement=s, version=s.version, text="x", by=by, at=AT),
    "accept": lambda s, by: actions.accept(statement=s, version=s.version, by=by, at=AT),
}


def test_each_step_is_refused_to_the_wrong_people(
    center: Center,
    foundation_staff: User,
    foundation_viewer: User,
    city_staff: User,
    administrator: User,
    foreign_foundation_staff: User,
) -> None:
    made = make_submitted(center, 2024, by=foundation_staff)
    foreign = [foundation_viewer, administrator, foreign_foundation_staff]
    for steps, people in ((STEPS, [*foreign, city_staff]), (CITY_STEPS, [*foreign, foundation_staff])):
        for step in steps.values():
            for someone in people:
                with pytest.raises(PermissionDenied):
                    step(made, someone)
    made.refresh_from_db()
    assert events(made) == ["start", "save", "submit"]


def test_nobody_settles_what_they_handed_in_themselves(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    """Somebody who handed it in for the foundation and moved to the city since."""
    made = make_submitted(center, 2024, by=foundation_staff)
    foundation_staff.organisation = center.supporter
    foundation_staff.save()
    actions.open_review(statement=made, version=made.version, by=foundation_staff, at=AT)
    with pytest.raises(SamePerson):
        actions.accept(statement=made, version=made.version, by=foundation_staff, at=AT)


def test_the_second_of_two_saves_is_told(center: Center, foundation_staff: User) -> None:
    other = make_person("sato", center.operator, Role.STAFF)
    draft = begin(center, foundation_staff)
    mine = Statement.objects.select_related("center").get(pk=draft.pk)
    fill(draft, {"rent": 1}, by=other)
    with pytest.raises(Conflict):
        fill(mine, {"rent": 2}, by=foundation_staff)
    assert draft.lines.get(account=account(center, "rent")).amount == 1
