"""How a text ends: the sentence that it was concluded, the day, and the parties, in any order."""

import re
from typing import Final

from agreements.wording.headers import (
    ALL_SAID,
    CLOSING_WORDS,
    DATE,
    LISTS_WHAT_FOLLOWS,
    SIGNATURE,
    TITLE_END,
)
from agreements.wording.letters import Ending, ending_of, join_lines
from agreements.wording.lines import PreparedLine
from agreements.wording.reading.lists import Lists
from agreements.wording.reading.nodes import Place, comes_next
from agreements.wording.tree import LineUse, ProblemCode

_LONGEST_SENTENCE: Final = 6  # lines
_FAR: Final = 20  # lines that a block of signatures has at most
_OFFICE: Final = re.compile("[市町村区社会校学院室事]長(?: |$)|知事(?: |$)|代表|取締役|[㊞印]$")
_LONGEST_SIGN: Final = 60  # letters of a day or a party


class Closing(Lists):
    """Reads the closing, and finds another text behind it."""

    def _opens_closing(self, index: int, line: PreparedLine) -> bool:
        if not (self.article or self.section) or self._articles_go_on(index):
            return False
        if ending_of(self.tail) is Ending.OPEN and not self._keeps_lines():
            return False
        if not (self._says_that_it_closes(index) or self._signs(index, line)):
            return False
        if self._next_article_comes(index):
            return False
        self.place = Place.CLOSING
        self.section = self.article = self.paragraph = None
        self.items = []
        self._find_other_text(index)
        return self._read_closing(index, line)

    def _says_that_it_closes(self, index: int) -> bool:
        if any(mark.spaced and not mark.refers for mark in self.list_marks[index]):
            return False
        if self._is_sign(index):
            return False
        if ALL_SAID.fullmatch(self.lines[index].plain):
            return True
        lines = self._lines_of_sentence(index)
        sentence = "".join(self.lines[at].plain for at in lines).partition("。")[0]
        if CLOSING_WORDS.search(sentence) is None:
            return False
        ends = "。" in self.lines[lines[-1]].plain
        self.closing_sentence = lines if ends else []
        return True

    def _lines_of_sentence(self, index: int) -> list[int]:
        """The line with those below it up to the full stop."""
        found, following = [index], self.after[index]
        while "。" not in self.lines[found[-1]].plain and following is not None:
            begins = self.list_marks[following] or self.marks[following] or self._is_sign(following)
            if begins or len(found) == _LONGEST_SENTENCE:
                break
            found.append(following)
            following = self.after[following]
        return found

    def _is_sign(self, index: int) -> bool:
        plain = self.lines[index].plain
        return SIGNATURE.match(plain) is not None or DATE.fullmatch(plain) is not None

    def _signs(self, index: int, line: PreparedLine) -> bool:
        """A day alone, or a party; not where the sentence before says that a list of them follows."""
        if len(line.plain) > _LONGEST_SIGN:
            return False
        finished = ending_of(self.tail) is Ending.FINISHED or (bool(self.items) and self._is_blank(index - 1))
        is_day, is_party = DATE.fullmatch(line.plain), SIGNATURE.match(line.plain)
        following = self.after[index]
        over_party = following is not None and SIGNATURE.match(self.lines[following].plain)
        if self.section is not None:
            return bool(is_day and over_party and (finished or self._keeps_lines()))
        if not finished:
            if is_party and not self._innermost(index).ends_in_row and not self._closes_further_down(index):
                self._problem(ProblemCode.MAY_BE_SIGNATURES, index, label=line.text[:_LONGEST_SIGN])
            return bool(is_day and over_party)
        if is_party and LISTS_WHAT_FOLLOWS.search(self.said):
            if not self._closes_further_down(index):
                self._problem(ProblemCode.MAY_BE_SIGNATURES, index, label=line.text[:_LONGEST_SIGN])
            return False
        if (
            not (is_day or is_party)
            and _OFFICE.search(line.plain)
            and not LISTS_WHAT_FOLLOWS.search(self.said)
        ):
            at_end = all("。" not in below.plain for below in self.lines[index : index + _FAR])
            if at_end:
                self._problem(ProblemCode.MAY_BE_SIGNATURES, index, label=line.text[:_LONGEST_SIGN])
        return bool(is_day or is_party)

    def _closes_further_down(self, index: int) -> bool:
        """Whether a day, a closing sentence or the other parties' block comes later, so that this is a list."""
        seen = 0
        for following in range(index + 1, len(self.lines)):
            line = self.lines[following]
            if line.skipped:
                continue
            if DATE.fullmatch(line.plain) or CLOSING_WORDS.search(line.plain):
                return True
            seen += 1
            if seen > 40 or self.marks[following] is not None or self.supplement_header(following):
                break
        return False

    def _articles_go_on(self, index: int) -> bool:
        """Whether the next sure article is the one that the article before makes expect, with no 第1条 before it."""
        following = self.sure_after[index]
        mark = self.marks[following] if following is not None else None
        if following is None or mark is None or self.last_article is None:
            return False
        first = self.first_after[index]
        return comes_next(self.last_article, mark.number) and (first is None or first >= following)

    def _next_article_comes(self, index: int) -> bool:
        """Whether the next article, though not a sure one, stands below: behind a row that looks like a party, say."""
        if self.section is not None or self.last_article is None:
            return False
        for following in range(index, len(self.lines)):
            mark = self.marks[following]
            if self.supplement_after[index] == following or (mark and mark.number == (1,)):
                return False
            if mark and self.strength[following] >= 2 and comes_next(self.last_article, mark.number):
                return following not in self.quoted
        return False

    def _find_other_text(self, index: int) -> None:
        """A second agreement in the same file begins with its title, or with its first article."""
        article, supplement = self.sure_after[index], self.supplement_after[index]
        if article is None or (supplement is not None and supplement < article):
            return
        begin = article
        for above in reversed(range(index + 1, article)):
            if TITLE_END.search(self.lines[above].plain) and not self.lines[above].skipped:
                begin = above
                break
        mark = self.marks[article]
        self.other_text = begin
        label, last = mark.label if mark else "", len(self.lines)
        self._problem(ProblemCode.ANOTHER_TEXT, begin, label=label, last_line=last)

    def _read_closing(self, index: int, line: PreparedLine) -> bool:
        is_rest = bool(self.closing) and index in self.closing_sentence[1:]
        broken = (
            self.closing and len(self.closing[-1]) > 20 and ending_of(self.closing[-1]) is not Ending.FINISHED
        )
        if is_rest or (
            broken and self.closing[-1] == self.tail and len(line.text) > 1 and "。" in line.plain
        ):
            self.closing[-1] = join_lines(self.closing[-1], line.text)
        else:
            self.closing.append(line.text)
        mark = self.marks[index]
        if mark and self.strength[index] >= 2 and mark.rest:
            self._problem(ProblemCode.MAY_BEGIN, index, label=mark.label)
        first = next((one for one in self.list_marks[index] if one.spaced and one.number == (1,)), None)
        if first is not None and not first.counts and self._has_next(index, first):  # a list that is appended
            self._problem(ProblemCode.MAY_BEGIN, index, label=first.label)
        self.tail = self.closing[-1]
        self.uses[index] = LineUse.CLOSING
        return True
