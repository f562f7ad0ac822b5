"""団体, entered and named by administrators: those that are to be a party to a center of theirs."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from iconm_portal.forms.master_data import fingerprint
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, Organisation, User
from iconm_portal.people import administered
from iconm_portal.people.account_actions import require_administrator_for
from iconm_portal.people.actions import install_organisation
from iconm_portal.people.centers import codes


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What is said of an organisation; its code stands beside it and never changes."""

    name: str
    name_en: str = ""


def organisation_state(organisation: Organisation) -> dict[str, Any]:
    """What the facts say of it now, as the history keeps it."""
    return {"name": organisation.name, "name_en": organisation.name_en}


@transaction.atomic
def create(*, code: str = "", facts: OrganisationFacts, by: User) -> Organisation:
    """An organisation that the administrators of `by`'s own look after until it is a party to a center.

    Without a code it gets the one that its name suggests. ValidationError, by field, for what cannot be kept.
    """
    require_administrator_for(by)
    if code:
        codes.refuse_taken(Organisation, code)
    else:
        code = codes.suggested(
            facts.name,
            facts.name_en,
            otherwise="organisation",
            is_taken=lambda one: codes.is_taken(Organisation, one),
        )
    return install_organisation(code=code, **asdict(facts), keeper=by.organisation, by=by)


@transaction.atomic
def change(*, organisation: Organisation, seen: str, facts: OrganisationFacts, by: User) -> Organisation:
    """Name it otherwise. `seen`: the fingerprint of the state that the person saw; Conflict when it is another by now.

    ValidationError where it has administrators of its own: they name it.
    """
    current = _locked(organisation, by)
    if administered.keeps_itself(current, by):
        raise ValidationError(
            _("%(organisation)s is named by its own administrators.") % {"organisation": current.name}
        )
    before = organisation_state(current)
    if fingerprint(before) != seen:
        raise Conflict
    current.name, current.name_en = facts.name, facts.name_en
    current.full_clean()
    was, now = history.changed(before, organisation_state(current))
    if was or now:
        current.save(update_fields=["name", "name_en"])
        history.record(
            by=by,
            action="organisation.change",
            subject=current,
            organisation=current,
            before=was,
            after=now,
        )
    return current


@transaction.atomic
def delete(*, organisation: Organisation, by: User) -> None:
    """Take away one that was entered by mistake. ValidationError that says what rests on it."""
    current = _locked(organisation, by)
    if reason := kept_because(current):
        raise ValidationError(reason)
    # With the administrator's own organisation: nobody looks after the other one any more.
    history.record(
        by=by,
        action="organisation.delete",
        subject=current,
        organisation=by.organisation,
        before={"code": current.code, **organisation_state(current)},
    )
    current.delete()


def kept_because(organisation: Organisation) -> str:
    """Why it cannot be deleted; empty where nothing rests on it."""
    if Center.objects.of(organisation).exists():
        return _("It is a party to a center.")
    if User.objects.filter(organisation=organisation).exists():
        return _("It has people: they are deactivated, never deleted, and so their organisation stays.")
    if organisation.audited_centers.exists():
        return _("It audits a center from outside: end that first.")
    if organisation.kept_organisations.exists():
        return _("Its administrators entered other organisations.")
    return ""


def _locked(organisation: Organisation, by: User) -> Organisation:
    """As it is now, kept from other writers. PermissionDenied unless `by` administers it."""
    require_administrator_for(by, organisation)
    return Organisation.objects.select_for_update().get(pk=organisation.pk)
