"""団体 and センター by pages: who may make what, what is refused at which field, what is kept, and the way in."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.translation import gettext

from agreements.editions.obligations import due_dates
from agreements.models import Agreement
from iconm_portal.history.history import Source
from iconm_portal.models import RESERVED_CODES, Center, HistoryEvent, Organisation, Role, User
from iconm_portal.people import actions, administered, auditor_actions
from iconm_portal.people.centers import center_actions, codes, organisation_actions
from iconm_portal.people.centers.center_actions import CenterFacts
from iconm_portal.people.centers.first_steps import first_steps
from iconm_portal.people.centers.organisation_actions import OrganisationFacts
from iconm_portal.values import closing_days, money
from iconm_portal.values.money import NegativeMark
from tests.builders.agreements import make_agreement
from tests.builders.entry_pages import form_of
from tests.people import client_of, make_center, make_organisation, make_person

pytestmark = pytest.mark.django_db

SETTINGS = {"negative_mark": "▲", "closing_days": "12/29〜1/3"}
QUERIES = (("begin", 6), ("organisations", 7), ("centers", 4))
HALL = CenterFacts(name="潮見会館", short_name="会館")


@pytest.fixture
def first(db: None) -> User:
    """The administrator of a portal in which there is nothing else."""
    own = actions.install_organisation(code="shiomi", name="潮見市", by=Source("test"))
    return actions.install_administrator(
        username="first", name="最初", email="", organisation=own, password="x", by=Source("test")
    )


@pytest.fixture
def client(first: User) -> Client:
    first.must_change_password = False
    first.save()
    client = client_of(first)
    client.cookies["django_language"] = "en"
    return client


def entered(by: User, name: str = "潮見財団", **more: Any) -> Organisation:
    return organisation_actions.create(facts=OrganisationFacts(name, **more), by=by)


def make(by: User, **changed: Any) -> Center:
    parties = {"supporter": by.organisation, "operator": by.organisation} | changed
    return center_actions.create(facts=HALL, by=by, **parties)


def refused_at(error: ValidationError) -> list[str]:
    return list(error.message_dict)


# --- from nothing to a center ------------------------------------------------------------------


def test_the_way_from_an_empty_portal(client: Client, first: User) -> None:
    assert client.get("/").headers["Location"] == reverse("begin")
    assert [step.is_done for step in first_steps(first)] == [False, False, False]
    answer = client.post(
        reverse("organisation_new"), {"name": "潮見文化財団", "name_en": "Shiomi Foundation"}
    )
    assert answer.headers["Location"] == reverse("begin")
    other = Organisation.objects.get(code="shiomi-foundation")
    assert [step.is_done for step in first_steps(first)] == [True, False, False]
    typed = SETTINGS | {"name": "潮見会館", "supporter": first.organisation_id, "operator": other.pk}
    assert client.post(reverse("center_new"), typed).headers["Location"] == reverse("begin")
    center = Center.objects.get(code="hall")
    assert (center.short_name, center.supporter, center.operator) == ("潮見会館", first.organisation, other)
    assert [step.is_done for step in first_steps(first)] == [True, True, False]
    for party in (first.organisation, other):
        page = reverse("organisation_person_new", kwargs={"organisation": party.code})
        shown = client.get(page).context["form"]
        assert (shown["organisation"].value(), shown["role"].value()) == (party.pk, Role.STAFF)
        person = {"username": f"of-{party.code}", "name": "x", "organisation": party.pk, "role": "staff"}
        assert client.post(page, person).status_code == 200
    assert [step.is_done for step in first_steps(first)] == [True, True, True]
    assert client.get("/").headers["Location"] == reverse("people")
    actions_done = list(HistoryEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions_done[2:] == ["organisation.create", "center.create", "person.create", "person.create"]


def test_the_first_page_says_what_is_there_and_what_is_missing(client: Client, first: User) -> None:
    page = client.get(reverse("begin")).content.decode()
    assert "The other party is missing" in page
    assert reverse("organisation_new") in page
    make(first, operator=entered(first))
    page = client.get(reverse("begin")).content.decode()
    assert "潮見会館: 甲 潮見市, 乙 潮見財団" in page
    assert "乙 潮見財団 has no staff" in page


def test_the_number_of_queries_does_not_grow(
    client: Client, first: User, django_assert_num_queries: Any
) -> None:
    make(first, operator=entered(first))
    for page, _most in QUERIES:
        client.get(reverse(page))
    for number in range(3):
        make(first, operator=entered(first, f"団体{number}"))
    for page, most in QUERIES:
        with django_assert_num_queries(most):
            client.get(reverse(page))


def test_a_center_without_the_other_party_is_not_offered(client: Client) -> None:
    page = client.get(reverse("center_new")).content.decode()
    assert "Enter the other party first" in page
    assert 'name="supporter"' not in page


def test_people_of_a_side_that_keeps_itself_are_entered_by_its_own(client: Client, first: User) -> None:
    other = entered(first)
    make(first, operator=other)
    make_person("own", other, Role.ADMINISTRATOR, name="乙の管理者")
    step = first_steps(first)[2]
    assert any("乙の管理者" in line for line in step.ask)
    at = {"organisation": other.code}
    assert "乙の管理者" in client.get(reverse("organisation", kwargs=at)).content.decode()
    page = client.post(
        reverse("organisation_person_new", kwargs=at),
        {"username": "x", "name": "x", "organisation": other.pk, "role": "staff"},
    )
    assert page.status_code == 400
    assert not User.objects.filter(username="x").exists()


def test_whoever_has_no_center_is_told_whom_to_ask(first: User) -> None:
    staff = make_person("staff", first.organisation, Role.STAFF)
    assert "最初（潮見市）" in client_of(staff).get("/").content.decode()


def test_another_person_like_one_who_is_there(client: Client, first: User) -> None:
    staff = make_person("staff", first.organisation, Role.AUDITOR)
    form = client.get(reverse("person_another", kwargs={"person": staff.pk})).context["form"]
    assert (form["organisation"].value(), form["role"].value()) == (first.organisation_id, Role.AUDITOR)
    assert form["name"].value() is None


# --- who may make what -------------------------------------------------------------------------


def test_what_was_entered_is_looked_after_until_it_has_a_center(first: User, administrator: User) -> None:
    other = entered(first)
    assert other in administered.organisations(first.organisation)
    assert other not in administered.organisations(administrator.organisation)
    assert list(administered.organisations(other)) == [other]
    own = make_person("own", other, Role.ADMINISTRATOR)
    third = entered(own, "別の団体")
    center_actions.create(supporter=third, operator=other, facts=HALL, by=own)
    # It has a center with somebody else: it is no affair of those who entered it any more.
    assert other not in administered.organisations(first.organisation)
    with pytest.raises(ValidationError) as refused:
        make(first, operator=other)
    assert refused_at(refused.value) == ["operator"]


@pytest.mark.parametrize("who", ["city_staff", "foundation_viewer", "city_viewer"])
def test_nobody_else_makes_anything(request: pytest.FixtureRequest, center: Center, who: str) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        entered(by)
    with pytest.raises(PermissionDenied):
        make(by, operator=center.operator)
    for act in (center_actions.delete,):
        with pytest.raises(PermissionDenied):
            act(center=center, by=by)


def test_foreign_things_are_not_there(
    administrator: User, foreign_center: Center, foreign_administrator: User
) -> None:
    client = client_of(administrator)
    assert client.get(reverse("center", kwargs={"center": foreign_center.code})).status_code == 404
    at = {"organisation": foreign_center.supporter.code}
    for name in ("organisation", "organisation_person_new"):
        assert client.get(reverse(name, kwargs=at)).status_code == 404
    with pytest.raises(PermissionDenied):
        center_actions.change(center=foreign_center, seen="", facts=HALL, by=administrator)
    with pytest.raises(PermissionDenied):
        organisation_actions.delete(organisation=foreign_center.supporter, by=administrator)
    with pytest.raises(ValidationError):
        make(administrator, operator=foreign_center.operator)
    other = entered(administrator, "第二財団")
    with pytest.raises(ValidationError) as refused:  # neither of both is the administrator's own
        make(administrator, supporter=other, operator=foreign_center.operator)
    assert refused_at(refused.value) == ["operator"]


def test_who_audits_from_outside_becomes_no_party(administrator: User, center: Center) -> None:
    office = auditor_actions.appoint(center=center, code="office", name="監査事務所", by=administrator)
    with pytest.raises(ValidationError) as refused:
        make(administrator, operator=office)
    assert refused_at(refused.value) == ["operator"]


def test_who_has_other_people_than_auditors_does_not_audit_from_outside(
    administrator: User, center: Center
) -> None:
    other = entered(administrator, "第二財団")
    make_person("own", other, Role.ADMINISTRATOR)
    with pytest.raises(ValidationError) as refused:
        auditor_actions.appoint(center=center, code=other.code, name="x", by=administrator)
    assert refused_at(refused.value) == ["code"]


def test_an_organisation_with_administrators_is_named_by_them(administrator: User, center: Center) -> None:
    make_person("own", center.operator, Role.ADMINISTRATOR)
    with pytest.raises(ValidationError):
        organisation_actions.change(
            organisation=center.operator, seen="", facts=OrganisationFacts("x"), by=administrator
        )


@pytest.mark.parametrize("way", ["deactivate", "change"])
def test_it_is_said_when_a_side_loses_its_own_last_administrator(
    administrator: User, center: Center, way: str
) -> None:
    last = make_person("own", center.operator, Role.ADMINISTRATOR)
    if way == "deactivate":
        client = client_of(administrator)
        answer = client.post(reverse("person_deactivate", kwargs={"person": last.pk}), follow=True)
    else:
        client = client_of(make_person("other", center.operator, Role.ADMINISTRATOR))
        User.objects.filter(username="other").update(role=Role.ADMINISTRATOR)
        page = reverse("person", kwargs={"person": last.pk})
        typed = {"name": "x", "organisation": center.operator_id, "role": "staff", "version": 1}
        client.post(page, typed)
        answer = client_of(administrator).post(
            reverse("person_deactivate", kwargs={"person": User.objects.get(username="other").pk}),
            follow=True,
        )
    assert (
        f"に自団体の管理者がいなくなりました。利用者の登録と変更は{administrator.name}が行います。"
        in answer.content.decode()
    )


# --- bad input, by field -----------------------------------------------------------------------


def test_one_organisation_on_both_sides(client: Client, first: User) -> None:
    entered(first)
    own = first.organisation_id
    answer = client.post(
        reverse("center_new"), SETTINGS | {"name": "会館", "supporter": own, "operator": own}
    )
    assert answer.status_code == 400
    assert answer.context["form"].errors == {
        "operator": ["The supporter and the operator are two organisations."]
    }
    assert not Center.objects.exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("lab", "This code is taken."),
        ("people", "This code is reserved for an address of the portal."),
        ("new", "This code is reserved for an address of the portal."),
        ("２０２６", "Use small letters, digits and single hyphens, beginning with a letter."),
        ("会館", "Use small letters, digits and single hyphens, beginning with a letter."),
    ],
)
def test_codes_that_cannot_be(administrator: User, center: Center, code: str, message: str) -> None:
    client = client_of(administrator)
    typed = {"supporter": center.supporter_id, "operator": center.operator_id, "name": "会館", "code": code}
    answer = client.post(reverse("center_new"), SETTINGS | typed)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"code": [gettext(message)]}
    assert Center.objects.count() == 1


@pytest.mark.parametrize("code", ["city", "new", "A"])
def test_codes_of_organisations_that_cannot_be(administrator: User, code: str) -> None:
    answer = client_of(administrator).post(reverse("organisation_new"), {"name": "財団", "code": code})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["code"]


def test_the_last_day_is_not_before_the_first(administrator: User, center: Center) -> None:
    page = reverse("center", kwargs={"center": center.code})
    client = client_of(administrator)
    typed = SETTINGS | {"name": "x", "opens_on": "R8.4.1", "closes_on": "R8.3.31"}
    seen = client.get(page).context["form"]["seen"].value()
    answer = client.post(page, typed | {"seen": seen, "original": "{}"})
    assert list(answer.context["form"].errors) == ["closes_on"]


def test_every_first_part_of_an_address_is_reserved() -> None:
    parts = {str(one.pattern).partition("/")[0] for one in get_resolver().url_patterns}
    for resolver in get_resolver().url_patterns:
        if str(resolver.pattern) == "":
            parts |= {str(one.pattern).partition("/")[0] for one in getattr(resolver, "url_patterns", [])}
    assert {part for part in parts if part and not part.startswith("<")} <= set(RESERVED_CODES)


@pytest.mark.parametrize(
    ("name", "name_en", "code"),
    [
        ("海風市", "Umikaze City", "umikaze-city"),
        ("海風市", "", "city"),
        ("一般財団法人海風産業振興財団", "", "foundation"),
        ("株式会社海風", "", "company"),
        ("ＮＡＮＯ医療", "", "nano"),
        ("海風", "", "thing"),
        ("第3庁舎", "3rd Hall", "hall"),
        (
            "x",
            "The Very Long Name of a Center for Innovation in Nanomedicine",
            "the-very-long-name-of-a-center-for",
        ),
        ("人々", "People", "people-2"),
    ],
)
def test_suggested_codes_are_read(name: str, name_en: str, code: str) -> None:
    assert codes.suggested(name, name_en, otherwise="thing") == code


def test_a_suggested_code_that_is_taken_is_numbered(first: User) -> None:
    made = [entered(first, name) for name in ("甲財団", "乙財団", "丙財団")]
    assert [one.code for one in made] == ["foundation", "foundation-2", "foundation-3"]


# --- deleting, and what is kept ----------------------------------------------------------------


def test_what_nothing_rests_on_is_deleted_and_its_code_is_not_given_again(
    client: Client, first: User
) -> None:
    other = entered(first)
    center = make(first, operator=other)
    for status in (302, 404):
        answer = client.post(reverse("center_delete", kwargs={"center": center.code}))
        assert answer.status_code == status
    client.post(reverse("organisation_delete", kwargs={"organisation": other.code}))
    assert not Center.objects.exists()
    assert list(Organisation.objects.all()) == [first.organisation]
    last = HistoryEvent.objects.order_by("-pk")[:2]
    assert [event.action for event in last] == ["organisation.delete", "center.delete"]
    assert "Deleted" in client.get(reverse("history")).content.decode()
    assert entered(first).code == "foundation-2"
    with pytest.raises(ValidationError):
        organisation_actions.create(code="foundation", facts=OrganisationFacts("x"), by=first)


def test_what_something_rests_on_stays_and_the_page_says_why(
    administrator: User, center: Center, foundation_staff: User
) -> None:
    client = client_of(administrator)
    client.cookies["django_language"] = "en"
    make_agreement(center)
    at = {"center": center.code}
    assert "Something was entered in it already" in client.get(reverse("center", kwargs=at)).content.decode()
    client.post(reverse("center_delete", kwargs=at))
    assert Center.objects.filter(pk=center.pk).exists()
    for party, why in ((center.operator, "It is a party to a center."),):
        page = reverse("organisation", kwargs={"organisation": party.code})
        assert why in client.get(page).content.decode()
        client.post(reverse("organisation_delete", kwargs={"organisation": party.code}))
        assert Organisation.objects.filter(pk=party.pk).exists()


def test_nobody_is_left_alone_by_a_deletion(administrator: User, city: Organisation) -> None:
    """The other party came in by another way than this page, and this center is all that it has."""
    lone = make_organisation("lone")
    center = make_center("last", city, lone)
    with pytest.raises(ValidationError):
        center_actions.delete(center=center, by=administrator)


def test_the_databases_keep_what_is_used(center: Center, city_staff: User) -> None:
    HistoryEvent.objects.create(
        action="agreement.create", center=center.code, subject="x", subject_label="x", source="x"
    )
    for row in (center, center.supporter, center.operator):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")  # type: ignore[attr-defined]
    lone = make_organisation("lone")
    with pytest.raises(DatabaseError), transaction.atomic():
        Organisation.objects.filter(pk=lone.pk).update(keeper=center.supporter)
    lone.delete()


# --- settings -----------------------------------------------------------------------------------


def test_each_center_writes_its_negatives_with_its_own_mark(
    iconm: Center, center: Center, city_staff: User
) -> None:
    iconm.negative_mark = NegativeMark.WHITE
    iconm.save()
    theirs = client_of(make_person("theirs", iconm.supporter, Role.STAFF))
    page = theirs.get(f"/{iconm.code}/finance/").content.decode()
    assert "△" in page
    assert "▲" not in page
    assert client_of(city_staff).get("/lab/finance/").status_code == 200
    assert money.negative_mark() == "▲"
    theirs.get(f"/{iconm.code}/")
    assert money.negative_mark() == "△"
    theirs.get("/account/")  # of no center
    assert money.negative_mark() == "▲"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", set()),
        ("12/29〜1/3", {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}),
        ("６月２３日、12/31-1/1", {(6, 23), (12, 31), (1, 1)}),
        ("2/28から3/1", {(2, 28), (2, 29), (3, 1)}),
    ],
)
def test_closing_days_are_read(text: str, days: set[tuple[int, int]]) -> None:
    assert closing_days.parse(text) == days


@pytest.mark.parametrize("text", ["2/31", "年末", "12/29〜", "13/1"])
def test_days_that_there_are_not_are_refused_at_the_field(
    administrator: User, center: Center, text: str
) -> None:
    client, page = client_of(administrator), reverse("center", kwargs={"center": center.code})
    typed = form_of(client.get(page), holds="closing_days") | {"closing_days": text}
    answer = client.post(page, typed)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["closing_days"]


def test_the_settings_are_kept_with_their_history(administrator: User, center: Center) -> None:
    client, page = client_of(administrator), reverse("center", kwargs={"center": center.code})
    typed = form_of(client.get(page), holds="closing_days")
    assert (typed["closing_days"], typed["negative_mark"]) == ("12/29〜1/3", "▲")
    client.post(page, typed | {"closing_days": "12/28〜1/4", "negative_mark": "△"})
    center.refresh_from_db()
    assert (center.closing_days, center.negative_mark) == ("12/28〜1/4", NegativeMark.WHITE)
    event = HistoryEvent.objects.latest("pk")
    assert event.action == "center.change"
    assert event.after == {"closing_days": "12/28〜1/4", "negative_mark": "△"}
    assert due_dates.last_working_day(date(2027, 1, 4), closing_days.parse(center.closing_days)) == date(
        2026, 12, 25
    )


# --- a center that is closed -------------------------------------------------------------------


def test_a_closed_center_is_read_and_needs_nobody(
    center: Center, administrator: User, city_staff: User
) -> None:
    make_agreement(center)
    center.closes_on = date(2020, 3, 31)
    center.save()
    client = client_of(city_staff)
    assert client.get(f"/{center.code}/").status_code == 200
    assert "令和2年3月31日" in client.get(f"/{center.code}/").content.decode()
    assert client.get(f"/{center.code}/agreements/").status_code == 200
    assert Agreement.objects.filter(center=center).exists()
    assert first_steps(administrator)[1].there == ()
