"""Reading an official text (協定書) into its tree: articles, paragraphs, items. Pure; no Django.

The text is what PDF extraction leaves: digits and brackets of both widths, list marks, ruined line breaks, page
numbers in mid-sentence. `parse` never guesses in silence: each line of the source is accounted for in
`Wording.lines`, and what looks wrong (a missing 第5条, two 第3条, a line that fits nowhere) is a `Problem`.

Whether 「第3条」 at a line's beginning opens an article or is a reference broken over two lines is decided by what
precedes it (a heading, a finished sentence), what follows (「第3条に定める」 is a reference) and the number expected.

Keys name a provision within its text, in ASCII and fit for addresses:
`art3` 第3条, `art3-2` 第3条の2, `art3/par2` 第2項, `art3/par2/item1` (1), `art3/par2/item1/sub1` ア,
`part1`, `chap1`, `chap1/sec2` 編・章・節 (articles do not hang their keys on chapters, as their numbers run through),
`sup1` the first 附則 or 別記, `sup1/par2`, `sup1/art1`. A number that is printed twice gives `art3` and `art3~2`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

MOST_LINES: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000
LONGEST_HEADING: Final = 60


class Kind(StrEnum):
    """What a provision is; a supplement is a 附則, 別記, 別表 or 別紙 with the provisions in it."""

    CHAPTER = "chapter"
    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    SUBITEM = "subitem"
    SUPPLEMENT = "supplement"


class LineUse(StrEnum):
    """What a line of the source was taken for."""

    TITLE = "title"
    PREAMBLE = "preamble"
    CONTENTS = "contents"
    HEADING = "heading"
    CHAPTER = "chapter"
    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    SUBITEM = "subitem"
    SUPPLEMENT = "supplement"
    CLOSING = "closing"
    BLANK = "blank"
    PAGE_MARK = "page_mark"
    NOT_UNDERSTOOD = "not_understood"


class ProblemCode(StrEnum):
    """What may be wrong with a text; the params that come with each stand beside it."""

    NO_TITLE = "no_title"
    NO_ARTICLE = "no_article"
    MISSING = "missing"  # label, within
    MISSING_RANGE = "missing_range"  # first, last, within
    REPEATED = "repeated"  # label, within, first_line
    OUT_OF_ORDER = "out_of_order"  # label, within, after
    ITEM_BEFORE_ARTICLE = "item_before_article"  # label; the first of them only
    NO_TEXT = "no_text"  # label, within
    HEADING_ALONE = "heading_alone"  # heading
    NOT_UNDERSTOOD = "not_understood"  # last_line
    ANOTHER_TEXT = "another_text"  # label of its first article, last_line


class WordingTooLong(ValueError):
    """A text that is refused unread; `code` is "lines" or "characters", `limit` the most that is read."""

    def __init__(self, code: str, found: int, limit: int) -> None:
        self.code = code
        self.params: Mapping[str, int] = {"found": found, "limit": limit}
        super().__init__(f"{found} {code}, more than {limit}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should look at; `line` is 1-based, 0 where it concerns the whole text."""

    code: ProblemCode
    line: int
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the source: 1-based number, text as it stood, use, and the key it went to ("" for none)."""

    number: int
    text: str
    use: LineUse
    belongs_to: str = ""


@dataclass(frozen=True, slots=True)
class Provision:
    """A node of the tree.

    `number` is (3, 2) for 第3条の2, (1,) for (1) and for ア. `label` is the printed number in one spelling (第3条の2, 2,
    (1), ア), "" for an unnumbered first paragraph. An article's text stands in its paragraphs, always.
    """

    key: str
    kind: Kind
    number: tuple[int, ...]
    label: str
    heading: str
    text: str
    children: tuple["Provision", ...]
    first_line: int
    last_line: int

    def walk(self) -> Iterator["Provision"]:
        """Itself and everything below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that has been read; `closing` keeps its lines, everything else is joined."""

    title: str
    preamble: str
    provisions: tuple[Provision, ...]
    supplement: tuple[Provision, ...]
    closing: str
    lines: tuple[SourceLine, ...]
    problems: tuple[Problem, ...]

    def walk(self) -> Iterator[Provision]:
        """Every provision in reading order, the supplement's last."""
        for provision in (*self.provisions, *self.supplement):
            yield from provision.walk()

    def find(self, key: str) -> Provision | None:
        """The provision of that key, None if there is none."""
        return next((provision for provision in self.walk() if provision.key == key), None)

    def articles(self) -> tuple[Provision, ...]:
        """The articles of the main text, out of their chapters."""
        return tuple(
            provision for top in self.provisions for provision in top.walk() if provision.kind is Kind.ARTICLE
        )


def parse(text: str) -> Wording:
    """The tree of an official text with everything that was not understood; only WordingTooLong is raised."""
    if len(text) > MOST_CHARACTERS:
        raise WordingTooLong("characters", len(text), MOST_CHARACTERS)
    sources = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not sources[-1]:
        sources.pop()
    if len(sources) > MOST_LINES:
        raise WordingTooLong("lines", len(sources), MOST_LINES)
    return _Reader(sources).read()


def outline(wording: Wording) -> Iterator[str]:
    """The tree as indented lines for a terminal: key, label, heading and the beginning of the text."""
    yield wording.title
    for provision in wording.walk():
        words = " ".join(filter(None, (provision.label, provision.heading, provision.text)))
        shown = words if len(words) <= 60 else f"{words[:59]}…"
        yield f"{'  ' * _depth(provision)}{provision.key}  {shown}".rstrip()


def _depth(provision: Provision) -> int:
    return provision.key.count("/") + (provision.kind is not Kind.CHAPTER)


_EXPLAIN_A_LINE: Final = frozenset({ProblemCode.HEADING_ALONE, ProblemCode.ANOTHER_TEXT})


# --- characters ---------------------------------------------------------------------------------

_WIDTH: Final = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF71, 0xFF9E)}
    | {"\u3000": " "}
)


def fold_width(text: str) -> str:
    """The same text, letter for letter, with digits, brackets and marks half-width and kana full-width."""
    return text.translate(_WIDTH)


