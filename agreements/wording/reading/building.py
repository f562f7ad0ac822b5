"""The tree under construction: opening provisions, and giving each line to one."""

import re
from typing import Final, NamedTuple

from agreements.wording.headers import AMENDS, NOTE, OF_OTHER_KINDS, article_mark, unspaced
from agreements.wording.letters import KANJI, Ending, ending_of, fold_width
from agreements.wording.lines import KATAKANA_END, line_of
from agreements.wording.marks import ListMark, marks_of
from agreements.wording.reading.look_ahead import LookAhead
from agreements.wording.reading.nodes import Node, Place, comes_next
from agreements.wording.styles import FIRM_OR_BRACKETED, NUMERALS, SUBITEMS, Style, Weight
from agreements.wording.tree import Kind, LineUse, Problem, ProblemCode

_LONGEST_DIVIDED: Final = 2_000  # letters of a line in which further numbers are looked for
_MOST_DIVIDED: Final = 40
_FAR: Final = 200  # lines in which the second of a list is looked for
_MAY_BEGIN_WITHIN: Final = re.compile(
    rf"[(①-⑳⑴-⒇㈠-㈩㋐-㋾ⅰ-ⅻ]|(?<=[。 ])(?:\d|{KANJI}|[a-zA-Z])"
    r"|(?<!\()[ァ-ン](?=[ .、)])|(?<=[。 ])[ァ-ン]"
)


_ARTICLE_WITHIN: Final = re.compile("(?<=。)第(?=[^。]{1,8}条)|(?<=。 )第(?=[^。]{1,8}条)")


class Within(NamedTuple):
    """What a number inside a line is: whether it begins something, and what is said where that is in doubt."""

    begins: bool
    doubt: ProblemCode | None = None


_NO: Final = Within(False)
_YES: Final = Within(True)
_SPLIT: Final = Within(True, ProblemCode.MAY_GO_ON)
_JOINED: Final = Within(False, ProblemCode.MAY_BEGIN)


def _is_within_brackets(before: str) -> bool:
    return before.count("(") > before.count(")") or before.count("「") > before.count("」")


