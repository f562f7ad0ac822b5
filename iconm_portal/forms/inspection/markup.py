"""XML as it streams by, looked at without a parser. Pure.

A parser's time and memory are in the hands of who wrote the file: one tag of a million attributes, or one attribute of
eight megabytes that comes in pieces, costs it minutes. Between two "<" stand one tag and the text behind it, in every
XML, since "<" can stand neither in a text nor in an attribute. So how long these pieces are, how many there are, and how many
"=" they hold bounds everything that a parser could be made to do.
"""

import re
from typing import Final

LONGEST_PIECE: Final = 256 * 1024
"""Bytes of a tag with the text behind it, in what the portal reads. A cell holds 32,767 letters."""
LONGEST_KEPT: Final = 4 * 1024 * 1024
"""The same in other parts of documents: drawings of older Word carry pictures in an attribute."""
MOST_ATTRIBUTES: Final = 2_000
"""Of one tag. The longest of Office's have a hundred."""
_SHORT: Final = 4 * MOST_ATTRIBUTES  # a tag that is no longer cannot hold so many

_DECLARED: Final = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_PLAIN: Final = frozenset({b"utf-8", b"utf8", b"us-ascii"})
_ASIDE: Final = re.compile(rb"<!--|<\?")
_DOCTYPE: Final = b"<!DOCTYPE"
_DDE: Final = re.compile(rb"""(?:instrText[^<>]*>|:instr\s*=\s*["'])\s*(?:DDE|DDEAUTO)\s""", re.IGNORECASE)
_MARK: Final = b"\xef\xbb\xbf"


class Markup:
    """What has come by of one part, fed piece by piece in any size."""

    def __init__(self) -> None:
        self.tags = 0
        self.longest = 0  # bytes between two "<"
        self.attributes = 0  # the most of one tag: never fewer than it has
        self.is_plain = True  # UTF-8 from the first letter on, without a document type
        self.has_dde = False
        self._rest: list[bytes] = []  # from the last "<" on
        self._length = 0
        self._is_begun = False

    @property
    def is_readable(self) -> bool:
        """Whether a parser may have it."""
        return self.is_plain and self.longest <= LONGEST_PIECE and self.attributes <= MOST_ATTRIBUTES

    def feed(self, data: bytes) -> None:
        """The next bytes. What is no XML, or has been found too long, is counted no further than that."""
        if not self._is_begun:
            self._is_begun = True
            data = data.removeprefix(_MARK)
            declared = _DECLARED.match(data)
            if not data.lstrip().startswith(b"<") or (declared and declared[1].lower() not in _PLAIN):
                self.is_plain = False
        if b"\0" in data:
            self.is_plain = False
        self.tags += data.count(b"<")
        if not self.is_plain or self.longest > LONGEST_KEPT:
            return
        self._rest.append(data)
        if b"<" in data:
            longest = self._look(b"".join(self._rest))
        else:
            longest = self._length = self._length + len(data)
        self.longest = max(self.longest, longest)

    def _look(self, data: bytes) -> int:
        """Look at the tags that have come whole, and keep the last for the next bytes. The longest of them."""
        whole, _mark, rest = data.rpartition(b"<")
        self._rest, self._length = [b"<", rest], len(rest) + 1
        self.has_dde = self.has_dde or _DDE.search(data) is not None
        pieces = whole.split(b"<")
        if _DOCTYPE in data or (_ASIDE.search(whole) and not all(map(_is_whole, pieces))):
            self.is_plain = False
        longest = max(map(len, pieces))
        if longest > _SHORT:
            self.attributes = max(self.attributes, *map(_attributes, pieces))
        return longest


def _is_whole(piece: bytes) -> bool:
    """Comments and instructions are one thing to a parser, so no "<" may stand in them and hide how long they are."""
    if piece.startswith(b"!--"):
        return b"-->" in piece
    return not piece.startswith(b"?") or b"?>" in piece


def _attributes(piece: bytes) -> int:
    """No fewer than the tag has: ">" may stand in an attribute, so all up to the last one counts."""
    if len(piece) <= _SHORT:
        return 0
    end = piece.rfind(b">")
    return piece.count(b"=", 0, end if end >= 0 else len(piece))
