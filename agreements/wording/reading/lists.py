"""Paragraphs and items: which numbers at the beginnings of lines begin one, and which are named because they may."""

import re
from typing import Final, assert_never

from agreements.wording.headers import OF_OTHER_KINDS
from agreements.wording.letters import Ending, ending_of, surely_goes_on
from agreements.wording.lines import KATAKANA_END, PreparedLine
from agreements.wording.marks import ListMark
from agreements.wording.reading.nodes import comes_next, descend
from agreements.wording.reading.opening import Opening
from agreements.wording.styles import FIRM_OR_BRACKETED, NUMERALS, Style, Weight
from agreements.wording.tree import ProblemCode

_ADDS: Final = re.compile("ただし|但し|この場合|なお|また|前段|[※(・]")
"""What begins a further sentence of an item."""
_LETTERED = frozenset({Style.HIRAGANA, Style.LATIN, Style.CAPITAL, Style.ROMAN, Style.CAPITAL_ROMAN})


class Lists(Opening):
    """Reads paragraphs and items."""

    # Paragraphs.

    def _numeral(self, index: int) -> ListMark | None:
        return next((mark for mark in self.list_marks[index] if mark.style in NUMERALS), None)

    def _opens_numbered_paragraph(self, index: int) -> bool:
        mark = self._numeral(index)
        return mark is not None and mark.number == (self._next_paragraph(),) and not mark.counts

    def _read_paragraph(self, index: int) -> bool:
        mark = self._numeral(index) or self._circled_paragraph(index)
        if mark is None or not (self.article or self.section) or self._is_in_quoted_article():
            return False
        level = self._level_of(mark.style)
        if level is not None and not self._leaves_the_list(mark, level):
            return False
        if not self._is_paragraph(mark):
            return False
        if mark.counts and ending_of(self.tail) is not Ending.FINISHED:
            return False
        quoted = self._is_amending()
        if mark.counts or quoted or (level is not None and mark.value == self.items[level].number[0] + 1):
            self._problem(ProblemCode.MAY_GO_ON, index, label=mark.label)
        self._open_paragraph(index, mark)
        return True

    def _circled_paragraph(self, index: int) -> ListMark | None:
        """② over a paragraph, as older texts have it: the first has none."""
        if self._level_of(Style.CIRCLED) is not None or ending_of(self.tail) is not Ending.FINISHED:
            return None
        following = (self._next_paragraph(),)
        return next(
            (
                mark
                for mark in self.list_marks[index]
                if mark.style is Style.CIRCLED and mark.number == following > (1,)
            ),
            None,
        )

    def _leaves_the_list(self, mark: ListMark, level: int) -> bool:
        """Whether a number is the next paragraph's though a list of the same numbers is open: 1, 2, 3 and then 2 乙は."""
        is_next = mark.number == (self._next_paragraph(),)
        return is_next and not comes_next(self.items[level].number, mark.number) and _is_sentence(mark)

    def _is_paragraph(self, mark: ListMark) -> bool:
        ending, expected = ending_of(self.tail), self._next_paragraph()
        finished = ending is Ending.FINISHED
        if len(mark.number) > 1:
            goes_on = self.paragraph is not None and comes_next(self.paragraph.number, mark.number)
            return goes_on and finished and mark.spaced
        if mark.value == expected:
            if finished:
                return (mark.spaced and not mark.refers) or not (mark.counts or mark.refers)
            clear = mark.spaced or (bool(self.items) and (_is_sentence(mark) or self._ends_the_list(mark)))
            return ending is Ending.UNSURE and not mark.counts and not mark.refers and clear
        listed = mark.value == 1 and expected >= 2  # the first of a list below the paragraph
        near = 0 < mark.value <= expected + 9
        plausible = near and mark.spaced and not mark.counts and not mark.refers and not listed
        return plausible and (finished or (ending is Ending.UNSURE and bool(self.items)))

    def _ends_the_list(self, mark: ListMark) -> bool:
        """Whether a number is a sentence's with a full stop, behind a list whose items have none."""
        if self.paragraph is None or not self.items:
            return False
        last = self.items[-1]
        alike = [node for node in descend(self.paragraph) if node.style is last.style and node is not last]
        texts = [node.pieces[-1] for node in alike if node.pieces]
        stops = [ending_of(text) is Ending.FINISHED for text in texts]
        return bool(stops) and not any(stops) and ending_of(mark.rest) is Ending.FINISHED

    # Items.

    def _read_item(self, index: int, line: PreparedLine) -> bool:
        marks = self.list_marks[index]
        if not marks or self._is_in_quoted_article():
            return False
        if not (self.article or self.section):
            self._note_early_item(index, marks[0])
            return False
        choices = [(mark, *self._fit(mark)) for mark in marks]
        mark, level, expected = next((choice for choice in choices if choice[2]), choices[0])
        if not self._is_item(index, mark, level, expected, bool(line.bullet)):
            return False
        self._open_item(index, mark, level)
        return True

    def _note_early_item(self, index: int, mark: ListMark) -> None:
        clear = mark.style.weight is not Weight.TEXT or (mark.spaced and not mark.counts)
        begins = ending_of(self.tail) is Ending.FINISHED or mark.value > 1
        noted = any(problem.code is ProblemCode.ITEM_BEFORE_ARTICLE for problem in self.problems[-1:])
        if (
            clear
            and begins
            and not mark.refers
            and not noted
            and mark.spaced >= (mark.style.weight is Weight.KANA)
        ):
            self._problem(ProblemCode.ITEM_BEFORE_ARTICLE, index, label=mark.label)

    def _is_item(self, index: int, mark: ListMark, level: int | None, expected: bool, bullet: bool) -> bool:
        ending, weight = ending_of(self.tail), mark.style.weight
        if mark.refers and ending is not Ending.FINISHED:
            return False
        if mark.style in NUMERALS:
            clear = mark.spaced or level is not None or self._has_next(index, mark)
            return expected and clear and not mark.counts and not mark.refers and ending is not Ending.OPEN
        if weight is Weight.TEXT and not bullet and ending is Ending.OPEN:
            return False
        if weight is Weight.KANA and not mark.rest:
            if (
                expected and mark.value > 1 and KATAKANA_END.search(self.tail)
            ):  # ウ, or the last letter of a word
                self._problem(ProblemCode.MAY_BEGIN, index, label=mark.label)
            if KATAKANA_END.search(self.tail) or surely_goes_on(self.tail):
                return False
        if mark.style in _LETTERED and not self.items and not (expected and self._has_next(index, mark)):
            return False
        if weight is Weight.KANA and not mark.rest and mark.number == (1,):
            return expected and not KATAKANA_END.search(self.tail)  # ア of エリア, on a line of its own
        if not mark.spaced and weight not in FIRM_OR_BRACKETED:
            return self._is_close_item(index, mark, level, expected)
        if expected:
            return weight is Weight.FIRM or mark.spaced or weight is Weight.BRACKETED
        firm = weight is Weight.FIRM
        near = firm or (level is not None and mark.value <= self.items[level].number[0] + 3)
        return near and ending is not Ending.OPEN and not mark.refers

    def _is_close_item(self, index: int, mark: ListMark, level: int | None, expected: bool) -> bool:
        """ア施設, 一施設: a word may begin like this, so what comes before and after it must fit."""
        if mark.refers or mark.counts or not expected or ending_of(self.tail) is Ending.OPEN:
            return False
        if mark.style.weight is Weight.KANA and KATAKANA_END.search(self.tail):
            return False
        begins = level is not None or (not mark.in_word and self._has_next(index, mark))
        if begins and mark.in_word:
            self._problem(ProblemCode.MAY_GO_ON, index, label=mark.label)
        return begins

    # Doubts.

    def _note_doubt(self, index: int) -> None:
        """Name a line that goes to the text before although it may begin something."""
        label = self._possible_beginning(index)
        if label:
            self._problem(ProblemCode.MAY_BEGIN, index, label=label)

    def _possible_beginning(self, index: int) -> str:
        line, mark, ending = self.lines[index], self.marks[index], ending_of(self.tail)
        if index in self.quoted:
            return ""
        if index in self.doubtful_pages or self._is_title_again(line):
            return line.text
        if index in self.repeated and not self._keeps_lines():
            return line.text
        if ending is not Ending.OPEN:
            if mark is not None and not mark.refers and not mark.may_refer:
                return mark.label
            found = self.chapter_match(line) or self.supplement_header(index)
            if found and not self._keeps_lines():
                return found[0].strip()
            if index in self.doubtful_over:
                return line.text
            if index in self.headings and self.headings[index][1] == index and line.plain[:1] in "([【〔":
                return line.text
            if self._is_behind_the_items(line):
                return line.text
        if surely_goes_on(self.tail) or self._keeps_lines():
            return ""
        dotted = OF_OTHER_KINDS.match(line.plain)
        if dotted and ending is not Ending.OPEN:
            return dotted[0]
        return next((one.label for one in self.list_marks[index] if self._may_begin(index, one, ending)), "")

    def _is_behind_the_items(self, line: PreparedLine) -> bool:
        """Whether the items end and the sentence that they stand in goes on."""
        is_over = ending_of(self.tail) is Ending.FINISHED or line.plain.endswith("。")
        if not self.items or self.paragraph is None or not is_over:
            return False
        led = "".join(self.paragraph.pieces)
        return surely_goes_on(led) and _ADDS.match(line.plain) is None

    def _holds_the_next(self, mark: ListMark) -> bool:
        """22回 may be 2 and 2回."""
        following = str(self._next_paragraph())
        return str(mark.value) != following and str(mark.value).startswith(following) and mark.counts

    def _may_begin(self, index: int, mark: ListMark, ending: Ending) -> bool:
        if mark.refers or not mark.rest:
            return False
        level, expected = self._fit(mark)
        if mark.style in NUMERALS:
            is_next = mark.number == (self._next_paragraph(),)
            if ending is Ending.FINISHED and not mark.spaced and self._holds_the_next(mark):
                return True
            if not is_next and not (expected and level is not None):
                return mark.spaced and not mark.counts and ending is Ending.FINISHED and _is_sentence(mark)
            match ending:
                case Ending.FINISHED:
                    return True
                case Ending.UNSURE:
                    return bool(self.items) or (mark.spaced and not mark.counts)
                case Ending.OPEN:
                    return mark.spaced and not mark.counts and bool(self.items)
                case _:
                    assert_never(ending)
        if mark.counts and not mark.spaced:
            return False
        if mark.style in _LETTERED and not self.items:
            roman = mark.style is Style.CAPITAL_ROMAN
            return roman and mark.spaced and ending is Ending.FINISHED
        if mark.style.weight is Weight.KANA and KATAKANA_END.search(self.tail):
            return False
        if mark.in_word and level is None:
            begins = expected and ending is not Ending.OPEN and bool(self.tail)
            return begins and self._has_next(index, mark)
        if mark.spaced:
            return expected or (level is not None and mark.number > self.items[level].number)
        return expected and (level is not None or ending is Ending.FINISHED) and ending is not Ending.OPEN


def _is_sentence(mark: ListMark) -> bool:
    return any(sign in mark.rest for sign in ("は、", "が、", "については", "場合", "は "))
