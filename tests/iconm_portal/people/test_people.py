"""Administrators keep the people of the administered organisations: create, change, deactivate, reactivate, reset passwords."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from iconm_portal.models import Center, HistoryEvent, Organisation, Role, User
from iconm_portal.people import account_actions, actions
from iconm_portal.values import clock
from tests.people import PASSWORD, client_of, make_center, make_organisation, make_person

NEW = {"username": "tanaka", "name": "田中 一郎", "email": "tanaka@example.jp", "role": "staff"}


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


def edited(person: User, **changes: Any) -> dict[str, Any]:
    now = {
        "name": person.name,
        "email": person.email,
        "organisation": person.organisation_id,
        "role": person.role,
        "version": person.version,
    }
    return now | changes


# The list


def test_the_list_shows_the_administered_people_and_nobody_else(
    client: Client, foundation_staff: User, foreign_city_staff: User
) -> None:
    page = client.get(reverse("people")).content.decode()
    assert foundation_staff.name in page
    assert foreign_city_staff.name not in page


@pytest.mark.parametrize(
    "typed", ["ＦＯＵＮＤＡＴＩＯＮ", "foundation-staff", "名前foundation", "STAFF@EXAMPLE"]
)
def test_a_search_does_not_mind_width_case_and_spaces(
    client: Client, foundation_staff: User, city_viewer: User, typed: str
) -> None:
    page = client.get(reverse("people"), {"q": typed}).content.decode()
    assert foundation_staff.name in page
    assert city_viewer.name not in page


def test_the_list_is_narrowed_by_organisation_role_and_account(
    client: Client, foundation_staff: User, foundation_viewer: User, city_staff: User
) -> None:
    foundation_viewer.is_active = False
    foundation_viewer.save()
    for choice, names in [
        ({"organisation": foundation_staff.organisation_id}, {"foundation-staff", "foundation-viewer"}),
        ({"role": "staff"}, {"foundation-staff", "city-staff"}),
        ({"active": "no"}, {"foundation-viewer"}),
    ]:
        rows = client.get(reverse("people"), choice).context["table"].data
        assert {row.username for row in rows} == names


@pytest.mark.parametrize(
    "query",
    [
        {"role": "king"},
        {"organisation": "9" * 30},
        {"active": "perhaps"},
        {"q": "a" * 101},
        {"q": "a\x00b"},
    ],
)
def test_a_wrong_filter_is_named_and_shows_nobody(
    client: Client, city_staff: User, query: dict[str, str]
) -> None:
    answer = client.get(reverse("people"), query)
    assert answer.status_code == 200
    assert answer.context["filter"].form.errors
    assert len(answer.context["table"].data) == 0


@pytest.mark.parametrize(
    "query", [{"page": "x"}, {"page": "9" * 40}, {"page": "-1"}, {"per_page": "0"}, {"sort": "password"}]
)
def test_an_impossible_page_or_order_is_the_first(
    client: Client, city_staff: User, query: dict[str, str]
) -> None:
    answer = client.get(reverse("people"), query)
    assert city_staff.name in answer.content.decode()


def test_the_list_costs_the_same_for_many_people(
    client: Client, city: Organisation, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_person(f"p{number}", city)
    with django_assert_max_num_queries(8):
        client.get(reverse("people"))


# Creating


def test_a_new_person_gets_a_temporary_password_shown_once(client: Client, foundation: Organisation) -> None:
    answer = client.post(reverse("person_new"), NEW | {"organisation": foundation.pk})
    person = User.objects.get(username="tanaka")
    password = answer.context["issued"].password
    assert password in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert person.check_password(password)
    assert (person.organisation, person.role, person.must_change_password) == (foundation, Role.STAFF, True)


def test_creating_is_in_the_history_without_the_password(client: Client, foundation: Organisation) -> None:
    answer = client.post(reverse("person_new"), NEW | {"organisation": foundation.pk})
    event = HistoryEvent.objects.get()
    assert (event.action, event.actor, event.subject) == (
        "person.create",
        "administrator",
        "portal.user/tanaka",
    )
    assert event.organisation == "foundation"
    assert event.after == NEW | {"organisation": "foundation"}
    assert answer.context["issued"].password not in str(event.after)


def test_a_user_name_is_normalised(client: Client, city: Organisation) -> None:
    client.post(reverse("person_new"), NEW | {"organisation": city.pk, "username": " Ｔａｎａｋａ．Ｉ "})
    assert User.objects.filter(username="tanaka.i").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "田中"),
        ("username", "a b"),
        ("username", "a" * 61),
        ("username", "City-Staff"),
        ("name", " "),
        ("email", "no address"),
        ("role", "king"),
        ("organisation", ""),
        ("organisation", "9" * 30),
    ],
)
def test_bad_input_is_named_at_its_field_and_keeps_the_rest(
    client: Client, city_staff: User, field: str, value: str
) -> None:
    answer = client.post(
        reverse("person_new"), NEW | {"organisation": city_staff.organisation_id, field: value}
    )
    assert list(answer.context["form"].errors) == [field]
    assert 'role="alert"' in answer.content.decode()
    assert not User.objects.filter(username="tanaka").exists()


def test_nobody_is_created_in_a_foreign_organisation(client: Client, foreign_city: Organisation) -> None:
    answer = client.post(reverse("person_new"), NEW | {"organisation": foreign_city.pk})
    assert list(answer.context["form"].errors) == ["organisation"]


# Changing


def test_a_change_is_kept_with_before_and_after(
    client: Client, city_staff: User, foundation: Organisation
) -> None:
    data = edited(city_staff, role="viewer", organisation=foundation.pk)
    client.post(reverse("person", kwargs={"person": city_staff.pk}), data)
    city_staff.refresh_from_db()
    assert (city_staff.role, city_staff.organisation) == (Role.VIEWER, foundation)
    event = HistoryEvent.objects.get()
    assert event.before == {"role": "staff", "organisation": "city"}
    assert event.after == {"role": "viewer", "organisation": "foundation"}


@pytest.mark.parametrize("name", ["person", "person_reset_password", "person_reset_second_factor"])
def test_after_a_while_an_administrator_says_their_password_again(
    client: Client, city_staff: User, name: str
) -> None:
    """Whoever finds the page open takes over no account by another mail address; what was typed is not lost."""
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        address = reverse(name, kwargs={"person": city_staff.pk})
        before = User.objects.filter(pk=city_staff.pk).values().get()
        to_confirm = client.post(address, edited(city_staff, email="another@example.jp")).headers["Location"]
        assert to_confirm.startswith(reverse("confirm"))
        assert User.objects.filter(pk=city_staff.pk).values().get() == before
        assert client.post(to_confirm, {"password": PASSWORD}).headers["Location"] == address
        page = client.get(reverse("person", kwargs={"person": city_staff.pk}))
        assert ("another@example.jp" in page.content.decode()) == (name == "person")


def test_a_person_is_not_moved_to_a_foreign_organisation(
    client: Client, city_staff: User, foreign_city: Organisation
) -> None:
    data = edited(city_staff, organisation=foreign_city.pk)
    answer = client.post(reverse("person", kwargs={"person": city_staff.pk}), data)
    assert list(answer.context["form"].errors) == ["organisation"]


def test_what_the_form_does_not_ask_for_is_not_changed(client: Client, city_staff: User) -> None:
    """Neither by a field of the model nor by one that a form of Django's own would know."""
    forged = {
        "username": "another",
        "password": "x",
        "is_active": "",
        "is_superuser": "on",
        "is_staff": "on",
        "must_change_password": "on",
        "pk": "1",
        "id": "1",
        "last_login": "2020-01-01",
    }
    before = User.objects.filter(pk=city_staff.pk).values().get()
    answer = client.post(
        reverse("person", kwargs={"person": city_staff.pk}), edited(city_staff, name="新しい名前", **forged)
    )
    assert answer.status_code == 302
    after = User.objects.filter(pk=city_staff.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"name", "version"}


