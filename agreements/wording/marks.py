"""The numbers of paragraphs and items at a line's beginning: 2, (1), ①, ア, and what only looks like one."""

import re
from dataclasses import dataclass
from typing import Final

from agreements.wording.letters import KANJI, fold_width, parse_numeral
from agreements.wording.styles import COUNTING, LISTED, Style, label_of

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


_BRANCHES: Final = rf"(?:の ?(?:\d{{1,2}}|{KANJI}{{1,3}}))"
_MARK: Final = re.compile(
    rf"\( ?(?P<paren>\d{{1,3}}|{KANJI}{{1,3}}|[ぁ-んァ-ン]|[a-zA-Z]|[ivx]{{1,5}}|[IVX]{{1,5}}|[ⅰ-ⅻⅠ-Ⅻ])"
    rf"(?P<within>{_BRANCHES}{{1,2}})? ?\)(?P<behind>{_BRANCHES}{{1,2}}(?= |$))?"
    rf"|(?P<half>\d{{1,3}}) ?\)"
    rf"|第 ?(?P<named>\d{{1,3}}|{KANJI}{{1,3}}) ?(?P<unit>[項号])(?= )"
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


def marks_of(text: str) -> list[ListMark]:
    """The ways to read the list mark at the beginning of a text; none for most lines."""
    head = fold_width(text[:40])
    branches: tuple[int, ...] = ()
    is_close = False
    if head[:1] in LISTED:
        readings, end = [LISTED[head[0]]], 1
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
    is_named = head[:1] == "第"
    counts = not branches and not is_stopped and not is_named and _COUNTER.match(follows) is not None
    in_word = is_close and (re.match("[ァ-ヶ]{2}", head) or _MAY_BE_NUMERAL_WORD.match(head)) is not None
    rest = text[end:].strip()
    return [
        ListMark(style, (number, *branches), rest, spaced, refers, counts and style in COUNTING, in_word)
        for style, number in readings
        if number and 0 not in branches
    ]


def _numbers(branches: str) -> tuple[int, ...]:
    return tuple(parse_numeral(branch) for branch in _BRANCH.findall(branches))


def _readings(match: re.Match[str]) -> list[tuple[Style, int]]:
    if match["named"]:
        return [
            (Style.NAMED_PARAGRAPH if match["unit"] == "項" else Style.NAMED, parse_numeral(match["named"]))
        ]
    if match["half"]:
        return [(Style.HALF_PAREN, int(match["half"]))]
    if match["bare"]:
        return [(Style.DOTTED if match["dot"] == "." else Style.BARE, int(match["bare"]))]
    enclosed = match["paren"] is not None
    sign = match["paren"] or match["open"] or match["close"]
    if sign.isascii() and sign.isdigit():
        return [(Style.PAREN, int(sign))]
    if sign in LISTED:
        style, number = LISTED[sign]
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
