"""An account of the other side is opened anew with the word of that side's administrators alone."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import (
    AuditEvent,
    Center,
    HistoryEvent,
    ResetKind,
    ResetProposal,
    Role,
    User,
)
from iconm_portal.people import account_actions, actions, reset_actions
from iconm_portal.people.second_factor import codes
from tests.builders.second_factor import with_app
from tests.people import PASSWORD, client_of, make_person

ADDRESSES = {
    ResetKind.PASSWORD: "person_reset_password",
    ResetKind.SECOND_FACTOR: "person_reset_second_factor",
    ResetKind.REACTIVATION: "person_reactivate",
}


@pytest.fixture
def other(center: Center) -> User:
    """The foundation's own administrator."""
    return make_person("foundation-administrator", center.operator, Role.ADMINISTRATOR)


def ask(by: User, person: User, kind: ResetKind = ResetKind.PASSWORD) -> Any:
    return client_of(by).post(reverse(ADDRESSES[kind], kwargs={"person": person.pk}), follow=True)


def answer(by: User, word: str) -> Any:
    proposal = ResetProposal.objects.get()
    return client_of(by).post(reverse(f"reset_{word}", kwargs={"proposal": proposal.pk}), follow=True)


def is_untouched(person: User) -> bool:
    person.refresh_from_db()
    return person.check_password(PASSWORD) and not person.must_change_password


def deeds() -> list[tuple[str, str]]:
    return list(HistoryEvent.objects.order_by("pk").values_list("action", "actor"))


def test_it_is_proposed_and_the_password_is_seen_by_the_own_side_alone(
    administrator: User, other: User, foundation_staff: User
) -> None:
    before = client_of(administrator).get(reverse("person", kwargs={"person": foundation_staff.pk}))
    assert "仮パスワードの発行を提案" in before.content.decode()
    assert "次のページに仮パスワード" not in before.content.decode()
    shown = ask(administrator, foundation_staff).content.decode()
    assert "提案しました" in shown
    assert "figure-number" not in shown
    assert is_untouched(foundation_staff)
    todo = client_of(other).get(reverse("people")).content.decode()
    assert "あなたの対応が必要なもの" in todo
    assert foundation_staff.name in todo
    assert not client_of(administrator).get(reverse("people")).context["waiting"]
    assert "figure-number" in answer(other, "confirm").content.decode()
    assert not is_untouched(foundation_staff)
    assert deeds() == [
        ("person.propose_reset", "administrator"),
        ("person.reset_password", "foundation-administrator"),
    ]
    assert HistoryEvent.objects.latest("pk").after == {"proposed_by": "administrator"}
    assert AuditEvent.objects.filter(what__startswith="person.").count() == 2


def test_a_second_factor_too(administrator: User, other: User, foundation_staff: User) -> None:
    with_app(foundation_staff)
    ask(administrator, foundation_staff, ResetKind.SECOND_FACTOR)
    assert codes.is_set_up(foundation_staff)
    answer(other, "confirm")
    assert not codes.is_set_up(foundation_staff)


def test_and_a_closed_account(administrator: User, other: User, foundation_staff: User) -> None:
    actions.deactivate_person(person=foundation_staff, by=administrator)
    ask(administrator, foundation_staff, ResetKind.REACTIVATION)
    foundation_staff.refresh_from_db()
    assert not foundation_staff.is_active
    assert "figure-number" in answer(other, "confirm").content.decode()
    foundation_staff.refresh_from_db()
    assert foundation_staff.is_active


@pytest.mark.parametrize("who", ["administrator", "foundation_staff", "foreign_administrator"])
def test_nobody_else_confirms(
    request: pytest.FixtureRequest, administrator: User, other: User, foundation_staff: User, who: str
) -> None:
    ask(administrator, foundation_staff)
    assert answer(request.getfixturevalue(who), "confirm").status_code in (403, 404)
    assert is_untouched(foundation_staff)


def test_nobody_confirms_what_is_about_themselves(administrator: User, other: User) -> None:
    second = make_person("second", other.organisation, Role.ADMINISTRATOR)
    ask(administrator, second)
    assert answer(second, "confirm").status_code == 403
    assert list(reset_actions.waiting_for(second)) == []
    assert "figure-number" in answer(other, "confirm").content.decode()


@pytest.mark.parametrize("who", ["administrator", "other"])
def test_it_is_declined_or_taken_back(
    request: pytest.FixtureRequest, administrator: User, other: User, foundation_staff: User, who: str
) -> None:
    ask(administrator, foundation_staff)
    answer(request.getfixturevalue(who), "decline")
    assert is_untouched(foundation_staff)
    assert deeds()[-1][0] == "person.decline_reset"
    assert list(reset_actions.waiting_for(other)) == []
    assert "figure-number" not in answer(other, "confirm").content.decode()
    ask(administrator, foundation_staff)
    assert ResetProposal.objects.count() == 2


