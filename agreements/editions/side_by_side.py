"""Two editions side by side: provision by provision, each with its place, its words marked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import assert_never

from agreements.editions import comparison
from agreements.editions.comparison import Change, ChangeKind, Clause, Mark, Op
from agreements.editions.provisions import as_read
from agreements.editions.provisions.as_read import Whole
from agreements.models import Edition, Provision
from agreements.wording import keys


class Basis(Enum):
    """What of a provision is compared."""

    WORDING = "wording"
    SUMMARY = "summary"  # our own words, on both sides
    UNLIKE = "unlike"  # a summary beside a wording: shown, and not compared word by word


@dataclass(frozen=True, slots=True)
class Compared:
    """A provision in both editions, with its place in each and its words marked."""

    change: Change
    old_place: str
    new_place: str
    old_marks: tuple[Mark, ...]
    new_marks: tuple[Mark, ...]
    old_heading: tuple[Mark, ...]
    new_heading: tuple[Mark, ...]
    basis: Basis = Basis.WORDING

    @property
    def is_summary(self) -> bool:
        """Whether our own words are compared, in an edition that has the official wording otherwise."""
        return self.basis is Basis.SUMMARY

    @property
    def is_unlike(self) -> bool:
        return self.basis is Basis.UNLIKE

    @property
    def kind(self) -> ChangeKind:
        return self.change.kind

    @property
    def is_changed(self) -> bool:
        return self.change.kind is not ChangeKind.SAME


@dataclass(frozen=True)
class Comparison:
    """Two texts side by side, in the new one's order."""

    rows: tuple[Compared, ...]
    by_summary: bool  # one of the two has no official text, so our own words are compared
    is_impossible: bool = False  # one has the wording alone, the other summaries alone

    @property
    def unlike(self) -> list[Compared]:
        """The rows in which a summary stands beside a wording."""
        return [row for row in self.changed if row.is_unlike]

    @property
    def paraphrased(self) -> list[Compared]:
        """The rows that an amendment changes in our own words only, although the rest is official wording."""
        return [] if self.by_summary else [row for row in self.changed if row.is_summary]

    @cached_property
    def changed(self) -> list[Compared]:
        """The rows that differ."""
        return [row for row in self.rows if row.is_changed]

    def count(self, kind: ChangeKind) -> int:
        """How many provisions met that fate."""
        return sum(1 for row in self.rows if row.kind is kind)


def clauses(provisions: Iterable[Provision]) -> list[Clause]:
    """Stored provisions as a comparison sees them, by their official text."""
    return [Clause(row.key, row.label, row.heading, row.text) for row in provisions]


def whole(edition: Edition, provisions: Iterable[Provision], read: Whole | None = None) -> list[Clause]:
    """The same with preamble and closing around it."""
    said = read or edition
    around = (Clause("preamble", "", "", said.preamble), Clause("closing", "", "", said.closing))
    opening, ending = ([row] if row.text else [] for row in around)
    return [*opening, *clauses(provisions), *ending]


def compare(old: Edition, new: Edition) -> Comparison:
    """Two editions of an agreement, provision by provision, like with like. Two queries, and those of `as_read`."""
    before, after = as_read.of(old), as_read.of(new)
    in_our_words = as_read.paraphrased(before) | as_read.paraphrased(after)
    if before.is_official and after.is_official and not in_our_words:
        return compare_clauses(whole(old, before.provisions, before), whole(new, after.provisions, after))
    return _compare_rows(before, after, in_our_words)


def _compare_rows(before: Whole, after: Whole, in_our_words: set[int]) -> Comparison:
    """Where not all of both is official wording: each provision by what both sides have of it."""
    pairs = _pairs(before, after)
    is_mixed = before.is_official != after.is_official
    old_rows = {row.key: row for row in before.provisions if row.key in pairs or row.summary or not is_mixed}
    kept = set(pairs.values())
    new_rows = {row.key: row for row in after.provisions if row.key in kept or row.summary or not is_mixed}
    gone = _under(before, {old for old, new in pairs.items() if new_rows[new].pk in in_our_words}, pairs)
    bases: dict[str, Basis] = {}
    old_texts = {key: row.text or row.summary for key, row in old_rows.items() if key not in gone}
    new_texts = {key: row.text or row.summary for key, row in new_rows.items()}
    for old_key, new_key in pairs.items():
        one, other = old_rows[old_key], new_rows[new_key]
        basis = _basis(one, other)
        bases[new_key] = basis
        match basis:
            case Basis.WORDING:
                old_texts[old_key], new_texts[new_key] = one.text, other.text
            case Basis.SUMMARY:
                old_texts[old_key], new_texts[new_key] = one.summary, other.summary
            case Basis.UNLIKE:
                old_texts[old_key], new_texts[new_key] = one.text or one.summary, other.text or other.summary
            case _:
                assert_never(basis)
    rows = _rows(
        [Clause(key, old_rows[key].label, old_rows[key].heading, text) for key, text in old_texts.items()],
        [Clause(key, row.label, row.heading, new_texts[key]) for key, row in new_rows.items()],
        {old: new for old, new in pairs.items() if old not in gone},
        bases,
    )
    return Comparison(
        tuple(_folded(rows)),
        by_summary=not (before.is_official and after.is_official),
        is_impossible=_is_impossible(before, after),
    )


