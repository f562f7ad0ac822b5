"""Closing a year of the ledger, and reopening it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from finance.ledger import closing_actions as actions
from finance.ledger import ledger, reconciliation, texts
from finance.ledger.entry_forms import ReasonForm
from finance.ledger.posting import Books
from finance.ledger.views import crumbs, year_crumb
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

READS_AND_WRITES = ["GET", "HEAD", "POST"]


@center_view(Right.CLOSE_YEAR)
@require_http_methods(READS_AND_WRITES)
def close(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """Close the year, after a look at what it comes to and at where the settlement differs."""
    refusal = ""
    if request.method == "POST":
        try:
            actions.close_year(center=center, fiscal_year=year, by=person(request), at=clock.now())
        except ValidationError as refused:
            refusal = " ".join(refused.messages)
        else:
            messages.success(request, _("%(year)s is closed.") % {"year": texts.label(year)})
            return redirect("finance:ledger_of_year", center=center.code, year=year)
    books = Books.load(center, today=clock.today())
    sums = ledger.year_sums(center, year)
    compared = reconciliation.load(books, year, sums, known_at=clock.today())
    context = {
        "year": year,
        "finding": texts.year(books, year, sums),
        "compared": texts.compared(compared),
        "differing": compared.differing,
        "can_close": year not in books.closed and year.last_day < clock.today(),
        "refusal": refusal,
        "crumbs": [*crumbs(center), year_crumb(center, year)],
    }
    return render(request, "finance/ledger/close.html", context, status=409 if refusal else 200)


@center_view(Right.REOPEN_YEAR)
@require_http_methods(READS_AND_WRITES)
def reopen(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """Reopen the year, with a reason."""

    def save(form: ReasonForm) -> HttpResponse:
        actions.reopen_year(
            center=center,
            fiscal_year=year,
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(
            request,
            _("%(year)s is open again: entries can be posted and reversed until it is closed.")
            % {"year": texts.label(year)},
        )
        return redirect("finance:ledger_of_year", center=center.code, year=year)

    return form_page(
        request,
        "finance/ledger/reopen.html",
        form=lambda data, _files: ReasonForm(data),
        save=save,
        context=lambda _form: {
            "year": year,
            "can_reopen": year in ledger.closed_years(center),
            "crumbs": [*crumbs(center), year_crumb(center, year)],
        },
    )
