"""The next plan: prepared from this one, settled by both sides, and made in one transaction; nothing of it shows before."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agreements.models import Agreement
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import todo
from kpi.models import (
    Category,
    Continuity,
    Indicator,
    IndicatorBasis,
    IndicatorStep,
    Kgi,
    Measured,
    Plan,
    PlanProposal,
    PlanProposalLine,
    Target,
)
from kpi.plans import findings, scorecard
from kpi.plans.achievement import Kind
from kpi.targets import next_plan_actions as actions
from kpi.targets import next_plan_drafts as drafts
from tests.builders.agreements import make_agreement, make_consultation
from tests.builders.initiatives import make_goal
from tests.builders.plans import make_plan
from tests.builders.proposals import complete_next_plan, save_line, settle_next_plan
from tests.days import AT, TODAY
from tests.people import LogIn, make_person
from tests.unguarded import no_guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
NEXT = "/lab/kpi/next/"


@pytest.fixture
def plan(center: Center) -> Plan:
    """Ended in March 2026, with trials and patents under a goal; trials are counted in the register."""
    plan = make_plan(
        center, years=(2022, 2025), targets={"trials": 15}, under=make_agreement(center), goal_heading="目標"
    )
    goal = make_goal(plan)
    with no_guards():  # as if it had been so from the beginning
        Indicator.objects.filter(plan=plan, code__in=["trials", "patents"]).update(goal=goal)
    category = Category.objects.create(center=center, code="trials", name="治験", source="T6")
    IndicatorBasis.objects.create(
        indicator=plan.indicators.get(code="trials"),
        category=category,
        measured=Measured.RECORDS,
        source="T6",
    )
    for code, year in (("near", 2028), ("past", 2025)):
        kgi = Kgi.objects.create(
            center=center, code=code, position=1, text=code, target_year=year, set_in=2019, source="T4"
        )
        kgi.plans.add(plan)
    return plan


@pytest.fixture
def draft(center: Center, plan: Plan, foundation_staff: User) -> PlanProposal:
    return actions.start(center=center, previous=plan, by=foundation_staff, at=AT)


# Preparing it


def test_it_begins_with_everything_continued(plan: Plan, draft: PlanProposal) -> None:
    assert (draft.first_year, draft.last_year, draft.under, draft.goal_heading) == (
        FiscalYear(2026),
        FiscalYear(2029),
        plan.under,
        "目標",
    )
    assert [(goal.label, goal.continues) for goal in drafts.goals_of(draft)] == [("上市", "launch")]
    lines = draft.lines.all()
    assert [(line.code, line.step, line.goal) for line in lines] == [
        ("trials", "continue", "launch"),
        ("patents", "continue", "launch"),
        ("income", "continue", ""),
        ("occupancy", "continue", ""),
    ]
    assert {line.previous_id for line in lines} == set(plan.indicators.values_list("pk", flat=True))


def test_it_can_begin_empty_and_only_once(center: Center, foundation_staff: User, city_staff: User) -> None:
    made = actions.start(center=center, previous=None, by=city_staff, at=AT)
    assert (made.first_year.start, made.last_year.start, made.lines.count()) == (2027, 2030, 0)
    with pytest.raises(ValidationError, match="already"):
        actions.start(center=center, previous=None, by=foundation_staff, at=AT)
    # The first plan of a center may have begun already; one that is over is none to prepare.
    past = replace(drafts.head_of(made), first_year=FiscalYear(1990), last_year=FiscalYear(1994))
    with pytest.raises(ValidationError) as refused:
        actions.save_head(proposal=made, version=made.version, head=past, goals=(), by=city_staff)
    assert set(refused.value.message_dict) == {"last_year"}
    begun = replace(past, first_year=FiscalYear(2022), last_year=FiscalYear(2026))
    actions.save_head(proposal=made, version=made.version, head=begun, goals=(), by=city_staff)
    made.refresh_from_db()
    actions.discard(proposal=made, version=made.version, by=city_staff)
    assert not PlanProposal.objects.exists()


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_two_staffs_prepare_it(
    center: Center, draft: PlanProposal, request: pytest.FixtureRequest, who: str
) -> None:
    person = request.getfixturevalue(who)
    for write in (
        lambda: actions.discard(proposal=draft, version=1, by=person),
        lambda: save_line(draft, "trials", by=person, targets=9),
        lambda: actions.propose(proposal=draft, version=1, by=person, at=AT),
    ):
        with pytest.raises(PermissionDenied):
            write()


@pytest.mark.parametrize(
    ("code", "changes", "place"),
    [
        ("patents", {"kind": Kind.CUMULATIVE}, "step"),
        ("patents", {"unit": "人"}, "step"),
        ("patents", {"step": IndicatorStep.BREAK, "kind": Kind.CUMULATIVE, "reason": ""}, "reason"),
        ("patents", {"step": IndicatorStep.DROP, "reason": " "}, "reason"),
        (
            "patents",
            {"step": IndicatorStep.DROP},
            "reason",
        ),  # the one that it began with speaks of continuing
        ("patents", {"step": IndicatorStep.NEW}, "step"),
        ("patents", {"goal": "other"}, "goal"),
        ("patents", {"name": ""}, "name"),
        ("targets", {"name": "指標", "unit": "件", "kind": Kind.FLOW}, "code"),
        ("visits", {"name": "見学", "unit": "件", "kind": Kind.FLOW, "step": IndicatorStep.CONTINUE}, "step"),
    ],
)
def test_what_an_indicator_cannot_be(
    draft: PlanProposal, foundation_staff: User, code: str, changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save_line(draft, code, by=foundation_staff, targets=9, **changes)
    assert set(refused.value.message_dict) == {place}
    draft.refresh_from_db()
    assert draft.version == 1
    assert not draft.lines.exclude(targets={}).exists()


def test_another_display_of_yen_is_no_break(draft: PlanProposal, foundation_staff: User) -> None:
    line = save_line(draft, "income", by=foundation_staff, unit="百万円", scale=1_000_000, targets=9)
    assert (line.step, line.unit) == ("continue", "百万円")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": "research"}, "code"),
        ({"code": "next"}, "code"),
        ({"code": "Über"}, "code"),
        ({"last_year": FiscalYear(2025)}, "last_year"),
        ({"last_year": FiscalYear(2099)}, "last_year"),
        ({"first_year": FiscalYear(2022)}, "first_year"),
        ({"baseline_year": FiscalYear(2026)}, "baseline_year"),
        ({"label": ""}, "label"),
    ],
)
def test_what_the_plan_cannot_be(
    draft: PlanProposal, foundation_staff: User, changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.save_head(
            proposal=draft,
            version=draft.version,
            head=replace(drafts.head_of(draft), **changes),
            goals=drafts.goals_of(draft),
            by=foundation_staff,
        )
    assert set(refused.value.message_dict) == {place}


def test_fewer_years_let_their_targets_go(draft: PlanProposal, foundation_staff: User) -> None:
    save_line(draft, "trials", by=foundation_staff, targets=9)
    draft.refresh_from_db()
    head = replace(drafts.head_of(draft), last_year=FiscalYear(2027))
    goals = drafts.goals_of(draft)
    actions.save_head(proposal=draft, version=draft.version, head=head, goals=goals, by=foundation_staff)
    assert draft.lines.get(code="trials").targets == {"2026": "9", "2027": "9"}


def test_a_goal_under_which_something_stands_is_not_taken_out(
    draft: PlanProposal, foundation_staff: User
) -> None:
    with pytest.raises(ValidationError, match="治験の実施件数"):
        actions.save_head(
            proposal=draft, version=1, head=drafts.head_of(draft), goals=[], by=foundation_staff
        )


def test_two_people_prepare_one_draft(draft: PlanProposal, foundation_staff: User, city_staff: User) -> None:
    stale = PlanProposal.objects.get(pk=draft.pk)
    save_line(draft, "trials", by=foundation_staff, targets=9)
    with pytest.raises(Conflict):
        save_line(stale, "patents", by=city_staff, targets=5)
    assert draft.lines.get(code="patents").targets == {}


def test_what_is_missing_is_said_all_at_once(draft: PlanProposal, foundation_staff: User) -> None:
    save_line(draft, "occupancy", by=foundation_staff, step=IndicatorStep.DROP, reason="数えない")
    draft.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        actions.propose(proposal=draft, version=draft.version, by=foundation_staff, at=AT)
    text = " ".join(refused.value.messages)
    assert "consultation" in text
    assert "治験の実施件数" in text
    assert "入居率" not in text


# Settling it


def test_plan_goals_indicators_and_targets_are_made_on_confirmation(
    center: Center, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    made = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    save_line(
        made, "patents", by=foundation_staff, step=IndicatorStep.BREAK, kind=Kind.CUMULATIVE, reason="累計に"
    )
    made.refresh_from_db()
    save_line(made, "occupancy", by=foundation_staff, step=IndicatorStep.DROP, reason="使わない")
    made.refresh_from_db()
    save_line(
        made, "visits", by=foundation_staff, name="見学", unit="人", kind=Kind.FLOW, targets=400, is_new=True
    )
    made.refresh_from_db()
    head = replace(drafts.head_of(made), baseline_year=FiscalYear(2025))
    goals = [drafts.GoalDraft("launch", "実用化", "launch", "同じ目標"), drafts.GoalDraft("goal-1", "市民")]
    actions.save_head(proposal=made, version=made.version, head=head, goals=goals, by=foundation_staff)
    actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    assert Plan.objects.count() == 1
    assert [card.code for card in scorecard.load(center, known_at=TODAY).plans] == ["research"]

    new = actions.confirm(proposal=made, version=made.version, by=city_staff, at=AT)

    assert (made.made, made.known_from, made.confirmed_by) == (new, TODAY, city_staff)
    assert (new.agreement, new.under, new.baseline_year) == ("協定書 basic", plan.under, FiscalYear(2025))
    assert [(goal.label, goal.continues and goal.continues.label) for goal in new.goals.all()] == [
        ("実用化", "上市"),
        ("市民", None),
    ]
    trials, patents, income, visits = new.indicators.all()
    assert (trials.continuity, trials.predecessor) == (
        Continuity.CONTINUES,
        plan.indicators.get(code="trials"),
    )
    assert (patents.continuity, patents.continuity_reason, patents.kind) == (
        Continuity.BREAKS,
        "累計に",
        Kind.CUMULATIVE,
    )
    assert (visits.continuity, visits.predecessor, visits.is_new) == (Continuity.NONE, None, True)
    assert income.goal is None
    assert [basis.indicator for basis in IndicatorBasis.objects.filter(indicator__plan=new)] == [trials]
    targets = Target.objects.filter(indicator=visits)
    assert {(row.fiscal_year.start, row.value, row.known_from, row.recorded_by) for row in targets} == {
        (year, Decimal(400), TODAY, city_staff) for year in range(2026, 2030)
    }
    assert [kgi.code for kgi in new.kgis.all()] == ["near"]
    board = scorecard.load(center, known_at=TODAY)
    assert [card.code for card in board.plans] == ["research", "plan-2026"]
    assert board.life_of(board.plan("plan-2026").row("patents").indicator)[-1].breaks_before
    counts = {
        row: HistoryEvent.objects.filter(action=row).count()
        for row in ("plan.add", "goal.add", "indicator.add")
    }
    assert counts == {"plan.add": 1, "goal.add": 2, "indicator.add": 4}


def test_a_refused_confirmation_makes_nothing(plan: Plan, foundation_staff: User, city_staff: User) -> None:
    made = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    colleague = make_person("colleague", plan.center.operator, Role.STAFF)
    for person, refusal in ((foundation_staff, SamePerson), (colleague, SameSide)):
        with pytest.raises(refusal):
            actions.confirm(proposal=made, version=made.version, by=person, at=AT)
        made.refresh_from_db()
    with pytest.raises(Conflict):
        actions.confirm(proposal=made, version=made.version - 1, by=city_staff, at=AT)
    make_plan(plan.center, code="plan-2026", years=(2030, 2031))  # somebody took the code meanwhile
    with pytest.raises(ValidationError):
        actions.confirm(proposal=made, version=made.version, by=city_staff, at=AT)
    assert not Indicator.objects.filter(plan__first_year=2026).exists()
    made.refresh_from_db()
    assert made.state == "proposed"


def test_declined_taken_back_and_put_forward_again(
    plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    made = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    with pytest.raises(WrongStep):
        save_line(made, "trials", by=foundation_staff, targets=3)
    with pytest.raises(ValidationError):
        save_line(made, "trials", by=city_staff, targets=3)
    actions.decline(proposal=made, version=made.version, reason="低すぎる", by=city_staff, at=AT)
    save_line(made, "trials", by=foundation_staff, targets=20)
    made.refresh_from_db()
    actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    actions.take_back(proposal=made, version=made.version, by=foundation_staff)
    assert made.state == "draft"


def test_what_both_confirmed_is_frozen_by_the_database(
    plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    settle_next_plan(plan, by=foundation_staff, other=city_staff)
    for change in (
        lambda: PlanProposal.objects.update(label="別の計画"),
        lambda: PlanProposalLine.objects.update(name="別の指標"),
        lambda: PlanProposal.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize("code", ["next"])
def test_no_plan_takes_the_address_of_the_page(center: Center, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Plan(center=center, code=code, label="x", first_year=2026, last_year=2027).full_clean()
    assert set(refused.value.message_dict) == {"code"}


# The pages


def test_from_the_to_do_to_the_made_plan(
    log_in: LogIn, center: Center, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    foundation, city, viewer = log_in(foundation_staff), log_in(city_staff), log_in(city_viewer)
    assert NEXT in [task.url for task in todo.tasks(foundation_staff, center, today=TODAY)]
    here = foundation.post(NEXT + "start/", {"previous": "research"}).url
    made = PlanProposal.objects.get()
    assert viewer.get(here).status_code == 404
    data = line_data(foundation.get(f"{here}indicators/patents/"))
    target = {f"target-{year}": f"{year - 2000}件" for year in range(2026, 2030)}
    answer = foundation.post(f"{here}indicators/patents/", data | target | {"kind": "cumulative"})
    assert set(answer.context["form"].errors) == {"step"}
    broken = data | target | {"kind": "cumulative", "step": "break", "reason": "累計にする"}
    assert foundation.post(f"{here}indicators/patents/", broken).url == here
    assert made.lines.get(code="patents").targets == {
        str(year): str(year - 2000) for year in range(2026, 2030)
    }
    for code in ("trials", "income", "occupancy"):
        data = line_data(foundation.get(f"{here}indicators/{code}/"))
        assert (
            foundation.post(f"{here}indicators/{code}/", data | {"step": "drop", "reason": "数えない"}).url
            == here
        )
    new = line_data(foundation.get(f"{here}indicators/new/"))
    new |= {
        "name": "来訪",
        "unit": "人",
        "kind": "flow",
        "target-2029": "1,000",
        "step": "new",
    }
    assert foundation.post(f"{here}indicators/new/", new).url == here
    assert int(made.lines.get(code="kpi-01").targets["2029"]) == 1000

    page = foundation.get(f"{here}edit/")
    talk = complete_talk(center, foundation_staff, city_staff)
    head = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    head |= {"consultation": talk, "first_year": "R8", "last_year": "令和11年度", "under": "basic"}
    assert foundation.post(f"{here}edit/", head).url == here
    assert foundation.post(f"{here}propose/", {"version": version(made)}).url == here
    assert here in [task.url for task in todo.tasks(city_staff, center, today=TODAY)]
    assert city.post(f"{here}confirm/", {"version": version(made)}).url == "/lab/kpi/plan-2026/"
    assert viewer.get(here).status_code == 200
    page = viewer.get("/lab/kpi/plan-2026/").content.decode()
    assert "来訪" in page
    assert f'href="{here}"' in page  # where readers find why an indicator was dropped
    card = scorecard.load(center, known_at=TODAY).plan("plan-2026")
    said = findings.plan_finding(card, card.first_year, today=date(2026, 3, 31))
    assert said == "The plan begins with FY2026."
    assert "/lab/kpi/plan-2026/" in viewer.get(NEXT).content.decode()


def line_data(page: Any) -> dict[str, Any]:
    """What the page's form holds, as a browser would send it."""
    assert page.status_code == 200
    form = page.context["form"]
    values = {field.name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def complete_talk(center: Center, proposer: User, confirmer: User) -> int:
    return make_consultation(center, proposer=proposer, confirmer=confirmer).number


def version(made: PlanProposal) -> int:
    return PlanProposal.objects.get(pk=made.pk).version


def test_bad_input_is_refused_at_the_field_and_kept(
    log_in: LogIn, draft: PlanProposal, foundation_staff: User
) -> None:
    client, here = log_in(foundation_staff), f"{NEXT}{draft.pk}/"
    data = line_data(client.get(f"{here}indicators/trials/"))
    bad = data | {"target-2026": "たくさん", "target-2027": "1.5", "decimals": "9", "unit": ""}
    answer = client.post(f"{here}indicators/trials/", bad)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"target-2026", "target-2027", "decimals", "unit"}
    assert 'value="たくさん"' in answer.content.decode()
    answer = client.post(f"{here}edit/", {"version": 1, "label": "", "first_year": "令和の年"})
    assert set(answer.context["form"].errors) >= {"label", "first_year", "last_year"}
    head = line_data(client.get(f"{here}edit/"))
    answer = client.post(
        f"{here}edit/", head | {"goal-launch": "実用化"}
    )  # renamed, yet “the name is the same”
    assert set(answer.context["form"].errors) == {"goal-launch-reason"}
    assert client.post(NEXT + "start/", {"previous": "nothing"}).status_code == 400
    assert version(draft) == 1


