"""The steps of a review: draft → submitted → in review → accepted or returned → …

Each step is one UPDATE that names the version it saw. Whoever comes second changes nothing and is told. Callers hold
the transaction, check the right, and write the history: the tables of steps, made from the rows at the end.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy

from iconm_portal.forms.refusals import SamePerson
from iconm_portal.models import EDITABLE_STATES, Reviewed, ReviewState, User
from iconm_portal.people.access import Right
from iconm_portal.settlement import version_lock
from iconm_portal.settlement.steps import REQUIRED, Step, Taking, moving

Item = TypeVar("Item", bound=Reviewed)


@dataclass(frozen=True, slots=True)
class Decision:
    """A side's own internal decision, if it records it: 決裁日 and 決裁者の職."""

    on: date | None = None
    post: str = ""


NO_DECISION = Decision()


def save_draft(item: Item, *, version: int, by: User, at: datetime, **changes: Any) -> Item:
    """Take the lock for writing into a draft or a returned item; the caller then writes its lines."""
    return version_lock.step(item, version, EDITABLE_STATES, saved_at=at, saved_by=by, **changes)


def submit(
    item: Item, *, version: int, by: User, at: datetime, decision: Decision = NO_DECISION, **changes: Any
) -> Item:
    """Hand it in. Locked from here on."""
    return version_lock.step(
        item,
        version,
        EDITABLE_STATES,
        state=ReviewState.SUBMITTED,
        submitted_at=at,
        submitted_by=by,
        opened_at=None,
        opened_by=None,
        submission_decided_on=decision.on,
        submission_decided_post=decision.post,
        **changes,
    )


def take_back(item: Item, *, version: int) -> Item:
    """取下げ: possible until the other side opens it. It becomes a draft, or returned where it was that before."""
    before = ReviewState.RETURNED if item.returned_at else ReviewState.DRAFT
    return version_lock.step(
        item, version, (ReviewState.SUBMITTED,), state=before, submitted_at=None, submitted_by=None
    )


def open_review(item: Item, *, version: int, by: User, at: datetime) -> Item:
    """The other side begins its review; nothing can be taken back from here on."""
    return version_lock.step(
        item, version, (ReviewState.SUBMITTED,), state=ReviewState.IN_REVIEW, opened_at=at, opened_by=by
    )


def send_back(item: Item, *, version: int, by: User, at: datetime) -> Item:
    """差戻し. The caller has recorded the comments."""
    return version_lock.step(
        item,
        version,
        (ReviewState.IN_REVIEW,),
        state=ReviewState.RETURNED,
        returned_at=at,
        returned_by=by,
        submitted_at=None,
        submitted_by=None,
        opened_at=None,
        opened_by=None,
    )


def accept(
    item: Item,
    *,
    version: int,
    by: User,
    at: datetime,
    known_from: date,
    decision: Decision = NO_DECISION,
    **changes: Any,
) -> Item:
    """受理: frozen from here on, by the database too."""
    if item.submitted_by_id == by.pk:
        raise SamePerson
    return version_lock.step(
        item,
        version,
        (ReviewState.IN_REVIEW,),
        state=ReviewState.ACCEPTED,
        accepted_at=at,
        accepted_by=by,
        known_from=known_from,
        acceptance_decided_on=decision.on,
        acceptance_decided_post=decision.post,
        **changes,
    )


def discard(item: Item, *, version: int) -> Item:
    """Take the lock for throwing away a draft that was never handed in."""
    return version_lock.step(item, version, (ReviewState.DRAFT,))


# -- Rows of a table of steps: the foundation keeps and hands in, the city reviews --


def _accepts(taking: Taking[Any]) -> None:
    """受理: settled, and known from today (the server's day in Japan) on."""
    moving(accept, "by", "at", "known_from", "decision")(taking)
    taking.after = {"known_from": taking.item.known_from} | taking.after


def _decides(taking: Taking[Any]) -> None:
    """The side that handed it in decides it after the consultation; nobody approves."""
    version_lock.step(
        taking.item,
        taking.version,
        (ReviewState.SUBMITTED,),
        state=ReviewState.ACCEPTED,
        known_from=taking.known_from,
        acceptance_decided_on=taking.decision.on,
        acceptance_decided_post=taking.decision.post,
        **taking.changes,
    )
    taking.after = {"known_from": taking.item.known_from} | taking.after


EDIT = Step(
    name="edit",
    from_states=EDITABLE_STATES,
    right=Right.KEEP,
    moves=moving(save_draft, "by", "at"),
    recorded="save",
    has_address=False,
)
SUBMIT = Step(
    name="submit",
    from_states=EDITABLE_STATES,
    right=Right.KEEP,
    moves=moving(submit, "by", "at", "decision"),
    takes={"decision": NO_DECISION},
    keeps_state=True,
)
TAKE_BACK = Step(
    name="take_back",
    from_states=(ReviewState.SUBMITTED,),
    right=Right.KEEP,
    moves=moving(take_back),
    keeps_state=True,
)
OPEN = Step(
    name="open",
    from_states=(ReviewState.SUBMITTED,),
    right=Right.REVIEW,
    answers=True,
    moves=moving(open_review, "by", "at"),
    keeps_state=True,
)
RETURN = Step(
    name="return",
    from_states=(ReviewState.IN_REVIEW,),
    right=Right.REVIEW,
    answers=True,
    moves=moving(send_back, "by", "at"),
    keeps_state=True,
)
ACCEPT = Step(
    name="accept",
    from_states=(ReviewState.IN_REVIEW,),
    right=Right.REVIEW,
    answers=True,
    moves=_accepts,
    takes={"decision": NO_DECISION},
    keeps_state=True,
)
DECIDE = Step(
    name="decide",
    from_states=(ReviewState.SUBMITTED,),
    right=Right.KEEP,
    moves=_decides,
    takes={"consultation": REQUIRED, "decision": NO_DECISION},
    keeps_state=True,
)
DISCARD = Step(
    name="discard",
    from_states=(ReviewState.DRAFT,),
    right=Right.KEEP,
    moves=moving(discard),
    deletes=True,
    says=gettext_lazy("The draft was discarded. The history keeps what it held."),
)
