"""The tree under construction: opening provisions, and giving each line to one."""

from agreements.wording.headers import unspaced
from agreements.wording.look_ahead import LookAhead
from agreements.wording.marks import SUBITEMS, ListMark, Style, Weight, marks_of
from agreements.wording.nodes import Node, Place
from agreements.wording.tree import Kind, LineUse, Problem, ProblemCode


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
        self.closing: list[str] = []
        self.known_keys: dict[str, int] = {}
        self.chapters: list[Node] = []
        self.section: Node | None = None  # the supplement that is open
        self.article: Node | None = None
        self.paragraph: Node | None = None
        self.items: list[Node] = []  # the open items, outermost first
        self.last_article: tuple[int, ...] | None = None
        self.tail = ""  # the end of the text read last
        self.heading = ""
        self.heading_lines: list[int] = []
        self.place = Place.OPENING
        self.contents: set[str] = set()
        self.page = 0
        self.other_text: int | None = None

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
        self.tail = tail
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
            if mark.number != 1 or mark.refers or mark.counts or not mark.rest:
                continue
            if mark.style is Style.BARE and mark.spaced and not self.paragraph:
                self._open_paragraph(index, mark)
                return
            if mark.style.weight is not Weight.TEXT and self._level_of(mark.style) is None:
                self._open_item(index, mark, None)
                return
        if text:
            self._add_text(index, text)

    def _add_text(self, index: int, text: str) -> None:
        node = self._innermost(index)
        node.pieces.append(text)
        self.keys[index] = node.key
        self.tail = text
        node.last = self.lines[index].number

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
        number = (mark.number,)
        node = self._node(index, Kind.PARAGRAPH, number, mark.label, f"par{mark.number}", container)
        self._give_heading(node)
        container.children.append(node)
        self.paragraph, self.items = node, []
        use = LineUse.PARAGRAPH if self.uses[index] is LineUse.BLANK else self.uses[index]
        self._take(index, use, node, "")
        self._begin_text(index, mark.rest)

    def _level_of(self, style: Style) -> int | None:
        return next((depth for depth, node in enumerate(self.items) if node.style is style), None)

    def _open_item(self, index: int, mark: ListMark, level: int | None) -> None:
        if level is None:
            parent = self._innermost(index)
        else:
            parent = self.items[level - 1] if level else self._paragraph_of_items(index)
            del self.items[level:]
        nested = parent.kind is not Kind.PARAGRAPH or mark.style in SUBITEMS
        kind, code = (Kind.SUBITEM, "sub") if nested else (Kind.ITEM, "item")
        node = self._node(index, kind, (mark.number,), mark.label, f"{code}{mark.number}", parent)
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
