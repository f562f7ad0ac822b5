"""Who may take which step with a duty, by the side that is bound and the way in which it is decided. No queries."""

from enum import Enum
from typing import assert_never

from django.core.exceptions import PermissionDenied

from agreements.models import Bound, Duty, Obligation, Verification, Way
from iconm_portal.models import EDITABLE_STATES, UNDER_REVIEW, Center, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.settlement.proposal_workflow import SameSide

BOTH = frozenset(Side)


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

    @property
    def is_answer(self) -> bool:
        """Whether it is taken by the side that did not hand in."""
        match self:
            case Step.OPEN | Step.RETURN | Step.ACCEPT:
                return True
            case (
                Step.SAVE
                | Step.SUBMIT
                | Step.TAKE_BACK
                | Step.DECIDE
                | Step.SET_DATE
                | Step.EXTEND
                | Step.COMMENT
            ):
                return False
            case _:
                assert_never(self)


def bound_sides(obligation: Obligation) -> frozenset[Side]:
    """The side, or both, that the obligation binds."""
    return obligation.bound.sides


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
    return handed_in.author_side or center.side_of(handed_in.submitted_by)


def sides_for(step: Step, duty: Duty, center: Center) -> frozenset[Side]:
    """Whose step it is, whatever the state: a proposal is answered by the other side and taken back by its own."""
    handing_in = sides_handing_in(duty.obligation)
    match step:
        case Step.SET_DATE | Step.EXTEND:
            return BOTH
        case Step.COMMENT:
            return BOTH if handing_in else frozenset()
        case Step.SAVE | Step.SUBMIT:
            return handing_in
        case Step.TAKE_BACK:
            proposer = side_that_handed_in(duty, center) if is_joint(duty.obligation) else None
            return frozenset({proposer}) if handing_in and proposer else handing_in
        case Step.DECIDE:
            decides = handing_in and duty.obligation.way is Way.OPERATOR_DECIDES
            return frozenset({Side.OPERATOR}) if decides else frozenset()
        case Step.OPEN if is_joint(duty.obligation):
            return frozenset()  # a proposal is confirmed or declined in one step
        case Step.OPEN | Step.RETURN | Step.ACCEPT:
            if handing_in and is_joint(duty.obligation):
                return BOTH - {side_that_handed_in(duty, center)}
            return BOTH - handing_in if is_reviewed(duty.obligation) and handing_in else frozenset()
        case _:
            assert_never(step)


def states_for(step: Step, obligation: Obligation) -> tuple[ReviewState, ...]:
    """The states from which the step can be taken."""
    match step:
        case Step.SAVE | Step.SUBMIT:
            return EDITABLE_STATES
        case Step.TAKE_BACK | Step.OPEN | Step.DECIDE:
            return (ReviewState.SUBMITTED,)
        case Step.RETURN | Step.ACCEPT:
            return (ReviewState.SUBMITTED,) if is_joint(obligation) else (ReviewState.IN_REVIEW,)
        case Step.COMMENT:
            return UNDER_REVIEW
        case Step.SET_DATE | Step.EXTEND:
            return tuple(state for state in ReviewState if state is not ReviewState.ACCEPTED)
        case _:
            assert_never(step)


def right_for(step: Step, side: Side, obligation: Obligation) -> Right:
    """The row of the access table. The foundation keeps, the city reviews; the rest is both staffs' affair."""
    match step:
        case Step.SAVE | Step.SUBMIT | Step.TAKE_BACK:
            keeps = side is Side.OPERATOR and not is_joint(obligation)
            return Right.KEEP if keeps else Right.SETTLE_JOINTLY
        case Step.OPEN | Step.RETURN | Step.ACCEPT:
            reviews = side is Side.SUPPORTER and is_reviewed(obligation)
            return Right.REVIEW if reviews else Right.SETTLE_JOINTLY
        case Step.DECIDE:
            return Right.KEEP
        case Step.SET_DATE | Step.EXTEND | Step.COMMENT:
            return Right.SETTLE_JOINTLY
        case _:
            assert_never(step)


def may(step: Step, duty: Duty, center: Center, user: User) -> bool:
    """Whether the person can take the step now."""
    side = center.side_of(user)
    if side is None or duty.state not in states_for(step, duty.obligation):
        return False
    has_date = duty.due_on is not None
    if (step is Step.SET_DATE and has_date) or (step is Step.EXTEND and not has_date):
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
    if step.is_answer and is_joint(duty.obligation):
        raise SameSide
    raise PermissionDenied(step.value)
