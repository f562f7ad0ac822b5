"""Somebody is invited: their account has no password until they choose one by the link that went to them."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from iconm_portal.models import HistoryEvent, User
from tests.people import PASSWORD, client_of

TYPED = {
    "username": "tanaka",
    "name": "田中",
    "email": "tanaka@example.jp",
    "role": "staff",
    "invites": "mail",
}


@pytest.fixture(autouse=True)
def by_mail(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"


def enter(administrator: User, **changed: str) -> Any:
    typed = TYPED | {"organisation": administrator.organisation_id} | changed
    return client_of(administrator).post(reverse("person_new"), typed)


def test_the_link_that_is_sent_lets_them_choose_a_password(administrator: User, client: Client) -> None:
    assert enter(administrator).headers["Location"] == reverse("people")
    person = User.objects.get(username="tanaka")
    assert not person.has_usable_password()
    assert [event.action for event in HistoryEvent.objects.all()] == ["person.invite"]
    (message,) = mail.outbox
    assert message.to == ["tanaka@example.jp"]
    assert "tanaka" in message.body
    found = re.search(r"https://portal\.example\.jp(\S+)", message.body)
    assert found
    form = client.get(found[1]).headers["Location"]
    client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert not person.must_change_password
    client.post(reverse("login"), {"username": "tanaka", "password": PASSWORD})
    assert client.get(reverse("account")).status_code == 200


def test_until_then_no_password_opens_it(administrator: User, client: Client) -> None:
    enter(administrator)
    for password in ("", "!", User.objects.get(username="tanaka").password):
        client.post(reverse("login"), {"username": "tanaka", "password": password})
        assert "_auth_user_id" not in client.session


def test_too_late_one_asks_for_another_link_oneself(administrator: User, client: Client) -> None:
    enter(administrator)
    client.post(reverse("password_reset"), {"email": "tanaka@example.jp"})
    assert len(mail.outbox) == 2


def test_without_an_address_nothing_is_done(administrator: User) -> None:
    answer = enter(administrator, email="")
    assert answer.status_code == 400
    assert "email" in answer.context["form"].errors
    assert not User.objects.filter(username="tanaka").exists()


def test_a_temporary_password_goes_as_before(administrator: User) -> None:
    answer = enter(administrator, invites="")
    assert "仮パスワード" in answer.content.decode()
    assert mail.outbox == []
    assert User.objects.get(username="tanaka").must_change_password


def test_where_no_mail_goes_out_it_is_not_offered(administrator: User, settings: Any) -> None:
    settings.MAIL_IS_SET = False
    page = client_of(administrator).get(reverse("person_new"))
    assert "invites" not in page.context["form"].fields
    assert "仮パスワード" in enter(administrator).content.decode()
