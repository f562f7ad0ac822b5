"""The ledger's sums as rows: years side by side, a year beside its statement, an account with what is below it; CSV.

Pure: the read models in, rows out. Whole yen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from finance.ledger import ledger
from finance.ledger.ledger import AccountSums, Deposits, Sums, Total
from finance.ledger.posting import Books
from finance.models import Account, Entry, Side
from iconm_portal.display.sheets import Column
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear


def kind_of(entry: Entry) -> str | None:
    """What tells the lines with a sign apart in a file: 取消 takes another line back, 減額 (refund, adjustment) none."""
    if entry.reverses_id is not None:
        return "取消"
    kinds = ("訂正" * (entry.corrects_id is not None), "減額" * entry.is_reduction)
    return "・".join(filter(None, kinds)) or None


CSV_COLUMNS: Final[Sequence[Column[Entry]]] = (
    Column("No.", "number", lambda entry: entry.pk),
    Column("年度", "number", lambda entry: entry.fiscal_year.start),
    Column("日付", "date", lambda entry: entry.date),
    Column("科目コード", "text", lambda entry: entry.account.code),
    Column("科目", "text", lambda entry: entry.account.name),
    Column("内数コード", "text", lambda entry: entry.part.code if entry.part else None),
    Column("内数", "text", lambda entry: entry.part.name if entry.part else None),
    Column("金額（円）", "number", lambda entry: entry.amount),
    Column("相手方", "text", lambda entry: entry.counterparty or None),
    Column("摘要", "text", lambda entry: entry.description),
    Column("証憑番号", "text", lambda entry: entry.voucher or None),
    Column("種別", "text", lambda entry: kind_of(entry)),
    Column("取消の対象No.", "number", lambda entry: entry.reverses_id),
    Column("訂正の対象No.", "number", lambda entry: entry.corrects_id),
    Column("理由", "text", lambda entry: entry.reason or None),
    Column("記録日時", "datetime", lambda entry: entry.recorded_at),
    Column("記録者", "text", lambda entry: entry.recorded_by.name if entry.recorded_by else entry.source),
)


@dataclass(frozen=True, slots=True)
class YearHead:
    """A year at the head of a column. `sees`: whether the reader sees its sums."""

    year: FiscalYear
    has_ledger: bool
    is_closed: bool
    sees: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """An account in a year; `amount` is None where the year has no ledger or the reader does not see it."""

    year: FiscalYear
    holds: bool
    amount: int | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account through the years."""

    account: Account
    depth: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class YearTotals:
    """What the entries of a year come to; None where the year has no ledger or the reader does not see it."""

    revenue: int | None
    expenditure: int | None
    deposits: Deposits | None
    count: int | None

    @property
    def held(self) -> int | None:
        """預かり保証金 at the year's end."""
        return self.deposits.held if self.deposits else None

    @property
    def balance(self) -> int | None:
        return None if self.revenue is None or self.expenditure is None else self.revenue - self.expenditure


@dataclass(frozen=True)
class LedgerTable:
    """Years side by side, the latest first. Deposits stand apart: they are in no statement."""

    years: Sequence[YearHead]
    in_statement: Sequence[AccountLine]
    deposits: Sequence[AccountLine]
    totals: Sequence[YearTotals]


def build(
    books: Books,
    by_year: Mapping[FiscalYear, Sums],
    years: Sequence[FiscalYear],
    *,
    user: User,
) -> LedgerTable:
    """The table of these years as the person sees it."""

    def sees(year: FiscalYear) -> bool:
        return ledger.sees(user, books.center, year, books.closed)

    heads = [YearHead(year, year in by_year, year in books.closed, sees(year)) for year in years]
    shown = {head.year: by_year[head.year] for head in heads if head.has_ledger and head.sees}
    lines = [
        AccountLine(account, depth, [_cell(books, shown, year, account) for year in years])
        for account, depth in ledger.tree(books)
        if any(account.is_valid_in(year) for year in years)
    ]
    totals = [
        _totals(books, by_year, year, shown, sees_all=all(sees(one) for one in by_year if one <= year))
        for year in years
    ]
    return LedgerTable(
        heads,
        [line for line in lines if line.account.side.is_in_statement],
        [line for line in lines if not line.account.side.is_in_statement],
        totals,
    )


def _cell(books: Books, shown: Mapping[FiscalYear, Sums], year: FiscalYear, account: Account) -> Cell:
    if not account.is_valid_in(year):
        return Cell(year, holds=False, amount=None)
    if year not in shown:
        return Cell(year, holds=True, amount=None)
    return Cell(year, holds=True, amount=ledger.total_of(books, year, shown[year], account).amount)


def _totals(
    books: Books,
    by_year: Mapping[FiscalYear, Sums],
    year: FiscalYear,
    shown: Mapping[FiscalYear, Sums],
    *,
    sees_all: bool,
) -> YearTotals:
    if year not in shown:
        return YearTotals(None, None, None, None)
    sums = shown[year]
    return YearTotals(
        ledger.of_side(books, sums, Side.REVENUE).amount,
        ledger.of_side(books, sums, Side.EXPENDITURE).amount,
        ledger.deposits(books, by_year, year) if sees_all else None,
        sum(sums.values(), Total()).count,
    )


def below(books: Books, year: FiscalYear, sums: Sums, account: Account) -> list[AccountSums]:
    """What stands directly under, or in, the account in the year."""
    return [
        row
        for row in ledger.rows(books, year, sums)
        if account.pk in (row.account.parent_id, row.account.within_id)
    ]
