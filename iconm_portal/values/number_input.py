"""Reading the numbers that officials type: 1,000 ▲5 △5 (5) １２３ 347,000千円 4.3億円 87％. Pure; no Django.

What can only be meant in one way is understood; what could be a slip (1,00, 361,2O4, another kind of unit) is refused
with a `NumberInputError` that says why, and so are exponents, underscores and NaN, which `Decimal` accepts.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from iconm_portal.values.written.units import converted, factor

MOST_DIGITS: Final = 15  # SQLite keeps no more of a decimal
LONGEST_INPUT: Final = 60


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; the form field translates it, this module knows no Django."""
    return message


MESSAGES: Final = {
    "not_a_number": gettext_noop("“%(typed)s” is not a number. Write digits, for example 1,234."),
    "too_long": gettext_noop("The input is too long for a number."),
    "character": gettext_noop("“%(character)s” cannot stand in a number. Write digits, for example 1,234."),
    "look_alike": gettext_noop("“%(typed)s” contains the letter “%(letter)s”. Write the digit %(digit)s."),
    "space": gettext_noop("“%(typed)s” contains a space between its digits."),
    "comma": gettext_noop(
        "A comma is misplaced in “%(typed)s”. Write one before every three digits, or none."
    ),
    "point": gettext_noop("The decimal point is misplaced in “%(typed)s”. Write it like 0.5."),
    "two_signs": gettext_noop("“%(typed)s” has two signs. Write a negative number as ▲5, -5 or (5)."),
    "bracket": gettext_noop(
        "The brackets in “%(typed)s” do not fit. Write a negative number as ▲5, -5 or (5)."
    ),
    "converted": gettext_noop(
        "“%(typed)s” is read as %(value)s %(unit)s, as the field now shows. Save again if that is right."
    ),
    "other_unit": gettext_noop(
        "The value is entered in %(unit)s, but “%(typed)s” is written in %(typed_unit)s."
        " Convert it, or leave the unit out."
    ),
    "unexpected_unit": gettext_noop("Write the number alone, without “%(typed_unit)s”."),
    "too_many_digits": gettext_noop("A number may have at most %(digits)s digits."),
    "not_whole": gettext_noop("Write a whole number, without decimals."),
    "too_many_decimals": gettext_noop("The number may have at most %(decimals)s decimal places."),
    "too_small": gettext_noop("The number must not be below %(limit)s."),
    "too_large": gettext_noop("The number must not be above %(limit)s."),
}


class NumberInputError(ValueError):
    """A typed number that is refused; `code` is a key of `MESSAGES`, `params` fill its message."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params: Mapping[str, object] = params
        self.template = MESSAGES[code]
        super().__init__(self.template % params)


def parse_number(
    text: str | None,
    *,
    unit: str = "",
    other_units: Iterable[str] = (),
    decimals: int | None = None,
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
) -> Decimal | None:
    """The exact number that was typed, None for a blank; NumberInputError for anything else.

    `unit` may follow the number (a ¥ before it counts as 円). One that is so many of it is converted: 4.3億円 and 1億2,345万円
    are 円, 30名 are 人. Any other unit is refused. `other_units` names units with digits or signs in them (m2) that the
    message should call by name. `decimals` counts without trailing zeros: 12.0 is whole. `minimum` and `maximum` are
    themselves allowed.
    """
    value = _value(text, unit, other_units)[0]
    if value is not None:
        check_number(value, decimals, minimum, maximum)
    return value


def is_converted(text: str, unit: str) -> bool:
    """Whether a number that can be read was typed in another unit than its field's."""
    return _value(text, unit, ())[1]


def _value(text: str | None, unit: str, other_units: Iterable[str]) -> tuple[Decimal | None, bool]:
    """The number, and whether it was converted into the unit."""
    if text is None or not text.strip():
        return None, False
    if len(text) > LONGEST_INPUT:
        raise NumberInputError("too_long")
    typed = text.strip()
    plain = _unquoted(typed.translate(_PLAIN).strip())
    negative, unsigned = _take_sign(plain, typed)
    value, is_other = _converted(unsigned, unit, typed) or (
        _to_decimal(_take_unit(unsigned, unit, other_units, typed), typed),
        False,
    )
    return -value if negative and value else value, is_other


