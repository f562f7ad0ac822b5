"""年度協定: proposed by one side, confirmed by the other, then signed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from agreements.instruments import annual_actions as actions
from agreements.instruments import labels, steps
from agreements.instruments.agreements import Entry
from agreements.instruments.forms import AnnualForm, DeclineForm
from agreements.models import Agreement
from agreements.pages.agreement_views import address, agreement_page, crumbs, shown
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Refused, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import step_from
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
        state=lambda _form: _state(shown(request, center, agreement)[1]),
    )


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:agreement")
def take_back(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """取下げ, as long as the other side has not answered."""

    def step(annual: Agreement) -> str:
        actions.take_back(agreement=annual, version=seen_version(request), by=person(request))
        return _("You took the proposal back.")

    return _taken(request, center, agreement, step)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:agreement")
def confirm(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The other side agrees to the terms."""

    def step(annual: Agreement) -> str:
        actions.confirm(agreement=annual, version=seen_version(request), by=person(request), at=clock.now())
        return _("The terms are agreed. Record the conclusion once both have signed.")

    return _taken(request, center, agreement, step)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:agreement")
def decline(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The other side does not agree, and says why."""
    form = DeclineForm(request.POST)
    if not form.is_valid():
        found, entry = shown(request, center, agreement)
        return agreement_page(request, found, entry, decline_form=form, status=400)

    def step(annual: Agreement) -> str:
        actions.decline(
            agreement=annual,
            version=seen_version(request),
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        return _("The terms were declined; the other side reads why.")

    return _taken(request, center, agreement, step)


def _taken(
    request: HttpRequest, center: Center, agreement: str, step: Callable[[Agreement], str]
) -> HttpResponse:
    _found, entry = shown(request, center, agreement)
    try:
        said = step(entry.agreement)
    except Refused as error:
        return _refused(request, center, agreement, error)
    unsent_input.forget(request)
    messages.success(request, said)
    return redirect(address("agreements:agreement", center, entry.agreement))


def _refused(request: HttpRequest, center: Center, agreement: str, error: Exception) -> HttpResponse:
    found, now = shown(request, center, agreement)
    messages.error(request, refusal_text(error, _state(now)))
    typed = {"decline_form": DeclineForm(request.POST)} if request.POST.get("reason") else {}
    return agreement_page(request, found, now, status=409, **typed)


def _state(entry: Entry) -> str:
    terms = entry.terms if entry.is_annual else None
    return terms.get_state_display() if terms else str(labels.STATE[entry.state])


def _context(entry: Entry) -> dict[str, Any]:
    return {
        "agreement": entry.agreement,
        "entry": entry,
        "crumbs": crumbs(entry.agreement.center, entry.agreement),
    }
