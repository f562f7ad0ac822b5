"""What the entry sheet says about a value: warnings, which never stand in the way, and refusals, which do.

Pure: values in the indicator's base unit, no texts; the form puts words to the codes. That a typed text is no
number, carries another unit or too many decimals is found earlier, by `iconm_portal.values.number_input`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from iconm_portal.values.fiscal import FiscalYear
from kpi.plans.achievement import Certainty, Kind, is_part_year_flow

LARGE_CHANGE = Decimal("0.5")  # of last year's value
# Typed in the wrong unit: 円 for 千円, 千円 for 百万円, or two steps. A ratio goes wrong by 100 (0.9 for 90).
_SCALE_STEPS = (Decimal(1000), Decimal(1_000_000))
_RATIO_STEPS = (Decimal(100),)
_SCALE_PLAY = Decimal(2)  # "about": a year may well bring half or twice as much besides


class WarningCode(StrEnum):
    """What may be wrong with a value that is nevertheless taken."""

    FALLING_CUMULATIVE = "falling_cumulative"
    BELOW_EARLIER = "below_earlier"
    ABOVE_LATER = "above_later"
    NEGATIVE_FLOW = "negative_flow"
    LARGE_CHANGE = "large_change"
    PART_YEAR_FLOW = "part_year_flow"
    FINAL_BEFORE_YEAR_END = "final_before_year_end"
    AS_OF_AFTER_YEAR = "as_of_after_year"
    SUSPICIOUS_SCALE = "suspicious_scale"
    DIFFERS_FROM_PROPOSAL = "differs_from_proposal"
    REASON_ASKED = "reason_asked"

    @property
    def asks_reason(self) -> bool:
        """Whether it leaves a question open that only the foundation can answer."""
        match self:
            case (
                WarningCode.FALLING_CUMULATIVE
                | WarningCode.BELOW_EARLIER
                | WarningCode.ABOVE_LATER
                | WarningCode.NEGATIVE_FLOW
                | WarningCode.LARGE_CHANGE
                | WarningCode.DIFFERS_FROM_PROPOSAL
            ):
                return True
            case (
                WarningCode.PART_YEAR_FLOW
                | WarningCode.FINAL_BEFORE_YEAR_END
                | WarningCode.AS_OF_AFTER_YEAR
                | WarningCode.SUSPICIOUS_SCALE
                | WarningCode.REASON_ASKED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def needs_reason(self) -> bool:
        """Whether the value is not handed in before the note says why: it contradicts what is known, or what is usual of
        its kind."""
        return self.asks_reason and self is not WarningCode.LARGE_CHANGE


class RefusalCode(StrEnum):
    """Why a value cannot be taken."""

    AS_OF_IN_FUTURE = "as_of_in_future"
    AS_OF_BEFORE_YEAR = "as_of_before_year"


@dataclass(frozen=True, slots=True)
class CheckWarning:
    """A warning and what its text needs: Decimals in the base unit, dates, and codes as str."""

    code: WarningCode
    params: Mapping[str, Decimal | date | str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the same indicator as of another day, within the year or of a later one; in base units."""

    value: Decimal
    as_of: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal and what its text needs."""

    code: RefusalCode
    params: Mapping[str, date]


def check_value(
    *,
    kind: Kind,
    value: Decimal | None,
    certainty: Certainty,
    as_of: date,
    fiscal_year: FiscalYear,
    previous: Decimal | None,
    target: Decimal | None,
    note: str,
    breaks: bool,
    known: Iterable[Known] = (),
    differs: CheckWarning | None = None,
) -> list[CheckWarning]:
    """Warnings about one typed value, the gravest first; none where nothing was typed.

    `previous`: last year's value along the chain of indicators that continue each other. `breaks`: the definition
    changed between the two, so that nothing is compared with it. `target`: this year's. `known`: what else a cumulative
    has to fit. All in the base unit. `differs`: that the value is not what the accounts or the register propose
    (`kpi.value_sources.suggested_values`).
    """
    if value is None:
        return []
    compared = None if breaks else previous
    part_year = is_part_year_flow(kind, certainty, part_year=as_of < fiscal_year.last_day)
    found = [
        *_scale(kind, value, compared, target),
        *_movement(kind, value, compared, part_year=part_year),
        *_order(kind, value, as_of, known),
        *_sign(kind, value),
        *_period(certainty, as_of, fiscal_year, part_year=part_year),
    ]
    found = [*_without_consequences(found), *([differs] if differs else [])]
    if not note.strip() and any(warning.code.asks_reason for warning in found):
        found.append(CheckWarning(WarningCode.REASON_ASKED, {}))
    return found


def refuse_value(*, as_of: date, fiscal_year: FiscalYear, today: date) -> list[Refusal]:
    """Why a value with this as-of day cannot be taken for the year, if so.

    A forecast for the year's end has the day on which it was made as its as-of day: no future is needed.
    """
    if as_of > today:
        return [Refusal(RefusalCode.AS_OF_IN_FUTURE, {"as_of": as_of, "today": today})]
    if as_of < fiscal_year.first_day:
        return [Refusal(RefusalCode.AS_OF_BEFORE_YEAR, {"as_of": as_of, "first_day": fiscal_year.first_day})]
    return []


def _order(kind: Kind, value: Decimal, as_of: date, known: Iterable[Known]) -> Iterator[CheckWarning]:
    """What was once counted stays: not less than on an earlier day, and not more than on a later one."""
    if not kind.only_grows:
        return
    by_day = sorted(known, key=lambda one: one.as_of)
    below = [one for one in by_day if one.as_of < as_of and value < one.value]
    above = [one for one in by_day if one.as_of > as_of and value > one.value]
    for code, others in ((WarningCode.BELOW_EARLIER, below[-1:]), (WarningCode.ABOVE_LATER, above[:1])):
        for one in others:
            yield CheckWarning(code, {"value": value, "known": one.value, "day": one.as_of})


def _sign(kind: Kind, value: Decimal) -> Iterator[CheckWarning]:
    """Less than nothing within a year: more was taken back than came."""
    if kind.begins_anew_each_year and value < 0:
        yield CheckWarning(WarningCode.NEGATIVE_FLOW, {"value": value})


def _movement(
    kind: Kind, value: Decimal, previous: Decimal | None, *, part_year: bool
) -> Iterator[CheckWarning]:
    """Against last year's value: a cumulative that falls, or a change beyond half of it."""
    if previous is None:
        return
    params = {"value": value, "previous": previous}
    if kind.only_grows and value < previous:
        yield CheckWarning(WarningCode.FALLING_CUMULATIVE, params)
        return
    # Part of a year is naturally less than a whole one, but not more.
    if previous == 0 or (part_year and value < previous):
        return
    if abs(value - previous) > abs(previous) * LARGE_CHANGE:
        yield CheckWarning(WarningCode.LARGE_CHANGE, params)


