"""The consultations of a center, as far as a person may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from agreements.consultations import consultation_references
from agreements.consultations.consultation_references import Citation
from agreements.models import (
    Agreement,
    Consultation,
    ConsultationType,
    Duty,
    Edition,
    Ending,
    Extension,
    SupportAmount,
)
from iconm_portal.models import Center, ProposalState, ReviewState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.ordering import blanks_first


def visible(person: User, center: Center) -> QuerySet[Consultation]:
    """Confirmed ones for everyone of the two parties; the others for both sides' staff."""
    found = Consultation.objects.filter(center=center).select_related(
        "center", "agreement", "proposed_by", "confirmed_by", "declined_by"
    )
    if allowed(person, center, Right.SEE_SUBMITTED):
        return found
    return found.filter(state=ProposalState.CONFIRMED)


def confirmed_about(agreement: Agreement, *types: ConsultationType) -> QuerySet[Consultation]:
    """What both sides confirmed about an agreement, of the types named (all where none is)."""
    found = Consultation.objects.filter(agreement=agreement, state=ProposalState.CONFIRMED)
    return found.filter(type__in=types) if types else found


@dataclass(frozen=True, slots=True)
class Cited:
    """What in the portal cites a consultation: what it settled, or what was put forward on it."""

    endings: Sequence[Ending] = ()
    editions: Sequence[Edition] = ()
    duties: Sequence[Duty] = ()
    extensions: Sequence[Extension] = ()
    amounts: Sequence[SupportAmount] = ()
    others: Sequence[Citation] = ()  # what the floors above keep

    @property
    def is_nothing(self) -> bool:
        """Whether nothing does."""
        return not (
            self.endings or self.editions or self.duties or self.extensions or self.amounts or self.others
        )


def settled_by(consultation: Consultation) -> Cited:
    """What is settled and cites the consultation, in five queries and one for each floor above."""
    endings, editions, duties = _citing(consultation)
    return Cited(
        endings=list(endings.filter(state=ProposalState.CONFIRMED)),
        editions=list(editions.filter(state=ProposalState.CONFIRMED)),
        duties=list(duties.filter(state=ReviewState.ACCEPTED)),
        extensions=list(consultation.extensions.select_related("duty__obligation__agreement")),
        amounts=list(consultation.amounts.select_related("measure")),
        others=consultation_references.of(consultation),
    )


def put_forward_on(consultation: Consultation, person: User) -> Cited:
    """What cites it and lies before the other side, in three queries; nothing for who sees only what is settled."""
    if not allowed(person, consultation.center, Right.SEE_SUBMITTED):
        return Cited()
    endings, editions, duties = _citing(consultation)
    return Cited(
        endings=list(endings.filter(state=ProposalState.PROPOSED)),
        editions=list(editions.filter(state=ProposalState.PROPOSED)),
        duties=list(duties.filter(state__in=[state for state in ReviewState if state.is_under_review])),
    )


def _citing(consultation: Consultation) -> tuple[QuerySet[Ending], QuerySet[Edition], QuerySet[Duty]]:
    return (
        Ending.objects.filter(consultation=consultation).select_related("agreement"),
        consultation.editions.select_related("agreement"),
        consultation.duties.select_related("obligation__agreement"),
    )


def to_answer(center: Center, person: User) -> QuerySet[Consultation]:
    """What the other side proposed and this person could confirm or decline, oldest first."""
    side = center.side_of(person)
    found = visible(person, center).filter(state=ProposalState.PROPOSED).exclude(proposed_side=side)
    return (
        found.order_by(blanks_first("proposed_at"), "pk")
        if allowed(person, center, Right.SETTLE_JOINTLY)
        else found.none()
    )
