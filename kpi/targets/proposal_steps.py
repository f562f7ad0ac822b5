"""What a person may do with a proposal of targets or of the next plan; pages show exactly these buttons."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from iconm_portal.models import Center, ProposalState, Proposed, Side, User
from iconm_portal.people.access import Right, allowed


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that the person can take now."""

    edit: bool = False
    propose: bool = False
    take_back: bool = False
    answer: bool = False
    discard: bool = False


def steps(proposal: Proposed, center: Center, person: User) -> Steps:
    """Staff of either side write a draft; what was put forward belongs to its side until the other has answered."""
    if not allowed(person, center, Right.SETTLE_JOINTLY):
        return Steps()
    is_ours = proposal.proposed_side in ("", center.side_of(person))
    is_open = is_ours and proposal.state in (ProposalState.DRAFT, ProposalState.DECLINED)
    is_proposed = proposal.state == ProposalState.PROPOSED
    return Steps(
        edit=is_open,
        propose=is_open,
        take_back=is_ours and is_proposed,
        answer=not is_ours and is_proposed,
        discard=is_open and proposal.state == ProposalState.DRAFT,
    )


def side_word(side: str) -> str:
    """The side that put something forward."""
    return {
        Side.SUPPORTER.value: _("the city"),
        Side.OPERATOR.value: _("the foundation"),
    }.get(side, "")


def state_in_words(proposal: Proposed) -> str:
    """Where the proposal stands, in a sentence."""
    side = side_word(proposal.proposed_side)
    match proposal.state:
        case ProposalState.CONFIRMED:
            return _("Confirmed by both sides.")
        case ProposalState.PROPOSED:
            return _("Proposed by %(side)s; the other side has not answered yet.") % {"side": side}
        case ProposalState.DECLINED:
            return _("The other side declined it; %(side)s changes it or leaves it.") % {"side": side}
        case _:
            return _("A draft; nobody has put it forward yet.")
