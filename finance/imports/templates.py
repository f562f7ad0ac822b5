"""Empty tables to fill in: the headings of an import, and the accounts of a year. Pure but for the accounts given."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from finance.balance.totals import Tree
from finance.models import Account
from iconm_portal.display.sheets import Book, CellValue, Column, DataSheet, csv_bytes
from iconm_portal.display.sheets.model import ColumnKind
from iconm_portal.imports.cell_values import Day, Number
from iconm_portal.imports.reading.tables import Parser
from iconm_portal.imports.specs import Spec
from iconm_portal.values.fiscal import FiscalYear

_NAMES: Final = {"finance.entries": "収支明細", "finance.statement": "収支予算決算"}
_SIDES: Final = {
    "revenue": "収入",
    "expenditure": "支出",
    "deposit_received": "預かり保証金（受入）",
    "deposit_repaid": "預かり保証金（返還）",
}
_TOTALS: Final = ("収入合計", "支出合計", "当期収支差額")
_ACCOUNT_COLUMNS: Final[Sequence[Column[Any]]] = (
    Column("科目コード"),
    Column("科目名"),
    Column("区分"),
    Column("上位科目"),
    Column("内数の科目"),
)


def file_name(spec: Spec, year: FiscalYear, ending: str) -> str:
    """収支明細_取込様式_R5.xlsx."""
    return f"{_NAMES[spec.kind]}_取込様式_{year.short}.{ending}"


def workbook(spec: Spec, year: FiscalYear, accounts: Sequence[Account], *, today: date) -> bytes:
    """The table to fill in, and the year's accounts with their codes on a second sheet."""
    book = Book(title=f"{_NAMES[spec.kind]} 取込様式 {year}", created=today)
    book.data_sheet(DataSheet(f"データ_{_NAMES[spec.kind]}", _columns(spec), _rows(spec, accounts)))
    listed = [_listed(account, accounts) for account in accounts]
    book.data_sheet(DataSheet(f"データ_科目一覧_{year.short}", _ACCOUNT_COLUMNS, listed))
    return book.to_bytes()


def csv(spec: Spec, accounts: Sequence[Account]) -> bytes:
    """The same table as CSV (UTF-8 with BOM)."""
    return csv_bytes(_columns(spec), _rows(spec, accounts))


def _columns(spec: Spec) -> list[Column[Any]]:
    return [Column(column.heading, _kind(column.parse)) for column in spec.columns]


def _kind(parser: Parser) -> ColumnKind:
    if isinstance(parser, Number):
        return "number"
    return "date" if isinstance(parser, Day) else "text"


def _rows(spec: Spec, accounts: Sequence[Account]) -> list[list[CellValue]]:
    """None for entries; for a statement a row for each account that takes an amount, which is to be filled in."""
    if spec.kind != "finance.statement":
        return []
    tree = Tree.of(accounts)
    rows: list[list[CellValue]] = [
        [account.code, account.name, None, None]
        for account in accounts
        if account.side.is_in_statement and tree.takes_line(account)
    ]
    totals: list[list[CellValue]] = [[None, name, None, None] for name in _TOTALS]
    return [*rows, *totals]


def _listed(account: Account, accounts: Iterable[Account]) -> list[CellValue]:
    names = {one.pk: one.name for one in accounts}
    return [
        account.code,
        account.name,
        _SIDES[account.side],
        names.get(account.parent_id or 0),
        names.get(account.within_id or 0),
    ]
