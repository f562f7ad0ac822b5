"""Linking a person with a sign-on: by an administrator of their own side alone, with history and record of use."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from iconm_portal.history import texts
from iconm_portal.models import (
    AuditEvent,
    AuditKind,
    Center,
    HistoryEvent,
    ResetKind,
    ResetProposal,
    Role,
    SignOn,
    User,
)
from iconm_portal.people import account_actions, actions
from iconm_portal.people.access import Right
from iconm_portal.people.sign_in import confirmed
from iconm_portal.people.sign_on import urls
from tests.builders.identity_provider import SUBJECT, IdentityProvider
from tests.builders.second_factor import is_in
from tests.iconm_portal.people.sign_on.conftest import sign_on
from tests.people import client_of, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(center: Center) -> User:
    """The foundation's own administrator."""
    return make_person("foundation-administrator", center.operator, Role.ADMINISTRATOR)


def link(by: User, person: User, provider: IdentityProvider, subject: str = SUBJECT) -> Any:
    address = reverse("person_sign_on", kwargs={"person": person.pk})
    return client_of(by).post(address, {"issuer": provider.issuer, "subject": subject}, follow=True)


def unlink(by: User, person: User) -> Any:
    number = person.sign_ons.get().pk
    return client_of(by).post(
        reverse("person_sign_on_end", kwargs={"person": person.pk, "link": number}), follow=True
    )


def deeds() -> list[tuple[str, str]]:
    return list(HistoryEvent.objects.order_by("pk").values_list("action", "actor"))


def test_who_is_linked_gets_in_and_it_is_written_down(
    client: Client, provider: IdentityProvider, administrator: User, city_staff: User
) -> None:
    shown = link(administrator, city_staff, provider, f" {SUBJECT} ").content.decode()
    assert "この方法でログインできます" in shown
    assert SUBJECT in shown
    found = SignOn.objects.get()
    assert (found.person, found.issuer, found.subject) == (city_staff, provider.issuer, SUBJECT)
    event = HistoryEvent.objects.get()
    assert (event.action, event.after) == (
        "person.link_sign_on",
        {"issuer": provider.issuer, "identifier": SUBJECT},
    )
    assert texts.verb(event) == "シングルサインオンと連携"
    assert [change.label for change in texts.changes(event)] == ["認証サービス", "認証サービスでの識別子"]
    assert (
        AuditEvent.objects.filter(kind=AuditKind.RIGHTS, what__startswith="person.link_sign_on ").count() == 1
    )
    sign_on(client, provider)
    assert is_in(client)


def test_the_end_of_a_link_ends_sessions_too(
    client: Client, provider: IdentityProvider, administrator: User, person: User
) -> None:
    sign_on(client, provider)
    unlink(administrator, person)
    assert client.get(reverse("account")).status_code == 302
    assert sign_on(Client(), provider).status_code == 403
    assert deeds() == [("person.unlink_sign_on", "administrator")]
    assert HistoryEvent.objects.get().before == {"issuer": provider.issuer, "identifier": SUBJECT}


def test_a_link_ends_with_the_account_and_does_not_come_back(
    provider: IdentityProvider, administrator: User, person: User
) -> None:
    actions.deactivate_person(person=person, by=administrator)
    assert not SignOn.objects.exists()
    assert deeds()[-1] == ("person.unlink_sign_on", "administrator")
    with pytest.raises(ValidationError):
        account_actions.link_sign_on(person=person, issuer=provider.issuer, subject=SUBJECT, by=administrator)
    account_actions.reactivate_person(person=person, by=administrator)
    assert sign_on(Client(), provider).status_code == 403


def test_the_other_side_confirms(
    client: Client, provider: IdentityProvider, administrator: User, other: User, foundation_staff: User
) -> None:
    assert "提案しました" in link(administrator, foundation_staff, provider).content.decode()
    assert sign_on(client, provider).status_code == 403
    with pytest.raises(PermissionDenied):
        account_actions.link_sign_on(
            person=foundation_staff, issuer=provider.issuer, subject=SUBJECT, by=administrator
        )
    proposal = ResetProposal.objects.get()
    page = client_of(other).get(reverse("person", kwargs={"person": foundation_staff.pk})).content.decode()
    assert SUBJECT in page
    assert "同意してシングルサインオンと連携" in page
    confirm = reverse("reset_confirm", kwargs={"proposal": proposal.pk})
    assert client_of(administrator).post(confirm).status_code == 403
    client_of(other).post(confirm)
    assert deeds() == [
        ("person.propose_reset", "administrator"),
        ("person.link_sign_on", "foundation-administrator"),
    ]
    assert HistoryEvent.objects.latest("pk").after["proposed_by"] == "administrator"
    sign_on(client, provider)
    assert is_in(client)


def test_where_that_side_has_no_administrator_it_takes_effect_and_says_so(
    provider: IdentityProvider, administrator: User, foundation_staff: User
) -> None:
    link(administrator, foundation_staff, provider)
    assert SignOn.objects.get().person == foundation_staff
    assert "直ちに" in HistoryEvent.objects.get().reason


