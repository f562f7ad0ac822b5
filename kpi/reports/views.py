"""Reports: the years, one report, starting one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import review
from iconm_portal.site.crumbs import Crumb
from iconm_portal.templatetags import portal
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Plan, Report
from kpi.plans.sources import in_words
from kpi.reports import actions, entry, report_list
from kpi.reports.forms import CorrectionForm, StartForm


@center_view(Right.SEE_SETTLED)
@require_safe
def reports(request: HttpRequest, center: Center) -> HttpResponse:
    """Every plan's years with their reports, as far as the person may know of them."""
    return _list_page(request, center)


@center_view(Right.SEE_SETTLED)
@require_safe
def year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """The same for one fiscal year."""
    return _list_page(request, center, year=year)


def _list_page(
    request: HttpRequest,
    center: Center,
    *,
    year: FiscalYear | None = None,
    start_form: StartForm | None = None,
    refused_plan: Plan | None = None,
) -> HttpResponse:
    plans = report_list.load(person(request), center, today=clock.today(), year=year)
    if year and not plans:
        raise Http404(year)
    context = {
        "plans": plans,
        "year": year,
        "can_start": allowed(person(request), center, Right.KEEP),
        "start_form": start_form,
        "refused_plan": refused_plan,
    }
    return render(request, "kpi/reports/list.html", context, status=400 if start_form else 200)


@center_view(Right.KEEP)
def start(request: HttpRequest, center: Center, year: FiscalYear, plan: str) -> HttpResponse:
    """Begin the report of a year, and go on to its entry sheet."""
    if request.method != "POST":
        return redirect("kpi:reports_of_year", center=center.code, year=year)
    of_plan = get_object_or_404(Plan, center=center, code=plan)
    if not of_plan.first_year <= year <= min(of_plan.last_year, FiscalYear.of(clock.today())):
        raise Http404(year)
    form = StartForm(request.POST, fiscal_year=year, today=clock.today())
    if form.is_valid():
        try:
            made = actions.start_report(
                plan=of_plan, fiscal_year=year, as_of=form.cleaned_data["as_of"], by=person(request)
            )
        except ValidationError as error:
            form.add_error("as_of", ValidationError(error.messages))
        else:
            return redirect(address("kpi:report_entry", center, made))
    return _list_page(request, center, year=year, start_form=form, refused_plan=of_plan)


@center_view(Right.SEE_SETTLED)
@require_safe
def report(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """One report to read, with the steps that the person can take now."""
    return report_page(request, center, shown_report(request, center, year, report))


# What the pages about one report share


def shown_report(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> Report:
    """The report, if the person may know of it; Http404 otherwise, whether it exists or not."""
    return get_object_or_404(entry.visible_reports(person(request), center), fiscal_year=year, pk=report)


def report_page(
    request: HttpRequest,
    center: Center,
    report: Report,
    *,
    status: int = 200,
    correction: CorrectionForm | None = None,
    **more: Any,
) -> HttpResponse:
    """The report to read."""
    user = person(request)
    others = list(
        entry.visible_reports(user, center)
        .filter(plan=report.plan, fiscal_year=report.fiscal_year)
        .exclude(pk=report.pk)
        .order_by("-as_of", "-revision")
    )
    sheet = entry.load(report, today=clock.today())
    context = {
        "report": report,
        "sheet": sheet,
        "others": others,
        "steps": entry.steps(report, user, others),
        "source": in_words(report.source),
        "crumbs": crumbs(center, report),
        "sees_comments": allowed(user, center, Right.SEE_SUBMITTED),
        "correction": correction
        or CorrectionForm(unsent_input.kept_for(request, address("kpi:report_correct", center, report))),
        **more,
    }
    return render(request, "kpi/reports/report.html", context, status=status)


def address(name: str, center: Center, report: Report) -> str:
    """The address of a page or a step of a report."""
    return reverse(name, kwargs={"center": center.code, "year": report.fiscal_year, "report": report.pk})


def crumbs(center: Center, report: Report, *, with_report: bool = False) -> list[Crumb]:
    """The way down to a report, or to a page under it."""
    year = portal.fiscal_year(report.fiscal_year)
    found = [
        Crumb(_("Reports"), reverse("kpi:reports", kwargs={"center": center.code})),
        Crumb(
            year, reverse("kpi:reports_of_year", kwargs={"center": center.code, "year": report.fiscal_year})
        ),
    ]
    if with_report:
        found.append(Crumb(portal.as_of(report.as_of), address("kpi:report", center, report)))
    return found


def refusal_text(error: Exception, report: Report) -> str:
    """Why a step could not be taken, and what to do."""
    match error:
        case review.Conflict():
            return _(
                "Someone changed this report after you opened it, so nothing was done."
                " Look at it again before you go on."
            )
        case review.WrongStep():
            state = report.get_state_display()
            return _("The report is now “%(state)s”, so this step can no longer be taken.") % {"state": state}
        case review.SamePerson():
            return _("You submitted this report yourself. Someone else must accept it.")
        case ValidationError():
            return " ".join(error.messages)
    raise error
