"""Every write about people: create, change, deactivate, reactivate, reset and choose a password."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.history.history import Actor, Source
from iconm_portal.models import AuditKind, Organisation, Role, SignOn, User
from iconm_portal.people import administered
from iconm_portal.people.second_factor import actions as second_factor
from iconm_portal.people.sign_in import audit, own_sessions, password_mails
from iconm_portal.people.sign_in.password_mails import PasswordMail
from iconm_portal.values import clock

# Without letters and digits that are taken for one another when read from paper or over the telephone.
TEMPORARY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TEMPORARY_GROUPS = 4
TEMPORARY_GROUP_LENGTH = 4


@dataclass(frozen=True)
class IssuedPassword:
    """A password given to a person, to be shown once; they replace it when they log in."""

    person: User
    password: str


@transaction.atomic
def create_person(
    *, username: str, name: str, email: str, organisation: Organisation, role: Role, by: User
) -> IssuedPassword:
    """A new person with a temporary password. ValidationError for what the model refuses."""
    require_administrator_for(by, organisation)
    _require_entered_by(by, organisation)
    _check_role(organisation, role)
    person = User(
        username=username,
        name=name,
        email=email,
        organisation=organisation,
        role=role,
        must_change_password=True,
    )
    return _insert(person, temporary_password(), by)


@transaction.atomic
def invite_person(
    *, username: str, name: str, email: str, organisation: Organisation, role: Role, by: User
) -> User:
    """A new person without a password, who chooses one by a link that goes to them by mail."""
    require_administrator_for(by, organisation)
    _require_entered_by(by, organisation)
    _check_role(organisation, role)
    person = User(username=username, name=name, email=email, organisation=organisation, role=role)
    person.set_unusable_password()
    person.full_clean()
    person.save()
    record("person.invite", person, by, {}, _as_history(person))
    password_mails.ask(PasswordMail.INVITATION, [person])
    return person


@transaction.atomic
def install_administrator(
    *, username: str, name: str, email: str, organisation: Organisation, password: str, by: Source
) -> User:
    """An administrator for a portal that has nobody to make one; they replace the password at the first login.

    The way in for `manage.py create_administrator`, not for pages: it asks nobody's right.
    """
    person = User(
        username=username,
        name=name,
        email=email,
        organisation=organisation,
        role=Role.ADMINISTRATOR,
        must_change_password=True,
    )
    return _insert(person, password, by).person


@transaction.atomic
def install_organisation(*, code: str, name: str, name_en: str = "", by: Actor) -> Organisation:
    """An organisation, for the first administrator to belong to or to audit a center. It asks nobody's right."""
    organisation = Organisation(code=code, name=name, name_en=name_en)
    organisation.full_clean()
    organisation.save()
    history.record(
        by=by,
        action="organisation.create",
        subject=organisation,
        organisation=organisation,
        after={"code": code, "name": name},
    )
    return organisation


@transaction.atomic
def change_person(
    *, person: User, version: int, name: str, email: str, organisation: Organisation, role: Role, by: User
) -> User:
    """Change what a person is called, where they work and what they may do.

    Conflict when another administrator changed the account since `version`. ValidationError when somebody changes
    their own organisation or role, or when nobody would be left to administer an organisation.
    """
    administrators = _active_administrators()
    current = _locked(person)
    require_administrator_for(by, current.organisation, organisation)
    if current.version != version:
        raise Conflict
    if current == by and (organisation != current.organisation or role != current.role):
        raise ValidationError(
            _("Your own organisation and role are changed by another administrator."), code="own_account"
        )
    is_moved = organisation != current.organisation
    if (is_moved or email != current.email or role != current.role) and waits_for_own_side(current, by):
        raise ValidationError(
            _("Address, organisation and role are changed by the administrators of %(organisation)s."),
            code="other_side",
            params={"organisation": current.organisation.name},
        )
    if is_moved:
        _require_entered_by(by, organisation)
    before = _as_history(current)
    left = current.organisation
    current.name, current.email, current.organisation, current.role = name, email, organisation, role
    current.full_clean(exclude=["password"])
    if (organisation, str(role)) != (left, before["role"]):
        _check_role(organisation, role)
    _require_administrator_left(left, administrators, current)
    _save(current, "name", "email", "organisation", "role")
    record("person.change", current, by, before, _as_history(current))
    return current


@transaction.atomic
def deactivate_person(*, person: User, by: User, reason: str = "") -> User:
    """Close the account; whoever is logged in with it is out at the next request. Nothing is deleted."""
    administrators = _active_administrators()
    current = _locked(person)
    require_administrator_for(by, current.organisation)
    if current == by:
        raise ValidationError(
            _("Your own account is deactivated by another administrator."), code="own_account"
        )
    if not current.is_active:
        return current
    current.is_active = False
    _require_administrator_left(current.organisation, administrators, current)
    _save(current, "is_active")
    record("person.deactivate", current, by, {"is_active": True}, {"is_active": False}, reason)
    for link in list(current.sign_ons.all()):  # whoever opens the account again decides about them anew
        _unlink(link, current, by)
    _end_other_ways_in(current, by)
    return current


@transaction.atomic
def reactivate_person(*, person: User, by: User, proposed_by: User | None = None) -> IssuedPassword | None:
    """Open a closed account with a temporary password: no session and no password from before works again.

    None when it was open already.
    """
    current = _locked(person)
    _require_own_side_for(by, current)
    if current.is_active:
        return None
    current.is_active = True
    issued = _issue_password(current)
    _save(current, "is_active", "password", "must_change_password")
    record(
        "person.reactivate",
        current,
        by,
        {"is_active": False},
        {"is_active": True} | _proposal(proposed_by),
        at_once=_at_once(current, by),
    )
    _end_other_ways_in(current, by)
    return issued


