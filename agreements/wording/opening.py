"""What stands around the articles: the title, the table of contents, page marks."""

import re

from agreements.wording.building import Building
from agreements.wording.headers import CONTENTS, LEADERS, NAMED_DRAFT, TITLE_END
from agreements.wording.letters import Ending, ending_of, joined
from agreements.wording.lines import BARE_NUMBER, PreparedLine
from agreements.wording.nodes import Place
from agreements.wording.tree import LineUse, Problem, ProblemCode


class Opening(Building):
    """Reads title, contents and page marks."""

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
        if draft is not None and NAMED_DRAFT.fullmatch(self.lines[draft].plain):
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
            if line.skipped or BARE_NUMBER.fullmatch(line.plain):
                continue
            begun = self.strength[index] > 0 or self._chapter_match(line) or self._is_article_heading(index)
            if len(opening) == 12 or begun or "。" in line.text or CONTENTS.fullmatch(line.plain):
                break
            opening.append(index)
        return opening

    def _title_further_down(self, opening: list[int]) -> int | None:
        """The title of an agreement that stands inside a longer document, the last before its first article."""
        article = self.sure_after[0]
        for index in reversed(range(opening[-1] + 1 if opening else 0, article or 0)):
            line = self.lines[index]
            apart = self._is_blank(index - 1) and self._is_blank(index + 1) and len(line.text) <= 120
            match = TITLE_END.search(line.plain[-20:]) if apart and not line.bullet else None
            if match and match[0].startswith("書") and not re.search("[、「」。]", line.text):
                return index
        return None

    def _ends_title(self, index: int, opening: list[int]) -> bool:
        match = TITLE_END.search(self.lines[index].plain)
        whole = "".join(self.lines[part].plain for part in self._block(index, opening))
        return match is not None and ("、" not in whole or match[0].startswith("書"))

    def _block(self, index: int, opening: list[int]) -> list[int]:
        """The lines that run up to this one without a blank; down from it as well if it is the first."""
        start = end = opening.index(index)
        while start and opening[start - 1] == opening[start] - 1:
            start -= 1
        if start == end == 0 and not TITLE_END.search(self.lines[index].plain):
            while end + 1 < len(opening) and opening[end + 1] == opening[end] + 1:
                end += 1
        return opening[start : end + 1]

    # Page marks and contents.

    def _is_page_mark(self, index: int, line: PreparedLine) -> bool:
        if BARE_NUMBER.fullmatch(line.plain):
            return self._is_page_number(index, line)
        if self.title and line.text == joined(self.title):
            return line.feed or (index > 0 and self.uses[index - 1] is LineUse.PAGE_MARK)
        return False

    def _is_page_number(self, index: int, line: PreparedLine) -> bool:
        """A number alone: of a page, unless it is the paragraph number to come and stands after a full stop."""
        number = int(line.plain)
        following = index + 1 < len(self.lines) and self.lines[index + 1]
        breaks = line.feed or (following and following.feed)
        alone = self._is_blank(index - 1) and self._is_blank(index + 1)
        ending = ending_of(self.tail)
        finished = ending is Ending.FINISHED or (ending is Ending.UNSURE and bool(self.items))
        expected = number == self._next_paragraph() and finished
        runs_on = alone and self.page and number == self.page + 1
        if breaks or runs_on or not expected:
            self.page = number
            return True
        return False

    def _is_contents(self, index: int, line: PreparedLine) -> bool:
        if CONTENTS.fullmatch(line.plain) and self.place is Place.OPENING and not self.article:
            self.place = Place.CONTENTS
            return True
        mark, chapter = self.marks[index], self._chapter_match(line)
        label = mark.label if mark else chapter[0].replace(" ", "") if chapter else ""
        led = LEADERS.search(line.plain[-60:]) is not None
        if led and (label or self.place is Place.CONTENTS):
            self.contents.add(label)
            return True
        if self.place is not Place.CONTENTS:
            return False
        if not self._goes_on_contents(index, line, label):
            self.place = Place.OPENING
            return False
        self.contents.add(label)
        return True

    def _goes_on_contents(self, index: int, line: PreparedLine, label: str) -> bool:
        if re.search(r"。|.、", line.plain) or len(line.text) > 80:
            return False
        if label:
            return label not in self.contents
        if self._is_article_heading(index):
            following = self.after[self.headings[index][1]]
            mark = self.marks[following] if following is not None else None
            return mark is not None and mark.label not in self.contents and len(mark.rest) <= 20
        return self._supplement_header(index) is not None or bool(re.match(r"[―\-~・]", line.plain))
