"""A reset that an administrator of the other side proposes."""

from iconm_portal.models import Organisation, ResetKind, ResetProposal, Role, User
from tests.people import make_person


def make_reset_proposal(person: User, other: Organisation) -> ResetProposal:
    """Of the person's password, by a new administrator of the other organisation."""
    by = make_person(f"{other.code}-administrator", other, Role.ADMINISTRATOR)
    return ResetProposal.objects.create(person=person, kind=ResetKind.PASSWORD, proposed_by=by)
