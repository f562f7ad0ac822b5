"""Which provision of an edition carries on which of the editions before it. A renumbered article is the same one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from agreements.models import Provision

Thing = TypeVar("Thing")


def continued(agreements: Iterable[int]) -> Mapping[int, int]:
    """Of every provision of the agreements that goes on from one: from which, by keys. One query."""
    rows = Provision.objects.filter(edition__agreement__in=list(agreements), continues__isnull=False)
    return dict(rows.order_by().values_list("pk", "continues_id"))


def places(provisions: Sequence[Provision], before: Mapping[int, int]) -> dict[int, Provision]:
    """The provision of this edition that stands for each earlier one, by that one's key, and for itself."""
    found: dict[int, Provision] = {}
    for row in provisions:
        found.setdefault(row.pk, row)
    for row in provisions:
        ancestor = row.continues_id or before.get(row.pk)
        while ancestor is not None:
            found.setdefault(ancestor, row)
            ancestor = before.get(ancestor)
    return found


def carried(
    provisions: Sequence[Provision], resting: Mapping[int, Iterable[Thing]], before: Mapping[int, int]
) -> dict[int, list[Thing]]:
    """What rests on earlier provisions, by the key of the provision of this edition that carries them on."""
    now = places(provisions, before)
    found: dict[int, list[Thing]] = {}
    for pk, things in resting.items():
        if pk in now:
            found.setdefault(now[pk].pk, []).extend(things)
    return found
