"""An authenticator app as a person has it on their telephone."""

import re

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from iconm_portal.models import User
from tests.people import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, *, half_minutes: int = 0) -> str:
    """What the app shows; of a half minute before or after, for a telephone whose clock is wrong."""
    now = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(secret, now + half_minutes))


def wrong_code() -> str:
    """Right at no time around now."""
    right = {code_now(half_minutes=shift) for shift in range(-5, 6)}
    return next(code for code in ("000000", "111111", "222222") if code not in right)


def with_app(person: User) -> User:
    """The person has an authenticator app with SECRET, and recovery codes."""
    TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    return person


def password_step(client: Client, person: User, **query: str) -> HttpResponse:
    return client.post(reverse("login", query=query), {"username": person.username, "password": PASSWORD})


def code_step(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("second_step"), {"code": code})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def offered_secret(page: HttpResponse) -> str:
    """The key that a page offers to an app."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())
    assert found
    return found[1].replace(" ", "")
