"""What the agreements of a center say and ask for, as papers print it (T9): parties, terms, articles, what is owed when.

As the agreements stood on a day. What somebody recorded later is left out; what comes from a source stands for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import translation

from agreements.editions.obligations import rules
from agreements.editions.provisions import as_read, lineage
from agreements.instruments import agreements
from agreements.instruments.agreements import AgreementOnDay
from agreements.models import (
    Agreement,
    ChronologyEntry,
    Obligation,
    Provision,
    Verification,
    in_force,
)
from iconm_portal.models import Center, ReviewState
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class Article:
    """An article (or a supplement) with what it, or any part of it, binds to."""

    provision: Provision
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True)
class Agreed:
    """An agreement with the wording in force on the day."""

    entry: AgreementOnDay
    provisions: tuple[Provision, ...]
    obligations: tuple[Obligation, ...]

    @property
    def agreement(self) -> Agreement:
        return self.entry.agreement

    @property
    def articles(self) -> tuple[Article, ...]:
        """In the order of the wording; obligations that rest on no provision come under none of them."""
        heads = [one for one in self.provisions if one.kind.stands_alone]
        return tuple(
            Article(head, tuple(one for one in self.obligations if _rests_on(one, head))) for head in heads
        )

    @property
    def without_article(self) -> tuple[Obligation, ...]:
        return tuple(one for one in self.obligations if one.provision is None)


def _rests_on(obligation: Obligation, head: Provision) -> bool:
    return obligation.provision is not None and obligation.provision.key.split("/")[0] == head.key


def load(center: Center, *, known_at: date) -> tuple[Agreed, ...]:
    """The center's agreements in order of position; a fixed number of queries."""
    entries = [
        entry
        for entry in agreements.load(center, day=known_at).entries
        if entry.agreement.source or clock.day_of(entry.agreement.recorded_at) <= known_at
    ]
    wording = _provisions(entry.edition.pk for entry in entries if entry.edition)
    for entry in entries:
        if entry.edition is not None and entry.edition.is_over_summaries:
            wording[entry.edition.pk] = as_read.of(entry.edition).provisions
    obligations: dict[int, list[Obligation]] = defaultdict(list)
    owed = Obligation.objects.filter(agreement__center=center).select_related("provision")
    for obligation in rules.with_changes(owed, known_at=known_at):
        obligations[obligation.agreement_id].append(obligation)
    _place(entries, wording, obligations)
    return tuple(
        Agreed(
            entry,
            tuple(wording[entry.edition.pk]) if entry.edition else (),
            tuple(obligations[entry.agreement.pk]),
        )
        for entry in entries
        if not entry.is_only_proposed
    )


def _place(
    entries: Iterable[AgreementOnDay],
    wording: Mapping[int, Sequence[Provision]],
    obligations: Mapping[int, Sequence[Obligation]],
) -> None:
    """Let every obligation rest on the provision that carries its own on in the wording of the day, whatever its number;
    on none where that was taken out."""
    amended = [entry for entry in entries if entry.edition and entry.edition.number > 1]
    known = lineage.load(entry.agreement.pk for entry in amended)
    for entry in amended:
        places = known.places(wording[entry.edition.pk]) if entry.edition else {}
        for obligation in obligations.get(entry.agreement.pk, ()):
            obligation.provision = places.get(obligation.provision_id or 0)


def _provisions(editions: Iterable[int]) -> dict[int, list[Provision]]:
    found: dict[int, list[Provision]] = defaultdict(list)
    rows = Provision.objects.filter(edition__in=list(editions)).select_related("parent")
    for provision in rows.order_by("edition_id", "position"):
        found[provision.edition_id].append(provision)
    return found


def chronology(center: Center, *, known_at: date) -> tuple[ChronologyEntry, ...]:
    """設立・経緯 (T6): what had happened by the day; one query."""
    rows = ChronologyEntry.objects.filter(center=center).select_related("agreement")
    return tuple(row for row in rows if row.happened_on <= known_at.isoformat())


def verifications(center: Center, *, known_at: date) -> tuple[Verification, ...]:
    """The verifications that were settled by the end of the day, with their findings and what was corrected since."""
    rows = Verification.objects.filter(
        center=center, state=ReviewState.ACCEPTED, known_from__lte=known_at
    ).prefetch_related("findings__criterion")
    with translation.override("ja"):  # papers are Japanese, whoever makes them
        return tuple(in_force(center, rows.order_by("fiscal_year", "kind"), known_at=known_at))
