"""An amendment put before the other side; and afterwards its conclusion, recorded by one side and confirmed by the other."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agreements.editions import actions, side_by_side, texts
from agreements.editions.forms import ProposalForm
from agreements.editions.obligations import amended, measures
from agreements.editions.views import address, back_to, found, frame
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.conclusions import views as conclusion_views
from agreements.instruments.conclusions.views import Signing
from iconm_portal.forms import unsent_input
from iconm_portal.forms.refusals import Refused, add_refusals, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.proposal_workflow import OPEN
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def propose(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """Put it before the other side: side by side with what it amends, and with what becomes of the obligations."""
    place = found(request, center, agreement, edition)
    row = place.line.edition
    if row.state not in OPEN or edition == 1:
        return back_to(center, place)
    form = ProposalForm(edition=row, initial={"consultation": row.consultation_id})
    kept = unsent_input.kept_for(request)
    if request.method == "POST":
        form = ProposalForm(request.POST, edition=row)
    elif kept is not None:
        form = ProposalForm(kept, edition=row)
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
        "finding": texts.of_draft(row, compared),
        "caveats": texts.caveats(row, compared),
        "resting": amended.of(row),
        "measures": measures.said(row),
        "conflict": conflict,
    }
    status = 409 if conflict else 400 if request.method == "POST" else 200
    return render(request, "agreements/editions/propose.html", context, status=status)


# -- The conclusion of an amendment --


def _signing(request: HttpRequest, center: Center, agreement: str, edition: int) -> Signing:
    place = found(request, center, agreement, edition)
    row = place.line.edition
    conclusions = row.conclusions.select_related(
        "scan", "recorded_by", "proposed_by", "confirmed_by", "declined_by", "edition"
    )
    return Signing(
        place.entry,
        row,
        tuple(conclusions.order_by("revision")),
        address("agreements:edition", center, place),
        [*frame(center, place, page="")["crumbs"]],
        address("agreements:edition_conclusion", center, place),
    )


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def conclusion(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """When the amendment was signed, under which number, with the scan; its answer; its correction."""
    return conclusion_views.page(request, lambda: _signing(request, center, agreement, edition), CONCLUSION)


def _conclusion_page(request: HttpRequest, signing: Signing, **more: Any) -> HttpResponse:
    return conclusion_views.answered(request, signing, CONCLUSION, **more)


CONCLUSION = StepViews(
    table=conclusion_actions.STEPS,
    page="agreements:edition_conclusion",
    after="agreements:edition",
    find=_signing,
    show=_conclusion_page,
    item=lambda signing: signing.open,
    nothing=gettext_lazy("No conclusion waits for an answer any more."),
    state_word=conclusion_views.state_word,
)
