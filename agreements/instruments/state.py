"""The state of an agreement on a day, from what is recorded about it. Pure; a state is never stored.

The rule is domain.md's, "State of an agreement"; mutual consent ends an agreement under Art. 12(2) of the basic
agreement and Art. 8(3) of the research-support agreement. What stands under an agreement ends with it
(docs/decisions/0016-what-ends-with-an-agreement.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import assert_never

from iconm_portal.values import partial_date


class State(Enum):
    """案, 発効前, 有効, 解約協議中, 終了."""

    DRAFT = "draft"
    CONCLUDED = "concluded"
    IN_FORCE = "in_force"
    TERMINATING = "terminating"
    ENDED = "ended"

    @property
    def binds(self) -> bool:
        """Whether the parties are bound on the day: also while they talk about an end."""
        match self:
            case State.IN_FORCE | State.TERMINATING:
                return True
            case State.DRAFT | State.CONCLUDED | State.ENDED:
                return False
            case _:
                assert_never(self)

    @property
    def is_alive(self) -> bool:
        """Whether it is concluded and not over, so that it can be amended or ended."""
        match self:
            case State.CONCLUDED | State.IN_FORCE | State.TERMINATING:
                return True
            case State.DRAFT | State.ENDED:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class StandingNotice:
    """A notice of termination: the day it was given, and the day it was withdrawn, if it was."""

    given_on: date
    withdrawn_on: date | None = None
    known_from: date = date.min  # the day on which it was recorded

    def stands_on(self, day: date) -> bool:
        """From the day it was given, as far as it was known, until the day before it was withdrawn."""
        return (
            self.given_on <= day
            and self.known_from <= day
            and (self.withdrawn_on is None or day < self.withdrawn_on)
        )


@dataclass(frozen=True, slots=True)
class AgreedEnding:
    """An ending that both sides confirmed: the last day in force, and the day from which it was known."""

    ends_on: date
    known_from: date


@dataclass(frozen=True, slots=True)
class Signed:
    """A conclusion that both sides confirmed: when it was signed, as precisely as it is known, and the day from which
    the parties knew it here."""

    on: str
    known_from: date = date.min


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides the state. `conclusions` are the confirmed revisions, the last that is known on a day holds.

    `above`: the facts of the agreement under which it stands and with which it ends.
    """

    starts_on: date
    ends_on: date | None = None
    conclusions: Sequence[Signed] = ()
    notices: Sequence[StandingNotice] = ()
    ending: AgreedEnding | None = None
    above: "Facts | None" = None

    def last_day(self, day: date) -> date | None:
        """The last day in force as it was known on the day; None where no end is known."""
        return earliest(self.own_last_day(day), self.last_day_above(day))

    def own_last_day(self, day: date) -> date | None:
        """The same by what was agreed for it alone: its term, or an earlier day on which both agreed."""
        agreed = self.ending.ends_on if self.ending and self.ending.known_from <= day else None
        return earliest(self.ends_on, agreed)

    def last_day_above(self, day: date) -> date | None:
        """The last day on which it still stands on something, as known on the day."""
        return self.above.binds_until(day) if self.above else None

    def binds_until(self, day: date) -> date | None:
        """The last day on which what rests on it has its ground; the term of a mere draft takes nothing along."""
        return self.last_day(day) if self.is_concluded(day) else self.last_day_above(day)

    def has_ended(self, day: date) -> bool:
        """Whether it is over on the day, as known then; a draft only with what it stands on."""
        last = self.binds_until(day)
        return last is not None and last < day

    def never_starts(self, day: date) -> bool:
        """Whether it is over before it would come into force, as known on the day."""
        last = self.binds_until(day)
        return last is not None and last < self.starts_on

    def ends_with_above(self, day: date) -> bool:
        """Whether its last day is that of the agreement above it, and not one of its own."""
        above, own = self.last_day_above(day), self.own_last_day(day)
        return above is not None and (own is None or above < own or not self.is_concluded(day))

    def concluded_on(self, day: date) -> str | None:
        """When it was signed, as known on the day."""
        known = [one for one in self.conclusions if one.known_from <= day]
        return known[-1].on if known else None

    def is_concluded(self, day: date) -> bool:
        """A conclusion known to the month or year counts from the first day that it can mean."""
        signed = self.concluded_on(day)
        return signed is not None and partial_date.first_day(signed) <= day


def earliest(*days: date | None) -> date | None:
    """The first of the days that are known; None where none is."""
    return min((day for day in days if day is not None), default=None)


def state_on(facts: Facts, day: date) -> State:
    """The state on the day. Without a recorded conclusion an agreement stays a draft, whatever its dates say, unless the
    one under which it would have come into force is over."""
    if facts.has_ended(day):
        return State.ENDED
    if not facts.is_concluded(day):
        return State.DRAFT
    if day < facts.starts_on:
        return State.CONCLUDED
    # Once both have confirmed an ending, there is nothing left to talk about: in force until its last day.
    is_agreed = facts.ending is not None and facts.ending.known_from <= day
    if not is_agreed and any(notice.stands_on(day) for notice in facts.notices):
        return State.TERMINATING
    return State.IN_FORCE
