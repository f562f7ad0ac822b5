"""The year's entry sheet: typing, checking while typing, saving, and what happens when two people do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from iconm_portal.forms import unsent_input
from iconm_portal.forms.drafts import saved_since, with_choices, wrong_title
from iconm_portal.models import Center, StoredFile
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement import review
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions
from kpi.reports.entry import load, visible_reports
from kpi.reports.entry_forms import EntryForm, groups, with_proposals
from kpi.reports.step_views import handed_in
from kpi.reports.views import address, crumbs, shown_report, typed_texts
from kpi.value_sources import check_messages


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """All indicators of the report on one sheet."""
    if request.method == "POST":
        return _save(request, center, year, report)
    found = shown_report(request, center, year, report)
    kept = unsent_input.kept_for(request)
    if kept is not None:
        return _page(request, _brought_up(found, kept), was_kept=True, conflict=saved_since(found, kept))
    if not found.is_editable:
        return redirect(address("kpi:report", center, found))
    return _page(request, EntryForm(load(found, today=clock.today()), today=clock.today()))


def _save(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    found = visible_reports(person(request), center).filter(fiscal_year=year, pk=report).first()
    if found is None:
        return _gone(request)
    if "give_up" in request.POST:
        unsent_input.forget(request)
        return redirect(request.path)
    if saved_since(found, request.POST):
        return _conflict(request, found)
    sheet = load(found, today=clock.today())
    data = with_choices(request.POST, groups(sheet))
    taken_over = 0
    if request.POST.get("step") == "take_over":
        data, taken_over = with_proposals(data, sheet)
    form = EntryForm(sheet, today=clock.today(), data=data, uploads=request.FILES)
    if not form.is_valid():
        return _page(request, form, files_again=bool(request.FILES))
    try:
        return _saved(request, center, found, form, taken_over)
    except (review.Conflict, review.WrongStep):
        now = visible_reports(person(request), center).filter(pk=found.pk).first()
        return _conflict(request, now) if now else _gone(request)
    except ValidationError as error:
        return _refused(request, center, found, error)


def _refused(request: HttpRequest, center: Center, report: Report, error: ValidationError) -> HttpResponse:
    """The sheet as it was typed, with what the action found; nothing was saved."""
    form = _brought_up(shown_report(request, center, report.fiscal_year, report.pk), request.POST)
    form.refuse(error)
    return _page(request, form, files_again=bool(request.FILES))


def _saved(
    request: HttpRequest, center: Center, report: Report, form: EntryForm, taken_over: int = 0
) -> HttpResponse:
    """Keep the sheet, and hand it in where that was asked for. The database's version decides who comes first."""
    what: dict[str, Any] = {
        "report": report,
        "version": seen_version(request),
        "as_of": form.head.cleaned_data["as_of"],
        "entered": form.entered(),
        "new_files": form.new_files(),
        "removed_files": list(StoredFile.objects.filter(pk__in=form.removed_files())),
        "by": person(request),
        "at": clock.now(),
    }
    if request.POST.get("step") == "submit":
        actions.save_and_submit(**what, decision=form.decision_form.decision())
        unsent_input.forget(request)
        return handed_in(request, center, report)
    actions.save_draft(**what)
    unsent_input.forget(request)
    if request.POST.get("step") == "take_over":
        messages.success(request, _taken_over_text(taken_over))
    else:
        messages.success(request, _saved_text(form))
    return redirect(address("kpi:report_entry", center, report))


def _taken_over_text(number: int) -> str:
    """How many blank fields were filled from the register and the accounts."""
    if not number:
        return _("The draft was saved. No blank field has a proposal.")
    return ngettext(
        "The draft was saved with %(number)s proposal taken over. Look at it before you submit.",
        "The draft was saved with %(number)s proposals taken over. Look at them before you submit.",
        number,
    ) % {"number": number}


def _saved_text(form: EntryForm) -> str:
    """That it is saved, and whether something is left to look at."""
    number = len(form.warnings)
    if not number:
        return _("The draft was saved.")
    return ngettext(
        "The draft was saved. There is a remark on %(number)s place below.",
        "The draft was saved. There are remarks on %(number)s places below.",
        number,
    ) % {"number": number}


@center_view(Right.KEEP)
@require_POST
def check(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """What the sheet would say about what is being typed. Saves nothing."""
    found = shown_report(request, center, year, report)
    sheet = load(found, today=clock.today())
    form = EntryForm(sheet, today=clock.today(), data=with_choices(request.POST, groups(sheet)))
    stale = _conflict_text(request, found) if saved_since(found, request.POST) else ""
    return JsonResponse({"errors": form.errors(), "warnings": form.warnings, "stale": stale})


# Two people on one draft


def _brought_up(report: Report, data: QueryDict) -> EntryForm:
    sheet, today = load(report, today=clock.today()), clock.today()
    data = with_choices(data, groups(sheet))
    if saved_since(report, data):
        return EntryForm.merged(sheet, today=today, data=data)
    return EntryForm(sheet, today=today, data=data)


def _conflict(request: HttpRequest, report: Report) -> HttpResponse:
    form = _brought_up(report, request.POST)
    return _page(request, form, status=409, conflict=True, files_again=bool(request.FILES))


def _conflict_text(request: HttpRequest, report: Report) -> str:
    """Who was faster, and when."""
    by, at = report.last_moved
    words = {"name": by.name if by else "", "time": check_messages.moment(at, clock.today())}
    if not report.is_editable:
        return _("%(name)s submitted this report at %(time)s.") % words
    if by == person(request):
        return _("You saved this report yourself at %(time)s, in another window.") % words
    return _("%(name)s saved this report at %(time)s.") % words


def _gone(request: HttpRequest) -> HttpResponse:
    """Somebody discarded the draft: what was typed is shown to be copied, since there is nothing to save it into."""
    messages.error(request, _("Someone discarded this draft, so there is nothing to save into any more."))
    typed = typed_texts(request.POST, "value", "note")
    return render(request, "kpi/reports/gone.html", {"typed": typed}, status=404)


def _page(
    request: HttpRequest,
    form: EntryForm,
    *,
    status: int = 200,
    was_kept: bool = False,
    conflict: bool = False,
    files_again: bool = False,
) -> HttpResponse:
    report = form.sheet.report
    context = {
        "report": report,
        "sheet": form.sheet,
        "form": form,
        "crumbs": crumbs(report.plan.center, report, with_report=True),
        "saved_time": check_messages.moment(report.saved_at, clock.today()),
        "wrong_title": wrong_title(
            len(form.wrongs) if form.data is not None else 0,
            is_submitting=request.POST.get("step") == "submit",
        ),
        "was_kept": was_kept,
        "conflict": _conflict_text(request, report) if conflict else "",
        "files_again": files_again,
    }
    return render(request, "kpi/reports/entry.html", context, status=status)
