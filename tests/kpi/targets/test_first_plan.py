"""The first plan of a center that has none: made by its people on pages, with direct goals, sources and a baseline."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, IndicatorBasis, Kgi, Plan, PlanProposal, Report
from kpi.plans import codes
from kpi.reports import actions as report_actions
from kpi.targets import next_plan_actions as actions
from tests.builders.agreements import make_agreement, make_consultation
from tests.builders.plans import TRIALS, make_accepted_report, make_plan
from tests.builders.proposals import complete_next_plan
from tests.builders.records import make_category
from tests.days import AT, TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
NEXT = "/lab/kpi/next/"


def filled(client: Client, address: str, **typed: Any) -> Any:
    """What the form at the address answers to what it held, with this typed into it."""
    form = client.get(address).context["form"]
    held = {field.name: field.value() for field in form}
    held = {name: value for name, value in held.items() if value is not None and value is not False}
    return client.post(address, held | {name.replace("__", "-"): value for name, value in typed.items()})


def test_a_center_without_a_plan_makes_its_first(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    make_agreement(center)
    make_category(center, "visits", name="来館")
    talk = make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    here = city.post(NEXT + "start/", {"previous": ""}).url

    years = {"first_year": "R8", "last_year": "R11", "baseline_year": "R7", "under": "basic"}
    names = {"label": "第1期運営計画", "goal_heading": "めざす姿", "goal__goal-1": "市民に開かれた施設"}
    kgi = {"kgi-1__text": "来館者が年間10万人になる", "kgi-1__year": "R11"}
    answer = filled(city, here + "edit/", consultation=talk.number, **years, **names, **kgi)
    assert answer.url == here
    line = {"unit": "人", "kind": "flow", "basis": "category/visits/people", "goal": "goal-1"}
    targets = {f"target__{year}": "80,000" for year in range(2026, 2030)}
    assert filled(city, here + "indicators/new/", name="来館者数", **line, **targets).url == here
    line |= {"basis": "category//", "unit": "件"}
    assert filled(city, here + "indicators/new/", name="Media reports", **line, **targets).url == here
    page = city.get(here).content.decode()
    assert "来館者が年間10万人になる" in page
    assert "来館（" in page

    version = PlanProposal.objects.get().version
    assert city.post(f"{here}propose/", {"version": version}).url == here
    assert foundation.post(f"{here}confirm/", {"version": version + 1}).url == "/lab/kpi/plan-2026/"
    plan = Plan.objects.get()
    assert (plan.label, plan.baseline_year, plan.under) == (
        "第1期運営計画",
        FiscalYear(2025),
        center.agreements.get(),
    )
    assert [goal.label for goal in plan.goals.all()] == ["市民に開かれた施設"]
    assert list(plan.indicators.values_list("code", "name")) == [
        ("kpi-01", "来館者数"),
        ("media-reports", "Media reports"),
    ]
    basis = IndicatorBasis.objects.get()
    assert (basis.indicator.code, basis.category and basis.category.code, basis.measured) == (
        "kpi-01",
        "visits",
        "people",
    )
    made = Kgi.objects.get()
    assert (made.code, made.text, made.target_year, made.set_in) == (
        "kgi-1",
        "来館者が年間10万人になる",
        FiscalYear(2029),
        FiscalYear(2026),
    )
    assert list(made.plans.all()) == [plan]
    assert HistoryEvent.objects.filter(action="kgi.add", actor=foundation_staff.username).exists()
    assert "来館者が年間10万人になる" in city.get("/lab/").content.decode()
    assert "/lab/reports/2025/plan-2026/start/" in foundation.get("/lab/reports/2025/").content.decode()
    answer = foundation.post("/lab/reports/2025/plan-2026/start/", {"as_of": "R8.3.31"})
    assert answer.url == f"/lab/reports/2025/{Report.objects.get().pk}/entry/"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"last_year": "R47"}, "last_year"),
        ({"first_year": "R12", "last_year": "R9"}, "last_year"),
        ({"first_year": "R9", "last_year": "R12", "baseline_year": "R10"}, "baseline_year"),
        ({"kgi-1__text": "いつか"}, "kgi-1-year"),
        ({"kgi-1__text": "昔", "kgi-1__year": "R2"}, "kgi-1-year"),
    ],
)
def test_what_the_first_plan_cannot_be_is_said_at_the_field(
    log_in: LogIn, center: Center, city_staff: User, typed: dict[str, str], field: str
) -> None:
    made = actions.start(center=center, previous=None, by=city_staff, at=AT)
    answer = filled(log_in(city_staff), f"{NEXT}{made.pk}/edit/", **typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
    made.refresh_from_db()
    assert (made.version, made.kgis) == (1, [])


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"unit": ""}, "unit"), ({"basis": "account/nothing"}, "basis"), ({"name": " "}, "name")],
)
def test_an_indicator_that_cannot_be_is_said_at_the_field(
    log_in: LogIn, center: Center, city_staff: User, typed: dict[str, str], field: str
) -> None:
    made = actions.start(center=center, previous=None, by=city_staff, at=AT)
    line = {"name": "見学者数", "unit": "人", "kind": "flow"} | typed
    answer = filled(log_in(city_staff), f"{NEXT}{made.pk}/indicators/new/", **line)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
    assert not made.lines.exists()


def test_codes_are_suggested_and_never_given_twice(center: Center, city_staff: User) -> None:
    assert [
        codes.slug(name) for name in ("Media reports", "メディア掲載", "R8の件数", "2nd Place Award")
    ] == [
        "media-reports",
        "",
        "",
        "place-award",
    ]
    assert codes.free("media", {"media", "media-2"}) == "media-3"
    make_plan(center, code="plan-2027", years=(2020, 2021))
    assert actions.start(center=center, previous=None, by=city_staff, at=AT).code == "plan-2027-2"


def test_a_source_goes_along_and_can_be_chosen_anew(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 5})
    category = make_category(center, "trials", name="治験")
    IndicatorBasis.objects.create(indicator=plan.indicators.get(), category=category, measured="records")
    draft = complete_next_plan(plan, by=foundation_staff, other=city_staff)
    assert draft.lines.get().basis == "category/trials/records"
    client = log_in(foundation_staff)
    assert "治験（" in client.get(f"{NEXT}{draft.pk}/").content.decode()
    assert filled(client, f"{NEXT}{draft.pk}/indicators/trials/", basis="category//").status_code == 302
    draft.refresh_from_db()
    actions.propose(proposal=draft, version=draft.version, by=foundation_staff, at=AT)
    made = actions.confirm(proposal=draft, version=draft.version, by=city_staff, at=AT)
    assert not IndicatorBasis.objects.filter(indicator__plan=made).exists()


def test_a_baseline_takes_over_what_was_accepted_under_the_plan_before(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 5})
    make_accepted_report(plan, 2025, {"trials": 7}, by=foundation_staff, reviewer=city_staff)
    new = make_plan(center, indicators=[], code="new", years=(2026, 2029), baseline_year=2025)
    before = plan.indicators.get()
    new.indicators.create(
        **TRIALS, position=1, continuity="continues", predecessor=before, continuity_reason="同じ"
    )
    new.indicators.create(
        **TRIALS | {"code": "other"},
        position=2,
        continuity="breaks",
        predecessor=before,
        continuity_reason="別",
    )
    draft = report_actions.start_report(
        plan=new, fiscal_year=FiscalYear(2025), as_of=date(2026, 3, 31), by=foundation_staff
    )
    assert [(one.indicator.code, one.value) for one in Actual.objects.filter(report=draft)] == [
        ("trials", Decimal(7))
    ]
    later = report_actions.start_report(
        plan=new, fiscal_year=FiscalYear(2026), as_of=TODAY, by=foundation_staff
    )
    assert not later.actuals.exists()
    assert Report.objects.get(pk=draft.pk).state == "draft"
