"""The history's verifications (`tests.generated.chronicle`): what both verify each year, what the city judges, and what they
say of it after a correction: that it stands as it is, or settled anew."""

from datetime import date, datetime, timedelta
from typing import Any

from agreements.endings import consequences, judgement_actions
from agreements.endings.resting import EFFECT
from agreements.models import VERIFICATION, LandGround, Verdict, VerificationKind
from agreements.verifications import actions as verifications
from agreements.verifications.verification_access import newest
from iconm_portal.models import User
from iconm_portal.settlement import answers
from iconm_portal.values.fiscal import FiscalYear
from tests.generated.chronicle_land import OfLand
from tests.generated.chronicle_log import LandStep
from tests.generated.pen import Steps
from tests.generated.reckoned import Day


class OfVerifications(OfLand):
    """What is verified and judged, and put right afterwards."""

    def _verification(self, kind: VerificationKind, year: int) -> Steps[None]:
        """One side writes the result, the other confirms or returns it; not in every year."""
        if self.random.random() < 0.2:
            return
        writer, other = self.sides()
        paper = ("verification", kind.value, year)
        at = yield self._on(self._later(date(year + 1, 6, 15), 120))
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
        yield from self._looked_at_again(kind, year, at)

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
        if row is not None and not row.is_anew:
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
        if judged is None:
            return
        self.note(paper, "accepted", at, self.city, verdict.value)
        self.log.verify(kind.value, year, today)
        is_free = verdict is Verdict.MEETS
        number = judged.land_judgements.get().pk
        effect = today if is_free else today + timedelta(days=1)
        self.log.land.append(LandStep(number, "effect", year, is_free, today, effect, None))
        yield from self._looked_at_again(kind, year, at)

    # -- After a correction --

    def _looked_at_again(self, kind: VerificationKind, year: int, at: datetime) -> Steps[None]:
        """Now and then. While nothing was corrected, nothing can be said of it; otherwise one of the ways is gone."""
        for _look in range(self.random.randint(0, 4)):
            at = yield self._on(self._later(self._day(at), 200), after=at)
            if kind is VerificationKind.EFFECT and self.random.random() < 0.25:
                self._corrects(LandGround.EFFECT, year, at)
                continue
            if not self._is_corrected(kind, year, at):
                self.refused(answers.propose, **self._standing(kind, year), by=self.city, at=at)
                continue
            ways = [self._answered, self._answered, self._anew]
            way = self._answered_alone if kind is VerificationKind.EFFECT else self.random.choice(ways)
            if not (yield from way(kind, year, at)):
                return

    def _is_corrected(self, kind: VerificationKind, year: int, at: datetime) -> bool:
        """By the log alone: the portal has to agree."""
        return bool(Day(self.log, self._day(at)).corrected(kind.value, year))

    def _standing(self, kind: VerificationKind, year: int) -> dict[str, Any]:
        of = EFFECT if kind is VerificationKind.EFFECT else VERIFICATION
        reason = "結論に影響しないため"
        return {"center": self.center, "kind": of, "key": f"{kind.value}/{year}", "reason": reason}

    def _answered_alone(self, kind: VerificationKind, year: int, at: datetime) -> Steps[bool]:
        """What the city judged alone it also says alone; nobody else can."""
        standing = self._standing(kind, year)
        self.refused(answers.propose, **standing, by=self.foundation, at=at)
        answers.propose(**standing, by=self.city, at=at)
        self.log.verify(kind.value, year, self._day(at), "answered")
        yield at
        return True

    def _answered(self, kind: VerificationKind, year: int, at: datetime) -> Steps[bool]:
        """One side proposes that it stands as it is; the other confirms or declines it, or never answers. What has changed
        once more since cannot be confirmed."""
        proposer, other = self.sides()
        answer = answers.propose(**self._standing(kind, year), by=proposer, at=at)
        paper = ("answer", kind.value, year, answer.pk)
        seen = Day(self.log, self._day(at)).rests_on(year)
        self.note(paper, "submitted", at, proposer)
        how = self.random.choice(["confirm"] * 5 + ["decline", "take back", "wait"])
        if how == "wait":
            return False
        at = yield self._on(self._later(self._day(at), 60), after=at)
        if how == "take back":
            answers.take_back(answer=answer, version=answer.version, by=proposer, at=at)
            self.note(paper, "gone", at, proposer)
            return True
        if Day(self.log, self._day(at)).rests_on(year) != seen:
            self.refused(answers.confirm, answer=answer, version=answer.version, by=other, at=at)
            answer.refresh_from_db()  # the refusal undid what was written, and not what this one holds
            how = "decline"
        if how == "decline":
            answers.decline(answer=answer, version=answer.version, reason="改めて検証する", by=other, at=at)
            self.note(paper, "declined", at, other)
            return True
        answers.confirm(answer=answer, version=answer.version, by=other, at=at)
        self.note(paper, "accepted", at, other)
        self.log.verify(kind.value, year, self._day(at), "answered")
        return True

    def _anew(self, kind: VerificationKind, year: int, at: datetime) -> Steps[bool]:
        """One side writes a new revision; it is discarded, stays where it is, comes back, or the other side confirms it."""
        writer, other = self.sides()
        held = newest(self.center, kind, FiscalYear(year))
        row = verifications.verify_anew(verification=held, reason="訂正のため", by=writer, at=at)
        paper = ("anew", kind.value, year, row.revision)
        self.note(paper, "draft", at, writer)
        how = self.random.choice(["confirm"] * 4 + ["return", "discard", "draft", "wait"])
        if how == "draft":
            return False
        at = yield self._on(self._later(self._day(at), 40), after=at)
        if how == "discard":
            verifications.discard(verification=row, version=row.version, by=writer, at=at)
            self.note(paper, "gone", at, writer)
            return True
        row = self._handed_in_verification(kind, year, row.version, writer, at)
        self.note(paper, "submitted", at, writer)
        if how == "wait":
            return False
        if how == "return":
            at = yield self._on(self._later(self._day(at), 20), after=at)
            verifications.send_back(verification=row, version=row.version, comment="？", by=other, at=at)
            self.note(paper, "returned", at, other)
            if self.random.random() < 0.3:
                return False
            at = yield self._on(self._later(self._day(at), 20), after=at)
            row = self._handed_in_verification(kind, year, row.version, writer, at)
            self.note(paper, "submitted", at, writer)
        at = yield self._on(self._later(self._day(at), 40), after=at)
        verifications.confirm(verification=row, version=row.version, by=other, at=at)
        self.note(paper, "accepted", at, other)
        self.log.verify(kind.value, year, self._day(at), "anew")
        return True
