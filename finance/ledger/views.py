"""The ledger to read: years side by side, one year with all its entries, one account with running totals, CSV."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.ledger import ledger, ledger_table, reconciliation, texts
from finance.ledger.filters import FilterForm, PageForm, YearsForm
from finance.ledger.ledger import Choice, Cursor, EntryPage
from finance.ledger.posting import Books
from finance.models import Account
from iconm_portal.display.sheets import csv_rows
from iconm_portal.forms import files
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The addresses of the pages around this one; empty where there are none."""

    first: str
    previous: str
    next: str
    last: str


@dataclass(frozen=True, slots=True)
class ComparedSum:
    """An account's sum in a year beside what the statement says; sums, parts and deposits are compared with nothing."""

    row: ledger.AccountSums
    compared: reconciliation.ReconciliationRow | None
    chip: str


@center_view(Right.SEE_SETTLED)
@require_safe
def overview(request: HttpRequest, center: Center) -> HttpResponse:
    """The accounts' sums of some years side by side."""
    books = Books.load(center, today=clock.today())
    by_year = ledger.sums_by_year(center)
    form = YearsForm(request.GET or None)
    known = ledger.years_shown(books, by_year)
    table = ledger_table.build(books, by_year, form.years(known), user=person(request))
    context = {
        "table": table,
        "finding": texts.overview(table),
        "form": form,
        "shown": len(table.years),
        "known": len(known),
        "can_post": allowed(person(request), center, Right.KEEP),
    }
    return render(request, "finance/ledger/overview.html", context, status=400 if form.errors else 200)


@center_view(Right.SEE_SETTLED)
@require_safe
def year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """A year: how it stands, its sums beside the statement, all its entries."""
    today, user = clock.today(), person(request)
    books = Books.load(center, today=today)
    sees = ledger.sees(user, center, year, books.closed)
    by_year = ledger.sums_by_year(center)
    sums = by_year.get(year, {})
    context = {
        "year": year,
        "is_closed": year in books.closed,
        "closings": ledger.closings(center, year),
        "sees": sees,
        "has_ledger": bool(sums),
        "can_post": allowed(user, center, Right.KEEP) and _takes_entries(books, year),
        "can_close": allowed(user, center, Right.CLOSE_YEAR)
        and year not in books.closed
        and year.last_day < today,
        "can_reopen": allowed(user, center, Right.REOPEN_YEAR) and year in books.closed,
        "crumbs": crumbs(center),
    }
    if sees:
        compared = reconciliation.load(books, year, sums, known_at=today)
        context |= {
            "finding": texts.year(books, year, sums),
            "rows": [_year_row(row, compared.row(row.account)) for row in ledger.rows(books, year, sums)],
            "statement": compared.statement,
            "compared": texts.compared(compared),
            "deposits": ledger.deposits(books, by_year, year)
            if all(ledger.sees(user, center, one, books.closed) for one in by_year if one <= year)
            else None,
            **_entries_of_year(request, books, year, sums),
        }
    return render(request, "finance/ledger/year.html", context)


def _year_row(row: ledger.AccountSums, compared: reconciliation.ReconciliationRow | None) -> ComparedSum:
    return ComparedSum(row, compared, texts.compared_chip(compared))


def _takes_entries(books: Books, year: FiscalYear) -> bool:
    return year not in books.closed and year.first_day <= books.today


def _entries_of_year(
    request: HttpRequest, books: Books, year: FiscalYear, sums: ledger.Sums
) -> dict[str, object]:
    form = FilterForm(request.GET or None, year=year, books=books)
    if form.is_bound and not form.is_valid():
        return {"form": form, "page": EntryPage([], None), "narrowed": True}
    choice, cursor = (form.chosen(), form.cursor()) if form.is_bound else (Choice(), Cursor())
    page = ledger.page(books.center, year, choice, cursor, sums=sums)
    return {
        "form": form,
        "page": page,
        "narrowed": choice.is_narrowed or choice.account is not None,
        "neighbours": _neighbours(request, page),
    }


