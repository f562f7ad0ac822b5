"""Who may take which step with a duty, by the side that is bound and the way in which it is decided. No queries."""

from enum import Enum

from django.core.exceptions import PermissionDenied

from agreements.models import Bound, Duty, Obligation, Verification, Way
from iconm_portal.models import EDITABLE_STATES, Center, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.settlement.proposal_workflow import SameSide

BOTH = frozenset({Side.SUPPORTER, Side.OPERATOR})
_BOUND = {
    Bound.SUPPORTER: frozenset({Side.SUPPORTER}),
    Bound.OPERATOR: frozenset({Side.OPERATOR}),
    Bound.BOTH: BOTH,
}


class Step(Enum):
    SAVE = "save documents and a note"
    SUBMIT = "hand in, or propose"
    TAKE_BACK = "take back"
    OPEN = "begin the review"
    RETURN = "return, or decline"
    ACCEPT = "accept, or confirm"
    DECIDE = "decide after the consultation"
    SET_DATE = "set the parties' own date"
    EXTEND = "extend"
    COMMENT = "comment"


_HANDING_IN = (Step.SAVE, Step.SUBMIT, Step.TAKE_BACK)
_ANSWERING = (Step.OPEN, Step.RETURN, Step.ACCEPT)


def bound_sides(obligation: Obligation) -> frozenset[Side]:
    """The side, or both, that the obligation binds."""
    return _BOUND[Bound(obligation.bound)]


def is_joint(obligation: Obligation) -> bool:
    """Whether both settle it: one proposes, the other confirms. Something reviewed that binds both is."""
    return obligation.way == Way.JOINT or (obligation.way == Way.REVIEW and obligation.bound == Bound.BOTH)


def is_reviewed(obligation: Obligation) -> bool:
    """Whether one side hands in and the other opens, accepts or returns."""
    return obligation.way == Way.REVIEW and not is_joint(obligation)


def sides_handing_in(obligation: Obligation) -> frozenset[Side]:
    """Who puts documents together. None where the year's verification fulfils it or there is nothing to decide."""
    if obligation.verification or obligation.way == Way.NONE:
        return frozenset()
    return BOTH if is_joint(obligation) else bound_sides(obligation)


def side_that_handed_in(handed_in: Duty | Verification, center: Center) -> Side | None:
    """Whose proposal or documents they are now, wherever the person works today. `submitted_by` is fetched."""
    if handed_in.submitted_by is None:
        return None
    return Side(handed_in.author_side) if handed_in.author_side else center.side_of(handed_in.submitted_by)


def sides_for(step: Step, duty: Duty, center: Center) -> frozenset[Side]:
    """Whose step it is, whatever the state: a proposal is answered by the other side and taken back by its own."""
    handing_in = sides_handing_in(duty.obligation)
    if step in (Step.SET_DATE, Step.EXTEND):
        return BOTH
    if not handing_in:
        return frozenset()
    if step == Step.COMMENT:
        return BOTH
    proposer = side_that_handed_in(duty, center)
    if step in _HANDING_IN:
        is_own = step == Step.TAKE_BACK and is_joint(duty.obligation)
        return frozenset({proposer}) if is_own and proposer else handing_in
    if step == Step.DECIDE:
        decides = duty.obligation.way == Way.OPERATOR_DECIDES
        return frozenset({Side.OPERATOR}) if decides else frozenset()
    if is_joint(duty.obligation):
        if step == Step.OPEN:
            return frozenset()  # a proposal is confirmed or declined in one step
        return BOTH - {proposer}
    return BOTH - handing_in if is_reviewed(duty.obligation) else frozenset()


def states_for(step: Step, obligation: Obligation) -> tuple[str, ...]:
    """The states from which the step can be taken."""
    if step in (Step.SAVE, Step.SUBMIT):
        return EDITABLE_STATES
    if step in (Step.TAKE_BACK, Step.OPEN):
        return (ReviewState.SUBMITTED,)
    if step in (Step.RETURN, Step.ACCEPT):
        return (ReviewState.SUBMITTED,) if is_joint(obligation) else (ReviewState.IN_REVIEW,)
    if step == Step.DECIDE:
        return (ReviewState.SUBMITTED,)
    if step == Step.COMMENT:
        return (ReviewState.SUBMITTED, ReviewState.IN_REVIEW)
    return tuple(state for state in ReviewState.values if state != ReviewState.ACCEPTED)


def right_for(step: Step, side: Side, obligation: Obligation) -> Right:
    """The row of the access table. The foundation keeps, the city reviews; the rest is both staffs' affair."""
    if step in _HANDING_IN and not is_joint(obligation) and side == Side.OPERATOR:
        return Right.KEEP
    if step in _ANSWERING and is_reviewed(obligation) and side == Side.SUPPORTER:
        return Right.REVIEW
    return Right.KEEP if step == Step.DECIDE else Right.SETTLE_JOINTLY


def may(step: Step, duty: Duty, center: Center, user: User) -> bool:
    """Whether the person can take the step now."""
    side = center.side_of(user)
    if side is None or duty.state not in states_for(step, duty.obligation):
        return False
    if step == Step.SET_DATE and duty.due_on is not None:
        return False
    if step == Step.EXTEND and duty.due_on is None:
        return False
    return side in sides_for(step, duty, center) and allowed(
        user, center, right_for(step, side, duty.obligation)
    )


def require_step(step: Step, duty: Duty, center: Center, user: User) -> None:
    """PermissionDenied for whoever has not the right; SameSide for answering one's own side's proposal.

    The state is the version lock's affair.
    """
    side = center.side_of(user)
    right = right_for(step, side, duty.obligation) if side else Right.SETTLE_JOINTLY
    require(user, center, right)
    if side in sides_for(step, duty, center):
        return
    if step in _ANSWERING and is_joint(duty.obligation):
        raise SameSide
    raise PermissionDenied(step.value)
