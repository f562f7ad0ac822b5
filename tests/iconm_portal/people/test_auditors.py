"""監査: on either side, or of an office that is no party; sees what is settled and the whole history, changes nothing."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, Organisation, Role, Side, User
from iconm_portal.people import actions, administered, auditor_actions
from iconm_portal.people.access import Right, allowed, permits
from tests.people import client_of, make_organisation, make_person

pytestmark = pytest.mark.django_db

OFFICE: dict[str, Any] = {"code": "audit-office", "name": "臨海監査事務所", "name_en": "Audit Office"}


@pytest.fixture
def client(administrator: User) -> Client:
    client = client_of(administrator)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def office(center: Center, administrator: User) -> Organisation:
    return auditor_actions.appoint(center=center, **OFFICE, by=administrator)


def test_the_role_is_the_same_on_either_side_and_outside() -> None:
    held = {right for right in Right if permits(None, Role.AUDITOR, right)}
    assert held == {
        Right.SEE_SETTLED,
        Right.SEE_HISTORY,
        Right.SEE_WHOLE_HISTORY,
        Right.SEE_RIGHTS_HISTORY,
    }
    for side in Side:
        assert {right for right in Right if permits(side, Role.AUDITOR, right)} == held


def test_an_administrator_lets_an_office_audit_and_enters_its_people(client: Client, center: Center) -> None:
    answer = client.post(reverse("auditors"), OFFICE | {"center": center.pk})
    assert answer.headers["Location"] == reverse("auditors")
    office = Organisation.objects.get(code="audit-office")
    assert list(center.auditors.all()) == [office]
    page = client.get(reverse("auditors")).content.decode()
    assert "臨海監査事務所" in page
    typed = {
        "username": "nakamura",
        "name": "中村",
        "email": "",
        "organisation": office.pk,
        "role": "auditor",
    }
    assert client.post(reverse("person_new"), typed).status_code == 200
    auditor = User.objects.get(username="nakamura")
    assert allowed(auditor, center, Right.SEE_SETTLED)
    assert [event.action for event in HistoryEvent.objects.order_by("pk")] == [
        "organisation.create",
        "center.appoint",
        "person.create",
    ]
    assert not HistoryEvent.objects.exclude(center="").exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_people_of_an_office_that_only_audits_are_auditors(
    office: Organisation, administrator: User, city_staff: User, role: Role
) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_person(
            username="x", name="x", email="", organisation=office, role=role, by=administrator
        )
    assert list(refused.value.message_dict) == ["role"]
    with pytest.raises(ValidationError):
        actions.change_person(
            person=city_staff, version=1, name="x", email="", organisation=office, role=role, by=administrator
        )


def test_the_refusal_stands_at_the_field(client: Client, office: Organisation) -> None:
    typed = {"username": "x", "name": "x", "email": "", "organisation": office.pk, "role": "staff"}
    answer = client.post(reverse("person_new"), typed)
    assert list(answer.context["form"].errors) == ["role"]


def test_a_dismissed_office_sees_nothing_and_is_nobodys_to_administer(
    client: Client, office: Organisation, center: Center, administrator: User
) -> None:
    auditor = make_person("auditor", office, Role.AUDITOR)
    theirs = client_of(auditor)
    assert theirs.get("/lab/").status_code == 200
    at = {"center": center.code, "organisation": office.code}
    client.post(reverse("auditors_dismiss", kwargs=at))
    assert theirs.get("/lab/").status_code == 404
    assert not administered.people(administrator.organisation).filter(pk=auditor.pk).exists()
    assert HistoryEvent.objects.latest("pk").action == "center.dismiss"
    assert client.post(reverse("auditors_dismiss", kwargs=at)).status_code == 404


def test_auditors_of_the_office_alone_see_the_center(office: Organisation, center: Center) -> None:
    for role in Role:
        person = make_person(f"of-office-{role}", office, role)
        assert allowed(person, center, Right.SEE_SETTLED) == (role is Role.AUDITOR)


def test_who_cannot_be_let_in_from_outside(
    center: Center, administrator: User, foreign_city: Organisation, foreign_center: Center
) -> None:
    for code in (center.supporter.code, center.operator.code, foreign_city.code):
        with pytest.raises(ValidationError) as refused:
            auditor_actions.appoint(center=center, code=code, name="x", by=administrator)
        assert list(refused.value.message_dict) == ["code"]
    unattached = make_organisation("unattached")
    with pytest.raises(ValidationError):
        auditor_actions.appoint(center=center, code=unattached.code, name="x", by=administrator)
    assert not center.auditors.exists()


@pytest.mark.parametrize("who", ["city_staff", "foundation_viewer", "foreign_administrator"])
def test_nobody_else_lets_anyone_in(request: pytest.FixtureRequest, center: Center, who: str) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        auditor_actions.appoint(center=center, **OFFICE, by=by)
    with pytest.raises(PermissionDenied):
        auditor_actions.dismiss(center=center, organisation=center.operator, by=by)


def test_an_office_may_audit_a_second_center_of_the_same_administrator(
    office: Organisation, center: Center, administrator: User, foundation: Organisation
) -> None:
    second = Center.objects.create(
        code="second", name="第二", short_name="第二", supporter=center.supporter, operator=foundation
    )
    auditor_actions.appoint(center=second, **OFFICE, by=administrator)
    auditor = make_person("auditor", office, Role.AUDITOR)
    page = client_of(auditor).get("/").content.decode()
    assert "第二" in page
    assert center.name in page
    assert "第二" in client_of(auditor).get("/history/?center=lab").content.decode()


# Two administrators on one account


def test_the_second_administrator_is_told_and_changes_nothing(city_staff: User, administrator: User) -> None:
    said = {"email": "", "organisation": city_staff.organisation, "role": Role.STAFF}
    actions.change_person(person=city_staff, version=1, name="先の名", **said, by=administrator)
    with pytest.raises(Conflict):
        actions.change_person(person=city_staff, version=1, name="後の名", **said, by=administrator)
    assert User.objects.get(pk=city_staff.pk).name == "先の名"


def test_an_account_deactivated_meanwhile_is_noticed(city_staff: User, administrator: User) -> None:
    actions.deactivate_person(person=city_staff, by=administrator)
    with pytest.raises(Conflict):
        actions.change_person(
            person=city_staff,
            version=1,
            name="後の名",
            email="",
            organisation=city_staff.organisation,
            role=Role.ADMINISTRATOR,
            by=administrator,
        )
