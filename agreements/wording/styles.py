"""How the numbers of lists are written: their styles, the signs that count, and a number as its style prints it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final


class Style(StrEnum):
    """How the numbers of one list are written; a list inside another has another style."""

    BARE = "1"
    DOTTED = "1."
    PAREN = "(1)"
    HALF_PAREN = "1)"
    CIRCLED = "①"
    KANJI = "一"
    PAREN_KANJI = "(一)"
    KANA = "ア"
    IROHA = "イ"
    PAREN_KANA = "(ア)"
    PAREN_IROHA = "(イ)"
    HIRAGANA = "あ"
    PAREN_HIRAGANA = "(あ)"
    PAREN_HIRAGANA_IROHA = "(い)"
    LATIN = "a"
    PAREN_LATIN = "(a)"
    CAPITAL = "A"
    PAREN_CAPITAL = "(A)"
    ROMAN = "i"
    PAREN_ROMAN = "(i)"
    CAPITAL_ROMAN = "I"
    PAREN_CAPITAL_ROMAN = "(I)"
    NAMED = "第1号"
    NAMED_PARAGRAPH = "第1項"

    @property
    def signs(self) -> Sequence[str]:
        """The signs that count, in order; empty where numerals do."""
        return _SHAPES[self].signs

    @property
    def weight(self) -> "Weight":
        """How surely a line that begins with it is an item."""
        return _SHAPES[self].weight


class Weight(Enum):
    FIRM = "hardly anything else begins like this"
    BRACKETED = "a letter in brackets"
    KANA = "a letter with which a word of katakana may end"
    TEXT = "an ordinary sentence may begin like this"


@dataclass(frozen=True, slots=True)
class _Shape:
    weight: Weight
    form: str = "{}"  # how the number is printed
    signs: Sequence[str] = ""


_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA: Final = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_TO_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F4)}
_HIRAGANA: Final = _KANA.translate(_TO_HIRAGANA)
_HIRAGANA_IROHA: Final = _IROHA.translate(_TO_HIRAGANA)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_ROMAN: Final = tuple("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split())
_CAPITAL_ROMAN: Final = tuple(sign.upper() for sign in _ROMAN)
_SHAPES: Final[Mapping[Style, _Shape]] = {
    Style.BARE: _Shape(Weight.TEXT),
    Style.DOTTED: _Shape(Weight.TEXT, "{}."),
    Style.PAREN: _Shape(Weight.FIRM, "({})"),
    Style.HALF_PAREN: _Shape(Weight.FIRM, "{})"),
    Style.CIRCLED: _Shape(Weight.FIRM),
    Style.KANJI: _Shape(Weight.TEXT),
    Style.PAREN_KANJI: _Shape(Weight.FIRM, "({})"),
    Style.KANA: _Shape(Weight.KANA, "{}", _KANA),
    Style.IROHA: _Shape(Weight.KANA, "{}", _IROHA),
    Style.PAREN_KANA: _Shape(Weight.BRACKETED, "({})", _KANA),
    Style.PAREN_IROHA: _Shape(Weight.BRACKETED, "({})", _IROHA),
    Style.HIRAGANA: _Shape(Weight.TEXT, "{}", _HIRAGANA),
    Style.PAREN_HIRAGANA: _Shape(Weight.BRACKETED, "({})", _HIRAGANA),
    Style.PAREN_HIRAGANA_IROHA: _Shape(Weight.BRACKETED, "({})", _HIRAGANA_IROHA),
    Style.LATIN: _Shape(Weight.TEXT, "{}", _LATIN),
    Style.PAREN_LATIN: _Shape(Weight.BRACKETED, "({})", _LATIN),
    Style.CAPITAL: _Shape(Weight.TEXT, "{}", _LATIN.upper()),
    Style.PAREN_CAPITAL: _Shape(Weight.BRACKETED, "({})", _LATIN.upper()),
    Style.ROMAN: _Shape(Weight.TEXT, "{}", _ROMAN),
    Style.PAREN_ROMAN: _Shape(Weight.BRACKETED, "({})", _ROMAN),
    Style.CAPITAL_ROMAN: _Shape(Weight.TEXT, "{}", _CAPITAL_ROMAN),
    Style.PAREN_CAPITAL_ROMAN: _Shape(Weight.BRACKETED, "({})", _CAPITAL_ROMAN),
    Style.NAMED: _Shape(Weight.FIRM, "第{}号"),
    Style.NAMED_PARAGRAPH: _Shape(Weight.TEXT, "第{}項"),
}
NUMERALS: Final = frozenset({Style.BARE, Style.DOTTED, Style.NAMED_PARAGRAPH})
"""How paragraphs are numbered."""
TOPMOST: Final = frozenset(
    {
        Style.BARE,
        Style.DOTTED,
        Style.PAREN,
        Style.HALF_PAREN,
        Style.CIRCLED,
        Style.KANJI,
        Style.PAREN_KANJI,
    }
)
"""How the provisions of a text without articles are numbered."""
COUNTING: Final = frozenset({Style.BARE, Style.KANJI})
FIRM_OR_BRACKETED: Final = frozenset({Weight.FIRM, Weight.BRACKETED})
SUBITEMS: Final = frozenset(style for style in Style if style.signs)
_KANJI_NUMBERS: Final = ("", *"一二三四五六七八九")
LISTED: Final = {
    chr(first + offset): (style, start + offset)
    for first, count, start, style in (
        (0x2474, 20, 1, Style.PAREN),  # ⑴
        (0x2460, 20, 1, Style.CIRCLED),  # ①
        (0x2776, 10, 1, Style.CIRCLED),  # ❶
        (0x3251, 15, 21, Style.CIRCLED),
        (0x32B1, 15, 36, Style.CIRCLED),
        (0x2488, 20, 1, Style.DOTTED),  # ⒈
        (0x3220, 10, 1, Style.PAREN_KANJI),  # ㈠
        (0x249C, 26, 1, Style.PAREN_LATIN),  # ⒜
        (0x2170, 12, 1, Style.ROMAN),  # ⅰ
        (0x2160, 12, 1, Style.CAPITAL_ROMAN),  # Ⅰ
    )
    for offset in range(count)
} | {chr(0x32D0 + offset): (Style.KANA, offset + 1) for offset in range(44)}  # ㋐


def label_of(style: Style, number: tuple[int, ...]) -> str:
    """The number as this style prints it, in one spelling."""
    first, *branches = number
    kanji = "一" in style
    return _first_label(style, first) + "".join(
        f"の{_kanji(branch) if kanji else branch}" for branch in branches
    )


def _first_label(style: Style, number: int) -> str:
    if style is Style.CIRCLED:
        return next((sign for sign, known in LISTED.items() if known == (style, number)), str(number))
    return _SHAPES[style].form.format(_kanji(number) if "一" in style else _counted(style.signs, number))


def _counted(signs: Sequence[str], number: int) -> str:
    return signs[number - 1] if number <= len(signs) else str(number)


def _kanji(number: int) -> str:
    hundreds, below = divmod(number, 100)
    tens, ones = divmod(below, 10)
    return "".join(
        (
            f"{_KANJI_NUMBERS[hundreds] if 1 < hundreds < 10 else ''}{'百' if hundreds else ''}",
            f"{_KANJI_NUMBERS[tens] if tens > 1 else ''}{'十' if tens else ''}{_KANJI_NUMBERS[ones]}",
        )
    )
