"""What is true of the money on a day: statements in force, sums without gaps, what was granted, drawn and left.

Plain loops over the log, and nothing of the portal. The rules are those of docs/domain.md, "Money". Amounts in whole yen.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from math import floor

from tests.generated.chronicle_log import Log
from tests.generated.frame import CONCLUDED, GRANT_TOTAL, GRANT_YEARS, fiscal_year
from tests.generated.reckoned import Day

GRANT = "city-grant"
SETTLED = "settlement"


def thousand(yen: int) -> int:
    """千円, half up."""
    return floor(yen / 1000 + 0.5)


def gap(years: Iterable[int]) -> list[int]:
    """The years between the first and the last that are not there."""
    known = sorted(years)
    return [year for year in range(known[0], known[-1]) if year not in known] if known else []


class Money:
    """The money on a day."""

    def __init__(self, log: Log, day: date) -> None:
        self.log, self.day = log, day
        self._day = Day(log, day)
        self.running = fiscal_year(day)

    @cached_property
    def figures(self) -> dict[tuple[int, str, str], int | None]:
        """(year, face, account or total): yen, None where nothing is recorded."""
        return self._day.money()

    def settled(self, year: int, what: str) -> int | None:
        """By the settlement in force; None without one, and where it does not say."""
        return self.figures.get((year, SETTLED, what))

    @cached_property
    def settled_years(self) -> list[int]:
        return sorted(year for year, face in self._day.statements() if face == SETTLED)

    @property
    def years(self) -> list[int]:
        """From the first year of which any statement is known to the last."""
        return self._day.money_years()

    # -- What the city's contributions are of the revenue, in tenths of a percent --

    def share(self, year: int) -> int | None:
        given, revenue = self.settled(year, GRANT), self.settled(year, "revenue")
        return floor(given * 1000 / revenue + 0.5) if given is not None and revenue else None

    # -- What came together --

    @cached_property
    def run(self) -> dict[int, int]:
        """The sum of the balances up to each year, as far as no year before it is missing."""
        found: dict[int, int] = {}
        if not self.settled_years:
            return found
        for year in range(self.settled_years[0], self.settled_years[-1] + 1):
            balance = self.settled(year, "balance")
            if balance is None:
                break
            found[year] = found.get(year - 1, 0) + balance
        return found

    @property
    def without_balance(self) -> list[int]:
        if not self.settled_years:
            return []
        every = range(self.settled_years[0], self.settled_years[-1] + 1)
        return [year for year in every if self.settled(year, "balance") is None]

    # -- The contribution --

    @property
    def is_draft(self) -> bool:
        """Before the agreement is signed nothing is granted, and no year of the measure has begun."""
        return self.day < CONCLUDED

    @property
    def begun(self) -> list[int]:
        """The measure's years that have begun."""
        first, last = GRANT_YEARS
        return [] if self.is_draft else list(range(first, min(last, self.running) + 1))

    @cached_property
    def granted(self) -> dict[int, int]:
        """The amount of each year that is in force."""
        return self._day.support()

    @cached_property
    def drawn(self) -> dict[int, int]:
        """By the settlements; a ledger is not kept in these histories."""
        return {year: yen for year in self.settled_years if (yen := self.settled(year, GRANT)) is not None}

    @property
    def contribution_years(self) -> list[int]:
        """The measure's years that have begun, and those of which anything is recorded."""
        return sorted({*self.begun, *self.granted, *self.drawn})

    def difference(self, year: int) -> int | None:
        if year in self.drawn and year in self.granted:
            return self.drawn[year] - self.granted[year]
        return None

    def counted(self, year: int) -> int | None:
        """What a limit is held against: drawn, else granted."""
        return self.drawn.get(year, self.granted.get(year))

    @property
    def counted_sum(self) -> int:
        return sum(self.counted(year) or 0 for year in self.contribution_years)

    @property
    def left(self) -> int:
        """Of the period's total; below 0 where it is passed."""
        return GRANT_TOTAL - self.counted_sum

    @property
    def uncounted(self) -> list[int]:
        """Years that are over and of which neither is recorded."""
        return [
            year for year in self.contribution_years if self.counted(year) is None and year < self.running
        ]

    @property
    def ungranted(self) -> list[int]:
        """Years of the measure, begun or recorded, without a granted amount."""
        return [year for year in self.begun if year not in self.granted]
