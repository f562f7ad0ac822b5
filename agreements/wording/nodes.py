"""The tree while it grows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from agreements.wording.letters import joined
from agreements.wording.marks import Style
from agreements.wording.tree import Kind, Provision


@dataclass(slots=True)
class Node:
    key: str
    kind: Kind
    number: tuple[int, ...]
    label: str
    first: int
    last: int
    heading: str = ""
    style: Style | None = None
    rank: int = 0  # of chapters: 編 before 章 before 節
    pieces: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    def frozen(self) -> Provision:
        children = tuple(child.frozen() for child in self.children)
        return Provision(
            self.key,
            self.kind,
            self.number,
            self.label,
            self.heading,
            joined(self.pieces),
            children,
            self.first,
            max((self.last, *(child.last_line for child in children))),
        )


class Place(StrEnum):
    OPENING = "before the first article"
    CONTENTS = "table of contents"
    BODY = "articles"
    CLOSING = "closing"

    @property
    def has_articles(self) -> bool:
        """Whether the first article has been read."""
        match self:
            case Place.BODY | Place.CLOSING:
                return True
            case Place.OPENING | Place.CONTENTS:
                return False
            case _:
                assert_never(self)


def descend(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from descend(child)
