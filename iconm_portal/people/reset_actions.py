"""Resets of accounts of the other side: proposed by one side's administrators, confirmed by the other's.

Whoever resets an account holds the way into it for a moment. So nobody does that alone with an account of the other side: the
administrators of its own organisation confirm it, and they alone see the temporary password. Decision records 4 and 25.
"""

from typing import assert_never

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import ResetKind, ResetProposal, User
from iconm_portal.models.resets import OPEN
from iconm_portal.people import account_actions, administered
from iconm_portal.people.account_actions import IssuedPassword
from iconm_portal.values import clock

IS_PROPOSED = _(
    "It is proposed. It takes effect when an administrator of the person's own organisation confirms it."
)


def reset(*, kind: ResetKind, person: User, by: User) -> IssuedPassword | ResetProposal | None:
    """Do it, or propose it where the account is the other side's. None where there was nothing to do.

    PermissionDenied for others than administrators of the person's organisation; ValidationError for what makes no sense.
    """
    if account_actions.waits_for_own_side(person, by):
        return propose(kind=kind, person=person, by=by)
    return _take_effect(ResetProposal(kind=kind, person=person), by)


def link_sign_on(*, person: User, issuer: str, subject: str, by: User) -> ResetProposal | None:
    """The same of a link with a sign-on; None where it took effect."""
    if account_actions.waits_for_own_side(person, by):
        return propose(kind=ResetKind.SIGN_ON, person=person, issuer=issuer, subject=subject, by=by)
    account_actions.link_sign_on(person=person, issuer=issuer, subject=subject, by=by)
    return None


@transaction.atomic
def propose(*, kind: ResetKind, person: User, by: User, issuer: str = "", subject: str = "") -> ResetProposal:
    """Put it before the administrators of the person's own organisation; `issuer` and `subject` of a link with a sign-on."""
    account_actions.require_administrator_for(by, person.organisation)
    try:
        with transaction.atomic():
            proposal = ResetProposal.objects.create(
                person=person,
                kind=kind,
                issuer=issuer,
                subject=subject,
                proposed_at=clock.now(),
                proposed_by=by,
            )
    except IntegrityError:
        raise ValidationError(_("It is proposed already."), code="proposed") from None
    linked = {"issuer": issuer, "identifier": subject} if kind is ResetKind.SIGN_ON else {}
    account_actions.record("person.propose_reset", person, by, after={"kind": str(kind), **linked})
    return proposal


@transaction.atomic
def confirm(*, proposal: ResetProposal, by: User) -> IssuedPassword | None:
    """It takes effect. PermissionDenied for others than administrators of the person's organisation, and for the person."""
    current = _locked(proposal)
    if not may_confirm(current, by):
        raise PermissionDenied("administrators of the person's own organisation")
    current.confirmed_at, current.confirmed_by = clock.now(), by
    current.save(update_fields=["confirmed_at", "confirmed_by"])
    return _take_effect(current, by, proposed_by=current.proposed_by)


@transaction.atomic
def decline(*, proposal: ResetProposal, by: User) -> None:
    """It comes to nothing; also taken back by whoever proposed it."""
    current = _locked(proposal)
    account_actions.require_administrator_for(by, current.person.organisation)
    current.declined_at, current.declined_by = clock.now(), by
    current.save(update_fields=["declined_at", "declined_by"])
    account_actions.record("person.decline_reset", current.person, by, after={"kind": str(current.kind)})


def may_confirm(proposal: ResetProposal, by: User) -> bool:
    """Whether the administrator is of the person's own organisation, and neither the person nor who proposed it."""
    return by.organisation_id == proposal.person.organisation_id and by not in (
        proposal.person,
        proposal.proposed_by,
    )


def open_ones(by: User) -> QuerySet[ResetProposal]:
    """What is proposed about the administered people and not answered, oldest first."""
    return ResetProposal.objects.filter(
        OPEN, person__organisation__in=administered.organisations(by.organisation)
    ).select_related("person__organisation", "proposed_by__organisation")


def waiting_for(by: User) -> QuerySet[ResetProposal]:
    """Of these what waits for this administrator."""
    return open_ones(by).filter(person__organisation=by.organisation_id).exclude(person=by)


def _locked(proposal: ResetProposal) -> ResetProposal:
    """WrongStep where it was answered meanwhile."""
    found = ResetProposal.objects.select_for_update(of=("self",)).filter(OPEN, pk=proposal.pk)
    current = found.select_related("person__organisation", "proposed_by__organisation").first()
    if current is None:
        raise WrongStep
    return current


def _take_effect(
    proposal: ResetProposal, by: User, *, proposed_by: User | None = None
) -> IssuedPassword | None:
    person = proposal.person
    match proposal.kind:
        case ResetKind.PASSWORD:
            return account_actions.reset_password(person=person, by=by, proposed_by=proposed_by)
        case ResetKind.SECOND_FACTOR:
            account_actions.reset_second_factor(person=person, by=by, proposed_by=proposed_by)
            return None
        case ResetKind.REACTIVATION:
            return account_actions.reactivate_person(person=person, by=by, proposed_by=proposed_by)
        case ResetKind.SIGN_ON:
            account_actions.link_sign_on(
                person=person,
                issuer=proposal.issuer,
                subject=proposal.subject,
                by=by,
                proposed_by=proposed_by,
            )
            return None
        case _:
            assert_never(proposal.kind)
