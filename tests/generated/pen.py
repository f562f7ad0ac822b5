"""The pen with which the history is written: its strands take their steps in the order of time, each at a moment of its own.

A strand is one matter (a report of a year, a duty, an agreement): a generator that names the moment of its next step and takes
it when that has come. So the portal can be looked at between any two steps, as people do.
"""

from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, TypeVar

import time_machine
from django.core.exceptions import ValidationError

from iconm_portal.forms.refusals import Conflict, SameSide, WrongStep
from iconm_portal.models import Center, User
from tests.builders.agreements import make_consultation
from tests.generated.chronicle_log import Log, PaperStep

# Moments of a day in Japan, in UTC: its first and last second, and the hours in which UTC is a day behind.
HOURS = (timedelta(0), timedelta(hours=3), timedelta(hours=10), timedelta(hours=23, minutes=59, seconds=59))
JAPAN = timedelta(hours=9)

Made = TypeVar("Made")
Steps = Generator[datetime, datetime, Made]
"""Yields when its next step is to be, gets when it is."""


class Pen:
    """Who writes, and when: each step has a moment, and the Japanese day that it falls on."""

    def __init__(self, center: Center, *, foundation: User, city: User, seed: int) -> None:
        self.center, self.foundation, self.city = center, foundation, city
        self.random = Random(f"{seed} {center.code}")
        self.log = Log()
        self.talk = make_consultation(center, proposer=foundation, confirmer=city, held_on=date(2016, 1, 20))
        self._strands: list[tuple[datetime, int, Steps[Any], Random]] = []
        self._count = count()
        self._now = _moment(date(2015, 1, 1), time.min)

    # -- Strands --

    def begin(self, strand: Steps[Any]) -> None:
        """Let it wait for its first moment. It has dice of its own: another matter beside it changes nothing in it."""
        self._wait(strand, None, Random(self.random.random()))

    def until(self, day: date) -> None:
        """Take every step to the end of the day."""
        end = _moment(day, time.max)
        while self._strands and self._strands[0][0] <= end:
            moment, _number, strand, dice = heappop(self._strands)
            self._now = max(self._now, moment)
            with time_machine.travel(self._now, tick=False):
                self._wait(strand, self._now, dice)

    def _wait(self, strand: Steps[Any], now: datetime | None, dice: Random) -> None:
        others, self.random = self.random, dice
        try:
            # The first value sent into a generator is None.
            moment = next(strand) if now is None else strand.send(now)
        except StopIteration:
            return
        finally:
            self.random = others
        heappush(self._strands, (moment, next(self._count), strand, dice))

    def tried(self, act: Callable[..., Made], **how: Any) -> Made | None:
        """What the action made; None where it refused, which must then have changed nothing."""
        try:
            return act(**how)
        except (ValidationError, WrongStep, Conflict) as refusal:
            self.log.refused.append(f"{self._now:%F} {act.__name__}: {refusal!r:.150}")
            return None

    def refused(self, act: Callable[..., Any], **how: Any) -> None:
        """The action must refuse: what it would say is not so."""
        try:
            act(**how)
        except (ValidationError, WrongStep, Conflict, SameSide):
            return
        raise AssertionError(f"{self._now:%F} {act.__name__} went through: {how}")

    # -- Moments --

    def _on(self, day: date, *, after: datetime | None = None) -> datetime:
        """On the day, never before what was done last."""
        at = _moment(day, time.min) + self.random.choice(HOURS)
        return at if after is None else max(at, after)

    def _day(self, at: datetime) -> date:
        return (at + JAPAN).date()

    def _later(self, day: date, most: int = 20) -> date:
        return day + timedelta(days=self.random.randint(0, most))

    # -- Who --

    def sides(self) -> tuple[User, User]:
        """Whoever begins, and the other side."""
        first, second = self.random.sample([self.foundation, self.city], 2)
        return first, second

    def side(self, person: User) -> str:
        return "foundation" if person == self.foundation else "city"

    def note(self, paper: tuple[object, ...], state: str, at: datetime, by: User, verdict: str = "") -> None:
        """Write down where a paper stands now."""
        self.log.papers.append(PaperStep(paper, state, self._day(at), self.side(by), verdict))


def _moment(day: date, of: time) -> datetime:
    return datetime.combine(day, of, UTC) - JAPAN
