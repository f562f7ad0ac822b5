"""Contributions year by year: what the city granted, what was drawn by the accounts, and the rule that limits it. Yen."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from agreements.models import LimitRule
from agreements.support import limits, support
from agreements.support.indirect_cost import NOT_RECORDED
from agreements.support.limits import Check, Standing, YearAmounts
from agreements.support.support import AmountFact, Blank, Measure, gap_in, sum_without_gap
from finance.ledger import ledger
from finance.limits import settled_amounts
from finance.limits.contribution_limits import raised_to, year_checks
from finance.limits.settled_amounts import Accounted, SettledLine
from finance.models import Account
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class YearDrawn:
    """A fiscal year of a contribution. `in_ledger` is None without entries, and where the person may not see them:
    `has_ledger` and `is_ledger_hidden` say which of the two."""

    year: FiscalYear
    budget: AmountFact | None
    settled: AmountFact | None
    line: SettledLine | None
    in_ledger: int | None
    account: str  # the code of the account that holds in the year; empty where none does
    blank: Blank  # why nothing is granted, where nothing is
    checks: tuple[Check, ...]
    raised: int | None
    is_running: bool  # the year has not ended
    has_ledger: bool  # the year has entries, on whichever accounts
    sees_ledger: bool  # while the year is open, its ledger is the operator's own

    @property
    def is_ledger_hidden(self) -> bool:
        """Whether something may be drawn by a ledger that the person does not see yet."""
        return self.has_ledger and not self.sees_ledger

    @property
    def granted(self) -> AmountFact | None:
        """What was granted in the end, before that the budget."""
        return self.settled or self.budget

    @property
    def drawn(self) -> int | None:
        """What was drawn by the settled statement, else by the ledger; None where neither says."""
        return self.in_ledger if self.line is None else self.line.amount

    @property
    def counted(self) -> int | None:
        """What a limit is held against: what was drawn, else what was granted."""
        if self.drawn is not None:
            return self.drawn
        return self.granted.amount if self.granted else None

    @property
    def difference(self) -> int | None:
        """Drawn less granted; None unless both are recorded, and while the ledger of a running year still grows."""
        if self.drawn is None or self.granted is None or self.is_part_year:
            return None
        return self.drawn - self.granted.amount

    @property
    def is_not_granted(self) -> bool:
        """Whether something was drawn for which no granted amount is recorded: it agrees with nothing."""
        return self.drawn is not None and self.granted is None

    @property
    def is_part_year(self) -> bool:
        """Whether what was drawn is what the ledger of a running year says so far."""
        return self.drawn is not None and self.line is None and self.is_running

    @property
    def ledger_difference(self) -> int | None:
        """The ledger less the settled statement; None unless both say something."""
        if self.in_ledger is None or self.line is None:
            return None
        return self.in_ledger - self.line.amount

    @property
    def is_passed(self) -> bool:
        return any(check.standing is Standing.PASSED for check in self.checks)

    @property
    def is_allowed(self) -> bool:
        """Whether a confirmed consultation allowed as much as was drawn."""
        return self.raised is not None and (self.counted or 0) <= self.raised

    @property
    def is_unchecked(self) -> bool:
        """Whether something of its limit cannot be checked, and nothing is passed."""
        worst = limits.worst(self.checks)
        return worst is not None and worst.standing is Standing.UNKNOWN


@dataclass(frozen=True)
class MeasureDrawn:
    """A contribution with its years, and the years' sum against the period's total where that is the limit."""

    measure: Measure
    years: tuple[YearDrawn, ...]

    @property
    def is_draft(self) -> bool:
        """案: nothing is granted or limited yet, so that only what was drawn all the same is shown."""
        return self.measure.is_draft

    @property
    def drawn_sum(self) -> int | None:
        """What was drawn in all; None where nothing is recorded, and over a gap in the years."""
        return sum_without_gap({year.year: year.drawn for year in self.years if year.drawn is not None})

    @property
    def drawn_years(self) -> tuple[FiscalYear, ...]:
        return tuple(year.year for year in self.years if year.drawn is not None)

    @property
    def gap(self) -> tuple[FiscalYear, ...]:
        """The years between the first and the last drawn of which neither accounts nor ledger tell."""
        return gap_in(self.drawn_years)

    @property
    def uncounted_years(self) -> tuple[FiscalYear, ...]:
        """The years that are over and of which nothing is known, neither drawn nor granted."""
        return tuple(year.year for year in self.years if year.counted is None and not year.is_running)

    @property
    def hidden_years(self) -> tuple[FiscalYear, ...]:
        """The years of which only a ledger that the person does not see yet can tell."""
        return tuple(year.year for year in self.years if year.is_ledger_hidden and year.line is None)

    @property
    def left(self) -> int | None:
        """What the period's total leaves by what is recorded; None where it is not the limit, or is passed."""
        check = self.period_check
        if check is None or check.limit is None or check.standing is Standing.PASSED:
            return None
        return check.limit - check.amount

    @property
    def period_check(self) -> Check | None:
        """What was drawn, and granted for years that no account tells of, against the total."""
        measure = self.measure
        if self.is_draft or measure.limit_rule != LimitRule.PERIOD_TOTAL or measure.total is None:
            return None
        years = [YearAmounts(settled=year.counted) for year in self.years]
        if all(year.amount is None for year in years):
            return None
        return limits.period_check(measure.total, years)

    @property
    def differing(self) -> tuple[YearDrawn, ...]:
        """The years in which something else was drawn than granted."""
        return tuple(year for year in self.years if year.difference)

    @property
    def is_passed(self) -> bool:
        period = self.period_check
        return any(year.is_passed for year in self.years) or (
            period is not None and period.standing is Standing.PASSED
        )

    @property
    def is_allowed(self) -> bool:
        """Whether all that passes a limit was allowed in a consultation; of a period's total, one of its years."""
        if self.measure.limit_rule == LimitRule.PERIOD_TOTAL:
            return any(year.is_allowed for year in self.years)
        return all(year.is_allowed for year in self.years if year.is_passed)


