"""What a person may do with an agreement now; pages show exactly these steps."""

from dataclasses import dataclass

from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.state import State
from iconm_portal.models import ProposalState, User
from iconm_portal.people.access import Right, allowed


@dataclass(frozen=True, slots=True)
class AgreementSteps:
    """A step each; all False for those who only read."""

    conclude: bool = False
    correct_conclusion: bool = False
    change_conclusion: bool = False
    answer_conclusion: bool = False
    take_back_conclusion: bool = False
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


def steps(entry: AgreementOnDay, user: User) -> AgreementSteps:
    """The steps that the person can take."""
    center = entry.agreement.center
    if not allowed(user, center, Right.SETTLE_JOINTLY):
        return AgreementSteps()
    never_starts = entry.facts.never_starts(entry.day)
    can_end = entry.state.is_alive and entry.agreed_ending is None and not never_starts
    ending = ending_actions.STEPS.possible(entry.ending, user)
    is_proposed = entry.ending is not None and entry.ending.state == ProposalState.PROPOSED
    terms = entry.terms if entry.is_annual else None
    annual = annual_actions.STEPS.possible(terms if entry.state is not State.ENDED else None, user)
    conclusion = conclusion_actions.STEPS.possible(entry.open_conclusion, user)
    is_unrecorded = entry.open_conclusion is None
    own_notice = entry.notice is not None and entry.notice.side == center.side_of(user)
    return AgreementSteps(
        conclude=is_unrecorded and entry.conclusion is None and (terms is None or terms.is_confirmed),
        correct_conclusion=is_unrecorded and entry.conclusion is not None,
        change_conclusion=conclusion.edit,
        answer_conclusion=conclusion.confirm,
        take_back_conclusion=conclusion.take_back,
        give_notice=can_end and entry.notice is None,
        withdraw_notice=can_end and own_notice,
        propose_ending=can_end and not is_proposed,
        take_back_ending=can_end and ending.take_back,
        answer_ending=can_end and ending.confirm,
        add_annual=entry.agreement.kind in annual_actions.KINDS_WITH_ANNUAL
        and entry.state is not State.ENDED
        and not never_starts,
        change_annual=annual.edit,
        take_back_annual=annual.take_back,
        answer_annual=annual.confirm,
    )
