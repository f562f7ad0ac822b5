"""Signing in by a provider: whom it lets in, as what, and what is written down."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, SignOn, User
from tests.builders.identity_provider import SUBJECT, IdentityProvider
from tests.builders.second_factor import code_now, code_step, is_in, password_step, with_app
from tests.iconm_portal.people.sign_on.conftest import begin, sign_on

pytestmark = pytest.mark.django_db


def audited() -> list[tuple[AuditKind, str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("kind", "username", "what"))


def test_who_is_linked_is_in_and_comes_to_where_they_wanted_to_go(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    answer = sign_on(client, provider, next="/lab/reports/")
    assert answer.headers["Location"] == "/lab/reports/"
    assert is_in(client)
    assert "portal_browser" in client.cookies
    assert audited() == [(AuditKind.SIGNED_IN, person.username, "sign-on city")]
    sessions = client.get(reverse("own_sessions"))
    assert len(sessions.context["sessions"]) == 1
    client.post(reverse("logout"))
    assert not is_in(client)
    assert audited()[-1][0] is AuditKind.SIGNED_OUT


def test_what_the_provider_is_asked(client: Client, provider: IdentityProvider, person: User) -> None:
    asked = parse_qs(urlsplit(begin(client).headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/login/sign-on/city/back/"]
    assert asked["ui_locales"] == ["ja"]
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20
    again = parse_qs(urlsplit(begin(client).headers["Location"]).query)
    assert {asked[name][0] for name in ("state", "nonce", "code_challenge")}.isdisjoint(
        again[name][0] for name in ("state", "nonce", "code_challenge")
    )


def test_the_portals_own_address_is_the_settings(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"
    asked = parse_qs(urlsplit(begin(client).headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://portal.example.jp/login/sign-on/city/back/"]


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(
    client: Client, provider: IdentityProvider, person: User, elsewhere: str
) -> None:
    assert sign_on(client, provider, next=elsewhere).headers["Location"] == "/"


def test_the_session_is_another_one_than_before(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    location = begin(client).headers["Location"]
    before = client.session.session_key
    client.get(provider.sign_in(location))
    assert client.session.session_key != before
    assert not [key for key in dict(client.session.items()) if key.startswith("_state_")]


def test_an_unknown_one_is_refused_and_told_whom_to_ask(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    """Nobody is made, and of what the provider says nothing is kept but a digest."""
    provider.subject = "somebody-else"
    provider.claims = {"email": person.email, "preferred_username": person.username, "email_verified": True}
    people = User.objects.count()
    answer = sign_on(client, provider)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "所属団体のシステム管理者に連携を依頼" in page
    assert "somebody-else" in page
    assert not is_in(client)
    assert User.objects.count() == people
    ((kind, username, what),) = audited()
    assert (kind, username) == (AuditKind.SIGN_ON_REFUSED, "")
    issuer, digest = what.split(" ")
    assert issuer == provider.issuer
    assert len(digest) == 16
    assert "somebody" not in str(list(client.session.items()))


def test_another_issuers_subject_is_another_account(
    client: Client, provider: IdentityProvider, city_staff: User, administrator: User
) -> None:
    SignOn.objects.create(
        person=city_staff, issuer="https://other.example", subject=SUBJECT, linked_by=administrator
    )
    assert sign_on(client, provider).status_code == 403


def test_who_is_deactivated_stays_out(client: Client, provider: IdentityProvider, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    answer = sign_on(client, provider)
    assert answer.status_code == 403
    assert "停止中" in answer.content.decode()
    assert not is_in(client)
    assert audited()[0][:2] == (AuditKind.SIGN_ON_REFUSED, person.username)


def test_so_do_people_of_the_demonstration_elsewhere(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    User.objects.filter(pk=person.pk).update(is_demonstration=True)
    settings.DEMONSTRATION_SERVED = False
    assert sign_on(client, provider).status_code == 403
    assert not is_in(client)
    assert audited()[0][0] is AuditKind.DEMONSTRATION


def test_a_temporary_password_is_replaced_first(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    sign_on(client, provider)
    assert client.get("/").headers["Location"] == reverse("password_change")


def test_the_session_ends_by_its_limits(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    settings.SESSION_IDLE_SECONDS = 60
    sign_on(client, provider)
    assert client.get(reverse("account")).status_code == 200
    with time_machine.travel(time.time() + 61):
        assert client.get(reverse("account")).status_code == 302
    assert audited()[-1][0] is AuditKind.SESSION_ENDED


def test_the_language_is_kept(client: Client, provider: IdentityProvider, person: User) -> None:
    client.post(reverse("set_language"), {"language": "en"})
    asked = parse_qs(urlsplit(begin(client).headers["Location"]).query)
    assert asked["ui_locales"] == ["en"]
    provider.subject = "unknown"
    assert "Ask the person who administers" in " ".join(sign_on(client, provider).content.decode().split())


# The second factor


def test_who_has_a_second_factor_is_asked_for_it(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    with_app(person)
    assert sign_on(client, provider, next="/lab/reports/").headers["Location"] == reverse("second_step")
    assert not is_in(client)
    assert "パスワードを確認しました" not in client.get(reverse("second_step")).content.decode()
    assert code_step(client, code_now()).headers["Location"] == "/lab/reports/"
    assert is_in(client)
    assert audited() == [(AuditKind.SIGNED_IN, person.username, "sign-on city")]


def test_not_where_the_settings_leave_it_to_the_provider(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    settings.SIGN_ON_SECOND_FACTOR = False
    settings.SECOND_FACTOR_FOR = ["staff"]
    with_app(person)
    assert sign_on(client, provider).headers["Location"] == "/"
    assert is_in(client)


def test_roles_that_need_one_set_it_up_unless_it_is_left_to_the_provider(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_FOR = ["staff"]
    sign_on(client, provider)
    assert client.get("/").headers["Location"] == reverse("second_factor")
    settings.SIGN_ON_SECOND_FACTOR = False
    assert client.get(reverse("account")).status_code == 200
    by_password = Client()
    password_step(by_password, person)
    assert by_password.get("/").headers["Location"] == reverse("second_factor")


@pytest.mark.parametrize(
    ("minutes_ago", "is_confirmed"), [(None, False), (20, False), (5, True), (-600, True)]
)
def test_only_who_showed_it_lately_changes_what_opens_the_account(
    client: Client, provider: IdentityProvider, person: User, *, minutes_ago: int | None, is_confirmed: bool
) -> None:
    """A provider that lets somebody through without a word has asked for nothing; its clock gains nobody anything."""
    if minutes_ago is not None:
        provider.claims = {"auth_time": int(time.time()) - 60 * minutes_ago}
    sign_on(client, provider)
    assert (client.get(reverse("second_factor_app")).status_code == 200) is is_confirmed
    with time_machine.travel(time.time() + timedelta(minutes=16).total_seconds()):
        assert client.get(reverse("second_factor_app")).status_code == 302


def test_a_login_by_password_is_no_sign_on(client: Client, provider: IdentityProvider, person: User) -> None:
    begin(client)
    password_step(client, person)
    assert audited() == [(AuditKind.SIGNED_IN, person.username, "")]
    assert client.get(reverse("second_factor_app")).status_code == 200
