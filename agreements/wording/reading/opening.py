"""What stands around the articles: the title, page marks."""

import re
from typing import Final

from agreements.wording.headers import DATE, NAMED_DRAFT, NO_TITLE, TITLE_END
from agreements.wording.letters import Ending, ending_of, fold_width, joined
from agreements.wording.lines import BARE_NUMBER, PreparedLine
from agreements.wording.reading.building import Building
from agreements.wording.reading.nodes import Place
from agreements.wording.tree import LineUse, Problem, ProblemCode

_RUNNING: Final = re.compile(r"(.+?)(?: ?[(\[〔【] ?案 ?[)\]〕】])?(?: *[-(/]* ?\d{1,4} ?[-)]*)?")


def _draft_less(title: str) -> str:
    return NAMED_DRAFT.sub("", title)


class Opening(Building):
    """Reads title and page marks."""

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
            begun = self.strength[index] > 0 or self.chapter_match(line) or self._is_article_heading(index)
            if len(opening) == 12 or begun or "。" in line.plain:
                break
            opening.append(index)
        return opening

    def _title_further_down(self, opening: list[int]) -> int | None:
        """The title of an agreement that stands inside a longer document, the last before its first article."""
        article = self.sure_after[0]
        for index in reversed(range(opening[-1] + 1 if opening else 0, article or 0)):
            line = self.lines[index]
            apart = self._is_blank(index - 1) and self._is_blank(index + 1) and len(line.text) <= 120
            may_be_title = apart and not line.bullet and not line.skipped
            match = TITLE_END.search(line.plain[-20:]) if may_be_title else None
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
        while (
            start and opening[start - 1] == opening[start] - 1 and not self._is_over_title(opening[start - 1])
        ):
            start -= 1
        if start == end == 0 and not TITLE_END.search(self.lines[index].plain):
            while end + 1 < len(opening) and opening[end + 1] == opening[end] + 1:
                end += 1
        return opening[start : end + 1]

    def _is_over_title(self, index: int) -> bool:
        plain = self.lines[index].plain
        return NO_TITLE.fullmatch(plain) is not None or DATE.fullmatch(plain) is not None

    # Page marks.

    def _is_page_mark(self, index: int, line: PreparedLine) -> bool:
        if BARE_NUMBER.fullmatch(line.plain):
            return self._is_page_number(index, line)
        return self.place is Place.BODY and self._is_title_again(line) and self._is_at_the_edge(index)

    def _is_title_again(self, line: PreparedLine) -> bool:
        """The title at the head or the foot of a page, with a page number or not."""
        title = fold_width(joined(self.title)).replace(" ", "")
        again = _RUNNING.fullmatch(line.plain)
        return bool(title) and again is not None and again[1].replace(" ", "") in (title, _draft_less(title))

    def _is_at_the_edge(self, index: int) -> bool:
        """Whether a page begins or ends there: by a feed, by its number in this line or in the next to it."""
        line = self.lines[index]
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if line.feed or _draft_less(line.plain)[-1:].isdigit() or (following is not None and following.feed):
            return True
        beside = [self.lines[at] for at in (index - 1, index + 1) if 0 <= at < len(self.lines)]
        return any(
            near.skipped is LineUse.PAGE_MARK or BARE_NUMBER.fullmatch(near.plain) is not None
            for near in beside
        )

    def _is_page_number(self, index: int, line: PreparedLine) -> bool:
        """A number alone: of a page, unless it is the paragraph number to come and stands after a full stop.

        Extraction can also tear the number of a paragraph off its text. Where nothing shows that it is a page's, it is named.
        """
        number, expected = int(line.plain), self._next_paragraph()
        following = index + 1 < len(self.lines) and self.lines[index + 1]
        breaks = line.feed or bool(following and following.feed)
        alone = self._is_blank(index - 1) and self._is_blank(index + 1)
        ending = ending_of(self.tail)
        finished = ending is Ending.FINISHED or (ending is Ending.UNSURE and bool(self.items))
        runs_on = alone and bool(self.page) and number == self.page + 1
        is_next = number == expected and finished and not breaks and not runs_on
        is_paragraph = is_next and not self._begins(self.after[index])
        in_sequence = index in self.pages
        below = self.after[index]
        stopped = ending is Ending.FINISHED and not (below is not None and self.list_marks[below])
        shown = in_sequence if not is_paragraph else not in_sequence and stopped
        if not (shown or breaks or runs_on or (alone and not is_next)) and expected:
            self._problem(ProblemCode.MAY_BE_A_NUMBER, index, label=line.plain)
        if is_paragraph:
            return False
        self.page = number
        return True

    def _begins(self, index: int | None) -> bool:
        """Whether a line has a number or a heading of its own, so that none that stands before it is its."""
        if index is None or self._is_article_heading(index):
            return True
        opens_article = self.strength[index] > 0
        if any(self._fit(mark)[1] for mark in self.list_marks[index] if mark.number != (1,)):
            return True
        return opens_article or bool(self.chapter_match(self.lines[index]) or self.supplement_header(index))
