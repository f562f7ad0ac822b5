"""Going through a text once, from its title to its signatures."""

from typing import Final

from agreements.wording import numbering
from agreements.wording.headers import (
    CHAPTER_CODES,
    CLOSING_WORDS,
    DATE,
    HEADING,
    RANGE,
    SIGNATURE,
    TITLE_END,
    unspaced,
)
from agreements.wording.letters import Ending, ending_of, fold_width, join_lines, joined, parse_numeral
from agreements.wording.lines import CLOSING_MARKS, KATAKANA_END, MARKS_ONLY, WORD, PreparedLine
from agreements.wording.marks import ListMark, Style, Weight, marks_of
from agreements.wording.nodes import Place
from agreements.wording.opening import Opening
from agreements.wording.tree import LONGEST_HEADING, Kind, LineUse, ProblemCode, SourceLine, Wording

_EXPLAIN_A_LINE: Final = frozenset({ProblemCode.HEADING_ALONE, ProblemCode.ANOTHER_TEXT})


class Reader(Opening):
    """Decides what each line is; the first look has said which lines may open an article."""

    def read(self) -> Wording:
        self._read_title()
        for index, line in enumerate(self.lines):
            if line.skipped:
                self.uses[index] = line.skipped
            elif self.uses[index] is LineUse.BLANK:  # not part of the title
                self._read_line(index, line)
        self.problems += numbering.check(self.provisions, self.supplement)
        self._check_not_understood()
        lines = tuple(
            SourceLine(line.number, line.source, use, key)
            for line, use, key in zip(self.lines, self.uses, self.keys, strict=True)
        )
        return Wording(
            joined(self.title),
            joined(self.preamble),
            tuple(node.frozen() for node in self.provisions),
            tuple(node.frozen() for node in self.supplement),
            "\n".join(self.closing),
            lines,
            tuple(sorted(self.problems, key=lambda problem: problem.line)),
        )

    def _read_line(self, index: int, line: PreparedLine) -> None:
        beyond = self.other_text is not None and index >= self.other_text
        if beyond or (not WORD.search(line.text) and not self._is_torn_off(line)):
            self.uses[index] = LineUse.NOT_UNDERSTOOD
        elif self._is_page_mark(index, line):
            self.uses[index] = LineUse.PAGE_MARK
        elif self._is_contents(index, line):
            self.uses[index] = LineUse.CONTENTS
        elif not (
            self._read_supplement(index)
            or (self.place is Place.CLOSING and self._read_closing(index, line))
            or self._read_chapter(index, line)
            or self._read_heading(index)
            or self._read_article(index)
            or self._opens_closing(index, line)
            or self._read_paragraph(index, line)
            or self._read_item(index, line)
        ):
            self._read_on(index, line)

    def _is_torn_off(self, line: PreparedLine) -> bool:
        """A 」 or ・ that a line break has left alone."""
        within = self.article or self.section or self.place is Place.OPENING
        unfinished = bool(self.tail) and ending_of(self.tail) is not Ending.FINISHED
        return bool(within) and (
            CLOSING_MARKS.fullmatch(line.plain) is not None
            or (unfinished and MARKS_ONLY.fullmatch(line.plain) is not None)
        )

    def _read_chapter(self, index: int, line: PreparedLine) -> bool:
        match = self._chapter_match(line)
        if not match or self.section or ending_of(self.tail) is Ending.OPEN:
            return False
        rank = "編章節款".index(match[2])
        while self.chapters and self.chapters[-1].rank >= rank:
            self.chapters.pop()
        number = (parse_numeral(match[1]),)
        above = self.chapters[-1] if self.chapters else None
        code = f"{CHAPTER_CODES[match[2]]}{number[0]}"
        node = self._node(index, Kind.CHAPTER, number, f"第{number[0]}{match[2]}", code, above)
        heading = RANGE.sub("", line.plain[match.end() :]).strip()
        node.heading = line.text[match.end() :].strip()[: len(heading)]
        node.rank = rank
        (above.children if above else self.provisions).append(node)
        self.chapters.append(node)
        self.article = self.paragraph = None
        self.items = []
        self.place = Place.BODY
        self._take(index, LineUse.CHAPTER, node, "")
        return True

    def _read_heading(self, index: int) -> bool:
        """A heading on a line of its own: of the article that follows, or of the one just begun."""
        if self.heading_lines and index <= self.heading_lines[-1]:
            return True  # the second half of a broken heading
        found = self.headings.get(index)
        if not found:
            return False
        heading, last = found
        following = self.after[last]
        if following is not None and self._takes_heading(following):
            self._keep_heading(index, heading, last)
        elif self.article and not self.article.heading and not self.article.children:
            self.article.heading = unspaced(heading)
            self._take(index, LineUse.HEADING, self.article, "")
        elif self.article and ending_of(self.tail) is Ending.FINISHED and self.place is Place.BODY:
            self.uses[index] = LineUse.NOT_UNDERSTOOD
            self._problem(ProblemCode.HEADING_ALONE, index, heading=heading)
        else:
            return False
        return True

    def _takes_heading(self, index: int) -> bool:
        """An article, or within a supplement a paragraph (（経過措置） over 2)."""
        return self._opens_article(index) or (
            self.section is not None and self._opens_numbered_paragraph(index)
        )

    def _opens_article(self, index: int) -> bool:
        mark, strength = self.marks[index], self.strength[index]
        if mark is None or strength == 0:
            return False
        if strength >= 3:
            return True
        if self.last_article is None and strength == 2 and (1,) not in self.sure_last:
            return True  # the beginning is missing
        if not _is_next(self.last_article, mark.number):
            return strength == 2 and self._is_blank(index - 1) and self.place is Place.BODY
        return strength == 2 or self.sure_last.get(mark.number, -1) < index

    def _read_article(self, index: int) -> bool:
        mark = self.marks[index]
        if mark is None or not self._opens_article(index):
            return False
        above = self.section or (self.chapters[-1] if self.chapters else None)
        code = "art" + "-".join(map(str, mark.number))
        node = self._node(index, Kind.ARTICLE, mark.number, mark.label, code, self.section)
        self._give_heading(node, mark.heading)
        (above.children if above else self.provisions).append(node)
        self.article, self.paragraph, self.items = node, None, []
        self.last_article = mark.number
        self.place = Place.BODY
        self._take(index, LineUse.ARTICLE, node, "")
        self._begin_text(index, mark.rest)
        return True

    def _bare_mark(self, line: PreparedLine) -> ListMark | None:
        return next((mark for mark in marks_of(line.text) if mark.style is Style.BARE), None)

    def _opens_numbered_paragraph(self, index: int) -> bool:
        mark = self._bare_mark(self.lines[index])
        return mark is not None and mark.number == self._next_paragraph() and not mark.counts

    def _read_paragraph(self, index: int, line: PreparedLine) -> bool:
        mark = self._bare_mark(line)
        if mark is None or not (self.article or self.section) or self._level_of(Style.BARE) is not None:
            return False
        if not self._is_paragraph(mark):
            return False
        self._open_paragraph(index, mark)
        return True

    def _is_paragraph(self, mark: ListMark) -> bool:
        ending, expected = ending_of(self.tail), self._next_paragraph()
        finished = ending is Ending.FINISHED
        if mark.number == expected:
            if finished:
                return (mark.spaced and not mark.refers) or not (mark.counts or mark.refers)
            return ending is Ending.UNSURE and not mark.counts and not mark.refers and mark.spaced
        listed = (
            mark.number == 1 and expected == 2 and self.paragraph is not None and not self.paragraph.label
        )
        near = 0 < mark.number <= expected + 9
        plausible = near and mark.spaced and not mark.counts and not mark.refers and not listed
        return plausible and (finished or (ending is Ending.UNSURE and bool(self.items)))

    def _read_item(self, index: int, line: PreparedLine) -> bool:
        marks = marks_of(line.text)
        if not marks:
            return False
        if not (self.article or self.section):
            self._note_early_item(index, marks[0])
            return False
        choices = [(mark, *self._fit(mark)) for mark in marks]
        mark, level, expected = next((choice for choice in choices if choice[2]), choices[0])
        if not self._is_item(mark, level, expected, bool(line.bullet)):
            return False
        self._open_item(index, mark, level)
        return True

    def _note_early_item(self, index: int, mark: ListMark) -> None:
        clear = mark.style.weight is not Weight.TEXT or (mark.spaced and not mark.counts)
        begins = ending_of(self.tail) is Ending.FINISHED or mark.number > 1
        noted = any(problem.code is ProblemCode.ITEM_BEFORE_ARTICLE for problem in self.problems[-1:])
        if clear and begins and not mark.refers and not noted:
            self._problem(ProblemCode.ITEM_BEFORE_ARTICLE, index, label=mark.label)

    def _fit(self, mark: ListMark) -> tuple[int | None, bool]:
        """The level whose list the mark continues (None: a list of its own) and whether its number is the next."""
        level = self._level_of(mark.style)
        if level is None:
            lost_bracket = mark.style is Style.HALF_PAREN and mark.number > 1
            level = self._level_of(Style.PAREN) if lost_bracket else None
            if level is None:
                return None, mark.number == 1
        return level, mark.number == self.items[level].number[0] + 1

    def _is_item(self, mark: ListMark, level: int | None, expected: bool, bullet: bool) -> bool:
        ending = ending_of(self.tail)
        if mark.refers and ending is not Ending.FINISHED:
            return False
        if mark.style is Style.BARE:
            return expected and mark.spaced and not mark.counts and ending is not Ending.OPEN
        firm = mark.style.weight is Weight.FIRM
        if mark.style.weight is Weight.TEXT and not bullet and ending is Ending.OPEN:
            return False
        if mark.style is Style.LATIN and not self.items:
            return False
        if mark.style.weight is Weight.KANA and not mark.rest and mark.number == 1:
            return expected and not KATAKANA_END.search(self.tail)  # ア of エリア, on a line of its own
        if expected:
            return firm or mark.spaced
        near = firm or (level is not None and mark.number <= self.items[level].number[0] + 3)
        return near and ending is not Ending.OPEN and not mark.refers

    def _read_supplement(self, index: int) -> bool:
        match = self._supplement_header(index)
        if not match or not self.place.has_articles:
            return False
        if self.place is Place.BODY and (ending_of(self.tail) is Ending.OPEN or self._articles_go_on(index)):
            return False
        line, number = self.lines[index], len(self.supplement) + 1
        label = f"{match[1]}{match[2] or ''}".replace(" ", "")
        node = self._node(index, Kind.SUPPLEMENT, (number,), label, f"sup{number}", None)
        heading = line.text[match.end() :].strip()
        whole = HEADING.fullmatch(fold_width(heading[:LONGEST_HEADING]))
        node.heading = heading[1:-1].strip() if whole and whole.end() == len(heading) else heading
        self.supplement.append(node)
        self.section, self.article, self.paragraph = node, None, None
        self.items, self.last_article = [], None
        self.place = Place.BODY
        self._take(index, LineUse.SUPPLEMENT, node, "")
        return True

    def _articles_go_on(self, index: int) -> bool:
        """Whether the next sure article is the one that the article before makes expect."""
        following = self.sure_after[index]
        mark = self.marks[following] if following is not None else None
        return mark is not None and _is_next(self.last_article, mark.number) and self.last_article is not None

    def _opens_closing(self, index: int, line: PreparedLine) -> bool:
        if not (self.article or self.section) or ending_of(self.tail) is Ending.OPEN:
            return False
        head = line.plain[:60]
        signs = DATE.fullmatch(line.plain) or SIGNATURE.match(head) if len(line.plain) <= 60 else None
        signs = signs if ending_of(self.tail) is Ending.FINISHED and not self.section else None
        if not (signs or CLOSING_WORDS.match(head)) or self._articles_go_on(index):
            return False
        self.place = Place.CLOSING
        self.section = self.article = self.paragraph = None
        self.items = []
        self._find_other_text(index)
        return self._read_closing(index, line)

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
        broken = (
            self.closing and len(self.closing[-1]) > 20 and ending_of(self.closing[-1]) is not Ending.FINISHED
        )
        if broken and self.closing[-1] == self.tail and len(line.text) > 1 and "。" in line.text:
            self.closing[-1] = join_lines(self.closing[-1], line.text)
        else:
            self.closing.append(line.text)
        self.tail = self.closing[-1]
        self.uses[index] = LineUse.CLOSING
        return True

    def _read_on(self, index: int, line: PreparedLine) -> None:
        if not (self.article or self.section or self.chapters):
            self.preamble.append(line.text)
            self.tail = line.text
            self.uses[index] = LineUse.PREAMBLE
            return
        node = self._innermost(index)
        listed = line.bullet == "・" or (line.bullet == "-" and ending_of(self.tail) is Ending.FINISHED)
        text = f"・{line.text}" if listed and node.pieces else line.text
        self.uses[index] = LineUse(node.kind)
        self._add_text(index, text)

    def _check_not_understood(self) -> None:
        """One problem for each run of lines that no other problem explains."""
        explained = {problem.line for problem in self.problems if problem.code in _EXPLAIN_A_LINE}
        count = len(self.lines) if self.other_text is None else self.other_text
        start: int | None = None
        for index in range(count + 1):
            use = self.uses[index] if index < count and index + 1 not in explained else None
            if use is LineUse.NOT_UNDERSTOOD and start is None:
                start = index
            elif start is not None and not (use and use.may_lie_in_a_gap):
                run = [at for at in range(start, index) if self.uses[at] is LineUse.NOT_UNDERSTOOD]
                self._problem(ProblemCode.NOT_UNDERSTOOD, start, last_line=self.lines[run[-1]].number)
                start = None


def _is_next(last: tuple[int, ...] | None, number: tuple[int, ...]) -> bool:
    """Whether an article may follow: 第4条 or 第3条の2 after 第3条; 第1条 first."""
    if last is None:
        return number == (1,)
    counted_on = number[:-1] == last[: len(number) - 1] and len(number) <= len(last)
    return (counted_on and number[-1] == last[len(number) - 1] + 1) or number == (*last, 2)