def load(user: User, center: Center, *, known_at: date) -> tuple[MeasureDrawn, ...]:
    """The center's contributions as the person may see them; a fixed number of queries."""
    by_measure = defaultdict(list)
    for account in Account.objects.filter(center=center, measure__isnull=False):
        by_measure[account.measure_id].append(account)
    pks = [account.pk for accounts in by_measure.values() for account in accounts]
    found = settled_amounts.load(center, pks, known_at=known_at)
    with_ledger = settled_amounts.years_with_ledger(center, known_at) if by_measure else frozenset()
    seen = frozenset(
        year for year in {*found.years, *with_ledger} if ledger.sees(user, center, year, found.closed)
    )
    return tuple(
        _Drawing(measure, tuple(by_measure[measure.id]), found, with_ledger, seen, known_at).of_measure()
        for measure in support.load(center, known_at=known_at)
        if measure.is_contribution
    )


@dataclass(frozen=True)
class _Drawing:
    """One measure with everything that its years are made of. `with_ledger`: the years that have one; `seen`: those whose
    ledger the person sees."""

    measure: Measure
    accounts: tuple[Account, ...]
    found: Accounted
    with_ledger: frozenset[FiscalYear]
    seen: frozenset[FiscalYear]
    known_at: date

    @property
    def _pks(self) -> list[int]:
        return [account.pk for account in self.accounts]

    def of_measure(self) -> MeasureDrawn:
        """Its own years, and those in which something was drawn."""
        drawn = {year for pk, year in self.found.lines if pk in self._pks}
        drawn |= {year for pk, year in self.found.ledger if pk in self._pks and year in self.seen}
        years = sorted(drawn | {year.year for year in self.measure.years})
        return MeasureDrawn(self.measure, tuple(self._of_year(year) for year in years))

    def _of_year(self, year: FiscalYear) -> YearDrawn:
        of_year, line = self.measure.year(year), self._line(year)
        in_ledger = self.found.in_ledger(self._pks, year) if year in self.seen else None
        account = next((account for account in self.accounts if account.is_valid_in(year)), None)
        granted = of_year.fact.amount if of_year and of_year.fact else None
        drawn = in_ledger if line is None else line.amount
        return YearDrawn(
            year=year,
            budget=of_year.budget if of_year else None,
            settled=of_year.settled if of_year else None,
            line=line,
            in_ledger=in_ledger,
            account=account.code if account else "",
            blank=of_year.blank if of_year else Blank.NOT_RECORDED,
            checks=self._checks(year, granted if drawn is None else drawn),
            raised=raised_to(self.measure, year),
            is_running=year.last_day >= self.known_at,
            has_ledger=bool(self.accounts) and year in self.with_ledger,
            sees_ledger=year in self.seen,
        )

    def _line(self, year: FiscalYear) -> SettledLine | None:
        amount = self.found.line(self._pks, year)
        lines = [self.found.lines[pk, year] for pk in self._pks if (pk, year) in self.found.lines]
        return None if amount is None else SettledLine(amount, lines[0].revision)

    def _checks(self, year: FiscalYear, amount: int | None) -> tuple[Check, ...]:
        if amount is None or self.measure.is_draft:
            return ()
        of_year = self.measure.year(year)
        indirect_cost = of_year.indirect_cost if of_year else NOT_RECORDED
        return year_checks(self.measure, year, amount, indirect_cost=indirect_cost)
