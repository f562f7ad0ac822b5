"""The city's side: comment on an opened report, return or accept it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.display import template_tags
from iconm_portal.models import Center, ReviewState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.draft_page import typed_texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions, entry
from kpi.reports.forms import ReturnForm, ReviewForm
from kpi.reports.views import address, crumbs, refusal_text, shown_report


@center_view(Right.REVIEW)
@require_safe
def review(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """What was submitted beside what was known before, with room for comments."""
    found = shown_report(request, center, year, report)
    if found.state != ReviewState.IN_REVIEW:
        return redirect(address("kpi:report", center, found))
    return _page(request, found)


def _page(
    request: HttpRequest, report: Report, *, status: int = 200, refusal: str = "", **sent: Any
) -> HttpResponse:
    """The review as it is now, with the comments that were sent and not kept."""
    shown = STEPS.shown(request, report, sent)
    if refusal:  # beside what the report holds by now
        shown["form"] = ReviewForm.of(report, person(request), request.POST)
    form: ReviewForm = shown["form"]
    context = {
        "report": report,
        "sheet": form.sheet,
        "form": form,
        "crumbs": crumbs(report.center, report, with_report=True),
        "basis": _basis(form.sheet),
        "was_kept": form.is_bound and not sent,
        "refusal": refusal,
    }
    return render(request, "kpi/reports/review.html", context, status=status)


def _basis(sheet: entry.EntrySheet) -> str:
    """With what the submitted values are compared, so that a reader knows what “changed” means."""
    report = sheet.report
    if report.returned_at:
        words = {"day": template_tags.era_date(report.returned_at)}
        return _("Changes are marked against what was returned on %(day)s.") % words
    if sheet.has_accepted:
        return _("Changes are marked against the figures accepted for this year so far.")
    return ""


def _gone(request: HttpRequest, center: Center, refusal: str = "") -> HttpResponse:
    """A colleague returned the report, so that it is with the foundation: the comments are shown to be copied."""
    messages.error(
        request, _("This report is not before the city any more; a colleague may have returned it.")
    )
    typed = typed_texts(request.POST, "comment")
    return render(request, "kpi/reports/gone.html", {"typed": typed}, status=404)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:report_review",
    names="kpi:report",
    find=shown_report,
    show=_page,
    only=("return", "accept"),
    refusal_text=refusal_text,
    forms={"return": {"form": ReturnForm}, "accept": {"form": ReviewForm}},
    onward={
        "return": lambda report, _result: reverse(
            "kpi:reports_of_year", args=[report.center.code, report.fiscal_year]
        ),
        "accept": lambda report, _result: address("kpi:report", report.center, report),
    },
    gone=_gone,
    missing=_gone,
)
