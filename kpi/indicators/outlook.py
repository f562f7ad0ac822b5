"""Where an indicator stands against its plan's last year: what it needs from here, and its pace so far. Pure.

No forecast: nothing is drawn into the future. Only final values of whole fiscal years count, because a part of a year
or a settlement forecast says nothing sure about the pace; a value from before a break never counts, because it stands
in another plan's row. Nothing is reckoned from a value of which the settlement or the register says something else.
What is asked of the years to come depends on the kind:

- cumulative: what is still missing, divided by the years left from today on;
- yearly, ratio and level: how far the latest value is from the level that the last year asks for.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import Any

from iconm_portal.values.fiscal import FiscalYear
from kpi.plans.achievement import Certainty, Comparator, Kind, is_met
from kpi.plans.scorecard import Cell, Row

_WIDE = Context(prec=60)


class Standing(StrEnum):
    """What can be said."""

    NO_TARGET = "no_target"  # the last year has none
    NO_DATA = "no_data"  # no final value of a whole year yet
    NEEDS = "needs"  # the latest value does not meet the last year's target
    REACHED = "reached"  # it does already
    DIFFERS = "differs"  # what the latest value was taken from says something else by now
    ENDED = "ended"  # the plan's last year is over: what it ended with
    ENDED_OPEN = "ended_open"  # it is over, and its final value is not known


@dataclass(frozen=True, slots=True)
class Value:
    """A final value of a whole fiscal year, in base units. `differs`: from what the settlement or the register says by now."""

    year: FiscalYear
    value: Decimal
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """One indicator against its plan's last year. All values in base units (percentage points for a ratio).

    `difference` is target − latest: what is missing where it is positive, the room left under an 以下. `per_year` is
    that of a cumulative divided by `years_left`. `pace` is the mean change per year from `first` to `latest`; None
    where there is only one value.
    """

    standing: Standing
    kind: Kind
    comparator: Comparator
    last_year: FiscalYear
    target: Decimal | None = None
    latest: Value | None = None
    unused: Cell | None = None  # the last later value, which is no final one of a whole year
    first: Value | None = None
    years_left: int = 0
    difference: Decimal | None = None
    per_year: Decimal | None = None
    pace: Decimal | None = None


def outlook(row: Row, last_year: FiscalYear, *, today: date) -> Outlook:
    """What the row says about its plan's last year, looked at on that day."""
    facts = row.indicator
    cell = row.cell(last_year)
    target = cell.target.value if cell.target else None
    said: dict[str, Any] = {
        "kind": facts.kind,
        "comparator": facts.comparator,
        "last_year": last_year,
        "target": target,
    }
    values = whole_years(row)
    latest = values[-1] if values else None
    said["unused"] = _unused(row, latest)
    if today > last_year.last_day:
        is_known = latest is not None and latest.year == last_year
        if not is_known or target is None or latest is None:
            return Outlook(Standing.ENDED_OPEN, latest=latest, **said)
        return Outlook(Standing.ENDED, latest=latest, difference=target - latest.value, **said)
    if target is None:
        return Outlook(Standing.NO_TARGET, latest=latest, **said)
    if latest is None:
        return Outlook(Standing.NO_DATA, **said)
    if latest.differs:
        return Outlook(Standing.DIFFERS, latest=latest, **said)
    # From today on, the running year with it: what a year that is over brought is only not known yet.
    left = last_year - max(latest.year, FiscalYear.of(today) - 1)
    difference = target - latest.value
    return Outlook(
        Standing.REACHED if is_met(latest.value, target, facts.comparator) else Standing.NEEDS,
        latest=latest,
        first=values[0],
        years_left=left,
        difference=difference,
        per_year=_WIDE.divide(difference, Decimal(left)) if facts.kind.only_grows and left else None,
        pace=_pace(values),
        **said,
    )


def whole_years(row: Row) -> list[Value]:
    """The final values that speak of a whole fiscal year, oldest first; a baseline counts where it does."""
    return [
        Value(cell.year, cell.actual.value, cell.correction is not None)
        for cell in row.cells
        if cell.actual is not None
        and cell.actual.value is not None
        and cell.actual.certainty == Certainty.FINAL
        and cell.actual.as_of >= cell.year.last_day
    ]


def _unused(row: Row, latest: Value | None) -> Cell | None:
    """What is known of a later year, and is not counted: a value within the year, or a settlement forecast."""
    cell = row.latest
    later = cell is not None and not cell.is_baseline and (latest is None or cell.year > latest.year)
    return cell if later else None


def _pace(values: list[Value]) -> Decimal | None:
    """The mean change per year from the first of the values to the last; None where nothing is reckoned from the first."""
    if len(values) < 2:
        return None
    first, last = values[0], values[-1]
    if first.differs:
        return None
    return _WIDE.divide(last.value - first.value, Decimal(last.year - first.year))


def shown_step(value: Decimal, *, scale: int, decimals: int, up: bool) -> Decimal:
    """A yearly step in the display unit, with one decimal more than the indicator shows, away from flattery.

    `up` for what is needed (1.234 件 → 1.3 件), down for room that is left: rounding never makes a need look smaller.
    """
    step = Decimal(1).scaleb(-(decimals + (scale == 1)))
    side = ROUND_CEILING if up else ROUND_FLOOR
    shown = _WIDE.divide(value, Decimal(scale)).quantize(step, side, _WIDE)
    return Decimal(int(shown)) if shown == shown.to_integral_value() else shown.normalize(_WIDE)
