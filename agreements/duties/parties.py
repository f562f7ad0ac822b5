"""Who hands in and who answers, by the side that is bound and the way in which it is decided. No queries."""

from typing import assert_never

from agreements.models import Bound, Duty, Obligation, Verification, Way
from iconm_portal.models import Center, Side

BOTH = frozenset(Side)


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


def sides_answering(duty: Duty) -> frozenset[Side]:
    """Who confirms or declines a proposal, or reviews what was handed in; nobody where the operator decides it."""
    handing_in = sides_handing_in(duty.obligation)
    if not handing_in:
        return frozenset()
    if is_joint(duty.obligation):
        return BOTH - {side_that_handed_in(duty, duty.center)}
    return BOTH - handing_in if is_reviewed(duty.obligation) else frozenset()


def sides_taking_back(duty: Duty) -> frozenset[Side]:
    """A proposal is its own side's to take back."""
    proposer = side_that_handed_in(duty, duty.center) if is_joint(duty.obligation) else None
    handing_in = sides_handing_in(duty.obligation)
    return frozenset({proposer}) if handing_in and proposer else handing_in


def sides_deciding(duty: Duty) -> frozenset[Side]:
    """The foundation, where it decides what it handed in itself."""
    match duty.obligation.way:
        case Way.OPERATOR_DECIDES:
            return frozenset({Side.OPERATOR}) & sides_handing_in(duty.obligation)
        case Way.REVIEW | Way.JOINT | Way.NONE:
            return frozenset()
        case _:
            assert_never(duty.obligation.way)
