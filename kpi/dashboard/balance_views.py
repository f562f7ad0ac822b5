"""The balance over the years (T2), and the money of one year."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.balance import balance as money
from finance.balance import charts, texts
from finance.balance.balance import Balance, Face
from finance.statements import texts as statement_texts
from finance.year import balance_year
from finance.year import texts as year_texts
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values.clock import today
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard.balance_filters import BalanceFilter, UnitFilter
from kpi.dashboard.balance_table import Drawing, balance_table
from kpi.dashboard.balance_year_table import YearColumns, year_table
from kpi.indicators.occupancy import occupancy, rates
from kpi.plans import scorecard
from kpi.plans import texts as plan_texts
from kpi.plans.filters import AsKnownOn


@center_view(Right.SEE_SETTLED)
@require_safe
def balance(request: HttpRequest, center: Center) -> HttpResponse:
    """Revenue, expenditure and balance by fiscal year, with the occupancy above them, as known on a day."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day = as_known_on.day
    found = money.load(center, known_at=day)
    board = scorecard.load(center, known_at=day)
    choice = BalanceFilter(request.GET, balance=found)
    years, unit = choice.years, choice.money_unit
    drawing = Drawing(found, years, choice.face, choice.is_compared, unit, as_known_on.addresses(center.code))
    context: dict[str, Any] = {
        "as_known_on": as_known_on,
        "day": day,
        "choice": choice,
        "unit": unit,
        "lacks_accounts": not found.accounts,
        "finding": texts.finding(found, years, choice.face, unit),
        "table": balance_table(drawing, occupancy(board)) if years else None,
        "wrong": texts.wrong_totals(found, years, choice.faces, unit),
        "notes": texts.notes(found, years, choice.faces),
        "charts": charts.charts(
            found,
            years,
            choice.face,
            {year: rate.actual for year, rate in rates(board).items() if rate.actual is not None},
        ),
    }
    return render(request, "kpi/dashboard/balance.html", context)


@center_view(Right.SEE_SETTLED)
@require_safe
def year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """One year's money by account, with its statements and its ledger."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day, to = as_known_on.day, as_known_on.addresses(center.code)
    found = money.load(center, known_at=day)
    choice = UnitFilter(request.GET)
    of_year = balance_year.load(
        found, year, reader=person(request), today=today(), with_ledger=not as_known_on.is_past
    )
    before, after = found.neighbours(year)
    context: dict[str, Any] = {
        "as_known_on": as_known_on,
        "day": day,
        "year": year,
        "choice": choice,
        "unit": choice.money_unit,
        "crumbs": [Crumb(_("Revenue and expenditure"), to.balance())],
        "before": Crumb(plan_texts.year_label(before), to.balance_year(before)) if before else None,
        "after": Crumb(plan_texts.year_label(after), to.balance_year(after)) if after else None,
        "finding": year_texts.year_finding(of_year, choice.money_unit, is_past=as_known_on.is_past),
        "wrong": texts.wrong_totals(found, [year], Face, choice.money_unit),
        "ledger": year_texts.ledger_in_words(of_year, choice.money_unit),
        "table": year_table(YearColumns(of_year, choice.money_unit, _ledger_pages(found, year)))
        if of_year.in_force or of_year.shows_ledger
        else None,
        "notes": texts.notes(found, [year], Face),
        "statements": [
            (statement, statement_texts.name_in_year(statement), statement_texts.chip(statement))
            for statement in of_year.statements
        ],
        "in_force": {statement.id for statement in of_year.in_force.values()},
    }
    return render(request, "kpi/dashboard/balance_year.html", context)


def _ledger_pages(found: Balance, year: FiscalYear) -> dict[str, str]:
    """The address of each account's entries in the year, by code."""
    at = {"center": found.center.code, "year": year}
    return {
        account.code: reverse("finance:ledger_of_account", kwargs={**at, "account": account.code})
        for account in found.accounts
        if not found.tree(year).is_sum(account)
    }
