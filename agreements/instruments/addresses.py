"""One agreement in the addresses of its pages: found for a reader, named, and on the way down to it."""

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.instruments import agreements as instrument_agreements
from agreements.instruments import labels
from agreements.instruments.agreements import AgreementOnDay, AgreementsOnDay
from agreements.models import Agreement
from iconm_portal.models import Center
from iconm_portal.people.access import person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock


def shown(request: HttpRequest, center: Center, agreement: str) -> tuple[AgreementsOnDay, AgreementOnDay]:
    """The agreements and the one asked for, if the person may know of it; Http404 otherwise, whether it exists or not."""
    found = instrument_agreements.load(center, day=clock.today()).seen_by(person(request))
    entry = found.by_code.get(agreement)
    if entry is None:
        raise Http404(agreement)
    return found, entry


def crumbs(center: Center, agreement: Agreement | None = None) -> list[Crumb]:
    """The way down to an agreement, or to a page under it."""
    found = [Crumb(_("Agreements"), reverse("agreements:agreements", kwargs={"center": center.code}))]
    if agreement is not None:
        found.append(Crumb(agreement.short_title, address("agreements:agreement", center, agreement)))
    return found


def address(name: str, center: Center, agreement: Agreement) -> str:
    """The address of a page or a step of an agreement."""
    return reverse(name, kwargs={"center": center.code, "agreement": agreement.code})


def state_word(entry: AgreementOnDay) -> str:
    """The word for the state of an annual agreement's terms, or of the agreement."""
    terms = entry.terms if entry.is_annual else None
    return str(terms.get_state_display() if terms else labels.state_word(entry.facts, entry.day))