# PDF fonts give radicals (⼄ ⾏) for the characters that they look like (乙 行).
_CLEAN: Final = str.maketrans(
    {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
)
_DIGIT: Final = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TENS: Final = {"十": 10, "百": 100}
_KANJI: Final = "[〇零一二三四五六七八九十百]"


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


def _joined(pieces: Iterable[str]) -> str:
    parts: list[str] = []
    for piece in filter(None, pieces):
        parts += (_between(parts[-1], piece), piece) if parts else (piece,)
    return "".join(parts)


class _Ending(IntEnum):
    """How finished the text before a line is: a new provision follows a finished sentence."""

    OPEN = 0  # ends in 、 or a particle
    UNSURE = 1  # items often end without 。
    FINISHED = 2


_OPEN_END: Final = re.compile(r"[、,・(「『〔【~―をにはがでへやも]$|(?<!も)の$|(?<!こ)と$|[及並]び$")
_FINISHED_END: Final = re.compile(r"(?:^|[。.!?])$")


def _ending(text: str) -> _Ending:
    tail = fold_width(text[-2:])
    if _FINISHED_END.search(tail):
        return _Ending.FINISHED
    return _Ending.OPEN if _OPEN_END.search(tail) else _Ending.UNSURE


# --- lines --------------------------------------------------------------------------------------

_BULLET: Final = re.compile(r"(?:[-*+‐–−•●▪◦] +|[・･•●▪◦] *|#{1,6} +|> +)+")
_PAGE_MARK: Final = re.compile(
    r"[-‐–—−―ー~] ?\d{1,4} ?[-‐–—−―ー~]|(?:[pP]|[pP]age)\.? ?\d{1,4}(?: ?/ ?\d{1,4})?"
    r"|\d{1,4} ?/ ?\d{1,4}(?: ?(?:ページ|頁))?|\d{1,4} ?(?:ページ|頁)|[-=_─━―~*・…‥. ]{3,}"
)
_BARE_NUMBER: Final = re.compile(r"\d{1,4}")
_WORD: Final = re.compile(r"\w")
_CLOSING_MARKS: Final = re.compile(r"[)」』】〕。、]{1,4}")
_MARKS_ONLY: Final = re.compile(r"[()「」『』【】〔〕。、・／/:&]{1,4}")
_KATAKANA_END: Final = re.compile(r"[ァ-ヺー・]$")


@dataclass(slots=True)
class _Line:
    """A line made ready: `text` without list marks, `plain` the same letter for letter in one width."""

    number: int
    source: str
    text: str
    plain: str
    bullet: str
    feed: bool
    skipped: LineUse | None  # BLANK or PAGE_MARK, where that needs no context


def _ready(number: int, source: str) -> _Line:
    body = " ".join(source.translate(_CLEAN).replace("**", "").split())
    plain = fold_width(body)
    skipped = None
    if not body:
        skipped = LineUse.PAGE_MARK if source.strip() or "\f" in source else LineUse.BLANK
    elif len(body) <= 200 and _PAGE_MARK.fullmatch(plain):
        skipped = LineUse.PAGE_MARK
    bullet = _BULLET.match(plain)
    start = bullet.end() if bullet else 0
    start -= start == len(body) > 0  # a mark alone is the text
    mark = "" if not start else "・" if body[start - 1] in "・･" else "-"
    return _Line(number, source, body[start:], plain[start:], mark, "\f" in source, skipped)


def _made_of(text: str) -> _Line:
    """A line that stands nowhere, for two that were broken."""
    return _Line(0, text, text, fold_width(text), "", False, None)


# --- marks --------------------------------------------------------------------------------------

# What follows a number in a reference: 第3条に定める, 第3条第2項, (1)及び(2). Directly behind, or after a stray space.
_REFERENCE: Final = re.compile(
    r" ?(?:を|の(?!り)|に(?![ぎわ])|は(?![じたばん])|が(?![んい])|と(?![きしもく])|で(?!き)|も(?![のしとっ])"
    r"|及び|並びに|又は|若しくは|または|および|から|まで|より|[、。,)」』〕】~―ー]|-第|・第"
    rf"|第 ?(?:\d+|{_KANJI}+) ?[項号])"
)
_PARAGRAPH_NAMED: Final = re.compile(r" ?第")  # 「3 第1項の規定にかかわらず」 begins a paragraph
_CLOSE_REFERENCE: Final = re.compile(r"等|各|前段|後段|本文|ただし書|但書|中[「の]|関係|以下|以上|以降|-|・")
_COUNTER: Final = re.compile(
    r" ?(?:年(?!度協定|次)|[月日時分通人名件円千万億兆回条項号章倍割歳週社校台枚者階％%]|[かカヵヶケ箇][年月所国]|か所|つ|丁目"
    r"|番[地号]?\d*|部(?!会|長|門)|本(?![協契覚項条事業書文])|種類|機関|機[がをの])"
)
_BRACKETED: Final = r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|【[^【】]*】|〔[^〔〕]*〕|\[[^\[\]]*\])"
_HEADING: Final = re.compile(_BRACKETED)
_NO_HEADING: Final = re.compile(
    rf"以下|第 ?(?:\d+|{_KANJI}+) ?条|.*。|.*(?:除く|限る|含む|いう|同じ)$|[\d ]*$|案$"
)
_ARTICLE: Final = re.compile(rf"第 ?(\d[\d ]{{0,5}}|{_KANJI}{{1,7}}) ?条")
_BRANCH: Final = re.compile(rf" ?の ?(\d{{1,3}}|{_KANJI}{{1,4}})(?!\d)")
_BRANCH_WORD: Final = re.compile(r"[部者方般定切種つ回年月日人箇か個度項号次層体]")
_CHAPTER: Final = re.compile(rf"第 ?(\d{{1,3}}|{_KANJI}{{1,5}}) ?([編章節款])")
_CHAPTER_CODES: Final = {"編": "part", "章": "chap", "節": "sec", "款": "subsec"}
_SUPPLEMENT: Final = re.compile(
    rf"[\[【〔(]? ?(附 ?則|別記様式|別 ?記|別 ?表|別 ?紙|別 ?添|様 ?式) ?(第? ?(?:\d{{1,3}}|{_KANJI}{{1,3}}) ?号?)?"
    r" ?[\]】〕)]?"
)
_CLOSING: Final = re.compile(
    r"(?:本|この|上記|以上|右|前記)[^。]{0,25}?(?<![検保実認])証(?:と|す|し|拠)|以上のとおり.{0,10}(?:協定|契約|合意).{0,6}締結"
)
_DATE: Final = re.compile(r"(?:令和|平成|昭和|西暦)? ?[\d元_○〇 ]{0,8}年[\d_○〇 ]{0,6}月[\d_○〇 ]{0,6}日")
_SIGNATURE: Final = re.compile(
    r"[甲乙丙丁](?:[ :(]|$)(?! ?(?:[はがのをにと、]|及び|又は|並びに|若しくは|[甲乙丙丁]))"
)
_CONTENTS: Final = re.compile(r"[\[【〔(]? ?目 ?次 ?[\]】〕)]?")
_LEADERS: Final = re.compile(r"(?:…{2,}|‥{2,}|\.{4,}|・{4,}|-{4,}|…)[ .…‥・-]*\d{1,4}$")
_RANGE: Final = re.compile(r"\(第[^()]{1,30}条[^()]{0,30}\)?$")
_TITLE_END: Final = re.compile(
    r"(?:書|契約|協定|約款|規約|規程|規則|要綱|要領|条例|細則|特記事項)(?: ?[(\[〔【]?案[)\]〕】]?)?$"
)
_NAMED_DRAFT: Final = re.compile(r"[(\[〔【] ?案 ?[)\]〕】]")


