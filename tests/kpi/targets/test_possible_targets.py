"""Nobody aims at less than nothing, and a cumulative target that falls is either a slip or explained."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from iconm_portal.history.history import Source
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, Target
from kpi.plans.achievement import Kind
from kpi.plans.actions import add_target
from kpi.targets import actions as proposals
from kpi.targets import next_plan_actions
from kpi.targets.target_proposals import shown
from tests.builders.agreements import make_consultation
from tests.builders.plans import make_plan, tokyo
from tests.builders.proposals import complete_next_plan, make_target_draft
from tests.days import AT, TODAY
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
NEW = "/lab/kpi/research/targets/new/"
FALLS = (
    "累計の目標が令和8年度の13件から令和9年度の9件に下がっています。"
    "数値を直すか、「累計の目標を意図して引き下げる」を選び、理由を記入してください。"
)
NOT_BELOW_0 = "この指標の目標は0千円を下回ることがありません。"


@pytest.fixture(autouse=True)
def in_japanese() -> Any:
    with translation.override("ja"):
        yield


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, years=(2024, 2027), targets={"trials": 13, "patents": 5, "income": 286_000_000})


@pytest.fixture
def client(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


@pytest.fixture
def money(plan: Plan) -> str:
    return plan.indicators.get(code="income").unit


def test_an_indicator_of_money_takes_no_target_below_0_unless_it_says_so() -> None:
    money = Indicator(kind=Kind.FLOW, unit="千円", scale=1000)
    assert money.out_of_bounds(Decimal(-5000)) is None
    with pytest.raises(ValidationError, match=NOT_BELOW_0):
        money.refuse_as_target(Decimal(-5000))
    Indicator(kind=Kind.FLOW, unit="千円", scale=1000, lowest=Decimal(-9000)).refuse_as_target(Decimal(-5000))


def test_a_proposal_refuses_a_negative_sum_at_the_field(client: Client, plan: Plan, money: str) -> None:
    data = {"reason": "見直し", "effective_from": "2026-11-24", "income-2027": "▲5"}
    answer = client.post(NEW, data)
    assert answer.status_code == 400
    said = f"この指標の目標は0{money}を下回ることがありません。"
    assert answer.context["form"].errors == {"income-2027": [said]}
    assert answer.context["form"]["income-2027"].value() == "▲5"


def test_a_loaded_target_below_0_is_refused(plan: Plan) -> None:
    with pytest.raises(ValidationError, match="下回ることがありません"):
        add_target(
            indicator=plan.indicators.get(code="income"),
            fiscal_year=FiscalYear(2027),
            value=Decimal(-1),
            known_from=date(2026, 6, 1),
            by=Source("T1"),
            reason="訂正",
        )


def test_a_falling_cumulative_target_is_refused_at_the_field_until_it_is_meant(
    client: Client, plan: Plan
) -> None:
    data = {"reason": "対象の見直しにより4件を除く", "effective_from": "2026-11-24", "trials-2027": "9"}
    answer = client.post(NEW, data)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"trials-2027": [FALLS]}
    assert answer.context["form"]["trials-2027"].value() == "9"
    assert client.post(NEW, data | {"may_fall": "on"}).status_code == 302
    made = plan.target_proposals.get()
    (change,) = shown(made, today=TODAY).changes
    assert change.falls_text == "令和8年度の13件から令和9年度の9件に下がる"
    page = f"/lab/kpi/research/targets/{made.pk}/"
    assert change.falls_text in client.get(page).content.decode()
    assert client.get(f"{page}edit/").context["form"]["may_fall"].value() is True


def test_a_confirmed_target_still_says_that_it_falls(
    client: Client, plan: Plan, city_staff: User, foundation_staff: User
) -> None:
    """And not only why: what it falls from stood on the page as long as it was open."""
    talk = make_consultation(plan.center, proposer=city_staff, confirmer=foundation_staff)
    data = {"reason": "対象の見直し", "effective_from": "2026-11-24", "trials-2027": "9", "may_fall": "on"}
    client.post(NEW, data | {"consultation": talk.number})
    made = plan.target_proposals.get()
    proposals.propose(proposal=made, version=made.version, by=foundation_staff, at=tokyo(TODAY))
    proposals.confirm(proposal=made, version=made.version, by=city_staff, at=tokyo(TODAY))
    (change,) = shown(made, today=TODAY).changes
    assert change.falls_text == "令和8年度の13件から令和9年度の9件に下がる"


def test_a_target_raised_above_a_later_one_is_said_where_it_was_typed(
    plan: Plan, foundation_staff: User
) -> None:
    with pytest.raises(ValidationError) as refused:
        make_target_draft(plan, {("trials", 2025): 20}, by=foundation_staff)
    assert list(refused.value.message_dict) == ["trials-2025"]


@pytest.mark.parametrize(
    "asked",
    [
        {("trials", 2026): 14, ("trials", 2027): 15},  # rises
        {("patents", 2027): 1},  # each year anew
        {("income", 2027): 0},
    ],
)
def test_what_does_not_fall_needs_nothing(
    plan: Plan, foundation_staff: User, asked: dict[tuple[str, int], int]
) -> None:
    assert make_target_draft(plan, asked, by=foundation_staff).lines.count() == len(asked)


def test_the_next_plan_asks_why_a_cumulative_target_falls(
    client: Client, plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    made = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    here = f"/lab/kpi/next/{made.pk}/indicators/trials/"
    form = client.get(here).context["form"]
    data = {
        field.name: value for field in form if (value := field.value()) is not None and value is not False
    }
    data |= {"target-2028": "12", "target-2029": "9", "target-2030": "9", "target-2031": "15"}
    answer = client.post(here, data)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "reason": [
            "累計の目標が令和10年度の12件から令和11年度の9件に下がっています。理由を記入するか、数値を直してください。"
        ]
    }
    assert client.post(here, data | {"reason": "3件が終了する"}).status_code == 302
    made.refresh_from_db()
    next_plan_actions.propose(proposal=made, version=made.version, by=foundation_staff, at=AT)
    next_plan_actions.confirm(proposal=made, version=made.version, by=city_staff, at=AT)
    told = Target.objects.filter(indicator__plan__code="plan-2028", indicator__code="trials")
    assert [(row.fiscal_year.start, row.reason) for row in told.order_by("fiscal_year")] == [
        (2028, ""),
        (2029, "3件が終了する"),
        (2030, ""),
        (2031, ""),
    ]


def test_the_next_plan_refuses_a_negative_sum(
    client: Client, plan: Plan, money: str, foundation_staff: User, city_staff: User
) -> None:
    made = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    here = f"/lab/kpi/next/{made.pk}/indicators/income/"
    form = client.get(here).context["form"]
    data = {
        field.name: value for field in form if (value := field.value()) is not None and value is not False
    }
    typed = {"target-2028": "-5"} | {f"target-{year}": "9" for year in (2029, 2030, 2031)}
    answer = client.post(here, data | typed)
    assert answer.context["form"].errors == {
        "target-2028": [f"この指標の目標は0{money}を下回ることがありません。"]
    }


def test_a_new_indicator_says_why_too(
    client: Client, plan: Plan, foundation_staff: User, city_staff: User, center: Center
) -> None:
    complete_next_plan(plan, by=foundation_staff, other=city_staff)
    here = f"/lab/kpi/next/{center.plan_proposals.get().pk}/indicators/new/"
    form = client.get(here).context["form"]
    data = {
        field.name: value for field in form if (value := field.value()) is not None and value is not False
    }
    data |= {"name": "起業件数", "code": "start-ups", "unit": "件", "target-2028": "3", "target-2029": "2"}
    answer = client.post(here, data)
    assert list(answer.context["form"].errors) == ["reason"]
    assert "令和10年度の3件から令和11年度の2件" in answer.content.decode()
    assert client.post(here, data | {"reason": "対象を絞る"}).status_code == 302
