"""What a settled thing rests on has changed: both sides say that it stands as it is, for a reason. One proposes, the other
confirms. What both saw is kept; a further change asks anew. What one side settled alone it also answers alone, at once."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Answer, Center, ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import StepTable, Taking, acting_side
from iconm_portal.standing import changes, resting
from iconm_portal.standing.changes import Unsettled
from iconm_portal.standing.registry import Seen
from iconm_portal.values import clock


def _still_the_same(taking: Taking[Answer]) -> None:
    """ValidationError where something has changed again since it was proposed: nobody confirms what they did not see."""
    answer = taking.item
    unsettled = changes.load(answer.center, known_at=taking.known_from, kinds=[answer.settled_kind]).of(
        answer.settled_kind, answer.settled_key
    )
    proposed = {Seen(row.kind, row.key, row.revision, row.value) for row in answer.rests_on.all()}
    if unsettled is None or {change.replaces for change in unsettled.changes} != proposed:
        raise ValidationError(
            _("It has changed again since this was proposed. Decline it, and look at it anew.")
        )
    taking.reason = answer.reason


STEPS = StepTable(
    Answer,
    named="answer",
    code="answer",
    steps=(
        replace(
            proposal_workflow.TAKE_BACK,
            deletes=True,
            says=gettext_lazy("You took it back."),
        ),
        replace(
            proposal_workflow.CONFIRM,
            first=_still_the_same,
            says=gettext_lazy("Both sides have confirmed that it stands as it is."),
        ),
        proposal_workflow.DECLINE,
    ),
)
confirm, decline, take_back = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("take_back")


@transaction.atomic
def propose(*, center: Center, kind: str, key: str, reason: str, by: User, at: datetime) -> Answer:
    """Put before the other side that the thing stands as it is; say so, where the side settled it alone.

    ValidationError where nothing has changed below it, where the other side puts it right, while it is being settled
    anew, or without a reason;
    Conflict where an answer was proposed at this very moment.
    """
    side = acting_side(center, by)
    unsettled = changes.load(center, known_at=clock.day_of(at), kinds=[kind]).of(kind, key)
    if unsettled is None:
        raise ValidationError(_("Nothing has changed that this rests on."))
    if side not in unsettled.proposers:
        raise ValidationError(
            _("Only the side that settled it can say that it stands as it is.")
            if unsettled.is_answered_alone
            else _("Only the side that reported it can say that it stands as it is.")
        )
    if unsettled.anew is not None:
        raise ValidationError(
            _("It is being settled anew; until that is done, nobody says that it stands as it is.")
        )
    answer = Answer(
        center=center,
        settled_kind=kind,
        settled_key=key,
        settled_revision=unsettled.settled.revision,
        label=unsettled.settled.label[:200],
        reason=reason.strip(),
        proposed_side=side,
        **(_given_alone(by, at) if unsettled.is_answered_alone else _proposed(by, at)),
    )
    answer.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            answer.save()
    except IntegrityError as error:  # the other side proposed one at this very moment
        raise Conflict from error
    seen = tuple(change.replaces for change in unsettled.changes)
    settled = resting.Settled(kind, key, answer.settled_revision, seen)
    resting.record(center, [settled], day=clock.day_of(at), answer=answer)
    word = "confirm" if answer.is_confirmed else "propose"
    STEPS.record(answer, word, by, after=_in_history(unsettled), reason=answer.reason)
    return answer


def _proposed(by: User, at: datetime) -> dict[str, Any]:
    return {"state": ProposalState.PROPOSED, "proposed_at": at, "proposed_by": by}


def _given_alone(by: User, at: datetime) -> dict[str, Any]:
    """Nobody proposes it: the side that it belongs to has said it."""
    return {
        "state": ProposalState.CONFIRMED,
        "confirmed_at": at,
        "confirmed_by": by,
        "known_from": clock.day_of(at),
    }


def _in_history(unsettled: Unsettled) -> dict[str, Any]:
    return {"seen": [f"{one.seen.kind}/{one.seen.key} {one.now.revision}" for one in unsettled.changes]}
