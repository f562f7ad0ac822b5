"""The history's agreements (`tests.generated.chronicle`): annual ones, notices, an ending."""

from datetime import date, datetime, timedelta
from typing import Any

from agreements.consultations import actions as talks
from agreements.instruments import actions as agreement_actions
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import Agreement
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import details, terms
from tests.generated.chronicle_log import AgreementStep
from tests.generated.pen import Pen, Steps


class OfAgreements(Pen):
    """What is concluded and ended."""

    basic: Agreement
    research: Agreement

    def _did(self, agreement: Agreement, what: str, at: datetime, **more: Any) -> None:
        self.log.agreements.append(AgreementStep(agreement.code, what, self._day(at), **more))

    def _annual(self, year: int) -> Steps[None]:
        """Proposed before the year, confirmed or declined, and the signing recorded, mostly."""
        proposer, other = self.sides()
        at = yield self._on(self._later(date(year, 3, 2)))
        made = self.tried(
            annual_actions.propose,
            parent=self.research,
            fiscal_year=FiscalYear(year),
            terms=terms(year),
            by=proposer,
            at=at,
        )
        if made is None:
            return
        paper = ("annual", made.code)
        self.note(paper, "submitted", at, proposer)
        if self.random.random() < 0.15:
            return
        at = yield self._on(self._later(self._day(at), 10), after=at)
        version = made.editions.get(number=1).version
        if self.tried(annual_actions.confirm, agreement=made, version=version, by=other, at=at) is None:
            return
        self.note(paper, "accepted", at, other)
        if self.random.random() < 0.2:
            return
        at = yield self._on(max(self._later(self._day(at), 10), date(year, 3, 20)), after=at)
        day = self._day(at)
        recorded = self.tried(
            conclusion_actions.record_conclusion,
            agreement=made,
            concluded_on=str(day),
            by=other,
            at=at,
        )
        if recorded is None or self.random.random() < 0.15:
            return  # recorded by one side, and never confirmed by the other
        conclusion_actions.confirm(conclusion=recorded, version=recorded.version, by=proposer, at=at)
        self._did(made, "concluded", at)

    def _notice(self, day: date) -> Steps[None]:
        """One side gives notice, and withdraws it."""
        giver, _other = self.sides()
        at = yield self._on(day)
        given = self.tried(
            agreement_actions.give_notice,
            agreement=self.research,
            given_on=self._day(at),
            reason="見直し",
            by=giver,
            at=at,
        )
        if given is None:
            return
        self._did(self.research, "notice", at, side=self.side(giver))
        at = yield self._on(self._later(day, 90), after=at)
        if self.tried(agreement_actions.withdraw_notice, agreement=self.research, by=giver, at=at):
            self._did(self.research, "withdrawn", at)

    def _ending(self, last_day: date) -> Steps[None]:
        """Both talk, one proposes the last day, the other confirms it."""
        proposer, other = self.sides()
        at = yield self._on(last_day - timedelta(days=120))
        held = details(self.basic, held_on=self._day(at))
        talk = talks.record(center=self.center, details=held, by=proposer, at=at)
        self.note(("talk", talk.number), "submitted", at, proposer)
        at = yield self._on(self._later(self._day(at), 10), after=at)
        talks.confirm(consultation=talk, version=talk.version, by=other, at=at)
        self.note(("talk", talk.number), "accepted", at, other)
        at = yield self._on(self._later(self._day(at), 10), after=at)
        ending = ending_actions.propose(
            agreement=self.basic,
            ends_on=last_day,
            consultation=talk,
            reason="役割を終えた",
            by=proposer,
            at=at,
        )
        self.note(("ending", self.basic.code), "submitted", at, proposer)
        at = yield self._on(self._later(self._day(at), 30), after=at)
        ending_actions.confirm(ending=ending, version=ending.version, by=other, at=at)
        self.note(("ending", self.basic.code), "accepted", at, other)
        self._did(self.basic, "ended", at, last_day=last_day)
