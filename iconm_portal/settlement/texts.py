"""The words of what is settled jointly: whose it is, and its state with sign and colour."""

from typing import Literal, assert_never

from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from iconm_portal.display import template_tags
from iconm_portal.models import ProposalState, Side

_CHIPS = {
    ProposalState.DRAFT: "unreported",
    ProposalState.PROPOSED: "active",
    ProposalState.CONFIRMED: "met",
    ProposalState.DECLINED: "not-met",
}


def side(value: Side | Literal[""]) -> str:
    """甲（市）, 乙（財団）; the city, the foundation. Empty while something is nobody's."""
    match value:
        case Side.SUPPORTER:
            return pgettext("side", "the city")
        case Side.OPERATOR:
            return pgettext("side", "the foundation")
        case "":
            return ""
        case _:
            assert_never(value)


def proposal_chip(state: ProposalState) -> SafeString:
    """The state of a proposal as sign, word and colour."""
    return template_tags.chip(_CHIPS[state], str(state.label))
