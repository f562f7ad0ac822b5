"""People: entered, invited, changed, deactivated; and the organisations that they belong to."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.history.history import Actor, Source
from iconm_portal.models import Organisation, Role, User
from iconm_portal.people import account_actions, administered
from iconm_portal.people.account_actions import IssuedPassword
from iconm_portal.people.sign_in import password_mails
from iconm_portal.people.sign_in.password_mails import PasswordMail


@transaction.atomic
def create_person(
    *, username: str, name: str, email: str, organisation: Organisation, role: Role, by: User
) -> IssuedPassword:
    """A new person with a temporary password. ValidationError for what the model refuses."""
    account_actions.require_administrator_for(by, organisation)
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
    return _insert(person, account_actions.temporary_password(), by)


@transaction.atomic
def invite_person(
    *, username: str, name: str, email: str, organisation: Organisation, role: Role, by: User
) -> User:
    """A new person without a password, who chooses one by a link that goes to them by mail."""
    account_actions.require_administrator_for(by, organisation)
    _require_entered_by(by, organisation)
    _check_role(organisation, role)
    person = User(username=username, name=name, email=email, organisation=organisation, role=role)
    person.set_unusable_password()
    person.full_clean()
    person.save()
    account_actions.record("person.invite", person, by, {}, _as_history(person))
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
def install_organisation(
    *, code: str, name: str, name_en: str = "", keeper: Organisation | None = None, by: Actor
) -> Organisation:
    """An organisation, for the first administrator to belong to, to audit a center or to be a party to one.

    It asks nobody's right. ValidationError, by field, also for a code that somebody else took a moment ago.
    """
    organisation = Organisation(code=code, name=name, name_en=name_en, keeper=keeper)
    organisation.full_clean()
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError:
        raise ValidationError({"code": _("This code is taken.")}) from None
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
    current = account_actions.locked(person)
    account_actions.require_administrator_for(by, current.organisation, organisation)
    if current.version != version:
        raise Conflict
    if current == by and (organisation != current.organisation or role != current.role):
        raise ValidationError(
            _("Your own organisation and role are changed by another administrator."), code="own_account"
        )
    is_moved = organisation != current.organisation
    if (is_moved or email != current.email or role != current.role) and account_actions.waits_for_own_side(
        current, by
    ):
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
    account_actions.save(current, "name", "email", "organisation", "role")
    account_actions.record("person.change", current, by, before, _as_history(current))
    return current


@transaction.atomic
def deactivate_person(*, person: User, by: User, reason: str = "") -> User:
    """Close the account; whoever is logged in with it is out at the next request. Nothing is deleted."""
    administrators = _active_administrators()
    current = account_actions.locked(person)
    account_actions.require_administrator_for(by, current.organisation)
    if current == by:
        raise ValidationError(
            _("Your own account is deactivated by another administrator."), code="own_account"
        )
    if not current.is_active:
        return current
    current.is_active = False
    _require_administrator_left(current.organisation, administrators, current)
    account_actions.save(current, "is_active")
    account_actions.record(
        "person.deactivate", current, by, {"is_active": True}, {"is_active": False}, reason
    )
    for link in list(current.sign_ons.all()):  # whoever opens the account again decides about them anew
        account_actions.unlink(link, current, by)
    account_actions.end_other_ways_in(current, by)
    return current


def _insert(person: User, password: str, by: Actor) -> IssuedPassword:
    person.set_password(password)
    person.full_clean()
    person.save()
    account_actions.record("person.create", person, by, {}, _as_history(person))
    return IssuedPassword(person, password)


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


def _require_entered_by(by: User, organisation: Organisation) -> None:
    """ValidationError where the organisation's own administrators enter its people."""
    if administered.keeps_itself(organisation, by):
        raise ValidationError(
            {
                "organisation": _("The people of %(organisation)s are entered by its own administrators.")
                % {"organisation": organisation.name}
            }
        )


def _require_administrator_left(left: Organisation, administrators: list[User], changed: User) -> None:
    """Every organisation that `changed` looked after, from the organisation `left`, still has an administrator."""
    if changed not in administrators:
        return
    after = [person for person in administrators if person != changed]
    if changed.is_active and changed.role == Role.ADMINISTRATOR:
        after.append(changed)
    working_for = {person.organisation for person in after}
    for organisation in administered.organisations(left):
        if working_for.isdisjoint(administered.keepers(organisation)):
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
