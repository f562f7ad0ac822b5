"""Small pictures for table rows, drawn on the server as inline SVG: a bullet bar and a history of years.

One way of drawing: `svg_bullet` and `svg_history` return finished markup. A template fragment per shape proved
slower than the rest of the page together, and forty rows have to be there with the first paint. The geometry
(`bullet_shape`, `history_shape`) is kept apart, in whole pixels, so that it can be tested as numbers. Shapes carry
classes only; their colours stand in portal.css.

Not reported is never drawn as a bar: a missing year is a "?", a zero is a tick on the axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import assert_never

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

BULLET_WIDTH = 152
BULLET_HEIGHT = 20
BULLET_BAR_TOP = 4
BULLET_BAR_HEIGHT = 12
TARGET_AT = 0.8  # the target's place on the bar, until a value beyond 125 % of it stretches the scale

HISTORY_HEIGHT = 40
HISTORY_TOP = 4  # room for a target stroke at the very top
HISTORY_BASE = 36
BAR_WIDTH = 12
BAR_STEP = 20
BAR_INSET = 4  # half of what a step is wider than its bar
BREAK_GAP = 6
ZERO_TICK = 2
GLYPH_HEIGHT = 11


class BarFill(Enum):
    """How the bar of a bullet is filled; the value is its CSS class."""

    MET = "met"
    NEARLY = "nearly"
    NOT_MET = "not-met"
    OPEN = "open"  # interim or forecast, or without a target to compare with

    @property
    def is_outlined(self) -> bool:
        """Whether its bar is drawn hollow."""
        match self:
            case BarFill.NEARLY | BarFill.OPEN:
                return True
            case BarFill.MET | BarFill.NOT_MET:
                return False
            case _:
                assert_never(self)


class Certainty(Enum):
    """How a year's bar is filled: solid only when the value is final."""

    FINAL = "final"
    INTERIM = "open"
    FORECAST = "forecast"


@dataclass(frozen=True, slots=True)
class HistoryYear:
    """One year of a history. `value` None means not reported, unless `expected` is False: then nothing is drawn.

    `break_before` marks the first year of a changed definition.
    """

    value: Decimal | None
    target: Decimal | None = None
    certainty: Certainty = Certainty.FINAL
    expected: bool = True
    break_before: bool = False


@dataclass(frozen=True, slots=True)
class BulletShape:
    """Pixels from the left: where the bar starts and ends, where zero lies and the target's mark stands."""

    bar_from: int
    bar_to: int
    zero: int
    mark: int | None


@dataclass(frozen=True, slots=True)
class YearShape:
    """Pixels from the top; `left` is the bar's left edge. A height of 0 is drawn as a tick."""

    left: int
    top: int | None
    height: int
    mark: int | None
    unknown: bool
    style: str


@dataclass(frozen=True, slots=True)
class HistoryShape:
    """The years, the x of each break, and the y of zero of each stretch between breaks."""

    width: int
    years: tuple[YearShape, ...]
    breaks: tuple[int, ...]
    axes: tuple[tuple[int, int, int], ...]  # from x, to x, y


def bullet_shape(value: Decimal, target: Decimal | None) -> BulletShape:
    """Place a value and its target on one scale that holds both, never cutting either off."""
    actual, goal = float(value), float(target or 0)  # pixels need no more digits
    low = min(0.0, actual, goal)
    span = (max(0.0, actual, goal / TARGET_AT) - low) or 1.0

    def x(amount: float) -> int:
        return round((amount - low) / span * BULLET_WIDTH)

    zero, end = x(0), x(actual)
    return BulletShape(min(zero, end), max(zero, end), zero, None if target is None else x(goal))


