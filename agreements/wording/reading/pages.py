"""What pages do to a text: their numbers, the lines that each of them repeats; tables, and quotations over several lines."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from agreements.wording.headers import TITLE_END
from agreements.wording.lines import BARE_NUMBER, PreparedLine

_FAR: Final = 8  # lines between the numbers of two pages
_LONGEST_QUOTATION: Final = 60  # lines
_NO_CELL: Final = re.compile("[。、「」]|^第")
_JAPANESE: Final = re.compile("[ぁ-ヿ一-鿿]")
_DIGITS: Final = re.compile(r"\d+")
_NUMBERED: Final = re.compile(r"\d")
_NUMBER_BEHIND: Final = re.compile(r"([^。、\d]{4,40}?)[ (\-]*(\d{1,4})[ )\-]*")
_WORDS_ALONE: Final = re.compile(r"[^。、()\[\]【】〔〕「」|]{3,40}")
_HEAD: Final = 3  # lines


def page_numbers(lines: Sequence[PreparedLine]) -> set[int]:
    """The lines that hold a number alone and are one of three that count on, each a page away from the other."""
    alone = [
        (index, int(line.plain))
        for index, line in enumerate(lines)
        if not line.skipped and BARE_NUMBER.fullmatch(line.plain)
    ]
    pages: set[int] = set()
    for first, second, third in zip(alone, alone[1:], alone[2:], strict=False):
        steps = {second[1] - first[1], third[1] - second[1]}
        if steps == {1} and min(second[0] - first[0], third[0] - second[0]) >= _FAR:
            pages |= {first[0], second[0], third[0]}
    return pages


def running_heads(lines: Sequence[PreparedLine]) -> set[int]:
    """The first and last lines of pages that stand on most of them. On the first page it may be the title: that stays, unless
    another title stands below it.

    A page ends where a new one is fed, and at its number. Of two pages that are fed, what both have is theirs.
    """
    starts = {index for index, line in enumerate(lines) if line.feed} | {
        index + 1 for index, line in enumerate(lines) if line.skipped and _NUMBERED.search(line.plain)
    }
    if not starts:
        return set()
    ends = sorted(starts)
    pages = [range(begin, end) for begin, end in zip([0, *ends], [*ends, len(lines)], strict=True)]
    pages = [page for page in pages if any(lines[at].text and not lines[at].skipped for at in page)]
    most = 2 if len(pages) == 2 and lines[pages[1].start].feed else max(3, (len(pages) - 1) * 0.6)
    found: set[int] = set()
    for step in (1, -1):
        edges = [
            next((index for index in page[::step] if lines[index].text and not lines[index].skipped), None)
            for page in pages
        ]
        says = [None if edge is None else _DIGITS.sub("#", lines[edge].plain) for edge in edges]
        often = Counter(filter(None, says))
        for place, (edge, said) in enumerate(zip(edges, says, strict=True)):
            is_repeated = said is not None and often[said] >= most
            is_sentence = edge is not None and lines[edge].text.endswith("。")
            if edge is None or not is_repeated or is_sentence:
                continue
            if place or step == -1 or _is_over_a_title(lines, edge):
                found.add(edge)
    return found


def _is_over_a_title(lines: Sequence[PreparedLine], index: int) -> bool:
    """Whether a title stands below the first line of a text, so that this one is none."""
    below = [line for line in lines[index + 1 :] if line.text and not line.skipped][:_HEAD]
    return any(TITLE_END.search(line.plain) and "。" not in line.plain for line in below)


def numbered_heads(lines: Sequence[PreparedLine], apart_from: Sequence[object]) -> tuple[set[int], set[int]]:
    """Lines that are alike but for the number at their end, which counts on: those of pages, and those that may be.

    They are of pages where the words stand at the head of the text or the lines are far from each other.
    """
    alike: dict[str, list[tuple[int, int]]] = {}
    for index, line in enumerate(lines):
        match = None if line.skipped or apart_from[index] else _NUMBER_BEHIND.fullmatch(line.plain)
        if match:
            alike.setdefault(match[1].strip(), []).append((index, int(match[2])))
    head = [line.plain for line in lines if line.plain][:_HEAD]
    sure: set[int] = set()
    doubtful: set[int] = set()
    for words, found in alike.items():
        steps = list(pairwise(found))
        if not steps or any(
            later[1] != earlier[1] + 1 or later[0] < earlier[0] + 2 for earlier, later in steps
        ):
            continue
        far = len(found) >= 3 and min(later[0] - earlier[0] for earlier, later in steps) >= _FAR
        known = any(words in other and words != other for other in head) or words in head
        (sure if known or far else doubtful).update(index for index, _number in found)
    return sure, doubtful


def repeated_lines(lines: Sequence[PreparedLine], apart_from: Sequence[object]) -> set[int]:
    """Words that stand alone at the head of the text and in two lines or more further down: of pages, maybe."""
    head = {line.plain for line in [line for line in lines if line.plain][:_HEAD]}
    alike: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if (
            line.plain in head
            and not line.skipped
            and not apart_from[index]
            and _WORDS_ALONE.fullmatch(line.plain)
        ):
            alike.setdefault(line.plain, []).append(index)
    return {index for found in alike.values() if len(found) >= 3 for index in found}


def quoted_lines(lines: Sequence[PreparedLine]) -> set[int]:
    """The lines behind an opening 「 that another line closes."""
    quoted: set[int] = set()
    opened: int | None = None
    depth = 0
    for index, line in enumerate(lines):
        if line.skipped:
            continue
        depth = max(0, depth + line.text.count("「") - line.text.count("」"))
        if opened is not None and (depth == 0 or index - opened > _LONGEST_QUOTATION):
            if depth == 0:
                quoted |= set(range(opened + 1, index + 1))
            opened, depth = None, 0
        elif opened is None and depth:
            opened = index
    return quoted


def table_rows(lines: Sequence[PreparedLine], *, apart_from: Sequence[object]) -> set[int]:
    """The lines of tables whose cells extraction has set one space apart: two or more of the same number of words."""
    rows: set[int] = set()
    run: list[int] = []
    width = 0
    for index, line in enumerate(lines):
        words = line.plain.split(" ")
        is_row = (
            not line.skipped
            and 2 <= len(words) <= 12
            and len(line.plain) <= 80
            and not _NO_CELL.search(line.plain)
            and _JAPANESE.search(line.plain) is not None
            and not apart_from[index]
            and "|" not in line.plain
        )
        if run and (not is_row or len(words) != width or index != run[-1] + 1):
            rows |= set(run) if len(run) > 1 else set()
            run = []
        if is_row:
            run, width = [*run, index], len(words)
    return rows | (set(run) if len(run) > 1 else set())


def numbered_rows(lines: Sequence[PreparedLine], numbers: Sequence[object]) -> set[int]:
    """Rows that begin with a number, below a head of as many cells, three or more: 番号 項目 金額 over 1 旅費 100円."""
    rows: set[int] = set()
    width = 0  # of the table that the line before belongs to
    for index, line in enumerate(lines):
        cells = _cells_of(line)
        if line.skipped or len(cells) < 3 or _NO_CELL.search(line.plain):
            width = 0
        elif numbers[index]:
            rows |= {index} if len(cells) == width else set()
            width = width if len(cells) == width else 0
        else:
            width = len(cells)
    return rows


def _cells_of(line: PreparedLine) -> list[str]:
    cells = line.row.split("\u3000")
    return cells if len(cells) > 1 else line.plain.split(" ")
