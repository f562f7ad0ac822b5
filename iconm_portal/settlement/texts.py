"""The words of what is settled jointly: whose it is, and its state with sign and colour."""

from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from iconm_portal.models import ProposalState, Side
from iconm_portal.templatetags import portal

_CHIPS = {
    ProposalState.DRAFT: "unreported",
    ProposalState.PROPOSED: "active",
    ProposalState.CONFIRMED: "met",
    ProposalState.DECLINED: "not-met",
}


def side(value: str) -> str:
    """甲（市）, 乙（財団）; the city, the foundation. Empty while something is nobody's."""
    match value:
        case Side.SUPPORTER:
            return pgettext("side", "the city")
        case Side.OPERATOR:
            return pgettext("side", "the foundation")
        case _:
            return ""


def proposal_chip(state: str) -> SafeString:
    """The state of a proposal as sign, word and colour."""
    known = ProposalState(state)
    return portal.chip(_CHIPS[known], str(known.label))
