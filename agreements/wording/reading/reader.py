"""Going through a text once, from its title to its signatures."""

import re
from typing import Final

from agreements.wording.headers import (
    CHAPTER_CODES,
    HEADING_BEHIND,
    RANGE,
    heading_at,
    unspaced,
)
from agreements.wording.letters import Ending, ending_of, joined, parse_numeral
from agreements.wording.lines import CLOSING_MARKS, MARKS_ONLY, WORD, PreparedLine
from agreements.wording.reading import numbering
from agreements.wording.reading.nodes import Place, comes_next
from agreements.wording.reading.supplements import Supplements
from agreements.wording.tree import LONGEST_HEADING, Kind, LineUse, ProblemCode, SourceLine, Wording

_EXPLAIN_A_LINE: Final = frozenset({ProblemCode.HEADING_ALONE, ProblemCode.ANOTHER_TEXT})
_UNCLOSED: Final = re.compile(r"[(\[【〔][^)\]】〕。]{1,30}$")
"""The first half of a heading that is broken over two lines."""


class Reader(Supplements):
    """Decides what each line is; the first look has said which lines may open an article."""

    def read(self) -> Wording:
        self._read_title()
        guessed = None if self.guessed is None else self.marks[self.guessed]
        if self.guessed is not None and guessed is not None:
            self._problem(ProblemCode.NUMBERS_AS_ARTICLES, self.guessed, label=guessed.label)
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
        self.divided = 0
        self._look_for_heading(index, line)
        beyond = self.other_text is not None and index >= self.other_text
        if beyond or (not WORD.search(line.text) and not self._is_torn_off(line)):
            self.uses[index] = LineUse.NOT_UNDERSTOOD
        elif self._is_page_mark(index, line):
            self.uses[index] = LineUse.PAGE_MARK
        elif index in self.quoted and self._has_number(index):
            self._read_quoted(index, line)
        elif not (
            self._read_supplement(index)
            or (self.place is Place.CLOSING and self._read_closing(index, line))
            or self._read_chapter(index, line)
            or self._read_heading(index)
            or self._read_article(index)
            or self._opens_closing(index, line)
            or self._read_paragraph(index)
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
        match = self.chapter_match(line)
        if not match or self.section or ending_of(self.tail) is Ending.OPEN:
            return False
        rank = "編章節款".index(match[2])
        while self.chapters and self.chapters[-1].rank >= rank:
            self.chapters.pop()
        number = (parse_numeral(match[1]), *map(parse_numeral, match[3].split("の")[1:]))
        above = self.chapters[-1] if self.chapters else None
        code = f"{CHAPTER_CODES[match[2]]}{'-'.join(map(str, number))}"
        label = f"第{number[0]}{match[2]}" + "".join(f"の{branch}" for branch in number[1:])
        node = self._node(index, Kind.CHAPTER, number, label, code, above)
        heading = RANGE.sub("", line.plain[match.end() :]).strip()
        node.heading = line.text[match.end() :].strip()[: len(heading)]
        node.rank, node.sign = rank, match[2]
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
            return self._read_heading_with_text(index)
        heading, last = found
        following = self.after[last]
        over_article = following is not None and self._opens_article(following)
        if self._is_amending() and (not over_article or self._is_quoted_wording(following or 0)):
            self._problem(ProblemCode.MAY_BEGIN, index, label=heading)
            self._read_quoted(index, self.lines[index])
            return True
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

    def _read_heading_with_text(self, index: int) -> bool:
        """（目的）甲は、… below a number that stands alone."""
        article = self.article
        if article is None or article.heading or article.children or self.tail:
            return False
        begun = self.before[index]
        if begun in self.headed_behind | self.doubtful_heads and not self.lines[index].text.startswith("（"):
            if begun in self.doubtful_heads:
                self._problem(ProblemCode.MAY_GO_ON, index, label=self.lines[index].text)
                return False
            article.heading = unspaced(self.lines[index].text)
            self.keys[index], self.uses[index] = article.key, LineUse.HEADING
            return True
        heading, end = heading_at(self.lines[index], 0)
        text = self.lines[index].text[end:].strip()
        if not heading and _UNCLOSED.match(self.lines[index].plain):
            self._problem(ProblemCode.MAY_BEGIN, index, label=text)
        if not heading or not text:
            return False
        article.heading = unspaced(heading)
        self.uses[index] = LineUse.HEADING
        self._begin_text(index, text)
        return True

    def _look_for_heading(self, index: int, line: PreparedLine) -> None:
        """A heading at the end of a line, over an article that has none, is named."""
        following = self.after[index]
        mark = self.marks[following] if following is not None else None
        behind = HEADING_BEHIND.search(line.plain)
        if mark is not None and behind and not (mark.heading or mark.refers or mark.may_refer):
            self._problem(ProblemCode.MAY_BEGIN, index, label=behind[0])

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
        if not comes_next(self.last_article, mark.number):
            return strength == 2 and self._is_blank(index - 1) and self.place is Place.BODY
        return strength == 2 or self.sure_last.get(mark.number, -1) < index

    def _read_article(self, index: int) -> bool:
        mark = self.marks[index]
        if mark is None or not self._opens_article(index):
            return False
        if self._is_quoted_wording(index):
            return False
        if ending_of(self.tail) is Ending.OPEN and not self._keeps_lines():
            self._problem(ProblemCode.MAY_GO_ON, index, label=mark.label)
        above = self.section or (self.chapters[-1] if self.chapters else None)
        code = "art" + "-".join(map(str, mark.number))
        node = self._node(index, Kind.ARTICLE, mark.number, mark.label, code, self.section)
        self._give_heading(node, mark.heading)
        (above.children if above else self.provisions).append(node)
        self.article, self.paragraph, self.items = node, None, []
        self.quotes_article = False
        node.until, node.style = mark.until, mark.style
        self.last_article = mark.until or mark.number
        self.place = Place.BODY
        self._take(index, LineUse.ARTICLE, node, "")
        if index in self.headed_behind and not node.heading and mark.rest:
            node.heading = mark.rest
            return True
        if (
            not node.heading
            and mark.rest
            and (index in self.doubtful_heads or self._may_hold_heading(index, mark.rest))
        ):
            self._problem(ProblemCode.MAY_GO_ON, index, label=mark.rest)
        self._begin_text(index, mark.rest)
        return True

    def _may_hold_heading(self, index: int, rest: str) -> bool:
        """A heading that is broken over two lines, or one that stands behind the number as those of other articles do."""
        if rest[:1] in ("（", "(", "【", "〔", "[") and not re.search(r"[)）】〕\]]", rest):
            return True
        following = self.after[index]
        runs_on = following is not None and not self.list_marks[following] and not self._begins(following)
        is_short = len(rest) <= 20 and not re.search("[。、｡､]|削除", rest)
        return runs_on and is_short and (bool(self.headed_behind) or not self.has_headings)

    def _is_quoted_wording(self, index: int) -> bool:
        """第5条 behind 「第5条を次のように改める。」, where it is not the article that comes next here."""
        mark = self.marks[index]
        return mark is not None and self._is_amending() and not comes_next(self.last_article, mark.number)

    def _has_number(self, index: int) -> bool:
        return bool(self.marks[index] or self.list_marks[index] or index in self.headings)

    def _read_quoted(self, index: int, line: PreparedLine) -> None:
        """A line of a wording that is quoted stays a line."""
        if not (self.article or self.section):
            self._read_on(index, line)
            return
        node = self._innermost(index)
        node.ends_in_row = True
        said = self.said
        self.uses[index] = LineUse(node.kind)
        self._add_piece(index, line.text)
        node.ends_in_row = True
        self.said = said

    def _read_on(self, index: int, line: PreparedLine) -> None:
        if not (self.article or self.section or self.chapters):
            if index in self.headings:
                self._problem(ProblemCode.MAY_BEGIN, index, label=self.headings[index][0])
            self._add_to_preamble(index, line)
            return
        if self._is_amending() and "\u3000" in line.row and not self._has_number(index):
            self._read_quoted(index, line)  # 変更後 変更前
            return
        if self._is_amending() and self._has_number(index):
            self._problem(ProblemCode.MAY_BEGIN, index, label=line.text[:LONGEST_HEADING])
            self.quotes_article |= self.marks[index] is not None
            self._read_quoted(index, line)
            return
        if self.section is not None and self._names_the_section(line):
            self._name_the_section(index, self.section)
            return
        self._note_doubt(index)
        node = self._innermost(index)
        if node.kind is Kind.CHAPTER and not node.heading and not node.pieces and "。" not in line.plain:
            node.heading = unspaced(line.text)
            self._take(index, LineUse.HEADING, node, "")
            return
        if node.kind is Kind.CHAPTER:
            self._problem(ProblemCode.MAY_BEGIN, index, label=line.text[:LONGEST_HEADING])
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
