"""取組: the foundation keeps a plan and a result of each year; they stand beside the goals that they serve."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import actions
from kpi.initiatives import initiatives as read
from kpi.models import Indicator, Initiative, InitiativeYear
from tests.builders.initiatives import make_category, make_goal, make_scheme, make_year
from tests.builders.plans import make_plan
from tests.days import AT, TODAY
from tests.people import LogIn
from tests.unguarded import no_guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "in_english")]
YEAR = FiscalYear(2026)
FORM = "/lab/initiatives/2026/main/funding/a0/"


@pytest.fixture
def activity(center: Center) -> Initiative:
    return make_category(make_scheme(center)).initiatives.get()


def keep(activity: Initiative, by: User, **fields: Any) -> InitiativeYear:
    return actions.keep_year(
        **{
            "initiative": activity,
            "fiscal_year": YEAR,
            "version": 0,
            "plan": "公募情報を月ごとに配る",
            "result": "",
            "by": by,
            "at": AT,
            **fields,
        }
    )


# The action


def test_plan_and_result_are_kept_and_the_history_keeps_what_was(
    activity: Initiative, foundation_staff: User
) -> None:
    row = keep(activity, foundation_staff)
    row = keep(activity, foundation_staff, version=row.version, result="12回配った")
    assert (row.plan, row.result, row.version, row.saved_by) == (
        "公募情報を月ごとに配る",
        "12回配った",
        2,
        foundation_staff,
    )
    keep(activity, foundation_staff, version=2, plan="変えた", result="12回配った")
    event = HistoryEvent.objects.latest("pk")
    assert (event.action, event.before, event.after) == (
        "initiative.save",
        {"plan": "公募情報を月ごとに配る"},
        {"plan": "変えた"},
    )


def test_the_second_saver_is_told(activity: Initiative, foundation_staff: User) -> None:
    keep(activity, foundation_staff)
    for stale in (0, 7):
        with pytest.raises(Conflict):
            keep(activity, foundation_staff, version=stale, plan="別の計画")
    assert InitiativeYear.objects.get().plan == "公募情報を月ごとに配る"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"plan": " "}, "__all__"),
        ({"fiscal_year": FiscalYear(2021)}, "__all__"),
        ({"fiscal_year": FiscalYear(2028)}, "__all__"),
        ({"fiscal_year": FiscalYear(2027), "result": "もう終わった"}, "result"),
    ],
)
def test_what_cannot_be_kept(
    activity: Initiative, foundation_staff: User, fields: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        keep(activity, foundation_staff, **fields)
    named = set(getattr(refused.value, "error_dict", {"__all__": None}))
    assert named == {place}
    assert not InitiativeYear.objects.exists()


@pytest.mark.parametrize(
    "who", ["city_staff", "foundation_viewer", "administrator", "foreign_foundation_staff"]
)
def test_only_the_foundations_staff_keeps_them(
    activity: Initiative, request: pytest.FixtureRequest, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        keep(activity, request.getfixturevalue(who))


# What serves a goal


def test_what_serves_a_goal_serves_the_one_that_continues_it_while_its_scheme_holds(
    center: Center, foundation_staff: User
) -> None:
    first, second = make_plan(center, code="first", years=(2022, 2025)), make_plan(center, years=(2026, 2029))
    old, other = make_goal(first), make_goal(first, "site", "拠点")
    new = make_goal(second, continues=old, continuity_reason="同じ目標")
    category = make_category(make_scheme(center), goals=[old], activities=2)
    make_category(make_scheme(center, code="ended", years=(2019, 2025)), goals=[old])
    make_year(category.initiatives.get(code="a1"), 2026, by=foundation_staff, plan="続ける")
    found = read.serving(center, [new.pk, other.pk], YEAR)
    assert set(found) == {new.pk}
    (serving,) = found[new.pk]
    assert (serving.scheme_code, [activity.code for activity in serving.activities]) == ("main", ["a0", "a1"])
    assert [bool(activity.in_year(YEAR)) for activity in serving.activities] == [False, True]
    assert {serving.scheme_code for serving in read.serving(center, [old.pk], FiscalYear(2025))[old.pk]} == {
        "main",
        "ended",
    }
    assert read.serving(center, [old.pk], FiscalYear(2018)) == {}


# The pages


def test_it_is_written_on_a_page_and_read_by_everyone(
    log_in: LogIn, activity: Initiative, foundation_staff: User, city_viewer: User
) -> None:
    foundation, viewer = log_in(foundation_staff), log_in(city_viewer)
    data = {"plan": "公募情報を月ごとに配る", "result": "", "version": 0}
    assert FORM in foundation.get("/lab/initiatives/2026/").content.decode()
    assert foundation.post(FORM, data).url == "/lab/initiatives/2026/#main-funding"
    page = viewer.get("/lab/initiatives/2026/").content.decode()
    assert "公募情報を月ごとに配る" in page
    assert FORM not in page
    assert "/lab/initiatives/2026/" in viewer.get("/lab/initiatives/").content.decode()


def test_a_conflict_shows_both_texts(log_in: LogIn, activity: Initiative, foundation_staff: User) -> None:
    keep(activity, foundation_staff)
    answer = log_in(foundation_staff).post(FORM, {"plan": "別の計画", "result": "", "version": 0})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "別の計画" in page
    assert "公募情報を月ごとに配る" in page
    assert 'name="version" value="1"' in page


def test_bad_input_is_refused_at_the_field_and_kept(
    log_in: LogIn, activity: Initiative, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    answer = client.post(FORM, {"plan": "あ" * 4001, "result": "書いた", "version": 0})
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"plan"}
    assert "書いた" in answer.content.decode()
    answer = client.post(FORM.replace("2026", "2027"), {"plan": "", "result": "終わった", "version": 0})
    assert set(answer.context["form"].errors) == {"result"}
    assert not InitiativeYear.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["2021/", "2028/", "2021/main/funding/a0/", "2026/main/funding/other/", "2026/other/funding/a0/"],
)
def test_what_is_not_there(log_in: LogIn, activity: Initiative, foundation_staff: User, address: str) -> None:
    assert log_in(foundation_staff).get(f"/lab/initiatives/{address}").status_code == 404


def test_an_empty_center_says_what_comes_next(log_in: LogIn, center: Center, city_viewer: User) -> None:
    client = log_in(city_viewer)
    client.cookies["django_language"] = "en"
    assert "No initiatives are registered" in client.get("/lab/initiatives/").content.decode()


def test_they_stand_beside_the_kpis_that_they_serve(
    log_in: LogIn, center: Center, foundation_staff: User, city_viewer: User
) -> None:
    plan = make_plan(center, years=(2024, 2027), targets={"patents": 5})
    goal = make_goal(plan)
    with no_guards():  # as if it had been so from the beginning
        Indicator.objects.filter(plan=plan, code="patents").update(goal=goal)
    category = make_category(make_scheme(center), goals=[goal])
    make_year(
        category.initiatives.get(), 2026, by=foundation_staff, plan="出願を支える", result="3件出願した"
    )
    client = log_in(city_viewer)
    plan_page = client.get("/lab/kpi/research/").content.decode()
    assert "/lab/initiatives/2026/#main-funding" in plan_page
    page = client.get("/lab/kpi/research/patents/").content.decode()
    for text in ("fundingの取組0", "出願を支える", "3件出願した"):
        assert text in page
    assert "fundingの取組0" not in client.get("/lab/kpi/research/trials/").content.decode()


def test_the_number_of_queries_does_not_grow(
    log_in: LogIn, center: Center, foundation_staff: User, city_viewer: User
) -> None:
    client, numbers = log_in(city_viewer), []
    client.get("/lab/initiatives/")
    for number in (1, 12):
        plan = make_plan(center, code=f"p{number}", years=(2024, 2027), targets={"patents": 5})
        goals = [make_goal(plan, f"g{index}") for index in range(number)]
        with no_guards():  # as if it had been so from the beginning
            Indicator.objects.filter(plan=plan, code="patents").update(goal=goals[0])
        scheme = make_scheme(center, code=f"s{number}")
        for index in range(number):
            category = make_category(scheme, f"c{index}", goals=goals, activities=number)
            make_year(category.initiatives.first(), 2026, by=foundation_staff)
        for address in ("initiatives/", "initiatives/2026/", f"kpi/p{number}/", f"kpi/p{number}/patents/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/lab/{address}").status_code == 200
            numbers.append(len(queries))
    assert numbers[:4] == numbers[4:]


def test_the_read_model_asks_four_times(center: Center) -> None:
    make_category(make_scheme(center), activities=3)
    with CaptureQueriesContext(connection) as queries:
        (scheme,) = read.load(center, year=YEAR)
    assert len(queries) <= 5
    assert scheme.is_open_in(YEAR, today=TODAY)