def test_nobody_takes_their_own_administrator_role(client: Client, administrator: User) -> None:
    client.post(reverse("person", kwargs={"person": administrator.pk}), edited(administrator, role="staff"))
    administrator.refresh_from_db()
    assert administrator.role == Role.ADMINISTRATOR


def test_one_may_change_the_own_name(client: Client, administrator: User) -> None:
    client.post(
        reverse("person", kwargs={"person": administrator.pk}), edited(administrator, name="新しい名前")
    )
    administrator.refresh_from_db()
    assert administrator.name == "新しい名前"


# Deactivating


def test_a_deactivated_person_is_out_and_comes_back_with_another_password(
    client: Client, city_staff: User
) -> None:
    theirs = client_of(city_staff)
    client.post(reverse("person_deactivate", kwargs={"person": city_staff.pk}), {"reason": "異動"})
    assert "login" in theirs.get(reverse("home")).headers["Location"]
    assert HistoryEvent.objects.get().reason == "異動"

    answer = client.post(reverse("person_reactivate", kwargs={"person": city_staff.pk}))
    city_staff.refresh_from_db()
    assert city_staff.is_active
    assert city_staff.check_password(answer.context["issued"].password)
    assert "login" in theirs.get(reverse("home")).headers["Location"], "the old session stays closed"


