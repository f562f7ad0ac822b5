"""Reading an official text (協定書) into its tree: articles, paragraphs, items. Pure; no Django.

The text is what PDF extraction leaves: digits and brackets of both widths, list marks, ruined line breaks, page
numbers in mid-sentence. `parse` never guesses in silence: each line of the source is accounted for in
`Wording.lines`, and what looks wrong (a missing 第5条, two 第3条, a line that fits nowhere) is a `Problem`.

Whether 「第3条」 at a line's beginning opens an article or is a reference broken over two lines is decided by what
precedes it (a heading, a finished sentence), what follows (「第3条に定める」 is a reference) and the number expected.

Keys name a provision within its text, in ASCII and fit for addresses:
`art3` 第3条, `art3-2` 第3条の2, `art3/par2` 第2項, `art3/par2/item1` (1), `art3/par2/item1/sub1` ア,
`part1`, `chap1`, `chap1/sec2` 編・章・節 (articles do not hang their keys on chapters, as their numbers run through),
`sup1` the first 附則 or 別記, `sup1/par2`, `sup1/art1`. A number that is printed twice gives `art3` and `art3~2`.
"""

from collections.abc import Iterator

from agreements.wording.letters import fold_width, join_lines, parse_numeral
from agreements.wording.reading.reader import Reader
from agreements.wording.tree import (
    LONGEST_HEADING,
    MOST_CHARACTERS,
    MOST_LINES,
    Kind,
    LineUse,
    Problem,
    ProblemCode,
    Provision,
    SourceLine,
    Wording,
    WordingTooLong,
)

__all__ = [
    "LONGEST_HEADING",
    "MOST_CHARACTERS",
    "MOST_LINES",
    "Kind",
    "LineUse",
    "Problem",
    "ProblemCode",
    "Provision",
    "SourceLine",
    "Wording",
    "WordingTooLong",
    "fold_width",
    "join_lines",
    "outline",
    "parse",
    "parse_numeral",
]


def parse(text: str) -> Wording:
    """The tree of an official text with everything that was not understood; only WordingTooLong is raised."""
    if len(text) > MOST_CHARACTERS:
        raise WordingTooLong("characters", len(text), MOST_CHARACTERS)
    sources = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not sources[-1]:
        sources.pop()
    if len(sources) > MOST_LINES:
        raise WordingTooLong("lines", len(sources), MOST_LINES)
    return Reader(sources).read()


def outline(wording: Wording) -> Iterator[str]:
    """All that was read, as indented lines for a terminal: title, preamble, provisions with their keys, closing."""
    yield wording.title
    if wording.preamble:
        yield "  preamble  " + wording.preamble.replace("\n", "\n    ")
    for provision in wording.walk():
        words = " ".join(filter(None, (provision.label, provision.heading, provision.text)))
        indent = "  " * _depth(provision)
        yield f"{indent}{provision.key}  {words}".rstrip().replace("\n", f"\n{indent}    ")
    if wording.closing:
        yield "  closing  " + wording.closing.replace("\n", "\n    ")


def _depth(provision: Provision) -> int:
    return provision.key.count("/") + (provision.kind is not Kind.CHAPTER)
