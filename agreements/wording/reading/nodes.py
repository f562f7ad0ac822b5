"""The tree while it grows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from agreements.wording.letters import joined
from agreements.wording.styles import Style
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
    sign: str = ""  # of chapters: 章
    until: tuple[int, ...] = ()  # the last of several deleted articles
    keeps_lines: bool = False  # tables and forms: a line is a row
    ends_in_row: bool = False
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
    BODY = "articles"
    CLOSING = "closing"

    @property
    def has_articles(self) -> bool:
        """Whether the first article has been read."""
        match self:
            case Place.BODY | Place.CLOSING:
                return True
            case Place.OPENING:
                return False
            case _:
                assert_never(self)


def descend(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from descend(child)


def comes_next(last: tuple[int, ...] | None, number: tuple[int, ...]) -> bool:
    """Whether a number may follow: 第4条 or 第3条の2 after 第3条; 第1条 first."""
    if last is None:
        return number == (1,)
    counted_on = number[:-1] == last[: len(number) - 1] and len(number) <= len(last)
    return (counted_on and number[-1] == last[len(number) - 1] + 1) or number in ((*last, 2), (*last, 1))
