"""A center's agreements as they stand on a day: who with whom, since when, in which state, and what hangs on what.

A fixed number of queries, whatever the number of agreements. Other read models ask `state_of`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Count, Prefetch, QuerySet

from agreements.instruments.state import AgreedEnding, Facts, Signed, StandingNotice, State, state_on
from agreements.models import (
    Agreement,
    AgreementKind,
    Conclusion,
    Edition,
    Ending,
    Notice,
    Party,
    Post,
    SupportMeasure,
    as_amended,
)
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

# What is in force comes first; what is over, last.
READING_ORDER = (State.TERMINATING, State.IN_FORCE, State.CONCLUDED, State.DRAFT, State.ENDED)


@dataclass(frozen=True)
class AgreementOnDay:
    """An agreement with what decides its state on the day, and what hangs on it."""

    agreement: Agreement
    day: date
    conclusions: tuple[Conclusion, ...]
    parties: tuple[Party, ...]
    notices: tuple[Notice, ...]
    endings: tuple[Ending, ...]
    editions: tuple[Edition, ...]
    measures: tuple[SupportMeasure, ...]
    obligations: int
    facts: Facts

    @cached_property
    def state(self) -> State:
        """The state on the day."""
        return state_on(self.facts, self.day)

    @property
    def last_day(self) -> date | None:
        """The last day in force as known on the day; None without an end."""
        return self.facts.last_day(self.day)

    @property
    def conclusion(self) -> Conclusion | None:
        """The conclusion that holds: the highest revision that both had confirmed by the day."""
        known = [one for one in self.conclusions if is_known(one, self.day)]
        return known[-1] if known else None

    @property
    def open_conclusion(self) -> Conclusion | None:
        """The conclusion, or a correction of it, that one side has recorded and the other not confirmed."""
        return next((one for one in reversed(self.conclusions) if not one.is_confirmed), None)

    @property
    def notice(self) -> Notice | None:
        """The notice of termination that stands."""
        return next((notice for notice in self.notices if notice.withdrawn_at is None), None)

    @property
    def ending(self) -> Ending | None:
        """The ending that is drafted, proposed or confirmed; not one that was declined."""
        return next((ending for ending in self.endings if ending.state != ProposalState.DECLINED), None)

    @property
    def agreed_ending(self) -> Ending | None:
        """The ending that both sides confirmed."""
        return self.ending if self.ending is not None and self.ending.is_confirmed else None

    @property
    def edition(self) -> Edition | None:
        """The wording in force on the day; the first one where none is in force yet."""
        return edition_on(self.editions, self.day)

    @property
    def terms(self) -> Edition | None:
        """The first edition: of an annual agreement, the terms that one side proposes and the other confirms."""
        return next((edition for edition in self.editions if edition.number == 1), None)

    @property
    def contribution(self) -> int | None:
        """Of an annual agreement: what the city contributes on the day."""
        return contribution_on(self.agreement, self.editions, self.day)

    @property
    def is_annual(self) -> bool:
        """Whether it is concluded for one fiscal year (research-support agreement, Art. 6(2))."""
        return self.agreement.kind == AgreementKind.ANNUAL

    @property
    def is_only_proposed(self) -> bool:
        """An annual agreement whose terms only one side wants as yet: for both sides' staff only."""
        return self.is_annual and self.conclusion is None and not (self.terms and self.terms.is_confirmed)

    @property
    def ends_with_above(self) -> bool:
        """Whether it ends, or has ended, because the agreement above it does."""
        return self.facts.ends_with_above(self.day)

    @property
    def is_due_for_review(self) -> bool:
        """Whether the day of its review has come while it still stands."""
        review = self.agreement.review_on
        return review is not None and review <= self.day and self.state is not State.ENDED


