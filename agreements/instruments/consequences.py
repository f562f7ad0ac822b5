"""What falls when an agreement ends, or when the city finds that the land is no longer to be free.

Basic agreement, Art. 11(3), and the report's 6(1)b: what ends is the use free of charge. The contract for the land
itself stays. Shown before anyone confirms an ending or a negative finding; nothing here writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.agreements import AgreementOnDay, AgreementsOnDay
from agreements.instruments.state import State
from agreements.models import Agreement, AgreementKind, Duty, SupportKind, SupportMeasure
from iconm_portal.models import Center, ReviewState


@dataclass(frozen=True, slots=True)
class Falls:
    """What falls on the day after `last_day`, and what stays although one may think otherwise."""

    last_day: date
    agreements: tuple[AgreementOnDay, ...] = ()  # they stand under what ends, and lose their ground
    land: tuple[SupportMeasure, ...] = ()  # the use of the land free of charge
    measures: tuple[SupportMeasure, ...] = ()  # every other support measure
    open_duties: tuple[Duty, ...] = ()  # stored, not settled
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
        return not (self.agreements or self.land or self.measures or self.open_duties or self.obligations)


def falls_with(
    agreement: Agreement, *, last_day: date, day: date, known: AgreementsOnDay | None = None
) -> Falls:
    """What falls when the agreement is in force for the last time on `last_day`, as it is known on `day`.

    `known` saves the queries where the agreements of that day are there already.
    """
    found = known or instrument_agreements.load(agreement.center, day=day)
    entry = found.by_id[agreement.pk]
    below = [other for other in found.below(entry) if _still_stands(other, last_day)]
    falling = [other for other in below if other.agreement.kind != AgreementKind.LAND_LOAN]
    concerned = [entry, *falling]
    measures = _running(concerned, last_day)
    # A contract for the land gone with its own end takes along the measure that it carries.
    measures += [measure for measure in found.carried(entry) if _runs_after(measure, last_day)]
    land = tuple(measure for measure in measures if measure.kind == SupportKind.LAND)
    return Falls(
        last_day=last_day,
        agreements=tuple(falling),
        land=land,
        measures=tuple(measure for measure in measures if measure.kind != SupportKind.LAND),
        open_duties=_open_duties(concerned),
        obligations=sum(other.obligations for other in concerned),
        contracts_that_stay=_contracts(found, below, land, without=agreement),
    )


def falls_with_the_land(center: Center, *, last_day: date, day: date) -> Falls:
    """What follows from a negative finding: the land is free for the last time on `last_day`; all else stays."""
    found = instrument_agreements.load(center, day=day)
    standing = [entry for entry in found.entries if _still_stands(entry, last_day)]
    land = tuple(measure for measure in _running(standing, last_day) if measure.kind == SupportKind.LAND)
    return Falls(last_day=last_day, land=land, contracts_that_stay=_contracts(found, [], land))


def _still_stands(entry: AgreementOnDay, last_day: date) -> bool:
    """Not over by then anyway. An unsigned draft counts: it could not come into force without its ground."""
    end = entry.last_day
    return entry.state is not State.ENDED and (end is None or end > last_day)


def _running(entries: Iterable[AgreementOnDay], last_day: date) -> list[SupportMeasure]:
    return [measure for entry in entries for measure in entry.measures if _runs_after(measure, last_day)]


def _runs_after(measure: SupportMeasure, last_day: date) -> bool:
    return measure.last_year is None or measure.last_year.last_day > last_day


def _open_duties(entries: Iterable[AgreementOnDay]) -> tuple[Duty, ...]:
    """What is stored and not settled, by year and date."""
    duties = Duty.objects.filter(obligation__agreement__in=[entry.agreement for entry in entries])
    return tuple(duties.exclude(state=ReviewState.ACCEPTED).select_related("obligation__agreement__center"))


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
