"""One's own sessions: which there are, from where and with what, and how one ends them from another one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from iconm_portal.models import OpenSession, User
from iconm_portal.people.auth import client_address
from iconm_portal.people.sign_in import sessions
from iconm_portal.people.sign_in.browser_names import browser_name


@dataclass(frozen=True)
class OwnSession:
    """A session that is open now. `seen_at` is at most five minutes old when it is in use."""

    number: int
    began_at: datetime
    seen_at: datetime
    address: str | None
    browser: str
    is_this_one: bool


def note(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A login (Django's signal `user_logged_in`) begins a session."""
    if not request.session.session_key:
        request.session.save()
    OpenSession.objects.create(
        session_key=request.session.session_key or "",
        person=user,
        address=client_address(request),
        browser=request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200],
    )


def goes_on_as(request: HttpRequest, key_before: str | None) -> None:
    """The session has a new key, as a change of the password gives it."""
    OpenSession.objects.filter(session_key=key_before).update(session_key=request.session.session_key)


def of(person: User, request: HttpRequest) -> list[OwnSession]:
    """The person's open sessions, the latest first: two queries, however many there are."""
    noted = list(OpenSession.objects.filter(person=person))
    alive = {
        session.session_key: session.get_decoded()
        for session in Session.objects.filter(
            session_key__in=[session.session_key for session in noted], expire_date__gt=timezone.now()
        ).order_by("session_key")
    }
    return [
        OwnSession(
            session.pk,
            session.began_at,
            datetime.fromtimestamp(sessions.seen_at(alive[session.session_key]), UTC),
            session.address,
            browser_name(session.browser),
            session.session_key == request.session.session_key,
        )
        for session in noted
        if session.session_key in alive and _is_open(alive[session.session_key], person)
    ]


@transaction.atomic
def end(person: User, *numbers: int) -> int:
    """End these sessions of the person; how many there were."""
    return _end(
        list(OpenSession.objects.filter(person=person, pk__in=numbers).values_list("session_key", flat=True))
    )


@transaction.atomic
def end_all(person: User, *, but: str | None = None) -> int:
    """End the person's sessions, all but the one with that key; how many there were."""
    noted = OpenSession.objects.filter(person=person).exclude(session_key=but or "")
    return _end(list(noted.values_list("session_key", flat=True)))


def _end(keys: list[str]) -> int:
    """Whoever has one of them open is at the login page with their next request."""
    ended, _by_model = Session.objects.filter(session_key__in=keys).delete()
    OpenSession.objects.filter(session_key__in=keys).delete()
    return ended


def _is_open(session: dict[str, Any], person: User) -> bool:
    """Neither over by its limits, nor of a password of before: those end at their next request."""
    return not sessions.is_over(session) and constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()
    )
