"""An administrator takes a second factor away: for whom, and what it leaves."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from iconm_portal.models import AuditEvent, AuditKind, HistoryEvent, User
from iconm_portal.people import account_actions
from iconm_portal.people.second_factor import codes
from tests.builders.second_factor import with_app
from tests.people import client_of


def test_it_is_taken_away_and_their_sessions_end(administrator: User, city_staff: User) -> None:
    with_app(city_staff)
    theirs = client_of(city_staff)
    page = client_of(administrator).get(reverse("person", kwargs={"person": city_staff.pk})).content.decode()
    assert "二要素認証を解除" in page
    client_of(administrator).post(reverse("person_reset_second_factor", kwargs={"person": city_staff.pk}))
    assert not codes.of(city_staff).exists()
    assert theirs.get(reverse("account")).status_code == 302
    event = HistoryEvent.objects.get()
    assert (event.action, event.actor) == ("person.reset_second_factor", "administrator")
    assert AuditEvent.objects.filter(kind=AuditKind.RIGHTS, username="administrator").count() == 1


def test_where_there_is_none_nothing_is_done_or_offered(administrator: User, city_staff: User) -> None:
    page = client_of(administrator).get(reverse("person", kwargs={"person": city_staff.pk})).content.decode()
    assert "二要素認証を解除" not in page
    assert account_actions.reset_second_factor(person=city_staff, by=administrator) is False
    assert not HistoryEvent.objects.exists()


def test_not_ones_own(administrator: User) -> None:
    with_app(administrator)
    answer = client_of(administrator).post(
        reverse("person_reset_second_factor", kwargs={"person": administrator.pk}), follow=True
    )
    assert "専用のページ" in answer.content.decode()
    assert codes.is_set_up(administrator)


def test_not_by_foreigners_or_staff(foreign_administrator: User, city_staff: User, city_viewer: User) -> None:
    with_app(city_viewer)
    for by in (foreign_administrator, city_staff):
        with pytest.raises(PermissionDenied):
            account_actions.reset_second_factor(person=city_viewer, by=by)
    assert codes.is_set_up(city_viewer)
