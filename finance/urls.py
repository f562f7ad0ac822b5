"""Addresses of the money below a center: /<center>/finance/… The balance itself, which shows occupancy too, is kpi's."""

from django.urls import URLPattern, path

from agreements import citations
from finance import cited
from finance.views import (
    accounts,
    closings,
    contributions,
    entries,
    imports,
    ledger,
    statement_entry,
    statement_steps,
    statements,
)

app_name = "finance"
citations.register(cited.budgets)
_STATEMENT = "finance/statements/<fiscal_year:year>/<slug:stage>/<number:revision>/"
_YEAR = "finance/ledger/<fiscal_year:year>/"
_ENTRY = "finance/ledger/entries/<number:number>/"

urlpatterns: list[URLPattern] = [
    # Budgets and settlements
    path("finance/statements/", statements.statements, name="statements"),
    path("finance/statements/new/", statements.new, name="statement_new"),
    path(_STATEMENT, statements.statement, name="statement"),
    path(_STATEMENT + "files/<number:file>/", statements.download, name="statement_file"),
    path(_STATEMENT + "entry/", statement_entry.entry, name="statement_entry"),
    path(_STATEMENT + "check/", statement_entry.check, name="statement_check"),
    path(_STATEMENT + "submit/", statement_steps.submit, name="statement_submit"),
    path(_STATEMENT + "take-back/", statement_steps.take_back, name="statement_take_back"),
    path(_STATEMENT + "decide/", statement_steps.decide, name="statement_decide"),
    path(_STATEMENT + "discard/", statement_steps.discard, name="statement_discard"),
    path(_STATEMENT + "correct/", statement_steps.correct, name="statement_correct"),
    path(_STATEMENT + "open/", statement_steps.open_review, name="statement_open"),
    path(_STATEMENT + "return/", statement_steps.send_back, name="statement_return"),
    path(_STATEMENT + "accept/", statement_steps.accept, name="statement_accept"),
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
    # Accounts, for administrators; "new" is no code (finance.actions.accounts)
    path("finance/accounts/", accounts.accounts, name="accounts"),
    path("finance/accounts/new/", accounts.new, name="account_new"),
    path("finance/accounts/<slug:account>/", accounts.account, name="account"),
]
