"""An invented ledger: two closed years, the running one, lines taken back and written anew, deposits."""

from collections.abc import Iterator
from datetime import date

from agreements.loading.demonstration.cast import People, at
from finance.ledger import actions, closing_actions
from finance.ledger.posting import NewEntry
from finance.loading.demonstration.figures import DEPOSITS, SETTLED
from finance.models import Account
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

# What an account's quarter is called in the ledger, and from or to whom.
_LINES = {
    "rent": ("入居企業各社（架空）", "施設利用料"),
    "research-income": ("研究振興機構（架空）", "受託研究費"),
    "promotion": ("海風市（架空）", "研究促進負担金"),
    "other": ("見学者ほか（架空）", "雑収入"),
    "research": ("資材商会（架空）", "研究用消耗品・委託"),
    "facilities": ("設備管理会社（架空）", "設備保守・光熱水費"),
    "support": ("専門職員（架空）", "研究支援の人件費"),
}
_QUARTERS = ((5, 20), (8, 20), (11, 20), (2, 20))


def load(center: Center, people: People) -> None:
    """FY2024 agrees with its settlement; FY2025 differs in one account, which the year's page says; FY2026 runs."""
    accounts = {account.code: account for account in center.accounts.all()}
    for year, written in ((2024, date(2025, 4, 20)), (2025, date(2026, 5, 15))):
        rows = [*_of_year(accounts, year, SETTLED[year]), *_deposits(accounts, year)]
        actions.post_many(center=center, rows=rows, by=people.foundation, at=at(written))
    _mistakes(center, people, accounts)
    for year, closed in ((2024, date(2025, 5, 30)), (2025, date(2026, 5, 29))):
        closing_actions.close_year(
            center=center, fiscal_year=FiscalYear(year), by=people.foundation, at=at(closed)
        )
    running = {code: amount // 2 for code, amount in SETTLED[2025].items()}
    rows = [row for row in _of_year(accounts, 2026, running) if row.date <= date(2026, 10, 31)]
    actions.post_many(center=center, rows=rows, by=people.foundation, at=at(date(2026, 11, 2)))


def _of_year(accounts: dict[str, Account], year: int, thousands: dict[str, int]) -> Iterator[NewEntry]:
    """Four lines for each account, one a quarter; the last takes what the division leaves."""
    for code, (counterparty, description) in _LINES.items():
        told_apart = thousands.get("indirect", 0) if code == "research-income" else 0
        for part, whole in ((None, thousands[code] - told_apart), (accounts["indirect"], told_apart)):
            for number, amount in enumerate(_quarters(whole * 1_000), 1):
                yield NewEntry(
                    date=_day(year, number),
                    account=accounts[code],
                    part=part,
                    amount=amount,
                    counterparty=counterparty,
                    description=f"{description}{'（間接費）' if part else ''} 第{number}四半期",
                    voucher=f"{year}-{code[:3].upper()}{'K' if part else ''}-{number:03}",
                )


def _quarters(amount: int) -> list[int]:
    """None for nothing: an entry is greater than 0."""
    quarter = amount // 4
    return [quarter, quarter, quarter, amount - 3 * quarter] if quarter else []


def _day(year: int, quarter: int) -> date:
    month, day = _QUARTERS[quarter - 1]
    return date(year if month >= 4 else year + 1, month, day)


def _deposits(accounts: dict[str, Account], year: int) -> Iterator[NewEntry]:
    """預かり保証金: kept apart from revenue and expenditure."""
    for code, amount in zip(("deposits-received", "deposits-repaid"), DEPOSITS[year], strict=True):
        if amount:
            yield NewEntry(
                date=date(year, 6, 30),
                account=accounts[code],
                amount=amount * 1_000,
                counterparty="入居企業（架空）",
                description="預かり保証金",
                voucher=f"{year}-DEP-{'IN' if code == 'deposits-received' else 'OUT'}",
            )


def _mistakes(center: Center, people: People, accounts: dict[str, Account]) -> None:
    """One line posted twice and taken back; one written anew, which no settlement holds: the year differs."""
    twice = actions.post(
        center=center,
        new=_late(accounts["facilities"], date(2025, 12, 3), 330_000, "空調点検"),
        by=people.foundation,
        at=at(date(2026, 5, 18)),
    )
    actions.reverse(
        entry=twice, reason="二重に計上した（架空）", by=people.foundation, at=at(date(2026, 5, 19))
    )
    transposed = actions.post(
        center=center,
        new=_late(accounts["support"], date(2026, 1, 22), 54_000, "講師謝金"),
        by=people.foundation,
        at=at(date(2026, 5, 18)),
    )
    actions.correct(
        entry=transposed,
        new=_late(accounts["support"], date(2026, 1, 22), 45_000, "講師謝金"),
        reason="金額の数字を入れ替えた（架空）",
        by=people.foundation,
        at=at(date(2026, 5, 19)),
    )


def _late(account: Account, day: date, amount: int, description: str) -> NewEntry:
    return NewEntry(
        date=day,
        account=account,
        amount=amount,
        counterparty="みどり設備（架空）",
        description=description,
        voucher=f"{day:%Y%m%d}-1",
    )
