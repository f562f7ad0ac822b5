"""Which duties the agreements of a center ask for, year by year, and when each is due: from rules to rows, no state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.db.models import Prefetch

from agreements.duties import due_dates
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.state import Facts
from agreements.models import Agreement, Obligation, Timing
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

# A due date lies at most this many calendar years from the fiscal year that it concerns (`Obligation.due_year_offset`),
# so that what is due within a fiscal year concerns one of the years around it.
REACH = 3


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement with its obligations, and what decides from when to when it binds."""

    agreement: Agreement
    facts: Facts
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """What an obligation asks for in one fiscal year. `due` is None where no article prints a date."""

    agreed: Agreed
    obligation: Obligation
    fiscal_year: FiscalYear
    due: due_dates.DueDate | None


def agreements_of(center: Center) -> list[Agreed]:
    """The center's agreements with all their obligations, in order; six queries whatever their number."""
    obligations = Obligation.objects.select_related("provision__edition").prefetch_related(
        "required_documents"
    )
    agreements = instrument_agreements.with_state(Agreement.objects.filter(center=center)).select_related(
        "center"
    )
    return [
        Agreed(agreement, instrument_agreements.facts_of(agreement), tuple(agreement.obligations.all()))
        for agreement in agreements.prefetch_related(Prefetch("obligations", queryset=obligations))
    ]


def owed_around(agreed: list[Agreed], year: FiscalYear, *, today: date) -> Iterator[Owed]:
    """Every duty that concerns the year or may fall due within it, as the agreements stand today."""
    for one in agreed:
        last = one.facts.last_day(today)
        for obligation in one.obligations:
            for concerned in FiscalYear.range(year - REACH, year + REACH):
                due = _due(obligation, concerned)
                if _is_owed(one.facts.starts_on, last, obligation, concerned, due):
                    yield Owed(one, obligation, concerned, due)


def _due(obligation: Obligation, year: FiscalYear) -> due_dates.DueDate | None:
    """By the obligation's rule; None where it has none."""
    match obligation.timing:
        case Timing.ONCE:
            return due_dates.DueDate(obligation.due_on) if obligation.due_on else None
        case Timing.YEARLY | Timing.CONTINUOUS | Timing.ON_REQUEST:
            if obligation.due_month is None or obligation.due_day is None:
                return None
            return due_dates.due_date(
                month=obligation.due_month,
                day=obligation.due_day,
                year_offset=obligation.due_year_offset,
                fiscal_year=year,
            )
        case _:
            assert_never(obligation.timing)


def _is_owed(
    starts_on: date,
    ends_on: date | None,
    obligation: Obligation,
    year: FiscalYear,
    due: due_dates.DueDate | None,
) -> bool:
    """Duties begin within the agreement's force: the year that they concern touches it, and none was due before it."""
    match obligation.timing:
        case Timing.ONCE:
            once = FiscalYear.of(obligation.due_on or starts_on)
            if year != (obligation.first_year or once):
                return False
        case Timing.YEARLY:
            if obligation.first_year and year < obligation.first_year:
                return False
            if obligation.last_year and year > obligation.last_year:
                return False
        case Timing.CONTINUOUS | Timing.ON_REQUEST:
            return False  # it has no duty of its own accord
        case _:
            assert_never(obligation.timing)
    begun = year.last_day >= starts_on and (due is None or due.on >= starts_on)
    return begun and (ends_on is None or year.first_day <= ends_on)


def belongs_to(one: Owed, year: FiscalYear) -> bool:
    """Whether it is part of a year's programme."""
    return programme_year(one.obligation, one.fiscal_year, one.due.on if one.due else None) == year


def programme_year(obligation: Obligation, concerned: FiscalYear, due_on: date | None) -> FiscalYear:
    """The fiscal year in whose programme it stands: of its due date; without one, a verification follows the year
    that it concerns, and anything else is done within it."""
    if due_on is not None:
        return FiscalYear.of(due_on)
    return concerned + 1 if obligation.verification else concerned
