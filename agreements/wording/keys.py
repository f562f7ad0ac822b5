"""The key and the printed number of a provision that a person adds by hand: 第4条の2 is art4-2, （３） item3, イ sub2."""

import re
import unicodedata
from typing import Final, assert_never

from agreements.wording.headers import article_mark
from agreements.wording.letters import KANJI, parse_numeral
from agreements.wording.lines import line_of
from agreements.wording.marks import marks_of
from agreements.wording.styles import SUBITEMS, Style
from agreements.wording.tree import Kind

_BARE_ARTICLE: Final = re.compile(rf"\A第?([0-9]+|{KANJI}+)(の.+)?$")
_KEY_PART: Final = re.compile(r"([a-z]+)([0-9]+(?:-[0-9]+)*)(?:~([0-9]+))?")
_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノ"
LONGEST_NUMBER: Final = 20


def read_number(kind: Kind, typed: str) -> tuple[str, str] | None:
    """The last part of the key and the number as it is printed; None for what is no number of that kind."""
    text = typed.strip()
    if not text or len(text) > LONGEST_NUMBER:
        return None
    match kind:
        case Kind.ARTICLE:
            return _article(text)
        case Kind.PARAGRAPH:
            number = parse_numeral(text.removeprefix("第").removesuffix("項"))
            return (f"par{number}", str(number)) if number else None
        case Kind.ITEM:
            whole = [mark for mark in marks_of(text) if not mark.rest and mark.style not in SUBITEMS]
            if whole and whole[0].style is not Style.BARE:
                return f"item{whole[0].code}", whole[0].label
            number = parse_numeral(text.removeprefix("第").removesuffix("号"))
            return (f"item{number}", f"({number})") if number else None
        case Kind.SUBITEM:
            whole = [mark for mark in marks_of(text) if not mark.rest and mark.style in SUBITEMS]
            return (f"sub{whole[0].code}", whole[0].label) if whole else None
        case Kind.CHAPTER | Kind.SUPPLEMENT:
            return None  # people add none
        case _:
            assert_never(kind)


def _article(text: str) -> tuple[str, str] | None:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    mark = article_mark(line_of(_BARE_ARTICLE.sub(r"第\1条\2", plain)))
    if mark is None or mark.rest or mark.heading:
        return None
    return "art" + "-".join(map(str, mark.number)), mark.label


def next_number(kind: Kind, taken: list[tuple[int, ...]]) -> str:
    """The number that comes after those which are there, as it would be printed."""
    number = max((numbers[0] for numbers in taken if numbers), default=0) + 1
    match kind:
        case Kind.ARTICLE:
            return f"第{number}条"
        case Kind.ITEM:
            return f"({number})"
        case Kind.SUBITEM:
            return _KANA[number - 1] if number <= len(_KANA) else str(number)
        case Kind.CHAPTER | Kind.PARAGRAPH | Kind.SUPPLEMENT:
            return str(number)
        case _:
            assert_never(kind)


def numbers_of(key: str) -> tuple[int, ...]:
    """The number in the last part of a key: (4, 2) of art4-2, (3,) of art8/par2/item3; () where it has none."""
    match = _KEY_PART.fullmatch(key.rpartition("/")[2])
    return tuple(int(part) for part in match[2].split("-")) if match else ()
