"""The city's side: open a submitted report, comment on it, return or accept it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.forms import unsent_input
from iconm_portal.models import Center, ReviewState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.draft_page import typed_texts
from iconm_portal.settlement.step_forms import Refused, seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.templatetags import portal
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions, entry
from kpi.reports.forms import ReviewForm
from kpi.reports.step_views import taken
from kpi.reports.views import address, crumbs, refusal_text, shown_report


@center_view(Right.REVIEW)
@step_from("kpi:report")
def open_review(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """Begin the review; the foundation cannot take the report back any more."""
    found = shown_report(request, center, year, report)

    def step() -> HttpResponse:
        actions.open_review(report=found, version=seen_version(request), by=person(request), at=clock.now())
        return redirect(address("kpi:report_review", center, found))

    return taken(request, center, found, step)


@center_view(Right.REVIEW)
@require_safe
def review(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """What was submitted beside what was known before, with room for comments."""
    found = shown_report(request, center, year, report)
    if found.state != ReviewState.IN_REVIEW:
        return redirect(address("kpi:report", center, found))
    return _page(request, found)


@center_view(Right.REVIEW)
@step_from("kpi:report_review")
def send_back(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """差戻し with comments."""

    def step(found: Report, form: ReviewForm) -> HttpResponse:
        actions.send_back(
            report=found,
            version=seen_version(request),
            comments=form.comments(),
            by=person(request),
            at=clock.now(),
        )
        unsent_input.forget(request)
        messages.success(request, _("The report was returned to the foundation with your comments."))
        return redirect("kpi:reports_of_year", center=center.code, year=year)

    return _answered(request, center, year, report, step)


@center_view(Right.REVIEW)
@step_from("kpi:report_review")
def accept(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """受理: the figures are settled from today on."""

    def step(found: Report, form: ReviewForm) -> HttpResponse:
        actions.accept(
            report=found,
            version=seen_version(request),
            comments=form.comments(),
            decision=form.decision(),
            by=person(request),
            at=clock.now(),
        )
        unsent_input.forget(request)
        messages.success(request, _("The report was accepted. Its figures are settled from today on."))
        return redirect(address("kpi:report", center, found))

    return _answered(request, center, year, report, step)


def _answered(
    request: HttpRequest,
    center: Center,
    year: FiscalYear,
    report: int,
    step: Callable[[Report, ReviewForm], HttpResponse],
) -> HttpResponse:
    """What the step answers; where the form or the step is refused, the review page with what was typed."""
    found = _found(request, center, year, report)
    if found is None:
        return _gone(request)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        return step(found, form)
    except Refused as error:
        return _refused(request, center, found, error)


def _form(report: Report, data: QueryDict) -> ReviewForm:
    return ReviewForm(entry.load(report, today=clock.today()), today=clock.today(), data=data)


def _refused(request: HttpRequest, center: Center, report: Report, error: Exception) -> HttpResponse:
    """The review page again with what was typed, whatever became of the report meanwhile."""
    now = _found(request, center, report.fiscal_year, report.pk)
    if now is None:
        return _gone(request)
    return _page(request, now, form=_form(now, request.POST), refusal=refusal_text(error, now), status=409)


def _found(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> Report | None:
    reports = entry.visible_reports(person(request), center)
    return reports.filter(fiscal_year=year, pk=report).first()


def _gone(request: HttpRequest) -> HttpResponse:
    """A colleague returned the report, so that it is with the foundation: the comments are shown to be copied."""
    messages.error(
        request, _("This report is not before the city any more; a colleague may have returned it.")
    )
    typed = typed_texts(request.POST, "comment")
    return render(request, "kpi/reports/gone.html", {"typed": typed}, status=404)


def _page(
    request: HttpRequest,
    report: Report,
    *,
    form: ReviewForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    steps = [address(name, report.plan.center, report) for name in ("kpi:report_return", "kpi:report_accept")]
    kept = None if form else unsent_input.kept_for(request, *steps)
    sheet = entry.load(report, today=clock.today())
    context = {
        "report": report,
        "sheet": sheet,
        "form": form or ReviewForm(sheet, today=clock.today(), data=kept),
        "crumbs": crumbs(report.plan.center, report, with_report=True),
        "basis": _basis(sheet),
        "was_kept": kept is not None,
        "refusal": refusal,
    }
    return render(request, "kpi/reports/review.html", context, status=status)


def _basis(sheet: entry.Sheet) -> str:
    """With what the submitted values are compared, so that a reader knows what “changed” means."""
    report = sheet.report
    if report.returned_at:
        words = {"day": portal.era_date(report.returned_at)}
        return _("Changes are marked against what was returned on %(day)s.") % words
    if sheet.has_accepted:
        return _("Changes are marked against the figures accepted for this year so far.")
    return ""
