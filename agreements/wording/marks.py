"""The numbers of paragraphs and items at a line's beginning: 2, (1), ①, ア, and what only looks like one."""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, assert_never

from agreements.wording.letters import KANJI, fold_width, parse_numeral

# What follows a number in a reference: 第3条に定める, 第3条第2項, (1)及び(2). Directly behind, or after a stray space.
REFERENCE: Final = re.compile(
    r" ?(?:を|の(?!り)|に(?![ぎわ])|は(?![じたばん])|が(?![んい])|と(?![きしもく])|で(?!き)|も(?![のしとっ])"
    r"|及び|並びに|又は|若しくは|または|および|から|まで|より|[、。,)」』〕】~―ー]|-第|・第"
    rf"|第 ?(?:\d+|{KANJI}+) ?[項号])"
)
_PARAGRAPH_NAMED: Final = re.compile(r" ?第")  # 「3 第1項の規定にかかわらず」 begins a paragraph
CLOSE_REFERENCE: Final = re.compile(r"等|各|前段|後段|本文|ただし書|但書|中[「の]|関係|以下|以上|以降|-|・")
_COUNTER: Final = re.compile(
    r" ?(?:年(?!度協定|次)|[月日時分通人名件円千万億兆回条項号章倍割歳週社校台枚者階％%]|[かカヵヶケ箇][年月所国]|か所|つ|丁目"
    r"|番[地号]?\d*|部(?!会|長|門)|本(?![協契覚項条事業書文])|種類|機関|機[がをの])"
)


class Style(StrEnum):
    """How the numbers of one list are written; a list inside another has another style."""

    BARE = "1"
    PAREN = "(1)"
    HALF_PAREN = "1)"
    CIRCLED = "①"
    KANJI = "一"
    PAREN_KANJI = "(一)"
    KANA = "ア"
    IROHA = "イ"
    PAREN_KANA = "(ア)"
    PAREN_IROHA = "(イ)"
    LATIN = "a"
    PAREN_LATIN = "(a)"

    @property
    def order(self) -> str:
        """The signs that count, in order; empty where numerals do."""
        match self:
            case Style.KANA | Style.PAREN_KANA:
                return _KANA
            case Style.IROHA | Style.PAREN_IROHA:
                return _IROHA
            case Style.LATIN | Style.PAREN_LATIN:
                return _LATIN
            case (
                Style.BARE | Style.PAREN | Style.HALF_PAREN | Style.CIRCLED | Style.KANJI | Style.PAREN_KANJI
            ):
                return ""
            case _:
                assert_never(self)

    @property
    def weight(self) -> "Weight":
        """How surely a line that begins with it is an item."""
        match self:
            case Style.PAREN | Style.HALF_PAREN | Style.CIRCLED | Style.PAREN_KANJI:
                return Weight.FIRM
            case Style.PAREN_KANA | Style.PAREN_IROHA | Style.PAREN_LATIN:
                return Weight.BRACKETED
            case Style.KANA | Style.IROHA:
                return Weight.KANA
            case Style.BARE | Style.KANJI | Style.LATIN:
                return Weight.TEXT
            case _:
                assert_never(self)


class Weight(Enum):
    FIRM = "hardly anything else begins like this"
    BRACKETED = "a letter in brackets"
    KANA = "a letter with which a word of katakana may end"
    TEXT = "an ordinary sentence may begin like this"


