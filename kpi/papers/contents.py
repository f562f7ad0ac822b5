"""Everything that a pack can show, read from one state of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import translation

from agreements.duties import duty_status
from agreements.duties.duty_status import Fulfilment
from agreements.instruments import reported_facts
from agreements.instruments.reported_facts import Fact
from agreements.models import ChronologyEntry
from agreements.pages import overview
from agreements.pages.overview import Agreed, Verified
from agreements.support import support
from agreements.support.support import Measure
from finance.balance import balance
from finance.balance.balance import Balance
from iconm_portal.history.snapshot import one_state
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import initiatives
from kpi.initiatives.initiatives import Scheme
from kpi.models import Record
from kpi.plans import scorecard
from kpi.plans.scorecard import Board, Scorecard
from kpi.register import papers


class NothingKnownError(Exception):
    """Nothing was known of the center on that day."""


@dataclass(frozen=True)
class Contents:
    """What was known at the end of `as_of`, for a pack about `year`. What is empty has no section.

    `targets` is the newest plan known, `achievement` the last plan begun by the year.
    """

    center: Center
    year: FiscalYear
    as_of: date
    board: Board
    targets: Scorecard | None
    achievement: Scorecard | None
    measures: tuple[Measure, ...]
    agreed: tuple[Agreed, ...]
    duties: tuple[Fulfilment, ...]
    verified: tuple[Verified, ...]
    chronology: tuple[ChronologyEntry, ...]
    facts: tuple[Fact, ...]
    balance: Balance
    records: tuple[Record, ...]
    schemes: tuple[Scheme, ...]

    @property
    def main_schemes(self) -> list[Scheme]:
        """主な取組 of the year and, as soon as they are there, of the next one."""
        return [
            scheme
            for scheme in self.schemes
            if not scheme.has_headings
            and scheme.first_year <= self.year.next
            and (scheme.last_year is None or scheme.last_year >= self.year)
        ]

    @property
    def listed_scheme(self) -> Scheme | None:
        """研究支援事業一覧: the newest list with headings that had begun by the year."""
        begun = [one for one in self.schemes if one.has_headings and one.first_year <= self.year]
        return max(begun, key=lambda scheme: scheme.first_year, default=None)

    @property
    def plans(self) -> Sequence[Scorecard]:
        """The plans that the pack shows, each once."""
        shown = [plan for plan in (self.targets, self.achievement) if plan is not None]
        return list({plan.code: plan for plan in shown}.values())

    @property
    def is_empty(self) -> bool:
        """Agreements, and what is granted without amounts, are on record as such; figures are known since a day."""
        has_amounts = any(measure.recorded for measure in self.measures)
        return not (self.board.plans or self.balance.statements or has_amounts)


def read(center: Center, *, year: FiscalYear, as_of: date) -> Contents:
    """Read all of it, in a fixed number of queries. Raises NothingKnownError where there is nothing to show."""
    with one_state():
        with translation.override("ja"):  # papers are Japanese, whoever makes them
            board = scorecard.load(center, known_at=as_of)
        found = Contents(
            center=center,
            year=year,
            as_of=as_of,
            board=board,
            targets=board.plans[-1] if board.plans else None,
            achievement=board.current(year.last_day),
            measures=support.load(center, known_at=as_of),
            agreed=overview.load(center, known_at=as_of),
            duties=duty_status.load(center, year, known_at=as_of),
            verified=overview.verifications(center, known_at=as_of),
            chronology=overview.chronology(center, known_at=as_of),
            facts=tuple(reported_facts.of_center(center)),
            records=papers.load(center, year=year, as_of=as_of),
            balance=balance.load(center, known_at=as_of),
            schemes=initiatives.load(center, year=year, known_at=as_of),
        )
    if found.is_empty:
        raise NothingKnownError(as_of)
    return found
