"""Accounts, statements and the ledger. All amounts are whole yen."""

from finance.models.accounts import Account, Purpose, Side
from finance.models.ledger import Entry, MonthTotal, YearClosing
from finance.models.statements import (
    BUDGETS,
    RecordedUnit,
    Stage,
    Statement,
    StatementComment,
    StatementFile,
    StatementLine,
    StatementQuerySet,
    StatementTotal,
    TotalOf,
)

__all__ = [
    "BUDGETS",
    "Account",
    "Entry",
    "MonthTotal",
    "Purpose",
    "RecordedUnit",
    "Side",
    "Stage",
    "Statement",
    "StatementComment",
    "StatementFile",
    "StatementLine",
    "StatementQuerySet",
    "StatementTotal",
    "TotalOf",
    "YearClosing",
]
