"""One's own sessions: which are listed, and that one ends them really."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from iconm_portal.models import AuditEvent, AuditKind, OpenSession, User
from iconm_portal.people.sign_in.browser_names import browser_name
from iconm_portal.work.cleanup import clean_up
from tests.people import PASSWORD, client_of

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    " Edg/140.0.0.0"
)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2025, 6, 2, tzinfo=UTC), tick=False) as clock:
        yield clock


def signed_in(person: User, **extra: str) -> Client:
    client = Client(**extra)
    client.post(reverse("login"), {"username": person.username, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def listed(client: Client) -> list[Any]:
    return list(client.get(reverse("own_sessions")).context["sessions"])


def test_each_says_when_from_where_and_with_what(clock: Any, city_staff: User, city_viewer: User) -> None:
    signed_in(city_viewer)
    signed_in(city_staff, REMOTE_ADDR="10.0.0.7", HTTP_USER_AGENT=EDGE)
    clock.shift(timedelta(minutes=30))
    here = signed_in(city_staff)
    mine, other = listed(here)
    assert (mine.is_this_one, other.is_this_one) == (True, False)
    assert (other.address, other.browser) == ("10.0.0.7", "Edge, Windows")
    assert (mine.began_at - other.began_at) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (EDGE, "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8", "不明なブラウザー"),
        ("", "不明なブラウザー"),
    ],
)
def test_browsers_in_words(agent: str, name: str) -> None:
    with translation.override("ja"):
        assert browser_name(agent) == name


def test_one_is_ended(city_staff: User) -> None:
    here, there = signed_in(city_staff), signed_in(city_staff)
    other = next(session for session in listed(here) if not session.is_this_one)
    here.post(reverse("own_session_end", kwargs={"session": other.number}))
    assert (is_in(here), is_in(there)) == (True, False)
    assert len(listed(here)) == 1
    event = AuditEvent.objects.get(kind=AuditKind.SESSION_CLOSED)
    assert (event.username, event.what) == ("city-staff", "1")


def test_all_others_are_ended(city_staff: User, city_viewer: User) -> None:
    others, somebody_else = [signed_in(city_staff) for _time in range(3)], signed_in(city_viewer)
    here = signed_in(city_staff)
    here.post(reverse("own_sessions"))
    assert not any(map(is_in, others))
    assert is_in(here)
    assert is_in(somebody_else)
    assert AuditEvent.objects.get(kind=AuditKind.SESSION_CLOSED).what == "3"


def test_a_request_under_way_does_not_bring_it_back(city_staff: User) -> None:
    here, there = signed_in(city_staff), signed_in(city_staff)
    under_way = there.session
    assert under_way["seen_at"]
    here.post(reverse("own_sessions"))
    under_way["seen"] = 1
    with pytest.raises(UpdateError):
        under_way.save()
    assert not is_in(there)


def test_nobody_ends_anothers(city_staff: User, city_viewer: User) -> None:
    there = signed_in(city_viewer)
    number = OpenSession.objects.get(person=city_viewer).pk
    signed_in(city_staff).post(reverse("own_session_end", kwargs={"session": number}))
    assert is_in(there)


def test_it_needs_a_post(city_staff: User) -> None:
    here, there = signed_in(city_staff), signed_in(city_staff)
    number = next(session.number for session in listed(here) if not session.is_this_one)
    here.get(reverse("own_session_end", kwargs={"session": number}))
    assert is_in(there)


def test_what_is_over_is_not_listed(clock: Any, city_staff: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 2 * 60 * 60
    signed_in(city_staff)
    clock.shift(timedelta(hours=3))
    signed_in(city_staff).post(reverse("logout"))
    assert len(listed(signed_in(city_staff))) == 1


def test_a_new_password_ends_the_others_and_keeps_this_one_listed(city_staff: User) -> None:
    here, _there = signed_in(city_staff), signed_in(city_staff)
    new = "quite another password"
    here.post(
        reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    (mine,) = listed(here)
    assert mine.is_this_one


def test_a_server_without_addresses_notes_none(city_staff: User) -> None:
    client_of(city_staff)
    assert OpenSession.objects.get().address is None


def test_what_is_gone_goes_at_night(city_staff: User) -> None:
    signed_in(city_staff).post(reverse("logout"))
    signed_in(city_staff)
    assert OpenSession.objects.count() == 2
    clean_up(None, None)  # type: ignore[arg-type]
    assert OpenSession.objects.count() == 1


def test_as_many_queries_for_two_as_for_ten(city_staff: User, django_assert_num_queries: Any) -> None:
    here = signed_in(city_staff)
    signed_in(city_staff)
    with django_assert_num_queries(5):
        listed(here)
    for _time in range(8):
        signed_in(city_staff)
    with django_assert_num_queries(5):
        listed(here)


def test_after_a_while_the_password_is_asked_for_before_others_are_ended(
    clock: Any, city_staff: User
) -> None:
    there, here = signed_in(city_staff), signed_in(city_staff)
    number = next(session.number for session in listed(here) if not session.is_this_one)
    clock.shift(timedelta(minutes=16))
    for address in (reverse("own_sessions"), reverse("own_session_end", kwargs={"session": number})):
        to_confirm = here.post(address).headers["Location"]
        assert to_confirm.startswith(reverse("confirm"))
    assert is_in(there)
    assert len(listed(here)) == 2, "to look at them needs none"
    here.post(to_confirm, {"password": PASSWORD})
    here.post(reverse("own_sessions"))
    assert not is_in(there)
