"""Tables of contents, in all their forms: with 目次 above them or not, with leaders, page numbers or neither.

One ends where a sentence begins or where what it names comes a second time, since that is the text itself.
"""

import re
from collections.abc import Iterator
from typing import Final

from agreements.wording.headers import CONTENTS, LEADERS
from agreements.wording.letters import fold_width
from agreements.wording.lines import BARE_NUMBER
from agreements.wording.reading.first_look import FirstLook
from agreements.wording.tree import LineUse

_LONGEST: Final = 45  # letters of an entry
_PAGE_BEHIND: Final = re.compile(r"\d$")


def contents_of(look: FirstLook) -> set[int]:
    """The lines of the contents, blank ones between them left out."""
    led = {
        index
        for index, line in enumerate(look.lines)
        if not line.skipped and LEADERS.search(line.plain[-60:]) and label_of(look, index)
    } | _led_before_any_sentence(look)
    start = _titled(look)
    if start is None:
        start = _untitled(look)
        end = _end(look, start - 1) if start is not None else 0
        names = [] if start is None else [label_of(look, index) for index in _lines(look, start, end)]
        articles = [name for name in names if "条" in name]
        if (
            start is None
            or end >= len(look.lines)
            or len(articles) < 2
            or not _come_again(look, articles, end)
        ):
            return led
    else:
        end = _end(look, start)
    if end >= len(look.lines):  # nothing comes after it, so these may be the articles themselves
        return led | ({start} if CONTENTS.fullmatch(look.lines[start].plain) else set())
    return led | set(_lines(look, start, _back(look, start, end)))


def _led_before_any_sentence(look: FirstLook) -> set[int]:
    """Entries with leaders and page numbers, whatever they name: two or more above the first sentence."""
    led: set[int] = set()
    for index in _lines(look, 0, len(look.lines)):
        plain = look.lines[index].plain
        if LEADERS.search(plain[-60:]):
            led.add(index)
        elif "。" in plain:
            break
    return led if len(led) > 1 else set()


def label_of(look: FirstLook, index: int) -> str:
    """What the line begins: 第1条, 第1章, 別表; "" for none."""
    mark = look.marks[index]
    if mark is not None and not mark.refers:
        return mark.label
    line = look.lines[index]
    chapter = look.chapter_match(line)
    if chapter:
        return chapter[0].replace(" ", "")
    supplement = look.supplement_header(index)
    return f"{supplement[1]}{supplement[2] or ''}".replace(" ", "") if supplement else ""


def _lines(look: FirstLook, start: int, end: int) -> Iterator[int]:
    return (index for index in range(start, end) if not look.lines[index].skipped)


def _titled(look: FirstLook) -> int | None:
    for index in _lines(look, 0, len(look.lines)):
        if CONTENTS.fullmatch(look.lines[index].plain):
            return index
        mark = look.marks[index]
        if mark is not None and not mark.refers and "。" in fold_width(mark.rest):
            return None
    return None


def _untitled(look: FirstLook) -> int | None:
    """The first of some lines that only name articles, before any sentence."""
    for index in _lines(look, 0, len(look.lines)):
        line = look.lines[index]
        if "。" in line.plain:
            return None
        mark = look.marks[index]
        if mark is not None and len(mark.rest) <= 30:
            following = look.after[index]
            again = look.marks[following] if following is not None else None
            return index if again is not None and len(again.rest) <= 30 else None
    return None


def _come_again(look: FirstLook, labels: list[str], end: int) -> bool:
    later = {label_of(look, index) for index in _lines(look, end, len(look.lines))}
    return later.issuperset(labels)


def _end(look: FirstLook, start: int) -> int:
    named: set[str] = set()
    titles = {look.lines[index].plain for index in _lines(look, 0, max(start, 0))}
    for index in _lines(look, start + 1, len(look.lines)):
        line = look.lines[index]
        if BARE_NUMBER.fullmatch(line.plain):
            continue
        if line.plain in titles and _beside_page_mark(look, index):
            continue  # at the head or the foot of a page
        label, led = label_of(look, index), LEADERS.search(line.plain[-60:]) is not None
        if label and label in named and not led:
            return index
        named |= {label} - {""}
        if led:
            continue
        if "。" in line.plain or line.plain in titles or len(line.text) > _LONGEST:
            return index
        if not label and "、" in line.plain and not _PAGE_BEHIND.search(line.plain):
            return index
    return len(look.lines)


def _beside_page_mark(look: FirstLook, index: int) -> bool:
    beside = look.lines[max(index - 1, 0) : index + 2]
    return look.lines[index].feed or any(line.skipped is LineUse.PAGE_MARK for line in beside)


def _back(look: FirstLook, start: int, end: int) -> int:
    """Without the heading, the chapter, or the beginning of the sentence that belongs to the text behind."""
    while end - 1 > start:
        above = max((index for index in _lines(look, start + 1, end)), default=start)
        if above == start:
            break
        line, label = look.lines[above], label_of(look, above)
        over_article = look.marks[end] is not None or end in look.headings
        is_heading = above in look.headings and over_article
        is_chapter = look.chapter_match(line) is not None and not LEADERS.search(line.plain[-60:])
        is_chapter = is_chapter and over_article and not _come_again(look, [label], end)
        begins_sentence = (
            not label
            and above == end - 1
            and len(line.text) >= 15
            and not _PAGE_BEHIND.search(line.plain)
            and "。" in look.lines[end].plain
        )
        if not (is_heading or is_chapter or begins_sentence):
            break
        end = above
    return end
