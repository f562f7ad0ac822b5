"""The history's amendments (`tests.generated.chronicle`): the wording of the basic agreement, and what becomes of the duties that
rest on it."""

from datetime import date, datetime, timedelta

from agreements.duties import actions as duty_actions
from agreements.editions import actions, draft_actions, measure_actions
from agreements.editions.draft_actions import Wanted, WantedRule
from agreements.models import (
    Agreement,
    ConsultationType,
    Duty,
    Edition,
    Obligation,
    Outcome,
    Provision,
)
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_consultation, make_edition
from tests.builders.editions import import_text
from tests.builders.plans import tokyo
from tests.generated.chronicle_log import DutyStep, RuleStep
from tests.generated.frame import CONCLUDED
from tests.generated.pen import Pen, Steps
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import Agreements

WORDING = """共同運営に関する協定書

市と財団は、次のとおり協定を結ぶ。

（計画）
第1条 財団は、翌年度の計画及び予算の案を、前年の8月末までに市に提出する。

（報告）
第2条 財団は、毎年度5月末までに報告書を市に提出する。

この協定を証するため、本書2通を作る。
平成28年3月25日
"""
PLACES = {"draft-plan": "art1/par1", "report": "art2/par1"}
"""The provisions on which the duties with a printed date rest."""
DATES = {
    "draft-plan": ((-1, 7, 31), (-1, 9, 30), (-1, 8, 31)),
    "report": ((1, 6, 30), (1, 4, 30), (1, 5, 31)),
}


class OfAmendments(Pen):
    """What both change of the wording, and when what rests on it falls due from then on."""

    basic: Agreement

    def _wording(self) -> dict[str, Provision]:
        """The official wording of the basic agreement, and where each duty stands in it."""
        edition = make_edition(self.basic)
        import_text(edition, WORDING, at=tokyo(CONCLUDED))
        self.change_talk = make_consultation(
            self.center,
            proposer=self.foundation,
            confirmer=self.city,
            held_on=date(2016, 1, 21),
            type=ConsultationType.CHANGE,
        )
        return {code: edition.provisions.get(key=key) for code, key in PLACES.items()}

    def _amendment(self, year: int) -> Steps[None]:
        """In some years: drafted, proposed, confirmed or not; another date from a fiscal year on, or no longer asked for."""
        if self.random.random() < 0.4:
            return
        at = yield self._on(self._later(date(year, 6, 1), 200))
        proposer, other = self.sides()
        code = self.random.choice(list(PLACES))
        wanted = Wanted(text=f"財団は、{year}年に改めた期限までに市に提出する。")
        draft = self._drafted(self.basic, PLACES[code], wanted, proposer, at)
        if draft is None:
            return
        rule = self._rule(draft, code, year, proposer, at)
        confirmed = yield from self._answered_draft(draft, proposer, other, at)
        if confirmed is not None and rule is not None:
            self.log.rules.append(self._settled_rule(draft, code, rule, confirmed))

    def _answered_draft(
        self, draft: Edition, proposer: User, other: User, at: datetime
    ) -> Steps[datetime | None]:
        """Proposed, confirmed or not: when it was confirmed."""
        at = yield self._on(self._later(self._day(at), 30), after=at)
        how = self.random.choice(["confirm"] * 4 + ["decline", "discard"])
        if how != "discard":
            draft.refresh_from_db()
            given = {"edition": draft, "version": draft.version, "by": proposer, "at": at}
            if self.tried(actions.propose, **given, consultation=self.change_talk) is None:
                how = "discard"
            else:
                at = yield self._on(self._later(self._day(at), 60), after=at)
        draft.refresh_from_db()
        if how == "confirm":
            given = {"edition": draft, "version": draft.version, "by": other, "at": at}
            if self.tried(actions.confirm, **given) is not None:
                return at
        if how == "decline":
            actions.decline(edition=draft, version=draft.version, reason="時期尚早", by=other, at=at)
        elif how == "confirm":  # refused: its day has gone by meanwhile
            actions.take_back(edition=draft, version=draft.version, by=proposer, at=at)
        draft.refresh_from_db()
        actions.discard(edition=draft, version=draft.version, by=proposer, at=at)
        return None

    def _drafted(
        self, agreement: Agreement, key: str, wanted: Wanted, by: User, at: datetime
    ) -> Edition | None:
        first_day = self._day(at) + timedelta(days=self.random.choice([40, 120, 300]))
        draft = self.tried(
            draft_actions.start_amendment,
            agreement=agreement,
            in_force_from=first_day,
            reason="改める。",
            by=by,
            at=at,
        )
        if draft is not None:
            draft_actions.change_provision(
                edition=draft, version=draft.version, key=key, wanted=wanted, by=by, at=at
            )
        return draft

    def _rule(self, draft: Edition, code: str, year: int, by: User, at: datetime) -> WantedRule | None:
        """What becomes of the duty; where it cannot be so, it stays as it is."""
        outcome = self.random.choice([Outcome.NEW_RULE] * 4 + [Outcome.DROPPED, Outcome.UNCHANGED])
        from_year = year + self.random.choice([0, 1, 2])
        held = Day(self.log, self._day(at)).due_by_rule(code, from_year)
        others = [one for one in DATES[code] if held is None or one[1:] != (held.month, held.day)]
        offset, month, day = self.random.choice(others)
        has_date = outcome is Outcome.NEW_RULE
        wanted = WantedRule(
            outcome,
            FiscalYear(from_year) if outcome.has_year else None,
            month if has_date else None,
            day if has_date else None,
            offset if has_date else 0,
        )
        draft.refresh_from_db()
        given = {"edition": draft, "version": draft.version, "by": by, "at": at}
        obligation = Obligation.objects.get(agreement=self.basic, code=code)
        made = self.tried(draft_actions.settle_obligation, **given, obligation=obligation, wanted=wanted)
        self._leave_the_rest(draft, by, at)
        return wanted if made is not None and outcome.has_year else None

    def _leave_the_rest(self, draft: Edition, by: User, at: datetime) -> None:
        """Everything else that rests on what changes stays as it is."""
        for leave in (draft_actions.leave_the_rest, measure_actions.leave_the_rest):
            draft.refresh_from_db()
            leave(edition=draft, version=draft.version, by=by, at=at)

    def _settled_rule(self, draft: Edition, code: str, rule: WantedRule, at: datetime) -> RuleStep:
        if rule.from_year is None:
            raise AssertionError("what changes says from which year on")
        due = None
        if rule.due_month and rule.due_day:
            due = (rule.due_year_offset, rule.due_month, rule.due_day)
        done = len(self.log.duties)
        return RuleStep(code, rule.from_year.start, due, self._day(at), draft.number, done)

    def _followed(self, duty: Duty, at: datetime) -> None:
        """The date that an amendment brought since the duty was stored is taken over; there is nothing to take over else."""
        duty.refresh_from_db()  # as a page reads it: what was stored keeps the rules of that day in mind
        true = Agreements(self.log, self._day(at))
        due = true.amended_to(duty.obligation.code, duty.fiscal_year.start)
        given = {"duty": duty, "version": duty.version, "by": self.foundation, "at": at}
        rule = Day(self.log, self._day(at)).rule(duty.obligation.code, duty.fiscal_year.start)
        if due is None or rule is None:
            self.refused(duty_actions.follow_amendment, **given)
            duty.refresh_from_db()
            return
        duty_actions.follow_amendment(**given)
        place = (duty.obligation.code, duty.fiscal_year.start)
        self.log.duties.append(DutyStep(*place, "extended", self._day(at), due, rule.edition))
