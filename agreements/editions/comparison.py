"""Two editions of a text set against each other, provision by provision, with changed words marked. Pure; no Django.

Provisions are matched first by what they say, then by heading, then by number, so that a new 第5条 does not make every
later article look rewritten. Differences of width (１ and 1, （ and () are none: they come from the extraction.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile
from typing import Final, NamedTuple

from agreements.wording import Wording, fold_width

LIKE_ENOUGH: Final = 0.5
"""Share of common letter pairs from which on two provisions are one that was changed."""

MOST_MATCHES: Final = 20_000
"""Pairs of equal words that difflib may look at; above it a text is compared by sentences, above it again as a whole."""

MOST_PAIRS: Final = 2_500
"""Left-over provisions are only paired by likeness while there are no more pairs than this."""


class Clause(NamedTuple):
    """One provision as a comparison sees it; the preamble and the closing have those words as keys."""

    key: str
    label: str
    heading: str
    text: str


class ChangeKind(StrEnum):
    """What became of a provision; a changed one may have another number as well."""

    SAME = "same"
    CHANGED = "changed"
    RENUMBERED = "renumbered"
    ADDED = "added"
    REMOVED = "removed"


class Op(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class Mark(NamedTuple):
    """A run of words; the same ones are given as the new text writes them."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A provision before and after: `old` is None for an added one, `new` for a removed one.

    `heading_marks` and `text_marks` read as the new text without the removed runs and as the old one without the
    added (but for width).
    """

    kind: ChangeKind
    old: Clause | None
    new: Clause | None
    heading_marks: tuple[Mark, ...]
    text_marks: tuple[Mark, ...]

    @property
    def moved(self) -> bool:
        """Whether the number is another one now, also where words changed as well."""
        return self.old is not None and self.new is not None and self.old.key != self.new.key


def clauses(wording: Wording) -> tuple[Clause, ...]:
    """A text as the rows that are compared: preamble, every provision in reading order, closing."""
    rows = [Clause("preamble", "", "", wording.preamble)]
    rows += (Clause(node.key, node.label, node.heading, node.text) for node in wording.walk())
    rows.append(Clause("closing", "", "", wording.closing))
    return tuple(row for row in rows if row.text or row.label or row.heading)


def compare(
    old: Wording | Iterable[Clause],
    new: Wording | Iterable[Clause],
    partner: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """Every provision of both in the new one's order, removed ones where they stood; keys must be unique in each.

    `partner` (old key → new key) says which belong together, where the words alone do not.
    """
    before = clauses(old) if isinstance(old, Wording) else tuple(old)
    after = clauses(new) if isinstance(new, Wording) else tuple(new)
    partner = partners(before, after) if partner is None else partner
    return tuple(_change(one, other) for one, other in _in_order(before, after, partner))


def mark_words(old: str, new: str) -> tuple[Mark, ...]:
    """The words of both texts, marked; unchanged ones as `new` writes them."""
    return tuple(_merged(_marked(old, new)))


# --- who belongs to whom ------------------------------------------------------------------------


def partners(before: Sequence[Clause], after: Sequence[Clause]) -> dict[str, str]:
    """Old key → new key. Articles find each other first, then the provisions inside them, then the rest."""
    old_groups, new_groups = _groups(before), _groups(after)
    articles = _Pairing(
        {key: _whole(group) for key, group in old_groups.items()},
        {key: _whole(group) for key, group in new_groups.items()},
    ).pairs()
    partner: dict[str, str] = {}
    for old_key, new_key in articles.items():
        inside = _Pairing(_below(old_groups[old_key], old_key), _below(new_groups[new_key], new_key)).pairs()
        partner |= {old_key + old: new_key + new for old, new in inside.items()}
    return partner


def _groups(rows: Sequence[Clause]) -> dict[str, list[Clause]]:
    """The rows of each article: those whose keys begin alike; an article of a supplement is one as well."""
    groups: dict[str, list[Clause]] = {}
    for row in rows:
        groups.setdefault(_root(row.key), []).append(row)
    return groups


def _root(key: str) -> str:
    parts = key.split("/")
    if parts[0].startswith("sup") and len(parts) > 1 and parts[1].startswith("art"):
        return "/".join(parts[:2])
    return key if _is_chapter(key) else parts[0]


def _is_chapter(key: str) -> bool:
    return key.startswith(("part", "chap", "sec", "subsec"))


def _whole(group: Sequence[Clause]) -> Clause:
    """An article as one: its number and heading with all the text in it."""
    first = group[0]
    return Clause(first.key, first.label, first.heading, "\n".join(row.text for row in group))


def _below(group: Sequence[Clause], root: str) -> dict[str, Clause]:
    return {row.key.removeprefix(root): row for row in group}


class _Pairing:
    """Pairs the clauses of two sides, surest first; each finds one partner at most."""

    def __init__(self, old: dict[str, Clause], new: dict[str, Clause]) -> None:
        self.old, self.new = dict(old), dict(new)  # those without a partner yet
        self.found: dict[str, str] = {}

    def pairs(self) -> dict[str, str]:
        """Old key → new key."""
        self._same_key(_same)
        self._same_value(
            lambda clause: (fold_width(clause.heading), fold_width(clause.text)) if clause.text else None
        )
        self._same_value(lambda clause: fold_width(clause.heading) or None)
        self._same_key(_alike)
        self._most_alike()
        return self.found

    def _pair(self, old: str, new: str) -> None:
        self.found[old] = new
        del self.old[old], self.new[new]

    def _same_key(self, fits: Callable[[Clause, Clause], bool]) -> None:
        for key in [key for key in self.old if key in self.new]:
            if fits(self.old[key], self.new[key]):
                self._pair(key, key)

    def _same_value(self, value: Callable[[Clause], Hashable]) -> None:
        """Clauses of equal value, in order where there are several."""
        waiting: dict[Hashable, list[str]] = {}
        for key, clause in reversed(self.new.items()):
            waiting.setdefault(value(clause), []).append(key)
        for key, clause in list(self.old.items()):
            wanted = value(clause)
            if wanted is not None and waiting.get(wanted):
                self._pair(key, waiting[wanted].pop())

    def _most_alike(self) -> None:
        if len(self.old) * len(self.new) > MOST_PAIRS:
            return
        old_pairs = {key: _letter_pairs(clause.text) for key, clause in self.old.items() if clause.text}
        new_pairs = {key: _letter_pairs(clause.text) for key, clause in self.new.items() if clause.text}
        ratings = [
            (-_overlap(old, new), place, other, old_key, new_key)
            for place, (old_key, old) in enumerate(old_pairs.items())
            for other, (new_key, new) in enumerate(new_pairs.items())
        ]
        for rating, _, _, old_key, new_key in sorted(ratings):
            if -rating >= LIKE_ENOUGH and old_key in self.old and new_key in self.new:
                self._pair(old_key, new_key)


def _same(old: Clause, new: Clause) -> bool:
    return fold_width(old.heading) == fold_width(new.heading) and fold_width(old.text) == fold_width(new.text)


def _alike(old: Clause, new: Clause) -> bool:
    """The same number with a text that is still the same one; short texts and parts of the frame always."""
    if not (old.text and new.text) or old.key in ("preamble", "closing"):
        return True
    return _overlap(_letter_pairs(old.text), _letter_pairs(new.text)) >= LIKE_ENOUGH


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """The share in common, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _letter_pairs(text: str) -> frozenset[str]:
    """Neighbouring letters: two short texts may differ in a word and still be alike."""
    folded = fold_width(text)
    return frozenset(folded[start : start + 2] for start in range(max(len(folded) - 1, 1)))


