"""A first look at a text: what stands before and after each line, and which lines surely open an article."""

import re
from typing import Final

from agreements.wording.headers import DATE, NEVER_A_HEADING, SIGNATURE, TITLE_END
from agreements.wording.letters import Ending, ending_of, surely_goes_on
from agreements.wording.marks import REFERENCE, marks_of
from agreements.wording.reading.contents import contents_of
from agreements.wording.reading.first_look import FirstLook
from agreements.wording.reading.pages import (
    numbered_heads,
    numbered_rows,
    page_numbers,
    quoted_lines,
    repeated_lines,
    table_rows,
)
from agreements.wording.reading.without_articles import find_others
from agreements.wording.tree import LineUse

_GOES_ON: Final = re.compile(
    "[をにはがのとでもへや、。)」]|から|まで|より|など|する|した|して|され|いる|ある|及び|又は"
)


class LookAhead(FirstLook):
    """What the lines around each say of it."""

    def __init__(self, sources: list[str]) -> None:
        super().__init__(sources)
        self.guessed = find_others(self)
        self.set_aside(contents_of(self), LineUse.CONTENTS)
        numbered = [self.marks[index] or self.supplement_header(index) for index in range(len(self.lines))]
        heads, self.doubtful_pages = numbered_heads(self.lines, apart_from=numbered)
        self.set_aside(heads, LineUse.PAGE_MARK)
        self.repeated = repeated_lines(self.lines, apart_from=numbered)
        self.pages = page_numbers(self.lines)
        self.quoted = quoted_lines(self.lines)
        for index in numbered_rows(self.lines, self.list_marks):
            self.list_marks[index] = []
        for index in table_rows(self.lines, apart_from=self.list_marks):
            line = self.lines[index]
            line.row = line.row if "\u3000" in line.row else line.text.replace(" ", "\u3000")
        self._find_plain_headings()
        self._look_ahead()

    def _look_ahead(self) -> None:
        count = len(self.lines)
        self.headed = {last: heading for heading, last in self.headings.values()}
        self.strength = [self._strength_of(index) for index in range(count)]
        self.sure_after: list[int | None] = [None] * (count + 1)
        self.first_after: list[int | None] = [None] * (count + 1)  # a 第1条
        self.supplement_after: list[int | None] = [None] * (count + 1)
        self.sure_last: dict[tuple[int, ...], int] = {}
        for index in reversed(range(count)):
            mark = self.marks[index]
            sure = mark is not None and self.strength[index] >= 3 and index not in self.quoted
            self.sure_after[index] = index if sure else self.sure_after[index + 1]
            begins = mark is not None and mark.number == (1,) and self.strength[index] >= 2
            begins = begins and index not in self.quoted
            self.first_after[index] = index if begins else self.first_after[index + 1]
            header = not self.lines[index].skipped and self.supplement_header(index) is not None
            self.supplement_after[index] = index if header else self.supplement_after[index + 1]
            if sure and mark:
                self.sure_last.setdefault(mark.number, index)

    def _find_plain_headings(self) -> None:
        """Headings without brackets: over an article, or behind its number with the text in the next line.

        One over an article is taken where a sentence has ended before it; where most articles have one, always.
        """
        over: list[tuple[int, bool]] = []
        self.headed_behind: set[int] = set()
        self.doubtful_over: set[int] = set()
        behind: set[int] = set()
        headed = {last for _heading, last in self.headings.values()}
        articles = 0
        for index, mark in enumerate(self.marks):
            if mark is None or mark.refers or mark.may_refer:
                continue
            articles += 1
            above = self.before[index]
            if mark.heading or above in headed:
                continue
            is_over = above is not None and self._may_be_heading(above) and not self._names_chapter(above)
            finished = is_over and above is not None and self._is_finished_before(above)
            if is_over and above is not None:
                over.append((above, finished))
            if not finished and (
                self._may_head_behind(index, mark.rest) or (not mark.rest and self._may_head_below(index))
            ):
                behind.add(index)
        usual = len(over) >= 2 and len(over) * 2 >= articles
        if behind and len(behind) * 2 >= articles:
            self.headed_behind = behind
        for index, finished in over:
            if (usual or finished) and self.after[index] not in self.headed_behind:
                self.headings[index] = (self.lines[index].text, index)
            else:
                self.doubtful_over.add(index)
        self.has_headings = bool(self.headings) or any(
            mark and mark.heading and not mark.refers for mark in self.marks
        )
        self.doubtful_heads = behind - self.headed_behind

    def _is_finished_before(self, index: int) -> bool:
        above = self.before[index]
        if above is None:
            return False
        return self.lines[above].plain.endswith("。") or self.chapter_match(self.lines[above]) is not None

    def _may_be_heading(self, index: int) -> bool:
        line, above = self.lines[index], self.before[index]
        return (
            len(line.text) <= 25
            and not re.search(r"[。、()「」【】〔〕:]|\d$|^(?!その他)[ぁ-ん]", line.plain)
            and not line.bullet
            and "\t" not in line.source  # a row of a table
            and index not in self.repeated
            and self.marks[index] is None
            and not self.list_marks[index]
            and self.chapter_match(line) is None
            and self.supplement_header(index) is None
            and not (NEVER_A_HEADING.fullmatch(line.plain) or TITLE_END.search(line.plain))
            and not (DATE.fullmatch(line.plain) or SIGNATURE.match(line.plain))
            and ending_of(line.text) is not Ending.OPEN
            and (above is None or not surely_goes_on(self.lines[above].text))
        )

    def _names_chapter(self, index: int) -> bool:
        """Whether the line is the title of a chapter whose number stands alone above it."""
        above = self.before[index]
        match = self.chapter_match(self.lines[above]) if above is not None else None
        return match is not None and above is not None and match.end() == len(self.lines[above].plain)

    def _may_head_below(self, index: int) -> bool:
        """第1条, 目的 in a line of its own below it, and then the text."""
        below = self.after[index]
        text = self.after[below] if below is not None else None
        if below is None or text is None or not self._may_be_heading(below):
            return False
        mark = self.marks[text]
        return (mark is None or mark.refers) and _GOES_ON.match(self.lines[text].plain) is None

    def _may_head_behind(self, index: int, rest: str) -> bool:
        """第1条 目的, and the text in the lines below."""
        following = self.after[index]
        if (
            not rest
            or len(rest) > 20
            or rest[0] in "（(【〔["
            or re.search("[。、｡､]|削除", rest)
            or following is None
        ):
            return False
        mark = self.marks[following]
        if ending_of(rest) is Ending.OPEN or marks_of(rest) or (mark is not None and not mark.refers):
            return False
        below = self.lines[following]
        own = self.marks[index]
        if own is not None and own.style is not None and not self.list_marks[following]:
            return True  # 1 日時 in a memorandum, and the day below it
        if self.list_marks[following] or re.search("[。、]", below.plain) or len(below.text) > 25:
            return _GOES_ON.match(below.plain) is None
        return False

    def _strength_of(self, index: int) -> int:
        """How much the line looks like the beginning of an article: 0 not at all, 3 surely."""
        mark, before = self.marks[index], self.before[index]
        if mark is None or mark.refers:
            return 0
        headed = bool(mark.heading) or (
            before is not None
            and (before in self.headed or self.chapter_match(self.lines[before]) is not None)
        )
        following = self.after[index]
        alone = not mark.rest and not mark.heading and following is not None
        if alone and REFERENCE.match(self.lines[following or 0].plain):
            return 0  # a reference broken over two lines
        ending = ending_of("" if before is None or headed else self.lines[before].text)
        if mark.may_refer:
            return 1 if ending is Ending.FINISHED else 0
        if mark.spaced:
            return 1 + ending
        return {Ending.FINISHED: 3, Ending.UNSURE: 1, Ending.OPEN: 0}[ending]

    def _is_article_heading(self, index: int) -> bool:
        found = self.headings.get(index)
        following = self.after[found[1]] if found else None
        return following is not None and self.marks[following] is not None
