"""The arithmetic of KPIs: rates, bands, and what each kind allows. No Django, no queries, no texts.

Values and targets are `Decimal` in the indicator's base unit: whole yen for money, otherwise the printed
unit (件, 社, 機関, and percent as printed, so 24.3 % is Decimal("24.3")). `None` is "not there", never zero.
Source of the rules: "Kinds of KPI" and "Achievement" of the domain page. Nothing here looks at a baseline:
targets below it, or below an earlier plan's, are ordinary (report T1: patents 5 < 8).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final, assert_never

from iconm_portal.values.money import Rounding, percent, round_to

_WIDE = Context(prec=60)
FULL: Final = Decimal("100.0")
NOT_QUITE_FULL: Final = Decimal("99.9")


class Kind(StrEnum):
    """累計, 年間・年額, 率, 時点: decides which arithmetic an indicator allows."""

    CUMULATIVE = "cumulative"
    FLOW = "flow"
    RATIO = "ratio"
    LEVEL = "level"

    @property
    def begins_anew_each_year(self) -> bool:
        """Whether a value counts its own fiscal year only, so that a part of the year says less than the target asks."""
        match self:
            case Kind.FLOW:
                return True
            case Kind.CUMULATIVE | Kind.RATIO | Kind.LEVEL:
                return False
            case _:
                assert_never(self)

    @property
    def counts_all_so_far(self) -> bool:
        """Whether the register counts everything up to the as-of day, rather than what happened within the year."""
        match self:
            case Kind.CUMULATIVE | Kind.LEVEL:
                return True
            case Kind.FLOW | Kind.RATIO:
                return False
            case _:
                assert_never(self)

    @property
    def only_grows(self) -> bool:
        """Whether what was once counted stays: a value does not fall, and what is missing can be spread over years."""
        match self:
            case Kind.CUMULATIVE:
                return True
            case Kind.FLOW | Kind.RATIO | Kind.LEVEL:
                return False
            case _:
                assert_never(self)

    @property
    def is_percentage(self) -> bool:
        """Whether it lies between 0 and 100 and differences are percentage points."""
        match self:
            case Kind.RATIO:
                return True
            case Kind.CUMULATIVE | Kind.FLOW | Kind.LEVEL:
                return False
            case _:
                assert_never(self)


class Comparator(StrEnum):
    """以上, 以下, 維持: when a target is met. Stored, never inferred."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MAINTAIN = "maintain"

    @property
    def is_ceiling(self) -> bool:
        """Whether the target is the most that a value may be; otherwise it is the least."""
        match self:
            case Comparator.AT_MOST:
                return True
            case Comparator.AT_LEAST | Comparator.MAINTAIN:
                return False
            case _:
                assert_never(self)


class Certainty(StrEnum):
    """途中経過, 決算見込, 確定."""

    INTERIM = "interim"
    FORECAST = "forecast"
    FINAL = "final"

    def allows_verdict(self, *, part_year: bool, year_runs: bool) -> bool:
        """Whether the value speaks of the whole year, so that it can be said to meet its target.

        A final value does where it is as of the year's end; as of a day within the year it is one of mid-year, whatever
        it calls itself, and stays one after the year. A forecast is none before the year that it speaks of is over.
        """
        match self:
            case Certainty.FINAL:
                return not part_year
            case Certainty.FORECAST:
                return not year_runs
            case Certainty.INTERIM:
                return False
            case _:
                assert_never(self)


class Band(StrEnum):
    """How a value stands against its own year's target."""

    MET = "met"
    NEARLY = "nearly"
    NOT_MET = "not_met"
    INTERIM = "interim"
    UNREPORTED = "unreported"
    NOT_APPLICABLE = "not_applicable"
    NO_TARGET = "no_target"
    BASELINE = "baseline"

    @property
    def is_verdict(self) -> bool:
        """Whether it says that the target was met, or by how little or much it was not."""
        match self:
            case Band.MET | Band.NEARLY | Band.NOT_MET:
                return True
            case Band.INTERIM | Band.UNREPORTED | Band.NOT_APPLICABLE | Band.NO_TARGET | Band.BASELINE:
                return False
            case _:
                assert_never(self)


