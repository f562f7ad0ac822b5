"""Addresses of the money below a center: /<center>/finance/… The balance itself, which shows occupancy too, is kpi's."""

from django.urls import URLPattern, path

from agreements.consultations import consultation_references
from finance.contributions import views as contribution_views
from finance.imports import views as import_views
from finance.ledger import account_views, closing_views, entry_views
from finance.ledger import views as ledger_views
from finance.statements import consultation_references as statement_consultation_references
from finance.statements import entry_views as statement_entry_views
from finance.statements import views as statement_views

app_name = "finance"
consultation_references.register(statement_consultation_references.budgets)
_STATEMENT = "finance/statements/<fiscal_year:year>/<slug:stage>/<number:revision>/"
_YEAR = "finance/ledger/<fiscal_year:year>/"
_ENTRY = "finance/ledger/entries/<number:number>/"

urlpatterns: list[URLPattern] = [
    # Budgets and settlements
    path("finance/statements/", statement_views.statements, name="statements"),
    path("finance/statements/new/", statement_views.new, name="statement_new"),
    path(_STATEMENT, statement_views.statement, name="statement"),
    path(_STATEMENT + "files/<number:file>/", statement_views.download, name="statement_file"),
    path(_STATEMENT + "entry/", statement_entry_views.entry, name="statement_entry"),
    path(_STATEMENT + "check/", statement_entry_views.check, name="statement_check"),
    path(_STATEMENT + "correct/", statement_views.correct, name="statement_correct"),
    *statement_views.STEPS.paths(_STATEMENT),
    # The ledger; "close", "reopen" and "export" are no codes of accounts (finance.actions.accounts)
    path("finance/ledger/", ledger_views.overview, name="ledger"),
    path("finance/ledger/entries/new/", entry_views.new, name="entry_new"),
    path(_ENTRY, entry_views.entry, name="entry"),
    path(_ENTRY + "reverse/", entry_views.reverse_entry, name="entry_reverse"),
    path(_ENTRY + "correct/", entry_views.correct, name="entry_correct"),
    path(_YEAR, ledger_views.year, name="ledger_of_year"),
    path(_YEAR + "close/", closing_views.close, name="year_close"),
    path(_YEAR + "reopen/", closing_views.reopen, name="year_reopen"),
    path(_YEAR + "export/", ledger_views.export, name="ledger_export"),
    path(_YEAR + "<slug:account>/", ledger_views.account, name="ledger_of_account"),
    # Imports
    path("finance/imports/", import_views.overview, name="imports"),
    path("finance/imports/entries/", import_views.entries, name="import_entries"),
    path("finance/imports/statement/", import_views.statement, name="import_statement"),
    path(
        "finance/imports/templates/<slug:kind>/<slug:ending>/", import_views.template, name="import_template"
    ),
    path("finance/imports/<number:number>/", import_views.table, name="import"),
    path("finance/imports/<number:number>/apply/", import_views.apply, name="import_apply"),
    path("finance/imports/<number:number>/discard/", import_views.discard, name="import_discard"),
    path("finance/imports/<number:number>/undo/", import_views.undo, name="import_undo"),
    path("finance/imports/<number:number>/marked/", import_views.marked, name="import_marked"),
    # Contributions and their limits
    path("finance/contributions/", contribution_views.contributions, name="contributions"),
    # Accounts, for the staff of both sides; "new" is no code (finance.actions.accounts)
    path("finance/accounts/", account_views.accounts, name="accounts"),
    path("finance/accounts/new/", account_views.new, name="account_new"),
    path("finance/accounts/<slug:account>/", account_views.account, name="account"),
]
