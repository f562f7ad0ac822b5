"""The small pictures of table rows: what the shapes say as numbers, and what the markup says in words."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.display.small_charts import (
    BULLET_WIDTH,
    HISTORY_BASE,
    HISTORY_TOP,
    BarFill,
    Certainty,
    HistoryYear,
    bullet_shape,
    history_shape,
    svg_bullet,
    svg_history,
)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def year(value: int | None, target: int | None = None, **rest: object) -> HistoryYear:
    as_decimal = [None if amount is None else Decimal(amount) for amount in (value, target)]
    return HistoryYear(*as_decimal, **rest)  # type: ignore[arg-type]


def classes(svg: str) -> list[str | None]:
    return [element.get("class") for element in ElementTree.fromstring(svg)]  # noqa: S314 - our own markup


# The bullet


def test_the_target_stands_at_four_fifths() -> None:
    shape = bullet_shape(Decimal(50), Decimal(100))
    assert (shape.bar_to, shape.mark) == (round(BULLET_WIDTH * 0.4), round(BULLET_WIDTH * 0.8))


def test_a_value_far_above_its_target_stretches_the_scale() -> None:
    shape = bullet_shape(Decimal(400), Decimal(100))
    assert (shape.bar_to, shape.mark) == (BULLET_WIDTH, BULLET_WIDTH // 4)


@given(amounts, st.none() | amounts)
def test_nothing_is_ever_cut_off(value: Decimal, target: Decimal | None) -> None:
    shape = bullet_shape(value, target)
    assert 0 <= shape.bar_from <= shape.bar_to <= BULLET_WIDTH
    assert shape.mark is None or 0 <= shape.mark <= BULLET_WIDTH


def test_not_reported_is_no_picture_but_zero_is_one() -> None:
    nothing = svg_bullet(value=None, target=Decimal(9), standing=BarFill.OPEN, label="")
    zero = svg_bullet(value=Decimal(0), target=Decimal(9), standing=BarFill.NOT_MET, label="0 of 9")
    assert nothing == ""
    assert classes(zero) == [None, "track", "zero", "mark"]


@pytest.mark.parametrize("standing", BarFill)
def test_the_bar_is_filled_by_its_standing(standing: BarFill) -> None:
    svg = svg_bullet(value=Decimal(5), target=Decimal(9), standing=standing, label="5 of 9")
    assert classes(svg) == [None, "track", standing.value, "mark"]


def test_the_label_is_the_name_and_is_escaped() -> None:
    svg = svg_bullet(value=Decimal(5), target=None, standing=BarFill.OPEN, label="<b>5</b> & more")
    assert "<title>&lt;b&gt;5&lt;/b&gt; &amp; more</title>" in svg
    assert 'role="img"' in svg


# The history


def test_an_unreported_year_is_a_question_mark_and_keeps_its_target() -> None:
    shape = history_shape([year(8, 8), year(None, 9)])
    assert (shape.years[1].top, shape.years[1].unknown) == (None, True)
    assert shape.years[1].mark == HISTORY_TOP


def test_no_target_strikes_a_question_mark_out() -> None:
    svg = svg_history([year(20, 20), year(None, 6), year(None, 0)], label="")
    base = [int(y) for y in re.findall(r'<text x="\d+" y="(\d+)">', svg)]
    marks = [one.mark for one in history_shape([year(20, 20), year(None, 6), year(None, 0)]).years[1:]]
    assert all(mark is not None and not y - 11 < mark < y for y, mark in zip(base, marks, strict=True))


def test_a_year_before_the_indicator_existed_is_empty() -> None:
    svg = svg_history([year(None, expected=False), year(8)], label="8")
    assert classes(svg) == [None, "axis", "now"]


def test_zero_is_drawn_and_is_not_a_question_mark() -> None:
    svg = svg_history([year(4), year(0)], label="4, 0")
    assert classes(svg) == [None, "axis", "past", "zero"]
    assert "?" not in svg


def test_a_break_is_a_dashed_line_and_starts_a_scale_of_its_own() -> None:
    shape = history_shape([year(63), year(87), year(8, break_before=True), year(9)])
    heights = [one.height for one in shape.years]
    assert len(shape.breaks) == 1
    assert shape.years[1].left < shape.breaks[0] < shape.years[2].left
    assert heights[1] == heights[3] == HISTORY_BASE - HISTORY_TOP


def test_a_break_before_the_first_year_shown_draws_nothing() -> None:
    assert history_shape([year(8, break_before=True), year(9)]).breaks == ()


@pytest.mark.parametrize(
    ("certainty", "style"),
    [(Certainty.FINAL, "now"), (Certainty.INTERIM, "open"), (Certainty.FORECAST, "forecast")],
)
def test_only_a_final_value_is_solid(certainty: Certainty, style: str) -> None:
    assert history_shape([year(5), year(6, certainty=certainty)]).years[1].style == style


def test_a_negative_value_hangs_below_the_axis() -> None:
    shape = history_shape([year(-5), year(5)])
    (_start, _end, zero) = shape.axes[0]
    assert shape.years[0].top == zero
    assert shape.years[1].top is not None
    assert shape.years[1].top + shape.years[1].height == zero


@given(st.lists(st.builds(HistoryYear, st.none() | amounts, st.none() | amounts), max_size=12))
def test_every_year_stays_inside_the_picture(years: list[HistoryYear]) -> None:
    shape = history_shape(years)
    for one in shape.years:
        tops = [y for y in (one.top, one.mark) if y is not None]
        assert all(HISTORY_TOP <= y <= HISTORY_BASE for y in tops)
        assert one.left + 12 <= shape.width
