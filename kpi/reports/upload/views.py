"""The entry sheet as a file: downloading it, uploading it filled in, seeing what differs, applying it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms import files
from iconm_portal.forms.inspection.refusals import UploadRefused
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.models import Center, WaitingFile
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions
from kpi.reports.entry import load
from kpi.reports.upload import actions as upload_actions
from kpi.reports.upload import import_kind, texts
from kpi.reports.upload import sheet_file as upload_sheet_file
from kpi.reports.upload.comparison import compare
from kpi.reports.upload.forms import SheetFileField, UploadForm
from kpi.reports.upload.import_kind import Filled, NotThisSheet
from kpi.reports.views import address, crumbs, shown_report
from kpi.value_sources import check_messages


@center_view(Right.KEEP)
@require_safe
def sheet_file(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """The sheet as it is stored now, to be filled in offline."""
    found = shown_report(request, center, year, report)
    if not found.is_editable:
        return redirect(address("kpi:report", center, found))
    made = upload_sheet_file.build(load(found, today=clock.today()))
    return files.made(made, upload_sheet_file.file_name(found))


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """Send the filled-in sheet. It is kept for the preview only when every cell can be meant."""
    found = shown_report(request, center, year, report)
    if not found.is_editable:
        return redirect(address("kpi:report", center, found))
    if request.method != "POST":
        return _upload_page(request, found, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, found, form)
    checked: files.CheckedFile = form.cleaned_data["file"]
    filled, reasons = _read(checked.data, checked.name, found)
    if filled is None or filled.problems:
        return _upload_page(request, found, form, filled=filled, reasons=reasons, name=checked.name)
    kept = upload_actions.keep(report=found, file=checked, by=person(request), at=clock.now())
    where = {"center": center.code, "year": year, "report": report, "file": kept.pk}
    return redirect("kpi:report_upload_preview", **where)


@center_view(Right.KEEP)
@require_safe
def preview(request: HttpRequest, center: Center, year: FiscalYear, report: int, file: int) -> HttpResponse:
    """What applying the file would change, cell by cell, beside what is stored now."""
    found, kept = shown_report(request, center, year, report), _own_file(request, center, file)
    return _preview(request, found, kept)


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, center: Center, year: FiscalYear, report: int, file: int) -> HttpResponse:
    """Save what the file changes, all or nothing, if the draft is still what the person saw."""
    found, kept = shown_report(request, center, year, report), _own_file(request, center, file)
    if request.method != "POST":
        return redirect("kpi:report_upload_preview", center=center.code, year=year, report=report, file=file)
    filled, _reasons = _read(bytes(kept.content.data), kept.name, found)
    if filled is None or filled.problems:
        return _preview(request, found, kept)
    if seen_version(request) != found.version or not found.is_editable:
        return _preview(request, found, kept, data=request.POST, status=409)
    comparison = compare(load(found, today=clock.today()), filled, request.POST)
    if comparison.undecided:
        return _preview(request, found, kept, data=request.POST, status=400)
    try:
        actions.save_draft(
            report=found,
            version=seen_version(request),
            as_of=comparison.as_of,
            entered=comparison.entered,
            by=person(request),
            at=clock.now(),
            from_file=kept,
        )
    except (Conflict, WrongStep):
        now = shown_report(request, center, year, report)
        return _preview(request, now, kept, data=request.POST, status=409)
    except ValidationError as error:
        now = shown_report(request, center, year, report)
        return _preview(request, now, kept, data=request.POST, status=400, refused=error.messages)
    messages.success(request, texts.applied(len(comparison.entered)))
    return redirect(address("kpi:report_entry", center, found))


# What the views share


def _own_file(request: HttpRequest, center: Center, file: int) -> WaitingFile:
    """A file that the person uploaded themselves and nobody has applied; 404 for any other. Whether it is a sheet of the
    report, its sealed origin tells."""
    mine = WaitingFile.objects.filter(center=center, uploaded_by=person(request))
    found = mine.filter(pk=file).select_related("content", "uploaded_by").first()
    if found is None:
        raise Http404(file)
    return found


def _read(data: bytes, name: str, report: Report) -> tuple[Filled | None, list[str]]:
    """What the file says, or why it says nothing for this report."""
    try:
        return import_kind.read(data, filename=name, report=report), []
    except UploadRefused as refused:
        return None, [SheetFileField.refusal_text(refused)]
    except NotThisSheet as refused:
        return None, list(refused.reasons)


def _upload_page(
    request: HttpRequest,
    report: Report,
    form: UploadForm,
    *,
    filled: Filled | None = None,
    reasons: list[str] | None = None,
    name: str = "",
) -> HttpResponse:
    problems = filled.problems if filled else []
    context = {
        "report": report,
        "form": form,
        "problems": problems,
        "reasons": reasons or [],
        "name": name,
        "earlier": upload_actions.kept(report, person(request)),
        "crumbs": crumbs(report.plan.center, report, with_report=True),
    }
    status = 400 if form.errors or problems or reasons else 200
    return render(request, "kpi/reports/upload/upload.html", context, status=status)


def _preview(
    request: HttpRequest,
    report: Report,
    kept: WaitingFile,
    *,
    data: QueryDict | None = None,
    status: int = 200,
    refused: list[str] | None = None,
) -> HttpResponse:
    """The file beside the draft; where it is none of the report's sheets (any more), the reasons instead."""
    filled, reasons = _read(bytes(kept.content.data), kept.name, report)
    if filled is None or filled.problems:
        return _upload_page(request, report, UploadForm(), filled=filled, reasons=reasons, name=kept.name)
    comparison = compare(load(report, today=clock.today()), filled, data)
    context = {
        "report": report,
        "file": kept,
        "comparison": comparison,
        "finding": texts.finding(comparison),
        "kept_text": texts.kept(comparison),
        "missing_text": texts.missing(comparison),
        "is_stale": status == 409,
        "is_sent": data is not None and status == 400,
        "refused": refused or [],
        "saved_time": check_messages.moment(report.saved_at, clock.today()),
        "crumbs": crumbs(report.plan.center, report, with_report=True),
    }
    return render(request, "kpi/reports/upload/preview.html", context, status=status)
