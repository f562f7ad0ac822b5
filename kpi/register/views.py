"""The register to read: the list with its filters and exports, and one record."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.display.sheets import Book, csv_rows
from iconm_portal.display.tables import configure
from iconm_portal.forms import files
from iconm_portal.history import texts
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Record
from kpi.plans.sources import in_words
from kpi.register import records as read
from kpi.register import sheets
from kpi.register import texts as register_texts
from kpi.register.counting import COUNTABLE
from kpi.register.filters import RecordFilter
from kpi.register.forms import FilesForm, ReasonForm
from kpi.register.tables import RecordsTable, by_day

MOST_ROWS_XLSX = 20_000  # a workbook is put together in memory; a CSV is not


@center_view(Right.SEE_SETTLED)
@require_safe
def records(request: HttpRequest, center: Center) -> HttpResponse:
    """What is recorded this year by category and what it lacks; or the records asked for."""
    return _page(request, center, _choice(request, center))


def _page(request: HttpRequest, center: Center, choice: RecordFilter, status: int = 200) -> HttpResponse:
    found = choice.records(read.listed(center)).order_by(*by_day())
    table = configure(
        RecordsTable(
            found,
            center=center.code,
            exclude=("category",) if choice.chosen_category else (),
            empty_text=_empty(request, center),
        ),
        request,
    )
    year = FiscalYear.of(clock.today())
    lines = [] if choice.narrows else read.category_lines(center, year)
    context = {
        "choice": choice,
        "table": table,
        "lines": lines,
        "year": year,
        "finding": _finding(choice, found, lines, year),
        "lacking": register_texts.lacking(lines),
        "categories": list(choice.by_code.values()),
        "chosen_category": choice.chosen_category,
        "can_keep": allowed(person(request), center, Right.KEEP),
        "query": request.GET.urlencode(),
    }
    return render(request, "kpi/register/list.html", context, status=status)


def _choice(request: HttpRequest, center: Center) -> RecordFilter:
    categories = Category.objects.filter(center=center)
    return RecordFilter(request.GET, categories=categories, years=read.years(center, clock.today()))


def _finding(
    choice: RecordFilter, found: QuerySet[Record], lines: list[read.CategoryLine], year: FiscalYear
) -> str:
    if choice.is_wrong:
        return ""
    if not choice.narrows:
        return register_texts.finding(lines, year)
    sums = found.order_by().aggregate(
        total=Count("pk"), valid=Count("pk", filter=COUNTABLE), people=Sum("people", filter=COUNTABLE)
    )
    return register_texts.narrowed(sums["total"], valid=sums["valid"], people=sums["people"] or 0)


def _empty(request: HttpRequest, center: Center) -> str:
    if request.GET:
        return _("No record is found for this choice. Widen it.")
    if allowed(person(request), center, Right.KEEP):
        return _("Nothing is recorded yet. Choose a category and enter what happened, or import a table.")
    return _("Nothing is recorded yet. The foundation's staff enter what happened.")


@center_view(Right.SEE_SETTLED)
@require_safe
def export_csv(request: HttpRequest, center: Center) -> HttpResponseBase:
    """The records asked for, as CSV: UTF-8, one record a line, however many there are. 400 where it cannot be understood
    what is asked for."""
    choice = _choice(request, center)
    if choice.is_wrong:
        return _page(request, center, choice, status=400)
    records = _asked(choice, center).iterator(chunk_size=1_000)
    response = StreamingHttpResponse(csv_rows(sheets.columns(center), records), content_type=files.CSV)
    return _as_download(response, center, "csv")


@center_view(Right.SEE_SETTLED)
@require_safe
def export_xlsx(request: HttpRequest, center: Center) -> HttpResponse:
    """The same as a workbook, to read and for machines."""
    choice = _choice(request, center)
    if choice.is_wrong:
        return _page(request, center, choice, status=400)
    asked = _asked(choice, center)
    if asked.count() > MOST_ROWS_XLSX:
        messages.error(
            request,
            _("A workbook takes at most %(limit)s records. Narrow the list, or take the CSV.")
            % {"limit": f"{MOST_ROWS_XLSX:,}"},
        )
        query = request.GET.urlencode()
        return redirect(reverse("kpi:records", kwargs={"center": center.code}) + (f"?{query}" * bool(query)))
    found = list(asked)
    today = clock.today()
    book = Book(title=f"{center.short_name} 活動実績", created=today)
    book.form_sheet(sheets.register_sheet(center, found, as_of=today))
    book.data_sheet(sheets.register_data(center, found))
    return _as_download(HttpResponse(book.to_bytes(), content_type=files.XLSX), center, "xlsx")


def _asked(choice: RecordFilter, center: Center) -> QuerySet[Record]:
    return choice.records(read.of(center)).order_by(*by_day())


def _as_download(response: Any, center: Center, ending: str) -> Any:
    name = f"{center.code}-records-{clock.today().isoformat()}.{ending}"
    return files.as_made(response, name)


# One record


@center_view(Right.SEE_SETTLED)
@require_safe
def record(request: HttpRequest, center: Center, category: str, number: int) -> HttpResponse:
    """Facts, files, the indicators that count it, and what was done to it."""
    return record_page(request, shown(center, category, number))


def shown(center: Center, category: str, number: int) -> Record:
    """The record; Http404 where there is none."""
    found = Record.objects.select_related("center", "category", "recorded_by", "withdrawn_by", "saved_by")
    return get_object_or_404(found, center=center, category__code=category, number=number)


def record_page(
    request: HttpRequest,
    found: Record,
    *,
    reason_form: ReasonForm | None = None,
    files_form: FilesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a record, with what was typed into one of its small forms and refused."""
    context = {
        "record": found,
        "when": register_texts.when(found),
        "figures": register_texts.figures(found),
        "chip": register_texts.chip(found),
        "source": in_words(found.source) if found.source else "",
        "files": list(read.attached(found)),
        "counting": [(entry, register_texts.counting(entry, found)) for entry in read.counting(found)],
        "events": [(event, texts.verb(event), texts.changes(event)) for event in read.events(found)],
        "can_keep": allowed(person(request), found.center, Right.KEEP),
        "reason_form": reason_form or ReasonForm(),
        "files_form": files_form or FilesForm(),
        "crumbs": crumbs(found.center, found.category),
    }
    return render(request, "kpi/register/record.html", context, status=status)


def crumbs(center: Center, category: Category | None = None, more: Iterable[Crumb] = ()) -> list[Crumb]:
    """The way down from the register."""
    url = reverse("kpi:records", kwargs={"center": center.code})
    way = [Crumb(_("Register"), url)]
    if category is not None:
        way.append(Crumb(category.name, f"{url}?category={category.code}"))
    return [*way, *more]


@center_view(Right.SEE_SETTLED)
@require_safe
def download(request: HttpRequest, center: Center, category: str, number: int, file: int) -> HttpResponse:
    """A file of a record, for everyone who sees what is settled."""
    attached = shown(center, category, number).files.filter(file=file).select_related("file__content").first()
    if attached is None:
        raise Http404(file)
    return files.download(attached.file)