def test_what_is_taken_meanwhile_is_said_when_it_is_confirmed(
    provider: IdentityProvider, administrator: User, other: User, foundation_staff: User
) -> None:
    link(administrator, foundation_staff, provider)
    link(other, other, provider)
    confirm = reverse("reset_confirm", kwargs={"proposal": ResetProposal.objects.get().pk})
    assert "すでに別のアカウントと連携" in client_of(other).post(confirm, follow=True).content.decode()
    assert ResetProposal.objects.get().confirmed_at is None


@pytest.mark.parametrize("who", ["city_staff", "foreign_administrator"])
def test_nobody_else_links(
    request: pytest.FixtureRequest, provider: IdentityProvider, person: User, who: str
) -> None:
    by = request.getfixturevalue(who)
    assert link(by, person, provider, "mine").status_code in (403, 404)
    assert unlink(by, person).status_code in (403, 404)
    assert SignOn.objects.get().subject == SUBJECT


@pytest.mark.parametrize("subject", ["", " ", "x" * 256, "a\0b"])
def test_what_identifies_nobody_is_refused(
    provider: IdentityProvider, administrator: User, city_staff: User, subject: str
) -> None:
    assert link(administrator, city_staff, provider, subject).status_code == 400
    assert not SignOn.objects.exists()


def test_one_account_of_a_provider_is_one_persons_and_the_other_way_round(
    provider: IdentityProvider, administrator: User, person: User, city_viewer: User
) -> None:
    assert "すでに別のアカウントと連携" in link(administrator, city_viewer, provider).content.decode()
    assert "すでに連携しています" in link(administrator, person, provider, "another").content.decode()
    assert SignOn.objects.count() == 1


def test_an_issuer_that_nobody_named_is_refused(
    provider: IdentityProvider, administrator: User, city_staff: User
) -> None:
    address = reverse("person_sign_on", kwargs={"person": city_staff.pk})
    sent = {"issuer": "https://elsewhere.example", "subject": SUBJECT}
    assert client_of(administrator).post(address, sent).status_code == 400


def test_a_form_sent_twice_links_once(
    provider: IdentityProvider, administrator: User, city_staff: User
) -> None:
    client = client_of(administrator)
    address = reverse("person_sign_on", kwargs={"person": city_staff.pk})
    sent = {"issuer": provider.issuer, "subject": SUBJECT, "form_key": "k" * 22}
    answers = [client.post(address, sent) for _time in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [f"/people/{city_staff.pk}/"] * 2
    assert SignOn.objects.count() == HistoryEvent.objects.count() == 1


def test_every_address_has_its_rule(provider: IdentityProvider) -> None:
    """As tests/repository/test_access.py asks of those that are always there."""
    rules = {
        pattern.name: getattr(pattern.callback, "rule", None)
        if getattr(pattern.callback, "login_required", True)
        else "public"
        for pattern in urls.urlpatterns
    }
    assert rules == {
        "sign_on": "public",
        "sign_on_back": "public",
        "person_sign_on": Right.ADMINISTER,
        "person_sign_on_end": Right.ADMINISTER,
    }
    for pattern in urls.urlpatterns:
        values = {"provider": "city", "person": 999_999_999, "link": 999_999_999}
        address = reverse(pattern.name, kwargs={name: values[name] for name in pattern.pattern.converters})
        assert Client().get(address).status_code in (302, 400)
        assert Client().put(address).status_code in (302, 405)


def test_the_password_is_asked_for_first(
    provider: IdentityProvider, administrator: User, city_staff: User
) -> None:
    client = client_of(administrator)
    session = client.session
    session[confirmed._KEY] = 0
    session.save()
    address = reverse("person_sign_on", kwargs={"person": city_staff.pk})
    answer = client.post(address, {"issuer": provider.issuer, "subject": SUBJECT})
    assert reverse("confirm") in answer.headers["Location"]
    assert not SignOn.objects.exists()


def test_as_many_queries_however_many_links(
    provider: IdentityProvider, administrator: User, person: User, django_assert_max_num_queries: Any
) -> None:
    client = client_of(administrator)

    def queries() -> int:
        with django_assert_max_num_queries(30) as counted:
            client.get(reverse("person", kwargs={"person": person.pk}))
        return len(counted)

    before = queries()
    for number in range(5):
        SignOn.objects.create(
            person=person, issuer=f"https://{number}.example", subject="x", linked_by=administrator
        )
    assert queries() == before


# What the databases hold


def test_a_link_is_ended_and_never_changed(person: User, city_viewer: User) -> None:
    for change in ({"person": city_viewer}, {"subject": "another"}, {"issuer": "https://elsewhere.example"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            SignOn.objects.update(**change)


def test_a_proposal_has_an_account_exactly_if_it_is_about_one(administrator: User, other: User) -> None:
    for wrong in (
        {"kind": ResetKind.SIGN_ON},
        {"kind": ResetKind.SIGN_ON, "issuer": "https://a.example"},
        {"kind": ResetKind.PASSWORD, "subject": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ResetProposal.objects.create(person=other, proposed_by=administrator, **wrong)
