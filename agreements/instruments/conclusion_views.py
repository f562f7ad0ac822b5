"""Recording that an agreement was signed, and correcting what is recorded."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from agreements.instruments import actions, texts
from agreements.instruments import steps as instrument_steps
from agreements.instruments.agreements import Entry
from agreements.instruments.forms import ConclusionForm, CorrectedConclusionForm
from agreements.pages.agreement_views import address, crumbs, shown
from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import Refused, add_refusals, refusal_text
from iconm_portal.values import clock


@center_view(Right.SETTLE_JOINTLY)
def conclusion(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The conclusion with date, number and scan; once it is recorded, its correction with a reason."""
    _found, entry = shown(request, center, agreement)
    steps = instrument_steps.steps(entry, person(request))
    if not (steps.conclude or steps.correct_conclusion):
        return redirect(address("agreements:agreement", center, entry.agreement))
    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        return _page(request, entry, _form(entry, kept), was_kept=kept is not None)
    form = _form(entry, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, entry, form, status=400)
    try:
        _write(request, entry, form)
    except ValidationError as error:
        add_refusals(form, error)
        return _page(request, entry, form, status=400)
    except Refused as error:
        _found, now = shown(request, center, agreement)
        typed = request.POST.copy()
        typed["revision"] = str(now.conclusion.revision if now.conclusion else 0)
        return _page(request, now, _form(now, typed), refusal=refusal_text(error, ""), status=409)
    unsent_input.forget(request)
    messages.success(request, _("The conclusion was recorded."))
    return redirect(address("agreements:agreement", center, entry.agreement))


def _write(request: HttpRequest, entry: Entry, form: ConclusionForm) -> None:
    typed = form.cleaned_data
    facts: dict[str, Any] = {
        "agreement": entry.agreement,
        "concluded_on": typed["concluded_on"],
        "document_number": typed["document_number"],
        "scan": typed["scan"],
        "by": person(request),
        "at": clock.now(),
    }
    if isinstance(form, CorrectedConclusionForm):
        actions.correct_conclusion(revision=typed["revision"], reason=typed["reason"], **facts)
    else:
        actions.record_conclusion(**facts)


def _form(
    entry: Entry, data: QueryDict | None = None, uploaded: MultiValueDict[str, Any] | None = None
) -> ConclusionForm:
    last = entry.conclusion
    if last is None:
        return ConclusionForm(data, uploaded)
    stored = {
        "concluded_on": last.concluded_on,
        "document_number": last.document_number,
        "revision": last.revision,
    }
    return CorrectedConclusionForm(data, uploaded, initial=stored)


def _page(
    request: HttpRequest,
    entry: Entry,
    form: ConclusionForm,
    *,
    refusal: str = "",
    was_kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "entry": entry,
        "agreement": entry.agreement,
        "form": form,
        "refusal": refusal,
        "was_kept": was_kept,
        "concluded": texts.concluded(entry.conclusion),
        "crumbs": crumbs(entry.agreement.center, entry.agreement),
        "wants_wording": entry.terms is not None and entry.terms.imported_at is None and not entry.is_annual,
    }
    return render(request, "agreements/instruments/conclusion.html", context, status=status)
