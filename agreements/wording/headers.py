"""The numbers and headings that open an article, a chapter or a supplement, and what a text begins and ends with."""

import re
from dataclasses import dataclass
from typing import Final

from agreements.wording.letters import KANJI, parse_numeral
from agreements.wording.lines import PreparedLine
from agreements.wording.marks import CLOSE_REFERENCE, REFERENCE
from agreements.wording.tree import LONGEST_HEADING

_BRACKETED: Final = r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|【[^【】]*】|〔[^〔〕]*〕|\[[^\[\]]*\])"
HEADING: Final = re.compile(_BRACKETED)
_NO_HEADING: Final = re.compile(
    rf"以下|第 ?(?:\d+|{KANJI}+) ?条|.*。|.*(?:除く|限る|含む|いう|同じ)$|[\d ]*$|案$"
)
_ARTICLE: Final = re.compile(rf"第 ?(\d[\d ]{{0,5}}|{KANJI}{{1,7}}) ?条")
_BRANCH: Final = re.compile(rf" ?の ?(\d{{1,3}}|{KANJI}{{1,4}})(?!\d)")
_BRANCH_WORD: Final = re.compile(r"[部者方般定切種つ回年月日人箇か個度項号次層体]")
CHAPTER: Final = re.compile(rf"第 ?(\d{{1,3}}|{KANJI}{{1,5}}) ?([編章節款])")
CHAPTER_CODES: Final = {"編": "part", "章": "chap", "節": "sec", "款": "subsec"}
SUPPLEMENT: Final = re.compile(
    rf"[\[【〔(]? ?(附 ?則|別記様式|別 ?記|別 ?表|別 ?紙|別 ?添|様 ?式) ?(第? ?(?:\d{{1,3}}|{KANJI}{{1,3}}) ?号?)?"
    r" ?[\]】〕)]?"
)
CLOSING_WORDS: Final = re.compile(
    r"(?:本|この|上記|以上|右|前記)[^。]{0,25}?(?<![検保実認])証(?:と|す|し|拠)|以上のとおり.{0,10}(?:協定|契約|合意).{0,6}締結"
)
DATE: Final = re.compile(r"(?:令和|平成|昭和|西暦)? ?[\d元_○〇 ]{0,8}年[\d_○〇 ]{0,6}月[\d_○〇 ]{0,6}日")
SIGNATURE: Final = re.compile(
    r"[甲乙丙丁](?:[ :(]|$)(?! ?(?:[はがのをにと、]|及び|又は|並びに|若しくは|[甲乙丙丁]))"
)
CONTENTS: Final = re.compile(r"[\[【〔(]? ?目 ?次 ?[\]】〕)]?")
LEADERS: Final = re.compile(r"(?:…{2,}|‥{2,}|\.{4,}|・{4,}|-{4,}|…)[ .…‥・-]*\d{1,4}$")
RANGE: Final = re.compile(r"\(第[^()]{1,30}条[^()]{0,30}\)?$")
TITLE_END: Final = re.compile(
    r"(?:書|契約|協定|約款|規約|規程|規則|要綱|要領|条例|細則|特記事項)(?: ?[(\[〔【]?案[)\]〕】]?)?$"
)
NAMED_DRAFT: Final = re.compile(r"[(\[〔【] ?案 ?[)\]〕】]")


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


def article_mark(line: PreparedLine) -> _ArticleMark | None:
    before, start = _leading_heading(line)
    match = _ARTICLE.match(line.plain, start)
    number = parse_numeral(match[1]) if match else 0
    if not match or not number:
        return None
    branches, end = _branches(line.plain, match.end())
    follows = line.plain[end : end + 100]
    after, used = heading_at(line, end + (follows[:1] == " "))
    if after:
        end = used
        refers = REFERENCE.match(line.plain[end : end + 20]) is not None
        spaced, may_refer = True, refers
    else:
        may_refer = REFERENCE.match(follows) is not None
        spaced = follows[:1] in ("", " ")
        refers = (may_refer and not spaced) or CLOSE_REFERENCE.match(follows) is not None
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


def _leading_heading(line: PreparedLine) -> tuple[str, int]:
    """（目的） in front of 第1条 on the same line, and where it ends."""
    heading, end = heading_at(line, 0)
    end += line.plain[end : end + 1] == " "
    return (heading, end) if heading and _ARTICLE.match(line.plain, end) else ("", 0)


def heading_at(line: PreparedLine, start: int) -> tuple[str, int]:
    """A bracketed heading at a place of a line and where it ends; "" if there is none."""
    match = HEADING.match(line.plain[start : start + LONGEST_HEADING + 2])
    inside = match[0][1:-1].strip() if match else ""
    if not match or not inside or _NO_HEADING.match(inside):
        return "", start
    end = start + match.end()
    return line.text[start + 1 : end - 1].strip(), end


def unspaced(heading: str) -> str:
    """目的 for 目 的, which is how short headings are set."""
    parts = heading.split(" ")
    return "".join(parts) if all(len(part) == 1 and not part.isascii() for part in parts) else heading
