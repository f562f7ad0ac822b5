"""What the settlement and the register say of a reported value by now, where that is something else and nobody said why.

Plain loops over the log, and nothing of the portal. The rules are those of docs/domain.md, "KPIs" and "What rests on what".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor

from tests.generated.chronicle_log import Log, RecordStep, ReportKnown, StatementKnown
from tests.generated.frame import CODES, COUNTED, PLANS, TAKEN, last_of
from tests.generated.reckoned import Day

Key = tuple[str, str, int]
CHAINS = {("third", "trials"): ("first", "second", "third")}
"""Of what is counted: the plans whose values it continues."""


@dataclass(frozen=True, slots=True)
class Other:
    """What is said instead, in base units: by the settlement, its correction, the forecast, or the register; since when, and
    which statement says it."""

    value: int
    by: str
    since: date
    statement: StatementKnown | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """What the register surely comes to, and what at most; None where it says nothing."""

    least: int
    most: int


class Sources:
    """What values are taken from and counted in, as known on a day."""

    def __init__(self, log: Log, day: date) -> None:
        self.log, self.day = log, day
        self._day = Day(log, day)

    def other(self, key: Key, value: int, report: ReportKnown) -> Other | None:
        """What is said instead of a value that holds; None where nothing is, or where that is explained."""
        if key[:2] in TAKEN:
            return self._by_account(key, value, report)
        return self._by_register(key, value, report) if key[:2] in COUNTED else None

    # -- Taken from the settlement --

    def line(self, key: Key, as_of: date, *, among: int | None = None) -> tuple[StatementKnown, int] | None:
        """The statement from which the value is taken, and its amount; `among` the first so many statements only. A settlement
        says nothing of a day within the year."""
        known = self.log.statements if among is None else self.log.statements[:among]
        held = Day(Log(statements=list(known)), self.day).statements()
        faces = ("settlement", "forecast") if as_of >= last_of(key[2]) else ("forecast",)
        for face in faces:
            statement = held.get((key[2], face))
            if statement is not None and (yen := statement.yen.get(TAKEN[key[:2]])) is not None:
                return statement, yen
        return None

    def differs(self, key: Key, value: int, certainty: str, line: tuple[StatementKnown, int]) -> bool:
        """Whether the value is another one as it is shown; what came of a year need not equal what was expected of it."""
        statement, yen = line
        is_expected = statement.stage == "forecast" and certainty != "forecast"
        return not is_expected and _shown(key, yen) != _shown(key, value)

    def _by_account(self, key: Key, value: int, report: ReportKnown) -> Other | None:
        now = self.line(key, report.as_of)
        if now is None or not self.differs(key, value, report.certainty[key[1]], now):
            return None
        statement, yen = now
        then = Sources(self.log, report.handed_in).line(key, report.as_of, among=report.statements)
        if key[1] in report.noted and then is not None and then[1] == yen:
            return None  # the note explains it
        by = statement.stage
        if by == "settlement" and then and then[0].stage == "settlement" and then[0] is not statement:
            by = "correction"
        return Other(yen, by, statement.known, statement)

    # -- Counted in the register --

    def _steps(self, key: Key, among: int | None = None) -> list[RecordStep]:
        known = self.log.records if among is None else self.log.records[:among]
        return [one for one in known if one.category == COUNTED[key[:2]] and one.on <= self.day]

    def count(self, key: Key, as_of: date, *, among: int | None = None) -> Count | None:
        """What the register comes to up to the as-of day, by the first so many steps: what stood before it, and the records
        since. None where it says nothing: where nothing of it is recorded, or less than was accepted before."""
        steps = self._steps(key, among)
        for value, day in self._accepted(key):
            opening = _opening(steps)
            if not (opening and day < opening[1]) and value > _most(steps, day):
                return None
        return _count(steps, as_of)

    def _accepted(self, key: Key) -> list[tuple[int, date]]:
        """Everything that was accepted of the cumulative and of what it continues, with its day: the last revision of each."""
        found = []
        for plan in CHAINS[key[:2]]:
            first, last = PLANS[plan]
            for year in range(first - 1, last + 1):
                for one in self._day.by_day(plan, year):
                    value = one.values.get(key[1], "-")
                    if value != "-":
                        found.append((int(value), one.as_of))
        return found

    def _by_register(self, key: Key, value: int, report: ReportKnown) -> Other | None:
        now = self.count(key, report.as_of)
        if now is None or now.least <= value <= now.most:
            return None
        then = Sources(self.log, report.handed_in).count(key, report.as_of, among=report.records)
        if then is not None and then.least == now.least:
            return None  # it said so when the report was handed in, and the note explains that
        days = [one.on for one in self._steps(key)]
        return Other(now.least, "register", max(days))


def _shown(key: Key, value: int) -> int:
    return floor(value / CODES[key[1]].scale + 0.5)


def _opening(steps: list[RecordStep]) -> tuple[int, date] | None:
    """So many until the end of the day, as said last."""
    said = [(one.things, one.latest) for one in steps if one.what == "opening"]
    number, day = said[-1] if said else (0, None)
    return None if day is None else (number, day)


def _kept(steps: list[RecordStep]) -> list[RecordStep]:
    withdrawn = {one.number for one in steps if one.what == "withdrawn"}
    return [one for one in steps if one.what == "added" and one.number not in withdrawn]


def _within(steps: list[RecordStep], as_of: date) -> tuple[int, int, int]:
    """How many records surely happened since the opening day and by the as-of day, for how many things these stand, and for
    how many more those that perhaps did."""
    opening = _opening(steps)
    first = opening[1] + timedelta(days=1) if opening else date.min
    number = surely = perhaps = 0
    for one in _kept(steps):
        if one.earliest is None or one.latest is None or first > as_of:
            continue
        if first <= one.earliest and one.latest <= as_of:
            number, surely = number + 1, surely + one.things
        elif one.earliest <= as_of and one.latest >= first:
            perhaps += one.things
    return number, surely, perhaps


def _most(steps: list[RecordStep], as_of: date) -> int:
    opening = _opening(steps)
    _number, surely, perhaps = _within(steps, as_of)
    return (opening[0] if opening else 0) + surely + perhaps


def _count(steps: list[RecordStep], as_of: date) -> Count | None:
    opening = _opening(steps)
    number, surely, perhaps = _within(steps, as_of)
    is_kept = number > 0 if opening is None else as_of == opening[1] or (as_of > opening[1] and number > 0)
    if not is_kept:
        return None
    least = (opening[0] if opening else 0) + surely
    return Count(least, least + perhaps)


def others(sources: Sources, held: Mapping[Key, tuple[int, ReportKnown]]) -> dict[Key, Other]:
    """Of every value that holds, what is said instead."""
    found = {key: sources.other(key, value, report) for key, (value, report) in held.items()}
    return {key: one for key, one in found.items() if one is not None}