def test_nobody_deactivates_themselves(client: Client, administrator: User) -> None:
    answer = client.post(reverse("person_deactivate", kwargs={"person": administrator.pk}))
    administrator.refresh_from_db()
    assert administrator.is_active
    assert answer.context["deactivating"].errors


@pytest.mark.parametrize("name", ["person_deactivate", "person_reactivate", "person_reset_password"])
def test_get_changes_nothing_and_leads_to_the_button(client: Client, city_staff: User, name: str) -> None:
    answer = client.get(reverse(name, kwargs={"person": city_staff.pk}))
    assert answer.headers["Location"] == reverse("person", kwargs={"person": city_staff.pk})
    assert not HistoryEvent.objects.exists()


# Passwords


def test_a_reset_password_ends_sessions_and_must_be_replaced(client: Client, city_staff: User) -> None:
    theirs = client_of(city_staff)
    answer = client.post(reverse("person_reset_password", kwargs={"person": city_staff.pk}))
    assert "no-store" in answer.headers["Cache-Control"]
    city_staff.refresh_from_db()
    assert city_staff.must_change_password
    assert city_staff.check_password(answer.context["issued"].password)
    assert "login" in theirs.get(reverse("home")).headers["Location"]


def test_the_own_password_and_a_closed_account_are_not_reset(
    client: Client, administrator: User, city_staff: User
) -> None:
    city_staff.is_active = False
    city_staff.save()
    for person in (administrator, city_staff):
        before = person.password
        client.post(reverse("person_reset_password", kwargs={"person": person.pk}))
        person.refresh_from_db()
        assert person.password == before


def test_temporary_passwords_are_long_and_differ() -> None:
    made = {account_actions.temporary_password() for _number in range(100)}
    assert len(made) == 100
    assert {len(password) for password in made} == {19}


# The rules inside the actions, whoever calls them


@pytest.fixture
def values(foundation: Organisation) -> dict[str, Any]:
    return {"username": "tanaka", "name": "田中", "email": "", "organisation": foundation, "role": Role.STAFF}


@pytest.mark.parametrize("who", ["city_staff", "foundation_viewer", "foreign_administrator"])
def test_every_action_refuses_other_people(
    request: pytest.FixtureRequest, values: dict[str, Any], city_viewer: User, who: str
) -> None:
    by = request.getfixturevalue(who)
    calls = [
        lambda: actions.create_person(**values, by=by),
        lambda: actions.change_person(
            person=city_viewer,
            version=1,
            name="x",
            email="",
            organisation=city_viewer.organisation,
            role=Role.STAFF,
            by=by,
        ),
        lambda: actions.deactivate_person(person=city_viewer, by=by),
        lambda: account_actions.reactivate_person(person=city_viewer, by=by),
        lambda: account_actions.reset_password(person=city_viewer, by=by),
        lambda: account_actions.choose_password(person=city_viewer, password=PASSWORD, by=by),
    ]
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
    assert not HistoryEvent.objects.exists()


def test_a_deactivated_administrator_does_nothing_more(administrator: User, values: dict[str, Any]) -> None:
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        actions.create_person(**values, by=administrator)