class Reason(StrEnum):
    """Why a band came out as it did, or why there is no rate."""

    COMPARED = "compared"
    INTERIM = "interim"
    PART_YEAR_FLOW = "part_year_flow"
    ZERO_TARGET = "zero_target"
    NEGATIVE_TARGET = "negative_target"
    UNREPORTED = "unreported"
    NOT_APPLICABLE = "not_applicable"
    NO_TARGET = "no_target"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Achievement:
    """One actual against one target.

    `rate` is in percent with one decimal. Under 以下 there is none: `difference` (actual − target, in the display unit)
    stands there instead. `comparable` says that the value may be set beside the target; `is_forecast` that the band
    rests on a 決算見込, which the reader must be told.
    """

    band: Band
    rate: Decimal | None
    comparable: bool
    reason: Reason
    is_forecast: bool = False
    difference: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many indicators stand in each band; the figures of the finding in words.

    A verdict that rests on a forecast is counted apart (`expected_…`): nothing is met before its final value is known.
    `moved` are those, in whatever band, whose target was changed after the year was judged.
    """

    met: int = 0
    nearly: int = 0
    not_met: int = 0
    interim: int = 0
    unreported: int = 0
    not_applicable: int = 0
    no_target: int = 0
    baseline: int = 0
    expected_met: int = 0
    expected_nearly: int = 0
    expected_not_met: int = 0
    moved: int = 0
    contradicted: int = 0  # the settlement or the register says something else by now, with another verdict
    by_register: int = 0  # those of them of which the register says it

    @property
    def by_settlement(self) -> int:
        return self.contradicted - self.by_register

    @property
    def compared(self) -> int:
        """Those that have a verdict, by a final value or by a forecast."""
        expected = self.expected_met + self.expected_nearly + self.expected_not_met
        return self.met + self.nearly + self.not_met + expected

    @property
    def total(self) -> int:
        """All of them, with or without a verdict."""
        rest = (
            self.contradicted
            + self.interim
            + self.unreported
            + self.not_applicable
            + self.no_target
            + self.baseline
        )
        return self.compared + rest


def rate(actual: Decimal, target: Decimal, *, met: bool) -> Decimal | None:
    """Actual ÷ target in percent with one decimal, of the two figures as they are printed: 600 of 480 is 125.0.

    Half-up, so that a reader who works it out gets the same; but one that is not `met` never reads 100.0 (99.9),
    and one that is never less. Not capped otherwise. None for a target of zero or below: there a quotient says nothing
    (-10 against -5 would read 200 %), while `is_met` still does.
    """
    if target <= 0:
        return None
    quotient = percent(actual, target)
    return max(quotient, FULL) if met else min(quotient, NOT_QUITE_FULL)


def is_met(actual: Decimal, target: Decimal, comparator: Comparator) -> bool:
    """Whether the stored value meets the target: not above it for 以下, not below it for 以上 and 維持."""
    if comparator.is_ceiling:
        return actual <= target
    return actual >= target


def is_nearly_met(actual: Decimal, target: Decimal, comparator: Comparator, threshold: Decimal) -> bool:
    """概ね達成: a target missed by no more than the plan's threshold (0 < threshold ≤ 1, such as 0.9) allows.

    以上 and 維持: actual ≥ target × threshold. 以下: actual ≤ target ÷ threshold (0.9 lets 100 grow to
    111.1…), written as a product, which is exact. A target of zero or below leaves no room: nothing is nearly
    met there.
    """
    if not 0 < threshold <= 1:
        raise ValueError("A threshold is a rate above 0 and not above 1.")
    if is_met(actual, target, comparator):
        return False
    if comparator.is_ceiling:
        return _WIDE.multiply(actual, threshold) <= target
    return actual >= _WIDE.multiply(target, threshold)


def is_part_year_flow(kind: Kind, certainty: Certainty, *, part_year: bool) -> bool:
    """Whether a value counts only part of the year that its target speaks of (report T1: 8件, 165件).

    `part_year`: its as-of day lies before the fiscal year's last. A forecast speaks of the whole year
    whenever it was made; anything else about a flow does not, not even one that calls itself final.
    """
    return kind.begins_anew_each_year and part_year and certainty is not Certainty.FORECAST


def assess(
    *,
    actual: Decimal | None,
    target: Decimal | None,
    kind: Kind,
    comparator: Comparator,
    certainty: Certainty | None,
    is_baseline: bool = False,
    not_applicable: bool = False,
    part_year: bool = False,
    year_runs: bool = False,
    nearly_threshold: Decimal | None = None,
    printed: Callable[[Decimal], Decimal] | None = None,
) -> Achievement:
    """Band and rate of one actual against its own year's target.

    `certainty` may be None only where there is no actual. `part_year`: the as-of day lies before the fiscal year's last;
    `year_runs`: the fiscal year is not over on the day asked for. `nearly_threshold`: the plan's rate for 概ね達成, None
    where it names none (iCONM). `printed`: how the indicator prints a value, for the rate of the two figures beside it;
    without one they are printed as stored.
    """
    if is_baseline:
        return _without_verdict(Band.BASELINE, Reason.BASELINE)
    if not_applicable:
        return _without_verdict(Band.NOT_APPLICABLE, Reason.NOT_APPLICABLE)
    if actual is None:
        return _without_verdict(Band.UNREPORTED, Reason.UNREPORTED)
    if certainty is None:
        raise ValueError("A reported value has a certainty.")
    if target is None:
        return _without_verdict(Band.NO_TARGET, Reason.NO_TARGET)
    if is_part_year_flow(kind, certainty, part_year=part_year):
        return _without_verdict(Band.INTERIM, Reason.PART_YEAR_FLOW)
    shown_actual, shown_target = (printed(actual), printed(target)) if printed else (actual, target)
    has_verdict = certainty.allows_verdict(part_year=part_year, year_runs=year_runs)
    is_ceiling = comparator.is_ceiling
    met = is_met(actual, target, comparator)
    return Achievement(
        band=_verdict(actual, target, comparator, nearly_threshold) if has_verdict else Band.INTERIM,
        rate=None if is_ceiling else rate(shown_actual, shown_target, met=met),
        comparable=True,
        reason=_reason(target) if has_verdict else Reason.INTERIM,
        is_forecast=has_verdict and certainty is Certainty.FORECAST,
        difference=shown_actual - shown_target if is_ceiling else None,
    )


def _without_verdict(band: Band, reason: Reason) -> Achievement:
    return Achievement(band, None, comparable=False, reason=reason)


def _verdict(actual: Decimal, target: Decimal, comparator: Comparator, threshold: Decimal | None) -> Band:
    if is_met(actual, target, comparator):
        return Band.MET
    if threshold is not None and is_nearly_met(actual, target, comparator, threshold):
        return Band.NEARLY
    return Band.NOT_MET


def _reason(target: Decimal) -> Reason:
    if target == 0:
        return Reason.ZERO_TARGET
    return Reason.NEGATIVE_TARGET if target < 0 else Reason.COMPARED


def display(value: Decimal, *, scale: int, decimals: int, rounding: Rounding) -> Decimal:
    """A stored value in the indicator's own unit, by its own rounding, without idle zeros after the point.

    `scale`: base units per shown unit (1, 1_000 for 千円, 1_000_000 for 百万円). `decimals`: how many are
    shown at most. 505,794,000 yen truncated to 百万円 is 505 (report T2 and T3). Truncation is towards zero.
    """
    shown = round_to(_WIDE.divide(value, Decimal(scale)), decimals, rounding)
    if shown == shown.to_integral_value():
        return Decimal(int(shown))  # normalize() would make it 1E+2
    return shown.normalize(_WIDE)


def stored(typed: Decimal, scale: int) -> Decimal:
    """A value typed or printed in the shown unit, in the base unit: 438,802 千円 → 438,802,000 yen. Exact."""
    return _WIDE.multiply(typed, Decimal(scale))


def summary(
    bands: Iterable[Band],
    expected: Iterable[Band] = (),
    *,
    moved: int = 0,
    contradicted: int = 0,
    by_register: int = 0,
) -> Counts:
    """How many of the given bands there are of each; `expected` are the verdicts that rest on a forecast."""
    by_forecast = {f"expected_{band.value}": number for band, number in Counter(expected).items()}
    by_band = {band.value: number for band, number in Counter(bands).items()}
    return Counts(**by_band, **by_forecast, moved=moved, contradicted=contradicted, by_register=by_register)
