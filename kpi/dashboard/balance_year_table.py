"""One year's money on screen: budget, forecast, settlement and ledger side by side, drawn as ready rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.balance import texts as said
from finance.balance.balance import Amount, Cell, Face, yen
from finance.ledger.reconciliation import Standing
from finance.models import TotalOf
from finance.models.accounts import IN_STATEMENT
from finance.year.balance_year import YearOfMoney, YearRow
from iconm_portal.values.money import MoneyUnit
from kpi.dashboard.balance_table import BalanceGroup, BalanceRow, row_name
from kpi.plans.cells import joined, td

# What to say of the difference; nothing where there is none to speak of.
_WORDS = {
    Standing.EQUAL: "",
    Standing.ROUNDING: gettext_lazy("rounding"),
    Standing.DIFFERS: gettext_lazy("differs"),
    Standing.NOT_STATED: gettext_lazy("not in the statement"),
    Standing.NO_STATEMENT: "",
    Standing.NO_LEDGER: "",
    Standing.NOTHING: "",
}


@dataclass(frozen=True, slots=True)
class YearTable:
    columns: tuple[str, ...]
    groups: tuple[BalanceGroup, ...]

    @property
    def width(self) -> int:
        return 1 + len(self.columns)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which columns the year has figures for, and in which unit."""

    year: YearOfMoney
    unit: MoneyUnit
    addresses: dict[str, str]  # of the accounts' ledger pages, by code

    @property
    def faces(self) -> tuple[Face, ...]:
        """The statements that are there; the settlement's column stands in any case."""
        order = (Face.BUDGET, Face.FORECAST, Face.SETTLEMENT)
        return tuple(face for face in order if face in self.year.in_force or face is Face.SETTLEMENT)

    @property
    def is_compared(self) -> bool:
        return {Face.BUDGET, Face.SETTLEMENT} <= set(self.year.in_force)


def year_table(shown: Shown) -> YearTable:
    """The rows of T2 for the one year; a column only where there is something to show."""
    columns = [said.column_name(face, shown.year.in_force.get(face)) for face in shown.faces]
    if shown.is_compared:
        columns += [_("Difference"), _("Execution rate")]
    if shown.year.shows_ledger:
        columns += [_("Ledger"), _("Ledger less settlement")]
    rows = shown.year.rows
    groups = [
        BalanceGroup(
            str(side.label), tuple(_rows(shown, columns, [row for row in rows if row.line.side == side]))
        )
        for side in IN_STATEMENT
    ]
    last = BalanceGroup("", tuple(_rows(shown, columns, [row for row in rows if row.line.side is None])))
    return YearTable(tuple(columns), (*groups, last))


def _rows(shown: Shown, columns: list[str], rows: list[YearRow]) -> Iterator[BalanceRow]:
    group = None
    for row in rows:
        line = row.line
        if line.group is not group and line.group is not None:
            blank = format_html('<td colspan="{}"></td>', len(columns))
            yield BalanceRow(line.group.name, True, f"depth-{line.depth} shared", blank)
        group = line.group
        css = "total" if line.is_total else f"depth-{min(line.depth + (group is not None), 3)}"
        anchor = line.account.code if line.account else str(line.of)
        yield BalanceRow(row_name(line), not line.is_total, css, _cells(shown, columns, row), anchor)


def _cells(shown: Shown, columns: list[str], row: YearRow) -> SafeString:
    of = {Face.BUDGET: row.budget, Face.FORECAST: row.forecast, Face.SETTLEMENT: row.settled}
    contents = [_figure(of[face], shown.unit) for face in shown.faces]
    if shown.is_compared:
        contents.append(_plain(row.difference, shown.unit))
        has_rate = row.line.of is not TotalOf.BALANCE
        contents.append(said.rate_text(yen(row.budget), yen(row.settled)) if has_rate else "")
    if shown.year.shows_ledger:
        contents += [_ledger(shown, row), _ledger_difference(shown, row)]
    return joined(
        [td("num", escape(label), content) for label, content in zip(columns, contents, strict=True)]
    )


def _figure(cell: Cell, unit: MoneyUnit) -> str:
    text = said.cell_text(cell, unit)
    if isinstance(cell, Amount) and cell.computed is not None and cell.computed != cell.yen:
        computed = _("computed %(amount)s") % {"amount": said.figure(cell.computed, unit)}
        return f'{text}<span class="sub">{escape(computed)}</span>'
    return text


def _plain(amount: int | None, unit: MoneyUnit) -> str:
    return "" if amount is None else said.figure(amount, unit)


def _ledger(shown: Shown, row: YearRow) -> str:
    text = _plain(row.ledger, shown.unit)
    url = shown.addresses.get(row.line.account.code) if row.line.account else None
    return f'<a class="figure-link" href="{escape(url)}">{text}</a>' if url and text else text


def _ledger_difference(shown: Shown, row: YearRow) -> str:
    text = _plain(row.ledger_difference, shown.unit)
    word = str(_WORDS[row.standing]) if row.standing else ""
    css = "sub warning" if row.standing and row.standing.is_difference else "sub"
    return f'{text}<span class="{css}">{escape(word)}</span>' if word else text
