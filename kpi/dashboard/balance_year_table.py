"""One year's money on screen: budget, forecast, settlement and ledger side by side, drawn as ready rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.balance import texts
from finance.balance.balance import Amount, Cell, Face, yen
from finance.ledger.reconciliation import LedgerMatch
from finance.models import TotalOf
from finance.models.accounts import IN_STATEMENT
from finance.year.balance_year import BalanceYearRow, YearOfMoney
from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, PageCell
from iconm_portal.values.money import MoneyUnit
from kpi.dashboard.balance_table import BalanceGroup, BalanceRow, row_name

# What to say of the difference; nothing where there is none to speak of.
_WORDS = {
    LedgerMatch.EQUAL: "",
    LedgerMatch.ROUNDING: gettext_lazy("rounding"),
    LedgerMatch.DIFFERS: gettext_lazy("differs"),
    LedgerMatch.NOT_STATED: gettext_lazy("not in the statement"),
    LedgerMatch.NO_STATEMENT: "",
    LedgerMatch.NO_LEDGER: "",
    LedgerMatch.NOTHING: "",
}


_OF: dict[Face, Callable[[BalanceYearRow], Cell]] = {
    Face.BUDGET: lambda row: row.budget,
    Face.FORECAST: lambda row: row.forecast,
    Face.SETTLEMENT: lambda row: row.settled,
}


@dataclass(frozen=True, slots=True)
class YearTable:
    columns: tuple[str, ...]
    groups: tuple[BalanceGroup, ...]

    @property
    def width(self) -> int:
        return 1 + len(self.columns)


@dataclass(frozen=True, slots=True)
class YearColumns:
    """Which columns the year has figures for, and in which unit."""

    year: YearOfMoney
    unit: MoneyUnit
    addresses: dict[str, str]  # of the accounts' ledger pages, by code

    @property
    def faces(self) -> tuple[Face, ...]:
        """The statements that are there; the settlement's column stands in any case."""
        return tuple(face for face in _OF if face in self.year.in_force or face is Face.SETTLEMENT)

    @property
    def is_compared(self) -> bool:
        return {Face.BUDGET, Face.SETTLEMENT} <= set(self.year.in_force)


def year_table(shown: YearColumns) -> YearTable:
    """The rows of T2 for the one year; a column only where there is something to show."""
    table = PageTable(_columns(shown))
    rows = shown.year.rows
    groups = [
        BalanceGroup(
            str(side.label) if side else "",
            tuple(_rows(table, [row for row in rows if row.line.side == side])),
        )
        for side in (*IN_STATEMENT, None)
    ]
    return YearTable(tuple(column.label for column in table.columns), tuple(groups))


def _columns(shown: YearColumns) -> Iterator[Column[BalanceYearRow]]:
    unit = shown.unit
    for face in shown.faces:
        name = texts.column_name(face, shown.year.in_force.get(face))
        yield _column(name, partial(_figure, _OF[face], unit))
    if shown.is_compared:
        yield _column(_("Difference"), lambda row: _plain(row.difference, unit))
        yield _column(_("Rate of the budget"), partial(_rate, unit))
    if shown.year.shows_ledger:
        yield _column(_("Ledger"), lambda row: _ledger(shown, row))
        yield _column(_("Ledger less settlement"), lambda row: _ledger_difference(shown, row))


def _column(label: str, content: Callable[[BalanceYearRow], str]) -> Column[BalanceYearRow]:
    return Column(label=label, html=lambda row: PageCell(content(row), "num"))


def _rows(table: PageTable[BalanceYearRow], rows: list[BalanceYearRow]) -> Iterator[BalanceRow]:
    group = None
    for row in rows:
        line = row.line
        if line.group is not group and line.group is not None:
            blank = format_html('<td colspan="{}"></td>', table.width)
            yield BalanceRow(line.group.name, True, f"depth-{line.depth} shared", blank)
        group = line.group
        css = "total" if line.is_total else f"depth-{min(line.depth + (group is not None), 3)}"
        anchor = line.account.code if line.account else str(line.of)
        yield BalanceRow(row_name(line), not line.is_total, css, table.cells(row), anchor)


def _rate(unit: MoneyUnit, row: BalanceYearRow) -> str:
    return "" if row.line.of is TotalOf.BALANCE else texts.rate_text(yen(row.budget), yen(row.settled), unit)


def _figure(of: Callable[[BalanceYearRow], Cell], unit: MoneyUnit, row: BalanceYearRow) -> str:
    cell = of(row)
    text = texts.cell_text(cell, unit)
    if isinstance(cell, Amount) and cell.computed is not None and cell.computed != cell.yen:
        computed = _("computed %(amount)s") % {"amount": texts.figure(cell.computed, unit)}
        return f'{text}<span class="sub">{escape(computed)}</span>'
    return text


def _plain(amount: int | None, unit: MoneyUnit) -> str:
    return "" if amount is None else texts.figure(amount, unit)


def _ledger(shown: YearColumns, row: BalanceYearRow) -> str:
    text = _plain(row.ledger, shown.unit)
    url = shown.addresses.get(row.line.account.code) if row.line.account else None
    return f'<a class="figure-link" href="{escape(url)}">{text}</a>' if url and text else text


def _ledger_difference(shown: YearColumns, row: BalanceYearRow) -> str:
    text = _plain(row.ledger_difference, shown.unit)
    word = str(_WORDS[row.standing]) if row.standing else ""
    css = "sub warning" if row.standing and row.standing.is_difference else "sub"
    return f'{text}<span class="{css}">{escape(word)}</span>' if word else text