@dataclass(frozen=True)
class AgreementsOnDay:
    """All agreements of a center on a day, in order of position."""

    center: Center
    day: date
    entries: tuple[AgreementOnDay, ...]

    @cached_property
    def by_id(self) -> Mapping[int, AgreementOnDay]:
        """Entries by the agreement's key."""
        return {entry.agreement.pk: entry for entry in self.entries}

    @cached_property
    def by_code(self) -> Mapping[str, AgreementOnDay]:
        """Entries by code."""
        return {entry.agreement.code: entry for entry in self.entries}

    def seen_by(self, person: User) -> "AgreementsOnDay":
        """Without what is only proposed, for those who see what is settled only."""
        if allowed(person, self.center, Right.SEE_SUBMITTED):
            return self
        return replace(self, entries=tuple(entry for entry in self.entries if not entry.is_only_proposed))

    def in_state(self, *states: State) -> list[AgreementOnDay]:
        """The entries in one of the states."""
        return [entry for entry in self.entries if entry.state in states]

    def parent(self, entry: AgreementOnDay) -> AgreementOnDay | None:
        """The agreement under which it stands."""
        return self.by_id.get(entry.agreement.parent_id or 0)

    def ended_by(self, entry: AgreementOnDay) -> AgreementOnDay | None:
        """The agreement above it whose end is its end; None where it ends of its own, or not at all."""
        if not entry.ends_with_above:
            return None
        above = self.parent(entry)
        return above and (self.ended_by(above) or above)

    def replaced(self, entry: AgreementOnDay) -> AgreementOnDay | None:
        """The agreement that it replaces."""
        return self.by_id.get(entry.agreement.replaces_id or 0)

    def replaced_by(self, entry: AgreementOnDay) -> list[AgreementOnDay]:
        """The agreements that replace it."""
        return [other for other in self.entries if other.agreement.replaces_id == entry.agreement.pk]

    def children(self, entry: AgreementOnDay) -> list[AgreementOnDay]:
        """What stands directly under it."""
        return [other for other in self.entries if other.agreement.parent_id == entry.agreement.pk]

    def below(self, entry: AgreementOnDay) -> list[AgreementOnDay]:
        """What stands under it at any depth, each after the one under which it stands."""
        found = []
        for child in self.children(entry):
            found += [child, *self.below(child)]
        return found

    def carried(self, entry: AgreementOnDay) -> list[SupportMeasure]:
        """The support measures whose contract this agreement is."""
        return [
            measure
            for other in self.entries
            for measure in other.measures
            if measure.contract_id == entry.agreement.pk
        ]

    def annual(self, parent: AgreementOnDay, year: FiscalYear) -> AgreementOnDay | None:
        """The annual agreement of a year under this agreement."""
        return next(
            (
                entry
                for entry in self.children(parent)
                if entry.agreement.kind == AgreementKind.ANNUAL and entry.agreement.fiscal_year == year
            ),
            None,
        )


def load(center: Center, *, day: date) -> AgreementsOnDay:
    """All agreements of the center, as they stand on the day."""
    agreements = list(with_particulars(Agreement.objects.filter(center=center)).select_related("center"))
    facts = linked(agreements)
    entries = tuple(_entry(agreement, day, facts[agreement.pk]) for agreement in agreements)
    return AgreementsOnDay(center, day, entries)