_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA: Final = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
SUBITEMS: Final = frozenset(style for style in Style if style.order)
_KANJI_NUMBERS: Final = ("", *"一二三四五六七八九")
_LISTED: Final = {
    chr(first + offset): (style, start + offset)
    for first, count, start, style in (
        (0x2474, 20, 1, Style.PAREN),  # ⑴
        (0x2460, 20, 1, Style.CIRCLED),  # ①
        (0x3251, 15, 21, Style.CIRCLED),
        (0x32B1, 15, 36, Style.CIRCLED),
        (0x2488, 20, 1, Style.BARE),  # ⒈
        (0x3220, 10, 1, Style.PAREN_KANJI),  # ㈠
    )
    for offset in range(count)
} | {chr(0x32D0 + offset): (Style.KANA, offset + 1) for offset in range(44)}  # ㋐
_MARK: Final = re.compile(
    rf"\( ?(?P<paren>\d{{1,3}}|{KANJI}{{1,3}}|[ァ-ン]|[a-z]) ?\)"
    r"|(?P<half>\d{1,3}) ?\)"
    r"|(?P<bare>\d{1,3})(?![\d,.:/]\d|[\d)]|[-~])[.,、]?"
    rf"|(?P<open>{KANJI}{{1,3}}|[ァ-ン]|[a-z])(?:[.,、)](?= |\S)|(?= |$))"
)


@dataclass(frozen=True, slots=True)
class ListMark:
    """A list mark at a line's beginning, read in one way (イ may be the second of ア, イ or the first of イ, ロ)."""

    style: Style
    number: int
    rest: str
    spaced: bool
    refers: bool
    counts: bool  # 2年, 3通: a number in a sentence

    @property
    def label(self) -> str:
        return label_of(self.style, self.number)


def label_of(style: Style, number: int) -> str:
    """The number as this style prints it, in one spelling."""
    match style:
        case Style.CIRCLED:
            return next((sign for sign, known in _LISTED.items() if known == (style, number)), str(number))
        case Style.BARE:
            return str(number)
        case Style.PAREN:
            return f"({number})"
        case Style.HALF_PAREN:
            return f"{number})"
        case Style.KANJI:
            return _kanji(number)
        case Style.PAREN_KANJI:
            return f"({_kanji(number)})"
        case Style.KANA | Style.IROHA | Style.LATIN:
            return _letter(style.order, number)
        case Style.PAREN_KANA | Style.PAREN_IROHA | Style.PAREN_LATIN:
            return f"({_letter(style.order, number)})"
        case _:
            assert_never(style)


def _letter(order: str, number: int) -> str:
    return order[number - 1] if number <= len(order) else str(number)


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return f"{_KANJI_NUMBERS[tens] if 1 < tens < 10 else ''}{'十' if tens else ''}{_KANJI_NUMBERS[ones]}"


def marks_of(text: str) -> list[ListMark]:
    """The ways to read the list mark at the beginning of a text; none for most lines."""
    head = fold_width(text[:40])
    if head[:1] in _LISTED:
        readings, end = [_LISTED[head[0]]], 1
    else:
        match = _MARK.match(head)
        if not match:
            return []
        readings, end = _readings(match), match.end()
    follows = head[end:]
    spaced = follows[:1] in ("", " ") or (end > 1 and head[end - 1] in ".,、")
    refers = REFERENCE.match(follows) is not None and not _PARAGRAPH_NAMED.match(follows)
    counts = _COUNTER.match(follows) is not None
    rest = text[end:].strip()
    return [ListMark(style, number, rest, spaced, refers, counts) for style, number in readings if number]


def _readings(match: re.Match[str]) -> list[tuple[Style, int]]:
    if match["half"]:
        return [(Style.HALF_PAREN, int(match["half"]))]
    if match["bare"]:
        return [(Style.BARE, int(match["bare"]))]
    sign, enclosed = match["paren"] or match["open"], match["paren"] is not None
    if sign.isascii() and sign.isdigit():
        return [(Style.PAREN, int(sign))]
    if sign.isascii():
        return [(Style.PAREN_LATIN if enclosed else Style.LATIN, _LATIN.index(sign) + 1)]
    if re.fullmatch(f"{KANJI}+", sign):
        return [(Style.PAREN_KANJI if enclosed else Style.KANJI, parse_numeral(sign))]
    styles = (Style.PAREN_KANA, Style.PAREN_IROHA) if enclosed else (Style.KANA, Style.IROHA)
    return [(style, style.order.find(sign) + 1) for style in styles]
