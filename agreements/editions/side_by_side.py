"""Two editions side by side: provision by provision, each with its place, its words marked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agreements.editions import comparison
from agreements.editions.comparison import Change, ChangeKind, Clause, Mark, Op
from agreements.models import Edition, Provision
from agreements.wording import keys


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


def whole(edition: Edition, provisions: Iterable[Provision]) -> list[Clause]:
    """The same with preamble and closing around it."""
    around = (Clause("preamble", "", "", edition.preamble), Clause("closing", "", "", edition.closing))
    opening, ending = ([row] if row.text else [] for row in around)
    return [*opening, *clauses(provisions), *ending]


def in_our_words(provisions: Iterable[Provision]) -> list[Clause]:
    """The summaries alone, for two editions of which one has no official text."""
    return [Clause(row.key, row.label, row.heading, row.summary) for row in provisions]


def compare(old: Edition, new: Edition) -> Comparison:
    """Two editions of an agreement, provision by provision. Two queries."""
    before, after = list(old.provisions.all()), list(new.provisions.all())
    if all(any(row.text for row in rows) for rows in (before, after)):
        return compare_clauses(whole(old, before), whole(new, after))
    return compare_clauses(in_our_words(before), in_our_words(after), by_summary=True)


def compare_clauses(old: Sequence[Clause], new: Sequence[Clause], *, by_summary: bool = False) -> Comparison:
    """Two lists of clauses side by side; rows in which there is nothing to read are left out."""
    old_places, new_places = _places(old), _places(new)
    rows = [
        Compared(
            change,
            old_places.get(change.old.key, "") if change.old else "",
            new_places.get(change.new.key, "") if change.new else "",
            _side(change.text_marks, Op.ADDED),
            _side(change.text_marks, Op.REMOVED),
            _side(change.heading_marks, Op.ADDED),
            _side(change.heading_marks, Op.REMOVED),
        )
        for change in comparison.compare(old, new)
    ]
    return Comparison(tuple(_folded(row for row in rows if _is_readable(row))), by_summary)


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
    if not is_one or head.old_marks or head.new_marks or row.old_heading or row.new_heading:
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