def with_particulars(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """Agreements with all that an entry shows, in a fixed number of queries."""
    return (
        with_state(agreements)
        .prefetch_related(
            "parties",
            Prefetch("editions", Edition.objects.order_by("number").defer("preamble", "closing")),
            Prefetch(
                "support_measures",
                SupportMeasure.objects.select_related("provision").prefetch_related(
                    "changes__edition__agreement"
                ),
            ),
        )
        .annotate(obligation_count=Count("obligations", distinct=True))
    )


def with_state(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """Agreements with what decides their state, for `state_of`."""
    people = ("recorded_by__organisation",)
    return agreements.prefetch_related(
        Prefetch(
            "conclusions",
            Conclusion.objects.filter(edition=None).select_related(
                "scan", "proposed_by", "confirmed_by", "declined_by", *people
            ),
        ),
        Prefetch("notices", Notice.objects.select_related("withdrawn_by", *people)),
        Prefetch(
            "endings",
            Ending.objects.select_related(
                "consultation__center", "proposed_by", "confirmed_by", "declined_by"
            ),
        ),
    )


def state_of(agreement: Agreement, day: date) -> State:
    """The agreement's state on the day; without further queries where it comes from `with_state`."""
    return state_on(facts_of(agreement), day)


def facts_of(agreement: Agreement) -> Facts:
    """What the pure rule needs, with that of all agreements above it: a few queries for each of them."""
    return linked([agreement])[agreement.pk]


def of_center(center: Center) -> Mapping[int, Facts]:
    """The facts of all agreements of the center, by key; four queries."""
    return linked(with_state(Agreement.objects.filter(center=center)))


def linked(agreements: Iterable[Agreement]) -> dict[int, Facts]:
    """The facts of each, by key, over those of the agreement above it; no further queries where that is among them."""
    known = {agreement.pk: agreement for agreement in agreements}
    found: dict[int, Facts] = {}

    def of(agreement: Agreement) -> Facts:
        if agreement.pk not in found:
            above = None
            if agreement.parent_id is not None and agreement.kind.ends_with_above:
                parent = known.get(agreement.parent_id) or agreement.parent
                above = of(parent) if parent else None
            found[agreement.pk] = replace(_own_facts(agreement), above=above)
        return found[agreement.pk]

    for agreement in known.values():
        of(agreement)
    return found


def _own_facts(agreement: Agreement) -> Facts:
    """The confirmed conclusions, the notices, the confirmed ending."""
    conclusions = [one for one in agreement.conclusions.all() if one.edition_id is None and one.is_confirmed]
    agreed = next((ending for ending in agreement.endings.all() if ending.is_confirmed), None)
    return Facts(
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        conclusions=[
            Signed(one.concluded_on, one.known_from or date.max)
            for one in sorted(conclusions, key=lambda one: one.revision)
        ],
        notices=[
            StandingNotice(
                notice.given_on,
                clock.day_of(notice.withdrawn_at) if notice.withdrawn_at else None,
                clock.day_of(notice.recorded_at),
            )
            for notice in agreement.notices.all()
        ],
        ending=AgreedEnding(agreed.ends_on, agreed.known_from) if agreed and agreed.known_from else None,
    )


def is_known(item: Conclusion | Edition, day: date) -> bool:
    """Whether both had confirmed it by the end of the day."""
    return item.is_confirmed and item.known_from is not None and item.known_from <= day


def concluded_annual(center: Center, *, known_at: date) -> QuerySet[Agreement]:
    """The annual agreements whose conclusion both had confirmed by the day, with their editions; two queries."""
    concluded = Conclusion.objects.filter(
        agreement__center=center, edition=None, state=ProposalState.CONFIRMED, known_from__lte=known_at
    )
    found = Agreement.objects.filter(
        kind=AgreementKind.ANNUAL, pk__in=concluded.order_by().values("agreement")
    )
    return found.prefetch_related(Prefetch("editions", Edition.objects.order_by("number")))


def contribution_on(agreement: Agreement, editions: Iterable[Edition], day: date) -> int | None:
    """What the city contributes by an annual agreement, as the last amendment that is in force on the day has it."""
    amended = [
        edition
        for edition in editions
        if edition.contribution is not None and is_known(edition, day) and edition.in_force_from <= day
    ]
    last = max(amended, key=lambda edition: edition.number, default=None)
    return last.contribution if last else agreement.contribution


def edition_on(editions: Sequence[Edition], day: date) -> Edition | None:
    """The wording in force on the day, of what both had confirmed by then; else the first edition, if any."""
    in_force = [edition for edition in editions if is_known(edition, day) and edition.in_force_from <= day]
    if in_force:
        return max(in_force, key=lambda edition: (edition.in_force_from, edition.number))
    return next((edition for edition in editions if edition.number == 1), None)


def posts(center: Center, day: date) -> list[Post]:
    """The posts that the center has on the day, in order."""
    return [post for post in center.posts.all() if post.is_there(day)]


def _entry(agreement: Agreement, day: date, facts: Facts) -> AgreementOnDay:
    return AgreementOnDay(
        agreement=agreement,
        day=day,
        conclusions=tuple(agreement.conclusions.all()),
        parties=tuple(agreement.parties.all()),
        notices=tuple(agreement.notices.all()),
        endings=tuple(agreement.endings.all()),
        editions=tuple(agreement.editions.all()),
        measures=tuple(as_amended(agreement.support_measures.all(), day=day, known_at=day)),
        obligations=getattr(agreement, "obligation_count", 0),
        facts=facts,
    )
