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
from agreements.endings import free_use, resting
from agreements.instruments import agreements
from agreements.instruments.agreements import AgreementOnDay
from agreements.models import (
    Agreement,
    ChronologyEntry,
    Criterion,
    LandJudgement,
    Obligation,
    Provision,
    Verdict,
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
    ended_by: Agreement | None = None  # the one above it, with which it ends

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
    on_day = agreements.load(center, day=known_at)
    entries = [
        entry
        for entry in on_day.entries
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
            above.agreement if (above := on_day.ended_by(entry)) else None,
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


@dataclass(frozen=True)
class Verified:
    """A settled verification; of the 効果検証 with the city's judgement and its corrections, oldest first."""

    row: Verification
    judgements: tuple[LandJudgement, ...]
    criteria: Mapping[str, str]  # the criteria's names by their codes, in order

    @property
    def holds(self) -> LandJudgement | None:
        """The judgement that holds: the last correction."""
        return self.judgements[-1] if self.judgements else None

    @property
    def was_corrected(self) -> bool:
        """Whether the city's first judgement does not hold any more."""
        return len(self.judgements) > 1

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that holds; none of what both verify."""
        return self.holds.verdict if self.holds else self.row.verdict or None

    @property
    def first_verdict(self) -> Verdict | None:
        """The verdict that was corrected."""
        return self.row.verdict or None if self.was_corrected else None

    @property
    def follow_up(self) -> str:
        """What is to follow, of the judgement that holds."""
        return self.holds.follow_up if self.was_corrected and self.holds else self.row.follow_up

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """What the city judges under each criterion, of the judgement that holds."""
        found = {one.criterion.code: one.judgement for one in self.row.findings.all()}
        if self.holds is not None:
            found |= self.holds.said
        return tuple((name, found[code]) for code, name in self.criteria.items() if found.get(code))


def verifications(center: Center, *, known_at: date) -> tuple[Verified, ...]:
    """The verifications that were settled by the end of the day, with what was corrected since as known on it."""
    rows = Verification.objects.filter(
        center=center, state=ReviewState.ACCEPTED, known_from__lte=known_at
    ).prefetch_related("findings__criterion")
    judged: dict[int, list[LandJudgement]] = defaultdict(list)
    for judgement in free_use.all_of(center):
        if judgement.verification_id is not None and judgement.known_from <= known_at:
            judged[judgement.verification_id].append(judgement)
    criteria = dict(Criterion.objects.filter(center=center).values_list("code", "label"))
    with translation.override("ja"):  # papers are Japanese, whoever makes them
        marked = list(in_force(center, rows.order_by("fiscal_year", "kind"), known_at=known_at))
        resting.mark(center, marked, known_at=known_at)
    return tuple(Verified(row, tuple(judged[row.pk]), criteria) for row in marked)
