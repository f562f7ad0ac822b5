"""How activities are arranged, on pages: from nothing to a year's plan, corrected while nothing is told, then kept."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Initiative, InitiativeCategory, InitiativeScheme
from tests.browser import LogInWindow, fits
from tests.builders.initiatives import make_category, make_goal, make_scheme, make_year
from tests.builders.plans import make_plan
from tests.kpi.targets.test_first_plan import filled
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
HERE = "/lab/master/initiatives/"


def test_a_center_arranges_its_activities_from_nothing(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    goal = make_goal(make_plan(center))
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    assert HERE in city.get("/lab/initiatives/").content.decode()
    assert filled(city, HERE + "new/", label="事業計画の取組", first_year="R8").url == HERE
    scheme = InitiativeScheme.objects.get()
    assert (scheme.code, scheme.first_year, scheme.position) == ("scheme-1", FiscalYear(2026), 1)
    assert (
        filled(foundation, f"{HERE}scheme-1/new/", mark="I", label="講座", goals=[str(goal.pk)]).url == HERE
    )
    group = InitiativeCategory.objects.get()
    assert (group.code, list(group.goals.all())) == ("group-1", [goal])
    below = f"{HERE}scheme-1/new/"
    assert filled(foundation, below, mark="I-1", label="Open Days", parent=str(group.pk)).url == HERE
    assert InitiativeCategory.objects.get(code="open-days").parent == group
    for text in ("市民講座を開く", "見学会を開く"):
        assert filled(city, f"{HERE}scheme-1/group-1/new/", text=text).url == HERE
    assert list(Initiative.objects.values_list("code", flat=True)) == ["activity-1", "activity-2"]
    page = log_in(city_viewer).get("/lab/initiatives/2026/").content.decode()
    assert "市民講座を開く" in page
    assert "要旨" not in page  # what people entered themselves is no summary
    assert HistoryEvent.objects.filter(action__startswith="initiative", actor__gt="").count() == 5


def test_what_nothing_is_told_of_is_corrected_and_taken_out(
    log_in: LogIn, center: Center, city_staff: User
) -> None:
    make_category(make_scheme(center))
    client = log_in(city_staff)
    assert filled(client, f"{HERE}main/funding/a0/", text="別の取組").url == HERE
    assert Initiative.objects.get().text == "別の取組"
    assert client.post(f"{HERE}main/remove/", {}).status_code == 409  # something stands under it
    assert client.post(f"{HERE}main/funding/remove/", {}).status_code == 409
    for part in ("main/funding/a0/", "main/funding/", "main/"):
        assert client.post(f"{HERE}{part}remove/", {}).url == HERE
    assert not InitiativeScheme.objects.exists()
    deleted = HistoryEvent.objects.filter(action__endswith=".delete")
    assert [event.before["code"] for event in deleted.order_by("pk")] == ["a0", "funding", "main"]


def test_what_is_told_of_stays_and_the_arrangement_may_end(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    activity = make_category(make_scheme(center)).initiatives.get()
    make_year(activity, 2026, by=foundation_staff)
    client = log_in(city_staff)
    for part, field in (("main/funding/a0/", "text"), ("main/funding/", "label"), ("main/", "label")):
        answer = filled(client, HERE + part, **{field: "別の名前"})
        assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
        assert client.post(f"{HERE}{part}remove/", {}).status_code == 409
    assert filled(client, f"{HERE}main/", last_year="R8").url == HERE
    assert InitiativeScheme.objects.get().last_year == FiscalYear(2026)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label": "", "first_year": "R8"}, "label"),
        ({"label": "取組", "first_year": "いつか"}, "first_year"),
        ({"label": "取組", "first_year": "R8", "last_year": "R5"}, "__all__"),
    ],
)
def test_what_cannot_be_is_said(
    log_in: LogIn, center: Center, city_staff: User, typed: dict[str, Any], field: str
) -> None:
    answer = filled(log_in(city_staff), HERE + "new/", **typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {field})
    assert not InitiativeScheme.objects.exists()


def test_a_heading_stands_under_one_that_stands_alone(
    log_in: LogIn, center: Center, city_staff: User
) -> None:
    scheme = make_scheme(center)
    first, second = make_category(scheme, "one"), make_category(scheme, "two")
    client = log_in(city_staff)
    assert filled(client, f"{HERE}main/two/", parent=str(first.pk)).url == HERE
    second.refresh_from_db()
    assert second.parent == first
    third = make_category(scheme, "three")
    answer = filled(client, f"{HERE}main/one/", parent=str(third.pk))
    assert (answer.status_code, set(answer.context["form"].errors)) == (400, {"parent"})
    other = make_category(make_scheme(center, code="other"), "elsewhere")
    assert filled(client, f"{HERE}main/three/", parent=str(other.pk)).status_code == 400


def test_the_queries_do_not_grow(log_in: LogIn, center: Center, city_staff: User) -> None:
    client, numbers = log_in(city_staff), []
    client.get(HERE)
    for number in (2, 30):
        scheme = make_scheme(center, code=f"s{number}")
        for one in range(number):
            make_category(scheme, code=f"c{one}", activities=2)
        for address in ("", f"s{number}/", f"s{number}/c0/", f"s{number}/c0/a0/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(HERE + address).status_code == 200
            numbers.append(len(queries))
    assert numbers[:4] == numbers[4:]


@pytest.mark.django_db(transaction=True)
def test_the_pages_fit_a_telephone(window: LogInWindow, center: Center, city_staff: User) -> None:
    make_category(make_scheme(center), goals=[make_goal(make_plan(center))], activities=3)
    page = window(city_staff.username)
    for address in (
        "",
        "new/",
        "main/",
        "main/new/",
        "main/funding/",
        "main/funding/new/",
        "main/funding/a0/",
    ):
        page.goto(HERE + address)
        assert fits(page, page.locator("h1").inner_text())
