"""What falls when an agreement ends, or when the city finds that the land is no longer to be free.

Shown before anyone confirms it; and since states, grants, duties and verifications follow from the same facts
(`instruments/state.py`, `grants.py`), it is what every page shows as ended from the day after. What falls is what ends
because of it: what would be over by then anyway is not listed. The contract for the land itself stays: what ends is the
use free of charge (basic agreement, Art. 11(3); report, 6(1)b). Nothing here writes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agreements.endings import free_use, grants
from agreements.endings.free_use import Judgements
from agreements.endings.grants import Grant
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.agreements import AgreementOnDay, AgreementsOnDay
from agreements.instruments.obligation_deeds import deed_of
from agreements.instruments.state import AgreedEnding, Facts, Signed
from agreements.models import (
    Agreement,
    AgreementKind,
    Duty,
    LandJudgement,
    Obligation,
    Outcome,
    SupportKind,
    SupportMeasure,
    Verification,
    obligation_change,
)
from iconm_portal.models import EDITABLE_STATES, Center
from iconm_portal.standing.deeds import Deeds


@dataclass(frozen=True, slots=True)
class FallingDuty:
    """A duty that is stored and not settled. `due_on`: the date that holds, after any extension."""

    duty: Duty
    due_on: date | None
    is_extended: bool


@dataclass(frozen=True, slots=True)
class Falls:
    """What falls on the day after `last_day`, and what stays although one may think otherwise."""

    last_day: date
    agreements: tuple[AgreementOnDay, ...] = ()  # they stand under what ends, and lose their ground
    land: tuple[SupportMeasure, ...] = ()  # the use of the land free of charge
    measures: tuple[SupportMeasure, ...] = ()  # every other support measure
    open_duties: tuple[FallingDuty, ...] = ()
    verifications: tuple[Verification, ...] = ()  # begun, not settled, and asked for by nothing else
    obligations: int = 0  # what binds nobody any more
    contracts_that_stay: tuple[Agreement, ...] = ()

    @property
    def annual(self) -> list[AgreementOnDay]:
        """The annual agreements among those that fall."""
        return [entry for entry in self.agreements if entry.agreement.kind == AgreementKind.ANNUAL]

    @property
    def others(self) -> list[AgreementOnDay]:
        """The agreements that fall and are not annual ones."""
        return [entry for entry in self.agreements if entry.agreement.kind != AgreementKind.ANNUAL]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing else depends on it."""
        listed = (self.agreements, self.land, self.measures, self.open_duties, self.verifications)
        return not (any(listed) or self.obligations)

    @property
    def keys(self) -> frozenset[str]:
        """What falls, by natural keys."""
        things: list[Agreement | SupportMeasure | Duty | Verification] = [
            *(entry.agreement for entry in self.agreements),
            *self.land,
            *self.measures,
            *(falling.duty for falling in self.open_duties),
            *self.verifications,
        ]
        return frozenset(thing.history_key() for thing in things)


def falls_with(
    agreement: Agreement, *, last_day: date, day: date, known: AgreementsOnDay | None = None
) -> Falls:
    """What falls when the agreement is in force for the last time on `last_day`, as it is known on `day`.

    `known` saves the queries where the agreements of that day are there already.
    """
    found = known or instrument_agreements.load(agreement.center, day=day)
    entry = found.by_id[agreement.pk]
    ended = _Hypothesis(found, _facts(found, entry, AgreedEnding(last_day, day)))
    without_end = _Hypothesis(found, _facts(found, entry, None))
    after = last_day + timedelta(days=1)
    falling = [other for other in found.below(entry) if ended.takes(other, after, without_end)]
    judgements = free_use.load(found.center, known_at=day)
    measures = [
        measure
        for other in found.entries
        for measure in other.measures
        if ended.grant(measure, after, judgements).is_over(after)
        and not without_end.grant(measure, after, judgements).is_over(after)
    ]
    land = tuple(measure for measure in measures if measure.kind == SupportKind.LAND)
    gone = {entry.agreement.pk, *(other.agreement.pk for other in falling)}
    duties = _open_duties(found.center, gone, day)
    return Falls(
        last_day=last_day,
        agreements=tuple(falling),
        land=land,
        measures=tuple(measure for measure in measures if measure.kind != SupportKind.LAND),
        open_duties=duties,
        verifications=_verifications(found, gone, after),
        obligations=sum(other.obligations for other in found.entries if other.agreement.pk in gone),
        contracts_that_stay=_contracts(found, found.below(entry), land, without=agreement),
    )