@dataclass(frozen=True, slots=True)
class _ArticleMark:
    """第3条の2（目的）… at a line's beginning; `rest` is what follows number and heading."""

    number: tuple[int, ...]
    label: str
    heading: str
    rest: str
    refers: bool  # reads on like a reference, with nothing between
    may_refer: bool  # the same after a stray space
    spaced: bool  # number and text are set apart


def _article_mark(line: _Line) -> _ArticleMark | None:
    before, start = _leading_heading(line)
    match = _ARTICLE.match(line.plain, start)
    number = parse_numeral(match[1]) if match else 0
    if not match or not number:
        return None
    branches, end = _branches(line.plain, match.end())
    follows = line.plain[end : end + 100]
    after, used = _heading_at(line, end + (follows[:1] == " "))
    if after:
        end = used
        refers = _REFERENCE.match(line.plain[end : end + 20]) is not None
        spaced, may_refer = True, refers
    else:
        may_refer = _REFERENCE.match(follows) is not None
        spaced = follows[:1] in ("", " ")
        refers = (may_refer and not spaced) or _CLOSE_REFERENCE.match(follows) is not None
    label = f"第{number}条" + "".join(f"の{branch}" for branch in branches)
    rest = line.text[end:].strip()
    return _ArticleMark((number, *branches), label, before or after, rest, refers, may_refer, spaced)


def _branches(plain: str, end: int) -> tuple[list[int], int]:
    """The 2 of 第3条の2; not the 一 of 第三条の一部."""
    found: list[int] = []
    while len(found) < 3:
        match = _BRANCH.match(plain, end)
        if not match or parse_numeral(match[1]) < 2 or _BRANCH_WORD.match(plain, match.end()):
            break
        found.append(parse_numeral(match[1]))
        end = match.end()
    return found, end


def _leading_heading(line: _Line) -> tuple[str, int]:
    """（目的） in front of 第1条 on the same line, and where it ends."""
    heading, end = _heading_at(line, 0)
    end += line.plain[end : end + 1] == " "
    return (heading, end) if heading and _ARTICLE.match(line.plain, end) else ("", 0)


def _heading_at(line: _Line, start: int) -> tuple[str, int]:
    """A bracketed heading at a place of a line and where it ends; "" if there is none."""
    match = _HEADING.match(line.plain[start : start + LONGEST_HEADING + 2])
    inside = match[0][1:-1].strip() if match else ""
    if not match or not inside or _NO_HEADING.match(inside):
        return "", start
    end = start + match.end()
    return line.text[start + 1 : end - 1].strip(), end


def _unspaced(heading: str) -> str:
    """目的 for 目 的, which is how short headings are set."""
    parts = heading.split(" ")
    return "".join(parts) if all(len(part) == 1 and not part.isascii() for part in parts) else heading


class _Style(StrEnum):
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


_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA: Final = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_ORDERS: Final = {
    _Style.KANA: _KANA,
    _Style.IROHA: _IROHA,
    _Style.PAREN_KANA: _KANA,
    _Style.PAREN_IROHA: _IROHA,
    _Style.LATIN: _LATIN,
    _Style.PAREN_LATIN: _LATIN,
}
_SUBITEMS: Final = frozenset(_ORDERS)
_KANJI_NUMBERS: Final = ("", *"一二三四五六七八九")
_LISTED: Final = {
    chr(first + offset): (style, start + offset)
    for first, count, start, style in (
        (0x2474, 20, 1, _Style.PAREN),  # ⑴
        (0x2460, 20, 1, _Style.CIRCLED),  # ①
        (0x3251, 15, 21, _Style.CIRCLED),
        (0x32B1, 15, 36, _Style.CIRCLED),
        (0x2488, 20, 1, _Style.BARE),  # ⒈
        (0x3220, 10, 1, _Style.PAREN_KANJI),  # ㈠
    )
    for offset in range(count)
} | {chr(0x32D0 + offset): (_Style.KANA, offset + 1) for offset in range(44)}  # ㋐
_MARK: Final = re.compile(
    rf"\( ?(?P<paren>\d{{1,3}}|{_KANJI}{{1,3}}|[ァ-ン]|[a-z]) ?\)"
    r"|(?P<half>\d{1,3}) ?\)"
    r"|(?P<bare>\d{1,3})(?![\d,.:/]\d|[\d)]|[-~])[.,、]?"
    rf"|(?P<open>{_KANJI}{{1,3}}|[ァ-ン]|[a-z])(?:[.,、)](?= |\S)|(?= |$))"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A list mark at a line's beginning, read in one way (イ may be the second of ア, イ or the first of イ, ロ)."""

    style: _Style
    number: int
    rest: str
    spaced: bool
    refers: bool
    counts: bool  # 2年, 3通: a number in a sentence

    @property
    def label(self) -> str:
        return _label(self.style, self.number)


def _label(style: _Style, number: int) -> str:
    """The number as this style prints it, in one spelling."""
    if style in _ORDERS:
        order = _ORDERS[style]
        written = order[number - 1] if number <= len(order) else str(number)
    elif style in (_Style.KANJI, _Style.PAREN_KANJI):
        tens, ones = divmod(number, 10)
        written = (
            f"{_KANJI_NUMBERS[tens] if 1 < tens < 10 else ''}{'十' if tens else ''}{_KANJI_NUMBERS[ones]}"
        )
    elif style is _Style.CIRCLED:
        return next((sign for sign, known in _LISTED.items() if known == (style, number)), str(number))
    else:
        written = str(number)
    if style in (_Style.PAREN, _Style.PAREN_KANJI, _Style.PAREN_KANA, _Style.PAREN_IROHA, _Style.PAREN_LATIN):
        return f"({written})"
    return f"{written})" if style is _Style.HALF_PAREN else written


def _marks(text: str) -> list[_Mark]:
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
    refers = _REFERENCE.match(follows) is not None and not _PARAGRAPH_NAMED.match(follows)
    counts = _COUNTER.match(follows) is not None
    rest = text[end:].strip()
    return [_Mark(style, number, rest, spaced, refers, counts) for style, number in readings if number]


def _readings(match: re.Match[str]) -> list[tuple[_Style, int]]:
    if match["half"]:
        return [(_Style.HALF_PAREN, int(match["half"]))]
    if match["bare"]:
        return [(_Style.BARE, int(match["bare"]))]
    sign, enclosed = match["paren"] or match["open"], match["paren"] is not None
    if sign.isascii() and sign.isdigit():
        return [(_Style.PAREN, int(sign))]
    if sign.isascii():
        return [(_Style.PAREN_LATIN if enclosed else _Style.LATIN, _LATIN.index(sign) + 1)]
    if re.fullmatch(f"{_KANJI}+", sign):
        return [(_Style.PAREN_KANJI if enclosed else _Style.KANJI, parse_numeral(sign))]
    styles = (_Style.PAREN_KANA, _Style.PAREN_IROHA) if enclosed else (_Style.KANA, _Style.IROHA)
    return [(style, _ORDERS[style].find(sign) + 1) for style in styles]


# --- the tree while it grows --------------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    key: str
    kind: Kind
    number: tuple[int, ...]
    label: str
    first: int
    last: int
    heading: str = ""
    style: _Style | None = None
    rank: int = 0  # of chapters: 編 before 章 before 節
    pieces: list[str] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)

    def frozen(self) -> Provision:
        children = tuple(child.frozen() for child in self.children)
        return Provision(
            self.key,
            self.kind,
            self.number,
            self.label,
            self.heading,
            _joined(self.pieces),
            children,
            self.first,
            max((self.last, *(child.last_line for child in children))),
        )