def test_of_two_administrators_who_deactivate_each_other_the_second_is_refused(administrator: User) -> None:
    other = make_person("other", administrator.organisation, Role.ADMINISTRATOR)
    actions.deactivate_person(person=other, by=administrator)
    with pytest.raises(PermissionDenied):
        actions.deactivate_person(person=administrator, by=other)


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_deactivate_each_other_at_once_one_stays(administrator: User) -> None:
    other = make_person("other", administrator.organisation, Role.ADMINISTRATOR)
    start = Barrier(2)

    def deactivate(pair: tuple[User, User]) -> bool:
        by, person = pair
        try:
            start.wait()
            actions.deactivate_person(person=person, by=by)
        except PermissionDenied:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(deactivate, [(administrator, other), (other, administrator)]))
    assert sorted(done) == [False, True]
    assert User.objects.filter(is_active=True).count() == 1


def test_no_organisation_is_left_without_an_administrator(city: Organisation) -> None:
    """Two foundations of one city: the first foundation's administrator does not look after the second."""
    first, second = make_organisation("first"), make_organisation("second")
    make_center("one", city, first)
    make_center("two", city, second)
    of_first = make_person("of-first", first, Role.ADMINISTRATOR)
    of_city = make_person("of-city", city, Role.ADMINISTRATOR)

    with pytest.raises(ValidationError, match="second"):
        actions.deactivate_person(person=of_city, by=of_first)
    with pytest.raises(ValidationError, match="second"):
        actions.change_person(
            person=of_city, version=1, name="n", email="", organisation=city, role=Role.STAFF, by=of_first
        )
    with pytest.raises(ValidationError, match="second"):
        actions.change_person(
            person=of_city,
            version=1,
            name="n",
            email="",
            organisation=first,
            role=Role.ADMINISTRATOR,
            by=of_first,
        )
    make_person("another", second, Role.ADMINISTRATOR)
    assert not actions.deactivate_person(person=of_city, by=of_first).is_active


# The first administrator


@pytest.mark.django_db
def test_a_fresh_portal_gets_its_first_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "create_administrator",
        "Ｋａｎｒｉ",
        name="管理 花子",
        organisation="kawasaki-city",
        organisation_name="川崎市",
    )
    person = User.objects.get()
    password = capsys.readouterr().out.split()[-1]
    assert (person.username, person.role, person.organisation.name) == ("kanri", "administrator", "川崎市")
    assert person.check_password(password)
    assert person.must_change_password
    assert {event.action for event in HistoryEvent.objects.all()} == {"organisation.create", "person.create"}


@pytest.mark.django_db
def test_a_given_password_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], city: Organisation
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    call_command("create_administrator", "kanri", name="管理", organisation="city")
    assert User.objects.get().check_password(PASSWORD)
    assert PASSWORD not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "variable"),
    [
        ({"organisation": "nowhere"}, ""),
        ({"organisation": "city"}, "short"),
        ({"organisation": "city", "email": "x"}, ""),
    ],
)
def test_a_refusal_leaves_nothing_behind(
    city: Organisation, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], variable: str
) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", variable)
    with pytest.raises(CommandError):
        call_command("create_administrator", "kanri", name="管理", **options)
    assert not User.objects.exists()
    assert Organisation.objects.count() == 1


# Where one comes after the login


def test_home_is_where_the_work_is(administrator: User, city_staff: User, center: Center) -> None:
    assert client_of(administrator).get("/").headers["Location"] == reverse("begin")
    make_person("staff", center.operator, Role.STAFF)
    assert client_of(administrator).get("/").headers["Location"] == reverse("people")
    assert client_of(city_staff).get("/").headers["Location"] == reverse("kpi:home", kwargs={"center": "lab"})


def test_home_of_several_centers_and_of_none(city_staff: User, foreign_foundation: Organisation) -> None:
    second = make_center("second-lab", city_staff.organisation, foreign_foundation)
    assert second.name in client_of(city_staff).get("/").content.decode()
    nobody = make_person("nobody", make_organisation("alone"))
    assert client_of(nobody).get("/").context["centers"] == []
