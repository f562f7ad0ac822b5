"""The history's agreements (`tests.generated.chronicle`): annual ones, notices, an ending, and what is verified each year."""

from datetime import date, datetime, timedelta
from typing import Any

from agreements.consultations import actions as talks
from agreements.endings import consequences, judgement_actions
from agreements.instruments import actions as agreement_actions
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import Agreement, Verdict, VerificationKind
from agreements.verifications import actions as verifications
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import details, terms
from tests.generated.chronicle_log import AgreementStep
from tests.generated.pen import Pen, Steps


class OfAgreements(Pen):
    """What is concluded, ended and verified."""

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

    # -- What both verify, and what the city judges --

    def _verification(self, kind: VerificationKind, year: int) -> Steps[None]:
        """One side writes the result, the other confirms or returns it; not in every year."""
        if self.random.random() < 0.2:
            return
        writer, other = self.sides()
        paper = ("verification", kind.value, year)
        at = yield self._on(self._later(date(year + 1, 9, 1), 40))
        row = self._handed_in_verification(kind, year, 0, writer, at)
        if row is None:
            return
        if self.random.random() < 0.3:
            at = yield self._on(self._later(self._day(at), 10), after=at)
            verifications.send_back(verification=row, version=row.version, comment="？", by=other, at=at)
            self.note(paper, "returned", at, other)
            at = yield self._on(self._later(self._day(at), 10), after=at)
            row = self._handed_in_verification(kind, year, row.version, writer, at)
            if row is None:
                return
        if self.random.random() < 0.15:
            return
        at = yield self._on(self._later(self._day(at), 30), after=at)
        if self.tried(verifications.confirm, verification=row, version=row.version, by=other, at=at) is None:
            return
        self.note(paper, "accepted", at, other)
        self.log.verify(kind.value, year, self._day(at))

    def _handed_in_verification(
        self, kind: VerificationKind, year: int, version: int, writer: User, at: datetime
    ) -> Any:
        criteria = self.center.criteria.all() if kind is VerificationKind.EFFECT else ()
        row = self.tried(
            verifications.save_and_submit,
            center=self.center,
            kind=kind,
            fiscal_year=FiscalYear(year),
            version=version,
            result="検証した。",
            self_assessments=dict.fromkeys(criteria, "取り組んだ。"),
            by=writer,
            at=at,
        )
        if row is not None:
            self.note(("verification", kind.value, year), "submitted", at, writer)
        return row

    def _effect(self, year: int) -> Steps[None]:
        """The foundation assesses itself, the city judges: mostly that the land may stay free."""
        if self.random.random() < 0.3:
            return
        kind = VerificationKind.EFFECT
        paper = ("verification", kind.value, year)
        at = yield self._on(self._later(date(year + 1, 6, 1), 40))
        row = self._handed_in_verification(kind, year, 0, self.foundation, at)
        if row is None or self.random.random() < 0.2:
            return
        at = yield self._on(self._later(self._day(at), 30), after=at)
        verifications.open_review(verification=row, version=row.version, by=self.city, at=at)
        self.note(paper, "in_review", at, self.city)
        verdict = self.random.choice([Verdict.MEETS] * 4 + [Verdict.DOES_NOT_MEET])
        at = yield self._on(self._later(self._day(at), 10), after=at)
        today = self._day(at)
        land = consequences.judged_land(self.center, last_day=today, day=today)
        judged = self.tried(
            verifications.judge,
            verification=row,
            version=row.version,
            verdict=verdict,
            judgements=dict.fromkeys(self.center.criteria.all(), "認める。"),
            follow_up="協議する。",
            falls_seen=judgement_actions.falls_key(land.falls) if verdict is Verdict.DOES_NOT_MEET else None,
            by=self.city,
            at=at,
        )
        if judged is not None:
            self.note(paper, "accepted", at, self.city, verdict.value)
            self.log.verify(kind.value, year, self._day(at))