class _Place(StrEnum):
    OPENING = "before the first article"
    CONTENTS = "table of contents"
    BODY = "articles"
    CLOSING = "closing"


class _Reader:
    """Goes through the lines once, after a first look at which of them may open an article."""

    def __init__(self, sources: list[str]) -> None:
        self.lines = [_ready(number, source) for number, source in enumerate(sources, 1)]
        self.uses: list[LineUse] = [LineUse.BLANK] * len(self.lines)
        self.keys: list[str] = [""] * len(self.lines)
        self.problems: list[Problem] = []
        self.provisions: list[_Node] = []
        self.supplement: list[_Node] = []
        self.title: list[str] = []
        self.preamble: list[str] = []
        self.closing: list[str] = []
        self.known_keys: dict[str, int] = {}
        self.chapters: list[_Node] = []
        self.section: _Node | None = None  # the supplement that is open
        self.article: _Node | None = None
        self.paragraph: _Node | None = None
        self.items: list[_Node] = []  # the open items, outermost first
        self.last_article: tuple[int, ...] | None = None
        self.tail = ""  # the end of the text read last
        self.heading = ""
        self.heading_lines: list[int] = []
        self.place = _Place.OPENING
        self.contents: set[str] = set()
        self.page = 0
        self.other_text: int | None = None
        self._look_ahead()

    # The first look: what stands before and after each line, and which lines surely open an article.

    def _look_ahead(self) -> None:
        count = len(self.lines)
        counted = [not line.skipped and not _BARE_NUMBER.fullmatch(line.plain) for line in self.lines]
        self.before: list[int | None] = [None] * count
        self.after: list[int | None] = [None] * count
        near: int | None = None
        for index in range(count):
            self.before[index] = near
            near = index if counted[index] else near
        near = None
        for index in reversed(range(count)):
            self.after[index] = near
            near = index if counted[index] else near
        self.marks = [None if line.skipped else _article_mark(line) for line in self.lines]
        self.headings = self._find_headings()
        self.headed = {last: heading for heading, last in self.headings.values()}
        self.strength = [self._strength_of(index) for index in range(count)]
        self.sure_after: list[int | None] = [None] * (count + 1)
        self.supplement_after: list[int | None] = [None] * (count + 1)
        self.sure_last: dict[tuple[int, ...], int] = {}
        for index in reversed(range(count)):
            mark = self.marks[index]
            sure = mark is not None and self.strength[index] >= 3
            self.sure_after[index] = index if sure else self.sure_after[index + 1]
            header = not self.lines[index].skipped and self._supplement_header(index) is not None
            self.supplement_after[index] = index if header else self.supplement_after[index + 1]
            if sure and mark:
                self.sure_last.setdefault(mark.number, index)

    def _find_headings(self) -> dict[int, tuple[str, int]]:
        """Lines that are a heading and no more, or its first half: first line → heading and last line."""
        found: dict[int, tuple[str, int]] = {}
        for index, line in enumerate(self.lines):
            if line.skipped or line.plain[:1] not in "([【〔":
                continue
            heading, end = _heading_at(line, 0)
            if heading and end == len(line.text):
                found[index] = (heading, index)
            elif (
                not heading and len(line.text) <= LONGEST_HEADING and not re.search(r"[)\]】〕]", line.plain)
            ):
                self._find_broken_heading(index, found)
        return found

    def _find_broken_heading(self, index: int, found: dict[int, tuple[str, int]]) -> None:
        second = self.after[index]
        if second is None or second > index + 2 or self.marks[second]:
            return
        line = self.lines[second]
        whole = join_lines(self.lines[index].text, line.text)
        heading, end = _heading_at(_made_of(whole), 0)
        following = self.after[second]
        if heading and end == len(whole) and following is not None and self.marks[following]:
            found[index] = (heading, second)

    def _strength_of(self, index: int) -> int:
        """How much the line looks like the beginning of an article: 0 not at all, 3 surely."""
        mark, before = self.marks[index], self.before[index]
        if mark is None or mark.refers:
            return 0
        headed = bool(mark.heading) or (before is not None and before in self.headed)
        ending = _ending("" if before is None or headed else self.lines[before].text)
        if mark.may_refer:
            return 1 if ending is _Ending.FINISHED else 0
        if mark.spaced:
            return 1 + ending
        return {_Ending.FINISHED: 3, _Ending.UNSURE: 1, _Ending.OPEN: 0}[ending]

    # The reading.

    def read(self) -> Wording:
        self._read_title()
        for index, line in enumerate(self.lines):
            if line.skipped:
                self.uses[index] = line.skipped
            elif self.uses[index] is LineUse.BLANK:  # not part of the title
                self._read_line(index, line)
        self._check()
        lines = tuple(
            SourceLine(line.number, line.source, use, key)
            for line, use, key in zip(self.lines, self.uses, self.keys, strict=True)
        )
        return Wording(
            _joined(self.title),
            _joined(self.preamble),
            tuple(node.frozen() for node in self.provisions),
            tuple(node.frozen() for node in self.supplement),
            "\n".join(self.closing),
            lines,
            tuple(sorted(self.problems, key=lambda problem: problem.line)),
        )

    def _read_line(self, index: int, line: _Line) -> None:
        beyond = self.other_text is not None and index >= self.other_text
        if beyond or (not _WORD.search(line.text) and not self._is_torn_off(line)):
            self.uses[index] = LineUse.NOT_UNDERSTOOD
        elif self._is_page_mark(index, line):
            self.uses[index] = LineUse.PAGE_MARK
        elif self._is_contents(index, line):
            self.uses[index] = LineUse.CONTENTS
        elif not (
            self._read_supplement(index)
            or (self.place is _Place.CLOSING and self._read_closing(index, line))
            or self._read_chapter(index, line)
            or self._read_heading(index)
            or self._read_article(index)
            or self._opens_closing(index, line)
            or self._read_paragraph(index, line)
            or self._read_item(index, line)
        ):
            self._read_on(index, line)

    def _is_torn_off(self, line: _Line) -> bool:
        """A 」 or ・ that a line break has left alone."""
        within = self.article or self.section or self.place is _Place.OPENING
        unfinished = bool(self.tail) and _ending(self.tail) is not _Ending.FINISHED
        return bool(within) and (
            _CLOSING_MARKS.fullmatch(line.plain) is not None
            or (unfinished and _MARKS_ONLY.fullmatch(line.plain) is not None)
        )

    def _problem(self, code: ProblemCode, index: int, **params: str | int) -> None:
        self.problems.append(Problem(code, self.lines[index].number, params))

    # Title and preamble.

    def _read_title(self) -> None:
        opening = self._opening_lines()
        ends = [index for index in opening if self._ends_title(index, opening)]
        inner = self._title_further_down(opening)
        if inner is not None or ends:
            chosen = self._block(ends[0], opening) if inner is None else [inner]
            for index in range(chosen[0]):
                if not self.lines[index].skipped:
                    self.uses[index] = LineUse.NOT_UNDERSTOOD
        else:
            first = self._block(opening[0], opening) if opening else []
            whole = "".join(self.lines[index].plain for index in first)
            chosen = first if len(first) <= 3 and not re.search(r"[、。]", whole) else []
        draft = self.after[chosen[-1]] if chosen else None
        if draft is not None and _NAMED_DRAFT.fullmatch(self.lines[draft].plain):
            chosen.append(draft)
        for index in chosen:
            self.uses[index] = LineUse.TITLE
            self.title.append(self.lines[index].text)
        if not chosen:
            self.problems.append(Problem(ProblemCode.NO_TITLE, 0))

    def _opening_lines(self) -> list[int]:
        """The first lines of text, up to a full stop or the first thing that has a number."""
        opening: list[int] = []
        for index, line in enumerate(self.lines):
            if line.skipped or _BARE_NUMBER.fullmatch(line.plain):
                continue
            begun = self.strength[index] > 0 or self._chapter_match(line) or self._is_article_heading(index)
            if len(opening) == 12 or begun or "。" in line.text or _CONTENTS.fullmatch(line.plain):
                break
            opening.append(index)
        return opening

    def _title_further_down(self, opening: list[int]) -> int | None:
        """The title of an agreement that stands inside a longer document, the last before its first article."""
        article = self.sure_after[0]
        for index in reversed(range(opening[-1] + 1 if opening else 0, article or 0)):
            line = self.lines[index]
            apart = self._is_blank(index - 1) and self._is_blank(index + 1) and len(line.text) <= 120
            match = _TITLE_END.search(line.plain[-20:]) if apart and not line.bullet else None
            if match and match[0].startswith("書") and not re.search("[、「」。]", line.text):
                return index
        return None

    def _ends_title(self, index: int, opening: list[int]) -> bool:
        match = _TITLE_END.search(self.lines[index].plain)
        whole = "".join(self.lines[part].plain for part in self._block(index, opening))
        return match is not None and ("、" not in whole or match[0].startswith("書"))

    def _block(self, index: int, opening: list[int]) -> list[int]:
        """The lines that run up to this one without a blank; down from it as well if it is the first."""
        start = end = opening.index(index)
        while start and opening[start - 1] == opening[start] - 1:
            start -= 1
        if start == end == 0 and not _TITLE_END.search(self.lines[index].plain):
            while end + 1 < len(opening) and opening[end + 1] == opening[end] + 1:
                end += 1
        return opening[start : end + 1]

    def _is_article_heading(self, index: int) -> bool:
        found = self.headings.get(index)
        following = self.after[found[1]] if found else None
        return following is not None and self.marks[following] is not None

    # Page marks and contents.

    def _is_page_mark(self, index: int, line: _Line) -> bool:
        if _BARE_NUMBER.fullmatch(line.plain):
            return self._is_page_number(index, line)
        if self.title and line.text == _joined(self.title):
            return line.feed or (index > 0 and self.uses[index - 1] is LineUse.PAGE_MARK)
        return False

    def _is_page_number(self, index: int, line: _Line) -> bool:
        """A number alone: of a page, unless it is the paragraph number to come and stands after a full stop."""
        number = int(line.plain)
        following = index + 1 < len(self.lines) and self.lines[index + 1]
        breaks = line.feed or (following and following.feed)
        alone = self._is_blank(index - 1) and self._is_blank(index + 1)
        ending = _ending(self.tail)
        finished = ending is _Ending.FINISHED or (ending is _Ending.UNSURE and bool(self.items))
        expected = number == self._next_paragraph() and finished
        runs_on = alone and self.page and number == self.page + 1
        if breaks or runs_on or not expected:
            self.page = number
            return True
        return False

    def _is_blank(self, index: int) -> bool:
        return not 0 <= index < len(self.lines) or self.lines[index].skipped is not None

    def _is_contents(self, index: int, line: _Line) -> bool:
        if _CONTENTS.fullmatch(line.plain) and self.place is _Place.OPENING and not self.article:
            self.place = _Place.CONTENTS
            return True
        mark, chapter = self.marks[index], self._chapter_match(line)
        label = mark.label if mark else chapter[0].replace(" ", "") if chapter else ""
        led = _LEADERS.search(line.plain[-60:]) is not None
        if led and (label or self.place is _Place.CONTENTS):
            self.contents.add(label)
            return True
        if self.place is not _Place.CONTENTS:
            return False
        if not self._goes_on_contents(index, line, label):
            self.place = _Place.OPENING
            return False
        self.contents.add(label)
        return True

    def _goes_on_contents(self, index: int, line: _Line, label: str) -> bool:
        if re.search(r"。|.、", line.plain) or len(line.text) > 80:
            return False
        if label:
            return label not in self.contents
        if self._is_article_heading(index):
            following = self.after[self.headings[index][1]]
            mark = self.marks[following] if following is not None else None
            return mark is not None and mark.label not in self.contents and len(mark.rest) <= 20
        return self._supplement_header(index) is not None or bool(re.match(r"[―\-~・]", line.plain))

    # Chapters and headings.

    def _chapter_match(self, line: _Line) -> re.Match[str] | None:
        match = _CHAPTER.match(line.plain)
        if not match or not parse_numeral(match[1]) or "。" in line.text or len(line.text) > 80:
            return None
        follows = line.plain[match.end() : match.end() + 20]
        if follows[:1] != " " and (_REFERENCE.match(follows) or _CLOSE_REFERENCE.match(follows)):
            return None
        return match

    def _read_chapter(self, index: int, line: _Line) -> bool:
        match = self._chapter_match(line)
        if not match or self.section or _ending(self.tail) is _Ending.OPEN:
            return False
        rank = "編章節款".index(match[2])
        while self.chapters and self.chapters[-1].rank >= rank:
            self.chapters.pop()
        number = (parse_numeral(match[1]),)
        above = self.chapters[-1] if self.chapters else None
        code = f"{_CHAPTER_CODES[match[2]]}{number[0]}"
        node = self._node(index, Kind.CHAPTER, number, f"第{number[0]}{match[2]}", code, above)
        heading = _RANGE.sub("", line.plain[match.end() :]).strip()
        node.heading = line.text[match.end() :].strip()[: len(heading)]
        node.rank = rank
        (above.children if above else self.provisions).append(node)
        self.chapters.append(node)
        self.article = self.paragraph = None
        self.items = []
        self.place = _Place.BODY
        self._take(index, LineUse.CHAPTER, node, "")
        return True

    def _read_heading(self, index: int) -> bool:
        """A heading on a line of its own: of the article that follows, or of the one just begun."""
        if self.heading_lines and index <= self.heading_lines[-1]:
            return True  # the second half of a broken heading
        found = self.headings.get(index)
        if not found:
            return False
        heading, last = found
        following = self.after[last]
        if following is not None and self._takes_heading(following):
            self._keep_heading(index, heading, last)
        elif self.article and not self.article.heading and not self.article.children:
            self.article.heading = _unspaced(heading)
            self._take(index, LineUse.HEADING, self.article, "")
        elif self.article and _ending(self.tail) is _Ending.FINISHED and self.place is _Place.BODY:
            self.uses[index] = LineUse.NOT_UNDERSTOOD
            self._problem(ProblemCode.HEADING_ALONE, index, heading=heading)
        else:
            return False
        return True

    def _takes_heading(self, index: int) -> bool:
        """An article, or within a supplement a paragraph (（経過措置） over 2)."""
        return self._opens_article(index) or (
            self.section is not None and self._opens_numbered_paragraph(index)
        )

    def _keep_heading(self, index: int, heading: str, last: int) -> None:
        self.heading = heading
        self.heading_lines = [index] if index == last else [index, last]
        for part in self.heading_lines:
            self.uses[part] = LineUse.HEADING

    def _give_heading(self, node: _Node, own: str = "") -> None:
        node.heading = _unspaced(own or self.heading)
        for index in self.heading_lines:
            self.keys[index] = node.key
            node.first = min(node.first, self.lines[index].number)
        self.heading, self.heading_lines = "", []

    # Articles.

    def _opens_article(self, index: int) -> bool:
        mark, strength = self.marks[index], self.strength[index]
        if mark is None or strength == 0:
            return False
        if strength >= 3:
            return True
        if self.last_article is None and strength == 2 and (1,) not in self.sure_last:
            return True  # the beginning is missing
        if not _is_next(self.last_article, mark.number):
            return strength == 2 and self._is_blank(index - 1) and self.place is _Place.BODY
        return strength == 2 or self.sure_last.get(mark.number, -1) < index

    def _read_article(self, index: int) -> bool:
        mark = self.marks[index]
        if mark is None or not self._opens_article(index):
            return False
        above = self.section or (self.chapters[-1] if self.chapters else None)
        code = "art" + "-".join(map(str, mark.number))
        node = self._node(index, Kind.ARTICLE, mark.number, mark.label, code, self.section)
        self._give_heading(node, mark.heading)
        (above.children if above else self.provisions).append(node)
        self.article, self.paragraph, self.items = node, None, []
        self.last_article = mark.number
        self.place = _Place.BODY
        self._take(index, LineUse.ARTICLE, node, "")
        self._begin_text(index, mark.rest)
        return True

    def _begin_text(self, index: int, text: str) -> None:
        """What stands behind a number on the same line: text, or the first number of the next level."""
        for mark in _marks(text):
            if mark.number != 1 or mark.refers or mark.counts or not mark.rest:
                continue
            if mark.style is _Style.BARE and mark.spaced and not self.paragraph:
                self._open_paragraph(index, mark)
                return
            if (
                mark.style not in (_Style.BARE, _Style.KANJI, _Style.LATIN)
                and self._level_of(mark.style) is None
            ):
                self._open_item(index, mark, None)
                return
        if text:
            self._add_text(index, text)

    def _add_text(self, index: int, text: str) -> None:
        node = self._innermost(index)
        node.pieces.append(text)
        self.keys[index] = node.key
        self.tail = text
        node.last = self.lines[index].number

    def _innermost(self, index: int) -> _Node:
        """The provision that text goes to; opens the unnumbered first paragraph if none is open."""
        if self.items:
            return self.items[-1]
        if self.paragraph is None:
            container = self.article or self.section
            if container is None:
                return self.chapters[-1]
            self.paragraph = self._node(index, Kind.PARAGRAPH, (1,), "", "par1", container)
            container.children.append(self.paragraph)
        return self.paragraph

    # Paragraphs and items.

    def _next_paragraph(self) -> int:
        if self.paragraph is None:
            return 1 if self.article or self.section else 0
        return self.paragraph.number[0] + 1

    def _bare_mark(self, line: _Line) -> _Mark | None:
        return next((mark for mark in _marks(line.text) if mark.style is _Style.BARE), None)

    def _opens_numbered_paragraph(self, index: int) -> bool:
        mark = self._bare_mark(self.lines[index])
        return mark is not None and mark.number == self._next_paragraph() and not mark.counts

    def _read_paragraph(self, index: int, line: _Line) -> bool:
        mark = self._bare_mark(line)
        if mark is None or not (self.article or self.section) or self._level_of(_Style.BARE) is not None:
            return False
        if not self._is_paragraph(mark):
            return False
        self._open_paragraph(index, mark)
        return True

    def _is_paragraph(self, mark: _Mark) -> bool:
        ending, expected = _ending(self.tail), self._next_paragraph()
        finished = ending is _Ending.FINISHED
        if mark.number == expected:
            if finished:
                return (mark.spaced and not mark.refers) or not (mark.counts or mark.refers)
            return ending is _Ending.UNSURE and not mark.counts and not mark.refers and mark.spaced
        listed = (
            mark.number == 1 and expected == 2 and self.paragraph is not None and not self.paragraph.label
        )
        near = 0 < mark.number <= expected + 9
        plausible = near and mark.spaced and not mark.counts and not mark.refers and not listed
        return plausible and (finished or (ending is _Ending.UNSURE and bool(self.items)))

    def _open_paragraph(self, index: int, mark: _Mark) -> None:
        container = self.article or self.section
        if container is None:
            return
        number = (mark.number,)
        node = self._node(index, Kind.PARAGRAPH, number, mark.label, f"par{mark.number}", container)
        self._give_heading(node)
        container.children.append(node)
        self.paragraph, self.items = node, []
        use = LineUse.PARAGRAPH if self.uses[index] is LineUse.BLANK else self.uses[index]
        self._take(index, use, node, "")
        self._begin_text(index, mark.rest)

    def _level_of(self, style: _Style) -> int | None:
        return next((depth for depth, node in enumerate(self.items) if node.style is style), None)

    def _read_item(self, index: int, line: _Line) -> bool:
        marks = _marks(line.text)
        if not marks:
            return False
        if not (self.article or self.section):
            self._note_early_item(index, marks[0])
            return False
        choices = [(mark, *self._fit(mark)) for mark in marks]
        mark, level, expected = next((choice for choice in choices if choice[2]), choices[0])
        if not self._is_item(mark, level, expected, bool(line.bullet)):
            return False
        self._open_item(index, mark, level)
        return True

    def _note_early_item(self, index: int, mark: _Mark) -> None:
        clear = mark.style not in (_Style.BARE, _Style.KANJI, _Style.LATIN) or (
            mark.spaced and not mark.counts
        )
        begins = _ending(self.tail) is _Ending.FINISHED or mark.number > 1
        noted = any(problem.code is ProblemCode.ITEM_BEFORE_ARTICLE for problem in self.problems[-1:])
        if clear and begins and not mark.refers and not noted:
            self._problem(ProblemCode.ITEM_BEFORE_ARTICLE, index, label=mark.label)

    def _fit(self, mark: _Mark) -> tuple[int | None, bool]:
        """The level whose list the mark continues (None: a list of its own) and whether its number is the next."""
        level = self._level_of(mark.style)
        if level is None:
            lost_bracket = mark.style is _Style.HALF_PAREN and mark.number > 1
            level = self._level_of(_Style.PAREN) if lost_bracket else None
            if level is None:
                return None, mark.number == 1
        return level, mark.number == self.items[level].number[0] + 1

    def _is_item(self, mark: _Mark, level: int | None, expected: bool, bullet: bool) -> bool:
        ending = _ending(self.tail)
        if mark.refers and ending is not _Ending.FINISHED:
            return False
        if mark.style is _Style.BARE:
            return expected and mark.spaced and not mark.counts and ending is not _Ending.OPEN
        firm = mark.style in (_Style.PAREN, _Style.CIRCLED, _Style.HALF_PAREN, _Style.PAREN_KANJI)
        if mark.style in (_Style.KANJI, _Style.LATIN) and not bullet and ending is _Ending.OPEN:
            return False
        if mark.style is _Style.LATIN and not self.items:
            return False
        if mark.style in (_Style.KANA, _Style.IROHA) and not mark.rest and mark.number == 1:
            return expected and not _KATAKANA_END.search(self.tail)  # ア of エリア, on a line of its own
        if expected:
            return firm or mark.spaced
        near = firm or (level is not None and mark.number <= self.items[level].number[0] + 3)
        return near and ending is not _Ending.OPEN and not mark.refers

    def _open_item(self, index: int, mark: _Mark, level: int | None) -> None:
        if level is None:
            parent = self._innermost(index)
        else:
            parent = self.items[level - 1] if level else self._paragraph_of_items(index)
            del self.items[level:]
        nested = parent.kind is not Kind.PARAGRAPH or mark.style in _SUBITEMS
        kind, code = (Kind.SUBITEM, "sub") if nested else (Kind.ITEM, "item")
        node = self._node(index, kind, (mark.number,), mark.label, f"{code}{mark.number}", parent)
        node.style = mark.style
        parent.children.append(node)
        self.items.append(node)
        use = LineUse(kind) if self.uses[index] is LineUse.BLANK else self.uses[index]
        self._take(index, use, node, "")
        self._begin_text(index, mark.rest)

    def _paragraph_of_items(self, index: int) -> _Node:
        self.items, kept = [], self.items
        paragraph = self._innermost(index)
        self.items = kept
        return paragraph

    # Supplements, closing, and text that goes on.

    def _supplement_header(self, index: int) -> re.Match[str] | None:
        line = self.lines[index]
        match = _SUPPLEMENT.match(line.plain)
        if not match or len(line.text) > 80 or "。" in line.text:
            return None
        follows = line.plain[match.end() :]
        if _REFERENCE.match(follows):
            return None
        return (
            match
            if not follows
            or follows[0] in "(["
            or line.plain[match.end() - 1] in " )】〕]"
            or (follows[0] == " ")
            else None
        )

    def _read_supplement(self, index: int) -> bool:
        match = self._supplement_header(index)
        if not match or self.place in (_Place.OPENING, _Place.CONTENTS):
            return False
        if self.place is _Place.BODY and (_ending(self.tail) is _Ending.OPEN or self._articles_go_on(index)):
            return False
        line, number = self.lines[index], len(self.supplement) + 1
        label = f"{match[1]}{match[2] or ''}".replace(" ", "")
        node = self._node(index, Kind.SUPPLEMENT, (number,), label, f"sup{number}", None)
        heading = line.text[match.end() :].strip()
        whole = _HEADING.fullmatch(fold_width(heading[:LONGEST_HEADING]))
        node.heading = heading[1:-1].strip() if whole and whole.end() == len(heading) else heading
        self.supplement.append(node)
        self.section, self.article, self.paragraph = node, None, None
        self.items, self.last_article = [], None
        self.place = _Place.BODY
        self._take(index, LineUse.SUPPLEMENT, node, "")
        return True

    def _articles_go_on(self, index: int) -> bool:
        """Whether the next sure article is the one that the article before makes expect."""
        following = self.sure_after[index]
        mark = self.marks[following] if following is not None else None
        return mark is not None and _is_next(self.last_article, mark.number) and self.last_article is not None

    def _opens_closing(self, index: int, line: _Line) -> bool:
        if not (self.article or self.section) or _ending(self.tail) is _Ending.OPEN:
            return False
        head = line.plain[:60]
        signs = _DATE.fullmatch(line.plain) or _SIGNATURE.match(head) if len(line.plain) <= 60 else None
        signs = signs if _ending(self.tail) is _Ending.FINISHED and not self.section else None
        if not (signs or _CLOSING.match(head)) or self._articles_go_on(index):
            return False
        self.place = _Place.CLOSING
        self.section = self.article = self.paragraph = None
        self.items = []
        self._find_other_text(index)
        return self._read_closing(index, line)

    def _find_other_text(self, index: int) -> None:
        """A second agreement in the same file begins with its title, or with its first article."""
        article, supplement = self.sure_after[index], self.supplement_after[index]
        if article is None or (supplement is not None and supplement < article):
            return
        begin = article
        for above in reversed(range(index + 1, article)):
            if _TITLE_END.search(self.lines[above].plain) and not self.lines[above].skipped:
                begin = above
                break
        mark = self.marks[article]
        self.other_text = begin
        label, last = mark.label if mark else "", len(self.lines)
        self._problem(ProblemCode.ANOTHER_TEXT, begin, label=label, last_line=last)

    def _read_closing(self, index: int, line: _Line) -> bool:
        broken = (
            self.closing and len(self.closing[-1]) > 20 and _ending(self.closing[-1]) is not _Ending.FINISHED
        )
        if broken and self.closing[-1] == self.tail and len(line.text) > 1 and "。" in line.text:
            self.closing[-1] = join_lines(self.closing[-1], line.text)
        else:
            self.closing.append(line.text)
        self.tail = self.closing[-1]
        self.uses[index] = LineUse.CLOSING
        return True

    def _read_on(self, index: int, line: _Line) -> None:
        if not (self.article or self.section or self.chapters):
            self.preamble.append(line.text)
            self.tail = line.text
            self.uses[index] = LineUse.PREAMBLE
            return
        node = self._innermost(index)
        listed = line.bullet == "・" or (line.bullet == "-" and _ending(self.tail) is _Ending.FINISHED)
        text = f"・{line.text}" if listed and node.pieces else line.text
        self.uses[index] = LineUse(node.kind)
        self._add_text(index, text)

    def _node(
        self, index: int, kind: Kind, number: tuple[int, ...], label: str, code: str, above: _Node | None
    ) -> _Node:
        """A new node under a key of its own."""
        key = f"{above.key}/{code}" if above else code
        times = self.known_keys[key] = self.known_keys.get(key, 0) + 1
        line = self.lines[index].number
        return _Node(key if times == 1 else f"{key}~{times}", kind, number, label, line, line)

    def _take(self, index: int, use: LineUse, node: _Node, tail: str) -> None:
        self.uses[index] = use
        self.keys[index] = node.key
        self.tail = tail
        node.last = max(node.last, self.lines[index].number)

    # What looks wrong when all is read.

    def _check(self) -> None:
        articles = [node for top in self.provisions for node in _descend(top) if node.kind is Kind.ARTICLE]
        if not articles:
            self.problems.append(Problem(ProblemCode.NO_ARTICLE, 0))
        self._check_numbers(articles, "")
        for top in (*self.provisions, *self.supplement):
            self._check_below(top, top.label if top.kind in (Kind.ARTICLE, Kind.SUPPLEMENT) else "")
        self._check_not_understood()

    def _check_below(self, node: _Node, within: str) -> None:
        within = node.label if node.kind in (Kind.ARTICLE, Kind.SUPPLEMENT) else within
        if node.kind is Kind.CHAPTER:
            self._check_numbers([child for child in node.children if child.kind is Kind.CHAPTER], within)
        else:
            by_kind: dict[tuple[Kind, _Style | None], list[_Node]] = {}
            for child in node.children:
                by_kind.setdefault((child.kind, child.style), []).append(child)
            for siblings in by_kind.values():
                self._check_numbers(siblings, within)
            if not node.children and not any(node.pieces) and not node.heading.startswith("削除"):
                self._note(ProblemCode.NO_TEXT, node, label=node.label, within=within)
        for child in node.children:
            self._check_below(child, within)

    def _note(self, code: ProblemCode, node: _Node, **params: str | int) -> None:
        self.problems.append(Problem(code, node.first, params))

    def _check_numbers(self, nodes: list[_Node], within: str) -> None:
        """Gaps, repeats and disorder among numbers that should run from 1."""
        seen: dict[tuple[int, ...], int] = {}
        for node in nodes:
            if node.number in seen:
                self._note(
                    ProblemCode.REPEATED, node, label=node.label, within=within, first_line=seen[node.number]
                )
            else:
                seen[node.number] = node.first
        highest: tuple[int, ...] = ()
        for node in nodes:
            if node.number < highest and seen[node.number] == node.first:
                after = _label_like(node, highest)
                self._note(ProblemCode.OUT_OF_ORDER, node, label=node.label, within=within, after=after)
            highest = max(highest, node.number)
        self._check_gaps({node.number: node for node in reversed(nodes)}, within)

    def _check_gaps(self, by_number: dict[tuple[int, ...], _Node], within: str) -> None:
        last: tuple[int, ...] = (0,)
        for number in sorted(by_number):
            node = by_number[number]
            for first, final in _gaps(last, number):
                if first == final:
                    self._note(ProblemCode.MISSING, node, label=_label_like(node, first), within=within)
                else:
                    ends = {"first": _label_like(node, first), "last": _label_like(node, final)}
                    self._note(ProblemCode.MISSING_RANGE, node, **ends, within=within)
            last = number

    def _check_not_understood(self) -> None:
        """One problem for each run of lines that no other problem explains."""
        explained = {problem.line for problem in self.problems if problem.code in _EXPLAIN_A_LINE}
        count = len(self.lines) if self.other_text is None else self.other_text
        start: int | None = None
        for index in range(count + 1):
            use = self.uses[index] if index < count and index + 1 not in explained else None
            if use is LineUse.NOT_UNDERSTOOD and start is None:
                start = index
            elif use not in (LineUse.NOT_UNDERSTOOD, LineUse.BLANK) and start is not None:
                run = [at for at in range(start, index) if self.uses[at] is LineUse.NOT_UNDERSTOOD]
                self._problem(ProblemCode.NOT_UNDERSTOOD, start, last_line=self.lines[run[-1]].number)
                start = None


