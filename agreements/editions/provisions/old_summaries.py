"""Which summaries in our own words were written for a wording that an amendment has changed since.

A summary that is taken over from edition to edition stays behind as long as nobody writes it anew.
"""

from collections.abc import Iterable, Mapping, Sequence

from agreements.editions.provisions import as_read
from agreements.models import Edition, Provision


def mark(edition: Edition, rows: Sequence[Provision]) -> Sequence[Provision]:
    """The edition's provisions, as they are read, with those marked. Two queries for every amendment up to this one."""
    old = _of(edition, rows)
    for row in rows:
        row.is_summary_old = row.pk in old
    return rows


def _of(edition: Edition, rows: Sequence[Provision]) -> set[int]:
    if edition.based_on is None or not any(row.summary for row in rows):
        return set()
    before = as_read.of(edition.based_on).provisions
    return left_behind(rows, before, _of(edition.based_on, before))


def mark_all(editions: Iterable[Edition], rows: Mapping[int, Sequence[Provision]]) -> None:
    """The same for all editions of some agreements of which the provisions are there, by edition; no query."""
    old: dict[int, set[int]] = {}
    for edition in sorted(editions, key=lambda one: one.number):
        here, before = rows.get(edition.pk, ()), edition.based_on_id or 0
        old[edition.pk] = left_behind(here, rows.get(before, ()), old.get(before, set()))
        for row in here:
            row.is_summary_old = row.pk in old[edition.pk]


def left_behind(rows: Sequence[Provision], before: Sequence[Provision], old: set[int]) -> set[int]:
    """The provisions whose summary is that of the edition before, and whose wording, or that of something below them, is
    not; or whose summary was left behind there already (`old`)."""
    known = {row.pk: row for row in before}
    now, then = _wordings(rows), _wordings(before)
    found = set()
    for row in rows:
        # What is only read from the edition before is that itself.
        one = known.get(row.continues_id or 0) or known.get(row.pk)
        if one is None or not row.summary or row.summary != one.summary:
            continue
        if one.pk in old or now[row.pk] != then[one.pk]:
            found.add(row.pk)
    return found


def _wordings(rows: Sequence[Provision]) -> dict[int, list[str]]:
    """The official wording of each provision and of all that stands under it, in reading order."""
    by_id = {row.pk: row for row in rows}
    found: dict[int, list[str]] = {row.pk: [] for row in rows}
    for row in rows:
        here: Provision | None = row if row.text else None
        while here is not None:
            found[here.pk].append(row.text)
            here = by_id.get(here.parent_id or 0)
    return found
