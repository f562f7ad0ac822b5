"""Importing tables into the money: the list, uploading, the preview, applying, discarding, templates."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finance.imports import templates
from finance.imports.forms import StatementForm, TemplateForm
from finance.ledger.imports.kind import ENTRIES
from finance.models import Account, Statement
from finance.statements.import_kind import STATEMENT, Chosen
from iconm_portal.display import template_tags
from iconm_portal.display.tables import ROWS_PER_PAGE
from iconm_portal.forms import files
from iconm_portal.imports import pages
from iconm_portal.imports.reading.tables import Column
from iconm_portal.models import Center, ImportState, TableImport
from iconm_portal.people.access import Right, center_view
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

SPECS: Final = (ENTRIES, STATEMENT)
_BY_NAME: Final = {"entries": ENTRIES, "statement": STATEMENT}


@center_view(Right.KEEP)
@require_safe
def overview(request: HttpRequest, center: Center) -> HttpResponse:
    """What was imported and what is open, the latest first; the ways to begin."""
    tables = TableImport.objects.filter(center=center, kind__in=[spec.kind for spec in SPECS])
    page = Paginator(tables.select_related("uploaded_by"), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    is_open = tables.filter(state=ImportState.CHECKED, problem_count=0).count()
    titles = {spec.kind: spec.title for spec in SPECS}
    context = {
        "page": page,
        "rows": [(table, titles[table.kind]) for table in page],
        "finding": _finding(page.paginator.count, is_open),
    }
    return render(request, "finance/imports/list.html", context)


def _finding(number: int, is_open: int) -> str:
    if not number:
        return _("No table was imported yet.")
    told = ngettext("%(count)s table was uploaded.", "%(count)s tables were uploaded.", number) % {
        "count": number
    }
    waiting = ngettext("%(count)s waits to be applied.", "%(count)s wait to be applied.", is_open) % {
        "count": is_open
    }
    return f"{told} {waiting}" if is_open else told


@center_view(Right.KEEP)
def entries(request: HttpRequest, center: Center) -> HttpResponse:
    """Upload a table of ledger entries."""
    form = pages.TableForm(request.POST, request.FILES) if request.method == "POST" else pages.TableForm()
    if not form.is_valid():
        return _form_page(request, center, "entries", form)
    return pages.upload(request, ENTRIES, center, form)


@center_view(Right.KEEP)
def statement(request: HttpRequest, center: Center) -> HttpResponse:
    """Upload a table of a statement's amounts."""
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = StatementForm(*posted, center=center, at=clock.now(), initial=_asked(request))
    if not form.is_valid():
        return _form_page(request, center, "statement", form)
    return pages.upload(request, STATEMENT, center, form, form.chosen().as_params())


def _asked(request: HttpRequest) -> dict[str, str]:
    """What a link to the form chose beforehand; the form validates it when it is sent."""
    return {name: request.GET[name][:20] for name in ("year", "stage", "unit") if name in request.GET}


def _form_page(request: HttpRequest, center: Center, name: str, form: Any) -> HttpResponse:
    template = TemplateForm(request.GET or None, today=clock.today())
    context = {
        "name": name,
        "form": form,
        "files_again": form.is_bound and "file" in form.files and "file" not in form.errors,
        "title": _BY_NAME[name].title,
        "columns": [
            (column.headings, _is_needed(name, column), _is_one_of(name, column))
            for column in _BY_NAME[name].columns
        ],
        "template_form": template,
        "template_year": template.year(),
        "crumbs": [_to_list(center)],
        "current": _BY_NAME[name].title,
    }
    return render(request, "finance/imports/form.html", context, status=400 if form.is_bound else 200)


def _is_needed(name: str, column: Column) -> bool:
    """Whether the heading has to be there."""
    return column.required or (column.key,) in _BY_NAME[name].one_of


def _is_one_of(name: str, column: Column) -> bool:
    """Whether one of several columns is enough."""
    return any(column.key in keys for keys in _BY_NAME[name].one_of)


@center_view(Right.KEEP)
@require_safe
def table(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """What was read, and what became of it."""
    found = pages.found(center, number, *SPECS)
    frame = {
        "crumbs": [_to_list(center)],
        "current": found.name,
        "links": _links(center, found),
    }
    return pages.preview(request, found, frame)


@center_view(Right.KEEP)
@require_safe
def marked(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The file as it came, with what is said of each row."""
    return pages.marked(pages.found(center, number, *SPECS))


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Take back all of it, where nothing rests on it."""
    found = pages.found(center, number, *SPECS)
    return pages.undo(request, found, {"crumbs": [_to_list(center), Crumb(found.name, pages.address(found))]})


@center_view(Right.KEEP)
@require_POST
def apply(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Apply it, all or nothing."""
    return pages.apply(request, pages.found(center, number, *SPECS))


@center_view(Right.KEEP)
@require_POST
def discard(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Give it up."""
    return pages.discard(request, pages.found(center, number, *SPECS))


@center_view(Right.KEEP)
@require_safe
def template(request: HttpRequest, center: Center, kind: str, ending: str) -> HttpResponse:
    """An empty table to fill in, with the accounts of the chosen year."""
    if kind not in _BY_NAME or ending not in files.MADE_TYPES:
        raise Http404(kind)
    today = clock.today()
    year = TemplateForm(request.GET, today=today).year()
    spec, accounts = _BY_NAME[kind], list(Account.objects.filter(center=center).valid_in(year))
    made = (
        templates.workbook(spec, year, accounts, today=today)
        if ending == "xlsx"
        else templates.csv(spec, accounts)
    )
    return files.made(made, templates.file_name(spec, year, ending))


def _links(center: Center, found: TableImport) -> list[Crumb]:
    """Where to see what was applied, or to send the corrected file."""
    if found.state == ImportState.REFUSED or (found.state == ImportState.CHECKED and found.problem_count):
        return [_upload_again(center, found)]
    if not found.state.was_applied or "summary" not in found.params:
        return []
    if found.kind == ENTRIES.kind:
        years = sorted({FiscalYear(group[0]) for group in found.params["summary"]["groups"]})
        return [
            Crumb(
                _("Ledger of %(year)s") % {"year": template_tags.fiscal_year(year)},
                reverse("finance:ledger_of_year", kwargs={"center": center.code, "year": year}),
            )
            for year in years
        ]
    return _to_statement(center, Chosen.of(found.params))


def _upload_again(center: Center, found: TableImport) -> Crumb:
    """The form, filled in as it was."""
    is_statement = found.kind == STATEMENT.kind
    page = reverse(
        "finance:import_statement" if is_statement else "finance:import_entries",
        kwargs={"center": center.code},
    )
    chosen = f"?{urlencode(Chosen.of(found.params).as_params())}" if is_statement else ""
    return Crumb(_("Upload the corrected file"), page + chosen)


def _to_statement(center: Center, chosen: Chosen) -> list[Crumb]:
    """The latest revision that has the figures."""
    filled = Statement.objects.filter(center=center, fiscal_year=chosen.year, stage=chosen.stage)
    latest = filled.order_by("-supplement", "-revision").first()
    if latest is None:
        return []
    kwargs = {
        "center": center.code,
        "year": chosen.year,
        "stage": latest.slug,
        "revision": latest.revision,
    }
    return [Crumb(latest.history_label(), reverse("finance:statement", kwargs=kwargs))]


def _to_list(center: Center) -> Crumb:
    return Crumb(_("Imports"), reverse("finance:imports", kwargs={"center": center.code}))
