"""Which provision of an edition carries on which of the editions before it. A renumbered article is the same one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from agreements.models import Provision

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Lineage:
    """Of the provisions of some agreements, by key: from which each goes on, and under which it stands."""

    before: Mapping[int, int] = field(default_factory=dict)
    above: Mapping[int, Mapping[int, int | None]] = field(default_factory=dict)  # by edition

    def places(self, provisions: Sequence[Provision]) -> dict[int, Provision]:
        """The provision of this edition that stands for each earlier one, by that one's key, and for itself.

        What an amendment says anew above it is read there: a paragraph whose article is said in our own words only.
        """
        found: dict[int, Provision] = {}
        for row in provisions:
            found.setdefault(row.pk, row)
        for row in provisions:
            self._stands_for(row, row.continues_id or self.before.get(row.pk), found)
        stored = self.above.get(provisions[0].edition_id, {}) if provisions else {}
        for pk in stored:
            here: int | None = pk
            while here is not None and here not in found:
                here = stored.get(here)
            if here is not None and here != pk:
                self._stands_for(found[here], pk, found)
        return found

    def _stands_for(self, row: Provision, ancestor: int | None, found: dict[int, Provision]) -> None:
        while ancestor is not None:
            found.setdefault(ancestor, row)
            ancestor = self.before.get(ancestor)

    def carried(
        self, provisions: Sequence[Provision], resting: Mapping[int, Iterable[Thing]]
    ) -> dict[int, list[Thing]]:
        """What rests on earlier provisions, by the key of the provision of this edition that carries them on."""
        now = self.places(provisions)
        found: dict[int, list[Thing]] = {}
        for pk, things in resting.items():
            if pk in now:
                found.setdefault(now[pk].pk, []).extend(things)
        return found


def load(agreements: Iterable[int]) -> Lineage:
    """Of all editions of the agreements; one query."""
    rows = Provision.objects.filter(edition__agreement__in=list(agreements)).order_by()
    before: dict[int, int] = {}
    above: dict[int, dict[int, int | None]] = defaultdict(dict)
    for pk, continues, parent, edition in rows.values_list("pk", "continues_id", "parent_id", "edition_id"):
        above[edition][pk] = parent
        if continues is not None:
            before[pk] = continues
    return Lineage(before, above)
