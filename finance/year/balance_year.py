"""The money of one fiscal year, account by account: what was budgeted, expected, settled, and what the ledger says.

Drawn from the balance and the ledger's sums; amounts in whole yen. The ledger has no earlier days: it is left out where
the balance is looked at as known on a day that is past.
"""

from dataclasses import dataclass
from datetime import date

from finance.balance.balance import Balance, Cell, Face, Line, StatementFacts, yen
from finance.balance.totals import SIDE_OF
from finance.ledger import ledger, reconciliation
from finance.ledger.posting import Books
from finance.ledger.reconciliation import LedgerMatch
from finance.models import Statement, TotalOf
from finance.statements import statements
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class BalanceYearRow:
    """A row of T2's layout in one year. `ledger` is None where the year has none or the reader does not see it."""

    line: Line
    budget: Cell
    forecast: Cell
    settled: Cell
    ledger: int | None
    standing: LedgerMatch | None  # of a leaf: how its settled line and its ledger stand to each other

    @property
    def difference(self) -> int | None:
        """Settled less budget."""
        planned, spent = yen(self.budget), yen(self.settled)
        return None if planned is None or spent is None else spent - planned

    @property
    def ledger_difference(self) -> int | None:
        """Ledger less settled."""
        settled = yen(self.settled)
        return None if settled is None or self.ledger is None else self.ledger - settled


@dataclass(frozen=True)
class YearOfMoney:
    """The year's rows, the settled statements behind them, and how its ledger stands."""

    year: FiscalYear
    rows: tuple[BalanceYearRow, ...]
    in_force: dict[Face, StatementFacts]
    has_ledger: bool
    is_closed: bool
    sees_ledger: bool
    statements: tuple[Statement, ...]  # all that the reader may see, drafts included

    @property
    def shows_ledger(self) -> bool:
        return self.has_ledger and self.sees_ledger

    @property
    def differing(self) -> tuple[BalanceYearRow, ...]:
        """Where settlement and ledger differ by more than rounding."""
        return tuple(row for row in self.rows if row.standing is not None and row.standing.is_difference)


def load(
    balance: Balance, year: FiscalYear, *, reader: User, today: date, with_ledger: bool = True
) -> YearOfMoney:
    """The year for its reader, in seven queries at most beside the balance's own."""
    center = balance.center
    books = Books.load(center, today=today)
    sums = ledger.year_sums(center, year)
    sees = with_ledger and ledger.sees(reader, center, year, books.closed)
    has_ledger = any(total.count for total in sums.values())
    compared = reconciliation.load(books, year, sums, known_at=balance.known_at)
    standings = {row.account.pk: row.standing for row in compared.rows} if sees and has_ledger else {}
    rows = tuple(
        BalanceYearRow(
            line=line,
            budget=balance.of_line(line, year, Face.BUDGET),
            forecast=balance.of_line(line, year, Face.FORECAST),
            settled=balance.of_line(line, year, Face.SETTLEMENT),
            ledger=_in_ledger(books, year, sums, line) if sees and has_ledger else None,
            standing=standings.get(line.account.pk) if line.account else None,
        )
        for line in balance.lines([year], Face)
    )
    return YearOfMoney(
        year=year,
        rows=rows,
        in_force={face: found for face in Face if (found := balance.statement(year, face))},
        has_ledger=has_ledger,
        is_closed=year in books.closed,
        sees_ledger=sees,
        statements=tuple(
            row
            for row in statements.visible(reader, center).filter(fiscal_year=year).order_by("pk")
            if _is_known(row, balance.known_at, today)
        ),
    )


def _is_known(row: Statement, day: date, today: date) -> bool:
    """What is on its way is shown today only: how far it was on an earlier day is not kept."""
    return day >= today if row.known_from is None else row.known_from <= day


def _in_ledger(books: Books, year: FiscalYear, sums: ledger.Sums, line: Line) -> int:
    if line.account is not None:
        return ledger.total_of(books, year, sums, line.account).amount
    sides = {of: ledger.of_side(books, sums, side).amount for of, side in SIDE_OF.items()}
    if line.of is TotalOf.BALANCE:
        return sides[TotalOf.REVENUE] - sides[TotalOf.EXPENDITURE]
    return sides[line.of]
