"""What is true of the free use of land on a day: until when it lasts, and by which judgement of the city, or with what it ends.

Plain loops over the log, and nothing of the portal. The rules are those of docs/domain.md, "Agreements".
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.generated.chronicle_log import LandStep, Log
from tests.generated.reckoned_agreements import Agreements

GROUNDS = ("effect", "non_performance")


@dataclass(frozen=True, slots=True)
class End:
    """The last free day, and what ends it: effect, non_performance (with the judgement) or the agreement."""

    last_day: date
    by: str
    judgement: LandStep | None = None


class Land:
    """The land on a day, as known at its end; `without`: as if that judgement, and what it corrects, had not been given."""

    def __init__(self, log: Log, day: date, *, without: LandStep | None = None) -> None:
        self.log, self.day = log, day
        self.known = [one for one in log.land if one.on <= day]
        if without is not None:
            first = self.first_of(without)
            self.known = [one for one in self.known if self.first_of(one) is not first]

    def corrected_by(self, one: LandStep) -> LandStep | None:
        """What took its place."""
        return next((other for other in self.known if other.replaces == one.number), None)

    def first_of(self, one: LandStep) -> LandStep:
        """What it corrects in the end."""
        before = next((other for other in self.known if other.number == one.replaces), None)
        return self.first_of(before) if before else one

    def holding(self) -> list[LandStep]:
        """Those that nothing corrected, in the order in which they, or what they correct, were given."""
        left = [one for one in self.known if self.corrected_by(one) is None]
        return sorted(left, key=lambda one: self.first_of(one).number)

    def verdict(self, year: int) -> LandStep:
        """The judgement that holds of a year's evaluation of effects."""
        return next(one for one in self.holding() if one.year == year)

    def _deciding(self, ground: str, day: date) -> LandStep | None:
        found = [one for one in self.holding() if one.ground == ground and one.effect <= day]
        return found[-1] if found else None

    def _taken(self, ground: str) -> LandStep | None:
        """The one from which on it is not free on this ground: now, or from a later day on. One that says only the same again
        takes nothing."""
        taken: LandStep | None = None
        for day in sorted({one.effect for one in self.holding() if one.ground == ground}):
            if day > self.day and taken is not None:
                return taken
            one = self._deciding(ground, day)
            if one is None or one.is_free:
                taken = None
            elif taken is None:
                taken = one
        return taken

    def end(self) -> End | None:
        """What ends it first, as far as it is known."""
        ends = []
        if (last := Agreements(self.log, self.day).last_day("basic")) is not None:
            ends.append(End(last, "agreement"))
        ends += [
            End(one.effect - timedelta(days=1), ground, one)
            for ground in GROUNDS
            if (one := self._taken(ground)) is not None
        ]
        return min(ends, key=lambda one: one.last_day, default=None)

    def is_free_after(self, last: date) -> bool:
        """Whether it is still free on the day after, as it is known now."""
        end = Agreements(self.log, self.day).last_day("basic")
        if end is not None and end <= last:
            return False
        after = last + timedelta(days=1)
        return all((one := self._deciding(ground, after)) is None or one.is_free for ground in GROUNDS)
