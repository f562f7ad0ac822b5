"""What stands before and behind the articles: rows and numbers of a preamble, supplements and their names."""

import re

from agreements.wording.headers import ALONE, HEADING, TITLE_END, keeps_lines, unspaced
from agreements.wording.letters import Ending, ending_of, fold_width
from agreements.wording.lines import PreparedLine
from agreements.wording.reading.closing import Closing
from agreements.wording.reading.nodes import Node, Place
from agreements.wording.tree import LONGEST_HEADING, Kind, LineUse


class Supplements(Closing):
    """Opens supplements, and gives them the names below their numbers."""

    def _read_supplement(self, index: int) -> bool:
        match = self.supplement_header(index)
        if not match or not self.place.has_articles:
            return False
        if self.section is not None and self._names_the_section(self.lines[index]):
            return self._name_the_section(index, self.section)
        goes_on = ending_of(self.tail) is Ending.OPEN and not self._keeps_lines()
        if self.place is Place.BODY and (
            goes_on or (self._articles_go_on(index) and not self._begins_anew(index))
        ):
            return False
        line, number = self.lines[index], len(self.supplement) + 1
        label = f"{match[1]}{match[2] or ''}".replace(" ", "")
        node = self._node(index, Kind.SUPPLEMENT, (number,), label, f"sup{number}", None)
        heading = line.text[match.end() :].strip()
        provides, heading = (heading, "") if "。" in heading else ("", heading)
        whole = HEADING.fullmatch(fold_width(heading[:LONGEST_HEADING]))
        node.heading = heading[1:-1].strip() if whole and whole.end() == len(heading) else heading
        node.keeps_lines = keeps_lines(label)
        self.supplement.append(node)
        self.section, self.article, self.paragraph = node, None, None
        self.items, self.last_article = [], None
        self.place = Place.BODY
        self._take(index, LineUse.SUPPLEMENT, node, "")
        if provides:
            self._begin_text(index, provides)
        return True

    def _begins_anew(self, index: int) -> bool:
        """Whether a 第1条 stands below a 附則, though 第2条 is the next that is sure."""
        following = self.after[index]
        mark = self.marks[following] if following is not None else None
        return mark is not None and mark.number == (1,) and not (mark.refers or mark.may_refer)

    def _names_the_section(self, line: PreparedLine) -> bool:
        """The name of a specification below 別紙."""
        section = self.section
        if section is None or section.heading or section.children or section.pieces or section.keeps_lines:
            return False
        is_name = TITLE_END.search(line.plain) is not None and not re.search("[。、]", line.plain)
        return is_name and not section.label.endswith("則")

    def _name_the_section(self, index: int, section: Node) -> bool:
        section.heading = unspaced(self.lines[index].text)
        self._take(index, LineUse.HEADING, section, "")
        return True

    def _add_to_preamble(self, index: int, line: PreparedLine) -> None:
        """What stands above the first article: sentences, and the rows and numbers of a head, each in a line of its own."""
        numbered = any(mark.spaced and not mark.refers for mark in self.list_marks[index])
        is_row = numbered or "\u3000" in line.row or ALONE.fullmatch(line.plain) is not None
        goes_on = ending_of(self.tail) is Ending.OPEN and not numbered
        if self.preamble and not goes_on and (is_row or self.preamble_ends_in_row):
            self.preamble.append("\n")
        self.preamble.append(line.row if is_row else line.text)
        self.preamble_ends_in_row = is_row
        self.tail = line.text
        self.uses[index] = LineUse.PREAMBLE
