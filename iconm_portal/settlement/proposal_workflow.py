"""What is settled jointly: one side proposes, the other side confirms or declines.

Like the steps of a review, each is one UPDATE that names the version it saw. Callers hold the transaction, check the
right (SETTLE_JOINTLY), and write the history.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from iconm_portal.models import ProposalState, Proposed, Side, User
from iconm_portal.settlement import version_lock
from iconm_portal.settlement.version_lock import SamePerson

Item = TypeVar("Item", bound=Proposed)

OPEN = (ProposalState.DRAFT, ProposalState.DECLINED)


class SameSide(Exception):
    """The side that proposed cannot confirm or decline; it can take its proposal back."""


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


def _other_side(item: Proposed, by: User, side: Side) -> None:
    if item.proposed_by_id == by.pk:
        raise SamePerson
    if item.proposed_side == side:
        raise SameSide
