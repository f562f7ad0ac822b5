"""How one year's money is said: what came of it, and how its ledger stands to the settlement."""

from django.utils.translation import gettext as _

from finance.balance.balance import Cell, Face, yen
from finance.balance.texts import TOTALS, column_name, joined, list_sign, money, rate_text
from finance.models import TotalOf
from finance.year.balance_year import BalanceYearRow, YearOfMoney
from iconm_portal.values.money import MoneyUnit


def year_finding(of_year: YearOfMoney, unit: MoneyUnit, *, is_past: bool = False) -> str:
    """The year's result: settled, before that expected, before that budgeted; and how much of the budget was used."""
    face = next((face for face in _FIRST if face in of_year.in_force), None)
    if face is None and is_past:
        return _("No budget and no settlement of this fiscal year was known on that day.")
    if face is None:
        return _("No budget and no settlement is known for this fiscal year.")
    cells = {row.line.of: _of(row, face) for row in of_year.rows if row.line.is_total}
    revenue, expenditure, left = (yen(cells[of]) for of in TOTALS)
    words = {"stage": column_name(face, of_year.in_force[face])}
    parts = []
    if revenue is not None and expenditure is not None and left is not None:
        words |= {
            "revenue": money(revenue, unit),
            "expenditure": money(expenditure, unit),
            "balance": money(left, unit),
        }
        parts.append(
            _("%(stage)s: revenue %(revenue)s, expenditure %(expenditure)s, balance %(balance)s.") % words
        )
    spent = next((row for row in of_year.rows if row.line.of is TotalOf.EXPENDITURE), None)
    if spent and (rate := rate_text(yen(spent.budget), yen(spent.settled))):
        parts.append(_("%(rate)s of the budgeted expenditure was used.") % {"rate": rate})
    return joined(parts)


_FIRST = (Face.SETTLEMENT, Face.FORECAST, Face.BUDGET)


def _of(row: BalanceYearRow, face: Face) -> Cell:
    return {Face.SETTLEMENT: row.settled, Face.FORECAST: row.forecast, Face.BUDGET: row.budget}[face]


def ledger_in_words(of_year: YearOfMoney, unit: MoneyUnit) -> str:
    """How the ledger stands to the settlement; 「台帳なし」 where the year has none."""
    if not of_year.has_ledger:
        return _("No ledger is kept for this year.")
    if not of_year.sees_ledger:
        return _("The year's ledger is not closed yet; its sums are the foundation's own until then.")
    if Face.SETTLEMENT not in of_year.in_force:
        return _("The ledger is kept; no settlement is known to compare it with.")
    if not of_year.differing:
        return _("Settlement and ledger agree, apart from rounding.")
    told = [
        _("%(account)s: %(difference)s")
        % {
            "account": row.line.account.name if row.line.account else "",
            "difference": money(row.ledger_difference or row.ledger or 0, unit),
        }
        for row in of_year.differing
    ]
    return _("The ledger differs from the settlement: %(accounts)s.") % {"accounts": list_sign().join(told)}
