"""What the ledger's pages say first, in words."""

from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from finance.ledger import ledger
from finance.ledger.ledger import Sums, Total
from finance.ledger.ledger_table import LedgerTable
from finance.ledger.posting import Books
from finance.ledger.reconciliation import LedgerMatch, Reconciliation, ReconciliationRow
from finance.models import Account, Entry, Side
from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number


def label(year: FiscalYear) -> str:
    return template_tags.fiscal_year(year)


def overview(table: LedgerTable) -> str:
    """What the latest year with a ledger that the reader sees comes to."""
    for head, totals in zip(table.years, table.totals, strict=True):
        if totals.revenue is not None and totals.expenditure is not None and totals.count is not None:
            return _year(head.year, totals.revenue, totals.expenditure, totals.count)
    if any(head.has_ledger for head in table.years):
        return _("The years shown are still open: their sums are the operator's own until they are closed.")
    return _("None of the years shown has a ledger.")


def year(books: Books, year: FiscalYear, sums: Sums) -> str:
    """What a year comes to."""
    if not sums:
        return _("%(year)s has no ledger.") % {"year": label(year)}
    return _year(
        year,
        ledger.of_side(books, sums, Side.REVENUE).amount,
        ledger.of_side(books, sums, Side.EXPENDITURE).amount,
        sum(sums.values(), Total()).count,
    )


def _year(year: FiscalYear, revenue: int, expenditure: int, count: int) -> str:
    return ngettext(
        "%(year)s: revenue %(revenue)s yen, expenditure %(expenditure)s yen, balance %(balance)s yen (%(count)s entry).",
        "%(year)s: revenue %(revenue)s yen, expenditure %(expenditure)s yen, balance %(balance)s yen (%(count)s entries).",
        count,
    ) % {
        "year": label(year),
        "revenue": format_number(revenue),
        "expenditure": format_number(expenditure),
        "balance": format_number(revenue - expenditure),
        "count": format_number(count),
    }


def account(books: Books, year: FiscalYear, sums: Sums, account: Account) -> str:
    """What an account comes to in a year."""
    if not sums:
        return _("%(year)s has no ledger.") % {"year": label(year)}
    total = ledger.total_of(books, year, sums, account)
    return ngettext(
        "%(year)s: %(amount)s yen (%(count)s entry).",
        "%(year)s: %(amount)s yen (%(count)s entries).",
        total.count,
    ) % {"year": label(year), "amount": format_number(total.amount), "count": format_number(total.count)}


def compared(found: Reconciliation) -> str:
    """How statement and ledger of a year stand to each other; empty where there is nothing to compare."""
    if not found.has_ledger:
        return ""
    if found.statement is None:
        return _("No settlement of this year is settled yet, so there is nothing to compare the ledger with.")
    if not found.differing:
        return _("The ledger agrees with the settlement.")
    return ngettext(
        "The ledger differs from the settlement in %(count)s account.",
        "The ledger differs from the settlement in %(count)s accounts.",
        len(found.differing),
    ) % {"count": len(found.differing)}


def compared_account(found: Reconciliation, account: Account) -> str:
    """The same for one account."""
    row = found.row(account)
    if row is None or not found.has_ledger:
        return ""
    words = {"stated": format_number(row.statement or 0), "difference": format_number(row.difference or 0)}
    match row.standing:
        case LedgerMatch.NO_STATEMENT:
            return _(
                "No settlement of this year is settled yet, so there is nothing to compare the ledger with."
            )
        case LedgerMatch.NOT_STATED:
            return _("The settlement has no line for this account.")
        case LedgerMatch.EQUAL:
            return _("The settlement says the same.")
        case LedgerMatch.ROUNDING:
            return (
                _("The settlement says %(stated)s yen; the difference of %(difference)s yen is rounding.")
                % words
            )
        case LedgerMatch.DIFFERS:
            return (
                _("The settlement says %(stated)s yen; the ledger differs from it by %(difference)s yen.")
                % words
            )
        case LedgerMatch.NO_LEDGER | LedgerMatch.NOTHING:
            return ""
        case _:
            assert_never(row.standing)


def compared_chip(row: ReconciliationRow | None) -> SafeString | str:
    """How an account's statement and ledger stand, as a chip; empty where nothing is to be said."""
    if row is None:
        return ""
    match row.standing:
        case LedgerMatch.EQUAL:
            return template_tags.chip("met", _("agrees"))
        case LedgerMatch.ROUNDING:
            return template_tags.chip("neutral", _("rounding"))
        case LedgerMatch.DIFFERS:
            return template_tags.chip("not-met", _("differs"))
        case LedgerMatch.NOT_STATED:
            return template_tags.chip("not-met", _("not in the settlement"))
        case LedgerMatch.NO_STATEMENT | LedgerMatch.NO_LEDGER | LedgerMatch.NOTHING:
            return ""
        case _:
            assert_never(row.standing)


def posted(entry: Entry) -> str:
    """What to say when a line was posted."""
    return _("Entry no. %(number)s was posted: %(account)s, %(amount)s yen.") % {
        "number": entry.pk,
        "account": entry.account.name,
        "amount": format_number(entry.amount),
    }


def number(entry: Entry) -> str:
    return pgettext("ledger", "No. %(number)s") % {"number": entry.pk}


def entry_chip(entry: Entry, *, is_reversed: bool) -> SafeString | str:
    """What a line is among red and black ones; empty for a usual one."""
    if entry.reverses_id is not None:
        return template_tags.chip("not-met", _("red: reversal"))
    if is_reversed:
        return template_tags.chip("neutral", _("reversed"))
    if entry.is_reduction:
        return template_tags.chip("interim", pgettext("ledger", "reduction"))
    if entry.corrects_id is not None:
        return template_tags.chip("neutral", _("black: correction"))
    return ""


def entry(found: Entry, reversal: Entry | None) -> str:
    """What became of an entry, in a sentence; empty for a usual one."""
    if found.reverses_id is not None:
        return _("A red entry: it takes no. %(number)s back.") % {"number": found.reverses_id}
    if reversal is not None:
        return _("This entry was taken back by no. %(number)s and counts no more.") % {"number": reversal.pk}
    if found.corrects_id is not None:
        return _("A black entry: it stands in the place of no. %(number)s.") % {"number": found.corrects_id}
    if found.is_reduction:
        return _("A reduction (refund, adjustment): it lessens the account, and takes no other entry back.")
    return ""