def _period(
    certainty: Certainty, as_of: date, fiscal_year: FiscalYear, *, part_year: bool
) -> Iterator[CheckWarning]:
    """Whether the value speaks of the year that its target speaks of."""
    params = {"as_of": as_of, "last_day": fiscal_year.last_day}
    if as_of > fiscal_year.last_day:
        yield CheckWarning(WarningCode.AS_OF_AFTER_YEAR, params)
    elif part_year and certainty == Certainty.FINAL:
        yield CheckWarning(WarningCode.FINAL_BEFORE_YEAR_END, params)
    elif part_year:
        yield CheckWarning(WarningCode.PART_YEAR_FLOW, params)


def _scale(
    kind: Kind, value: Decimal, previous: Decimal | None, target: Decimal | None
) -> Iterator[CheckWarning]:
    """The first of last year's value and the target from which the value is away by about a step of units."""
    for compared_with, reference in (("previous", previous), ("target", target)):
        step = _step(kind, value, reference)
        if reference is not None and step is not None:
            direction = "too_large" if abs(value) > abs(reference) else "too_small"
            yield CheckWarning(
                WarningCode.SUSPICIOUS_SCALE,
                {
                    "value": value,
                    "reference": reference,
                    "compared_with": compared_with,
                    "direction": direction,
                    "factor": step,
                },
            )
            return


def _step(kind: Kind, value: Decimal, reference: Decimal | None) -> Decimal | None:
    """The step of units that lies about between the two, or None. Zero lies no step from anything."""
    if reference is None or not value or not reference:
        return None
    smaller, larger = sorted((abs(value), abs(reference)))
    for step in _RATIO_STEPS if kind.is_percentage else _SCALE_STEPS:
        # Products rather than a quotient, so that nothing is rounded.
        if smaller * step <= larger * _SCALE_PLAY and larger <= smaller * step * _SCALE_PLAY:
            return step
    return None


def _without_consequences(found: list[CheckWarning]) -> list[CheckWarning]:
    """A wrong unit is also a large change; saying so twice would hide what to do."""
    if any(warning.code is WarningCode.SUSPICIOUS_SCALE for warning in found):
        return [warning for warning in found if warning.code is not WarningCode.LARGE_CHANGE]
    return found