def history_shape(years: Sequence[HistoryYear]) -> HistoryShape:
    """Place the years from left to right. Values before and after a break share no scale: they are not comparable."""
    shapes: list[YearShape] = []
    breaks: list[int] = []
    axes: list[tuple[int, int, int]] = []
    x = 0
    for stretch in _stretches(years):
        if shapes:
            breaks.append(x + BREAK_GAP // 2)
            x += BREAK_GAP
        scale = _scale(stretch)
        axes.append((x, x + BAR_STEP * len(stretch), scale.y(0)))
        for year in stretch:
            shapes.append(_year_shape(year, x + BAR_INSET, scale, last=len(shapes) == len(years) - 1))
            x += BAR_STEP
    return HistoryShape(x, tuple(shapes), tuple(breaks), tuple(axes))


def svg_bullet(*, value: Decimal | None, target: Decimal | None, standing: BarFill, label: str) -> SafeString:
    """The bullet bar as SVG. `label` says in words what it shows. Empty when there is no value: 未報告 is no bar."""
    if value is None:
        return mark_safe("")
    shape = bullet_shape(value, target)
    parts = [_rectangle("track", 0, BULLET_BAR_TOP, BULLET_WIDTH, BULLET_BAR_HEIGHT)]
    length = shape.bar_to - shape.bar_from
    if length == 0:
        tick = min(shape.zero, BULLET_WIDTH - ZERO_TICK)
        parts.append(_rectangle("zero", tick, BULLET_BAR_TOP, ZERO_TICK, BULLET_BAR_HEIGHT))
    elif standing.is_outlined:  # an outline is drawn inside its edges, or the track would cut it in half
        inner = max(length - 2, 1)
        parts.append(
            _rectangle(standing.value, shape.bar_from + 1, BULLET_BAR_TOP + 1, inner, BULLET_BAR_HEIGHT - 2)
        )
    else:
        parts.append(_rectangle(standing.value, shape.bar_from, BULLET_BAR_TOP, length, BULLET_BAR_HEIGHT))
    if shape.mark is not None:
        mark = min(max(shape.mark, 2), BULLET_WIDTH - 2)
        parts.append(f'<path class="mark" d="M{mark} 0v{BULLET_HEIGHT}"/>')
    return _svg(BULLET_WIDTH, BULLET_HEIGHT, parts, label)


def svg_history(years: Sequence[HistoryYear], *, label: str) -> SafeString:
    """The history of years as SVG: bars, targets as strokes, breaks as dashed lines, "?" where nothing was reported."""
    shape = history_shape(years)
    parts = [f'<path class="axis" d="M{start} {y}.5H{end}"/>' for start, end, y in shape.axes]
    bars: dict[str, list[str]] = {}
    for year in shape.years:
        if year.top is not None:
            bars.setdefault(year.style, []).append(_bar_path(year))
    parts += [f'<path class="{style}" d="{"".join(paths)}"/>' for style, paths in bars.items()]
    marks = "".join(
        f"M{year.left - 2} {year.mark}h{BAR_WIDTH + 4}" for year in shape.years if year.mark is not None
    )
    if marks:
        parts.append(f'<path class="mark" d="{marks}"/>')
    parts += [f'<path class="break" d="M{x}.5 0v{HISTORY_HEIGHT}"/>' for x in shape.breaks]
    parts += [
        f'<text x="{year.left + BAR_WIDTH // 2}" y="{_question_base(year)}">?</text>'
        for year in shape.years
        if year.unknown
    ]
    return _svg(shape.width, HISTORY_HEIGHT, parts, label)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From amounts to pixels from the top."""

    low: float
    span: float

    def y(self, amount: Decimal | int) -> int:
        return HISTORY_BASE - round((float(amount) - self.low) / self.span * (HISTORY_BASE - HISTORY_TOP))


def _stretches(years: Sequence[HistoryYear]) -> list[list[HistoryYear]]:
    """The years between breaks."""
    stretches: list[list[HistoryYear]] = []
    for year in years:
        if year.break_before or not stretches:
            stretches.append([])
        stretches[-1].append(year)
    return stretches


def _scale(years: Sequence[HistoryYear]) -> _Scale:
    """One scale that holds every value, every target and zero."""
    amounts = [float(amount) for year in years for amount in (year.value, year.target) if amount is not None]
    low = min([0.0, *amounts])
    return _Scale(low, (max([0.0, *amounts]) - low) or 1.0)


def _year_shape(year: HistoryYear, left: int, scale: _Scale, *, last: bool) -> YearShape:
    """The last year is the one that the row speaks of, so it alone has the strong colour."""
    mark = None if year.target is None else scale.y(year.target)
    if year.value is None:
        return YearShape(left, None, 0, mark, unknown=year.expected, style="")
    solid = "now" if last else "past"
    style = solid if year.certainty is Certainty.FINAL else year.certainty.value
    end, zero = scale.y(year.value), scale.y(0)
    return YearShape(
        left, min(end, zero), abs(end - zero), mark, unknown=False, style=style if year.value else "zero"
    )


def _question_base(year: YearShape) -> int:
    """Where the "?" of an unreported year stands: on the axis, or above a target whose stroke would go through it."""
    on_axis = HISTORY_BASE - 3
    struck = year.mark is not None and on_axis - GLYPH_HEIGHT - 2 < year.mark < on_axis + 2
    return max(year.mark - 4, HISTORY_TOP + GLYPH_HEIGHT) if struck and year.mark is not None else on_axis


def _rectangle(style: str, left: int, top: int, width: int, height: int) -> str:
    return f'<path class="{style}" d="M{left} {top}h{width}v{height}h-{width}z"/>'


def _bar_path(year: YearShape) -> str:
    height = year.height or ZERO_TICK
    top = (year.top or 0) if year.height else (year.top or 0) - ZERO_TICK
    return f"M{year.left} {top}h{BAR_WIDTH}v{height}h-{BAR_WIDTH}z"


def _svg(width: int, height: int, parts: list[str], label: str) -> SafeString:
    # Every number in `parts` was computed here; the label is the only text from outside.
    return mark_safe(  # noqa: S308
        f'<svg class="small-chart" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>{escape(label)}</title>{''.join(parts)}</svg>"
    )
