"""The words of a proposal of targets or of the next plan: whose it is, and where it stands."""

from typing import Literal, assert_never

from django.utils.translation import gettext as _

from iconm_portal.models import ProposalState, Proposed, Side


def side_word(side: Side | Literal[""]) -> str:
    """The side that put something forward."""
    match side:
        case Side.SUPPORTER:
            return _("the city")
        case Side.OPERATOR:
            return _("the foundation")
        case "":
            return ""
        case _:
            assert_never(side)


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
        case ProposalState.DRAFT:
            return _("A draft; nobody has put it forward yet.")
        case _:
            assert_never(proposal.state)
