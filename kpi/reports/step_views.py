"""The foundation's steps with a report: hand in, take back, throw away, correct."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import Refused, seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions, entry
from kpi.reports.forms import CorrectionForm
from kpi.reports.views import address, refusal_text, report_page, shown_report


@center_view(Right.KEEP)
@step_from("kpi:report")
def submit(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """Hand in what is saved."""
    found = shown_report(request, center, year, report)

    def step() -> HttpResponse:
        actions.submit(report=found, version=seen_version(request), by=person(request), at=clock.now())
        return handed_in(request, center, found)

    return taken(request, center, found, step)


@center_view(Right.KEEP)
@step_from("kpi:report")
def take_back(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """取下げ, before the city has opened it."""
    found = shown_report(request, center, year, report)

    def step() -> HttpResponse:
        actions.take_back(report=found, version=seen_version(request), by=person(request))
        messages.success(request, _("You took the report back. It can be changed again."))
        return redirect(address("kpi:report_entry", center, found))

    return taken(request, center, found, step)


@center_view(Right.KEEP)
@step_from("kpi:report")
def discard(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """Throw away a draft that was never handed in."""
    found = shown_report(request, center, year, report)

    def step() -> HttpResponse:
        actions.discard(report=found, version=seen_version(request), by=person(request))
        messages.success(request, _("The draft was discarded. The history keeps what it held."))
        return redirect("kpi:reports", center=center.code)

    return taken(request, center, found, step)


@center_view(Right.KEEP)
@step_from("kpi:report")
def correct(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """Begin a new revision of accepted figures, with the reason."""
    found = shown_report(request, center, year, report)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return report_page(request, center, found, correction=form, status=400)

    def step() -> HttpResponse:
        made = actions.start_correction(report=found, reason=form.cleaned_data["reason"], by=person(request))
        unsent_input.forget(request)
        return redirect(address("kpi:report_entry", center, made))

    return taken(request, center, found, step)


# What the steps share


def taken(
    request: HttpRequest, center: Center, report: Report, step: Callable[[], HttpResponse]
) -> HttpResponse:
    """What the step answers; where it is refused, the report as it is now, saying why (409)."""
    try:
        return step()
    except Refused as error:
        now = entry.visible_reports(person(request), center).filter(pk=report.pk).first()
        messages.error(request, refusal_text(error, now or report))
        if now is None:
            return redirect("kpi:reports", center=center.code)
        return report_page(request, center, now, status=409)


def handed_in(request: HttpRequest, center: Center, report: Report) -> HttpResponse:
    """To the report's page, which says what was left blank."""
    messages.success(request, _("The report was submitted to the city."))
    unreported = entry.load(report, today=clock.today()).unreported
    if unreported:
        messages.warning(request, _("Not reported: %(names)s") % {"names": entry.names(unreported)})
    return redirect(address("kpi:report", center, report))
