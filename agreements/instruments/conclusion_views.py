"""Recording that an agreement was signed, and correcting what is recorded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from agreements.instruments import actions, texts
from agreements.instruments import steps as instrument_steps
from agreements.instruments.addresses import address, crumbs, shown
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.forms import ConclusionForm, CorrectedConclusionForm
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock


@center_view(Right.SETTLE_JOINTLY)
def conclusion(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The conclusion with date, number and scan; once it is recorded, its correction with a reason."""
    _found, entry = shown(request, center, agreement)
    steps = instrument_steps.steps(entry, person(request))
    if not (steps.conclude or steps.correct_conclusion):
        return redirect(address("agreements:agreement", center, entry.agreement))

    def save(form: ConclusionForm) -> HttpResponse:
        _write(request, entry, form)
        messages.success(request, _("The conclusion was recorded."))
        return redirect(address("agreements:agreement", center, entry.agreement))

    return form_page(
        request,
        "agreements/instruments/conclusion.html",
        form=lambda data, sent: _form(shown(request, center, agreement)[1], data, sent),
        save=save,
        context=lambda _form: {
            "entry": entry,
            "agreement": entry.agreement,
            "concluded": texts.concluded(entry.conclusion),
            "crumbs": crumbs(entry.agreement.center, entry.agreement),
            "wants_wording": entry.terms is not None
            and entry.terms.imported_at is None
            and not entry.is_annual,
        },
    )


def _write(request: HttpRequest, entry: AgreementOnDay, form: ConclusionForm) -> None:
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


def _form(entry: AgreementOnDay, data: QueryDict | None, uploaded: Files | None) -> ConclusionForm:
    last = entry.conclusion
    if last is None:
        return ConclusionForm(data, uploaded)
    stored = {
        "concluded_on": last.concluded_on,
        "document_number": last.document_number,
        "revision": last.revision,
    }
    return CorrectedConclusionForm(data, uploaded, initial=stored)
