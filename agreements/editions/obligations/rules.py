"""Which rule of an obligation holds for which fiscal year: its own, or what an amendment that both confirmed made of it.

Asked with the obligation, the year, and the day whose knowledge counts. No queries where the obligation comes from
`with_changes`.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, assert_never

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from agreements.editions.obligations import due_dates
from agreements.editions.obligations.due_dates import DueDate
from agreements.models import Edition, Obligation, ObligationChange, Outcome, Timing, obligation_change
from iconm_portal.models import ProposalState
from iconm_portal.values.fiscal import FiscalYear

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """When an obligation falls due in the years for which the rule holds. `edition`: the amendment that brought it."""

    timing: Timing
    month: int | None = None
    day: int | None = None
    year_offset: int = 0
    on: date | None = None
    is_dropped: bool = False
    edition: Edition | None = None

    def due(self, year: FiscalYear) -> DueDate | None:
        """The day for the year that it concerns; None where no article prints one."""
        match self.timing:
            case Timing.ONCE:
                return DueDate(self.on) if self.on else None
            case Timing.YEARLY | Timing.CONTINUOUS | Timing.ON_REQUEST:
                if self.month is None or self.day is None:
                    return None
                return due_dates.due_date(
                    month=self.month, day=self.day, year_offset=self.year_offset, fiscal_year=year
                )
            case _:
                assert_never(self.timing)


def rule_of(obligation: Obligation, year: FiscalYear, *, known_at: date) -> Rule:
    """The rule of the obligation for the fiscal year that a duty concerns, as known at the end of the day."""
    change = obligation_change(obligation, year, known_at=known_at)
    return _own(obligation) if change is None else rule_from(change)


def settled_changes(obligation: Obligation, *, known_at: date) -> list[ObligationChange]:
    """Everything that amendments made of it by the day, in order."""
    found = [
        change
        for change in obligation.changes.all()
        if change.from_year is not None
        and change.edition.is_confirmed
        and change.edition.known_from is not None
        and change.edition.known_from <= known_at
    ]
    return sorted(found, key=lambda change: change.edition.number)


def _own(obligation: Obligation) -> Rule:
    return Rule(
        Timing(obligation.timing),
        obligation.due_month,
        obligation.due_day,
        obligation.due_year_offset,
        obligation.due_on,
    )


def rule_from(change: ObligationChange) -> Rule:
    """The rule that a change makes, settled or not."""
    timing = Timing(change.obligation.timing)
    match change.outcome:
        case Outcome.UNCHANGED:
            return _own(change.obligation)
        case Outcome.DROPPED:
            return Rule(timing, is_dropped=True, edition=change.edition)
        case Outcome.NEW_RULE:
            return Rule(
                timing,
                change.due_month,
                change.due_day,
                change.due_year_offset,
                change.due_on,
                edition=change.edition,
            )
        case _:
            assert_never(change.outcome)


def under(obligation: Obligation, rule: Rule) -> Obligation:
    """The obligation as it reads under a rule: for words and sheets, never saved."""
    if rule.edition is None:
        return obligation
    read = copy.copy(obligation)
    read.due_month, read.due_day, read.due_year_offset = rule.month, rule.day, rule.year_offset
    read.due_on = rule.on
    return read


def in_year(obligation: Obligation, year: FiscalYear, *, known_at: date) -> Obligation:
    """The obligation as it reads for a fiscal year."""
    return under(obligation, rule_of(obligation, year, known_at=known_at))


def load_changes(obligations: Sequence[Obligation], *, known_at: date = date.max) -> None:
    """Ask for what amendments that were confirmed by the day made of obligations that are there; one query."""
    prefetch_related_objects(obligations, Prefetch("changes", _confirmed_changes(known_at)))


def with_changes(rows: Rows, path: str = "", *, known_at: date = date.max) -> Rows:
    """Obligations (or rows with one at `path`), each with what amendments that were confirmed by the day made of it."""
    return rows.prefetch_related(Prefetch(f"{path}changes", _confirmed_changes(known_at)))


def _confirmed_changes(known_at: date) -> QuerySet[ObligationChange]:
    changes = ObligationChange.objects.filter(
        edition__state=ProposalState.CONFIRMED, edition__known_from__lte=known_at, from_year__isnull=False
    )
    return changes.select_related("edition__consultation", "obligation")
