"""Importing a table of records: uploading, the preview, applying, discarding, the template."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from iconm_portal.display.tables import ROWS_PER_PAGE
from iconm_portal.forms import files
from iconm_portal.imports import pages
from iconm_portal.models import Center, ImportState, TableImport
from iconm_portal.people.access import Right, center_view
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.models import Category
from kpi.register.imports import kind as sheets
from kpi.register.imports.kind import RECORDS
from kpi.register.views import crumbs


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest, center: Center) -> HttpResponse:
    """Upload a table; the templates, the columns, and what was imported before."""
    form = pages.TableForm(request.POST, request.FILES) if request.method == "POST" else pages.TableForm()
    if form.is_valid():
        return pages.upload(request, RECORDS, center, form)
    tables = TableImport.objects.filter(center=center, kind=RECORDS.kind).select_related("uploaded_by")
    context = {
        "form": form,
        "page": Paginator(tables, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "columns": [(column.headings, column.required, False) for column in RECORDS.columns],
        "crumbs": crumbs(center),
    }
    return render(request, "kpi/register/imports.html", context, status=400 if form.is_bound else 200)


@center_view(Right.KEEP)
@require_safe
def table(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """What was read, and what became of it."""
    found = pages.found(center, number, RECORDS)
    to_imports = _to_imports(center)
    is_applied = found.state.was_applied
    to_register = Crumb(_("Register"), reverse("kpi:records", kwargs={"center": center.code}))
    again = Crumb(_("Upload the corrected file"), to_imports.url)
    is_refused = found.state == ImportState.REFUSED
    has_problems = is_refused or (found.state == ImportState.CHECKED and found.problem_count > 0)
    frame = {
        "crumbs": crumbs(center, more=[to_imports]),
        "current": found.name,
        "links": [to_register] if is_applied else [again] if has_problems else [],
    }
    return pages.preview(request, found, frame)


def _to_imports(center: Center) -> Crumb:
    return Crumb(_("Imports"), reverse("kpi:record_imports", kwargs={"center": center.code}))


@center_view(Right.KEEP)
@require_safe
def marked(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The file as it came, with what is said of each row."""
    return pages.marked(pages.found(center, number, RECORDS))


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Take back all of it, where nothing rests on it."""
    found = pages.found(center, number, RECORDS)
    way = [_to_imports(center), Crumb(found.name, pages.address(found))]
    return pages.undo(request, found, {"crumbs": crumbs(center, more=way)})


@center_view(Right.KEEP)
@require_POST
def apply(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Apply it, all or nothing."""
    return pages.apply(request, pages.found(center, number, RECORDS))


@center_view(Right.KEEP)
@require_POST
def discard(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Give it up."""
    return pages.discard(request, pages.found(center, number, RECORDS))


@center_view(Right.KEEP)
@require_safe
def template(request: HttpRequest, center: Center, ending: str) -> HttpResponse:
    """An empty table to fill in, with the categories."""
    if ending not in files.MADE_TYPES:
        raise Http404(ending)
    categories = list(Category.objects.filter(center=center))
    made = sheets.workbook(center, categories, today=clock.today()) if ending == "xlsx" else sheets.csv()
    return files.made(made, f"活動実績_取込様式.{ending}")
