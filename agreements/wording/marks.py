"""The numbers of paragraphs and items at a line's beginning: 2, (1), ①, ア, and what only looks like one."""

import re
from collections.abc import Sequence
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
# 2年, 3通, 2か所: a number with what it counts. A kanji behind makes another word of it: 2 分担金は, 2 本施設は.
_COUNTER: Final = re.compile(
    r" ?(?:年度|[年月日時分秒週回号項条章節款編人名件円個台枚冊棟戸室校社者機階部本通種割倍歳票点位級区泊席組箱㎡％%つ]"
    r"|[千万億兆][円人]?|[かカヵヶケ箇][年月所国]|か所|丁目|番地?\d*|以上|以下|以内|営業日|週間|時間|種類|機関|平方|立方)"
    r"(?![一-龠々ァ-ヺ])| ?[年月日時週回人名件通社者]度?[間前後以内未毎半目分]"
    r"|[/.・]\d"
)


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

    @property
    def signs(self) -> Sequence[str]:
        """The signs that count, in order; empty where numerals do."""
        match self:
            case Style.KANA | Style.PAREN_KANA:
                return _KANA
            case Style.IROHA | Style.PAREN_IROHA:
                return _IROHA
            case Style.HIRAGANA | Style.PAREN_HIRAGANA:
                return _HIRAGANA
            case Style.PAREN_HIRAGANA_IROHA:
                return _HIRAGANA_IROHA
            case Style.LATIN | Style.PAREN_LATIN:
                return _LATIN
            case Style.CAPITAL | Style.PAREN_CAPITAL:
                return _LATIN.upper()
            case Style.ROMAN | Style.PAREN_ROMAN:
                return _ROMAN
            case Style.CAPITAL_ROMAN | Style.PAREN_CAPITAL_ROMAN:
                return _CAPITAL_ROMAN
            case (
                Style.BARE
                | Style.DOTTED
                | Style.PAREN
                | Style.HALF_PAREN
                | Style.CIRCLED
                | Style.KANJI
                | Style.PAREN_KANJI
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
            case (
                Style.PAREN_KANA
                | Style.PAREN_IROHA
                | Style.PAREN_HIRAGANA
                | Style.PAREN_HIRAGANA_IROHA
                | Style.PAREN_LATIN
                | Style.PAREN_CAPITAL
                | Style.PAREN_ROMAN
                | Style.PAREN_CAPITAL_ROMAN
            ):
                return Weight.BRACKETED
            case Style.KANA | Style.IROHA:
                return Weight.KANA
            case (
                Style.BARE
                | Style.DOTTED
                | Style.KANJI
                | Style.HIRAGANA
                | Style.LATIN
                | Style.CAPITAL
                | Style.ROMAN
                | Style.CAPITAL_ROMAN
            ):
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
_TO_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F4)}
_HIRAGANA: Final = _KANA.translate(_TO_HIRAGANA)
_HIRAGANA_IROHA: Final = _IROHA.translate(_TO_HIRAGANA)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_ROMAN: Final = tuple("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split())
_CAPITAL_ROMAN: Final = tuple(sign.upper() for sign in _ROMAN)
NUMERALS: Final = frozenset({Style.BARE, Style.DOTTED})
"""How paragraphs are numbered."""
_COUNTING: Final = frozenset({Style.BARE, Style.KANJI})
FIRM_OR_BRACKETED: Final = frozenset({Weight.FIRM, Weight.BRACKETED})
SUBITEMS: Final = frozenset(style for style in Style if style.signs)
_KANJI_NUMBERS: Final = ("", *"一二三四五六七八九")
_LISTED: Final = {
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
_BRANCHES: Final = rf"(?:の ?(?:\d{{1,2}}|{KANJI}{{1,3}}))"
_MARK: Final = re.compile(
    rf"\( ?(?P<paren>\d{{1,3}}|{KANJI}{{1,3}}|[ぁ-んァ-ン]|[a-zA-Z]|[ivx]{{1,5}}|[IVX]{{1,5}}|[ⅰ-ⅻⅠ-Ⅻ])"
    rf"(?P<within>{_BRANCHES}{{1,2}})? ?\)(?P<behind>{_BRANCHES}{{1,2}}(?= |$))?"
    rf"|(?P<half>\d{{1,3}}) ?\)"
    rf"|(?P<bare>\d{{1,3}})(?:(?P<bare_branch>{_BRANCHES}{{1,2}})(?= )|(?![\d,.:/]\d|[\d)]|[-~]))(?P<dot>[.,、])?"
    rf"|(?P<open>{KANJI}{{1,3}}|[ぁ-んァ-ン]|[a-zA-Z]|[ivx]{{1,5}}|[IVX]{{2,5}})(?P<branch>{_BRANCHES}{{1,2}})?"
    r"(?:[.,、)](?= |\S)|(?= |$))"
    # Nothing between it and the text: ア施設, 一施設
    rf"|(?P<close>{KANJI}{{1,2}}(?=[一-龠ァ-ヶ「『\d(A-Z])|[ァ-ン](?=[一-龠々ぁ-んァ-ヶ「『\d(A-Za-z]))"
)
_BRANCH: Final = re.compile(rf"の ?(\d{{1,2}}|{KANJI}{{1,3}})")
# What begins with a numeral and is no number of an item: 一般, 一部, 二以上
_NUMERAL_WORD: Final = re.compile(
    r"一(?:[般部定切時方括体層致貫環連旦同律覧助帯因見応]|人|つ|以上|以下|未満)|[二三四五六七八九十](?:者|以上|以下|以内|分の|[重次])"
)
# What may be a word or a number and its item: 四半期の報告
_MAY_BE_NUMERAL_WORD: Final = re.compile(
    r"一(?:[級種酸次番本]|両日|昨)|二(?:[級種酸度番]|酸化)|三(?:[角種級脚権]|役|か国)|四(?:半|季|[国方])|五(?:輪|感|十音)|六法|七夕|八百|九州"
    r"|十[分字代進]"
)


@dataclass(frozen=True, slots=True)
class ListMark:
    """A list mark at a line's beginning, read in one way (イ may be the second of ア, イ or the first of イ, ロ).

    `number` is (1,), or (1, 2) for 一の二.
    """

    style: Style
    number: tuple[int, ...]
    rest: str
    spaced: bool
    refers: bool
    counts: bool  # 2年, 3通: a number in a sentence
    in_word: bool  # アトリエ: a word may begin with this letter

    @property
    def value(self) -> int:
        """The number without its branches."""
        return self.number[0]

    @property
    def label(self) -> str:
        return label_of(self.style, self.number)

    @property
    def code(self) -> str:
        """The number as keys have it: 1-2 for 一の二."""
        return "-".join(map(str, self.number))


def label_of(style: Style, number: tuple[int, ...]) -> str:
    """The number as this style prints it, in one spelling."""
    first, *branches = number
    kanji = "一" in style
    return _first_label(style, first) + "".join(
        f"の{_kanji(branch) if kanji else branch}" for branch in branches
    )


def _first_label(style: Style, number: int) -> str:
    match style:
        case Style.CIRCLED:
            return next((sign for sign, known in _LISTED.items() if known == (style, number)), str(number))
        case Style.BARE:
            return str(number)
        case Style.DOTTED:
            return f"{number}."
        case Style.PAREN:
            return f"({number})"
        case Style.HALF_PAREN:
            return f"{number})"
        case Style.KANJI:
            return _kanji(number)
        case Style.PAREN_KANJI:
            return f"({_kanji(number)})"
        case (
            Style.KANA
            | Style.IROHA
            | Style.HIRAGANA
            | Style.LATIN
            | Style.CAPITAL
            | Style.ROMAN
            | Style.CAPITAL_ROMAN
        ):
            return _letter(style.signs, number)
        case (
            Style.PAREN_KANA
            | Style.PAREN_IROHA
            | Style.PAREN_HIRAGANA
            | Style.PAREN_HIRAGANA_IROHA
            | Style.PAREN_LATIN
            | Style.PAREN_CAPITAL
            | Style.PAREN_ROMAN
            | Style.PAREN_CAPITAL_ROMAN
        ):
            return f"({_letter(style.signs, number)})"
        case _:
            assert_never(style)


def _letter(signs: Sequence[str], number: int) -> str:
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


def marks_of(text: str) -> list[ListMark]:
    """The ways to read the list mark at the beginning of a text; none for most lines."""
    head = fold_width(text[:40])
    branches: tuple[int, ...] = ()
    is_close = False
    if head[:1] in _LISTED:
        readings, end = [_LISTED[head[0]]], 1
        behind = re.match(rf"{_BRANCHES}{{1,2}}(?= |$)|[.,](?=\D)", head[1:])
        if behind:
            branches, end = _numbers(behind[0]), 1 + behind.end()
    else:
        match = _MARK.match(head)
        if not match:
            return []
        readings, end = _readings(match), match.end()
        said = [match[name] for name in ("within", "behind", "bare_branch", "branch") if match[name]]
        branches, is_close = _numbers("".join(said)), match["close"] is not None
    if is_close and _NUMERAL_WORD.match(head):
        return []
    follows = head[end:]
    spaced = follows[:1] in ("", " ") or (end > 1 and head[end - 1] in ".,、")
    refers = REFERENCE.match(follows) is not None and not _PARAGRAPH_NAMED.match(follows)
    is_stopped = end > 0 and head[end - 1] in ".,、"
    counts = not branches and not is_stopped and _COUNTER.match(follows) is not None
    in_word = is_close and (re.match("[ァ-ヶ]{2}", head) or _MAY_BE_NUMERAL_WORD.match(head)) is not None
    rest = text[end:].strip()
    return [
        ListMark(style, (number, *branches), rest, spaced, refers, counts and style in _COUNTING, in_word)
        for style, number in readings
        if number and 0 not in branches
    ]


def _numbers(branches: str) -> tuple[int, ...]:
    return tuple(parse_numeral(branch) for branch in _BRANCH.findall(branches))


def _readings(match: re.Match[str]) -> list[tuple[Style, int]]:
    if match["half"]:
        return [(Style.HALF_PAREN, int(match["half"]))]
    if match["bare"]:
        return [(Style.DOTTED if match["dot"] == "." else Style.BARE, int(match["bare"]))]
    enclosed = match["paren"] is not None
    sign = match["paren"] or match["open"] or match["close"]
    if sign.isascii() and sign.isdigit():
        return [(Style.PAREN, int(sign))]
    if sign in _LISTED:
        style, number = _LISTED[sign]
        return [(Style.PAREN_CAPITAL_ROMAN if style is Style.CAPITAL_ROMAN else Style.PAREN_ROMAN, number)]
    if re.fullmatch(f"{KANJI}+", sign):
        return [(Style.PAREN_KANJI if enclosed else Style.KANJI, parse_numeral(sign))]
    return [
        (style, style.signs.index(sign) + 1)
        for style in (_ENCLOSED_LETTERS if enclosed else _LETTERS)
        if sign in style.signs
    ]


_LETTERS: Final = (
    Style.KANA,
    Style.IROHA,
    Style.HIRAGANA,
    Style.LATIN,
    Style.ROMAN,
    Style.CAPITAL,
    Style.CAPITAL_ROMAN,
)
_ENCLOSED_LETTERS: Final = (
    Style.PAREN_KANA,
    Style.PAREN_IROHA,
    Style.PAREN_HIRAGANA,
    Style.PAREN_HIRAGANA_IROHA,
    Style.PAREN_LATIN,
    Style.PAREN_ROMAN,
    Style.PAREN_CAPITAL,
    Style.PAREN_CAPITAL_ROMAN,
)