def falls_at_its_end(found: AgreementsOnDay, entry: AgreementOnDay) -> Falls | None:
    """What falls with an agreement whose last day is known and still to come; None where none is."""
    last = entry.facts.binds_until(found.day)
    if last is None or last < found.day:
        return None
    return falls_with(entry.agreement, last_day=last, day=found.day, known=found)


@dataclass(frozen=True, slots=True)
class JudgedLand:
    """What a finding of the city on the land is about, and what falls with a negative one."""

    granted: tuple[
        SupportMeasure, ...
    ]  # all that it is about: what is free now, and what an earlier one has taken
    falls: Falls
    is_only_drafted: bool  # land is to be granted, but its agreement or contract is not concluded

    @property
    def keys(self) -> list[str]:
        """What it is about, by natural keys: a negative finding takes these, and no later grant."""
        return [measure.history_key() for measure in self.granted]


def falls_with_the_land(center: Center, *, last_day: date, day: date) -> Falls:
    """What follows from a negative finding of the day: the land is free for the last time on `last_day`; all else stays."""
    return judged_land(center, last_day=last_day, day=day).falls


def judged_land(
    center: Center, *, last_day: date, day: date, corrected: LandJudgement | None = None
) -> JudgedLand:
    """The land that a finding of the day is about: what is granted on that day. A later grant is judged anew.

    `corrected`: the judgement in whose place it is given; then it is about what was granted on that one's day.
    """
    found = instrument_agreements.load(center, day=day)
    all_of = [
        one for one in free_use.all_of(center) if corrected is None or one.first.pk != corrected.first.pk
    ]
    judgements = free_use.known(all_of, day)
    about = corrected.first.known_from if corrected else day
    now = _Hypothesis(found, {entry.agreement.pk: entry.facts for entry in found.entries})
    after = last_day + timedelta(days=1)
    measures = (measure for entry in found.entries for measure in entry.measures)
    lands = [measure for measure in measures if measure.kind == SupportKind.LAND]
    by_itself = [(one, now.grant(one, after, Judgements())) for one in lands]
    begun = [
        (one, grant) for one, grant in by_itself if grant.starts_on <= about and not grant.is_over(after)
    ]
    granted = tuple(one for one, grant in begun if grant.is_concluded)
    land = tuple(one for one in granted if not now.grant(one, after, judgements).is_over(after))
    return JudgedLand(
        granted=granted,
        falls=Falls(last_day=last_day, land=land, contracts_that_stay=_contracts(found, [], land)),
        is_only_drafted=bool(begun) and not granted,
    )


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """The agreements as they would be with other facts."""

    found: AgreementsOnDay
    facts: Mapping[int, Facts]

    def takes(self, entry: AgreementOnDay, after: date, otherwise: "_Hypothesis") -> bool:
        """Whether the agreement is over by the day with these facts, and would not be otherwise."""
        return self._is_over(entry, after) and not otherwise._is_over(entry, after)

    def _is_over(self, entry: AgreementOnDay, after: date) -> bool:
        last = self.facts[entry.agreement.pk].binds_until(self.found.day)
        return last is not None and last < after

    def grant(self, measure: SupportMeasure, on: date, judgements: Judgements) -> Grant:
        return grants.grant_on(measure, on, facts=self.facts, judgements=judgements, known_at=self.found.day)


