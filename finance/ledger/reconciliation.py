"""A statement beside its ledger: by how much they differ and where, account by account. Whole yen.

A statement recorded in 千円 may differ from its ledger by half of it: that is rounding. A year without entries has
nothing to be compared with: 「台帳なし」.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from finance.ledger import ledger
from finance.ledger.posting import Books
from finance.models import Account, Stage, Statement, StatementLine
from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear


class LedgerMatch(StrEnum):
    """How an account's statement and ledger stand to each other."""

    EQUAL = "equal"
    ROUNDING = "rounding"
    DIFFERS = "differs"
    NOT_STATED = "not_stated"  # entries, but no line in the statement
    NO_STATEMENT = "no_statement"
    NO_LEDGER = "no_ledger"  # 台帳なし: the year has no entries at all
    NOTHING = "nothing"  # neither a line nor an entry

    @property
    def is_difference(self) -> bool:
        """Whether more than rounding lies between the two."""
        match self:
            case LedgerMatch.DIFFERS | LedgerMatch.NOT_STATED:
                return True
            case (
                LedgerMatch.EQUAL
                | LedgerMatch.ROUNDING
                | LedgerMatch.NO_STATEMENT
                | LedgerMatch.NO_LEDGER
                | LedgerMatch.NOTHING
            ):
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class ReconciliationRow:
    """An account that takes lines and entries in the year. `ledger` is None where the year has no ledger."""

    account: Account
    statement: int | None
    ledger: int | None
    standing: LedgerMatch

    @property
    def difference(self) -> int | None:
        """Ledger less statement; None where one of them is missing."""
        if self.statement is None or self.ledger is None:
            return None
        return self.ledger - self.statement


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A year's statement against its ledger. `statement` is None where none is settled."""

    fiscal_year: FiscalYear
    statement: Statement | None
    has_ledger: bool
    rows: Sequence[ReconciliationRow]

    @property
    def differing(self) -> list[ReconciliationRow]:
        """Where more than rounding lies between them."""
        return [row for row in self.rows if row.standing.is_difference]

    @property
    def is_whole(self) -> bool:
        """Whether both are there and nowhere differ by more than rounding."""
        return self.statement is not None and self.has_ledger and not self.differing

    def row(self, account: Account) -> ReconciliationRow | None:
        return next((row for row in self.rows if row.account.pk == account.pk), None)


def settled_statement(center: Center, year: FiscalYear, *, known_at: date) -> Statement | None:
    """The settlement in force as known at the end of the day: the highest accepted revision."""
    found = Statement.objects.filter(
        center=center,
        fiscal_year=year,
        stage=Stage.SETTLEMENT,
        state=ReviewState.ACCEPTED,
        known_from__lte=known_at,
    )
    return found.order_by("-revision").first()


def load(books: Books, year: FiscalYear, sums: ledger.Sums, *, known_at: date) -> Reconciliation:
    """The settled statement of the year against the ledger's sums as they stand; two queries."""
    statement = settled_statement(books.center, year, known_at=known_at)
    return of_statement(books, year, sums, statement)


def of_statement(
    books: Books, year: FiscalYear, sums: ledger.Sums, statement: Statement | None
) -> Reconciliation:
    """Any statement of the year, also one that is not settled, against the ledger's sums; one query."""
    stated: dict[int, int] = {}
    if statement is not None:
        lines = StatementLine.objects.filter(statement=statement).order_by()
        stated = dict(lines.values_list("account_id", "amount"))
    has_ledger = any(total.count for total in sums.values())
    step = statement.unit.unit.yen if statement is not None else 1
    rows = [
        _row(
            row.account, stated.get(row.account.pk), row.total.amount if has_ledger else None, statement, step
        )
        for row in ledger.rows(books, year, sums)
        if not row.is_sum and not row.is_part and row.account.side.is_in_statement
    ]
    return Reconciliation(year, statement, has_ledger, rows)


def _row(
    account: Account, stated: int | None, kept: int | None, statement: Statement | None, step: int
) -> ReconciliationRow:
    return ReconciliationRow(account, stated, kept, _standing(stated, kept, statement, step))


def _standing(stated: int | None, kept: int | None, statement: Statement | None, step: int) -> LedgerMatch:
    if kept is None:
        return LedgerMatch.NO_LEDGER
    if statement is None:
        return LedgerMatch.NO_STATEMENT
    if stated is None:
        return LedgerMatch.NOT_STATED if kept else LedgerMatch.NOTHING
    if stated == kept:
        return LedgerMatch.EQUAL
    return LedgerMatch.ROUNDING if abs(kept - stated) * 2 <= step else LedgerMatch.DIFFERS