@transaction.atomic
def reset_password(*, person: User, by: User, proposed_by: User | None = None) -> IssuedPassword:
    """Replace a person's password by a temporary one; their sessions end, because a session knows its password."""
    current = _locked(person)
    _require_own_side_for(by, current)
    if current == by:
        raise ValidationError(_("Change your own password on its own page."), code="own_account")
    if not current.is_active:
        raise ValidationError(_("The account is deactivated. Reactivate it instead."), code="deactivated")
    issued = _issue_password(current)
    current.save(update_fields=["password", "must_change_password"])
    record("person.reset_password", current, by, {}, _proposal(proposed_by), at_once=_at_once(current, by))
    _end_other_ways_in(current, by)
    return issued


@transaction.atomic
def reset_second_factor(*, person: User, by: User, proposed_by: User | None = None) -> bool:
    """Take away a person's second factor, whose telephone is lost: they log in by password and set up another one.

    Their sessions end. False where there was none.
    """
    current = _locked(person)
    _require_own_side_for(by, current)
    if current == by:
        raise ValidationError(_("Change your own second factor on its own page."), code="own_account")
    if not second_factor.remove_all(current):
        return False
    own_sessions.end_all(current)
    record(
        "person.reset_second_factor", current, by, {}, _proposal(proposed_by), at_once=_at_once(current, by)
    )
    _end_other_ways_in(current, by)
    return True


@transaction.atomic
def link_sign_on(
    *, person: User, issuer: str, subject: str, by: User, proposed_by: User | None = None
) -> SignOn:
    """Let a person sign in by an account of a provider of single sign-on. ValidationError where one of the two is linked."""
    current = _locked(person)
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
    current = _locked(person)
    require_administrator_for(by, current.organisation)
    link = current.sign_ons.filter(pk=number).first()
    if link is None:
        return False
    _unlink(link, current, by)
    own_sessions.end_all(current)
    return True


def _unlink(link: SignOn, person: User, by: User) -> None:
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


def _insert(person: User, password: str, by: Actor) -> IssuedPassword:
    person.set_password(password)
    person.full_clean()
    person.save()
    record("person.create", person, by, {}, _as_history(person))
    return IssuedPassword(person, password)


def _issue_password(person: User) -> IssuedPassword:
    password = temporary_password()
    person.set_password(password)
    person.must_change_password = True
    return IssuedPassword(person, password)


def _end_other_ways_in(person: User, by: User) -> None:
    """What opens something without a login, such as a calendar's secret address, ends with what it was given under."""
    for way in settings.OTHER_WAYS_IN:
        import_string(way)(person=person, by=by, at=clock.now())


def _locked(person: User) -> User:
    """The person as they are now, kept from other writers until the end (SQLite has one writer anyway)."""
    return User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)


def _save(person: User, *changed: str) -> None:
    """Of a person that is locked: whoever had the account before them on the page is told that it changed."""
    person.version += 1
    person.save(update_fields=[*changed, "version"])


def _check_role(organisation: Organisation, role: Role) -> None:
    """ValidationError where the organisation only audits, and the role is more than that."""
    if role != Role.AUDITOR and administered.only_audits(organisation):
        raise ValidationError(
            {
                "role": _("%(organisation)s is no party to any center: its people can only be auditors.")
                % {"organisation": organisation.name}
            }
        )


def _active_administrators() -> list[User]:
    """All of them, locked: two who deactivate each other at once must not both succeed."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    return list(administrators.select_for_update(of=("self",)).select_related("organisation"))


def waits_for_own_side(person: User, by: User) -> bool:
    """Whether the account is another organisation's that has an administrator of its own, who is not the person."""
    return administered.keeps_itself(person.organisation, by, but=person)


def _require_own_side_for(by: User, person: User) -> None:
    """PermissionDenied unless the administrator may open the account anew; reset_actions.py proposes it otherwise."""
    require_administrator_for(by, person.organisation)
    if waits_for_own_side(person, by):
        raise PermissionDenied("the administrators of the person's own organisation confirm it")


def _require_entered_by(by: User, organisation: Organisation) -> None:
    """ValidationError where the organisation's own administrators enter its people."""
    if administered.keeps_itself(organisation, by):
        raise ValidationError(
            {
                "organisation": _("The people of %(organisation)s are entered by its own administrators.")
                % {"organisation": organisation.name}
            }
        )


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


def _require_administrator_left(left: Organisation, administrators: list[User], changed: User) -> None:
    """Every organisation that `changed` looked after, from the organisation `left`, still has an administrator."""
    if changed not in administrators:
        return
    after = [person for person in administrators if person != changed]
    if changed.is_active and changed.role == Role.ADMINISTRATOR:
        after.append(changed)
    working_for = {person.organisation for person in after}
    for organisation in administered.organisations(left):
        if working_for.isdisjoint(administered.organisations(organisation)):
            raise ValidationError(
                _("%(organisation)s would be left without an administrator."),
                code="last_administrator",
                params={"organisation": organisation.name},
            )


def _as_history(person: User) -> dict[str, Any]:
    return {
        "username": person.username,
        "name": person.name,
        "email": person.email,
        "organisation": person.organisation.code,
        "role": str(person.role),
    }


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
