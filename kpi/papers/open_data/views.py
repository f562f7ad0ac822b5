"""The data tables as files: for those who are signed in, and, where the city opened them, for everybody."""

import hashlib
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from iconm_portal.forms.files import content_disposition
from iconm_portal.forms.refusals import Refused, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, own_centers, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock, money
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work import jobs
from iconm_portal.work.job_views import to_open_job
from iconm_portal.work.jobs import UnderWay
from kpi.models import Publication
from kpi.papers import contents
from kpi.papers.contents import Contents, NothingKnownError
from kpi.papers.open_data import actions, open_data, workbook_actions
from kpi.papers.open_data.open_data import BY_CODE, CODES, TABLES, OpenTable
from kpi.papers.pack_page import Sheets
from kpi.plans.filters import AsKnownOn

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
KEPT_SECONDS = 600
"""How long a public answer may be kept: by the portal, and by whoever fetched it."""

# -- For those who are signed in --


@center_view(Right.SEE_SETTLED)
@require_safe
def tables(request: HttpRequest, center: Center) -> HttpResponse:
    """Which tables there are, where, and whether they are open to everybody."""
    return _page(request, center)


def _page(request: HttpRequest, center: Center, *, refusal: str = "", status: int = 200) -> HttpResponse:
    as_known_on = AsKnownOn(request.GET or request.POST, today=clock.today())
    context = {
        "as_known_on": as_known_on,
        "centers": len(own_centers(request)),
        "day": as_known_on.day,
        "tables": _there(center, as_known_on.day),
        "publication": Publication.objects.filter(center=center).select_related("switched_by").first(),
        "can_switch": allowed(person(request), center, Right.REVIEW),
        "refusal": refusal,
    }
    return render(request, "kpi/papers/open_data/tables.html", context, status=status)


def _there(center: Center, day: date) -> list[tuple[OpenTable, bool]]:
    """Every table, and whether there is anything to show in it on that day."""
    try:
        found = contents.read(center, year=FiscalYear.of(day), as_of=day)
    except NothingKnownError:
        return [(table, False) for table in TABLES]
    return [(table, open_data.sheet(found, table) is not None) for table in TABLES]


@center_view(Right.SEE_SETTLED)
@require_safe
def file(request: HttpRequest, center: Center, table: str, ending: str) -> HttpResponse:
    """A table, or the code list, as known on a day (?known_at=), today without one."""
    as_known_on = AsKnownOn(request.GET, today=clock.today())
    if not as_known_on.is_valid():
        return _page(request, center, status=400)
    written = _written(center, table, ending, day=as_known_on.day)
    response = _response(written, f"{center.code}-{table}.{ending}", ending)
    patch_cache_control(response, private=True, no_store=True)
    return response


@center_view(Right.SEE_SETTLED)
@require_POST
def workbook(request: HttpRequest, center: Center) -> HttpResponse:
    """Begin the workbook of all the person's centers, as known on a day."""
    as_known_on = AsKnownOn(request.POST, today=clock.today())
    if not as_known_on.is_valid():
        return _page(request, center, status=400)
    try:
        job = workbook_actions.begin(center=center, as_of=as_known_on.day, by=person(request), at=clock.now())
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    return redirect(jobs.page(job))


@center_view(Right.REVIEW)
@require_POST
def switch(request: HttpRequest, center: Center) -> HttpResponse:
    """Open the figures to everybody, or close them."""
    is_open = request.POST.get("is_open") == "yes"
    try:
        actions.switch(
            center=center,
            is_open=is_open,
            version=seen_version(request),
            by=person(request),
            at=clock.now(),
        )
    except Refused as error:
        return _page(request, center, refusal=refusal_text(error, ""), status=409)
    said = _("The figures are open to everybody now.") if is_open else _("The figures are closed again.")
    messages.success(request, said)
    return redirect("kpi:data", center=center.code)


# -- For everybody --


@login_not_required
@require_safe
def public(request: HttpRequest, center: str) -> HttpResponse:
    """The open tables of a center. Without any login, and only where the city opened them."""
    found, today = _open_center(center), clock.today()
    money.write_negatives_with(found.negative_mark)
    key = f"open-data:{found.pk}:page:{today.isoformat()}"
    sheets = cache.get(key)
    if sheets is None:
        sheets = open_data.sheets(contents.read(found, year=FiscalYear.of(today), as_of=today))
        cache.set(key, sheets, KEPT_SECONDS)
    context = {
        "open_center": found,
        "tables": [table for table in TABLES if table.is_public],
        "sheets": Sheets(sheets),
        "day": today,
    }
    return render(request, "kpi/papers/open_data/public.html", context)


@login_not_required
@require_safe
def public_file(request: HttpRequest, center: str, table: str, ending: str) -> HttpResponse:
    """An open table or the code list: accepted figures as known today, without what people typed beside them."""
    found, today = _open_center(center), clock.today()
    money.write_negatives_with(found.negative_mark)
    if table != CODES and not (table in BY_CODE and BY_CODE[table].is_public):
        raise Http404(table)
    key = f"open-data:{found.pk}:{table}:{ending}:{today.isoformat()}"
    written = cache.get(key)
    if written is None:
        written = _written(found, table, ending, day=today, for_everybody=True)
        cache.set(key, written, KEPT_SECONDS)
    etag = f'"{hashlib.sha256(written).hexdigest()}"'
    response = _response(written, f"{found.code}-{table}.{ending}", ending)
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return get_conditional_response(request, etag=etag, response=response) or response


def _open_center(code: str) -> Center:
    """The center, if it is open; whether there is one at all is nobody's business."""
    found = Publication.objects.filter(center__code=code, is_open=True).select_related("center").first()
    if found is None:
        raise Http404(code)
    return found.center


# -- Both --


def _written(center: Center, table: str, ending: str, *, day: date, for_everybody: bool = False) -> bytes:
    """The file's bytes; 404 for a table that is not there, or that shows nothing on that day."""
    if ending not in TYPES:
        raise Http404(ending)
    try:
        found = contents.read(center, year=FiscalYear.of(day), as_of=day)
    except NothingKnownError as error:
        raise Http404(table) from error
    if table == CODES:
        codes = _codes(found, for_everybody)
        return open_data.codes_csv(codes) if ending == "csv" else open_data.codes_json(found, codes)
    if table not in BY_CODE:
        raise Http404(table)
    return _table(found, BY_CODE[table], ending, for_everybody)


def _table(found: Contents, table: OpenTable, ending: str, for_everybody: bool) -> bytes:
    data = open_data.sheet(found, table)
    if data is None:
        raise Http404(table.code)
    if for_everybody:
        data = open_data.for_everybody(data)
    if ending == "csv":
        return open_data.as_csv(data)
    return open_data.as_json(found, table, data, open_data.definitions(found, iter([table.section])))


def _codes(found: Contents, for_everybody: bool) -> tuple[open_data.Definition, ...]:
    shown = (table.section for table in TABLES if table.is_public or not for_everybody)
    return open_data.definitions(found, iter(dict.fromkeys(shown)))


def _response(written: bytes, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(written, content_type=TYPES[ending])
    response["Content-Disposition"] = content_disposition(name)
    return response
