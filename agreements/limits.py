"""What the limit of a contribution allows, in whole yen. Arithmetic only.

The rules are those of T8 and of the agreements (domain.md, "Contributions by period"): a total over seven years; from
R1 to R3 the research-support expenditure borne from the year's indirect-cost income; from R4 the annual agreement's
amount. The last two stand within the budget. A ceiling that is not recorded makes the limit one that cannot be checked,
and never one that is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Whether an amount keeps to its limit."""

    WITHIN = "within"
    PASSED = "passed"
    UNKNOWN = "unknown"  # 確認不可: the ceiling is not recorded


class Ceiling(StrEnum):
    """What an amount is measured against."""

    PERIOD_TOTAL = "period_total"
    INDIRECT_COST_INCOME = "indirect_cost_income"
    ANNUAL_AGREEMENT = "annual_agreement"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Check:
    """An amount against one ceiling; `limit` is None where it is not recorded."""

    ceiling: Ceiling
    amount: int
    limit: int | None

    @property
    def standing(self) -> Standing:
        if self.limit is None:
            return Standing.UNKNOWN
        return Standing.PASSED if self.amount > self.limit else Standing.WITHIN

    @property
    def excess(self) -> int:
        """By how much it is passed; 0 where it is kept or cannot be checked."""
        return max(self.amount - self.limit, 0) if self.limit is not None else 0


@dataclass(frozen=True, slots=True)
class YearAmounts:
    """A year's amounts as far as they are recorded: the budget, what was settled, what the annual agreement fixes."""

    budget: int | None = None
    settled: int | None = None
    agreed: int | None = None

    @property
    def amount(self) -> int | None:
        """What was settled, before that the budget."""
        return self.budget if self.settled is None else self.settled


def period_check(total: int, years: Iterable[YearAmounts]) -> Check:
    """The sum of all years against the total of the period."""
    amounts = (year.amount for year in years)
    return Check(Ceiling.PERIOD_TOTAL, sum(amount for amount in amounts if amount is not None), total)


def indirect_cost_checks(year: YearAmounts) -> tuple[Check, ...]:
    """R1–R3. What the foundation bears from the indirect-cost income is recorded nowhere, so that it stays open."""
    if year.amount is None:
        return ()
    return (Check(Ceiling.INDIRECT_COST_INCOME, year.amount, None), *_within_the_budget(year))


def annual_agreement_checks(year: YearAmounts) -> tuple[Check, ...]:
    """From R4: the highest amount recorded against the annual agreement, and what was settled against the budget."""
    amounts = [amount for amount in (year.budget, year.settled) if amount is not None]
    if not amounts:
        return ()
    return (Check(Ceiling.ANNUAL_AGREEMENT, max(amounts), year.agreed), *_within_the_budget(year))


def _within_the_budget(year: YearAmounts) -> tuple[Check, ...]:
    """No check where only the budget itself is there; what was settled without a recorded budget stays open."""
    return () if year.settled is None else (Check(Ceiling.BUDGET, year.settled, year.budget),)


def worst(checks: Iterable[Check]) -> Check | None:
    """The check that a reader must know of: one that is passed, otherwise one that cannot be made; None without any."""
    order = (Standing.PASSED, Standing.UNKNOWN, Standing.WITHIN)
    return min(checks, key=lambda check: order.index(check.standing), default=None)
