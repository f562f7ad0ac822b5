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
    """The money on a day. `sees_open`: for those who see the ledger of a year that is not closed too."""

    def __init__(self, log: Log, day: date, *, sees_open: bool = False) -> None:
        self.log, self.day, self.sees_open = log, day, sees_open
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
        """By the settlements, and where these say nothing by the ledger, as far as it is seen."""
        return self.seen_ledger | self.by_settlement

    @cached_property
    def by_settlement(self) -> dict[int, int]:
        return {year: yen for year in self.settled_years if (yen := self.settled(year, GRANT)) is not None}

    @cached_property
    def ledger(self) -> dict[int, int]:
        """The sum of the year's lines, of those years that have any."""
        found: dict[int, int] = {}
        for one in self.log.entries:
            if one.on <= self.day:
                found[one.year] = found.get(one.year, 0) + one.yen
        return found

    @cached_property
    def seen_ledger(self) -> dict[int, int]:
        return {year: yen for year, yen in self.ledger.items() if self.sees_open or self.is_closed(year)}

    def is_closed(self, year: int) -> bool:
        steps = [one for one in self.log.closings if one.year == year and one.on <= self.day]
        return bool(steps) and steps[-1].is_closed

    @property
    def part_years(self) -> list[int]:
        """The running year, of which only the ledger says something so far."""
        return [year for year in self.drawn if year not in self.by_settlement and year >= self.running]

    @property
    def contribution_years(self) -> list[int]:
        """The measure's years that have begun, and those of which anything is recorded."""
        return sorted({*self.begun, *self.granted, *self.drawn})

    def difference(self, year: int) -> int | None:
        if year in self.drawn and year in self.granted and year not in self.part_years:
            return self.drawn[year] - self.granted[year]
        return None

    def counted(self, year: int) -> int | None:
        """What a limit is held against: drawn, else granted."""
        return self.drawn.get(year, self.granted.get(year))

    @property
    def counted_sum(self) -> int:
        return sum(self.counted(year) or 0 for year in self.contribution_years)

    @property
    def total(self) -> int:
        """What limits the whole period: by the last amendment that is known and in force, else as first agreed."""
        amended = [one for one in self.log.totals if max(one.on, one.first_day) <= self.day]
        return max(amended, key=lambda one: one.edition).yen if amended else GRANT_TOTAL

    @property
    def left(self) -> int:
        """Of the period's total; below 0 where it is passed."""
        return self.total - self.counted_sum

    @property
    def uncounted(self) -> list[int]:
        """Years that are over and of which neither is recorded."""
        return [
            year for year in self.contribution_years if self.counted(year) is None and year < self.running
        ]

    @property
    def hidden(self) -> list[int]:
        """Years of the measure of which only a ledger tells that these people do not see yet."""
        told = {*self.seen_ledger, *self.by_settlement}
        return [year for year in self.contribution_years if year in self.ledger and year not in told]

    @property
    def unknown(self) -> list[int]:
        """Years of which nothing is known that could be held against the limit."""
        return sorted({*self.uncounted, *self.hidden})

    @property
    def ungranted(self) -> list[int]:
        """Years of the measure, begun or recorded, without a granted amount."""
        return [year for year in self.begun if year not in self.granted]
