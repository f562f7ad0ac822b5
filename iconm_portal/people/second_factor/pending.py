"""A login between its two factors: the password or the sign-on was right, and nobody is signed in yet.

Kept in the session, for ten minutes.
"""

from typing import Any, Final

from django.contrib.auth import login
from django.http import HttpRequest

from iconm_portal.models import User
from iconm_portal.people.auth import PortalBackend
from iconm_portal.people.sign_in import confirmed, signed_on
from iconm_portal.values import clock

_KEY: Final = "second_factor_wanted"
_BACKEND: Final = f"{PortalBackend.__module__}.{PortalBackend.__qualname__}"
LASTS_SECONDS: Final = 10 * 60


def begin(request: HttpRequest, person: User, *, next_url: str, sign_on: str = "") -> None:
    """The password of the person was right, or their sign-on by that provider; where they want to go is kept for them."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "until": clock.real_seconds() + LASTS_SECONDS,
        "next": next_url,
        "sign_on": sign_on,
    }


def person(request: HttpRequest) -> User | None:
    """Who is expected to show their second factor; nobody once the time is over, or the password or account has changed."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or not 0 <= kept["until"] - clock.real_seconds() <= LASTS_SECONDS:
        return None
    found = PortalBackend().get_user(kept["person"])
    return found if found is not None and found.get_session_auth_hash() == kept["password"] else None


def complete(request: HttpRequest, person: User) -> str:
    """Sign the person in; where they wanted to go."""
    kept = request.session.pop(_KEY)
    sign_in(request, person, sign_on=kept["sign_on"])
    confirmed.confirm(request)
    next_url: str = kept["next"]
    return next_url


def is_by_sign_on(request: HttpRequest) -> bool:
    """Whether the first step was a single sign-on."""
    return bool(request.session[_KEY]["sign_on"])


def sign_in(request: HttpRequest, person: User, *, sign_on: str = "") -> None:
    """Django's own login; with which provider, is kept in the session."""
    if sign_on:
        signed_on.note(request, sign_on)
    login(request, person, backend=_BACKEND)
