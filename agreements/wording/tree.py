"""What a text is read into: provisions, lines accounted for, problems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

MOST_LINES: Final = 20_000
MOST_CHARACTERS: Final = 1_000_000
LONGEST_HEADING: Final = 60


class Kind(StrEnum):
    """What a provision is; a supplement is a 附則, 別記, 別表 or 別紙 with the provisions in it."""

    CHAPTER = "chapter"
    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    SUBITEM = "subitem"
    SUPPLEMENT = "supplement"

    @property
    def below(self) -> "Kind | None":
        """What a person may add to it. An article stands under a chapter without hanging its key on it."""
        match self:
            case Kind.CHAPTER:
                return Kind.ARTICLE
            case Kind.ARTICLE | Kind.SUPPLEMENT:
                return Kind.PARAGRAPH
            case Kind.PARAGRAPH:
                return Kind.ITEM
            case Kind.ITEM:
                return Kind.SUBITEM
            case Kind.SUBITEM:
                return None
            case _:
                assert_never(self)

    @property
    def stands_alone(self) -> bool:
        """Whether readers cite what stands in it by its number."""
        match self:
            case Kind.ARTICLE | Kind.SUPPLEMENT:
                return True
            case Kind.CHAPTER | Kind.PARAGRAPH | Kind.ITEM | Kind.SUBITEM:
                return False
            case _:
                assert_never(self)


class LineUse(StrEnum):
    """What a line of the source was taken for."""

    TITLE = "title"
    PREAMBLE = "preamble"
    CONTENTS = "contents"
    HEADING = "heading"
    CHAPTER = "chapter"
    ARTICLE = "article"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    SUBITEM = "subitem"
    SUPPLEMENT = "supplement"
    CLOSING = "closing"
    BLANK = "blank"
    PAGE_MARK = "page_mark"
    NOT_UNDERSTOOD = "not_understood"

    @property
    def is_kept(self) -> bool:
        """Whether the line's text stands in what is read."""
        match self:
            case (
                LineUse.TITLE
                | LineUse.PREAMBLE
                | LineUse.HEADING
                | LineUse.CHAPTER
                | LineUse.ARTICLE
                | LineUse.PARAGRAPH
                | LineUse.ITEM
                | LineUse.SUBITEM
                | LineUse.SUPPLEMENT
                | LineUse.CLOSING
            ):
                return True
            case LineUse.CONTENTS | LineUse.BLANK | LineUse.PAGE_MARK | LineUse.NOT_UNDERSTOOD:
                return False
            case _:
                assert_never(self)

    @property
    def may_lie_in_a_gap(self) -> bool:
        """Whether it stands among lines that were not understood without ending their run."""
        match self:
            case LineUse.BLANK | LineUse.NOT_UNDERSTOOD:
                return True
            case (
                LineUse.TITLE
                | LineUse.PREAMBLE
                | LineUse.CONTENTS
                | LineUse.HEADING
                | LineUse.CHAPTER
                | LineUse.ARTICLE
                | LineUse.PARAGRAPH
                | LineUse.ITEM
                | LineUse.SUBITEM
                | LineUse.SUPPLEMENT
                | LineUse.CLOSING
                | LineUse.PAGE_MARK
            ):
                return False
            case _:
                assert_never(self)


class ProblemCode(StrEnum):
    """What may be wrong with a text; the params that come with each stand beside it."""

    NO_TITLE = "no_title"
    NO_ARTICLE = "no_article"
    MISSING = "missing"  # label, within
    MISSING_RANGE = "missing_range"  # first, last, within
    REPEATED = "repeated"  # label, within, first_line
    OUT_OF_ORDER = "out_of_order"  # label, within, after
    NUMBERS_AS_ARTICLES = "numbers_as_articles"  # label of the first
    ITEM_BEFORE_ARTICLE = "item_before_article"  # label; the first of them only
    NO_TEXT = "no_text"  # label, within
    HEADING_ALONE = "heading_alone"  # heading
    NOT_UNDERSTOOD = "not_understood"  # last_line
    ANOTHER_TEXT = "another_text"  # label of its first article, last_line
    FOOTNOTE = "footnote"  # of a Word file; its text is left out
    TEXT_BOX = "text_box"  # of a Word file; its text is left out
    PICTURE = "picture"  # of a Word file, or a formula or a sign; it is left out
    TRACKED_CHANGE = "tracked_change"  # of a Word file; insertions are taken, deletions left out
    HIDDEN_TEXT = "hidden_text"  # of a Word file; it is left out
    NUMBER_LOST = "number_lost"  # set by Word itself, and not recovered
    PAGE_WITHOUT_TEXT = "page_without_text"  # page
    STANDS_BEYOND = "stands_beyond"  # label; typed with a provision that it is none of
    MAY_BEGIN = "may_begin"  # label; the line was joined to the one before
    MAY_GO_ON = "may_go_on"  # label; it was taken for a beginning within a line
    MAY_BE_A_NUMBER = "may_be_a_number"  # label; alone in its line, taken for a page's
    MAY_BE_SIGNATURES = "may_be_signatures"  # label; parties, taken for a list


class WordingTooLong(ValueError):
    """A text that is refused unread; `code` is "lines" or "characters", `limit` the most that is read."""

    def __init__(self, code: str, found: int, limit: int) -> None:
        self.code = code
        self.params: Mapping[str, int] = {"found": found, "limit": limit}
        super().__init__(f"{found} {code}, more than {limit}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should look at; `line` is 1-based, 0 where it concerns the whole text."""

    code: ProblemCode
    line: int
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the source: 1-based number, text as it stood, use, and the key it went to ("" for none)."""

    number: int
    text: str
    use: LineUse
    belongs_to: str = ""


@dataclass(frozen=True, slots=True)
class Provision:
    """A node of the tree.

    `number` is (3, 2) for 第3条の2, (1,) for (1) and for ア. `label` is the printed number in one spelling (第3条の2, 2,
    (1), ア), "" for an unnumbered first paragraph. An article's text stands in its paragraphs, always.
    """

    key: str
    kind: Kind
    number: tuple[int, ...]
    label: str
    heading: str
    text: str
    children: tuple["Provision", ...]
    first_line: int
    last_line: int

    def walk(self) -> Iterator["Provision"]:
        """Itself and everything below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that has been read; `closing` keeps its lines, everything else is joined."""

    title: str
    preamble: str
    provisions: tuple[Provision, ...]
    supplement: tuple[Provision, ...]
    closing: str
    lines: tuple[SourceLine, ...]
    problems: tuple[Problem, ...]

    def walk(self) -> Iterator[Provision]:
        """Every provision in reading order, the supplement's last."""
        for provision in (*self.provisions, *self.supplement):
            yield from provision.walk()

    def find(self, key: str) -> Provision | None:
        """The provision of that key, None if there is none."""
        return next((provision for provision in self.walk() if provision.key == key), None)

    def articles(self) -> tuple[Provision, ...]:
        """The articles of the main text, out of their chapters."""
        return tuple(
            provision for top in self.provisions for provision in top.walk() if provision.kind is Kind.ARTICLE
        )
