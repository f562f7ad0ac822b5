"""When a session ends by itself: after a while without a request, and after a day's work whatever happens."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from iconm_portal.models import AuditKind
from iconm_portal.people.sign_in import audit, confirmed, signed_on
from iconm_portal.values import clock, waiting

SessionData = Mapping[str, Any] | SessionBase
_BEGAN, _SEEN = "signed_in_at", "seen_at"
# To write down every request would be a write for every page read.
WRITTEN_EVERY_SECONDS = 5 * 60
READS_WAIT_SECONDS = 0.1


def begin(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    """Both clocks start with the login (Django's signal `user_logged_in`)."""
    request.session[_BEGAN] = request.session[_SEEN] = clock.real_seconds()
    if not signed_on.provider_of(request):  # a provider that asks for nothing anew has confirmed nothing
        confirmed.confirm(request)


class SessionLimits:
    """Sign out whoever was away for SESSION_IDLE_MINUTES, or signed in SESSION_HOURS ago."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if is_over(request.session):
                audit.note(AuditKind.SESSION_ENDED, person=request.user, request=request)
                request.ended_by_limit = True  # type: ignore[attr-defined]  # the audit has its line already
                logout(request)
            elif clock.real_seconds() - seen_at(request.session) >= WRITTEN_EVERY_SECONDS:
                request.session[_SEEN] = clock.real_seconds()
                _write_briefly(request)
        return self.get_response(request)


def _write_briefly(request: HttpRequest) -> None:
    """Write the session now. Where SQLite's writer is taken, the page does not wait for it: a later one writes it."""
    if request.method not in ("GET", "HEAD"):
        return  # waits for the writer in any case
    with waiting.at_most(READS_WAIT_SECONDS):
        try:
            request.session.save()
        except UpdateError:
            return  # ended meanwhile, which Django answers after the page
        except OperationalError:
            pass
    request.session.modified = False


def seen_at(session: SessionData) -> int:
    """When its last request was written down, in seconds since 1970."""
    seen: int = session.get(_SEEN, 0)
    return seen


def is_over(session: SessionData) -> bool:
    """By one of its limits. A clock that was put back ends a session rather than letting it go on for ever."""
    age, idle = clock.real_seconds() - session.get(_BEGAN, 0), clock.real_seconds() - seen_at(session)
    return not (
        -WRITTEN_EVERY_SECONDS <= age < settings.SESSION_COOKIE_AGE
        and -WRITTEN_EVERY_SECONDS <= idle < settings.SESSION_IDLE_SECONDS
    )
