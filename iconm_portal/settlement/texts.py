"""The words of what is settled jointly: whose it is, and its state with sign and colour."""

from collections.abc import Iterable
from typing import Literal, assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from iconm_portal.display import template_tags
from iconm_portal.models import Center, ProposalState, Proposed, Role, Side, User
from iconm_portal.people.access import Right, allowed

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


def other_side(item: Proposed) -> str:
    """The side that answers it; empty while nobody has put it forward."""
    return side(Side(item.proposed_side).other) if item.proposed_side else ""


def waits_for(item: Proposed) -> str:
    """Whose answer it waits for; empty for what waits for nobody."""
    if item.state != ProposalState.PROPOSED or not item.proposed_side:
        return ""
    return _("It waits for the confirmation by %(side)s.") % {"side": other_side(item)}


def both_sides(item: Proposed) -> dict[str, str]:
    """Whose proposal it is and who answers it, for a sentence that both read: “the other side” would be wrong for one."""
    return {"side": side(item.proposed_side), "other": other_side(item)}


def nobody_answers(user: User, center: Center, awaited: Iterable[Side]) -> str:
    """That the side for whose answer something waits has nobody yet who could give it; empty where it has somebody,
    and for whoever does not know that something waits.

    Reads the people of the side, in one query; none where nothing is awaited.
    """
    sides = list(awaited) if allowed(user, center, Right.SEE_SUBMITTED) else []
    organisations = [center.supporter_id if one is Side.SUPPORTER else center.operator_id for one in sides]
    if (
        not sides
        or User.objects.filter(organisation__in=organisations, role=Role.STAFF, is_active=True).exists()
    ):
        return ""
    return _(
        "This waits for an answer, but %(side)s has nobody yet who could give it: an administrator has to add a"
        " person with the role “Staff”."
    ) % {"side": side(sides[0])}


def proposal_chip(state: ProposalState) -> SafeString:
    """The state of a proposal as sign, word and colour."""
    return template_tags.chip(_CHIPS[state], str(state.label))
