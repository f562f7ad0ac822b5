"""What is got out of a Word or PDF file: lines of text, and what a person has to look at. Pure; no Django."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agreements.wording.tree import Problem, ProblemCode


class Format(StrEnum):
    """What kind of file it is."""

    WORD = "word"
    PDF = "pdf"


MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PAGES: Final = 300
MOST_SECONDS: Final = 10
"""Of the processor, for one file."""
MOST_MEMORY: Final = 1024 * 1024 * 1024


_OTHER_ENDS: Final = re.compile("[\r\v\x85\u2028\u2029]")


def plain(text: str) -> str:
    """Without line ends of other kinds, since lines are counted by \\n alone; a tab, which sets cells apart, is a wide space."""
    return _OTHER_ENDS.sub(" ", text.replace("\t", "\u3000"))


@dataclass(frozen=True, slots=True)
class Extracted:
    """The lines with \\f where a page begins, and what in the file is not in them."""

    text: str
    notes: tuple[Problem, ...] = ()


def as_data(notes: Iterable[Problem]) -> list[Any]:
    """Notes for JSON."""
    return [[note.code, note.line, dict(note.params)] for note in notes]


def from_data(data: Any) -> tuple[Problem, ...]:
    """Notes out of JSON. ValueError for what is none."""
    try:
        return tuple(
            Problem(ProblemCode(code), int(line), {str(name): str(value) for name, value in params.items()})
            for code, line, params in data
        )
    except (TypeError, AttributeError) as error:
        raise ValueError("no notes") from error
