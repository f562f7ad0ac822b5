"""For whom a proposal waits, and whether that side has anybody yet who could answer it."""

from django.utils.translation import gettext as _

from iconm_portal.models import Center, ProposalState, Proposed, Role, Side, User
from iconm_portal.settlement.texts import side as side_word


def has_staff(center: Center, side: Side) -> bool:
    """Whether the side has somebody who can settle with the other; one query."""
    organisation = center.supporter_id if side is Side.SUPPORTER else center.operator_id
    return User.objects.filter(organisation=organisation, role=Role.STAFF, is_active=True).exists()


def in_words(item: Proposed, center: Center) -> str:
    """Whose answer it waits for, and that nobody can give it yet; empty for what waits for nobody. One query."""
    if item.state != ProposalState.PROPOSED or not item.proposed_side:
        return ""
    (other,) = frozenset(Side) - {Side(item.proposed_side)}
    words = {"side": side_word(other)}
    if has_staff(center, other):
        return _("It waits for the confirmation by %(side)s.") % words
    return (
        _("It waits for the confirmation by %(side)s, where nobody has an account yet who could give it.")
        % words
    )
