"""設定一式: the template, the export, uploading, what a workbook would do sheet by sheet, and settling it."""

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.display.tables import ROWS_PER_PAGE
from iconm_portal.forms import files
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Refused
from iconm_portal.models import Center, SetUp
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.settlement.texts import proposal_chip, side
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.job_views import to_open_job
from iconm_portal.work.jobs import UnderWay
from kpi.loading.set_up import actions, findings, workbook
from kpi.loading.set_up.forms import UploadForm


@center_view(Right.PREPARE)
def set_ups(request: HttpRequest, center: Center) -> HttpResponse:
    """Take the template or the export, upload a workbook, and see those that were uploaded."""

    def save(form: UploadForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            made = actions.upload(
                center=center,
                file=given["file"],
                document=given["document"],
                document_on=given["document_on"],
                by=person(request),
                at=clock.now(),
            )
        except UnderWay as under_way:
            return to_open_job(request, under_way)
        return redirect(jobs.page(made.job) if made.job else actions.address(made))

    found = SetUp.objects.filter(center=center).select_related("uploaded_by")
    return form_page(
        request,
        "kpi/loading/set_up/list.html",
        form=lambda data, sent: UploadForm(data, sent, today=clock.today()),
        save=save,
        context=lambda _form: {
            "page": Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page")),
            "crumbs": _crumbs(center),
        },
    )


@center_view(Right.PREPARE)
@require_safe
def template(request: HttpRequest, center: Center) -> HttpResponse:
    """The workbook without rows."""
    data = workbook.write(center, [], clock.today())
    return files.made(data, _("%(center)s_set-up.xlsx") % {"center": center.short_name})


@center_view(Right.PREPARE)
@step_from("kpi:set_ups")
def export(request: HttpRequest, center: Center) -> HttpResponse:
    """Begin writing what the center has, as one workbook or as a folder of CSV."""
    ending = "zip" if request.POST.get("ending") == "zip" else "xlsx"
    try:
        job = actions.begin_export(center=center, ending=ending, by=person(request), at=clock.now())
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    return redirect(jobs.page(job))


@center_view(Right.PREPARE)
@require_safe
def set_up(request: HttpRequest, center: Center, set_up: int) -> HttpResponse:
    """What the workbook would do, what is to be corrected, and where it stands."""
    found = _found(request, center, set_up)
    at_work = found.job is not None and found.job.state.is_at_work
    if (
        at_work
        and not findings.is_checked(found)
        and found.job
        and found.job.requested_by_id == person(request).pk
    ):
        return redirect(jobs.page(found.job))
    return _page(request, found)


@center_view(Right.PREPARE)
@require_safe
def sheet(request: HttpRequest, center: Center, set_up: int, table: str) -> HttpResponse:
    """The rows of one sheet, as they will be."""
    found = _found(request, center, set_up)
    if (read := findings.rows(found, table)) is None:
        raise Http404(table)
    of, headings, rows = read
    context = {
        "set_up": found,
        "title": of.title,
        "headings": headings,
        "rows": rows,
        "most": findings.MOST_ROWS,
        "crumbs": [*_crumbs(center), Crumb(found.name, actions.address(found))],
    }
    return render(request, "kpi/loading/set_up/sheet.html", context)


@center_view(Right.SETTLE_JOINTLY)
@step_from("kpi:set_up")
def confirm(request: HttpRequest, center: Center, set_up: int) -> HttpResponse:
    """Begin the job in which the other side's confirmation takes effect."""
    found = _found(request, center, set_up)
    try:
        job = actions.begin_confirming(
            set_up=found, version=seen_version(request), by=person(request), at=clock.now()
        )
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    except Refused as error:
        return STEPS.refused(request, center, found, {"set_up": set_up}, error)
    return redirect(jobs.page(job))


@center_view(Right.PREPARE)
@require_safe
def file(request: HttpRequest, center: Center, set_up: int) -> HttpResponse:
    """The workbook as it came."""
    found = _found(request, center, set_up)
    if (kept := found.file or found.waiting) is None:
        raise Http404(set_up)
    return files.download(kept)


# -- What the pages share --


def _found(request: HttpRequest, center: Center, set_up: int) -> SetUp:
    people = ("center", "waiting", "file", "job", "uploaded_by", "proposed_by", "confirmed_by", "declined_by")
    return get_object_or_404(SetUp.objects.filter(center=center).select_related(*people), pk=set_up)


def _crumbs(center: Center) -> list[Crumb]:
    return [
        Crumb(_("Master data"), reverse("agreements:master", kwargs={"center": center.code})),
        Crumb(_("Set-up workbook"), reverse("kpi:set_ups", kwargs={"center": center.code})),
    ]


def _page(
    request: HttpRequest, found: SetUp, *, refusal: str = "", status: int = 200, **sent: forms.Form
) -> HttpResponse:
    context = {
        "proposal": found,
        "chip": proposal_chip(found.state),
        "finding": findings.summary(found),
        "problems": findings.problems(found),
        "sheets": findings.counted(found),
        "differences": findings.differences(found),
        "side": side(found.proposed_side),
        "refusal": refusal,
        "crumbs": _crumbs(found.center),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "kpi/loading/set_up/set_up.html", context, status=status)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:set_up",
    find=_found,
    show=_page,
    onward={"discard": lambda found, _none: reverse("kpi:set_ups", args=[found.center.code])},
)
