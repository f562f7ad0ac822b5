"""An edition as it is read: all its provisions, also of an amendment that was drafted over summaries.

Such an amendment stores what it changes. Once the official wording of the edition before is there, everything else reads
as that does: its text, its numbers, and the provisions that only the official wording has. Nothing that both confirmed is
written anew for it, nor what lies before the other side. An amendment that can be changed takes the wording in for good
(`take_in`).
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreements.models import Edition, Provision, ProvisionKind
from agreements.wording import parse


@dataclass(frozen=True, slots=True)
class Whole:
    """The wording of an edition in reading order. Rows that it shares with the edition before are that one's copies."""

    preamble: str
    closing: str
    provisions: list[Provision]
    is_official: bool
    """Whether the official wording is there; not where only some amended provisions are worded."""


def of(edition: Edition) -> Whole:
    """The whole wording. One query; two more for each edition below that was drafted over summaries."""
    rows = list(edition.provisions.select_related("continues"))
    if not edition.is_over_summaries or edition.based_on is None:
        return Whole(edition.preamble, edition.closing, rows, any(row.text for row in rows))
    base = of(edition.based_on)
    if not base.is_official:
        return Whole(edition.preamble, edition.closing, rows, False)
    removed = set(edition.removes.values_list("pk", flat=True))
    return Whole(
        edition.preamble or base.preamble,
        edition.closing or base.closing,
        _merged(edition, rows, base.provisions, removed),
        True,
    )


def paraphrased(whole: Whole) -> set[int]:
    """The provisions that the edition changes in our own words only, while the rest is official wording."""
    if not whole.is_official:
        return set()
    worded = _with_text(whole.provisions)
    return {
        row.pk
        for row in whole.provisions
        if row.is_amended
        and row.pk not in worded
        and row.summary
        and row.summary != (row.continues.summary if row.continues else "")
    }


def take_in(edition: Edition) -> None:
    """Write the wording of the edition before into an open amendment that was drafted over summaries."""
    whole = of(edition)
    if not edition.is_over_summaries or not whole.is_official:
        return
    stored = {row.pk for row in edition.provisions.all()}
    for row in whole.provisions:  # by way of keys that nothing has: two may exchange theirs
        if row.pk in stored:
            Provision.objects.filter(pk=row.pk).update(key=f"~{row.pk}")
    own: dict[int, Provision] = {}
    for position, row in enumerate(whole.provisions, 1):
        known = row.pk
        if row.pk not in stored:
            row.continues_id, row.pk, row.edition = row.pk if row.pk > 0 else None, None, edition
            row._state.adding = True
        row.position = position
        row.parent = own.get(row.parent_id or 0)
        row.save()
        own[known] = row
    Edition.objects.filter(pk=edition.pk).update(
        is_over_summaries=False, preamble=whole.preamble, closing=whole.closing
    )
    edition.refresh_from_db()


def _merged(
    edition: Edition, rows: Sequence[Provision], base: Sequence[Provision], removed: set[int]
) -> list[Provision]:
    own_of = {row.continues_id: row for row in rows if row.continues_id}
    found: list[Provision] = []
    left_out = set(removed)
    for before in base:
        row = own_of.get(before.pk)
        if row is not None:
            read = _as(row, before)
            if before.parent_id in left_out and not (row.is_amended or row.text or row.summary):
                left_out.add(
                    before.pk
                )  # what is above says it anew, and the draft said nothing of its own here
                continue
            found.append(read)
            if row.is_amended and (row.text or row.summary != before.summary):
                left_out.add(before.pk)  # it says anew all that stands under it
            if row.is_amended and row.kind == ProvisionKind.ARTICLE and row.text and not before.text:
                found += _parts(read, {one.key: one for one in base})
        elif before.pk in left_out or before.parent_id in left_out:
            left_out.add(before.pk)
        else:
            read = copy.copy(before)
            read.is_amended = False
            above = own_of.get(before.parent_id or 0)
            read.edition = edition
            if above is not None:
                read.parent = above
            found.append(read)
    for row in rows:
        if row.continues_id is None:
            found.insert(_place(row, rows, found), row)
    return found


def _parts(article: Provision, base: Mapping[str, Provision]) -> list[Provision]:
    """The paragraphs and items of an article that was typed as one text, as the official wording has them: each goes on
    from the one with its number. The article itself keeps its number and heading only."""
    heading = f"（{article.heading}）\n" if article.heading else ""
    read = parse(f"{heading}{article.label} {article.text}").provisions
    if len(read) != 1 or read[0].key != article.key:
        return []
    made: dict[str, Provision] = {article.key: article}
    parts: list[Provision] = []
    for node in read[0].walk():
        if node.key == article.key:
            continue
        before = base.get(node.key)
        part = copy.copy(before) if before else Provision(pk=-(article.pk * _MOST_PARTS + len(parts)))
        part.edition, part.parent = article.edition, made[node.key.rpartition("/")[0]]
        part.kind, part.key, part.label = ProvisionKind(node.kind), node.key, node.label
        part.text, part.summary, part.is_amended = node.text, "", True
        made[node.key] = part
        parts.append(part)
    if parts:
        article.text = ""
    return parts


_MOST_PARTS = 1_000
"""More than an article has; keys that no row has tell its parts apart."""


def _as(row: Provision, before: Provision) -> Provision:
    """A provision with the number that it has now; what the amendment does not say itself, as the edition before says it."""
    read = copy.copy(row)
    read.kind, read.key, read.label = before.kind, before.key, before.label
    if not row.is_amended:
        read.heading, read.text, read.summary = before.heading, before.text, before.summary
    return read


def _place(row: Provision, rows: Sequence[Provision], found: Sequence[Provision]) -> int:
    """Behind the one that it stands behind in the amendment, and all that stands under that one."""
    index = next(place for place, one in enumerate(rows) if one.pk == row.pk)
    if index == 0:
        return 0
    ahead = rows[index - 1]
    by_id = {one.pk: one for one in found}
    at = next((place for place, one in enumerate(found) if one.pk == ahead.pk), len(found) - 1) + 1
    while at < len(found) and row.parent_id != ahead.pk and _is_under(found[at], ahead.pk, by_id):
        at += 1
    return at


def _is_under(row: Provision, above: int, by_id: Mapping[int, Provision]) -> bool:
    here: Provision | None = row
    while here is not None:
        if here.parent_id == above:
            return True
        here = by_id.get(here.parent_id or 0)
    return False


def _with_text(rows: Sequence[Provision]) -> set[int]:
    """The provisions that have an official text, or stand over one."""
    by_id = {row.pk: row for row in rows}
    found: set[int] = set()
    for row in rows:
        here: Provision | None = row if row.text else None
        while here is not None and here.pk not in found:
            found.add(here.pk)
            here = by_id.get(here.parent_id or 0)
    return found
