"""What may be posted: a new ledger line against the accounts, the closed years and the calendar. Reads, never writes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from unicodedata import category

from django.utils.translation import gettext_noop

from finance.models import Account, YearClosing
from iconm_portal.imports import texts
from iconm_portal.imports.texts import year_param
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed

MOST_YEN: Final = 10**15 - 1
_NOT_IN_A_LINE: Final = ("Cc", "Zl", "Zp", "Cs")
IN_FUTURE: Final = gettext_noop("The date lies in the future. An entry records what has happened.")
CLOSED: Final = gettext_noop(
    "%(year)s is closed and takes no more entries. The supporter's staff can reopen it."
)
NOT_OF_CENTER: Final = gettext_noop("Choose an account of this center.")
NOT_IN_YEAR: Final = gettext_noop("“%(account)s” does not hold in %(year)s.")
IS_A_PART: Final = gettext_noop(
    "“%(account)s” is a part of another account. Choose that one, and this as the part."
)
IS_A_SUM: Final = gettext_noop(
    "“%(account)s” is a sum in %(year)s. Choose one of the accounts below it: %(below)s."
)
NO_PART_OF_IT: Final = gettext_noop("Choose a part of “%(account)s”, or none.")
OUT_OF_BOUNDS: Final = gettext_noop(
    "The amount is not 0, and at most %(most)s yen; what comes back (refund, adjustment) is negative."
)
TOO_LONG: Final = gettext_noop("At most %(letters)s characters.")
NOT_ONE_LINE: Final = gettext_noop("Write the text in one line, without control characters.")
NO_DESCRIPTION: Final = gettext_noop("Say what it was for.")
LONGEST: Final = {"counterparty": 120, "description": 300, "voucher": 40}


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A line as somebody wants to post it; `amount` in whole yen, negative where it lessens the account (refund, adjustment).

    The fiscal year is that of `date`.
    """

    date: date
    account: Account
    part: Account | None = None
    amount: int = 0
    counterparty: str = ""
    description: str = ""
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class PostingProblem:
    """Why something cannot be posted: an msgid and what fills it, so that an import can keep it until it is read."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """In the reader's language."""
        return texts.problem({"message": self.message, "params": self.params})


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

    def is_same(self, other: "Books") -> bool:
        """Whether nothing that a line is held against is different: what one allows, the other allows."""
        return self._state() == other._state()

    def _state(self) -> tuple[Any, ...]:
        names = [field.attname for field in Account._meta.concrete_fields]
        rows = {pk: [getattr(account, name) for name in names] for pk, account in self.accounts.items()}
        return self.center.pk, rows, self.closed, self.today

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

    def leaves(self, account: Account, year: FiscalYear) -> list[Account]:
        """The accounts below it that take entries in the year."""
        below = sorted(self.downwards(account), key=lambda one: (one.position, one.pk))
        return [one for one in below if one != account and self.takes_entries(one, year)]

    def problems(self, new: NewEntry) -> dict[str, PostingProblem]:
        """Why the line cannot be posted, by field; empty where it can."""
        found = self.problems_of_account(new.account, new.part, FiscalYear.of(new.date))
        found |= _problems_of_texts(new)
        if (problem := self.problem_of_date(new.date)) is not None:
            found["date"] = problem
        if not 1 <= abs(new.amount) <= MOST_YEN:
            found["amount"] = PostingProblem(OUT_OF_BOUNDS, {"most": {"number": MOST_YEN}})
        return found

    def problem_of_date(self, day: date) -> PostingProblem | None:
        """Why no entry can be of the day; None where one can."""
        return PostingProblem(IN_FUTURE) if day > self.today else self.problem_of_year(FiscalYear.of(day))

    def problem_of_year(self, year: FiscalYear) -> PostingProblem | None:
        """That it is closed; None where it is not."""
        return PostingProblem(CLOSED, {"year": year_param(year)}) if year in self.closed else None

    def problems_of_account(
        self, chosen: Account, chosen_part: Account | None, year: FiscalYear
    ) -> dict[str, PostingProblem]:
        """Why the account, or the part of it, takes no entry in the year: at most one, under "account" or "part"."""
        account = self.accounts.get(chosen.pk)
        if account is None:
            return {"account": PostingProblem(NOT_OF_CENTER)}
        if not account.is_valid_in(year):
            return {"account": _about(account, year, NOT_IN_YEAR)}
        if account.within_id is not None:
            return {"account": _about(account, year, IS_A_PART)}
        if self.is_sum(account, year):
            below = listed(f"{one.name} ({one.code})" for one in self.leaves(account, year))
            return {"account": _about(account, year, IS_A_SUM, below=below)}
        if chosen_part is None:
            return {}
        part = self.accounts.get(chosen_part.pk)
        if part is None or part.within_id != account.pk:
            return {"part": _about(account, year, NO_PART_OF_IT)}
        if not part.is_valid_in(year):
            return {"part": _about(part, year, NOT_IN_YEAR)}
        return {}


def _about(account: Account, year: FiscalYear, message: str, **params: str) -> PostingProblem:
    return PostingProblem(message, {"account": account.name, "year": year_param(year), **params})


def _problems_of_texts(new: NewEntry) -> dict[str, PostingProblem]:
    found: dict[str, PostingProblem] = {}
    for name, longest in LONGEST.items():
        text: str = getattr(new, name)
        if len(text) > longest:
            found[name] = PostingProblem(TOO_LONG, {"letters": longest})
        elif any(category(letter) in _NOT_IN_A_LINE for letter in text):
            found[name] = PostingProblem(NOT_ONE_LINE)
    if not new.description.strip():
        found["description"] = PostingProblem(NO_DESCRIPTION)
    return found