@center_view(Right.SEE_SETTLED)
@require_safe
def account(request: HttpRequest, center: Center, year: FiscalYear, account: str) -> HttpResponse:
    """An account's entries of a year with running totals, and what the statement says of it."""
    books = Books.load(center, today=clock.today())
    found = books.by_code(account)
    if found is None or not found.is_valid_in(year):
        raise Http404(account)
    if not ledger.sees(person(request), center, year, books.closed):
        raise PermissionDenied("the ledger of an open year is the operator's own")
    sums = ledger.year_sums(center, year)
    compared = reconciliation.load(books, year, sums, known_at=clock.today())
    whole = books.accounts[found.within_id] if found.within_id is not None else None
    context = {
        "year": year,
        "account": found,
        "whole": whole,
        "parts": ledger_table.below(books, year, sums, found),
        "is_sum": books.is_sum(found, year),
        "total": ledger.total_of(books, year, sums, found),
        "row": compared.row(found),
        "finding": texts.account(books, year, sums, found),
        "compared": texts.compared_account(compared, found),
        "statement": compared.statement,
        "has_ledger": bool(sums),
        "can_post": allowed(person(request), center, Right.KEEP)
        and _takes_entries(books, year)
        and books.takes_entries(found, year),
        "crumbs": [*crumbs(center), year_crumb(center, year)],
        **_entries_of_account(request, books, year, sums, found, whole),
    }
    return render(request, "finance/ledger/account.html", context)


def _entries_of_account(
    request: HttpRequest,
    books: Books,
    year: FiscalYear,
    sums: ledger.Sums,
    account: Account,
    whole: Account | None,
) -> dict[str, object]:
    form = PageForm(request.GET or None, year=year)
    if books.is_sum(account, year):
        return {"form": form, "page": EntryPage([], 0)}
    if form.is_bound and not form.is_valid():
        return {"form": form, "page": EntryPage([], None), "narrowed": True}
    choice = ledger.of_what(account, whole, form.month_chosen() if form.is_bound else None)
    cursor = form.cursor() if form.is_bound else Cursor()
    page = ledger.page(books.center, year, choice, cursor, sums=sums)
    return {
        "form": form,
        "page": page,
        "narrowed": choice.is_narrowed,
        "neighbours": _neighbours(request, page),
    }


@center_view(Right.SEE_SETTLED)
@require_safe
def export(request: HttpRequest, center: Center, year: FiscalYear) -> StreamingHttpResponse:
    """The year's entries as CSV, written as they are read."""
    if not ledger.sees(person(request), center, year, ledger.closed_years(center)):
        raise PermissionDenied("the ledger of an open year is the operator's own")
    entries = ledger.entries(center, year).iterator(chunk_size=2_000)
    lines = csv_rows(ledger_table.CSV_COLUMNS, entries)
    response = StreamingHttpResponse(lines, content_type=files.CSV)
    return files.as_made(response, f"収支明細_{center.code}_{year.start}.csv")


def _neighbours(request: HttpRequest, page: EntryPage) -> Neighbours:
    def to(**place: object) -> str:
        kept = request.GET.copy()
        for name in ("after", "before", "last"):
            kept.pop(name, None)
        for name, value in place.items():
            kept[name] = str(value)
        return f"?{kept.urlencode()}"

    return Neighbours(
        to() if page.previous else "",
        to(before=page.previous) if page.previous else "",
        to(after=page.next) if page.next else "",
        to(last=1) if page.next else "",
    )


def crumbs(center: Center) -> list[Crumb]:
    """The way down to a page below the ledger."""
    return [Crumb(_("Ledger"), reverse("finance:ledger", kwargs={"center": center.code}))]


def year_crumb(center: Center, year: FiscalYear) -> Crumb:
    return Crumb(
        texts.label(year),
        reverse("finance:ledger_of_year", kwargs={"center": center.code, "year": year}),
    )
