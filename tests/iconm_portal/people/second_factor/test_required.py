"""Roles whose people need a second factor."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.urls import reverse

from iconm_portal.models import User
from tests.builders.second_factor import with_app
from tests.people import client_of


@pytest.fixture(autouse=True)
def administrators_need_one(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["administrator", "auditor"]


def test_without_one_nothing_else_opens(administrator: User) -> None:
    client = client_of(administrator)
    for address in ("/", "/people/", "/history/", "/audit/", reverse("account"), reverse("own_sessions")):
        assert client.get(address).headers["Location"] == reverse("second_factor")
        assert client.post(address).headers["Location"] == reverse("second_factor")
    page = client.get(reverse("second_factor"))
    assert "二要素認証が必須" in page.content.decode()
    for name in ("second_factor_app", "confirm", "password_change"):
        assert client.get(reverse(name)).status_code == 200
    assert client.post(reverse("logout")).status_code == 302


def test_with_one_everything_does(administrator: User) -> None:
    client = client_of(with_app(administrator))
    assert client.get("/people/").status_code == 200
    client.post(reverse("second_factor_app_remove"))
    assert client.get("/people/").headers["Location"] == reverse("second_factor")


def test_the_password_comes_first(administrator: User) -> None:
    User.objects.filter(pk=administrator.pk).update(must_change_password=True)
    assert client_of(administrator).get("/people/").headers["Location"] == reverse("password_change")


def test_other_roles_are_left_alone(city_staff: User) -> None:
    assert client_of(city_staff).get("/lab/").status_code == 200


def test_a_role_that_is_none_is_an_error(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["administrators", "auditor"]
    (said,) = [message for message in run_checks() if message.id == "portal.E003"]
    assert "administrators" in said.msg
