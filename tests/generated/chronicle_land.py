"""The history's free use of land (`tests.generated.chronicle`): the city's acts under Art. 11(3), and judgements that were wrong."""

from datetime import date, datetime, timedelta
from typing import Any

from agreements.endings import consequences, free_use, judgement_actions
from agreements.endings.judgement_actions import Judged, falls_key
from agreements.models import Agreement, LandGround, LandJudgement
from tests.generated.chronicle_log import LandStep
from tests.generated.pen import Pen, Steps
from tests.generated.reckoned_land import Land


class OfLand(Pen):
    """What the city judges of the land, beside the yearly evaluation of effects."""

    basic: Agreement

    def _performance(self, year: int) -> Steps[None]:
        """In some years the city finds that the foundation does not perform the agreement, later that it does again, or that
        it was wrong."""
        if self.random.random() < 0.75:
            return
        at = yield self._on(self._later(date(year, 8, 1), 120))
        if self._acts(False, at) is None:
            return
        for _next in range(self.random.choice([0, 1, 1, 2])):
            at = yield self._on(self._later(self._day(at) + timedelta(days=10), 200), after=at)
            if self.random.random() < 0.4:
                self._corrects(LandGround.NON_PERFORMANCE, None, at)
            else:
                self._acts(self.random.random() < 0.7, at)

    def _judged(self, is_free: bool, at: datetime, **more: Any) -> Judged:
        """Sometimes with a day of effect of its own, sometimes with one that cannot be."""
        day = None
        if self.random.random() < 0.5:
            day = self._day(at) + timedelta(days=self.random.choice([-20, 0, 1, 30, 200]))
        return Judged(is_free=is_free, takes_effect_on=day, reason="市の判断", **more)

    def _falls(self, effect: date, at: datetime, corrected: LandJudgement | None = None) -> list[str]:
        """What is shown to fall with a negative one: the land, while it would be free otherwise."""
        day = self._day(at)
        land = consequences.judged_land(
            self.center, last_day=effect - timedelta(days=1), day=day, corrected=corrected
        )
        wrong = next((one for one in self.log.land if corrected and one.number == corrected.pk), None)
        would_be_free = Land(self.log, day, without=wrong).is_free_after(effect - timedelta(days=1))
        if bool(land.falls.land) != would_be_free:
            raise AssertionError(f"{day}: from {effect} on {land.falls}, and free: {would_be_free}")
        return falls_key(land.falls)

    def _acts(self, is_free: bool, at: datetime) -> LandJudgement | None:
        last = free_use.load(self.center, known_at=self._day(at)).last(LandGround.NON_PERFORMANCE)
        judged = self._judged(is_free, at)
        effect = judged.takes_effect_on or self._day(at) + timedelta(days=0 if is_free else 1)
        given: dict[str, Any] = {
            "agreement": self.basic,
            "judged": judged,
            "seen": last.pk if last else 0,
            "falls_seen": None if is_free else self._falls(effect, at),
            "by": self.city,
            "at": at,
        }
        is_so = [one for one in Land(self.log, self._day(at)).holding() if one.ground == "non_performance"]
        if effect < self._day(at) or (is_free and (not is_so or is_so[-1].is_free)):
            self.refused(judgement_actions.judge_performance, **given)
            return None
        made = self.tried(judgement_actions.judge_performance, **given)
        if made is not None:
            self.log.land.append(
                LandStep(made.pk, "non_performance", 0, is_free, self._day(at), effect, None)
            )
        return made

    def _corrects(self, ground: LandGround, year: int | None, at: datetime) -> bool:
        """A wrong one is replaced, with its own day or another one; what it took is never taken earlier."""
        day = self._day(at)
        standing = free_use.load(self.center, known_at=day).standing
        held = [one for one in standing if one.ground == ground and self._year(one) == year]
        if not held:
            return False
        wrong = held[-1]
        is_free = self.random.random() < (0.3 if wrong.is_free else 0.7)
        given = self._judged(is_free, at)
        effect = self._effect_of(given, wrong, day)
        act: dict[str, Any] = {"judgement": wrong, "judged": given, "by": self.city, "at": at}
        act["falls_seen"] = None if is_free else self._falls(effect, at, wrong)
        if effect < self._first_day(is_free, wrong, day):
            self.refused(judgement_actions.correct, **act)
            return False
        made = self.tried(judgement_actions.correct, **act)
        if made is None:
            return False
        of = year or 0
        self.log.land.append(LandStep(made.pk, str(ground.value), of, is_free, day, effect, wrong.pk))
        if year is not None:
            self.log.verify("effect", year, day, "anew")
        return True

    def _year(self, judgement: LandJudgement) -> int | None:
        return judgement.verification.fiscal_year.start if judgement.verification else None

    def _first_day(self, is_free: bool, wrong: LandJudgement, day: date) -> date:
        """What is given back holds from the day of what was wrong on; nothing is taken back in time."""
        if is_free:
            return wrong.takes_effect_on
        return day if wrong.is_free else min(day, wrong.takes_effect_on)

    def _effect_of(self, given: Judged, wrong: LandJudgement, day: date) -> date:
        usual = wrong.takes_effect_on if is_like(given, wrong) else day + timedelta(days=1)
        return given.takes_effect_on or usual


def is_like(given: Judged, wrong: LandJudgement) -> bool:
    """Whether it takes the place of the wrong one from its day on: what gives back, and what takes in the place of what took."""
    return given.is_free or not wrong.is_free
