"""What the accounts and the register propose for the values of a report, and whether a reported value differs from it.

An account's figure is taken from the settled statement, or, while the year runs or nothing is settled yet, from the
settlement forecast; a count is made of the register's records (`kpi.register.counting`), and of what stood before them
(`kpi.register.opening_balances`). Nothing is proposed where neither says anything: an empty register counts nothing, which is
not 0. Nor where the register holds less than was accepted before: it began in the middle, or has a gap, and says nothing
against a report. The report keeps what people enter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from finance.limits import settled_amounts
from finance.limits.settled_amounts import Line
from finance.models import Stage
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import round_to
from kpi.models import Indicator, IndicatorBasis, Measured, Plan
from kpi.plans.achievement import Certainty, display
from kpi.register import counting, opening_balances
from kpi.register.counting import Span, Sums
from kpi.register.opening_balances import Opening
from kpi.value_sources import accepted_values
from kpi.value_sources.accepted_values import AcceptedValue
from kpi.value_sources.entry_values import Entered


@dataclass(frozen=True, slots=True)
class RegisterCount:
    """What the register comes to for an indicator up to a day: an opening balance, where there is one, and the records
    since.

    `short_of`: the latest accepted value that is more than the register holds for its day. Then it is not whole.
    """

    basis: IndicatorBasis
    as_of: date
    span: Span
    sums: Sums
    opening: Opening | None = None
    short_of: AcceptedValue | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the register surely holds anything of what is counted. That nothing is recorded since the opening day
        says nothing of the days after it."""
        if self.opening is None:
            return self.sums.records > 0
        return self.as_of == self.opening.as_of or (self.as_of > self.opening.as_of and self.sums.records > 0)

    @property
    def says_enough(self) -> bool:
        """Whether it proposes a value, and a report can be held against it."""
        return self.is_kept and self.short_of is None

    @property
    def since_opening(self) -> Decimal | None:
        """What the records since the opening balance come to, in base units."""
        value = self.sums.value(self.basis.measured, decimals=self.basis.indicator.entry_decimals)
        return None if value is None else value * self.basis.indicator.scale

    @property
    def at_opening(self) -> Decimal:
        return Decimal(self.opening.value if self.opening else 0) * self.basis.indicator.scale

    @property
    def least(self) -> Decimal | None:
        """In base units; None where nothing of it is recorded."""
        since = self.since_opening
        return None if since is None or not self.is_kept else self.at_opening + since

    @property
    def most(self) -> Decimal | None:
        """The same with what is dated too vaguely."""
        return None if self.least is None else self.least + self._vague

    @property
    def _vague(self) -> Decimal:
        is_things = self.basis.measured == Measured.RECORDS
        return Decimal(self.sums.vague_things if is_things else self.sums.vague) * self.basis.indicator.scale

    def is_short_of(self, value: Decimal) -> bool:
        """Whether a value accepted for the day is more than the register can hold for it. Of a day before the opening
        balance it says nothing, and where records lack what is measured they may hold anything."""
        if self.opening is not None and self.as_of < self.opening.as_of:
            return False
        if self.sums.lacking(self.basis.measured) or (
            self.sums.vague and self.basis.measured != Measured.RECORDS
        ):
            return False
        return value > self.at_opening + (self.since_opening or Decimal(0)) + self._vague


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
    counted: RegisterCount | None = None  # of the register

    @property
    def is_firm(self) -> bool:
        """Whether a reported value can be held against it: not where the counted records lack what is measured."""
        if self.counted is None or self.basis.measured == Measured.RECORDS:
            return self.value is not None
        sums = self.counted.sums
        return self.value is not None and not sums.vague and not sums.lacking(self.basis.measured)

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


def load(
    plan: Plan, fiscal_year: FiscalYear, *, as_of: date, today: date, as_it_was: bool = False
) -> dict[int, Proposal]:
    """By indicator, for every indicator that names its basis; a fixed number of queries. `as_it_was`: with what the
    register held at the end of that day, not with what it holds now."""
    bases = IndicatorBasis.objects.filter(indicator__plan=plan)
    return of_bases(
        bases.select_related("indicator__plan__center", "account", "category"),
        plan,
        fiscal_year,
        as_of,
        today,
        as_it_was=as_it_was,
    )


