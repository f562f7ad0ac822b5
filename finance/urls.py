"""Addresses of the money below a center: /<center>/finance/… The balance itself, which shows occupancy too, is kpi's."""

from django.urls import URLPattern, path

from finance.views import closings, contributions, entries, imports, ledger

app_name = "finance"
_YEAR = "finance/ledger/<fiscal_year:year>/"
_ENTRY = "finance/ledger/entries/<number:number>/"

urlpatterns: list[URLPattern] = [
    # Statements: budgets and settlements
    # The ledger; "close", "reopen" and "export" are no codes of accounts (finance.actions.accounts)
    path("finance/ledger/", ledger.overview, name="ledger"),
    path("finance/ledger/entries/new/", entries.new, name="entry_new"),
    path(_ENTRY, entries.entry, name="entry"),
    path(_ENTRY + "reverse/", entries.reverse_entry, name="entry_reverse"),
    path(_ENTRY + "correct/", entries.correct, name="entry_correct"),
    path(_YEAR, ledger.year, name="ledger_of_year"),
    path(_YEAR + "close/", closings.close, name="year_close"),
    path(_YEAR + "reopen/", closings.reopen, name="year_reopen"),
    path(_YEAR + "export/", ledger.export, name="ledger_export"),
    path(_YEAR + "<slug:account>/", ledger.account, name="ledger_of_account"),
    # Imports
    path("finance/imports/", imports.overview, name="imports"),
    path("finance/imports/entries/", imports.entries, name="import_entries"),
    path("finance/imports/statement/", imports.statement, name="import_statement"),
    path("finance/imports/templates/<slug:kind>/<slug:ending>/", imports.template, name="import_template"),
    path("finance/imports/<number:number>/", imports.table, name="import"),
    path("finance/imports/<number:number>/apply/", imports.apply, name="import_apply"),
    path("finance/imports/<number:number>/discard/", imports.discard, name="import_discard"),
    # Contributions and their limits
    path("finance/contributions/", contributions.contributions, name="contributions"),
    # Accounts, for administrators
]
