"""What is settled jointly: one side proposes, the other side confirms or declines.

Like the steps of a review, each is one UPDATE that names the version it saw. Callers hold the transaction, check the
right (SETTLE_JOINTLY), and write the history: the tables of steps, made from the rows at the end of this module.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms.refusals import SamePerson, SameSide
from iconm_portal.models import ProposalState, Proposed, Side, User
from iconm_portal.settlement import version_lock
from iconm_portal.settlement.step_forms import DeclineForm
from iconm_portal.settlement.steps import BOTH, REQUIRED, Step, Taking, Whose, moving

Item = TypeVar("Item", bound=Proposed)

OPEN = tuple(state for state in ProposalState if state.is_open)


def save_draft(item: Item, *, version: int, **changes: Any) -> Item:
    """Take the lock for writing into a draft or a declined proposal."""
    return version_lock.step(item, version, OPEN, **changes)


def propose(item: Item, *, version: int, by: User, side: Side, at: datetime, **changes: Any) -> Item:
    """Put it before the other side. Locked from here on."""
    return version_lock.step(
        item,
        version,
        OPEN,
        state=ProposalState.PROPOSED,
        proposed_at=at,
        proposed_by=by,
        proposed_side=side,
        declined_at=None,
        declined_by=None,
        decline_reason="",
        **changes,
    )


def take_back(item: Item, *, version: int) -> Item:
    """The proposing side takes it back, as long as the other has not confirmed."""
    return version_lock.step(
        item,
        version,
        (ProposalState.PROPOSED,),
        state=ProposalState.DRAFT,
        proposed_at=None,
        proposed_by=None,
        proposed_side="",
    )


def confirm(
    item: Item, *, version: int, by: User, side: Side, at: datetime, known_from: date, **changes: Any
) -> Item:
    """The other side agrees: settled, and frozen by the database too."""
    _other_side(item, by, side)
    return version_lock.step(
        item,
        version,
        (ProposalState.PROPOSED,),
        state=ProposalState.CONFIRMED,
        confirmed_at=at,
        confirmed_by=by,
        known_from=known_from,
        **changes,
    )


def decline(item: Item, *, version: int, by: User, side: Side, at: datetime, reason: str) -> Item:
    """The other side does not agree, and says why."""
    _other_side(item, by, side)
    return version_lock.step(
        item,
        version,
        (ProposalState.PROPOSED,),
        state=ProposalState.DECLINED,
        declined_at=at,
        declined_by=by,
        decline_reason=reason,
    )


def discard(item: Item, *, version: int) -> Item:
    """Take the lock for throwing away a draft that lies with nobody. What was declined stays, with the answer."""
    return version_lock.step(item, version, (ProposalState.DRAFT,))


def _other_side(item: Proposed, by: User, side: Side) -> None:
    if item.proposed_by_id == by.pk:
        raise SamePerson
    if item.proposed_side == side:
        raise SameSide


# -- Rows of a table of steps --


def _answered(item: Proposed, by: User) -> Exception:
    return SamePerson() if item.proposed_by_id == by.pk else SameSide()


OF_ITS_SIDE = Whose(
    lambda item: frozenset({Side(item.proposed_side)}) if item.proposed_side else BOTH,
    lambda item, by: ValidationError(_("Only the side that put it forward can do this.")),
)
"""What was put forward belongs to its side until the other has answered, a draft to both."""

OF_THE_OTHER_SIDE = Whose(lambda item: BOTH - {item.proposed_side}, _answered)


def _has_reason(taking: Taking[Any]) -> None:
    taking.reason = taking.given["reason"].strip()
    if not taking.reason:
        raise ValidationError({"reason": _("Say why you do not agree.")})


EDIT = Step(
    name="edit",
    from_states=OPEN,
    whose=OF_ITS_SIDE,
    moves=moving(save_draft),
    recorded="save",
    has_address=False,
)
PROPOSE = Step(name="propose", from_states=OPEN, whose=OF_ITS_SIDE, moves=moving(propose, "by", "side", "at"))
TAKE_BACK = Step(
    name="take_back",
    from_states=(ProposalState.PROPOSED,),
    whose=OF_ITS_SIDE,
    moves=moving(take_back),
    says=gettext_lazy("You took it back. It can be changed again."),
)
CONFIRM = Step(
    name="confirm",
    from_states=(ProposalState.PROPOSED,),
    whose=OF_THE_OTHER_SIDE,
    answers=True,
    moves=moving(confirm, "by", "side", "at", "known_from"),
)
DECLINE = Step(
    name="decline",
    from_states=(ProposalState.PROPOSED,),
    whose=OF_THE_OTHER_SIDE,
    answers=True,
    moves=moving(decline, "by", "side", "at", "reason"),
    check=_has_reason,
    takes={"reason": REQUIRED},
    forms={"decline_form": DeclineForm},
    says=gettext_lazy("The proposal was declined; the other side reads why."),
)
DISCARD = Step(
    name="discard",
    from_states=(ProposalState.DRAFT,),
    whose=OF_ITS_SIDE,
    moves=moving(discard),
    deletes=True,
    says=gettext_lazy("The draft was discarded. The history keeps what it held."),
)
