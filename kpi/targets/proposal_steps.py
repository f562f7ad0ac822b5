"""The words of a proposal of targets or of the next plan: whose it is, and where it stands."""

from django.utils.translation import gettext as _

from iconm_portal.models import ProposalState, Proposed, Side


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
