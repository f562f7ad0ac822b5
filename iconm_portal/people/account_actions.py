"""Ways into a person's account: passwords, second factors, links with a sign-on; given anew, taken away, chosen.

Each is written in the history and the record of use, by one function that what is done to people uses as well (`actions.py`).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import AuditKind, Organisation, Role, SignOn, User
from iconm_portal.people import administered
from iconm_portal.people.second_factor import actions as second_factor
from iconm_portal.people.sign_in import audit, own_sessions
from iconm_portal.values import clock

TEMPORARY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TEMPORARY_GROUPS = 4
TEMPORARY_GROUP_LENGTH = 4


@dataclass(frozen=True)
class IssuedPassword:
    """A password given to a person, to be shown once; they replace it when they log in."""

    person: User
    password: str


@transaction.atomic
def reactivate_person(*, person: User, by: User, proposed_by: User | None = None) -> IssuedPassword | None:
    """Open a closed account with a temporary password: no session and no password from before works again.

    None when it was open already.
    """
    current = locked(person)
    _require_own_side_for(by, current)
    if current.is_active:
        return None
    current.is_active = True
    issued = _issue_password(current)
    save(current, "is_active", "password", "must_change_password")
    record(
        "person.reactivate",
        current,
        by,
        {"is_active": False},
        {"is_active": True} | _proposal(proposed_by),
        at_once=_at_once(current, by),
    )
    end_other_ways_in(current, by)
    return issued


@transaction.atomic
def reset_password(*, person: User, by: User, proposed_by: User | None = None) -> IssuedPassword:
    """Replace a person's password by a temporary one; their sessions end, because a session knows its password."""
    current = locked(person)
    _require_own_side_for(by, current)
    if current == by:
        raise ValidationError(_("Change your own password on its own page."), code="own_account")
    if not current.is_active:
        raise ValidationError(_("The account is deactivated. Reactivate it instead."), code="deactivated")
    issued = _issue_password(current)
    current.save(update_fields=["password", "must_change_password"])
    record("person.reset_password", current, by, {}, _proposal(proposed_by), at_once=_at_once(current, by))
    end_other_ways_in(current, by)
    return issued


@transaction.atomic
def reset_second_factor(*, person: User, by: User, proposed_by: User | None = None) -> bool:
    """Take away a person's second factor, whose telephone is lost: they log in by password and set up another one.

    Their sessions end. False where there was none.
    """
    current = locked(person)
    _require_own_side_for(by, current)
    if current == by:
        raise ValidationError(_("Change your own second factor on its own page."), code="own_account")
    if not second_factor.remove_all(current):
        return False
    own_sessions.end_all(current)
    record(
        "person.reset_second_factor", current, by, {}, _proposal(proposed_by), at_once=_at_once(current, by)
    )
    end_other_ways_in(current, by)
    return True


@transaction.atomic
def link_sign_on(
    *, person: User, issuer: str, subject: str, by: User, proposed_by: User | None = None
) -> SignOn:
    """Let a person sign in by an account of a provider of single sign-on. ValidationError where one of the two is linked."""
    current = locked(person)
    _require_own_side_for(by, current)
    if not current.is_active:
        raise ValidationError(_("The account is deactivated. Reactivate it instead."), code="deactivated")
    link = SignOn(person=current, issuer=issuer, subject=subject, linked_at=clock.now(), linked_by=by)
    link.full_clean()
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:  # another administrator linked it a moment ago
        raise ValidationError(_("This sign-on is linked with an account already."), code="linked") from None
    record(
        "person.link_sign_on",
        current,
        by,
        {},
        {"issuer": issuer, "identifier": subject} | _proposal(proposed_by),
        at_once=_at_once(current, by),
    )
    return link


