"""The city's judgements on the free use of land: given, given anew, corrected. Nothing falls that nobody has seen.

What takes the free use away never takes effect before the day on which the city says so; without a day it is free until
the end of that day. What gives it back holds from its own day on, and a correction from that of what was wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.endings import consequences, free_use, resting
from agreements.endings.consequences import Falls, JudgedLand
from agreements.instruments import agreements
from agreements.models import Agreement, LandGround, LandJudgement, Verification
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from iconm_portal.standing.resting import record as standing_record
from iconm_portal.values import clock


class ConsequencesUnconfirmed(Exception):
    """A negative judgement takes the free use of land away; whoever gives it has not confirmed what falls with it."""

    def __init__(self, falls: Falls) -> None:
        super().__init__("what falls with the judgement has to be confirmed")
        self.falls = falls


@dataclass(frozen=True, slots=True)
class Judged:
    """What the city judges. `takes_effect_on`: the first day on which it holds; None for the usual one."""

    is_free: bool
    takes_effect_on: date | None = None
    reason: str = ""
    follow_up: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


def falls_key(falls: Falls) -> list[str]:
    """What falls, by natural keys: what a person confirms is this list, and no other."""
    return [measure.history_key() for measure in falls.land]


def day_of_effect(judged: Judged, today: date, corrected: LandJudgement | None = None) -> date:
    """The day from which on it holds. ValidationError for one that cannot be."""
    if judged.is_free:
        first = corrected.takes_effect_on if corrected else today
        usual = first
    else:
        first = min(today, corrected.takes_effect_on) if corrected and not corrected.is_free else today
        usual = (
            corrected.takes_effect_on if corrected and not corrected.is_free else today + timedelta(days=1)
        )
    day = judged.takes_effect_on or usual
    if day < first:
        raise ValidationError(
            {
                "takes_effect_on": _("A judgement does not take effect before the day on which it is given.")
                if corrected is None
                else _(
                    "A correction does not take effect before what it corrects, nor take anything back in time."
                )
            }
        )
    return day


def weigh(
    center: Center,
    judged: Judged,
    *,
    falls_seen: Sequence[str] | None,
    at: datetime,
    corrected: LandJudgement | None = None,
) -> tuple[date, JudgedLand]:
    """From when on it holds, and what it is about.

    ConsequencesUnconfirmed for a negative one unless `falls_seen` names exactly what falls with it (`falls_key`).
    ValidationError for an impossible day, and where no free use of land stands under a concluded agreement and contract.
    """
    today = clock.day_of(at)
    effect = day_of_effect(judged, today, corrected)
    land = consequences.judged_land(
        center, last_day=effect - timedelta(days=1), day=today, corrected=corrected
    )
    if land.is_only_drafted:
        raise ValidationError(
            _(
                "The agreement or the contract for the land is not concluded, so there is nothing to judge yet."
            )
        )
    if not judged.is_free and (falls_seen is None or list(falls_seen) != falls_key(land.falls)):
        raise ConsequencesUnconfirmed(land.falls)
    return effect, land


def keep(
    center: Center,
    ground: LandGround,
    judged: Judged,
    *,
    effect: date,
    land: JudgedLand,
    by: User,
    at: datetime,
    verification: Verification | None = None,
    agreement: Agreement | None = None,
    corrected: LandJudgement | None = None,
) -> LandJudgement:
    """Write it down, in the caller's transaction; the caller has weighed it and leaves the history row."""
    made = LandJudgement(
        center=center,
        ground=ground,
        verification=verification,
        agreement=agreement,
        is_free=judged.is_free,
        takes_effect_on=effect,
        replaces=corrected,
        reason=judged.reason.strip(),
        follow_up=judged.follow_up.strip(),
        said={code: text.strip() for code, text in judged.said.items()},
        takes=[] if judged.is_free else land.keys,
        known_from=clock.day_of(at),
        recorded_at=at,
        recorded_by=by,
    )
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def judge_performance(
    *,
    agreement: Agreement,
    judged: Judged,
    seen: int,
    by: User,
    at: datetime,
    falls_seen: Sequence[str] | None = None,
) -> LandJudgement:
    """The city judges that the foundation does not perform the agreement, or again does (basic agreement, Art. 11(3)).

    `seen`: the key of the last such judgement that the person's page showed, 0 where there was none; Conflict where
    another came meanwhile. Raises what `weigh` raises; WrongStep where the agreement does not bind.
    """
    center = agreement.center
    require(by, center, Right.REVIEW)
    today = clock.day_of(at)
    state = agreements.state_of(agreement, today)
    if not state.binds:
        raise WrongStep(state.value)
    last = _last(center, LandGround.NON_PERFORMANCE, seen, today)
    if judged.is_free and (last is None or last.is_free):
        raise ValidationError(_("The city has not judged that the agreement is not performed."))
    _has_reason(judged)
    effect, land = weigh(center, judged, falls_seen=falls_seen, at=at)
    made = keep(
        center,
        LandGround.NON_PERFORMANCE,
        judged,
        effect=effect,
        land=land,
        by=by,
        at=at,
        agreement=agreement,
    )
    _record(made, "judge", by)
    return made


@transaction.atomic
def correct(
    *,
    judgement: LandJudgement,
    judged: Judged,
    by: User,
    at: datetime,
    falls_seen: Sequence[str] | None = None,
) -> LandJudgement:
    """A wrong judgement is replaced by a new one, with the reason; the old one stays readable.

    Conflict where it was corrected meanwhile. Raises what `weigh` raises; ValidationError without a reason.
    """
    center = judgement.center
    require(by, center, Right.REVIEW)
    Center.objects.select_for_update(of=("self",)).get(pk=center.pk)
    if LandJudgement.objects.filter(replaces=judgement).exists():
        raise Conflict
    _has_reason(judged)
    effect, land = weigh(center, judged, falls_seen=falls_seen, at=at, corrected=judgement)
    made = keep(
        center,
        judgement.ground,
        judged,
        effect=effect,
        land=land,
        by=by,
        at=at,
        verification=judgement.verification,
        agreement=judgement.agreement,
        corrected=judgement,
    )
    if made.ground.is_of_a_verification:
        settled = resting.rests_on(made, day=clock.day_of(at))
        standing_record(center, [settled], day=clock.day_of(at))
    _record(made, "correct_judgement", by, before=judgement)
    return made


def _last(center: Center, ground: LandGround, seen: int, today: date) -> LandJudgement | None:
    """The last one on the ground, with the center kept from others who judge; Conflict where it is not the one seen."""
    Center.objects.select_for_update(of=("self",)).get(pk=center.pk)
    last = free_use.load(center, known_at=today).last(ground)
    if (last.pk if last else 0) != seen:
        raise Conflict
    return last


def _has_reason(judged: Judged) -> None:
    if not judged.reason.strip():
        raise ValidationError({"reason": _("Say why the city judges so.")})


def _record(made: LandJudgement, action: str, by: User, before: LandJudgement | None = None) -> None:
    was, now = history.changed(before.as_history() if before else {}, made.as_history())
    history.record(
        by=by,
        action=f"land_judgement.{action}",
        subject=made,
        center=made.center,
        before=was,
        after=now,
        reason=made.reason,
    )
