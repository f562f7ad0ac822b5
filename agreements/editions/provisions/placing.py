"""Where a provision that a person adds by hand stands: its key, its printed number, and its place among the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import Provision, ProvisionKind
from agreements.wording import Kind, keys
from agreements.wording import Provision as Read


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be added: on its own, or below `parent`."""

    parent: Provision | None
    kind: Kind
    next_number: str  # the number that comes after those which are there


def place_within(rows: Sequence[Provision], within: str) -> Place | None:
    """The place below the provision with the key `within`, or of a new article where that is empty; None where nothing
    can stand there."""
    parent = next((row for row in rows if row.key == within), None)
    kind = Kind(parent.kind).below if parent else Kind.ARTICLE
    if (within and parent is None) or kind is None:
        return None
    beside = [
        keys.numbers_of(row.key)
        for row in rows
        if row.kind == kind and (kind is Kind.ARTICLE or (parent is not None and row.parent_id == parent.pk))
    ]
    return Place(parent, kind, keys.next_number(kind, beside))


def numbered(rows: Sequence[Provision], *, within: str, number: str, **words: Any) -> Provision:
    """A new provision, unsaved, with the number as typed. ValidationError, by field, for a number that is none or there
    already, and below a sub-item."""
    place = place_within(rows, within)
    if place is None:
        raise ValidationError(_("Nothing stands under a sub-item."))
    read = keys.read_number(place.kind, number)
    if read is None:
        raise ValidationError({"number": _("This is no such number. Write it as it is printed.")})
    code, label = read
    hangs_on = place.parent is not None and place.kind is not Kind.ARTICLE
    key = f"{within}/{code}" if hangs_on else code
    if any(row.key == key for row in rows):
        raise ValidationError({"number": _("There is a provision with this number already.")})
    above = place.parent or _chapter_before(rows, key)
    return Provision(parent=above, kind=ProvisionKind(place.kind), key=key, label=label, **words)


def under(row: Provision, below: Sequence[Read], **facts: Any) -> list[Provision]:
    """What was read with a provision, unsaved and in reading order, under it and each other."""
    added: list[Provision] = []
    for read in below:
        part = Provision(
            edition=row.edition,
            parent=row,
            kind=ProvisionKind(read.kind),
            key=f"{row.key}/{read.key.rpartition('/')[2]}",
            label=read.label,
            heading=read.heading,
            text=read.text,
            **facts,
        )
        added += [part, *under(part, read.children, **facts)]
    return added


def insert(rows: Sequence[Provision], added: Sequence[Provision]) -> None:
    """Store the new ones in reading order, and number the places of all that come after them."""
    index = _index_for(rows, added[0].key)
    for offset, row in enumerate(added):
        row.position = index + offset + 1
        row.save()
    following = rows[index:]
    for place, row in enumerate(following, index + len(added) + 1):
        row.position = place
    Provision.objects.bulk_update(following, ["position"])


def with_all_below(rows: Sequence[Provision], key: str) -> list[Provision]:
    """The provision with the key, and all that stands under it. Provision.DoesNotExist without it."""
    kept: dict[int, Provision] = {}
    for row in rows:
        if row.key == key or row.parent_id in kept:
            kept[row.pk] = row
    if not kept:
        raise Provision.DoesNotExist(key)
    return list(kept.values())


def _chapter_before(rows: Sequence[Provision], key: str) -> Provision | None:
    """The chapter of the article after which a new one comes."""
    index = _index_for(rows, key)
    article = next((row for row in reversed(rows[:index]) if row.kind == ProvisionKind.ARTICLE), None)
    return article.parent if article else None


def _index_for(rows: Sequence[Provision], key: str) -> int:
    """The index at which a new provision stands: behind the last of its kind with a lower number, and all below that."""
    above = key.rpartition("/")[0]
    code = key.rpartition("/")[2].rstrip("0123456789-~")
    numbers = keys.numbers_of(key)
    index = next((place + 1 for place, row in enumerate(rows) if row.key == above), 0)
    for place, row in enumerate(rows):
        row_above, _slash, last = row.key.rpartition("/")
        if row_above == above and last.rstrip("0123456789-~") == code and keys.numbers_of(row.key) < numbers:
            index = place + 1
            while index < len(rows) and rows[index].key.startswith(f"{row.key}/"):
                index += 1
    return index
