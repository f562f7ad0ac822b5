"""The sums of a statement: what is computed from its lines, and whether what was printed agrees. No queries, no texts.

An account's money is counted once: in a year in which accounts stand below it, it is their sum and has no line of its
own; a part that is told apart (内数) is inside its account's line and never added. All amounts are whole yen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from finance.models import Account, RecordedUnit, Side, TotalOf
from iconm_portal.values.money import explained_by_rounding

SIDE_OF = {of: of.side for of in TotalOf if of.side}

TotalKey = tuple[TotalOf, int | None]
"""What is summed: the revenue, the expenditure, the balance, or the account with this key."""

REVENUE: TotalKey = (TotalOf.REVENUE, None)
EXPENDITURE: TotalKey = (TotalOf.EXPENDITURE, None)
BALANCE: TotalKey = (TotalOf.BALANCE, None)


class Standing(StrEnum):
    """How a printed total stands to its printed parts."""

    EQUAL = "equal"
    ROUNDING = "rounding"  # each figure was rounded on its own, which can explain the difference
    WRONG = "wrong"
    NOT_PRINTED = "not_printed"

    @property
    def differs(self) -> bool:
        """Whether the print is not what its parts come to, from rounding or not."""
        match self:
            case Standing.ROUNDING | Standing.WRONG:
                return True
            case Standing.EQUAL | Standing.NOT_PRINTED:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Part:
    """A figure that a total is made of, as it stands in the statement; the expenditure counts against the balance.

    `amount` is None where it was not recorded. `of` and `account` name it like a total.
    """

    of: TotalOf
    account: Account | None
    amount: int | None

    @property
    def counted(self) -> int:
        """What it adds to the sum: nothing where it was not recorded."""
        return self.amount or 0


@dataclass(frozen=True, slots=True)
class TotalCheck:
    """A total with what was printed, what its parts come to, and how the two stand to each other.

    `computed` is None where none of the parts was recorded. `difference` is printed less computed, None unless both
    are there.
    """

    of: TotalOf
    account: Account | None
    printed: int | None
    computed: int | None
    standing: Standing
    parts: tuple[Part, ...]

    @property
    def key(self) -> TotalKey:
        return self.of, self.account.pk if self.account else None

    @property
    def account_code(self) -> str:
        """The code of the account whose sum it is; empty for the sides and the balance."""
        return self.account.code if self.account else ""

    @property
    def difference(self) -> int | None:
        if self.printed is None or self.computed is None:
            return None
        return self.printed - self.computed

    @property
    def is_wrong(self) -> bool:
        return self.standing is Standing.WRONG

    @property
    def shown(self) -> int | None:
        """The figure that stands for the total: the printed one, else what is computed."""
        return self.computed if self.printed is None else self.printed


# The accounts of a year


@dataclass(frozen=True, slots=True)
class Tree:
    """The accounts that hold in a year and stand in its statements, in the order of printing."""

    accounts: tuple[Account, ...]

    @classmethod
    def of(cls, accounts_in_year: Iterable[Account]) -> "Tree":
        """From the accounts that hold in the year; deposits, which stand outside every statement, are left out."""
        found = tuple(
            sorted(
                (account for account in accounts_in_year if account.side.is_in_statement),
                key=lambda account: (account.position, account.pk),
            )
        )
        return cls(found)

    def below(self, account: Account) -> list[Account]:
        """The accounts directly below it."""
        return [one for one in self.accounts if one.parent_id == account.pk]

    def parts_of(self, account: Account) -> list[Account]:
        """The parts of it that are told apart (内数)."""
        return [one for one in self.accounts if one.within_id == account.pk]

    def tops(self, side: Side) -> list[Account]:
        """The accounts of a side that stand directly in its total, also where the account above does not hold."""
        held = {account.pk for account in self.accounts}
        return [
            account
            for account in self.accounts
            if account.side == side and account.within_id is None and account.parent_id not in held
        ]

    def is_sum(self, account: Account) -> bool:
        """Whether accounts stand below it in this year."""
        return any(one.parent_id == account.pk for one in self.accounts)

    def takes_line(self, account: Account) -> bool:
        """Whether the year's statement has a line for it: a leaf, or a part of a leaf."""
        if account.within_id is None:
            return not self.is_sum(account)
        whole = next((one for one in self.accounts if one.pk == account.within_id), None)
        return whole is not None and not self.is_sum(whole)

    def leaves(self, account: Account) -> list[Account]:
        """What an account's sum is made of in the end; the account itself where none stands below it."""
        below = self.below(account)
        return [leaf for one in below for leaf in self.leaves(one)] if below else [account]

    def sums(self) -> list[Account]:
        """The accounts whose sum is printed."""
        return [account for account in self.accounts if self.is_sum(account) and account.prints_subtotal]


