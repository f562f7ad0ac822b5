"""The numbers that officials type: what is understood, what is refused, and with which words."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values.money import format_number
from iconm_portal.values.number_input import MESSAGES, NumberInputError, parse_number

FULL_WIDTH = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
NUMBERS = st.decimals(min_value=-(10**11), max_value=10**11, places=4, allow_nan=False, allow_infinity=False)
UNITS = st.sampled_from(["", "件", "千円", "百万円", "%", "％", "m2", "㎡", "機関"])


def refusal(text: str, unit: str = "", **bounds: int) -> NumberInputError:
    with pytest.raises(NumberInputError) as refused:
        parse_number(text, unit=unit, **bounds)  # type: ignore[arg-type]
    return refused.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000", 1000),
        ("1000", 1000),
        ("1,234,567", 1_234_567),
        ("▲5", -5),
        ("△5", -5),
        ("▲ 5", -5),
        ("−5", -5),
        ("-5", -5),
        ("－５", -5),
        ("ー５", -5),
        ("(5)", -5),
        ("（5）", -5),
        ("( 1,000 )", -1000),
        ("+5", 5),
        ("１２３", 123),
        ("１，０００．５", Decimal("1000.5")),
        (" 12\u3000", 12),
        ("007", 7),
        ("0", 0),
        ("-0", 0),
        ("24.3", Decimal("24.3")),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_what_officials_type_is_understood(text: str, value: Decimal | int) -> None:
    parsed = parse_number(text)
    assert parsed == value
    assert "-0" not in str(parsed)


@pytest.mark.parametrize("text", [None, "", " ", "\u3000", "\t\n"])
def test_blank_is_not_zero(text: str | None) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("12件", "件", 12),
        ("12 件", "件", 12),
        ("１２件", "件", 12),
        ("347,000千円", "千円", 347_000),
        ("▲5千円", "千円", -5),
        ("(5)件", "件", -5),
        ("(5件)", "件", -5),
        ("87%", "%", 87),
        ("87％", "%", 87),
        ("87%", "％", 87),
        ("30㎡", "m2", 30),
        ("¥1,000", "円", 1000),
        ("\\1,000", "円", 1000),  # the yen sign of Shift_JIS
        ("￥1,000", "円", 1000),
        ("¥1,000円", "円", 1000),
    ],
)
def test_the_indicators_own_unit_may_stand_beside_the_number(text: str, unit: str, value: int) -> None:
    assert parse_number(text, unit=unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "typed_unit"),
    [
        ("5人", "件", "人"),
        ("¥347,000", "千円", "円"),
        ("87%", "件", "%"),
        ("5e", "件", "e"),
    ],
)
def test_a_unit_of_another_kind_is_named(text: str, unit: str, typed_unit: str) -> None:
    refused = refusal(text, unit)
    assert (refused.code, refused.params["typed_unit"], refused.params["unit"]) == (
        "other_unit",
        typed_unit,
        unit,
    )
    assert unit in str(refused)
    assert typed_unit in str(refused)


def test_a_unit_of_letters_and_digits_is_named_when_it_is_known() -> None:
    with pytest.raises(NumberInputError, match="written in m2"):
        parse_number("30m2", unit="件", other_units=["m2"])


def test_a_unit_is_refused_where_there_is_none() -> None:
    assert (refusal("5件").code, refusal("5件").params["typed_unit"]) == ("unexpected_unit", "件")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1_000", "character"),
        ("1e3", "character"),
        ("1E+400000", "character"),
        ("0x1F", "character"),
        ("10²", "character"),
        ("約4,200", "character"),
        ("2億3千万", "character"),
        ("5\x00", "character"),
        ("=1+1", "character"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("五", "not_a_number"),
        ("①", "not_a_number"),
        ("٣", "not_a_number"),
        ("-", "not_a_number"),
        ("－", "not_a_number"),
        ("▲", "not_a_number"),
        ("()", "not_a_number"),
        (",", "not_a_number"),
        ("1,00", "comma"),
        ("12,34,5", "comma"),
        ("1000,000", "comma"),
        (",100", "comma"),
        ("1,", "comma"),
        ("0,123", "comma"),
        ("1.000,5", "comma"),
        ("1.2.3", "point"),
        (".5", "point"),
        ("5.", "point"),
        ("1 000", "space"),
        ("1\n2", "character"),
        ("▲-5", "two_signs"),
        ("(▲5)", "two_signs"),
        ("(5", "bracket"),
        ("5)", "bracket"),
        ("(5)3", "bracket"),
        ("1234567890123456", "too_many_digits"),
        ("0.1234567890123456", "too_many_digits"),
        ("9" * 61, "too_long"),
        ("1" * 100_000, "too_long"),
    ],
)
def test_a_slip_is_refused_with_its_reason(text: str, code: str) -> None:
    refused = refusal(text)
    assert refused.code == code
    assert str(refused) == MESSAGES[code] % refused.params


@pytest.mark.parametrize(
    ("text", "letter", "digit"),
    [
        ("361,2O4", "O", "0"),
        ("361,2o4", "o", "0"),
        ("l2", "l", "1"),
        ("1I", "I", "1"),
        ("1〇", "〇", "0"),
        ("1Ｏ", "O", "0"),
    ],
)
def test_a_letter_that_looks_like_a_digit_is_pointed_out(text: str, letter: str, digit: str) -> None:
    for typed, unit in ((text, ""), (f"{text}千円", "千円")):
        refused = refusal(typed, unit)
        assert (refused.code, refused.params["letter"], refused.params["digit"]) == (
            "look_alike",
            letter,
            digit,
        )


def test_decimals_count_without_trailing_zeros() -> None:
    assert parse_number("12.0", decimals=0) == 12
    assert str(parse_number("24.30", decimals=1)) == "24.3"
    assert refusal("12.5", decimals=0).code == "not_whole"
    assert (refusal("24.35", decimals=1).code, refusal("24.35", decimals=1).params) == (
        "too_many_decimals",
        {"decimals": 1},
    )


def test_bounds_are_themselves_allowed() -> None:
    assert [parse_number(text, minimum=0, maximum=100) for text in ("0", "100")] == [0, 100]
    assert (refusal("▲1", minimum=0).code, refusal("101", maximum=100).code) == ("too_small", "too_large")
    assert refusal("9999", maximum=1000).params["limit"] == "1,000"


@given(NUMBERS, st.sampled_from(["▲", "△", "-", "−", "▲ "]), UNITS, st.booleans(), st.booleans())
def test_every_notation_of_a_number_reads_back(
    number: Decimal, negative: str, unit: str, with_unit: bool, full_width: bool
) -> None:
    text = format_number(number, negative=negative) + (unit if with_unit else "")
    typed = text.translate(FULL_WIDTH) if full_width else text
    assert parse_number(typed, unit=unit) == number
    assert parse_number(f"({format_number(abs(number))}{unit if with_unit else ''})", unit=unit) == -abs(
        number
    )


NEARLY = st.text(alphabet="0123456789,.１２，．▲△-−+()（） 件千円%％¥Ol_eE", max_size=20)


@given(st.text(max_size=70) | NEARLY, UNITS)
def test_any_text_is_a_number_a_blank_or_refused(text: str, unit: str) -> None:
    with suppress(NumberInputError):
        value = parse_number(text, unit=unit)
        assert value is None or (value.is_finite() and len(value.as_tuple().digits) <= 15)
