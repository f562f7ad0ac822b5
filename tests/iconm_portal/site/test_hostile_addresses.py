"""Addresses that nobody is given: they lead nowhere, on either database, and break nothing."""

import pytest
from django.urls import reverse

from iconm_portal.models import Center, User
from tests.builders.editions import make_editions
from tests.builders.plans import make_plan
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["%00", "art1%00", "art1/par1%00"])
@pytest.mark.parametrize("step", ["edit", "remove"])
def test_a_nul_in_a_provisions_key_is_not_found(
    center: Center, city_staff: User, foundation_staff: User, key: str, step: str
) -> None:
    make_editions(center, city=city_staff, foundation=foundation_staff)
    at = {"center": center.code, "agreement": "drafted", "edition": 2}
    address = f"{reverse('agreements:edition', kwargs=at)}provisions/{key}/{step}/"
    assert client_of(city_staff).post(address, {"version": "1"}).status_code == 404


def test_a_repeated_provision_has_an_address() -> None:
    at = {"center": "iconm", "agreement": "basic", "edition": 2, "key": "art3~2/par1"}
    assert reverse("agreements:provision_edit", kwargs=at).endswith("/provisions/art3~2/par1/edit/")


@pytest.mark.parametrize("name", ["known_at", "as_of"])
@pytest.mark.parametrize("page", ["kpi:home", "kpi:plans", "kpi:packs"])
def test_a_day_before_the_first_fiscal_year_is_no_day_to_look_at(
    center: Center, city_staff: User, page: str, name: str
) -> None:
    make_plan(center, targets={"trials": 10})
    address = reverse(page, kwargs={"center": center.code})
    assert client_of(city_staff).get(address, {name: "1868-01-01"}).status_code == 200
