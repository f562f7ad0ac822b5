"""Passkeys (WebAuthn) as a second factor: what a browser is asked, and whether its answer is right.

They hold for one host name, over https or on localhost. allauth keeps the question in the session, so each is answered once.
"""

import ipaddress
import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.http import HttpRequest

from iconm_portal.models import User
from iconm_portal.people.second_factor import codes
from iconm_portal.people.second_factor.adapter import host_of

LONGEST_ANSWER = 20_000


def work_here(request: HttpRequest) -> bool:
    """Whether browsers offer passkeys at this address."""
    host = host_of(request)
    return host == "localhost" or (request.is_secure() and not _is_number(host))


def of(person: User) -> list[Authenticator]:
    return list(codes.of(person).filter(type=Authenticator.Type.WEBAUTHN))


def registration(person: User) -> str:
    """What the browser is asked to make, as JSON."""
    return json.dumps(auth.begin_registration(person, passwordless=False))


def is_registered(answer: Any) -> bool:
    """Whether that is a new passkey, made as it was asked for last."""
    try:
        auth.parse_registration_response(answer)
        auth.complete_registration(answer)
    except Exception:  # the library's parsers of what anybody may send raise all kinds of errors
        return False
    return True


def question(person: User) -> str:
    """What the browser is asked to sign, as JSON."""
    return json.dumps(auth.begin_authentication(person))


def is_answered(person: User, answer: Any) -> bool:
    """Whether one of the person's passkeys has signed what was asked last."""
    try:
        auth.parse_authentication_response(answer)
        used = auth.complete_authentication(person, answer)
    except Exception:  # as above
        return False
    finally:
        auth.clear_state()
    used.record_usage()
    return True


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
