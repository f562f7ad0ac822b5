"""終了 by mutual consent: one side proposes the last day, the other confirms it after seeing what falls with it."""

from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.instruments import agreements
from agreements.instruments.actions import lock
from agreements.models import Agreement, Consultation, ConsultationType, Ending
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.models import ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import StepTable, Taking, acting_side
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
    side = acting_side(agreement.center, by)
    locked = _still_stands(agreement, at)
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
    STEPS.record(standing, "propose", by, after={"ends_on": ends_on}, reason=standing.reason)
    return standing


def _still_stands(agreement: Agreement, at: datetime) -> Agreement:
    """The agreement, locked. WrongStep where it is not concluded, or over."""
    locked = lock(agreement)
    state = agreements.state_of(locked, clock.day_of(at))
    if not state.is_alive:
        raise WrongStep(state.value)
    return locked


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


# -- Steps --


def _lock_what_ends(taking: Taking[Ending]) -> None:
    _still_stands(taking.item.agreement, taking.at)
    taking.after = {"ends_on": taking.item.ends_on}


STEPS = StepTable(
    Ending,
    named="ending",
    code="ending",
    steps=(
        replace(proposal_workflow.TAKE_BACK, says=gettext_lazy("You took the proposal back.")),
        replace(proposal_workflow.CONFIRM, check=_lock_what_ends, says=gettext_lazy("The ending is agreed.")),
        replace(
            proposal_workflow.DECLINE, says=gettext_lazy("The ending was declined; the other side reads why.")
        ),
    ),
)
take_back, confirm = STEPS.action("take_back"), STEPS.action("confirm")
decline = STEPS.action("decline")