def _in_order(
    before: Sequence[Clause], after: Sequence[Clause], partner: Mapping[str, str]
) -> Iterator[tuple[Clause | None, Clause | None]]:
    """The new order, with each removed provision behind the one that it stood behind."""
    old_by_key = {row.key: row for row in before}
    back = {new: old for old, new in partner.items()}
    removed_after: dict[str, list[Clause]] = {}
    anchor = ""
    for row in before:
        if row.key in partner:
            anchor = row.key
        else:
            removed_after.setdefault(anchor, []).append(row)
    yield from ((row, None) for row in removed_after.get("", ()))
    for row in after:
        old_key = back.get(row.key, "")
        yield old_by_key.get(old_key), row
        if old_key:
            yield from ((gone, None) for gone in removed_after.get(old_key, ()))


def _change(old: Clause | None, new: Clause | None) -> Change:
    heading = mark_words(old.heading if old else "", new.heading if new else "")
    text = mark_words(old.text if old else "", new.text if new else "")
    return Change(_kind(old, new), old, new, heading, text)


def _kind(old: Clause | None, new: Clause | None) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    if new is None:
        return ChangeKind.REMOVED
    if not _same(old, new):
        return ChangeKind.CHANGED
    return ChangeKind.SAME if old.key == new.key else ChangeKind.RENUMBERED


