"""The wording of a settled plan is corrected by both sides, with a reason; figures stay, and the old wording is readable."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, HistoryEvent, User
from kpi.dashboard import todo
from kpi.models import Goal, Indicator, Plan, PlanCorrection, PlanCorrectionLine
from kpi.targets.corrections import actions
from tests.browser import LogInWindow, fits
from tests.builders.corrections import draft_correction, propose_correction, settle_correction
from tests.builders.initiatives import make_goal
from tests.builders.plans import make_accepted_report, make_plan
from tests.days import AT, TODAY
from tests.kpi.targets.test_first_plan import filled
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
HERE = "/lab/kpi/research/corrections/"


@pytest.fixture
def plan(center: Center) -> Plan:
    """With targets, so that nothing of it is simply changed."""
    plan = make_plan(center, targets={"trials": 5})
    make_goal(plan)
    return plan


def test_a_name_a_unit_and_a_goal_are_corrected_by_both(
    log_in: LogIn, center: Center, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    make_accepted_report(plan, 2025, {"trials": 7}, by=foundation_staff, reviewer=city_staff)
    city, foundation, viewer = log_in(city_staff), log_in(foundation_staff), log_in(city_viewer)
    typed = {"plan-label": "第2期計画", "goal-launch-label": "製品化", "indicator-trials-name": "治験件数"}
    typed |= {
        "indicator-trials-unit": "例",
        "indicator-patents-significance": "発明の数",
        "reason": "計画書に合わせる",
    }
    form = city.get(HERE + "new/").context["form"]
    held = {field.name: field.value() or "" for field in form if field.name != "version"}
    here = city.post(HERE + "new/", held | typed).url
    made = PlanCorrection.objects.get()
    assert made.lines.count() == 5
    assert viewer.get(here).status_code == 404
    assert city.post(f"{here}propose/", {"version": made.version}).url == here
    assert here in [task.url for task in todo.tasks(foundation_staff, center, today=TODAY)]
    assert here not in [task.url for task in todo.tasks(city_staff, center, today=TODAY)]
    assert city.post(f"{here}confirm/", {"version": made.version + 1}).status_code == 409
    assert foundation.post(f"{here}confirm/", {"version": made.version + 1}).url == here
    plan.refresh_from_db()
    trials = plan.indicators.get(code="trials")
    assert (plan.label, plan.goals.get().label, trials.name, trials.unit) == (
        "第2期計画",
        "製品化",
        "治験件数",
        "例",
    )
    assert plan.indicators.get(code="patents").significance == "発明の数"
    page = viewer.get(here).content.decode()
    assert "治験の実施件数" in page  # what stood before
    assert "治験件数" in page
    assert "治験件数" in viewer.get("/lab/kpi/research/").content.decode()
    told = HistoryEvent.objects.get(
        action="indicator.change", subject=trials.history_key(), before__has_key="name"
    )
    assert (told.before, told.after, told.reason) == (
        {"name": "治験の実施件数"},
        {"name": "治験件数"},
        "計画書に合わせる",
    )


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"indicator-trials-name": " "}, "indicator-trials-name"),
        ({"indicator-trials-unit": "千円"}, "indicator-trials-unit"),
        ({"indicator-income-unit": "百万円"}, "indicator-income-unit"),
        ({"indicator-trials-unit": "とても長い単位の名前です"}, "indicator-trials-unit"),
        ({"reason": " ", "plan-label": "別"}, "reason"),
        ({}, "__all__"),
    ],
)
def test_what_cannot_be_corrected_is_said_at_the_field(
    log_in: LogIn, plan: Plan, city_staff: User, typed: dict[str, Any], field: str
) -> None:
    client = log_in(city_staff)
    form = client.get(HERE + "new/").context["form"]
    held = {one.name: one.value() or "" for one in form if one.name != "version"} | {"reason": "訂正"}
    answer = client.post(HERE + "new/", held | typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
    assert not PlanCorrection.objects.exists()


def test_two_corrections_of_one_wording_do_not_overwrite_each_other(
    plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    other = propose_correction(plan, by=foundation_staff, text="治験数")
    settle_correction(plan, by=city_staff, other=foundation_staff)
    with pytest.raises(ValidationError, match="corrected meanwhile"):
        actions.confirm(correction=other, version=other.version, by=city_staff, at=AT)
    assert plan.indicators.get(code="trials").name == "治験の件数"


def test_the_database_takes_only_what_both_confirmed(
    plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    made = settle_correction(plan, by=city_staff, other=foundation_staff)
    for change in (
        lambda: Indicator.objects.filter(code="trials").update(name="別の名前"),
        lambda: Indicator.objects.filter(code="trials").update(unit="別"),
        lambda: Goal.objects.update(label="別の目標"),
        lambda: PlanCorrectionLine.objects.update(after="別の名前"),
        lambda: PlanCorrection.objects.filter(pk=made.pk).update(reason="別の理由"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_queries_do_not_grow(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    client, numbers = log_in(foundation_staff), []
    client.get("/lab/kpi/")
    for number in (2, 30):
        plan = make_plan(center, indicators=number, code=f"p{number}")
        texts = {f"indicator-i{one}-name": f"別{one}" for one in range(number)}
        made = actions.start(plan=plan, reason="訂正", texts=texts, by=foundation_staff, at=AT)
        for address in ("", "new/", f"{made.pk}/", f"{made.pk}/edit/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/lab/kpi/p{number}/corrections/{address}").status_code == 200
            numbers.append(len(queries))
    assert numbers[:4] == numbers[4:]


def test_a_stale_draft_is_shown_as_it_is(log_in: LogIn, plan: Plan, foundation_staff: User) -> None:
    made = draft_correction(plan, by=foundation_staff)
    client = log_in(foundation_staff)
    assert filled(client, f"{HERE}{made.pk}/edit/", reason="別の理由").url == f"{HERE}{made.pk}/"
    made.refresh_from_db()
    assert (made.reason, [line.after for line in made.lines.all()]) == ("別の理由", ["治験の件数"])


@pytest.mark.django_db(transaction=True)
def test_the_pages_fit_a_telephone(window: LogInWindow, center: Center, foundation_staff: User) -> None:
    plan = make_plan(center, targets={"trials": 5})
    made = draft_correction(plan, by=foundation_staff, text="治験の実施件数のうち国際共同で行ったもの")
    page = window(foundation_staff.username)
    for address in ("", "new/", f"{made.pk}/", f"{made.pk}/edit/"):
        page.goto(HERE + address)
        assert fits(page, page.locator("h1").inner_text())