def _is_impossible(before: Whole, after: Whole) -> bool:
    """Whether one has the official wording and no summaries, and the other nothing but summaries."""
    if before.is_official == after.is_official:
        return False
    official = before if before.is_official else after
    return not any(row.summary for row in official.provisions)


def _basis(old: Provision, new: Provision) -> Basis:
    if bool(old.text) == bool(new.text) and old.text:
        return Basis.WORDING
    if old.text or new.text:
        worded, other = (new, old) if new.text else (old, new)
        # A text that an amendment wrote is the change itself: its summary is that of before.
        is_change = worded.is_amended and not other.text
        has_both = bool(worded.summary and other.summary)
        return Basis.SUMMARY if has_both and not is_change else Basis.UNLIKE
    return Basis.SUMMARY


def _pairs(before: Whole, after: Whole) -> dict[str, str]:
    """Old key → new key: by what each goes on from, otherwise by heading, number and words."""
    key_of = {row.pk: row.key for row in before.provisions}
    known = {key_of[row.pk]: row.key for row in after.provisions if row.pk in key_of}
    known |= {key_of[row.continues_id]: row.key for row in after.provisions if row.continues_id in key_of}
    if known:
        return known
    return comparison.partners(
        *(
            [Clause(r.key, r.label, r.heading, r.text or r.summary) for r in one.provisions]
            for one in (before, after)
        )
    )


def _under(before: Whole, above: set[str], pairs: Mapping[str, str]) -> set[str]:
    """What stands under the provisions that are changed in our own words, and is said there as a whole."""
    return {
        row.key
        for row in before.provisions
        if row.key not in pairs and any(row.key.startswith(f"{key}/") for key in above)
    }


def compare_clauses(old: Sequence[Clause], new: Sequence[Clause], *, by_summary: bool = False) -> Comparison:
    """Two lists of clauses side by side; rows in which there is nothing to read are left out."""
    return Comparison(tuple(_folded(_rows(old, new))), by_summary)


def _rows(
    old: Sequence[Clause],
    new: Sequence[Clause],
    partner: Mapping[str, str] | None = None,
    bases: Mapping[str, Basis] | None = None,
) -> list[Compared]:
    old_places, new_places = _places(old), _places(new)
    rows = []
    for change in comparison.compare(old, new, partner):
        basis = (bases or {}).get(change.new.key, Basis.WORDING) if change.new else Basis.WORDING
        old_marks, new_marks = _side(change.text_marks, Op.ADDED), _side(change.text_marks, Op.REMOVED)
        if basis is Basis.UNLIKE and change.old and change.new:
            old_marks, new_marks = (
                tuple(Mark(Op.SAME, one.text) for one in (clause,) if one.text)
                for clause in (change.old, change.new)
            )
        rows.append(
            Compared(
                change,
                old_places.get(change.old.key, "") if change.old else "",
                new_places.get(change.new.key, "") if change.new else "",
                old_marks,
                new_marks,
                _side(change.heading_marks, Op.ADDED),
                _side(change.heading_marks, Op.REMOVED),
                basis,
            )
        )
    return [row for row in rows if _is_readable(row)]


def _folded(rows: Iterable[Compared]) -> Iterator[Compared]:
    """An article's heading and its only paragraph, which are cited alike, as one row."""
    head: Compared | None = None
    for row in rows:
        together = _together(head, row) if head else None
        if head is not None and together is None:
            yield head
        head = together or row
    if head is not None:
        yield head


def _together(head: Compared, row: Compared) -> Compared | None:
    """None where they are not of one article, or are not alike on both sides."""
    is_one = (head.old_place, head.new_place) == (row.old_place, row.new_place) and bool(
        row.old_place or row.new_place
    )
    if (
        not is_one
        or head.is_unlike
        or row.is_unlike
        or head.old_marks
        or head.new_marks
        or row.old_heading
        or row.new_heading
    ):
        return None
    kinds = {head.kind, row.kind} - {ChangeKind.SAME}
    kind = ChangeKind.SAME if not kinds else kinds.pop() if len(kinds) == 1 else ChangeKind.CHANGED
    change = replace(row.change, kind=kind)
    return replace(row, change=change, old_heading=head.old_heading, new_heading=head.new_heading)


def _is_readable(row: Compared) -> bool:
    return row.is_changed or bool(row.new_marks or row.new_heading or row.old_marks or row.old_heading)


def _side(marks: Iterable[Mark], without: Op) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if mark.op is not without)


def _places(rows: Sequence[Clause]) -> dict[str, str]:
    """How each clause is cited, by key, from the numbers as printed."""
    labels = {row.key: row.label for row in rows}
    several = {row.key.rpartition("/")[0] for row in rows if "/par" in row.key and row.label}
    return {key: _cited(key, labels, several) for key in labels}


def _cited(key: str, labels: dict[str, str], several: set[str]) -> str:
    words, here = [], key
    while here:
        above, _slash, last = here.rpartition("/")
        if last.startswith("par") and not last.startswith("part"):
            number = "-".join(map(str, keys.numbers_of(here)))
            words.append(f"第{number}項" if above in several and number else "")
        else:
            words.append(labels.get(here, ""))
        here = above
    return "".join(reversed(words))