def test_it_is_answered_once_and_open_once(administrator: User, other: User, foundation_staff: User) -> None:
    ask(administrator, foundation_staff)
    ask(administrator, foundation_staff)
    proposal = ResetProposal.objects.get()
    reset_actions.confirm(proposal=proposal, by=other)
    for again in (reset_actions.confirm, reset_actions.decline):
        with pytest.raises(WrongStep):
            again(proposal=proposal, by=other)


def test_no_way_leads_past_it(administrator: User, other: User, foundation_staff: User) -> None:
    """Neither the action itself, nor another address to which a link would go, nor moving the account, nor a new one."""
    for action in (
        account_actions.reset_password,
        account_actions.reset_second_factor,
        account_actions.reactivate_person,
    ):
        with pytest.raises(PermissionDenied):
            action(person=foundation_staff, by=administrator)
    same = {
        "name": foundation_staff.name,
        "email": foundation_staff.email,
        "organisation": foundation_staff.organisation,
        "role": foundation_staff.role,
    }
    for changed in (
        {"email": "mine@example.jp"},
        {"organisation": administrator.organisation},
        {"role": Role.ADMINISTRATOR},
    ):
        with pytest.raises(ValidationError):
            actions.change_person(
                person=foundation_staff, version=foundation_staff.version, by=administrator, **same | changed
            )
    new = {"username": "new", "name": "新", "email": "new@example.jp", "organisation": other.organisation}
    for way in (actions.create_person, actions.invite_person):
        with pytest.raises(ValidationError):
            way(**new, role=Role.STAFF, by=administrator)
    assert actions.change_person(
        person=foundation_staff, version=foundation_staff.version, by=administrator, **same | {"name": "改"}
    )


def test_nobody_moves_an_account_of_ones_own_to_the_other_side(
    administrator: User, other: User, city_staff: User
) -> None:
    with pytest.raises(ValidationError):
        actions.change_person(
            person=city_staff,
            version=city_staff.version,
            name=city_staff.name,
            email=city_staff.email,
            organisation=other.organisation,
            role=city_staff.role,
            by=administrator,
        )


def test_the_page_of_the_person_says_who_changes_what(
    administrator: User, other: User, foundation_staff: User
) -> None:
    page = client_of(administrator).get(reverse("person", kwargs={"person": foundation_staff.pk}))
    fields = page.context["form"].fields
    assert [name for name, field in fields.items() if field.disabled] == ["email", "organisation", "role"]
    organisations = client_of(administrator).get(reverse("person_new")).context["form"].fields["organisation"]
    assert list(organisations.queryset) == [administrator.organisation]


@pytest.mark.parametrize("is_closed", [True, False])
def test_where_that_side_has_no_administrator_it_takes_effect_at_once_and_says_so(
    administrator: User, foundation_staff: User, center: Center, *, is_closed: bool
) -> None:
    if is_closed:
        make_person("gone", center.operator, Role.ADMINISTRATOR, is_active=False)
    assert "figure-number" in ask(administrator, foundation_staff).content.decode()
    assert "直ちに" in HistoryEvent.objects.get().reason
    assert AuditEvent.objects.filter(what__contains="直ちに").count() == 1


def test_the_only_administrator_of_a_side_is_helped_by_the_other(administrator: User, other: User) -> None:
    assert "figure-number" in ask(administrator, other).content.decode()
    assert "直ちに" in HistoryEvent.objects.get().reason


def test_the_own_side_needs_nobody(other: User, foundation_staff: User) -> None:
    assert "figure-number" in ask(other, foundation_staff).content.decode()
    assert HistoryEvent.objects.get().reason == ""


# What the databases hold


@pytest.mark.parametrize(
    "change",
    [
        {"kind": ResetKind.REACTIVATION},
        {"confirmed_by": None},
        {"declined_by": 1, "declined_at": "2026-01-01T00:00Z"},
    ],
)
def test_what_was_answered_stays(
    administrator: User, other: User, foundation_staff: User, change: dict[str, Any]
) -> None:
    ask(administrator, foundation_staff)
    reset_actions.confirm(proposal=ResetProposal.objects.get(), by=other)
    for deed in (
        lambda: ResetProposal.objects.update(**change),
        lambda: ResetProposal.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            deed()


def test_the_database_knows_no_confirmation_by_who_proposed_it(
    administrator: User, other: User, foundation_staff: User
) -> None:
    ask(administrator, foundation_staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        ResetProposal.objects.update(confirmed_by=administrator, confirmed_at="2026-01-01T00:00Z")


def test_as_many_queries_however_much_waits(
    administrator: User, other: User, center: Center, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(other)

    def queries() -> int:
        with django_assert_max_num_queries(30) as counted:
            client.get(reverse("people"))
        return len(counted)

    for number in range(2):
        ask(administrator, make_person(f"one-{number}", center.operator))
    before = queries()
    for number in range(5):
        ask(administrator, make_person(f"two-{number}", center.operator))
    assert queries() == before
