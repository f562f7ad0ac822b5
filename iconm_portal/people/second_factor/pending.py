"""A login between its two factors: the password was right, and nobody is signed in yet. Kept in the session, for ten minutes."""

from typing import Any, Final

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from iconm_portal.models import User
from iconm_portal.people.auth import PortalBackend

_KEY: Final = "second_factor_wanted"
_BACKEND: Final = f"{PortalBackend.__module__}.{PortalBackend.__qualname__}"
LASTS_SECONDS: Final = 10 * 60


def begin(request: HttpRequest, person: User, *, next_url: str) -> None:
    """The password of the person was right; where they want to go is kept for them."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "until": _now() + LASTS_SECONDS,
        "next": next_url,
    }


def person(request: HttpRequest) -> User | None:
    """Who is expected to show their second factor; nobody once the time is over, or the password or account has changed."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or not 0 <= kept["until"] - _now() <= LASTS_SECONDS:
        return None
    found = PortalBackend().get_user(kept["person"])
    return found if found is not None and found.get_session_auth_hash() == kept["password"] else None


def complete(request: HttpRequest, person: User) -> str:
    """Sign the person in; where they wanted to go."""
    next_url: str = request.session.pop(_KEY)["next"]
    login(request, person, backend=_BACKEND)
    return next_url


def _now() -> int:
    return int(timezone.now().timestamp())
