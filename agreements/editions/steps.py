"""Who can begin an amendment, and import the official wording. The steps of an amendment are its actions' table."""

from agreements.editions.editions import EditionLine, Editions
from agreements.instruments.agreements import AgreementOnDay
from iconm_portal.models import User
from iconm_portal.people.access import Right, allowed


def can_import(line: EditionLine, user: User, entry: AgreementOnDay) -> bool:
    """Whether the person can import the official wording; of a concluded agreement, into its first edition once."""
    edition = line.edition
    return (
        allowed(user, edition.center, Right.SETTLE_JOINTLY)
        and edition.state.is_open
        and (edition.number > 1 or not (edition.imported_from and entry.conclusion))
    )


def of_agreement(known: Editions, user: User) -> bool:
    """Whether the person can start an amendment."""
    return (
        allowed(user, known.agreement.center, Right.SETTLE_JOINTLY)
        and known.state.is_alive
        and known.last_settled is not None
        and known.open is None
    )
