"""A new password by mail: who is meant by an address, and how often it may be asked for. The asking is anybody's, and the
mailbox is not."""

from datetime import timedelta

from django.http import HttpRequest

from iconm_portal.models import AuditKind, User
from iconm_portal.people.auth import client_address
from iconm_portal.people.sign_in import audit, password_mails
from iconm_portal.people.sign_in.password_mails import PasswordMail

WITHIN = timedelta(hours=1)
MOST_FOR_A_PERSON = 3
MOST_FROM_AN_ADDRESS = 20


def ask(request: HttpRequest, mail_address: str) -> None:
    """Have the link sent to whoever has that address, within the limits; written down either way.

    The same is asked and written for an address that nobody has: what it takes tells a stranger nothing.
    """
    people = _people(mail_address)
    person = people[0] if people else None
    asked_here = audit.times(AuditKind.RESET_ASKED, WITHIN, address=client_address(request))
    asked_for_them = audit.times(
        AuditKind.RESET_ASKED, WITHIN, username=person.username if person else mail_address
    )
    audit.note(AuditKind.RESET_ASKED, person=person, request=request)
    is_within = asked_here < MOST_FROM_AN_ADDRESS and asked_for_them < MOST_FOR_A_PERSON
    password_mails.ask(PasswordMail.RESET, people if is_within else [])


def _people(mail_address: str) -> list[User]:
    """Exactly that address: databases take letters for one another that mail servers do not (CVE-2019-19844)."""
    found = User.objects.filter(email__iexact=mail_address, is_active=True).select_related("organisation")
    wanted = mail_address.casefold()
    return [person for person in found.order_by("pk") if person.email.casefold() == wanted]
