"""年度協定: proposed by one side, confirmed by the other, then signed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from agreements.instruments import annual_actions as actions
from agreements.instruments import steps
from agreements.instruments.addresses import address, crumbs, shown, state_word
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.forms import AnnualForm
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock


@center_view(Right.SETTLE_JOINTLY)
def add(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """A new annual agreement under this one, put before the other side."""
    _found, entry = shown(request, center, agreement)
    if not steps.steps(entry, person(request)).add_annual:
        return redirect(address("agreements:agreement", center, entry.agreement))

    def save(form: AnnualForm) -> HttpResponse:
        made = actions.propose(
            parent=entry.agreement,
            fiscal_year=form.cleaned_data["fiscal_year"],
            terms=form.terms(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The terms were put before the other side."))
        return redirect(address("agreements:agreement", center, made))

    return form_page(
        request,
        "agreements/instruments/annual.html",
        form=lambda data, _files: AnnualForm(data, today=clock.today()),
        save=save,
        context=lambda _form: _context(entry),
    )


@center_view(Right.SETTLE_JOINTLY)
def change(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Changed terms, after a take-back or a refusal."""
    _found, entry = shown(request, center, agreement)
    if request.method != "POST" and not steps.steps(entry, person(request)).change_annual:
        return redirect(address("agreements:agreement", center, entry.agreement))

    def save(form: AnnualForm) -> HttpResponse:
        actions.change(
            agreement=entry.agreement,
            version=form.cleaned_data["version"],
            terms=form.terms(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The terms were put before the other side."))
        return redirect(address("agreements:agreement", center, entry.agreement))

    return form_page(
        request,
        "agreements/instruments/annual.html",
        form=lambda data, _files: AnnualForm(
            data, entry=shown(request, center, agreement)[1], today=clock.today()
        ),
        save=save,
        context=lambda _form: _context(entry),
        state=lambda _form: state_word(shown(request, center, agreement)[1]),
    )


def _context(entry: AgreementOnDay) -> dict[str, Any]:
    return {
        "agreement": entry.agreement,
        "entry": entry,
        "crumbs": crumbs(entry.agreement.center, entry.agreement),
    }