# --- which words --------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    # Words as far as the script shows them: runs of kanji, kana, Latin letters, numbers; punctuation singly.
    r"[一-鿿㐀-䶿々〆ヶヵ]+|[ぁ-ゖゝゞ]+|[ァ-ヺヽヾー]+|[A-Za-zＡ-Ｚａ-ｚ]+|[0-9０-９]+(?:[.,．，][0-9０-９]+)*|\s+|.",
    re.DOTALL,
)
_KANJI: Final = re.compile(r"[一-鿿㐀-䶿々]")
_SENTENCE: Final = re.compile(r"[^。\n]*[。\n]?", re.DOTALL)


def _marked(old: str, new: str) -> Iterator[Mark]:
    if fold_width(old) == fold_width(new):
        yield Mark(Op.SAME, new)
        return
    for words in (_TOKEN, _SENTENCE):
        one, other = ([part for part in words.findall(text) if part] for text in (old, new))
        if _matches(one, other) <= MOST_MATCHES:
            yield from _runs(one, other)
            return
    yield Mark(Op.REMOVED, old)
    yield Mark(Op.ADDED, new)


def _matches(one: list[str], other: list[str]) -> int:
    """How many pairs of equal words there are, which is the work that comparing takes."""
    counts = Counter(other)
    return sum(counts[word] * times for word, times in Counter(one).items())


def _runs(one: list[str], other: list[str]) -> Iterator[Mark]:
    # Junk heuristics off: in long texts they would take 、 and の for noise and give other marks.
    matcher = SequenceMatcher(None, [*map(fold_width, one)], [*map(fold_width, other)], autojunk=False)
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            yield Mark(Op.SAME, "".join(other[new_start:new_end]))
        else:
            yield from _replaced("".join(one[start:end]), "".join(other[new_start:new_end]))


def _replaced(old: str, new: str) -> Iterator[Mark]:
    """One run for another, less the kanji that both begin or end with: 毎月開 and 毎年開 differ in 月 and 年."""
    most = min(len(old), len(new))
    head = _common_kanji(zip(old, new, strict=False))
    tail = min(_common_kanji(zip(reversed(old), reversed(new), strict=False)), most - head)
    yield Mark(Op.SAME, new[:head])
    yield Mark(Op.REMOVED, old[head : len(old) - tail])
    yield Mark(Op.ADDED, new[head : len(new) - tail])
    yield Mark(Op.SAME, new[len(new) - tail :])


def _common_kanji(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and _KANJI.match(pair[0]), pairs))


def _merged(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Without empty runs, and neighbours of one kind as one."""
    last: Mark | None = None
    for mark in marks:
        if not mark.text:
            continue
        if last and last.op is mark.op:
            last = Mark(mark.op, last.text + mark.text)
            continue
        if last:
            yield last
        last = mark
    if last:
        yield last