class Building(LookAhead):
    """What has been read so far, what is open, and what each line was taken for."""

    def __init__(self, sources: list[str]) -> None:
        super().__init__(sources)
        self.uses: list[LineUse] = [LineUse.BLANK] * len(self.lines)
        self.keys: list[str] = [""] * len(self.lines)
        self.problems: list[Problem] = []
        self.provisions: list[Node] = []
        self.supplement: list[Node] = []
        self.title: list[str] = []
        self.preamble: list[str] = []
        self.preamble_ends_in_row = False
        self.closing: list[str] = []
        self.closing_sentence: list[int] = []  # the lines of the sentence that closes
        self.known_keys: dict[str, int] = {}
        self.chapters: list[Node] = []
        self.section: Node | None = None  # the supplement that is open
        self.article: Node | None = None
        self.paragraph: Node | None = None
        self.items: list[Node] = []  # the open items, outermost first
        self.last_article: tuple[int, ...] | None = None
        self.tail = ""  # the end of the text read last
        self.said = ""  # all of it, since the last number
        self.heading = ""
        self.heading_lines: list[int] = []
        self.place = Place.OPENING
        self.page = 0
        self.other_text: int | None = None
        self.quotes_article = False  # since the sentence that amends one
        self.divided = 0  # how often the line that is being read was divided

    def _problem(self, code: ProblemCode, index: int, **params: str | int) -> None:
        self.problems.append(Problem(code, self.lines[index].number, params))

    def _node(
        self, index: int, kind: Kind, number: tuple[int, ...], label: str, code: str, above: Node | None
    ) -> Node:
        """A new node under a key of its own."""
        key = f"{above.key}/{code}" if above else code
        times = self.known_keys[key] = self.known_keys.get(key, 0) + 1
        line = self.lines[index].number
        return Node(key if times == 1 else f"{key}~{times}", kind, number, label, line, line)

    def _take(self, index: int, use: LineUse, node: Node, tail: str) -> None:
        self.uses[index] = use
        self.keys[index] = node.key
        self.tail = self.said = tail
        node.last = max(node.last, self.lines[index].number)

    def _keep_heading(self, index: int, heading: str, last: int) -> None:
        self.heading = heading
        self.heading_lines = [index] if index == last else [index, last]
        for part in self.heading_lines:
            self.uses[part] = LineUse.HEADING

    def _give_heading(self, node: Node, own: str = "") -> None:
        node.heading = unspaced(own or self.heading)
        for index in self.heading_lines:
            self.keys[index] = node.key
            node.first = min(node.first, self.lines[index].number)
        self.heading, self.heading_lines = "", []

    def _begin_text(self, index: int, text: str) -> None:
        """What stands behind a number on the same line: text, or the first number of the next level."""
        for mark in marks_of(text):
            if mark.number != (1,) or mark.refers or mark.counts or not mark.rest:
                continue
            if mark.style in NUMERALS and mark.spaced and not self.paragraph:
                self._open_paragraph(index, mark)
                return
            is_kana = mark.style.weight is Weight.KANA and not mark.spaced
            if mark.style.weight is not Weight.TEXT and not is_kana and self._level_of(mark.style) is None:
                self._open_item(index, mark, None)
                return
        if text:
            self._add_text(index, text)

    def _add_text(self, index: int, text: str) -> None:
        """Text to what is open, up to the next number of its list, which may stand on the same line."""
        self._look_for_article(index, text)
        found = self._next_on_the_line(index, text)
        if found is None:
            self._add_piece(index, text)
            return
        at, mark = found
        self.divided += 1
        before = text[:at].rstrip()
        if before:
            self._add_piece(index, before)
        if mark.style in NUMERALS and self._level_of(mark.style) is None and mark.number != (1,):
            self._open_paragraph(index, mark)
        else:
            self._open_item(index, mark, self._level_of(mark.style))

    def _look_for_article(self, index: int, text: str) -> None:
        """An article that begins behind a full stop in mid-line is named."""
        for begin in _ARTICLE_WITHIN.finditer(fold_width(text[:_LONGEST_DIVIDED])):
            mark = article_mark(line_of(text[begin.start() : begin.start() + 40]))
            if mark and comes_next(self.last_article, mark.number) and not (mark.refers or mark.may_refer):
                self._problem(ProblemCode.MAY_BEGIN, index, label=mark.label)

    def _add_piece(self, index: int, text: str) -> None:
        node = self._innermost(index)
        line = self.lines[index]
        row = line.row_of(text)
        is_row = "\u3000" in row or row.count("|") > 1
        own = NOTE.match(line.plain) or (text == line.text and OF_OTHER_KINDS.match(line.plain))
        starts_row = (is_row or bool(own)) and ending_of(self.tail) is not Ending.OPEN
        runs_on = ending_of(self.tail) is Ending.OPEN and not node.ends_in_row and not is_row
        if node.pieces and (starts_row or node.ends_in_row or (self._keeps_lines() and not runs_on)):
            node.pieces.append("\n")
        node.pieces.append(row if starts_row or self._keeps_lines() else text)
        node.ends_in_row = starts_row
        self.keys[index] = node.key
        self.tail, self.said = text, self.said[-200:] + text
        node.last = self.lines[index].number

    def _is_amending(self) -> bool:
        """Whether what was read last says that a wording comes next."""
        return self.article is not None and AMENDS.search(self.said[-40:]) is not None

    def _is_in_quoted_article(self) -> bool:
        """Whether an article has been quoted without marks of quotation, so that further numbers are its own."""
        return self.quotes_article and self._is_amending()

    def _keeps_lines(self) -> bool:
        return self.section is not None and self.article is None and self.section.keeps_lines

    def _next_on_the_line(self, index: int, text: str) -> tuple[int, ListMark] | None:
        """The place within a text where the next number of an open list, the first of one below, or that of the next
        paragraph stands."""
        if len(text) > _LONGEST_DIVIDED or self.divided > _MOST_DIVIDED or self._keeps_lines():
            return None
        plain = fold_width(text)
        for place in _MAY_BEGIN_WITHIN.finditer(plain):
            at = place.start()
            if at == 0 or _is_within_brackets(plain[:at]):
                continue
            for mark in marks_of(text[at:]):
                torn = not mark.rest and not (
                    mark.style.weight in FIRM_OR_BRACKETED and plain[at - 1] == "。"
                )
                next_paragraph = mark.style in NUMERALS and mark.number == (max(self._next_paragraph(), 2),)
                if (
                    torn
                    and plain[:at].rstrip().endswith("。")
                    and (mark.style.weight is Weight.KANA or next_paragraph)
                ):
                    self._problem(ProblemCode.MAY_BEGIN, index, label=mark.label)
                if torn or mark.refers or mark.counts:
                    continue
                verdict = self._begins_within(index, plain[:at], mark)
                if verdict.doubt:
                    self._problem(verdict.doubt, index, label=mark.label)
                if verdict.begins:
                    return at, mark
        return None

    def _begins_within(self, index: int, before: str, mark: ListMark) -> Within:
        """Whether a number inside a line begins something: after a full stop or a space, if it is the next of its list."""
        stopped, apart = before.rstrip().endswith("。"), before.endswith(("。", " "))
        level = self._level_of(mark.style)
        weight = mark.style.weight
        firm = weight in FIRM_OR_BRACKETED
        if level is not None:
            if level == 0 and mark.style in NUMERALS:
                return _NO
            if not comes_next(self.items[level].number, mark.number):
                columns = apart and (firm or mark.spaced) and self._in_columns(index, mark, self.items[level])
                return _JOINED if columns else _NO
            if firm:
                return _YES if apart else _SPLIT
            if apart and (mark.spaced or stopped):
                return _YES
            doubtful = mark.spaced and weight is Weight.KANA and not KATAKANA_END.search(before)
            return _JOINED if doubtful else _NO
        if mark.style in NUMERALS:
            following = max(self._next_paragraph(), 2)  # text before it opens the first
            if mark.number != (following,) or not apart:
                return _NO
            if self.items:
                is_sentence = mark.spaced and ending_of(mark.rest) is Ending.FINISHED
                return (_SPLIT if stopped else _JOINED) if is_sentence else _NO
            return (_YES if mark.spaced else _SPLIT) if stopped else _NO
        close = stopped and weight is Weight.KANA and not mark.in_word
        if mark.number == (1,) and not apart:
            spaced = weight is Weight.KANA and mark.spaced and not KATAKANA_END.search(before)
            return _JOINED if (firm or spaced) and self._has_next_on_line(mark) else _NO
        if mark.number != (1,) or not apart or not (firm or mark.spaced or close):
            return _NO
        if self._has_next(index, mark):
            return _YES
        return _JOINED if stopped and weight is Weight.FIRM else _NO

    def _in_columns(self, index: int, mark: ListMark, last: Node) -> bool:
        """ア 机　ウ 棚 over イ 椅子　エ 箱: the number between the two stands below."""
        if len(last.number) > 1 or not last.number[0] + 1 < mark.value <= last.number[0] + 9:
            return False
        below = self.after[index]
        between = (last.number[0] + 1,)
        return below is not None and any(
            (other.style, other.number) == (mark.style, between) for other in self.list_marks[below]
        )

    def _has_next_on_line(self, mark: ListMark) -> bool:
        return any(
            (other.style, other.number) == (mark.style, (mark.value + 1,))
            for place in _MAY_BEGIN_WITHIN.finditer(fold_width(mark.rest[:_LONGEST_DIVIDED]))
            for other in marks_of(mark.rest[place.start() :])
        )

    def _has_next(self, index: int, mark: ListMark) -> bool:
        """Whether the second of a list stands on the same line or at the beginning of one that follows."""
        if self._has_next_on_line(mark):
            return True
        for following in range(index + 1, min(index + _FAR, len(self.lines))):
            if self.strength[following] >= 3:
                return False
            for other in self.list_marks[following]:
                if other.style is mark.style and other.number == (mark.value + 1,):
                    return True
        return False

    def _innermost(self, index: int) -> Node:
        """The provision that text goes to; opens the unnumbered first paragraph if none is open."""
        if self.items:
            return self.items[-1]
        if self.paragraph is None:
            container = self.article or self.section
            if container is None:
                return self.chapters[-1]
            self.paragraph = self._node(index, Kind.PARAGRAPH, (1,), "", "par1", container)
            container.children.append(self.paragraph)
        return self.paragraph

    def _next_paragraph(self) -> int:
        if self.paragraph is None:
            return 1 if self.article or self.section else 0
        return self.paragraph.number[0] + 1

    def _open_paragraph(self, index: int, mark: ListMark) -> None:
        container = self.article or self.section
        if container is None:
            return
        label = mark.label.rstrip(".")
        node = self._node(index, Kind.PARAGRAPH, mark.number, label, f"par{mark.code}", container)
        self._give_heading(node)
        container.children.append(node)
        self.paragraph, self.items = node, []
        use = LineUse.PARAGRAPH if self.uses[index] is LineUse.BLANK else self.uses[index]
        self._take(index, use, node, "")
        self._begin_text(index, mark.rest)

    def _level_of(self, style: Style) -> int | None:
        return next((depth for depth, node in enumerate(self.items) if node.style is style), None)

    def _fit(self, mark: ListMark) -> tuple[int | None, bool]:
        """The level whose list the mark continues (None: a list of its own) and whether its number is the next."""
        level = self._level_of(mark.style)
        if level is None:
            lost_bracket = mark.style is Style.HALF_PAREN and mark.value > 1
            level = self._level_of(Style.PAREN) if lost_bracket else None
            if level is None:
                return None, mark.number == (1,)
        return level, comes_next(self.items[level].number, mark.number)

    def _open_item(self, index: int, mark: ListMark, level: int | None) -> None:
        if level is None:
            parent = self._innermost(index)
        else:
            parent = self.items[level - 1] if level else self._paragraph_of_items(index)
            del self.items[level:]
        nested = parent.kind is not Kind.PARAGRAPH or mark.style in SUBITEMS
        kind, code = (Kind.SUBITEM, "sub") if nested else (Kind.ITEM, "item")
        node = self._node(index, kind, mark.number, mark.label, f"{code}{mark.code}", parent)
        node.style = mark.style
        parent.children.append(node)
        self.items.append(node)
        use = LineUse(kind) if self.uses[index] is LineUse.BLANK else self.uses[index]
        self._take(index, use, node, "")
        self._begin_text(index, mark.rest)

    def _paragraph_of_items(self, index: int) -> Node:
        self.items, kept = [], self.items
        paragraph = self._innermost(index)
        self.items = kept
        return paragraph
