"""Reports: the years, starting one, and one report with the steps that are taken from its page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.display import template_tags
from iconm_portal.forms import files, unsent_input
from iconm_portal.forms.refusals import Conflict, Refused, SamePerson, WrongStep
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.site.crumbs import Crumb
from iconm_portal.site.standing_views import Notice, notice
from iconm_portal.standing import changes
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Plan, Report
from kpi.plans import scorecard
from kpi.plans.sources import in_words
from kpi.reports import actions, entry, report_list
from kpi.reports.forms import CorrectionForm, StartForm
from kpi.reports.revisions import report_key, revision_of


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
    is_of_plan = of_plan.first_year <= year <= min(of_plan.last_year, FiscalYear.of(clock.today()))
    if not is_of_plan and year != of_plan.baseline_year:
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
    return _page(request, shown_report(request, center, year, report))


@center_view(Right.KEEP)
@step_from("kpi:report")
def correct(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Begin a new revision of accepted figures, with the reason.

    No step of the table: the accepted report is frozen, its version too, and the history row is the new draft's.
    """
    found = shown_report(request, center, **parts)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=400, correction=form)
    try:
        made = actions.start_correction(report=found, reason=form.cleaned_data["reason"], by=person(request))
    except Refused as error:
        return STEPS.refused(request, center, found, parts, error, {"correction": form})
    unsent_input.forget(request)
    return redirect(address("kpi:report_entry", center, made))


@center_view(Right.SEE_SETTLED)
@require_safe
def evidence(request: HttpRequest, center: Center, year: FiscalYear, report: int, file: int) -> HttpResponse:
    """A file that is attached to a value of a report of which the person may know; 404 otherwise."""
    found = shown_report(request, center, year, report)
    evidence = found.evidence.filter(file=file).select_related("file__content").first()
    if evidence is None:
        raise Http404(file)
    return files.download(evidence.file)


# -- What the pages about one report share --


def shown_report(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> Report:
    """The report, if the person may know of it; Http404 otherwise, whether it exists or not."""
    return get_object_or_404(entry.visible_reports(person(request), center), fiscal_year=year, pk=report)


def _page(
    request: HttpRequest, report: Report, *, status: int = 200, refusal: str = "", **sent: Form
) -> HttpResponse:
    """The report to read."""
    user, center = person(request), report.center
    others = list(
        entry.visible_reports(user, center)
        .filter(plan=report.plan, fiscal_year=report.fiscal_year)
        .exclude(pk=report.pk)
        .order_by("-as_of", "-revision")
    )
    if refusal:
        messages.error(request, refusal)
    context = {
        "report": report,
        "sheet": entry.load(report, today=clock.today()),
        "changed": _changed(user, report),
        "others": others,
        "replaced_by": report_list.replacing(report, others),
        "may_correct": entry.may_correct(report, user, others),
        "correction": sent.get("correction")
        or CorrectionForm(unsent_input.kept_for(request, address("kpi:report_correct", center, report))),
        "source": in_words(report.source),
        "crumbs": crumbs(center, report),
        "sees_comments": allowed(user, center, Right.SEE_SUBMITTED),
        **STEPS.shown(request, report, sent),
    }
    return render(request, "kpi/reports/report.html", context, status=status)


def _changed(user: User, report: Report) -> list[Notice]:
    """What the settlement says of the accepted values by now, where it says something else and nobody has said why."""
    if not report.is_settled:
        return []
    found = changes.load(report.center, known_at=clock.today(), kinds=[scorecard.ACTUAL]).all
    of_year = f"{report_key(report.plan.code, report.fiscal_year)}/"
    return [
        notice(user, report.center, one)
        for one in found
        if one.key.startswith(of_year) and one.settled.revision == revision_of(report)
    ]


def address(name: str, center: Center, report: Report) -> str:
    """The address of a page or a step of a report."""
    return reverse(name, kwargs={"center": center.code, "year": report.fiscal_year, "report": report.pk})


def crumbs(center: Center, report: Report, *, with_report: bool = False) -> list[Crumb]:
    """The way down to a report, or to a page under it."""
    year = template_tags.fiscal_year(report.fiscal_year)
    found = [
        Crumb(_("Reports"), reverse("kpi:reports", kwargs={"center": center.code})),
        Crumb(
            year, reverse("kpi:reports_of_year", kwargs={"center": center.code, "year": report.fiscal_year})
        ),
    ]
    if with_report:
        found.append(Crumb(template_tags.as_of(report.as_of), address("kpi:report", center, report)))
    return found


def refusal_text(error: Exception, state: str) -> str:
    """Why a step could not be taken, and what to do. `state` is the word for the state that the report is in now."""
    match error:
        case Conflict():
            return _(
                "Someone changed this report after you opened it, so nothing was done."
                " Look at it again before you go on."
            )
        case WrongStep():
            return _("The report is now “%(state)s”, so this step can no longer be taken.") % {"state": state}
        case SamePerson():
            return _("You submitted this report yourself. Someone else must accept it.")
        case ValidationError():
            return " ".join(error.messages)
    raise error


# Steps


def tell_what_is_missing(request: HttpRequest, report: Report, _submitted: Report) -> None:
    """What was left blank; it may be handed in all the same."""
    unreported = entry.load(report, today=clock.today()).unreported
    if unreported:
        messages.warning(request, _("Not reported: %(names)s") % {"names": entry.names(unreported)})


def _gone(request: HttpRequest, center: Center, refusal: str) -> HttpResponse:
    messages.error(request, refusal)
    return redirect("kpi:reports", center=center.code)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:report",
    find=shown_report,
    show=_page,
    only=("submit", "take_back", "discard", "open"),
    refusal_text=refusal_text,
    tells={"submit": tell_what_is_missing},
    onward={
        "take_back": lambda report, _result: address("kpi:report_entry", report.center, report),
        "discard": lambda report, _none: reverse("kpi:reports", args=[report.center.code]),
        "open": lambda report, _result: address("kpi:report_review", report.center, report),
    },
    gone=_gone,
)
