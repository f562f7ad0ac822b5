"""The sentences that a page may say, each with its condition, and the reading of a page by them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.generated.pages.words import compiled, kinds
from tests.readers.page_reading import Node, Piece, main_of, pieces

JAPANESE, ENGLISH = "ja", "en"
LABELS = {"h1", "h2", "h3", "h4", "th", "caption", "summary", "figcaption", "dt", "legend", "label", "form"}
"""What names a thing and says nothing of it."""

Condition = Callable[..., object]


@dataclass(frozen=True)
class Saying:
    """A sentence in both languages, and when it may be said."""

    name: str
    sentences: dict[str, str]
    condition: Condition

    def read(self, text: str, language: str) -> tuple[dict[str, Any], str] | None:
        """What its words say at the beginning of the text, and what comes after it; None where the text does not begin so."""
        for sentence in self.sentences[language].split("||"):
            if found := compiled(sentence).match(text):
                meanings = {name: word.meaning(found[name]) for name, word in kinds(sentence).items()}
                return meanings, text[found.end() :].lstrip()
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a page says and must not, or that nobody has given a condition."""

    said: str
    why: str

    def __str__(self) -> str:
        return f"“{self.said}”: {self.why}"


@dataclass
class Table:
    """A table of the page: the heads of its columns, and its rows as (head, cells by column)."""

    node: Node
    caption: str
    section: str

    @property
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Each row of the body: what stands at its head, and its cells in order."""
        for row in self.node.all("tr"):
            cells = [one for one in row.children if isinstance(one, Node) and one.tag == "td"]
            heads = [one for one in row.children if isinstance(one, Node) and one.tag == "th"]
            if cells:
                yield " ".join(one.text for one in heads), [one.text for one in cells]

    @property
    def heads(self) -> list[str]:
        """The words above the columns, the last line of them."""
        lines = [
            [one.text for one in row.children if isinstance(one, Node) and one.tag == "th"]
            for row in self.node.all("tr")
            if not any(isinstance(one, Node) and one.tag == "td" for one in row.children)
        ]
        return lines[0] if lines else []


TableReader = Callable[[Any, Table], Iterable[str]]


@dataclass
class Grammar:
    """What the pages of one kind may say."""

    name: str
    sayings: list[Saying] = field(default_factory=list)
    tables: list[tuple[str, TableReader]] = field(default_factory=list)
    silent: list[tuple[str, str]] = field(default_factory=list)
    wholes: list[Callable[[Any, Node], Iterable[str]]] = field(default_factory=list)

    def says(self, japanese: str, english: str) -> Callable[[Condition], Condition]:
        """The condition below it decides whether the page may say this. It gets the page (`on`) and the words by name.

        What is said otherwise of one than of many stands behind “||”.
        """

        def add(condition: Condition) -> Condition:
            if not condition.__doc__:
                raise AssertionError(f"{condition.__name__}: write down when it may be said")
            sentences = {JAPANESE: japanese, ENGLISH: english}
            self.sayings.append(Saying(condition.__name__, sentences, condition))
            return condition

        return add

    def always(self, japanese: str, english: str) -> None:
        """What says nothing of the day: how to use the page, or what its signs mean."""
        self.sayings.append(Saying("always", {JAPANESE: japanese, ENGLISH: english}, lambda on: True))

    def table(self, section: str) -> Callable[[TableReader], TableReader]:
        """Reads the tables under the heading of this id, and names what is wrong in them."""

        def add(reader: TableReader) -> TableReader:
            self.tables.append((section, reader))
            return reader

        return add

    def whole(self, reader: Callable[[Any, Node], Iterable[str]]) -> None:
        """Reads the page as a whole, and names what is wrong: what has to be there and is not, mostly."""
        self.wholes.append(reader)

    def is_silent(self, *, section: str = "", css: str = "") -> None:
        """Parts of the page that are no claims of this kind, or that another kind of page is read for."""
        self.silent.append((section, css))

    # -- Reading --

    def faults(self, on: Any, html: str, language: str) -> Iterator[Fault]:
        """Everything that is wrong on the page."""
        for reader in self.wholes:
            yield from (Fault("the page as a whole", why) for why in reader(on, main_of(html)))
        for node in main_of(html).all("table"):
            yield from self._faults_of_table(on, node)
        for piece in pieces(html):
            if not (piece.within("table") or piece.node.tag in LABELS or self._is_silent(piece)):
                yield from self._faults_of_text(on, piece, language)

    def _is_silent(self, piece: Piece) -> bool:
        return any(
            (not section or _is_under(piece, section)) and (not css or piece.within(css=css))
            for section, css in self.silent
        )

    def _faults_of_table(self, on: Any, node: Node) -> Iterator[Fault]:
        caption = node.first("caption")
        table = Table(node, caption.text if caption else "", Piece("", node).section)
        if any(re.fullmatch(section, table.section) for section, css in self.silent if section and not css):
            return
        reader = next((read for section, read in self.tables if re.fullmatch(section, table.section)), None)
        if reader is None:
            yield Fault(table.caption, f"no reader knows the table under “{table.section}”")
            return
        try:
            yield from [Fault(f"{table.caption} ({table.section})", why) for why in reader(on, table)]
        except (LookupError, ValueError, RuntimeError) as error:
            cells = [cells for _head, cells in table.rows]
            yield Fault(f"{table.caption} ({table.section})", f"cannot be read: {error!r} in {cells}"[:400])

    def _faults_of_text(self, on: Any, piece: Piece, language: str) -> Iterator[Fault]:
        on.begin(piece)
        rest = piece.text
        while rest:
            saying, meanings, after = self.longest(rest, language)
            if saying is None:
                yield Fault(piece.text, f"no sentence of “{self.name}” begins like “{rest[:80]}”")
                return
            try:
                holds = saying.condition(on, **meanings)
            except (LookupError, ValueError, StopIteration) as missing:
                holds, meanings = False, meanings | {"missing": missing}
            if not holds:
                said = rest[: len(rest) - len(after)].strip()
                yield Fault(said, f"{saying.name}: {saying.condition.__doc__} But: {meanings}")
            rest = after

    def longest(self, text: str, language: str) -> tuple[Saying | None, dict[str, Any], str]:
        """The sentence that takes the most of the text."""
        found = [
            (saying, *read) for saying in self.sayings if (read := saying.read(text, language)) is not None
        ]
        return min(found, key=lambda one: len(one[2]), default=(None, {}, text))


def _is_under(piece: Piece, section: str) -> bool:
    return bool(re.fullmatch(section, piece.section))


def term_of(piece: Piece) -> str:
    """What a description list describes at this place."""
    parent = piece.node.parent
    siblings = [one for one in parent.children if isinstance(one, Node)] if parent else []
    before = [one for one in siblings[: siblings.index(piece.node)] if one.tag == "dt"]
    return before[-1].text if before else ""
