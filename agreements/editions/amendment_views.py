"""An amendment put before the other side, with what was concluded."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.editions import actions, side_by_side, texts
from agreements.editions.forms import ProposalForm
from agreements.editions.views import EditionPlace, back_to, found, frame
from iconm_portal.forms import unsent_input
from iconm_portal.forms.refusals import Refused, add_refusals, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.proposal_workflow import OPEN
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def propose(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """Put it before the other side, with what was concluded; side by side with what it amends."""
    place = found(request, center, agreement, edition)
    row = place.line.edition
    if row.state not in OPEN or edition == 1:
        return back_to(center, place)
    today = clock.today()
    form = ProposalForm(edition=row, today=today, initial=_concluded(place))
    kept = unsent_input.kept_for(request)
    if request.method == "POST":
        form = ProposalForm(request.POST, request.FILES, edition=row, today=today)
    elif kept is not None:
        form = ProposalForm(kept, edition=row, today=today)
    conflict = ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(
                edition=row,
                version=seen_version(request),
                by=person(request),
                at=clock.now(),
                **form.cleaned_data,
            )
        except ValidationError as error:
            add_refusals(form, error)
        except Refused as error:
            conflict = refusal_text(error, "")
        else:
            unsent_input.forget(request)
            messages.success(request, _("The amendment was put before the other side."))
            return back_to(center, place)
    row.refresh_from_db()
    compared = side_by_side.compare(row.based_on, row) if row.based_on else None
    context = {
        **frame(center, place, page=_("Propose the amendment")),
        "form": form,
        "compared": compared,
        "rows": compared.changed if compared else (),
        "finding": texts.difference(compared) if compared else "",
        "conflict": conflict,
    }
    status = 409 if conflict else 400 if request.method == "POST" else 200
    return render(request, "agreements/editions/propose.html", context, status=status)


def _concluded(place: EditionPlace) -> dict[str, Any]:
    edition = place.line.edition
    return {
        "consultation": edition.consultation_id,
        "concluded_on": edition.concluded_on,
        "document_number": edition.document_number,
    }
