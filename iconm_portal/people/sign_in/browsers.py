"""Browsers in which somebody has signed in before: a signed cookie, good for nothing but to be told from strangers.

With it, its holder keeps a way in when others guess at their name (lockout.py), and what they typed into a form after
their session's end is kept for them (unsent_input.py). Without it one only loses these comforts.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

_SALT = "iconm_portal.people.sign_in.browsers"
KEPT_DAYS = 180
# A shared PC in an office is several people's; who signed in longest ago gives way.
MOST_PEOPLE = 12
_IDENTIFIER_BYTES = 16


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """The answer to a successful login marks the browser as one of this person's."""
    people = _people(request)
    known = [people.pop(digest) for digest in _digests(username) if digest in people]
    people[_digests(username)[0]] = known[0] if known else secrets.token_urlsafe(_IDENTIFIER_BYTES)
    latest = dict(list(people.items())[-MOST_PEOPLE:])
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps(latest, salt=_SALT),
        max_age=KEPT_DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_of(request: HttpRequest, username: str) -> str | None:
    """What tells this browser from others, where the person of that name has signed in with it; None elsewhere."""
    people = _people(request)
    return next((people[digest] for digest in _digests(username) if digest in people), None)


def is_somebodys(request: HttpRequest) -> bool:
    """Whether anybody has ever signed in with this browser."""
    return bool(_people(request))


def _people(request: HttpRequest) -> dict[str, str]:
    """Digests of user names to marks, oldest first; empty for a stranger, and for a cookie that is not our own."""
    try:
        found: Any = signing.loads(
            request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""),
            salt=_SALT,
            max_age=KEPT_DAYS * 24 * 60 * 60,
        )
    except signing.BadSignature:
        return {}
    return dict(found)


def _digests(username: str) -> list[str]:
    """Not the name itself: the cookie lies on a PC that others use too. By the key, then by those of before."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(_SALT, username, secret=key, algorithm="sha256").hexdigest()[:16] for key in keys]
