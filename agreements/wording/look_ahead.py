"""A first look at a text: what stands before and after each line, and which lines surely open an article."""

import re

from agreements.wording.headers import CHAPTER, SUPPLEMENT, article_mark, heading_at
from agreements.wording.letters import Ending, ending_of, join_lines, parse_numeral
from agreements.wording.lines import BARE_NUMBER, PreparedLine, line_of, made_ready
from agreements.wording.marks import CLOSE_REFERENCE, REFERENCE
from agreements.wording.tree import LONGEST_HEADING


class LookAhead:
    """The lines made ready, with what each of them may be."""

    def __init__(self, sources: list[str]) -> None:
        self.lines = [made_ready(number, source) for number, source in enumerate(sources, 1)]
        self._look_ahead()

    def _look_ahead(self) -> None:
        count = len(self.lines)
        counted = [not line.skipped and not BARE_NUMBER.fullmatch(line.plain) for line in self.lines]
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
        self.marks = [None if line.skipped else article_mark(line) for line in self.lines]
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
            heading, end = heading_at(line, 0)
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
        heading, end = heading_at(line_of(whole), 0)
        following = self.after[second]
        if heading and end == len(whole) and following is not None and self.marks[following]:
            found[index] = (heading, second)

    def _strength_of(self, index: int) -> int:
        """How much the line looks like the beginning of an article: 0 not at all, 3 surely."""
        mark, before = self.marks[index], self.before[index]
        if mark is None or mark.refers:
            return 0
        headed = bool(mark.heading) or (before is not None and before in self.headed)
        ending = ending_of("" if before is None or headed else self.lines[before].text)
        if mark.may_refer:
            return 1 if ending is Ending.FINISHED else 0
        if mark.spaced:
            return 1 + ending
        return {Ending.FINISHED: 3, Ending.UNSURE: 1, Ending.OPEN: 0}[ending]

    def _is_blank(self, index: int) -> bool:
        return not 0 <= index < len(self.lines) or self.lines[index].skipped is not None

    def _is_article_heading(self, index: int) -> bool:
        found = self.headings.get(index)
        following = self.after[found[1]] if found else None
        return following is not None and self.marks[following] is not None

    def _chapter_match(self, line: PreparedLine) -> re.Match[str] | None:
        match = CHAPTER.match(line.plain)
        if not match or not parse_numeral(match[1]) or "。" in line.text or len(line.text) > 80:
            return None
        follows = line.plain[match.end() : match.end() + 20]
        if follows[:1] != " " and (REFERENCE.match(follows) or CLOSE_REFERENCE.match(follows)):
            return None
        return match

    def _supplement_header(self, index: int) -> re.Match[str] | None:
        line = self.lines[index]
        match = SUPPLEMENT.match(line.plain)
        if not match or len(line.text) > 80 or "。" in line.text:
            return None
        follows = line.plain[match.end() :]
        if REFERENCE.match(follows):
            return None
        return (
            match
            if not follows
            or follows[0] in "(["
            or line.plain[match.end() - 1] in " )】〕]"
            or (follows[0] == " ")
            else None
        )
