"""What is true of the KPIs on a day: what is held, how it stands against its target, and the year that is looked at first.

Plain loops over the log, and nothing of the portal. The rules are those of docs/domain.md, "KPIs".
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import floor

from tests.generated.chronicle_log import Log, ReportKnown, TargetKnown
from tests.generated.frame import BASELINE, CODES, INDICATORS, PLANS, fiscal_year, last_of
from tests.generated.reckoned import Day
from tests.generated.reckoned_sources import Other, Sources

VERDICTS = ("met", "not_met")


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an indicator in a year: a number or "-", of which day, how certain, and in which report."""

    value: int | str
    as_of: date
    certainty: str
    report: ReportKnown

    @property
    def is_number(self) -> bool:
        return self.value != "-"


def shown(code: str, value: int) -> int:
    """In the unit in which it is shown, half up."""
    return floor(value / CODES[code].scale + 0.5)


def quantity(code: str, value: int) -> str:
    """As it is written: 83件."""
    return f"{shown(code, value):,}{CODES[code].unit}".replace("-", "▲")


class Kpis:
    """The KPIs on a day."""

    def __init__(self, log: Log, day: date) -> None:
        self.log, self.day = log, day
        self.running = fiscal_year(day)
        self._judged: dict[tuple[str, str, int], TargetKnown | None] = {}

    @cached_property
    def _day(self) -> Day:
        return Day(self.log, self.day)

    @cached_property
    def plans(self) -> list[str]:
        """Those of which anything is known."""
        return self._day.plans()

    @cached_property
    def held(self) -> dict[tuple[str, str, int], Held]:
        """A later day's blank leaves the earlier value standing while only a part of the year is reported; the year's own
        set holds for itself."""
        found = {}
        for (plan, year), last in self.reports.items():
            known = [last] if last.as_of >= last_of(year) else self._day.by_day(plan, year)
            for one in known:
                for code, value in one.values.items():
                    found[plan, code, year] = Held(value, one.as_of, one.certainty.get(code, ""), one)
        return found

    @cached_property
    def reports(self) -> dict[tuple[str, int], ReportKnown]:
        """The report that holds for each plan and year."""
        return self._day.reports()

    @cached_property
    def targets(self) -> dict[tuple[str, str, int], TargetKnown]:
        return self._day.targets()

    def target_judged(self, key: tuple[str, str, int]) -> TargetKnown | None:
        """The target in force when a value of the whole year was first accepted, with which the verdict stays; before that
        the one in force now."""
        if key not in self._judged:
            self._judged[key] = self._day.target_judging(key)
        return self._judged[key]

    def is_moved(self, key: tuple[str, str, int]) -> bool:
        """Whether another target is in force now than the one that the verdict stays with."""
        return key in self.targets and self.target_judged(key) is not self.targets[key]

    def moved(self, plan: str, year: int) -> int:
        """How many of a plan's indicators have such a target in the year."""
        return sum(self.is_moved(key) for key in self.keys(plan, year))

    def band_by(self, key: tuple[str, str, int], target: int) -> str:
        """How the value held would stand against another target; empty where what is said instead would stand otherwise."""
        held, other = self.held.get(key), self.others.get(key)
        if held is None or not held.is_number or self.band(key) == "interim":
            return ""
        values = [int(held.value), *([other.value] if other else [])]
        bands = {value <= target if CODES[key[1]].at_most else value >= target for value in values}
        return "" if len(bands) > 1 else "met" if True in bands else "not_met"

    def band(self, key: tuple[str, str, int]) -> str:
        """How it stands. A verdict needs a value of the whole year, or, after the year, a forecast."""
        plan, code, year = key
        held = self.held.get(key)
        if (plan, year) == BASELINE:
            return "baseline"
        if held is None:
            return "unreported"
        if not held.is_number:
            return "not_applicable"
        target = self.target_judged(key)
        if target is None:
            return "no_target"
        if not (self._is_final(held, year) or self.is_forecast(key)):
            return "interim"
        value = int(held.value)
        is_met = value <= target.value if CODES[code].at_most else value >= target.value
        return "met" if is_met else "not_met"

    @cached_property
    def others(self) -> dict[tuple[str, str, int], Other]:
        """What the settlement or the register says instead of a value that holds, where nobody said why."""
        sources = Sources(self.log, self.day)
        found = {
            key: sources.other(key, int(held.value), held.report)
            for key, held in self.held.items()
            if held.is_number
        }
        return {key: one for key, one in found.items() if one is not None}

    def stands(self, key: tuple[str, str, int]) -> str:
        """How it stands, as far as anything may be said: no verdict where what is said instead would give another one. Then
        it differs, by_settlement or by_register."""
        other, band, target = self.others.get(key), self.band(key), self.target_judged(key)
        if other is None or band not in VERDICTS or target is None:
            return band
        is_met = other.value <= target.value if CODES[key[1]].at_most else other.value >= target.value
        if is_met == (band == "met"):
            return band
        return "by_register" if other.by == "register" else "by_settlement"

    def is_forecast(self, key: tuple[str, str, int]) -> bool:
        """Whether what is known rests on a forecast of a year that is over."""
        held = self.held.get(key)
        return held is not None and held.is_number and held.certainty == "forecast" and key[2] < self.running

    def _is_final(self, held: Held, year: int) -> bool:
        return held.is_number and held.certainty == "final" and held.as_of >= last_of(year)

    def is_final(self, key: tuple[str, str, int]) -> bool:
        held = self.held.get(key)
        return held is not None and self._is_final(held, key[2])

    def keys(self, plan: str, year: int) -> list[tuple[str, str, int]]:
        return [(plan, one.code, year) for one in INDICATORS[plan]]

    def counts(self, plan: str, year: int) -> Counter[str]:
        """By how they stand; what rests on a forecast apart, as expected_met and expected_not_met."""
        return Counter(
            f"expected_{band}" if self.is_forecast(key) and band in VERDICTS else band
            for key in self.keys(plan, year)
            for band in [self.stands(key)]
        )

    def years(self, plan: str) -> range:
        first, last = PLANS[plan]
        return range(first, last + 1)

    def reported_years(self, plan: str) -> list[int]:
        return [year for year in self.years(plan) if any(self._numbers(plan, year))]

    def _numbers(self, plan: str, year: int) -> Iterator[tuple[str, str, int]]:
        return (key for key in self.keys(plan, year) if key in self.held and self.held[key].is_number)

    def whole_years(self, plan: str) -> list[int]:
        """Of which more is known than what was true within them."""
        return [
            year
            for year in self.years(plan)
            if any(self.band(key) != "interim" for key in self._numbers(plan, year))
        ]

    def focus(self, plan: str) -> int:
        """The year to look at first: the last whole one reported, else the last reported, else the running one."""
        years = self.whole_years(plan) or self.reported_years(plan)
        first, last = PLANS[plan]
        return years[-1] if years else min(max(self.running, first), last)

    def current(self) -> str | None:
        """The last plan begun; before any has, the first to come."""
        begun = [plan for plan in self.plans if PLANS[plan][0] <= self.running]
        return begun[-1] if begun else next(iter(self.plans), None)

    def final_values(self, plan: str, code: str) -> list[tuple[int, int]]:
        """(year, value) of the final values of whole years, the baseline among them."""
        years = [*([BASELINE[1]] if plan == BASELINE[0] else []), *self.years(plan)]
        return [
            (year, int(self.held[plan, code, year].value))
            for year in years
            if self.is_final((plan, code, year))
        ]
