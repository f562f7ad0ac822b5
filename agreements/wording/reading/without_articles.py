"""Texts whose provisions are not called 第1条: 第1 in special conditions, 1 in memoranda (記)."""

import re
from collections.abc import Iterator
from typing import Final

from agreements.wording.headers import ALL_SAID, CLOSING_WORDS, ArticleMark, heading_at
from agreements.wording.letters import KANJI, parse_numeral
from agreements.wording.lines import PreparedLine
from agreements.wording.marks import ListMark
from agreements.wording.reading.first_look import FirstLook
from agreements.wording.styles import TOPMOST, Style

_NUMBERED: Final = re.compile(rf"第 ?(\d{{1,2}}|{KANJI}{{1,3}})(?= |\(|$)")


def find_others(look: FirstLook) -> int | None:
    """Gives the lines that stand for articles their marks. The first of those whose reading is a guess, None if none is.

    第1, 第2 … count in a text without articles, and behind the name of an appendix. 1, 2 … only in a text that has neither.
    """
    has_articles = any(mark is not None and not (mark.refers or mark.may_refer) for mark in look.marks)
    called = list(_called(look, has_articles))
    for found in called:
        _set(look, *found)
    if has_articles or called:
        return None
    listed = list(_listed(look))
    for found in listed if len(listed) > 1 else ():
        _set(look, *found)
    return listed[0][0] if len(listed) > 1 else None


def _set(look: FirstLook, index: int, mark: ArticleMark) -> None:
    look.marks[index], look.list_marks[index] = mark, []


def _called(look: FirstLook, has_articles: bool) -> Iterator[tuple[int, ArticleMark]]:
    """第1, 第2, … in order; a single one is none."""
    run: list[tuple[int, ArticleMark]] = []
    may_count = not has_articles
    for index, line in enumerate(look.lines):
        if line.skipped:
            continue
        mark = look.marks[index]
        begins = look.supplement_header(index) is not None
        if begins or (mark is not None and not mark.refers):
            yield from run if len(run) > 1 else ()
            run, may_count = [], begins or (may_count and not has_articles)
        match = _NUMBERED.match(line.plain) if may_count else None
        if match and parse_numeral(match[1]) == 1:  # anew: what came before may be the contents
            yield from run if len(run) > 1 else ()
            run = []
        if match and parse_numeral(match[1]) == len(run) + 1:
            run.append((index, _mark(line, match.end(), f"第{len(run) + 1}", len(run) + 1)))
    yield from run if len(run) > 1 else ()


def _listed(look: FirstLook) -> Iterator[tuple[int, ArticleMark]]:
    """The outermost list: its first number is the first 1 of the text."""
    first: ListMark | None = None
    expected = 1
    for index, line in enumerate(look.lines):
        if line.skipped:
            continue
        closes = ALL_SAID.fullmatch(line.plain) or CLOSING_WORDS.search(line.plain)
        if first and (closes or look.supplement_header(index)):
            return
        for mark in look.list_marks[index]:
            is_top = mark.style in TOPMOST if first is None else mark.style is first.style
            if is_top and mark.number == (expected,) and not (mark.refers or mark.counts or mark.in_word):
                first = first or mark
                end = len(line.text) - len(mark.rest)
                yield index, _mark(line, end, mark.label.rstrip("."), expected, mark.style)
                expected += 1
                break


def _mark(line: PreparedLine, end: int, label: str, number: int, style: Style | None = None) -> ArticleMark:
    end += line.plain[end : end + 1] == " "
    heading, end = heading_at(line, end)
    rest = line.text[end:].strip(" 　:：.．")
    return ArticleMark((number,), label, heading, rest, False, False, True, style=style)
