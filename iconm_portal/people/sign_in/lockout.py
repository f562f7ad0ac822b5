"""After how many wrong passwords a login is paused, and for whom: by name, and by address, and never for the holder.

Axes counts and pauses. What is ours is what it counts by: a guess from a browser that its person signed in with before
counts under a name of its own, so that strangers who guess at a name shut out other strangers and not its holder.
"""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest

from iconm_portal.models import User
from iconm_portal.people.sign_in import browsers
from iconm_portal.values.text import normalised

# Wrong passwords within AXES_COOLOFF_TIME from one address, whatever the names: many sit behind one address of a city
# hall, and one who guesses at many names is stopped before they have tried each a second time.
FAILURES_BY_ADDRESS = 40
LONGEST_NAME: int = User._meta.get_field("username").max_length or 0
_MARKED = "#"  # stands in no user name


def typed_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """The user name of an attempt as the login form reads it; None where there is none."""
    typed = (credentials or request.POST).get("username")
    return None if typed is None else normalised(str(typed)).lower().replace("\0", "")[:LONGEST_NAME]


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """The name under which axes counts an attempt: the user name, and for a browser of that person the browser with it."""
    name = typed_name(request, credentials)
    mark = browsers.mark_of(request, name) if name else None
    return f"{name}{_MARKED}{mark}" if mark else name


def counted_by(request: HttpRequest, credentials: dict[str, Any] | None) -> list[str]:
    """By name alone in a browser of one's own; a stranger by name and by address."""
    name = counted_name(request, credentials)
    return ["username"] if name and _MARKED in name else ["username", "ip_address"]


def name_of(counted: str | None) -> str:
    """The user name in a name under which axes counts."""
    return (counted or "").partition(_MARKED)[0]


def is_paused(request: HttpRequest, person: User) -> bool:
    """Whether the person's login is paused in this browser; if so, the answer says it, whatever the view makes of it."""
    credentials = {"username": person.username}
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]  # axes' own middleware reads it
    AxesProxyHandler.user_login_failed(__name__, credentials=credentials, request=request)
    return True


def count_failure(request: HttpRequest, person: User) -> None:
    """A wrong second factor, or a wrong password of somebody who is signed in, weighs as a wrong password at the login."""
    AxesProxyHandler.user_login_failed(__name__, credentials={"username": person.username}, request=request)


class Lockout(AxesDatabaseHandler):
    """Axes' own counting, with two limits."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The nearest to its limit of the counts, in failures of AXES_FAILURE_LIMIT."""
        by_name, *by_address = (
            sum(attempts.values_list("failures_since_start", flat=True))
            for attempts in self.get_user_attempts(request, credentials)
        )
        limit: int = settings.AXES_FAILURE_LIMIT
        return max(by_name, *(count * limit // FAILURES_BY_ADDRESS for count in by_address), 0)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A success clears what was counted under its name, not what its address did to other names."""
        cleared, _by_model = AccessAttempt.objects.filter(
            username=counted_name(request, credentials)
        ).delete()
        return cleared
