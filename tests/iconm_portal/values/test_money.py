"""Money and rounding: the report's figures come out digit for digit, and a rounded total is told from a mistake."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values.money import (
    MoneyUnit,
    Rounding,
    explained_by_rounding,
    format_number,
    in_unit,
    round_to,
    to_yen,
)

YEN = st.integers(-(10**15), 10**15)
HALF_UP, TRUNCATE = Rounding.HALF_UP, Rounding.TRUNCATE
THOUSAND, MILLION = MoneyUnit.THOUSAND, MoneyUnit.MILLION


def by_whole_numbers(yen: int, unit: int, rounding: Rounding) -> int:
    """The same rounding without decimals: by size, then the sign."""
    size = (abs(yen) + unit // 2) // unit if rounding == HALF_UP else abs(yen) // unit
    return -size if yen < 0 else size


@pytest.mark.parametrize(
    ("thousands", "truncated", "half_up"), [(505_794, 505, 506), (600_536, 600, 601), (-505_794, -505, -506)]
)
def test_the_kpi_table_truncates_what_the_ledger_rounds(thousands: int, truncated: int, half_up: int) -> None:
    yen = to_yen(thousands, THOUSAND)
    assert in_unit(yen, MILLION, TRUNCATE) == truncated
    assert in_unit(yen, MILLION, HALF_UP) == half_up


@given(YEN, st.sampled_from(MoneyUnit), st.sampled_from(Rounding))
def test_a_unit_is_rounded_as_whole_numbers_are(yen: int, unit: MoneyUnit, rounding: Rounding) -> None:
    assert in_unit(yen, unit, rounding) == by_whole_numbers(yen, unit.yen, rounding)


@given(YEN, st.sampled_from(MoneyUnit))
def test_yen_survive_any_unit_with_enough_decimals(yen: int, unit: MoneyUnit) -> None:
    assert to_yen(in_unit(yen, unit, TRUNCATE, decimals=6), unit) == yen


@pytest.mark.parametrize(
    ("value", "half_up", "truncated"),
    [("2.5", "3", "2"), ("-2.5", "-3", "-2"), ("2.4999", "2", "2"), ("-0.4", "0", "0"), ("0.5", "1", "0")],
)
def test_negatives_are_rounded_as_their_mirror_image(value: str, half_up: str, truncated: str) -> None:
    assert str(round_to(Decimal(value), 0, HALF_UP)) == half_up
    assert str(round_to(Decimal(value), 0, TRUNCATE)) == truncated


def test_decimals_are_kept_as_asked() -> None:
    assert str(round_to(Decimal("24.35"), 1, HALF_UP)) == "24.4"
    assert str(round_to(24, 1, TRUNCATE)) == "24.0"
    assert str(in_unit(1_234_567, MILLION, TRUNCATE, decimals=2)) == "1.23"


@pytest.mark.parametrize("decimals", [-1, 16])
def test_absurd_decimals_are_refused(decimals: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 15"):
        round_to(1, decimals, HALF_UP)


def test_only_whole_yen_are_kept() -> None:
    assert to_yen(Decimal("1.005"), THOUSAND) == 1005
    with pytest.raises(ValueError, match="whole number of yen"):
        to_yen(Decimal("1.0005"), THOUSAND)


@pytest.mark.parametrize("value", [1.5, "1", None, True])
def test_only_exact_numbers_are_figures(value: object) -> None:
    with pytest.raises(TypeError):
        format_number(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        in_unit(value, THOUSAND, HALF_UP)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        explained_by_rounding(1, [value])  # type: ignore[list-item]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+400000", "1E-400000"])
def test_what_is_out_of_all_proportion_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="proportion"):
        format_number(Decimal(value))
    with pytest.raises(ValueError, match="proportion"):
        round_to(Decimal(value), 0, HALF_UP)


def test_units_and_roundings_are_named() -> None:
    assert [(str(unit), unit.yen) for unit in MoneyUnit] == [("円", 1), ("千円", 1000), ("百万円", 1_000_000)]
    assert [mode.value for mode in Rounding] == ["half_up", "truncate"]


# Writing


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234", "1,234"),
        ("-5", "▲5"),
        ("0", "0"),
        ("-0", "0"),
        ("24.3", "24.3"),
        ("24.300", "24.300"),
        ("1E+6", "1,000,000"),
        ("1E-7", "0.0000001"),
        ("-23477", "▲23,477"),
    ],
)
def test_a_figure_is_written_as_it_is(value: str, text: str) -> None:
    assert format_number(Decimal(value)) == text


def test_a_figure_is_written_with_the_decimals_asked_for() -> None:
    assert format_number(24, decimals=1) == "24.0"
    assert format_number(Decimal("24.300000"), strip_zeros=True) == "24.3"
    assert format_number(Decimal("100.000000"), strip_zeros=True) == "100"
    assert format_number(Decimal("-0.04"), decimals=1) == "0.0"
    assert format_number(1000, strip_zeros=True) == "1,000"


def test_the_sign_of_a_negative_is_a_setting() -> None:
    assert [format_number(-5360, negative=sign) for sign in ("▲", "△", "-")] == ["▲5,360", "△5,360", "-5,360"]


# Printed totals


def test_t2_totals_of_r1_and_r2_are_explained_by_rounding() -> None:
    assert explained_by_rounding(805_499, [394_574, 410_926])
    assert explained_by_rounding(895_780, [435_884, 459_895])


def test_two_parts_never_explain_a_difference_of_two() -> None:
    assert not explained_by_rounding(805_498, [394_574, 410_926])
    assert not explained_by_rounding(895_781, [435_884, 459_895])


def test_the_recorded_unit_decides_what_rounding_explains() -> None:
    assert explained_by_rounding(805_499_000, [394_574_000, 410_926_000], unit_step=1000)
    assert not explained_by_rounding(805_499_000, [394_574_000, 410_926_000])
    assert not explained_by_rounding(3, [1, 1], unit_step=0)
    assert explained_by_rounding(2, [1, 1], unit_step=0)
    with pytest.raises(ValueError, match="negative"):
        explained_by_rounding(2, [1, 1], unit_step=-1)


def test_a_total_without_parts_must_be_nothing() -> None:
    assert explained_by_rounding(0, [])
    assert not explained_by_rounding(1, [])


@given(st.lists(YEN, max_size=12), st.sampled_from(MoneyUnit))
def test_rounding_always_explains_what_rounding_did(parts: list[int], unit: MoneyUnit) -> None:
    printed = [in_unit(part, unit, HALF_UP) for part in parts]
    assert explained_by_rounding(in_unit(sum(parts), unit, HALF_UP), printed)


@given(st.lists(YEN, min_size=1, max_size=12), st.integers(1, 1000), st.sampled_from([1, -1]))
def test_a_difference_beyond_rounding_is_never_explained(parts: list[int], beyond: int, sign: int) -> None:
    most = (len(parts) + 1) // 2
    assert explained_by_rounding(sum(parts) + sign * most, parts)
    assert not explained_by_rounding(sum(parts) + sign * (most + beyond), parts)
