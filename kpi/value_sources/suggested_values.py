"""What the accounts and the register propose for the values of a report, and whether a reported value differs from it.

An account's figure is taken from the settled statement, or, while the year runs or nothing is settled yet, from the
settlement forecast; a count is made of the register's records (`kpi.register.counting`). Nothing is proposed where neither says
anything: an empty register counts nothing, which is not 0. The report keeps what people enter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.limits import settled_amounts
from finance.limits.settled_amounts import Line
from finance.models import Stage
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import round_to
from kpi.models import Indicator, IndicatorBasis, Measured, Plan
from kpi.plans.achievement import Certainty, display
from kpi.register import counting
from kpi.register.counting import Counts, Span, Sums
from kpi.value_sources.entry_values import Entered


@dataclass(frozen=True, slots=True)
class Proposal:
    """What stands behind an indicator in a year, and the value that it proposes.

    `value` is in the indicator's base unit, as exact as a person can enter it; None where nothing can be proposed.
    `most` is above it where some records are dated too vaguely to be surely counted.
    """

    basis: IndicatorBasis
    indicator: Indicator
    fiscal_year: FiscalYear
    as_of: date
    value: Decimal | None
    most: Decimal | None
    certainty: Certainty
    line: Line | None = None  # of the statement, in yen
    sums: Sums | None = None  # of the register
    is_kept: bool = True  # whether the register surely holds anything that the value counts

    @property
    def span(self) -> Span:
        """The days that a count speaks of."""
        return Span.of(self.indicator.kind, self.fiscal_year, self.as_of)

    @property
    def is_firm(self) -> bool:
        """Whether a reported value can be held against it: not where the counted records lack what is measured."""
        if self.sums is None or self.basis.measured == Measured.RECORDS:
            return self.value is not None
        return self.value is not None and not self.sums.vague and not self.sums.lacking(self.basis.measured)

    def differs(self, entered: Entered) -> bool:
        """Whether an entry says something else, as printed by the indicator's own rounding. A blank says nothing."""
        if entered.value is None or self.value is None or self.most is None or not self.is_firm:
            return False
        # What came of the year, or of a part of it, is no forecast and need not equal one.
        if self.line and self.line.stage == Stage.FORECAST and entered.certainty != Certainty.FORECAST:
            return False
        return not self._shown(self.value) <= self._shown(entered.value) <= self._shown(self.most)

    def _shown(self, value: Decimal) -> Decimal:
        return display(
            value,
            scale=self.indicator.scale,
            decimals=self.indicator.decimals,
            rounding=self.indicator.rounding,
        )


def load(plan: Plan, fiscal_year: FiscalYear, *, as_of: date, today: date) -> dict[int, Proposal]:
    """By indicator, for every indicator that names its basis; a fixed number of queries."""
    bases = IndicatorBasis.objects.filter(indicator__plan=plan)
    return of_bases(
        bases.select_related("indicator__plan__center", "account", "category"),
        plan,
        fiscal_year,
        as_of,
        today,
    )


def of_bases(
    bases: Iterable[IndicatorBasis], plan: Plan, fiscal_year: FiscalYear, as_of: date, today: date
) -> dict[int, Proposal]:
    """The same for some bases of the plan, read with their indicators."""
    named = list(bases)
    accounts = {basis.account_id for basis in named if basis.account_id is not None}
    lines = (
        settled_amounts.year_lines(
            plan.center, accounts, fiscal_year, stages=stages(fiscal_year, as_of), known_at=today
        )
        if accounts
        else {}
    )
    is_counted = any(basis.category_id is not None for basis in named)
    counts = counting.count(plan.center, fiscal_year=fiscal_year, as_of=as_of) if is_counted else None
    return {basis.indicator_id: _proposal(basis, fiscal_year, as_of, lines, counts) for basis in named}


def of_line(basis: IndicatorBasis, fiscal_year: FiscalYear, as_of: date, line: Line | None) -> Proposal:
    """What an account's amount proposes for a report as of the day."""
    lines = {basis.account_id or 0: line} if line is not None else {}
    return _proposal(basis, fiscal_year, as_of, lines, None)


def stages(fiscal_year: FiscalYear, as_of: date) -> tuple[Stage, ...]:
    """From what a year's figure is taken, the best first: a settlement says nothing of a day within the year."""
    return (Stage.FORECAST,) if as_of < fiscal_year.last_day else (Stage.SETTLEMENT, Stage.FORECAST)


def _proposal(
    basis: IndicatorBasis,
    fiscal_year: FiscalYear,
    as_of: date,
    lines: Mapping[int, Line],
    counts: Counts | None,
) -> Proposal:
    one = basis.indicator
    line = lines.get(basis.account_id) if basis.account_id is not None else None
    sums = (
        counts.of(basis.category_id, one.kind)
        if counts is not None and basis.category_id is not None
        else None
    )
    is_kept = sums is None or sums.records > 0
    value = most = None
    if line is not None:
        value = most = _enterable(one, Decimal(line.amount))
    elif sums is not None and is_kept:
        value = sums.value(basis.measured, decimals=one.entry_decimals)
        most = value if value is None else value + sums.vague
        value, most = (None if found is None else found * one.scale for found in (value, most))
    in_year = as_of < fiscal_year.last_day
    is_forecast = line is not None and line.stage == Stage.FORECAST
    certainty = Certainty.FORECAST if is_forecast else Certainty.INTERIM if in_year else Certainty.FINAL
    return Proposal(basis, one, fiscal_year, as_of, value, most, certainty, line, sums, is_kept)


def _enterable(one: Indicator, value: Decimal) -> Decimal:
    """The value with no more digits than a person can enter, by the indicator's own rounding."""
    return round_to(value / one.scale, one.entry_decimals, one.rounding) * one.scale
