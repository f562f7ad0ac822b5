"""Which duties the agreements of a center ask for, year by year, and when each is due: from rules to rows, no state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from agreements.duties.timings import DueRule
from agreements.editions.obligations import due_dates, rules
from agreements.editions.obligations.rules import Rule
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.state import Facts
from agreements.models import Agreement, Obligation
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
    rule: Rule

    @property
    def due(self) -> due_dates.DueDate | None:
        return self.rule.due(self.fiscal_year)


def agreements_of(center: Center) -> list[Agreed]:
    """The center's agreements with all their obligations, in order; seven queries whatever their number."""
    obligations = rules.with_changes(
        Obligation.objects.select_related("provision__edition").prefetch_related("required_documents")
    )
    agreements = instrument_agreements.with_state(Agreement.objects.filter(center=center)).select_related(
        "center"
    )
    found = list(agreements.prefetch_related(Prefetch("obligations", queryset=obligations)))
    facts = instrument_agreements.linked(found)
    return [Agreed(agreement, facts[agreement.pk], tuple(agreement.obligations.all())) for agreement in found]


def owed_around(
    agreed: list[Agreed], year: FiscalYear, *, today: date, since: FiscalYear | None = None
) -> Iterator[Owed]:
    """Every duty that concerns the year or may fall due within it, as the agreements stand today; with `since` also
    what concerns the years from there on."""
    first = min(year - REACH, since) if since is not None else year - REACH
    for one in agreed:
        for obligation in one.obligations:
            by_year = DueRule(obligation, one.facts, today)
            for concerned in FiscalYear.range(first, year + REACH):
                if by_year.is_owed(concerned):
                    rule = by_year.rule(concerned)
                    yield Owed(one, rules.under(obligation, rule), concerned, rule)


def first_year(agreed: list[Agreed]) -> FiscalYear | None:
    """The earliest year that the agreements can ask for; None without any."""
    return min((FiscalYear.of(one.facts.starts_on) for one in agreed), default=None)


def belongs_to(one: Owed, year: FiscalYear) -> bool:
    """Whether it is part of a year's programme."""
    return programme_year(one.obligation, one.fiscal_year, one.due.on if one.due else None) == year


def programme_year(obligation: Obligation, concerned: FiscalYear, due_on: date | None) -> FiscalYear:
    """The fiscal year in whose programme it stands: of its due date; without one, a verification follows the year
    that it concerns, and anything else is done within it."""
    if due_on is not None:
        return FiscalYear.of(due_on)
    return concerned + 1 if obligation.verification else concerned
