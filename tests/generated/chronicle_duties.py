"""The history's duties (`tests.generated.chronicle`): stored, dated, extended, handed in, returned and settled."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from agreements.duties import actions, programme_actions
from agreements.models import Duty, Way
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import a_pdf
from tests.generated.chronicle_amended import OfAmendments
from tests.generated.chronicle_log import DutyStep
from tests.generated.pen import Steps
from tests.generated.reckoned import Day


class OfDuties(OfAmendments):
    """A year's programme is stored on some day of it; each of its duties goes its own way, but for those that are fulfilled elsewhere."""

    def _duties(self, year: int) -> Steps[None]:
        at = yield self._on(self._later(date(year, 4, 1), 25))
        stored = programme_actions.store_year(
            center=self.center, fiscal_year=FiscalYear(year), by=self.city, at=at
        )
        for duty in stored:
            printed = Day(self.log, self._day(at)).due_by_rule(duty.obligation.code, duty.fiscal_year.start)
            if duty.due_on != printed:
                raise AssertionError(f"{duty} is due on {printed}, not {duty.due_on}")
            self._step(duty, "stored", at, due=duty.due_on)
        for duty in stored:
            if not (duty.obligation.verification or duty.obligation.deed):
                self.begin(self._duty(duty, self._later(date(year, 5, 10), 30)))

    def _step(self, duty: Duty, what: str, at: datetime, due: date | None = None) -> None:
        self.log.duties.append(
            DutyStep(duty.obligation.code, duty.fiscal_year.start, what, self._day(at), due)
        )

    def _duty(self, duty: Duty, day: date) -> Steps[None]:
        """Dated or extended, handed in, taken back or returned, settled; some stay where they are."""
        at = yield self._on(day)
        if duty.due_on is None and self.random.random() < 0.6:
            self._dated(duty, at)
        if self.random.random() < 0.3:
            at = yield self._on(self._later(day, 60), after=at)
            self._followed(duty, at)
        if duty.due_on is not None and self.random.random() < 0.4:
            at = yield self._on(self._later(day), after=at)
            self._extended(duty, at)
        ways: list[list[Callable[[Duty, datetime], None]]] = [
            [self._settle],
            [self._take_back, self._settle],
            [],
        ]
        if duty.obligation.way != Way.OPERATOR_DECIDES:
            ways += [[self._return, self._settle], [self._return]]
        for step in self.random.choice(ways):
            for act in (self._handed_in, step):
                at = yield self._on(self._later(self._day(at)), after=at)
                act(duty, at)

    def _dated(self, duty: Duty, at: datetime) -> None:
        due = self._day(at) + timedelta(days=60)
        actions.set_own_date(duty=duty, version=duty.version, due_on=due, by=self.foundation)
        self._step(duty, "dated", at, due)

    def _extended(self, duty: Duty, at: datetime) -> None:
        due = actions.current_due(duty)
        if due is None:
            raise AssertionError("only what has a date is extended")
        later = due + timedelta(days=45)
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
        actions.take_back(duty=duty, version=duty.version, by=self.foundation)
        self._step(duty, "back", at)

    def _return(self, duty: Duty, at: datetime) -> None:
        self._opened(duty, at)
        actions.send_back(duty=duty, version=duty.version, text="直してください。", by=self.city, at=at)
        self._step(duty, "returned", at)

    def _opened(self, duty: Duty, at: datetime) -> None:
        if duty.obligation.way == Way.REVIEW:
            actions.open_review(duty=duty, version=duty.version, by=self.city, at=at)

    def _settle(self, duty: Duty, at: datetime) -> None:
        if duty.obligation.way == Way.OPERATOR_DECIDES:
            actions.decide(duty=duty, version=duty.version, consultation=self.talk, by=self.foundation, at=at)
        else:
            self._opened(duty, at)
            actions.accept(duty=duty, version=duty.version, by=self.city, at=at)
        self._step(duty, "settled", at)
