"""Categories of the register, kept by the staff of both sides: entered, changed, and changed by two."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from iconm_portal.models import Center, HistoryEvent, User
from kpi.models import Category
from kpi.register.categories import actions
from kpi.register.categories.actions import CategoryFacts
from tests.builders.records import make_category, make_record
from tests.people import LogIn

pytestmark = pytest.mark.django_db


def url(center: Center, name: str, **more: str) -> str:
    return reverse(f"kpi:{name}", kwargs={"center": center.code, **more})


def test_a_category_is_entered(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    client = log_in(foundation_staff)
    typed = {"code": "lectures", "name": "市民講座", "unit": "回", "position": "１", "asks_people": "on"}
    typed |= {"same_title": "on", "same_partner": "on"}
    assert client.post(url(center, "category_new"), typed).status_code == 302
    made = Category.objects.get()
    assert (made.code, made.position, made.asks_people) == ("lectures", 1, True)
    assert (made.same_title, made.same_date, made.same_partner) == (True, False, True)
    assert HistoryEvent.objects.get().action == "category.add"
    assert "市民講座" in client.get(url(center, "categories")).content.decode()


@pytest.mark.parametrize("code", ["lectures", "counted", "import", "Ａ！", ""])
def test_a_code_that_cannot_be_is_refused(
    center: Center, foundation_staff: User, log_in: LogIn, code: str
) -> None:
    make_category(center, "lectures")
    refused = log_in(foundation_staff).post(url(center, "category_new"), {"code": code, "name": "講座"})
    assert refused.status_code == 400
    assert Category.objects.count() == 1


def test_what_makes_two_records_the_same_is_chosen_and_stays_in_the_history(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    category = make_category(center, "press", reference_label="掲載先")
    client, address = log_in(foundation_staff), url(center, "category", category="press")
    seen = client.get(address).context["form"].initial["seen"]
    typed = {"name": category.name, "unit": "件", "position": "0", "reference_label": "掲載先", "seen": seen}
    refused = client.post(address, typed)
    assert refused.status_code == 400
    assert "件名または年月日のいずれか" in refused.content.decode()
    chosen = {"same_title": "on", "same_reference": "on"}
    assert client.post(address, typed | chosen).status_code == 302
    event = HistoryEvent.objects.get(action="category.change")
    assert event.after == {"same_reference": True, "same_date": False}
    assert "件名" in client.get(url(center, "categories")).content.decode()


def test_two_who_change_a_category(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    category = make_category(center, "lectures", asks_people=True)
    make_record(category, "講座", people=10)
    client, address = log_in(foundation_staff), url(center, "category", category="lectures")
    seen = client.get(address).context["form"].initial["seen"]
    before = actions.facts_of(category)
    actions.change(category=category, seen=before, facts=CategoryFacts(name="講座"), by=foundation_staff)
    typed = {"name": "公開講座", "position": "2", "same_title": "on", "same_date": "on", "seen": seen}
    told = client.post(address, typed)
    assert told.status_code == 409
    assert "講座" in str(told.context["form"].errors["name"])
    again = told.context["form"].data["seen"]
    assert client.post(address, typed | {"seen": again}).status_code == 302
    category.refresh_from_db()
    assert (category.name, category.asks_people) == ("公開講座", False)
    assert category.records.get().people == 10
    assert client.post(address, typed | {"seen": "{}"}).status_code == 409


def test_staff_of_either_side_keep_categories_and_nobody_else(
    center: Center,
    city_staff: User,
    foundation_staff: User,
    foundation_viewer: User,
    administrator: User,
    foreign_city_staff: User,
) -> None:
    for number, person in enumerate((city_staff, foundation_staff)):
        actions.create(center=center, code=f"x{number}", facts=CategoryFacts(name="x"), by=person)
    for person in (foundation_viewer, administrator, foreign_city_staff):
        with pytest.raises(PermissionDenied):
            actions.create(center=center, code="y", facts=CategoryFacts(name="x"), by=person)