def computed_totals(
    accounts_in_year: Iterable[Account], lines: Mapping[int, int]
) -> dict[TotalKey, int | None]:
    """Every total from the lines alone (amounts by account): both sides, the balance, and each account with some below.

    None where none of its lines was recorded.
    """
    tree = Tree.of(accounts_in_year)
    found: dict[TotalKey, int | None] = {
        (TotalOf.ACCOUNT, account.pk): _sum_of(tree.leaves(account), lines)
        for account in tree.accounts
        if tree.is_sum(account)
    }
    for of, side in SIDE_OF.items():
        leaves = [leaf for account in tree.tops(side) for leaf in tree.leaves(account)]
        found[of, None] = _sum_of(leaves, lines)
    revenue, expenditure = found[REVENUE], found[EXPENDITURE]
    nothing = revenue is None and expenditure is None
    found[BALANCE] = None if nothing else (revenue or 0) - (expenditure or 0)
    return found


def _sum_of(accounts: Sequence[Account], lines: Mapping[int, int]) -> int | None:
    recorded = [lines[account.pk] for account in accounts if account.pk in lines]
    return sum(recorded) if recorded else None


# Printed beside computed


def unit_step(unit: RecordedUnit | str) -> int:
    """How coarse figures recorded in the unit are, in yen: 0 for yen, in which nothing was rounded."""
    recorded = RecordedUnit(unit)
    return 0 if recorded is RecordedUnit.YEN else recorded.unit.yen


def check(
    printed: int | None,
    parts: Sequence[Part],
    unit_step_yen: int,
    *,
    of: TotalOf = TotalOf.ACCOUNT,
    account: Account | None = None,
) -> TotalCheck:
    """How a printed total stands to its parts. Parts that were not recorded count as nothing, and explain nothing."""
    recorded = [part.counted for part in parts if part.amount is not None]
    computed = sum(recorded) if recorded else None
    if printed is None:
        standing = Standing.NOT_PRINTED
    elif printed == computed:
        standing = Standing.EQUAL
    elif recorded and explained_by_rounding(printed, recorded, unit_step_yen):
        standing = Standing.ROUNDING
    else:
        standing = Standing.WRONG
    return TotalCheck(of, account, printed, computed, standing, tuple(parts))


def check_all(
    accounts_in_year: Iterable[Account],
    lines: Mapping[int, int],
    printed: Mapping[TotalKey, int],
    unit: RecordedUnit | str,
) -> list[TotalCheck]:
    """Every total that the year's statement prints, in its order: sums of accounts, both sides, the balance.

    A total is held against the figures that stand directly in it, as they are printed: against a printed sum rather
    than the lines below it, because that is what its reader adds up.
    """
    tree, step = Tree.of(accounts_in_year), unit_step(unit)
    found = []
    for of, side in SIDE_OF.items():
        found += [
            check(
                printed.get((TotalOf.ACCOUNT, account.pk)),
                _parts(tree, tree.below(account), lines, printed),
                step,
                account=account,
            )
            for account in tree.sums()
            if account.side == side
        ]
        parts = _parts(tree, tree.tops(side), lines, printed)
        found.append(check(printed.get((of, None)), parts, step, of=of))
    sides = {one.of: one.shown for one in found if one.account is None}
    of_balance = [
        Part(TotalOf.REVENUE, None, sides[TotalOf.REVENUE]),
        Part(TotalOf.EXPENDITURE, None, _negative(sides[TotalOf.EXPENDITURE])),
    ]
    found.append(check(printed.get(BALANCE), of_balance, step, of=TotalOf.BALANCE))
    return found


def _parts(
    tree: Tree, accounts: Iterable[Account], lines: Mapping[int, int], printed: Mapping[TotalKey, int]
) -> list[Part]:
    """The figures of the accounts as they stand; where a sum was not printed, those below it stand in its place."""
    found = []
    for account in accounts:
        as_printed = printed.get((TotalOf.ACCOUNT, account.pk))
        if as_printed is None and tree.is_sum(account):
            found += _parts(tree, tree.below(account), lines, printed)
        else:
            amount = lines.get(account.pk) if as_printed is None else as_printed
            found.append(Part(TotalOf.ACCOUNT, account, amount))
    return found


def _negative(amount: int | None) -> int | None:
    return None if amount is None else -amount


@dataclass(frozen=True, slots=True)
class Excess:
    """Parts (内数) that come to more than the account that they are a part of; `whole` is None where it has no line."""

    account: Account
    parts: tuple[Account, ...]
    told_apart: int
    whole: int | None


def excesses(
    accounts_in_year: Iterable[Account], lines: Mapping[int, int], unit: RecordedUnit | str
) -> list[Excess]:
    """Where 内数 exceed their account by more than rounding explains; one part alone never may."""
    tree, step = Tree.of(accounts_in_year), unit_step(unit)
    found = []
    for account in tree.accounts:
        parts = [part for part in tree.parts_of(account) if part.pk in lines]
        if not parts:
            continue
        amounts, whole = [lines[part.pk] for part in parts], lines.get(account.pk)
        over = whole is None or max(amounts) > whole
        if whole is not None and not over and sum(amounts) > whole:
            over = not explained_by_rounding(whole, amounts, step)
        if over:
            found.append(Excess(account, tuple(parts), sum(amounts), whole))
    return found