@transaction.atomic
def unlink_sign_on(*, person: User, number: int, by: User) -> bool:
    """End such a link, and with it the person's sessions. Like a deactivation it opens nothing. False where it is gone."""
    current = locked(person)
    require_administrator_for(by, current.organisation)
    link = current.sign_ons.filter(pk=number).first()
    if link is None:
        return False
    unlink(link, current, by)
    own_sessions.end_all(current)
    return True


def unlink(link: SignOn, person: User, by: User) -> None:
    link.delete()
    record("person.unlink_sign_on", person, by, {"issuer": link.issuer, "identifier": link.subject}, {})


@transaction.atomic
def choose_password(*, person: User, password: str, by: User) -> User:
    """A person's own choice, logged in or by a mailed link. `person` itself gets the new hash, for its session."""
    if person != by:
        raise PermissionDenied("a password is chosen by its owner")
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    record("person.choose_password", person, by)
    return person


def temporary_password() -> str:
    """Such as 7k2m-pxw4-hn9c-q3tz: about 79 bits, readable aloud."""
    groups = (
        "".join(secrets.choice(TEMPORARY_ALPHABET) for _place in range(TEMPORARY_GROUP_LENGTH))
        for _group in range(TEMPORARY_GROUPS)
    )
    return "-".join(groups)


def _issue_password(person: User) -> IssuedPassword:
    password = temporary_password()
    person.set_password(password)
    person.must_change_password = True
    return IssuedPassword(person, password)


def end_other_ways_in(person: User, by: User) -> None:
    """What opens something without a login, such as a calendar's secret address, ends with what it was given under."""
    for way in settings.OTHER_WAYS_IN:
        import_string(way)(person=person, by=by, at=clock.now())


def locked(person: User) -> User:
    """The person as they are now, kept from other writers until the end (SQLite has one writer anyway)."""
    return User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)


def save(person: User, *changed: str) -> None:
    """Of a person that is locked: whoever had the account before them on the page is told that it changed."""
    person.version += 1
    person.save(update_fields=[*changed, "version"])


def waits_for_own_side(person: User, by: User) -> bool:
    """Whether the account is another organisation's that has an administrator of its own, who is not the person."""
    return administered.keeps_itself(person.organisation, by, but=person)


def _require_own_side_for(by: User, person: User) -> None:
    """PermissionDenied unless the administrator may open the account anew; reset_actions.py proposes it otherwise."""
    require_administrator_for(by, person.organisation)
    if waits_for_own_side(person, by):
        raise PermissionDenied("the administrators of the person's own organisation confirm it")


def _proposal(proposed_by: User | None) -> dict[str, Any]:
    return {"proposed_by": proposed_by.username} if proposed_by else {}


def _at_once(person: User, by: User) -> str:
    """For the history: why nobody of the person's own side has confirmed it."""
    if person.organisation_id == by.organisation_id:
        return ""
    return str(_("No other administrator in the organisation of the account: it took effect at once."))


def require_administrator_for(by: User, *concerned: Organisation) -> None:
    """PermissionDenied unless `by` is, at this moment, an administrator of the organisations."""
    acting = User.objects.filter(pk=by.pk, role=Role.ADMINISTRATOR, is_active=True).select_related(
        "organisation"
    )
    if (administrator := acting.first()) is None:
        raise PermissionDenied("administrators only")
    if not set(concerned) <= set(administered.organisations(administrator.organisation)):
        raise PermissionDenied("not one of the administered organisations")


def record(
    action: str,
    person: User,
    by: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    *,
    at_once: str = "",
) -> None:
    """In the history and in the record of use; `at_once` says why it took effect without the other side's word."""
    was, now = history.changed(before or {}, after or {})
    history.record(
        by=by,
        action=action,
        subject=person,
        organisation=person.organisation,
        before=was,
        after=now,
        reason=reason or at_once,
    )
    what = " ".join(filter(None, [action, person.history_key(), at_once]))
    audit.note(AuditKind.RIGHTS, person=by if isinstance(by, User) else None, what=what)
