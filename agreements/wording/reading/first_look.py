"""The lines made ready, and what each may be by itself."""

import re
from collections.abc import Iterable

from agreements.wording.headers import CHAPTER, SUPPLEMENT, article_mark, heading_at
from agreements.wording.letters import join_lines, parse_numeral
from agreements.wording.lines import BARE_NUMBER, PreparedLine, line_of, made_ready
from agreements.wording.marks import CLOSE_REFERENCE, REFERENCE, marks_of
from agreements.wording.reading.pages import running_heads
from agreements.wording.tree import LONGEST_HEADING, LineUse


class FirstLook:
    """Numbers, headings and names of chapters and supplements at the beginnings of lines."""

    def __init__(self, sources: list[str]) -> None:
        self.lines = [made_ready(number, source) for number, source in enumerate(sources, 1)]
        self.list_marks = [[] if line.skipped else marks_of(line.text) for line in self.lines]
        self.marks = [None if line.skipped else article_mark(line) for line in self.lines]
        self.set_aside(running_heads(self.lines), LineUse.PAGE_MARK)

    def set_aside(self, indexes: Iterable[int], use: LineUse) -> None:
        """Lines that are none of the text; what stands around the others is looked at anew."""
        for index in indexes:
            self.lines[index].skipped = use
            self.marks[index], self.list_marks[index] = None, []
        self._look_around()
        self.headings = self._find_headings()

    def _look_around(self) -> None:
        """The line of text before and after each."""
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

    def _is_blank(self, index: int) -> bool:
        return not 0 <= index < len(self.lines) or self.lines[index].skipped is not None

    def chapter_match(self, line: PreparedLine) -> re.Match[str] | None:
        match = CHAPTER.match(line.plain)
        if not match or not parse_numeral(match[1]) or "。" in line.plain or len(line.text) > 80:
            return None
        follows = line.plain[match.end() : match.end() + 20]
        if follows[:1] != " " and (REFERENCE.match(follows) or CLOSE_REFERENCE.match(follows)):
            return None
        return match

    def supplement_header(self, index: int) -> re.Match[str] | None:
        line = self.lines[index]
        match = SUPPLEMENT.match(line.plain)
        if not match:
            return None
        follows = line.plain[match.end() :]
        apart = line.plain[match.end() - 1] == " " or follows[:1] == " "
        provides = match[1].endswith("則") and apart  # 附則 この協定は、…。
        if REFERENCE.match(follows) or (not provides and (len(line.text) > 80 or "。" in line.plain)):
            return None
        apart = apart or not follows or follows[0] in "([ " or line.plain[match.end() - 1] in " )】〕]>〉"
        return match if apart else None
