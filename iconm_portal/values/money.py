"""Money and rounding: yen, 千円, 百万円; the one place where figures are rounded and written.

Floats are refused everywhere (TypeError): amounts are whole yen (int) or exact decimals.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from enum import Enum, StrEnum
from typing import Final

MOST_DECIMALS: Final = 15
LARGEST_EXPONENT: Final = 30

# Wide enough for anything below 10^31 with 15 decimals; the caller's own decimal context never matters.
_CONTEXT: Final = Context(prec=60)


class Rounding(StrEnum):
    """How a figure is shortened. Negatives mirror: half-up goes away from zero, truncation to it."""

    HALF_UP = "half_up"
    TRUNCATE = "truncate"


class MoneyUnit(Enum):
    """A unit in which amounts are recorded or printed; `yen` is its worth."""

    YEN = "円"
    THOUSAND = "千円"
    MILLION = "百万円"

    @property
    def yen(self) -> int:
        """How many yen one of this unit is."""
        return {MoneyUnit.YEN: 1, MoneyUnit.THOUSAND: 1_000, MoneyUnit.MILLION: 1_000_000}[self]

    def __str__(self) -> str:
        return self.value


_MODES: Final = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.TRUNCATE: ROUND_DOWN}


def round_to(value: Decimal | int, decimals: int, rounding: Rounding) -> Decimal:
    """The value with exactly so many decimals (0–15), never -0.

    -2.5 becomes -3 half-up and -2 truncated. ValueError for what is not finite or too large to be a figure.
    """
    if not 0 <= decimals <= MOST_DECIMALS:
        raise ValueError(f"decimals must lie between 0 and {MOST_DECIMALS}, not {decimals}")
    exact = _exact(value)
    step = Decimal(1).scaleb(-decimals)
    shortened = exact.quantize(step, rounding=_MODES[Rounding(rounding)], context=_CONTEXT)
    return abs(shortened) if shortened.is_zero() else shortened


def in_unit(yen: int | Decimal, unit: MoneyUnit, rounding: Rounding, decimals: int = 0) -> Decimal:
    """Yen expressed in a unit: 505,794,000 yen is 505 百万円 truncated (T3) and 506 half-up."""
    return round_to(_CONTEXT.divide(_exact(yen), Decimal(unit.yen)), decimals, rounding)


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Part ÷ whole × 100 with one decimal, half-up: the one rounding of every rate. ZeroDivisionError for a whole of 0."""
    return round_to(
        _CONTEXT.divide(_CONTEXT.multiply(_exact(part), Decimal(100)), _exact(whole)), 1, Rounding.HALF_UP
    )


def to_yen(value: Decimal | int, unit: MoneyUnit) -> int:
    """The whole yen that a value in a unit stands for; ValueError when it is not whole yen (1.0005千円)."""
    yen = _CONTEXT.multiply(_exact(value), Decimal(unit.yen))
    if yen != yen.to_integral_value():
        raise ValueError(f"{value}{unit} is not a whole number of yen")
    return int(yen)


class NegativeMark(StrEnum):
    """What stands before a negative figure, on pages and on paper: a center's setting. No other place writes it."""

    BLACK = "▲"
    WHITE = "△"


# Of the request or the job under way, as the language is: whoever begins one says whose figures it writes.
_mark: Final = ContextVar("negative_mark", default=NegativeMark.BLACK)


def write_negatives_with(mark: NegativeMark = NegativeMark.BLACK) -> None:
    """From here on, in this request or job; streamed answers too, so that nothing takes it back but the next one's beginning."""
    _mark.set(mark)


def negative_mark() -> str:
    """What stands before a negative figure in the request or job under way."""
    return _mark.get().value


def format_number(
    value: Decimal | int, decimals: int | None = None, negative: str | None = None, strip_zeros: bool = False
) -> str:
    """The figure as it is printed: 1,234, ▲5, 24.3; never an exponent, never -0.

    With `decimals` it is shown with exactly so many (rounded half-up: a figure that must be truncated goes
    through `round_to` first), without it with as many as it has. `strip_zeros` drops the zeros that a
    database column adds (24.300000).
    """
    figure = _exact(value) if decimals is None else round_to(value, decimals, Rounding.HALF_UP)
    text = f"{abs(figure):,f}"
    if strip_zeros and "." in text:
        text = text.rstrip("0").rstrip(".")
    if figure >= 0:
        return text
    return f"{negative_mark() if negative is None else negative}{text}"


def explained_by_rounding(
    printed_total: Decimal | int, printed_parts: Iterable[Decimal | int], unit_step: Decimal | int = 1
) -> bool:
    """Whether a printed total and its printed parts can differ only because each was rounded on its own.

    The most that rounding explains is half a recorded unit for each part and half for the total (T2, R1:
    805,499 beside 394,574 + 410,926). `unit_step` is the recorded unit in the figures' own unit: 1 for T2's
    千円 given in 千円, 1000 for the same in yen, 0 where whole yen were recorded and nothing was rounded.
    """
    step = _exact(unit_step)
    if step < 0:
        raise ValueError("the recorded unit cannot be negative")
    parts = [_exact(part) for part in printed_parts]
    return abs(_exact(printed_total) - sum(parts, Decimal(0))) * 2 <= step * (len(parts) + 1)


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"a figure is an int or a Decimal, not {type(value).__name__}")
    exact = Decimal(value)
    if not exact.is_finite() or (exact and not -LARGEST_EXPONENT <= exact.adjusted() <= LARGEST_EXPONENT):
        raise ValueError("the figure is not finite, or out of all proportion")
    return exact