def _descend(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _descend(child)


def _is_next(last: tuple[int, ...] | None, number: tuple[int, ...]) -> bool:
    """Whether an article may follow: 第4条 or 第3条の2 after 第3条; 第1条 first."""
    if last is None:
        return number == (1,)
    counted_on = number[:-1] == last[: len(number) - 1] and len(number) <= len(last)
    return (counted_on and number[-1] == last[len(number) - 1] + 1) or number == (*last, 2)


def _gaps(
    last: tuple[int, ...], number: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The first and last of what is missing between two numbers: 第2条 between 第1条 and 第3条."""
    for depth, value in enumerate(number):
        stem = number[:depth]
        if last[: depth + 1] == number[: depth + 1]:
            continue
        before = last[depth] if len(last) > depth and last[:depth] == stem else min(depth, 1)
        # 第3条の2 stands on a 第3条, and の2 is the first of its kind.
        final = value - (depth == len(number) - 1)
        if before < final:
            yield (*stem, before + 1), (*stem, final)


def _label_like(node: _Node, number: tuple[int, ...]) -> str:
    """How a missing neighbour of this provision would be printed."""
    if node.kind is Kind.ARTICLE:
        return f"第{number[0]}条" + "".join(f"の{branch}" for branch in number[1:])
    if node.kind is Kind.CHAPTER:
        return f"第{number[0]}{node.label[-1]}"
    return _label(node.style or _Style.BARE, number[-1])
