"""What may be posted: a new ledger line against the accounts, the closed years and the calendar. Reads, never writes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from unicodedata import category

from django.utils.translation import gettext as _

from finance.models import Account, YearClosing
from iconm_portal.models import Center
from iconm_portal.templatetags import portal
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number

MOST_YEN: Final = 10**15 - 1
_NOT_IN_A_LINE: Final = ("Cc", "Zl", "Zp", "Cs")
LONGEST: Final = {"counterparty": 120, "description": 300, "voucher": 40}


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A line as somebody wants to post it; `amount` in whole yen. The fiscal year is that of `date`."""

    date: date
    account: Account
    part: Account | None = None
    amount: int = 0
    counterparty: str = ""
    description: str = ""
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """A center's accounts and closed years as they stand; what is asked of many rows costs two queries in all."""

    center: Center
    accounts: Mapping[int, Account]
    below: Mapping[int, tuple[Account, ...]]
    closed: frozenset[FiscalYear]
    today: date

    @classmethod
    def load(cls, center: Center, *, today: date) -> "Books":
        """Two queries: accounts, closed years."""
        accounts = {account.pk: account for account in Account.objects.filter(center=center)}
        below: dict[int, list[Account]] = defaultdict(list)
        for account in accounts.values():
            if account.parent_id is not None:
                below[account.parent_id].append(account)
        closed = YearClosing.objects.filter(center=center, reopened_at=None)
        return cls(
            center,
            accounts,
            {pk: tuple(children) for pk, children in below.items()},
            frozenset(closed.values_list("fiscal_year", flat=True)),
            today,
        )

    def is_sum(self, account: Account, year: FiscalYear) -> bool:
        """Whether accounts stand below it in the year."""
        return any(child.is_valid_in(year) for child in self.below.get(account.pk, ()))

    def takes_entries(self, account: Account, year: FiscalYear) -> bool:
        """Whether it holds in the year, is no sum and no part of another account."""
        return account.is_valid_in(year) and account.within_id is None and not self.is_sum(account, year)

    def ever_takes_entries(self, account: Account) -> bool:
        """Whether it takes entries in any year from its first to this one."""
        last = min(account.last_year or FiscalYear.of(self.today), FiscalYear.of(self.today))
        return any(self.takes_entries(account, year) for year in FiscalYear.range(account.first_year, last))

    def by_code(self, code: str) -> Account | None:
        return next((account for account in self.accounts.values() if account.code == code), None)

    def upwards(self, account: Account) -> Iterator[Account]:
        """The account and those above it."""
        current: Account | None = account
        while current is not None:
            yield current
            current = self.accounts.get(current.parent_id) if current.parent_id else None

    def downwards(self, account: Account) -> Iterator[Account]:
        """The account and those below it."""
        yield account
        for child in self.below.get(account.pk, ()):
            yield from self.downwards(child)

    def problems(self, new: NewEntry) -> dict[str, str]:
        """Why the line cannot be posted, by field, in the reader's language; empty where it can."""
        found = self._problems_of_account(new) | self._problems_of_texts(new)
        if said := self._problem_of_date(new.date):
            found["date"] = said
        if not 1 <= new.amount <= MOST_YEN:
            found["amount"] = _("The amount lies between 1 and %(most)s yen.") % {
                "most": format_number(MOST_YEN)
            }
        return found

    def _problem_of_date(self, day: date) -> str:
        year = FiscalYear.of(day)
        if day > self.today:
            return _("The date lies in the future. An entry records what has happened.")
        if year in self.closed:
            return _("%(year)s is closed and takes no more entries. The supporter's staff can reopen it.") % {
                "year": portal.fiscal_year(year)
            }
        return ""

    def _problems_of_account(self, new: NewEntry) -> dict[str, str]:
        account, year = self.accounts.get(new.account.pk), FiscalYear.of(new.date)
        if account is None:
            return {"account": _("Choose an account of this center.")}
        words = {"account": account.name, "year": portal.fiscal_year(year)}
        if not account.is_valid_in(year):
            return {"account": _("“%(account)s” does not hold in %(year)s.") % words}
        if account.within_id is not None:
            return {
                "account": _(
                    "“%(account)s” is a part of another account. Choose that one, and this as the part."
                )
                % words
            }
        if self.is_sum(account, year):
            return {
                "account": _("“%(account)s” is a sum in %(year)s. Choose one of the accounts below it.")
                % words
            }
        if new.part is None:
            return {}
        part = self.accounts.get(new.part.pk)
        if part is None or part.within_id != account.pk:
            return {"part": _("Choose a part of “%(account)s”, or none.") % words}
        if not part.is_valid_in(year):
            return {"part": _("“%(account)s” does not hold in %(year)s.") % (words | {"account": part.name})}
        return {}

    def _problems_of_texts(self, new: NewEntry) -> dict[str, str]:
        found: dict[str, str] = {}
        for field, longest in LONGEST.items():
            text: str = getattr(new, field)
            if len(text) > longest:
                found[field] = _("At most %(letters)s characters.") % {"letters": longest}
            elif any(category(letter) in _NOT_IN_A_LINE for letter in text):
                found[field] = _("Write the text in one line, without control characters.")
        if not new.description.strip():
            found["description"] = _("Say what it was for.")
        return found
