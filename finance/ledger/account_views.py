"""科目 for the staff of both sides: the tree of a center, a new account, and one account to rename or end."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from finance.accounts import actions
from finance.accounts.forms import AccountForm
from finance.ledger import ledger
from finance.ledger.posting import Books
from finance.models import Account
from iconm_portal.forms.form_page import Files, Make, form_page
from iconm_portal.history import texts as changes
from iconm_portal.models import Center, HistoryEvent
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

READS_AND_WRITES = ["GET", "HEAD", "POST"]
LATEST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the tree."""

    account: Account
    depth: int
    years: str
    is_sum: bool
    has_ended: bool


@dataclass(frozen=True, slots=True)
class Event:
    """A step of the account's history, in words."""

    event: HistoryEvent
    verb: str
    changes: list[changes.Change]


@center_view(Right.PREPARE)
@require_safe
def accounts(request: HttpRequest, center: Center) -> HttpResponse:
    """All accounts of the center, each above what stands under or in it."""
    books = Books.load(center, today=clock.today())
    year = FiscalYear.of(clock.today())
    rows = [
        AccountRow(
            account,
            depth,
            actions.years_text(account),
            books.is_sum(account, year),
            account.last_year is not None and account.last_year < year,
        )
        for account, depth in ledger.tree(books)
    ]
    return render(request, "finance/accounts/list.html", {"rows": rows, "crumbs": _crumbs(center)[:1]})


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Add an account."""

    def save(form: AccountForm) -> HttpResponse:
        actions.add_account(
            center=center, code=form.cleaned_data["code"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The account is added."))
        return redirect("finance:accounts", center=center.code)

    return _page(request, center, lambda data, _files: AccountForm(data, center=center), save)


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def account(request: HttpRequest, center: Center, account: str) -> HttpResponse:
    """Rename or end an account; where it stands changes only while nothing rests on it."""
    found = _found(center, account)

    def form(data: QueryDict | None, _files: Files | None) -> AccountForm:
        return AccountForm(data, center=center, account=_found(center, account))

    def save(form: AccountForm) -> HttpResponse:
        actions.change_account(
            account=found, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return redirect("finance:accounts", center=center.code)

    return _page(request, center, form, save)


def _page(
    request: HttpRequest,
    center: Center,
    form: Make[AccountForm],
    save: Callable[[AccountForm], HttpResponse],
) -> HttpResponse:
    return form_page(
        request,
        "finance/accounts/account.html",
        form=form,
        save=save,
        context=lambda form: {
            "account": form.account,
            "used": actions.used_years(form.account) if form.account else [],
            "events": _events(form.account) if form.account else [],
            "crumbs": _crumbs(center),
        },
    )


def _events(found: Account) -> list[Event]:
    """The latest steps of the account's history."""
    events = HistoryEvent.objects.filter(subject=found.history_key()).order_by("-at", "-pk")[:LATEST_EVENTS]
    return [Event(event, changes.verb(event), changes.changes(event)) for event in events]


def _found(center: Center, code: str) -> Account:
    rows = Account.objects.select_related("center", "parent", "within", "measure")
    return get_object_or_404(rows, center=center, code=code)


def _crumbs(center: Center) -> list[Crumb]:
    at = {"center": center.code}
    return [
        Crumb(_("Master data"), reverse("agreements:master", kwargs=at)),
        Crumb(pgettext("money", "Accounts"), reverse("finance:accounts", kwargs=at)),
    ]
