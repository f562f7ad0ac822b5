"""Letters, numerals and line ends of a text: what is the same in another width, and what two broken lines make."""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

_WIDTH: Final = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF71, 0xFF9E)}
    | {"\u3000": " "}
    | dict(zip("｡｢｣､･ｰ", "。「」、・ー", strict=True))
)


def fold_width(text: str) -> str:
    """The same text, letter for letter, with digits, brackets and marks half-width and kana full-width."""
    return text.translate(_WIDTH)


# PDF fonts give radicals (⼄ ⾏) for the characters that they look like (乙 行).
CLEAN: Final = str.maketrans(
    {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
)
_DIGIT: Final = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TENS: Final = {"十": 10, "百": 100}
KANJI: Final = "[〇零一二三四五六七八九十百]"


def parse_numeral(numeral: str) -> int:
    """The value of 12, １２, 1 2, 十二 or 一二; 0 for what is none."""
    plain = fold_width(numeral).replace(" ", "")
    if plain.isascii():
        return int(plain) if plain.isdigit() and len(plain) <= 6 else 0
    if not set(plain) & set(_TENS):
        digits = [_DIGIT[letter] for letter in plain if letter in _DIGIT]
        return int("".join(map(str, digits))) if len(digits) == len(plain) <= 6 else 0
    total = unit = 0
    for letter in plain:
        if letter in _TENS:
            total, unit = total + max(unit, 1) * _TENS[letter], 0
        else:
            unit = _DIGIT.get(letter, 0)
    return total + unit


def join_lines(left: str, right: str) -> str:
    """Two pieces of a broken line as one: Japanese without a space, Latin words with one."""
    return left + _between(left, right) + right


def _between(left: str, right: str) -> str:
    before, after = left[-1:], right[:1]
    if not (before.isascii() and after.isascii() and before and after):
        return ""
    if before.isdigit() and after.isdigit():
        return ""  # a number broken in two
    return " " if (before.isalnum() or before in ",;:.)") and (after.isalnum() or after == "(") else ""


def joined(pieces: Iterable[str]) -> str:
    parts: list[str] = []
    for piece in filter(None, pieces):
        parts += (_between(parts[-1], piece), piece) if parts else (piece,)
    return "".join(parts)


class Ending(IntEnum):
    """How finished the text before a line is: a new provision follows a finished sentence."""

    OPEN = 0  # ends in 、 or a particle
    UNSURE = 1  # items often end without 。
    FINISHED = 2


_OPEN_END: Final = re.compile(
    r"[、,・(「『〔【~―をにはがでへや]$|(?<!ど)も$|(?<!も)の$|(?<!こ)と$|[及並]び$|(?:又|若しく)は$"
    r"|(?:令和|平成|昭和|毎年度?|毎月|少なくとも)$|(?<![一-龠々])[第約計満各]$"  # a number follows
)
_SURELY_OPEN: Final = re.compile(
    r"[、,・(「『〔【~―をは]$|[及並]び$|(?:令和|平成|昭和)$|(?<![一-龠々])[第約]$"
)
_FINISHED_END: Final = re.compile(r"(?:^|[。.!?]|略\))$")


def ending_of(text: str) -> Ending:
    tail = fold_width(text[-5:])
    if _FINISHED_END.search(tail):
        return Ending.FINISHED
    return Ending.OPEN if _OPEN_END.search(tail) else Ending.UNSURE


def surely_goes_on(text: str) -> bool:
    """Whether nothing but the rest of the sentence can follow; an item too may end in a と or a の."""
    return _SURELY_OPEN.search(fold_width(text[-5:])) is not None
