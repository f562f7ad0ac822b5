"""Pages on which staff of both sides delete what nothing rests on yet: a draft agreement, its obligations and measures."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements.models import Agreement
from agreements.pages.master.actions import obligation_state
from agreements.pages.master.deletions import actions, reasons
from agreements.pages.master.deletions.page import Asked, deletion_page
from agreements.pages.master.measure_actions import measure_state
from agreements.pages.master.places import (
    agreement_or_404,
    back_to,
    crumbs,
    measure_or_404,
    obligation_or_404,
)
from agreements.pages.master.rows import fingerprint
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def agreement(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Delete a draft with all its parts."""
    found = agreement_or_404(center, agreement)

    def ask() -> Asked:
        return Asked(
            heading=_("Delete the agreement"),
            name=found.title,
            seen=fingerprint(actions.whole_state(found)),
            why_kept=reasons.of_agreement(found),
            back=_address("agreement", found),
            crumbs=crumbs(center, found),
            goes_with=_parts(found),
        )

    def delete(seen: str) -> HttpResponse:
        actions.delete_agreement(agreement=found, seen=seen, by=person(request))
        messages.success(request, _("The agreement is deleted."))
        return redirect("agreements:master", center=center.code)

    return deletion_page(request, ask, delete)


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def obligation(request: HttpRequest, center: Center, agreement: str, obligation: str) -> HttpResponse:
    """Delete an obligation of a draft, with the names of its documents."""
    found = agreement_or_404(center, agreement)
    row = obligation_or_404(found, obligation)

    def ask() -> Asked:
        return Asked(
            heading=_("Delete the obligation"),
            name=row.title,
            seen=fingerprint(obligation_state(row)),
            why_kept=reasons.of_obligation(row),
            back=_address("obligation", found, obligation=row.code),
            crumbs=crumbs(center, found),
            goes_with=[document.name for document in row.required_documents.all()],
        )

    def delete(seen: str) -> HttpResponse:
        actions.delete_obligation(obligation=row, seen=seen, by=person(request))
        messages.success(request, _("The obligation is deleted."))
        return back_to(found)

    return deletion_page(request, ask, delete)


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def measure(request: HttpRequest, center: Center, agreement: str, measure: str) -> HttpResponse:
    """Delete a support measure of a draft."""
    found = agreement_or_404(center, agreement)
    row = measure_or_404(found, measure)

    def ask() -> Asked:
        return Asked(
            heading=_("Delete the support measure"),
            name=row.title,
            seen=fingerprint(measure_state(row)),
            why_kept=reasons.of_measure(row),
            back=_address("measure", found, measure=row.code),
            crumbs=crumbs(center, found),
        )

    def delete(seen: str) -> HttpResponse:
        actions.delete_measure(measure=row, seen=seen, by=person(request))
        messages.success(request, _("The support measure is deleted."))
        return back_to(found)

    return deletion_page(request, ask, delete)


def _address(page: str, agreement: Agreement, **parts: str) -> str:
    at = {"center": agreement.center.code, "agreement": agreement.code, **parts}
    return reverse(f"agreements:master_{page}", kwargs=at)


def _parts(agreement: Agreement) -> list[str]:
    """What goes with the agreement, by name; the summaries by their number."""
    summaries = sum(edition.provisions.count() for edition in agreement.editions.all())
    counted = ngettext("%(count)s summary of a provision", "%(count)s summaries of provisions", summaries)
    return [
        *(one.title for one in agreement.obligations.all()),
        *(one.title for one in agreement.support_measures.all()),
        *(one.name for one in agreement.parties.all()),
        *([counted % {"count": summaries}] if summaries else []),
    ]
