"""What the limit of a contribution allows, in whole yen. Arithmetic only.

The rules are those of T8 and of the agreements (domain.md, "Contributions by period"): a total over seven years; from
R1 to R3 the research-support expenditure borne from the year's indirect-cost income (docs/decisions/0006); from R4 the
annual agreement's amount. The last two stand within the budget. A ceiling that is not recorded makes the limit one that
cannot be checked, and never one that is kept.
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


class Missing(StrEnum):
    """What is not recorded, so that a limit is known only from above or not at all."""

    INDIRECT_COST_INCOME = "indirect_cost_income"
    EXPENDITURE = "expenditure"


@dataclass(frozen=True, slots=True)
class Check:
    """An amount against one ceiling; `limit` is None where nothing of it is recorded.

    With something `missing` the limit is no higher than `limit`: more than that passes it, less cannot be checked.
    """

    ceiling: Ceiling
    amount: int
    limit: int | None
    missing: Missing | None = None

    @property
    def standing(self) -> Standing:
        if self.limit is not None and self.amount > self.limit:
            return Standing.PASSED
        return Standing.WITHIN if self.limit is not None and self.missing is None else Standing.UNKNOWN

    @property
    def excess(self) -> int:
        """By how much it is passed; 0 where it is kept or cannot be checked."""
        return max(self.amount - self.limit, 0) if self.limit is not None else 0


@dataclass(frozen=True, slots=True)
class YearAmounts:
    """A year's amounts as far as they are recorded: the budget, what was settled, what the annual agreement fixes.

    `income` is the indirect-cost income and `expenditure` what was spent on research support, both as accounted.
    """

    budget: int | None = None
    settled: int | None = None
    agreed: int | None = None
    income: int | None = None
    expenditure: int | None = None

    @property
    def amount(self) -> int | None:
        """What was settled, before that the budget."""
        return self.budget if self.settled is None else self.settled


def period_check(total: int, years: Iterable[YearAmounts]) -> Check:
    """The sum of all years against the total of the period."""
    amounts = (year.amount for year in years)
    return Check(Ceiling.PERIOD_TOTAL, sum(amount for amount in amounts if amount is not None), total)


def indirect_cost_checks(year: YearAmounts) -> tuple[Check, ...]:
    """R1–R3: what the foundation itself bears of research support out of the year's indirect-cost income."""
    if year.amount is None:
        return ()
    return (indirect_cost_check(year.amount, year.income, year.expenditure), *_within_the_budget(year))


def indirect_cost_check(amount: int, income: int | None, expenditure: int | None) -> Check:
    """The contribution against the lower of the income and of half the expenditure.

    The foundation bears what the contribution leaves of the expenditure. A contribution is no more than that where it is
    no more than half: so the limit is the same whatever amount is held against it.
    """
    bounds = [] if income is None else [income]
    if expenditure is not None:
        bounds.append(max(expenditure // 2, 0))
    missing = (
        Missing.INDIRECT_COST_INCOME
        if income is None
        else Missing.EXPENDITURE
        if expenditure is None
        else None
    )
    return Check(Ceiling.INDIRECT_COST_INCOME, amount, min(bounds, default=None), missing)


def annual_agreement_checks(year: YearAmounts) -> tuple[Check, ...]:
    """From R4: the highest amount recorded against the annual agreement, and what was settled against the budget."""
    amounts = [amount for amount in (year.budget, year.settled) if amount is not None]
    if not amounts:
        return ()
    return (Check(Ceiling.ANNUAL_AGREEMENT, max(amounts), year.agreed), *_within_the_budget(year))


def _within_the_budget(year: YearAmounts) -> tuple[Check, ...]:
    """No check where only the budget itself is there; what was settled without a recorded budget stays open."""
    return () if year.settled is None else (Check(Ceiling.BUDGET, year.settled, year.budget),)


def lowest_passed(checks: Iterable[Check]) -> Check | None:
    """Of the ceilings that are passed the lowest, which is the limit itself; None where none is passed."""
    passed = (check for check in checks if check.standing is Standing.PASSED)
    return min(passed, key=lambda check: check.limit or 0, default=None)


def worst(checks: Iterable[Check]) -> Check | None:
    """The check that a reader must know of: one that is passed, otherwise one that cannot be made; None without any."""
    order = (Standing.PASSED, Standing.UNKNOWN, Standing.WITHIN)
    return min(checks, key=lambda check: order.index(check.standing), default=None)
