"""Targets that one side proposes and the other confirms: every line becomes a revision, and no earlier one is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agreements.models import Consultation
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, Target, TargetProposal, TargetProposalLine
from kpi.plans import scorecard
from kpi.targets import actions, target_proposals
from tests.builders.agreements import make_consultation
from tests.builders.plans import make_plan
from tests.builders.proposals import (
    make_target_draft,
    make_target_proposal,
    settle_targets,
    terms_of,
    values_of,
)
from tests.days import AT, TODAY
from tests.people import LogIn, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
TARGETS = "/lab/kpi/research/targets/"


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, years=(2024, 2027), targets={"patents": 5, "income": 286_000_000})


@pytest.fixture
def talk(center: Center, foundation_staff: User, city_staff: User) -> Consultation:
    return make_consultation(center, proposer=foundation_staff, confirmer=city_staff, subject="目標の見直し")


def target(center: Center, code: str, year: int, *, known_at: date) -> Any:
    """The target in force, with its revision; None where there is none."""
    fact = scorecard.load(center, known_at=known_at).plan("research").row(code).cell(FiscalYear(year)).target
    return fact and (int(fact.value), fact.revision)


# The actions


def test_each_line_becomes_a_revision_and_the_earlier_ones_stay(
    center: Center, plan: Plan, talk: Consultation, foundation_staff: User, city_staff: User
) -> None:
    asked = {("patents", 2026): 8, ("patents", 2027): 12, ("trials", 2027): 3, ("income", 2026): 286_000_000}
    made = settle_targets(plan, asked, by=foundation_staff, other=city_staff, talk=talk)
    revisions = Target.objects.filter(made_from__proposal=made).order_by("pk")
    assert [
        (row.indicator.code, row.fiscal_year.start, int(row.value), row.revision) for row in revisions
    ] == [
        ("patents", 2026, 8, 2),
        ("patents", 2027, 12, 2),
        ("trials", 2027, 3, 1),
    ], "income is in force like that already"
    assert {(row.known_from, row.reason, row.consultation, row.recorded_by) for row in revisions} == {
        (TODAY, made.reason, talk.key, city_staff)
    }
    assert target(center, "patents", 2026, known_at=TODAY) == (8, 2)
    assert target(center, "patents", 2026, known_at=TODAY - timedelta(days=1)) == (5, 1)
    events = HistoryEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(events) == [
        "target_proposal.save",
        "target_proposal.propose",
        *["target.add"] * 3,
        "target_proposal.confirm",
    ]


def test_a_target_agreed_for_a_later_day_waits_for_it(
    center: Center, plan: Plan, talk: Consultation, foundation_staff: User, city_staff: User
) -> None:
    since = date(2027, 4, 1)
    settle_targets(
        plan, {("patents", 2027): 12}, by=city_staff, other=foundation_staff, talk=talk, since=since
    )
    assert target(center, "patents", 2027, known_at=TODAY) == (5, 1)
    assert target(center, "patents", 2027, known_at=since - timedelta(days=1)) == (5, 1)
    assert target(center, "patents", 2027, known_at=since) == (12, 2)
    patents = plan.indicators.get(code="patents")
    assert target_proposals.present(plan, today=TODAY, from_day=since)[patents.pk, FiscalYear(2027)] == 12


def test_nobody_answers_their_own_side(
    center: Center, plan: Plan, talk: Consultation, city_staff: User, foundation_staff: User
) -> None:
    made = make_target_proposal(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    colleague = make_person("city-colleague", center.supporter, Role.STAFF)
    for person, refusal in ((city_staff, SamePerson), (colleague, SameSide)):
        with pytest.raises(refusal):
            actions.confirm(proposal=made, version=made.version, by=person, at=AT)
        made.refresh_from_db()
    with pytest.raises(ValidationError):
        actions.take_back(proposal=made, version=made.version, by=foundation_staff)
    assert not Target.objects.filter(revision=2).exists()
    actions.take_back(proposal=made, version=made.version, by=colleague)
    assert made.state == "draft"


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_two_staffs_propose(plan: Plan, request: pytest.FixtureRequest, who: str) -> None:
    with pytest.raises(PermissionDenied):
        make_target_draft(plan, {("patents", 2027): 12}, by=request.getfixturevalue(who))


def test_what_cannot_be_proposed(
    center: Center,
    foreign_center: Center,
    plan: Plan,
    talk: Consultation,
    city_staff: User,
    foundation_staff: User,
) -> None:
    with pytest.raises(ValidationError):
        make_target_draft(plan, {("patents", 2027): 5}, by=city_staff)  # as it is already
    draft = make_target_draft(plan, {("patents", 2027): 12}, by=city_staff)
    with pytest.raises(ValidationError) as refused:
        actions.propose(proposal=draft, version=draft.version, by=city_staff, at=AT)
    assert set(refused.value.message_dict) == {"consultation"}
    open_talk = make_consultation(center, proposer=city_staff)
    foreign = make_consultation(foreign_center, proposer=city_staff, confirmer=foundation_staff)
    for unusable in (open_talk, foreign):
        with pytest.raises(ValidationError) as refused:
            make_target_draft(plan, {("patents", 2027): 12}, by=city_staff, talk=unusable)
        assert set(refused.value.message_dict) == {"consultation"}
    other = make_plan(center, code="other")
    with pytest.raises(ValueError, match="no target"):
        actions.start(
            plan=plan,
            terms=terms_of(talk),
            values=values_of(other, {("patents", 2024): 1}),
            by=city_staff,
            at=AT,
        )
    assert TargetProposal.objects.get() == draft


def test_two_people_change_one_draft(
    plan: Plan, talk: Consultation, city_staff: User, foundation_staff: User
) -> None:
    draft = make_target_draft(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    seen = draft.version
    change = {"terms": terms_of(talk), "values": values_of(plan, {("patents", 2026): 9})}
    actions.save(proposal=draft, version=seen, by=city_staff, at=AT, **change)
    with pytest.raises(Conflict):
        actions.save(proposal=draft, version=seen, by=foundation_staff, at=AT, **change)
    event = HistoryEvent.objects.latest("pk")
    assert (event.before, event.after) == ({"patents": {"2027": "12"}}, {"patents": {"2026": "9"}})
    actions.propose(proposal=draft, version=draft.version, by=city_staff, at=AT)
    with pytest.raises(WrongStep):
        actions.save(proposal=draft, version=draft.version, by=city_staff, at=AT, **change)


def test_declined_with_a_reason_and_put_forward_again(
    plan: Plan, talk: Consultation, city_staff: User, foundation_staff: User
) -> None:
    made = make_target_proposal(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    with pytest.raises(ValidationError):
        actions.decline(proposal=made, version=made.version, reason=" ", by=foundation_staff, at=AT)
    actions.decline(proposal=made, version=made.version, reason="高すぎる", by=foundation_staff, at=AT)
    with pytest.raises(ValidationError):
        actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    with pytest.raises(WrongStep):
        actions.discard(proposal=made, version=made.version, by=city_staff)
    made.refresh_from_db()
    actions.propose(proposal=made, version=made.version, by=city_staff, at=AT)
    assert (made.state, made.decline_reason) == ("proposed", "")


def test_what_both_confirmed_is_frozen_by_the_database(
    plan: Plan, talk: Consultation, city_staff: User, foundation_staff: User
) -> None:
    settle_targets(plan, {("patents", 2027): 12}, by=city_staff, other=foundation_staff, talk=talk)
    for change in (
        lambda: TargetProposal.objects.update(reason="別の理由"),
        lambda: TargetProposalLine.objects.update(value=99),
        lambda: TargetProposalLine.objects.all().delete(),
        lambda: Target.objects.update(value=99),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_draft_can_be_discarded(plan: Plan, talk: Consultation, city_staff: User) -> None:
    draft = make_target_draft(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    actions.discard(proposal=draft, version=draft.version, by=city_staff)
    assert not TargetProposal.objects.exists()
    assert HistoryEvent.objects.latest("pk").before["patents"] == {"2027": "12"}


@pytest.mark.parametrize("code", ["targets", "outlook"])
def test_no_indicator_takes_the_address_of_a_page(plan: Plan, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Indicator(plan=plan, code=code, position=9, name="x", unit="件", kind="flow").full_clean()
    assert set(refused.value.message_dict) == {"code"}


# The pages


def test_from_the_sheet_to_the_indicators_page(
    log_in: LogIn, plan: Plan, talk: Consultation, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    foundation, city, viewer = log_in(foundation_staff), log_in(city_staff), log_in(city_viewer)
    for client in (foundation, city, viewer):
        client.cookies["django_language"] = "en"
    page = foundation.get(TARGETS + "new/").content.decode()
    assert "now 286,000 千円" in page
    data = {
        "reason": "資金計画の見直し",
        "effective_from": "R8.12.1",
        "consultation": talk.number,
        "income-2027": "３２０，０００千円",
        "patents-2027": "",
        "version": 0,
    }
    answer = foundation.post(TARGETS + "new/", data)
    proposal = TargetProposal.objects.get()
    here = f"{TARGETS}{proposal.pk}/"
    assert answer.url == here
    assert int(proposal.lines.get().value) == 320_000_000
    assert viewer.get(here).status_code == 404
    foundation.post(here + "propose/", {"version": 1})
    assert city.post(here + "confirm/", {"version": 2}).status_code == 302
    assert viewer.get(here).status_code == 200
    indicator = viewer.get("/lab/kpi/research/income/").content.decode()
    for text in (
        "資金計画の見直し",
        "agreed, not yet in force",
        "in force from 1 December 2026",
        f"no. {talk.number}",
    ):
        assert text in indicator
    assert "proposed by 名前 foundation-staff, confirmed by 名前 city-staff" in indicator


def test_bad_input_is_refused_at_the_field_and_kept(log_in: LogIn, plan: Plan, city_staff: User) -> None:
    client = log_in(city_staff)
    data = {
        "reason": "",
        "effective_from": "2月30日",
        "patents-2027": "たくさん",
        "trials-2026": "1.5",
        "version": 0,
    }
    answer = client.post(TARGETS + "new/", data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"reason", "effective_from", "patents-2027", "trials-2026"}
    assert 'value="たくさん"' in page
    assert not TargetProposal.objects.exists()
    for year in (2023, 2028):
        assert f"patents-{year}" not in page


def test_a_second_saver_is_told_and_loses_nothing(
    log_in: LogIn, plan: Plan, talk: Consultation, city_staff: User
) -> None:
    draft = make_target_draft(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    data = {
        "reason": "上げる",
        "effective_from": "2026-12-01",
        "consultation": "",
        "patents-2027": "13",
        "version": 1,
    }
    client, address = log_in(city_staff), f"{TARGETS}{draft.pk}/edit/"
    assert client.post(address, data).status_code == 302
    answer = client.post(address, data | {"patents-2027": "15"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="15"' in page
    assert "13" in page
    assert 'name="version" value="2"' in page
    assert int(draft.lines.get().value) == 13


def test_steps_and_pages_of_another_center_are_not_there(
    log_in: LogIn,
    plan: Plan,
    talk: Consultation,
    city_staff: User,
    foreign_center: Center,
    foreign_city_staff: User,
) -> None:
    made = make_target_proposal(plan, {("patents", 2027): 12}, by=city_staff, talk=talk)
    make_plan(foreign_center, code="research")
    client = log_in(foreign_city_staff)
    for address in (f"{TARGETS}{made.pk}/", f"/foreign-lab/kpi/research/targets/{made.pk}/"):
        assert client.get(address).status_code == 404
        assert client.post(address + "confirm/", {"version": made.version}).status_code == 404


def test_the_number_of_queries_does_not_grow(
    log_in: LogIn, center: Center, talk: Consultation, city_staff: User, foundation_staff: User
) -> None:
    client, numbers = log_in(city_staff), []
    client.get("/lab/kpi/")
    for number in (2, 20):
        plan = make_plan(center, indicators=number, code=f"p{number}", years=(2024, 2027))
        asked = {(f"i{index}", 2027): index + 1 for index in range(number)}
        made = make_target_proposal(plan, asked, by=foundation_staff, talk=talk)
        for address in ("", "new/", f"{made.pk}/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/lab/kpi/p{number}/targets/{address}").status_code == 200
            numbers.append(len(queries))
    assert numbers[:3] == numbers[3:]
    assert max(numbers) <= 14
