"""The history's duties (`tests.generated.chronicle`), and the pen with which all of it is written: moments of its own, one seed."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import time_machine

from agreements.duties import actions, programme_actions
from agreements.models import Duty, VerificationKind, Way
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import a_pdf, make_consultation
from tests.generated.chronicle_log import DutyStep, Log

# Moments of a day in Japan, in UTC: its first and last second, and the hours in which UTC is a day behind.
HOURS = (timedelta(0), timedelta(hours=3), timedelta(hours=10), timedelta(hours=23, minutes=59, seconds=59))


class Pen:
    """Who writes, and when: each step has a moment, and the Japanese day that it falls on."""

    def __init__(self, center: Center, *, foundation: User, city: User, seed: int) -> None:
        self.center, self.foundation, self.city = center, foundation, city
        self.random = Random(seed)
        self.log = Log()
        self.talk = make_consultation(center, proposer=foundation, confirmer=city, held_on=date(2016, 1, 20))

    def _on(self, day: date, *, after: datetime | None = None) -> datetime:
        """On the day, never before what was done last."""
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=9)
        at = start + self.random.choice(HOURS)
        return at if after is None else max(at, after)

    def _day(self, at: datetime) -> date:
        return (at + timedelta(hours=9)).date()

    def _later(self, day: date, most: int = 20) -> date:
        return day + timedelta(days=self.random.randint(0, most))


class OfDuties(Pen):
    """Duties stored, dated, extended, handed in, taken back, returned and settled; and what verifies the KPIs."""

    def _duties(self, year: int) -> None:
        """A year's programme is stored on some day of it; each of its duties goes its own way."""
        at = self._on(self._later(date(year, 4, 1), 25))
        with time_machine.travel(at, tick=False):
            stored = programme_actions.store_year(
                center=self.center, fiscal_year=FiscalYear(year), by=self.city, at=at
            )
        for duty in stored:
            self._step(duty, "stored", at, due=duty.due_on)
        for duty in stored:
            if not duty.obligation.verification:
                self._duty(duty, self._later(date(year, 5, 10), 30))

    def _step(self, duty: Duty, what: str, at: datetime, due: date | None = None) -> None:
        self.log.duties.append(
            DutyStep(duty.obligation.code, duty.fiscal_year.start, what, self._day(at), due)
        )

    def _duty(self, duty: Duty, day: date) -> None:
        """Dated or extended, handed in, taken back or returned, settled; some stay where they are."""
        at = self._on(day)
        if duty.due_on is None and self.random.random() < 0.6:
            self._dated(duty, at)
        if duty.due_on is not None and self.random.random() < 0.4:
            self._extended(duty, at := self._on(self._later(day), after=at))
        ways = [[self._settle], [self._take_back, self._settle], []]
        if duty.obligation.way != Way.OPERATOR_DECIDES:
            ways += [[self._return, self._settle], [self._return]]
        for step in self.random.choice(ways):
            for act in (self._handed_in, step):
                at = self._on(self._later(self._day(at)), after=at)
                act(duty, at)

    def _dated(self, duty: Duty, at: datetime) -> None:
        due = self._day(at) + timedelta(days=60)
        with time_machine.travel(at, tick=False):
            actions.set_own_date(duty=duty, version=duty.version, due_on=due, by=self.foundation)
        self._step(duty, "dated", at, due)

    def _extended(self, duty: Duty, at: datetime) -> None:
        due = actions.current_due(duty)
        if due is None:
            raise AssertionError("only what has a date is extended")
        later = due + timedelta(days=45)
        with time_machine.travel(at, tick=False):
            actions.extend(
                duty=duty,
                version=duty.version,
                due_on=later,
                reason="調整のため",
                consultation=self.talk,
                by=self.city,
                at=at,
            )
        self._step(duty, "extended", at, later)

    def _handed_in(self, duty: Duty, at: datetime) -> None:
        documents = [(required, a_pdf()) for required in duty.obligation.required_documents.all()]
        with time_machine.travel(at, tick=False):
            actions.save_and_submit(
                duty=duty,
                version=duty.version,
                note="提出します。",
                documents=documents,
                by=self.foundation,
                at=at,
            )
        self._step(duty, "in", at)

    def _take_back(self, duty: Duty, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            actions.take_back(duty=duty, version=duty.version, by=self.foundation)
        self._step(duty, "back", at)

    def _return(self, duty: Duty, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            self._opened(duty, at)
            actions.send_back(duty=duty, version=duty.version, text="直してください。", by=self.city, at=at)
        self._step(duty, "back", at)

    def _opened(self, duty: Duty, at: datetime) -> None:
        if duty.obligation.way == Way.REVIEW:
            actions.open_review(duty=duty, version=duty.version, by=self.city, at=at)

    def _settle(self, duty: Duty, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            if duty.obligation.way == Way.OPERATOR_DECIDES:
                actions.decide(
                    duty=duty, version=duty.version, consultation=self.talk, by=self.foundation, at=at
                )
            else:
                self._opened(duty, at)
                actions.accept(duty=duty, version=duty.version, by=self.city, at=at)
        self._step(duty, "settled", at)

    def _verification(self, year: int) -> None:
        """The KPIs' verification, which settles the duty to verify; not in every year."""
        if self.random.random() < 0.7:
            day = self._later(date(year + 1, 9, 1), 40)
            self.center.verifications.create(
                kind=VerificationKind.KPI,
                fiscal_year=FiscalYear(year),
                state=ReviewState.ACCEPTED,
                known_from=day,
                source="T6",
                result="検証した。",
            )
            self.log.verified.append((year, day))
