"""Every write about second factors: set up, renew, remove, and a new beginning that an administrator gives."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from iconm_portal.history import history
from iconm_portal.models import AuditKind, User
from iconm_portal.people.second_factor import codes
from iconm_portal.people.sign_in import audit


@transaction.atomic
def set_up_app(*, secret: str, code: str, by: User) -> None:
    """Keep the secret that the person's authenticator app has, which the code proves. ValidationError for a wrong code."""
    counter = codes.counter_of(secret, codes.as_code(code), [])
    if counter is None:
        raise ValidationError({"code": wrong_code()})
    try:
        with transaction.atomic():
            kept = TOTP.activate(by, secret).instance
    except IntegrityError:
        raise ValidationError(_("An authenticator app is set up already.")) from None
    kept.data["used"] = [counter]
    kept.save(update_fields=["data"])
    RecoveryCodes.activate(by)
    record("person.set_up_app", by, by)


def remove_app(*, by: User) -> bool:
    """Without an authenticator app from now on. False where there was none."""
    return _remove("person.remove_app", by, type=Authenticator.Type.TOTP)


@transaction.atomic
def add_passkey(*, name: str, credential: dict[str, Any], by: User) -> None:
    """Keep a passkey that the person's browser has made just now (passkeys.is_registered)."""
    WebAuthn.add(by, name, credential)
    RecoveryCodes.activate(by)
    record("person.add_passkey", by, by)


def remove_passkey(*, number: int, by: User) -> bool:
    """Without one of one's passkeys from now on. False where it is not there."""
    return _remove("person.remove_passkey", by, type=Authenticator.Type.WEBAUTHN, pk=number)


@transaction.atomic
def _remove(action: str, by: User, **which: Any) -> bool:
    """Recovery codes go with the last second factor."""
    removed, _by_model = codes.of(by).filter(**which).delete()
    if not removed:
        return False
    drop_lone_recovery_codes(by)
    record(action, by, by)
    return True


@transaction.atomic
def renew_recovery_codes(*, by: User) -> None:
    """Ten new ones; those of before are void. PermissionDenied for a person without a second factor."""
    if not codes.is_set_up(by):
        raise PermissionDenied("no second factor")
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    codes.of(by).filter(type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(by)
    record("person.renew_recovery_codes", by, by)


def remove_all(person: User) -> bool:
    """Of everything, in the transaction of an action that records it. False where there was nothing."""
    removed, _by_model = codes.of(person).delete()
    return bool(removed)


def drop_lone_recovery_codes(person: User) -> None:
    """They stand in for a second factor, and are none."""
    if not codes.is_set_up(person):
        codes.of(person).delete()


def record(action: str, person: User, by: User) -> None:
    history.record(by=by, action=action, subject=person, organisation=person.organisation)
    audit.note(AuditKind.RIGHTS, person=by, what=f"{action} {person.history_key()}")


def wrong_code() -> str:
    return _("The code is not right. It changes every 30 seconds; use the one that is shown now.")
