"""Small builders of ledger lines, through the real actions."""

from datetime import date, datetime
from typing import Any

from finance.ledger import actions, closing_actions
from finance.ledger.posting import NewEntry
from finance.models import Entry, MonthTotal, Side, YearClosing
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import account, make_account
from tests.builders.plans import tokyo

# The day on which the ledger's people work; FY2025 has ended, FY2026 is running.
TODAY = date(2026, 5, 20)
AT = tokyo(TODAY)
DAY = date(2025, 6, 10)
YEAR = FiscalYear(2025)


def make_deposits(center: Center) -> None:
    """The two accounts of deposits, outside every statement."""
    make_account(center, code="deposits-in", name="預かり保証金（受入）", side=Side.DEPOSIT_RECEIVED)
    make_account(center, code="deposits-out", name="預かり保証金（返還）", side=Side.DEPOSIT_REPAID)


def new(center: Center, code: str = "rent", amount: int = 1_000, day: date = DAY, **fields: Any) -> NewEntry:
    """A line on the account with this code; `part` is a code too."""
    part = fields.pop("part", None)
    return NewEntry(
        **{
            "date": day,
            "account": account(center, code),
            "part": account(center, part) if part else None,
            "amount": amount,
            "counterparty": "株式会社 臨海",
            "description": f"{code} の分",
            "voucher": "V-1",
            **fields,
        }
    )


def post(
    center: Center, code: str = "rent", amount: int = 1_000, day: date = DAY, *, by: User, **fields: Any
) -> Entry:
    """A posted line."""
    at: datetime = fields.pop("at", AT)
    return actions.post(center=center, new=new(center, code, amount, day, **fields), by=by, at=at)


def close(center: Center, year: int = 2025, *, by: User) -> YearClosing:
    return closing_actions.close_year(center=center, fiscal_year=FiscalYear(year), by=by, at=AT)


def added_up(center: Center) -> dict[tuple[int, int, int | None, date], tuple[int, int]]:
    """What the months' sums should be, from the entries themselves."""
    sums: dict[tuple[int, int, int | None, date], tuple[int, int]] = {}
    for entry in Entry.objects.filter(center=center):
        key = (entry.fiscal_year.start, entry.account_id, entry.part_id, entry.date.replace(day=1))
        amount, count = sums.get(key, (0, 0))
        sums[key] = (amount + entry.amount, count + 1)
    return sums


def kept(center: Center) -> dict[tuple[int, int, int | None, date], tuple[int, int]]:
    """The months' sums as they are kept."""
    return {
        (total.fiscal_year.start, total.account_id, total.part_id, total.month): (total.amount, total.count)
        for total in MonthTotal.objects.filter(center=center)
    }


def make_ledger(center: Center, *, by: User) -> None:
    """An account with a line in FY2024, which is closed, and one in FY2025, which is open."""
    make_account(center, code="kept", name="その他の収入")
    for year in (2024, 2025):
        post(center, "kept", day=date(year, 6, 1), by=by)
    close(center, 2024, by=by)
