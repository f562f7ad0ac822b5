"""How often a new password may be asked for by mail: the asking is anybody's, and the mailbox is not."""

from datetime import timedelta

from django.http import HttpRequest

from iconm_portal.models import AuditKind, User
from iconm_portal.people.auth import client_address
from iconm_portal.people.sign_in import audit

WITHIN = timedelta(hours=1)
MOST_FOR_A_PERSON = 3
MOST_FROM_AN_ADDRESS = 20


def is_allowed(request: HttpRequest, mail_address: str) -> bool:
    """Whether this one may still go out; it is written down either way, with the person whose address it is, if any."""
    people = User.objects.filter(email__iexact=mail_address, is_active=True).select_related("organisation")
    person = people.order_by("pk").first()
    asked_here = audit.times(AuditKind.RESET_ASKED, WITHIN, address=client_address(request))
    asked_for_them = audit.times(AuditKind.RESET_ASKED, WITHIN, username=person.username) if person else 0
    audit.note(AuditKind.RESET_ASKED, person=person, request=request)
    return asked_here < MOST_FROM_AN_ADDRESS and asked_for_them < MOST_FOR_A_PERSON
