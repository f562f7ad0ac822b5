"""Where a proposal of targets or of the next plan stands, in a sentence."""

from typing import assert_never

from django.utils.translation import gettext as _

from iconm_portal.models import ProposalState, Proposed
from iconm_portal.settlement import texts


def state_in_words(proposal: Proposed) -> str:
    """Where the proposal stands, in a sentence."""
    side = texts.side(proposal.proposed_side)
    match proposal.state:
        case ProposalState.CONFIRMED:
            return _("Confirmed by both sides.")
        case ProposalState.PROPOSED:
            return _("Proposed by %(side)s; the other side has not answered yet.") % {"side": side}
        case ProposalState.DECLINED:
            return _("Declined by %(other)s; %(side)s changes it or leaves it.") % {
                "side": side,
                "other": texts.other_side(proposal),
            }
        case ProposalState.DRAFT:
            return _("A draft; nobody has put it forward yet.")
        case _:
            assert_never(proposal.state)
