"""What a person may do with an agreement now; pages show exactly these steps."""

from dataclasses import dataclass

from agreements.instruments.agreements import Entry
from agreements.instruments.annual_actions import KINDS_WITH_ANNUAL
from agreements.instruments.state import State
from iconm_portal.models import ProposalState, User
from iconm_portal.people.access import Right, allowed


@dataclass(frozen=True, slots=True)
class Steps:
    """A step each; all False for those who only read."""

    conclude: bool = False
    correct_conclusion: bool = False
    give_notice: bool = False
    withdraw_notice: bool = False
    propose_ending: bool = False
    take_back_ending: bool = False
    answer_ending: bool = False
    add_annual: bool = False
    change_annual: bool = False
    take_back_annual: bool = False
    answer_annual: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return any(getattr(self, name) for name in self.__slots__)


def steps(entry: Entry, user: User) -> Steps:
    """The steps that the person can take."""
    center = entry.agreement.center
    if not allowed(user, center, Right.SETTLE_JOINTLY):
        return Steps()
    side = center.side_of(user)
    can_end = entry.state.is_alive and entry.agreed_ending is None
    ending = entry.ending
    is_proposed = ending is not None and ending.state == ProposalState.PROPOSED
    is_ours = ending is not None and ending.proposed_side == side
    terms = entry.terms if entry.is_annual else None
    terms_open = terms is not None and terms.state.is_open
    terms_proposed = terms is not None and terms.state == ProposalState.PROPOSED
    terms_ours = terms is not None and terms.proposed_side == side
    return Steps(
        conclude=entry.conclusion is None and not (terms_open or terms_proposed),
        correct_conclusion=entry.conclusion is not None,
        give_notice=can_end and entry.notice is None,
        withdraw_notice=can_end and entry.notice is not None and entry.notice.side == side,
        propose_ending=can_end and not is_proposed,
        take_back_ending=can_end and is_proposed and is_ours,
        answer_ending=can_end and is_proposed and not is_ours,
        add_annual=entry.agreement.kind in KINDS_WITH_ANNUAL and entry.state is not State.ENDED,
        change_annual=terms_open,
        take_back_annual=terms_proposed and terms_ours,
        answer_annual=terms_proposed and not terms_ours,
    )