def test_a_second_saver_is_told_and_loses_nothing(
    log_in: LogIn, draft: PlanProposal, foundation_staff: User
) -> None:
    client, address = log_in(foundation_staff), f"{NEXT}{draft.pk}/indicators/trials/"
    data = line_data(client.get(address))
    assert client.post(address, data | {"target-2026": "21"}).status_code == 302
    answer = client.post(address, data | {"target-2026": "33"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="33"' in page
    assert "21" in page
    assert 'name="version" value="2"' in page


def test_proposals_of_another_center_are_not_there(
    log_in: LogIn, draft: PlanProposal, foreign_center: Center, foreign_city_staff: User
) -> None:
    client = log_in(foreign_city_staff)
    for address in (f"{NEXT}{draft.pk}/", f"/foreign-lab/kpi/next/{draft.pk}/"):
        assert client.get(address).status_code == 404
        assert client.post(f"{address}discard/", {"version": 1}).status_code == 404


def test_the_number_of_queries_does_not_grow(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    client, numbers = log_in(foundation_staff), []
    client.get("/lab/kpi/")
    for number in (2, 30):
        plan = make_plan(center, indicators=number, code=f"p{number}")
        made = actions.start(center=center, previous=plan, by=foundation_staff, at=AT)
        for address in ("", f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/indicators/i0/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(NEXT + address).status_code == 200
            numbers.append(len(queries))
        actions.discard(proposal=made, version=made.version, by=foundation_staff)
    assert numbers[:4] == numbers[4:]


def test_a_new_indicator_can_be_taken_out_again(
    log_in: LogIn, draft: PlanProposal, foundation_staff: User
) -> None:
    save_line(draft, "visits", by=foundation_staff, name="見学", unit="人", kind=Kind.FLOW, targets=4)
    client = log_in(foundation_staff)
    for code, status in (("visits", 302), ("trials", 409)):
        answer = client.post(f"{NEXT}{draft.pk}/indicators/{code}/remove/", {"version": version(draft)})
        assert answer.status_code == status
    assert not draft.lines.filter(code="visits").exists()
    assert draft.lines.filter(code="trials").exists()


def test_the_agreement_is_one_of_the_center(
    draft: PlanProposal, foreign_center: Center, foundation_staff: User
) -> None:
    foreign: Agreement = make_agreement(foreign_center)
    with pytest.raises(ValidationError) as refused:
        actions.save_head(
            proposal=draft,
            version=1,
            head=replace(drafts.head_of(draft), under=foreign),
            goals=drafts.goals_of(draft),
            by=foundation_staff,
        )
    assert set(refused.value.message_dict) == {"under"}
