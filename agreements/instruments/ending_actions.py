"""終了 by mutual consent: one side proposes the last day, the other confirms it after seeing what falls with it."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.instruments import agreements
from agreements.instruments.actions import lock, own_side
from agreements.models import Agreement, Consultation, ConsultationType, Ending
from iconm_portal.history import history
from iconm_portal.models import ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.version_lock import Conflict, WrongStep
from iconm_portal.values import clock


@transaction.atomic
def propose(
    *,
    agreement: Agreement,
    ends_on: date,
    consultation: Consultation,
    reason: str,
    by: User,
    at: datetime,
    version: int = 0,
) -> Ending:
    """Propose the last day in force, settled by a confirmed consultation about the termination.

    `version` is that of a draft which the side took back before, 0 where there is none. WrongStep where the agreement
    is not concluded, or over; Conflict where another ending came first; ValidationError for a day that cannot be.
    """
    side = own_side(agreement.center, by)
    locked = lock(agreement)
    state = agreements.state_of(locked, clock.day_of(at))
    if not state.is_alive:
        raise WrongStep(state.value)
    _check(locked, ends_on, consultation)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the agreement is to end.")})
    facts = {"ends_on": ends_on, "consultation": consultation, "reason": reason.strip()}
    standing = locked.endings.exclude(state=ProposalState.DECLINED).first()
    if standing is not None:
        proposal_workflow.propose(standing, version=version, by=by, side=side, at=at, **facts)
    elif version:
        raise Conflict
    else:
        standing = Ending(
            agreement=locked,
            state=ProposalState.PROPOSED,
            proposed_at=at,
            proposed_by=by,
            proposed_side=side,
            recorded_at=at,
            **facts,
        )
        standing.full_clean()
        standing.save()
    _remember("ending.propose", standing, by, after={"ends_on": ends_on}, reason=standing.reason)
    return standing


@transaction.atomic
def take_back(*, ending: Ending, version: int, by: User) -> Ending:
    """取下げ, as long as the other side has not answered."""
    side = own_side(ending.agreement.center, by)
    if ending.proposed_side not in ("", side):
        raise ValidationError(_("Only the side that put it forward can do this."))
    proposal_workflow.take_back(ending, version=version)
    _remember("ending.take_back", ending, by)
    return ending


@transaction.atomic
def confirm(*, ending: Ending, version: int, by: User, at: datetime) -> Ending:
    """The other side agrees: the agreement ends with that day, and all that falls with it falls."""
    side = own_side(ending.agreement.center, by)
    locked = lock(ending.agreement)
    state = agreements.state_of(locked, clock.day_of(at))
    if not state.is_alive:
        raise WrongStep(state.value)
    proposal_workflow.confirm(ending, version=version, by=by, side=side, at=at, known_from=clock.day_of(at))
    _remember("ending.confirm", ending, by, after={"ends_on": ending.ends_on})
    return ending


@transaction.atomic
def decline(*, ending: Ending, version: int, reason: str, by: User, at: datetime) -> Ending:
    """The other side does not agree, and says why."""
    side = own_side(ending.agreement.center, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you do not agree.")})
    proposal_workflow.decline(ending, version=version, by=by, side=side, at=at, reason=reason.strip())
    _remember("ending.decline", ending, by, reason=reason.strip())
    return ending


def _check(agreement: Agreement, ends_on: date, consultation: Consultation) -> None:
    if (
        consultation.agreement_id != agreement.pk
        or consultation.type != ConsultationType.TERMINATE
        or not consultation.is_confirmed
    ):
        raise ValidationError(
            {
                "consultation": _(
                    "Choose a consultation on the termination of this agreement that both confirmed."
                )
            }
        )
    if ends_on < agreement.starts_on:
        raise ValidationError({"ends_on": _("The end does not come before the start.")})
    if ends_on < consultation.held_on:
        raise ValidationError({"ends_on": _("The end does not come before the talk that settled it.")})
    if agreement.ends_on is not None and ends_on >= agreement.ends_on:
        raise ValidationError({"ends_on": _("It ends by then anyway; choose an earlier day.")})


def _remember(
    action: str, ending: Ending, by: User, *, after: dict[str, Any] | None = None, reason: str = ""
) -> None:
    history.record(
        by=by,
        action=action,
        subject=ending,
        center=ending.agreement.center,
        after=after,
        reason=reason,
        consultation=ending.consultation.key,
    )