def _unquoted(plain: str) -> str:
    """14件 of 「14件」."""
    quotes = plain[:1] + plain[-1:]
    return plain[1:-1].strip() if quotes in _QUOTES else plain


def _converted(unsigned: str, unit: str, typed: str) -> tuple[Decimal, bool] | None:
    """What was typed in another unit of the same kind (4.3億円 into 円, 30名 into 人); None where it was not."""
    if _HEAD.fullmatch(unsigned):
        return None
    if compound := _COMPOUND.fullmatch("".join(unsigned.split())):
        ratios = [(compound[name], factor(f"{scale}{compound['unit']}", unit)) for name, scale in _STEPS]
        parts = [(written, ratio) for written, ratio in ratios if written]
    else:
        match = _HEAD.match(unsigned)
        rest = unsigned[match.end() :].strip() if match else ""
        if match is None or not rest or _folded(rest) == _folded(unit):
            return None
        parts = [(match[0], factor(rest, unit))]
    if any(ratio is None for _written, ratio in parts):
        return None
    value = sum(
        (converted(_to_decimal(written, typed), ratio or Decimal(1)) for written, ratio in parts), Decimal()
    )
    if len(value.as_tuple().digits) > MOST_DIGITS:
        raise NumberInputError("too_many_digits", digits=MOST_DIGITS)
    return converted(value, Decimal(1)), any(ratio != 1 for _written, ratio in parts)


# Only full-width forms are folded into plain ones: NFKC would also read 10² as 102 and ① as 1.
# A backslash is the yen sign of Shift_JIS.
_PLAIN: Final = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {"￥": "¥", "\\": "¥", "＼": "¥", "\u3000": " ", "\u00a0": " ", "\t": " "}
    | dict.fromkeys("−‐‑–", "-")
    | dict.fromkeys("▲△▼▽Δ∆", "▲")
    | {"ｰ": "ー"}
)
_QUOTES: Final = ("「」", "『』", "【】")
_NUMBER: Final = r"[0-9][0-9,]*(?:\.[0-9]+)?"
_STEPS: Final = (("trillions", "兆"), ("hundred_millions", "億"), ("ten_thousands", "万"), ("ones", ""))
# 1億2,345万円: two steps at least; one alone is a number with its unit.
_COMPOUND: Final = re.compile(
    rf"(?=(?:{_NUMBER}[兆億万]){{1,3}}[0-9])(?:(?P<trillions>{_NUMBER})兆)?(?:(?P<hundred_millions>{_NUMBER})億)?"
    rf"(?:(?P<ten_thousands>{_NUMBER})万)?(?P<ones>{_NUMBER})?(?P<unit>[^0-9.,兆億万千百]*)"
)
_MINUS: Final = ("-", "▲", "ー")  # the last is what the minus key gives in kana input
_SIGNS: Final = (*_MINUS, "+")
_LOOK_ALIKES: Final = {"O": "0", "o": "0", "〇": "0", "○": "0", "l": "1", "I": "1", "|": "1"}
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_DIGITS: Final = frozenset("0123456789")
_DIGITS_AND_MARKS: Final = _DIGITS | {".", ","}
_HEAD: Final = re.compile(r"[0-9.,]+(?: +[0-9.,]+)*")
_SYMBOL_UNITS: Final = frozenset("%‰℃°$€£")


def _take_sign(plain: str, typed: str) -> tuple[bool, str]:
    """Whether it is negative, and what remains without sign and brackets: (5) and (5)件 both mean ▲5."""
    bracketed = plain.startswith("(")
    if bracketed:
        plain = _without_brackets(plain, typed)
    if "(" in plain or ")" in plain:
        raise NumberInputError("bracket", typed=typed)
    signed = plain.startswith(_SIGNS)
    rest = plain[1:].strip() if signed else plain
    if signed and (bracketed or rest.startswith(_SIGNS)):
        raise NumberInputError("two_signs", typed=typed)
    return bracketed or plain.startswith(_MINUS), rest