def _facts(found: AgreementsOnDay, ending: AgreementOnDay, agreed: AgreedEnding | None) -> dict[int, Facts]:
    """All facts, as they would be if the one agreement ended so; None: if it never ended."""
    made: dict[int, Facts] = {}

    def of(entry: AgreementOnDay) -> Facts:
        if entry.agreement.pk not in made:
            facts, above = entry.facts, found.parent(entry)
            linked = of(above) if above is not None and facts.above is not None else None
            if entry is ending:  # as if it were concluded: a draft takes nothing along
                facts = replace(
                    facts,
                    ending=agreed,
                    ends_on=facts.ends_on if agreed else None,
                    conclusions=facts.conclusions or (Signed(found.day.isoformat()),),
                )
            made[entry.agreement.pk] = replace(facts, above=linked)
        return made[entry.agreement.pk]

    for entry in found.entries:
        of(entry)
    return made


def _open_duties(center: Center, agreements: Collection[int], day: date) -> tuple[FallingDuty, ...]:
    """What is stored and not settled, by year and date. What was handed in does not fall: it is still answered. Nor does
    what the portal has done already, or what an amendment no longer asks for."""
    rows = Duty.objects.filter(obligation__agreement__in=agreements, state__in=EDITABLE_STATES)
    rows = rows.select_related("obligation__agreement__center")
    rows = rows.prefetch_related("extensions", "obligation__changes__edition")
    deeds = Deeds(center)
    verified = set(
        Verification.objects.filter(center__agreements__in=agreements)
        .exclude(state__in=EDITABLE_STATES)
        .values_list("kind", "fiscal_year")
    )
    found = []
    for duty in rows:
        if (duty.obligation.verification, duty.fiscal_year) in verified:
            continue  # the year's verification fulfils it
        change = obligation_change(duty.obligation, duty.fiscal_year, known_at=day)
        if change is not None and change.outcome == Outcome.DROPPED:
            continue
        deed = deed_of(deeds, duty.obligation, duty.fiscal_year, duty)
        state = deed.as_known_on(day) if deed else None
        if state is not None and state.is_handed_in:
            continue
        extensions = list(duty.extensions.all())
        due_on = extensions[-1].due_on if extensions else duty.due_on
        found.append(FallingDuty(duty, due_on, bool(extensions)))
    return tuple(found)


def _verifications(found: AgreementsOnDay, gone: Collection[int], after: date) -> tuple[Verification, ...]:
    """What was begun and not handed in, of the kinds that nothing else asks for that stands. What was verified already, and
    is verified anew after a correction, can still be settled."""
    asked: dict[str, set[int]] = {}
    for kind, agreement in (
        Obligation.objects.filter(agreement__center=found.center)
        .exclude(verification="")
        .values_list("verification", "agreement")
    ):
        asked.setdefault(str(kind), set()).add(agreement)
    ended = {
        entry.agreement.pk
        for entry in found.entries
        if (last := entry.facts.binds_until(found.day)) is not None and last < after
    }
    falling = {kind for kind, by in asked.items() if by & set(gone) and not by - set(gone) - ended}
    rows = Verification.objects.filter(center=found.center, kind__in=falling, revision=1)
    rows = rows.select_related("center")
    return tuple(rows.filter(state__in=EDITABLE_STATES).order_by("fiscal_year", "kind"))


def _contracts(
    found: AgreementsOnDay,
    below: Iterable[AgreementOnDay],
    land: Iterable[SupportMeasure],
    without: Agreement | None = None,
) -> tuple[Agreement, ...]:
    """The contracts for the land that go on, by what they carry or by where they stand."""
    loans = {
        entry.agreement.pk: entry.agreement
        for entry in below
        if entry.agreement.kind == AgreementKind.LAND_LOAN
    }
    for measure in land:
        carrier = found.by_id.get(measure.contract_id or 0)
        if carrier is not None:
            loans[carrier.agreement.pk] = carrier.agreement
    return tuple(loan for key, loan in loans.items() if without is None or key != without.pk)
