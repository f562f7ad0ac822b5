"""Whole agreements of our own making, in every notation that offices write: each with the tree that it is, beside it.

A document is `documents/NAME.txt`: the text, a line `%%`, and below it what is to be read out of it, a provision in a
line as `key|number|heading|text` (⏎ for the end of a row), `!` before what is named as doubtful or wrong, `~` before lines
that are none of the text.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from agreements.wording import LineUse, Wording, parse
from tests.agreements.wording.test_wording import letters_of_lines, letters_of_tree

DOCUMENTS = sorted((Path(__file__).parent / "documents").glob("*.txt"))


def text_and_tree(path: Path) -> tuple[str, list[str]]:
    text, _mark, expected = path.read_text(encoding="utf-8").partition("%%\n")
    return text, expected.splitlines()


def drawn(wording: Wording) -> Iterator[str]:
    yield f"title|{wording.title}"
    yield from ("preamble|" + text.replace("\n", "⏎") for text in (wording.preamble,) if text)
    for node in wording.walk():
        indent, (*_above, key) = " " * node.key.count("/"), node.key.split("/")
        yield f"{indent}{key}|{node.label}|{node.heading}|{node.text}".replace("\n", "⏎")
    yield from ("closing|" + text.replace("\n", "⏎") for text in (wording.closing,) if text)
    for problem in wording.problems:
        yield f"!{problem.line} {problem.code} {' '.join(map(str, problem.params.values()))}".rstrip()
    aside = (line for line in wording.lines if not line.use.is_kept and line.use is not LineUse.BLANK)
    for use, lines in groupby(aside, key=lambda line: line.use):
        yield f"~{use} {' '.join(str(line.number) for line in lines)}"


def test_there_are_enough() -> None:
    assert len(DOCUMENTS) >= 60


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_read_as_it_is(path: Path) -> None:
    text, expected = text_and_tree(path)
    assert list(drawn(parse(text))) == expected


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_line_is_in_one_place(path: Path) -> None:
    wording = parse(text_and_tree(path)[0])
    keys = {node.key for node in wording.walk()}
    below = {*LineUse} - {LineUse.TITLE, LineUse.PREAMBLE, LineUse.CLOSING}
    for line in wording.lines:
        assert (line.belongs_to in keys) == (line.use.is_kept and line.use in below), line
    assert letters_of_tree(wording) == letters_of_lines(wording)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_width_and_indents_change_nothing(path: Path) -> None:
    """The same with every line indented, and with line ends of another system."""
    text, _expected = text_and_tree(path)
    plain = [(node.key, node.text) for node in parse(text).walk()]
    for other in (
        "".join(f"  {line}" for line in text.splitlines(keepends=True)),
        text.replace("\n", "\r\n"),
    ):
        assert [(node.key, node.text) for node in parse(other).walk()] == plain
