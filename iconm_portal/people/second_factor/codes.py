"""Whether a code is right: one of an authenticator app, or one of the recovery codes. Each is good once.

RFC 6238, 5.2: a code that was accepted is not accepted again. allauth keeps that in a cache of each process; here it stands in
the row of the authenticator itself, under its lock, so that it holds for all processes.
"""

from enum import Enum

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from iconm_portal.models import User
from iconm_portal.values.text import normalised

# More than the counters for which a code is taken at any time: a replayed code is always among them.
KEPT_COUNTERS = 8


class Proof(Enum):
    """By what somebody showed that it is them."""

    APP = "totp"
    RECOVERY_CODE = "recovery_codes"
    PASSKEY = "webauthn"


def is_set_up(person: User) -> bool:
    """Whether the person has a second factor, and is asked for it at the login."""
    return of(person).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def is_required_of(person: User) -> bool:
    """Whether people of that role need one (SECOND_FACTOR_FOR)."""
    return person.role.value in settings.SECOND_FACTOR_FOR


def of(person: User) -> QuerySet[Authenticator]:
    """The person's authenticators, oldest first."""
    return Authenticator.objects.filter(user=person).order_by("pk")


def app_of(person: User) -> Authenticator | None:
    return of(person).filter(type=Authenticator.Type.TOTP).first()


def unused_recovery_codes(person: User) -> list[str]:
    """Those that are still good, in order; none where there are none or the key that they were kept with is gone."""
    kept = of(person).filter(type=Authenticator.Type.RECOVERY_CODES).first()
    try:
        return RecoveryCodes(kept).get_unused_codes() if kept else []
    except InvalidToken:
        return []


def counter_of(secret: str, code: str, used: list[int]) -> int | None:
    """The half minute to which the code belongs, of those around now that were not used; None for a wrong code."""
    counters = [counter for counter in yield_hotp_counters_from_time() if counter not in used]
    right = [counter for counter in counters if constant_time_compare(code, _code_at(secret, counter))]
    return right[0] if right else None


@transaction.atomic
def take(person: User, typed: str) -> Proof | None:
    """What the code proves, and it is used up; None for a wrong one, and for one that was used before."""
    code = as_code(typed)
    locked = of(person).select_for_update().exclude(type=Authenticator.Type.WEBAUTHN)
    for kept in locked:
        try:
            if _takes(kept, code):
                kept.record_usage()
                return Proof(kept.type)
        except InvalidToken:  # an administrator gives a new beginning
            continue
    return None


def as_code(typed: str) -> str:
    """Digits however they were typed: full-width, with a space or a hyphen in the middle."""
    return "".join(sign for sign in normalised(typed) if sign not in " -")


def _takes(kept: Authenticator, code: str) -> bool:
    if Proof(kept.type) is Proof.RECOVERY_CODE:
        return bool(RecoveryCodes(kept).validate_code(code))
    used: list[int] = kept.data.get("used", [])
    counter = counter_of(decrypt(kept.data["secret"]), code, used)
    if counter is None:
        return False
    kept.data["used"] = [*used, counter][-KEPT_COUNTERS:]
    kept.save(update_fields=["data"])
    return True


def _code_at(secret: str, counter: int) -> str:
    return format_hotp_value(hotp_value(secret, counter))