def _without_brackets(plain: str, typed: str) -> str:
    inner, closing, after = plain[1:].partition(")")
    if not closing or after.strip()[:1] in _DIGITS_AND_MARKS:
        raise NumberInputError("bracket", typed=typed)
    return f"{inner.strip()}{after}"


def _take_unit(unsigned: str, unit: str, other_units: Iterable[str], typed: str) -> str:
    """The number alone, once the unit that was typed with it is known to be the right one."""
    if _HEAD.fullmatch(unsigned):
        return unsigned
    own = _folded(unit)
    if unsigned.startswith("¥"):
        unsigned = unsigned[1:].lstrip()
        if own != "円":
            raise _wrong_unit("円", unit, typed)
    match = _HEAD.match(unsigned)
    rest = unsigned[match.end() :].strip() if match else ""
    if match and _folded(rest) == own:
        return match[0]
    written = _without_suffix(unsigned, own)
    _refuse_look_alikes(written, typed)
    if _is_unit(rest, other_units):
        raise _wrong_unit(rest, unit, typed)
    return written


def _without_suffix(unsigned: str, own: str) -> str:
    """Cut the unit off, if it is there: an ending that folds to it (a typed ㎡ is shorter than m2)."""
    if own:
        for start in reversed(range(len(unsigned))):
            if _folded(unsigned[start:]) == own:
                return unsigned[:start].rstrip()
    return unsigned


def _is_unit(rest: str, other_units: Iterable[str]) -> bool:
    folded = _folded(rest)
    if not folded:
        return False
    return folded.isalpha() or folded in _SYMBOL_UNITS or folded in {_folded(other) for other in other_units}


def _wrong_unit(typed_unit: str, unit: str, typed: str) -> NumberInputError:
    if not unit:
        return NumberInputError("unexpected_unit", typed_unit=typed_unit)
    return NumberInputError("other_unit", unit=unit, typed_unit=typed_unit, typed=typed)


def _refuse_look_alikes(written: str, typed: str) -> None:
    """Point out a letter that was meant as a digit: 361,2O4."""
    letter = next((character for character in written if character in _LOOK_ALIKES), "")
    meant = "".join(_LOOK_ALIKES.get(character, character) for character in written)
    if letter and _has_digit(written) and set(meant) <= _DIGITS_AND_MARKS:
        raise NumberInputError("look_alike", typed=typed, letter=letter, digit=_LOOK_ALIKES[letter])


def _has_digit(written: str) -> bool:
    return not _DIGITS.isdisjoint(written)


def _to_decimal(written: str, typed: str) -> Decimal:
    """The value of digits with well-placed commas and at most one point."""
    if not _has_digit(written):
        raise NumberInputError("not_a_number", typed=typed)
    for character in written:
        if character not in _DIGITS_AND_MARKS and character != " ":
            raise NumberInputError("character", character=character)
    if " " in written:
        raise NumberInputError("space", typed=typed)
    whole, point, fraction = written.partition(".")
    if "," in fraction or ("," in whole and _GROUPED.fullmatch(whole) is None):
        raise NumberInputError("comma", typed=typed)
    if point and (not whole or not fraction or "." in fraction):
        raise NumberInputError("point", typed=typed)
    whole, fraction = whole.replace(",", "").lstrip("0"), fraction.rstrip("0")
    if len(whole) + len(fraction) > MOST_DIGITS:
        raise NumberInputError("too_many_digits", digits=MOST_DIGITS)
    return Decimal(f"{whole or '0'}.{fraction}" if fraction else whole or "0")


def check_number(
    value: Decimal, decimals: int | None, minimum: Decimal | int | None, maximum: Decimal | int | None
) -> None:
    """NumberInputError for more decimals, or beyond a bound; see `parse_number`."""
    exponent = value.as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
        if decimals == 0:
            raise NumberInputError("not_whole")
        raise NumberInputError("too_many_decimals", decimals=decimals)
    if minimum is not None and value < minimum:
        raise NumberInputError("too_small", limit=f"{Decimal(minimum):,f}")
    if maximum is not None and value > maximum:
        raise NumberInputError("too_large", limit=f"{Decimal(maximum):,f}")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