def of_bases(
    bases: Iterable[IndicatorBasis],
    plan: Plan,
    fiscal_year: FiscalYear,
    as_of: date,
    today: date,
    *,
    as_it_was: bool = False,
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
    places = [(one, fiscal_year, as_of) for one in named if one.category_id is not None]
    proposals = from_register(plan.center, places, known_at=today, as_it_was=as_it_was)
    counted = {one.basis.indicator_id: one for one in proposals}
    return {
        basis.indicator_id: counted[basis.indicator_id]
        if basis.indicator_id in counted
        else of_line(basis, fiscal_year, as_of, lines.get(basis.account_id or 0))
        for basis in named
    }


def stages(fiscal_year: FiscalYear, as_of: date) -> tuple[Stage, ...]:
    """From what a year's figure is taken, the best first: a settlement says nothing of a day within the year."""
    return (Stage.FORECAST,) if as_of < fiscal_year.last_day else (Stage.SETTLEMENT, Stage.FORECAST)


def of_line(basis: IndicatorBasis, fiscal_year: FiscalYear, as_of: date, line: Line | None) -> Proposal:
    """What an account's amount proposes for a report as of the day."""
    one = basis.indicator
    value = None if line is None else _enterable(one, Decimal(line.amount))
    is_forecast = line is not None and line.stage == Stage.FORECAST
    certainty = Certainty.FORECAST if is_forecast else _certainty(fiscal_year, as_of)
    return Proposal(basis, one, fiscal_year, as_of, value, value, certainty, line)


def _certainty(fiscal_year: FiscalYear, as_of: date) -> Certainty:
    return Certainty.INTERIM if as_of < fiscal_year.last_day else Certainty.FINAL


# -- The register --


Place = tuple[IndicatorBasis, FiscalYear, date]
"""What is counted for which year, and as of which day."""


def from_register(
    center: Center, places: Sequence[Place], *, known_at: date, as_it_was: bool = False
) -> list[Proposal]:
    """What the register proposes for each of the places; a fixed number of queries, however many they are. `as_it_was`:
    by what was recorded at the end of that day, not by what is recorded now."""
    counts = _counts(center, places, known_at=known_at, as_it_was=as_it_was)
    return [_from_register(*place, counted) for place, counted in zip(places, counts, strict=True)]


def _counts(
    center: Center, places: Sequence[Place], *, known_at: date, as_it_was: bool = False
) -> list[RegisterCount]:
    if not places:
        return []
    bases = list({basis.indicator_id: basis for basis, _year, _day in places}.values())
    then = known_at if as_it_was else None
    openings = opening_balances.load(center, bases, known_at=then)
    accepted = accepted_values.load(center, bases, known_at=known_at)

    def span(basis: IndicatorBasis, year: FiscalYear, day: date) -> Span:
        opening = openings.get(basis.indicator_id)
        return accepted_values.span_of(basis, year, day, opening.as_of if opening else None)

    def reached(basis: IndicatorBasis, year: FiscalYear) -> list[AcceptedValue]:
        return accepted_values.of_year(basis, accepted.get(basis.indicator_id, ()), year)

    spans = [span(*place) for place in places]
    spans += [
        span(basis, one.year, one.as_of) for basis, year, _day in places for one in reached(basis, year)
    ]
    sums = counting.sums(center, spans, known_at=then)

    def count(basis: IndicatorBasis, year: FiscalYear, day: date) -> RegisterCount:
        days = span(basis, year, day)
        of_span = sums[days].get(basis.category_id or 0, counting.NOTHING)
        return RegisterCount(basis, day, days, of_span, openings.get(basis.indicator_id))

    found = []
    for basis, year, day in places:
        short = [
            one for one in reached(basis, year) if count(basis, one.year, one.as_of).is_short_of(one.value)
        ]
        latest = max(short, key=lambda one: one.as_of, default=None)
        found.append(replace(count(basis, year, day), short_of=latest))
    return found


def _from_register(
    basis: IndicatorBasis, fiscal_year: FiscalYear, as_of: date, counted: RegisterCount
) -> Proposal:
    value, most = (counted.least, counted.most) if counted.says_enough else (None, None)
    return Proposal(
        basis,
        basis.indicator,
        fiscal_year,
        as_of,
        value,
        most,
        _certainty(fiscal_year, as_of),
        counted=counted,
    )


def _enterable(one: Indicator, value: Decimal) -> Decimal:
    """The value with no more digits than a person can enter, by the indicator's own rounding."""
    return round_to(value / one.scale, one.entry_decimals, one.rounding) * one.scale
