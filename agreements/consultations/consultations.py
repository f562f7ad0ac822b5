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
from iconm_portal.models import Center, ProposalState, User
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
class Settled:
    """What a consultation settled in the portal."""

    endings: Sequence[Ending]
    editions: Sequence[Edition]
    duties: Sequence[Duty]
    extensions: Sequence[Extension]
    amounts: Sequence[SupportAmount]
    others: Sequence[Citation]  # what the floors above keep

    @property
    def is_nothing(self) -> bool:
        """Whether nothing cites it yet."""
        return not (
            self.endings or self.editions or self.duties or self.extensions or self.amounts or self.others
        )


def settled_by(consultation: Consultation) -> Settled:
    """What cites the consultation, in five queries and one for each floor above."""
    return Settled(
        endings=list(Ending.objects.filter(consultation=consultation).select_related("agreement")),
        editions=list(consultation.editions.select_related("agreement")),
        duties=list(consultation.duties.select_related("obligation__agreement")),
        extensions=list(consultation.extensions.select_related("duty__obligation__agreement")),
        amounts=list(consultation.amounts.select_related("measure")),
        others=consultation_references.of(consultation),
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
