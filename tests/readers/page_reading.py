"""A page read back as its reader has it: every piece of text that stands alone, with the place where it stands.

A piece is a paragraph, a line of a list, a cell, a heading: what has text of its own, the words inside it (links, marks, units)
taken with it. Pictures, scripts and what is typed into are no text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

INLINE = {
    "a", "abbr", "b", "br", "bdi", "cite", "code", "em", "i", "ins", "del", "kbd", "mark", "q", "s", "small", "span", "strong",
    "sub", "sup", "time", "u", "wbr",
}  # fmt: skip
SILENT = {"script", "style", "svg", "template", "select", "textarea", "title", "head"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(eq=False)
class Node:
    """An element of the page."""

    tag: str
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def up(self) -> Iterator["Node"]:
        """The element and those around it, from the inside out."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def all(self, tag: str = "", css: str = "") -> Iterator["Node"]:
        """The elements within, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                if (not tag or child.tag == tag) and (not css or css in child.classes):
                    yield child
                yield from child.all(tag, css)

    def first(self, tag: str = "", css: str = "") -> "Node | None":
        return next(self.all(tag, css), None)

    @property
    def text(self) -> str:
        """All text within, in one line."""
        return _one_line("".join(_texts(self)))

    @property
    def own_text(self) -> str:
        """The text that belongs to no block within."""
        return _one_line("".join(_texts(self, blocks=False)))


def _texts(node: Node, *, blocks: bool = True) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield " "
        elif child.tag not in SILENT and (blocks or child.tag in INLINE):
            if child.tag not in INLINE or child.classes & {"sub", "visually-hidden", "unit"}:
                yield " "
            yield from _texts(child, blocks=blocks)
            if child.tag not in INLINE:
                yield " "


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        opened = next((node for node in self.at.up() if node.tag == tag), None)
        if opened is not None and opened.parent is not None:
            self.at = opened.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parsed(html: str) -> Node:
    parser = _Parser()
    parser.feed(html)
    return parser.root


@dataclass(frozen=True)
class Piece:
    """A text that stands alone."""

    text: str
    node: Node

    @property
    def section(self) -> str:
        """The id of the heading of the section that it stands in."""
        return next(
            (
                one.attributes["aria-labelledby"]
                for one in self.node.up()
                if "aria-labelledby" in one.attributes
            ),
            "",
        )

    def within(self, tag: str = "", css: str = "") -> bool:
        return any((not tag or one.tag == tag) and (not css or css in one.classes) for one in self.node.up())


def main_of(html: str) -> Node:
    """What the page itself says, without the frame around it."""
    root = parsed(html)
    found = root.first("main")
    if found is None:
        raise AssertionError("the page has no <main>")
    return found


def pieces(html: str) -> list[Piece]:
    main = main_of(html)
    nodes = [main, *main.all()]
    silent = SILENT | {"button", "label", "option", "nav"}
    return [
        Piece(text, node)
        for node in nodes
        if node.tag not in INLINE
        and not any(one.tag in silent for one in node.up())
        and (text := node.own_text)
    ]
