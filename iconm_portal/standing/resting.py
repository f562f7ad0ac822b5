"""Writing what a settled thing rests on, in the transaction that settles it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from iconm_portal.models import Answer, Center, RestsOn
from iconm_portal.standing.registry import Seen


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled thing as text, and the things that it rests on in the revisions that were seen."""

    kind: str
    key: str
    revision: str
    rests_on: tuple[Seen, ...]


def record(center: Center, settled: Iterable[Settled], *, day: date, answer: Answer | None = None) -> None:
    """Keep what they rest on. Must run inside the transaction of the settling, which records itself in the history."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("what something rests on is written in the transaction that settles it")
    RestsOn.objects.bulk_create(
        RestsOn(
            center=center,
            settled_kind=one.kind,
            settled_key=one.key,
            settled_revision=one.revision,
            kind=seen.kind,
            key=seen.key,
            revision=seen.revision,
            value=seen.value,
            known_from=day,
            answer=answer,
        )
        for one in settled
        for seen in one.rests_on
    )
