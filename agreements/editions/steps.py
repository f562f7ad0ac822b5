"""What a person may do with an edition now; pages show exactly these steps."""

from dataclasses import dataclass

from agreements.editions.editions import Editions, Line
from agreements.instruments.agreements import Entry
from iconm_portal.models import ProposalState, User
from iconm_portal.people.access import Right, allowed


@dataclass(frozen=True, slots=True)
class Steps:
    """A step each; all False for those who only read."""

    import_text: bool = False
    edit: bool = False
    propose: bool = False
    discard: bool = False
    take_back: bool = False
    answer: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return any(getattr(self, name) for name in self.__slots__)


def of_edition(line: Line, user: User, entry: Entry) -> Steps:
    """The steps that the person can take with an edition."""
    edition = line.edition
    center = entry.agreement.center
    if not allowed(user, center, Right.SETTLE_JOINTLY):
        return Steps()
    is_open = edition.state.is_open
    if edition.number == 1:
        return Steps(import_text=is_open and not (edition.imported_from and entry.conclusion))
    proposed = edition.state == ProposalState.PROPOSED
    ours = edition.proposed_side == center.side_of(user)
    return Steps(
        import_text=is_open,
        edit=is_open,
        propose=is_open,
        discard=is_open,
        take_back=proposed and ours,
        answer=proposed and not ours,
    )


def of_agreement(known: Editions, user: User) -> bool:
    """Whether the person can start an amendment."""
    return (
        allowed(user, known.agreement.center, Right.SETTLE_JOINTLY)
        and known.state.is_alive
        and known.last_settled is not None
        and known.open is None
    )
