"""The steps of the 効果検証: the city begins it and asks the foundation for its part, the foundation assesses itself, the
city judges whether the land may stay free of charge (report, 6 (1) b)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.endings import judgement_actions, resting
from agreements.endings.judgement_actions import Judged, falls_key
from agreements.models import Criterion, LandGround, Verdict, Verification, VerificationKind
from agreements.verifications.shared_steps import (
    ACCEPT,
    BY_THE_OTHER_SIDE,
    RETURN,
    WRITING,
    by_someone_else,
    is_still_asked,
    said,
    was_asked,
    write,
)
from agreements.verifications.verification_access import right_to_answer, right_to_write
from iconm_portal.history import history
from iconm_portal.models import EDITABLE_STATES, ReviewState
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.steps import REQUIRED, Step, StepTable, Taking
from iconm_portal.standing.resting import Settled
from iconm_portal.values.text import listed

# -- What the city judges --


def _keep_follow_up(taking: Taking[Verification]) -> None:
    by_someone_else(taking)
    taking.before = said(taking.item)
    taking.changes = {"follow_up": taking.given["follow_up"].strip()}


def _saves_judgement(taking: Taking[Verification]) -> None:
    """Keep the judgement as far as it is written; the foundation sees it once it is settled."""
    version_lock.step(taking.item, taking.version, _states_of_judging(taking.item), **taking.changes)


def _write_judgements(taking: Taking[Verification]) -> None:
    write(taking.item, "judgement", taking.given["judgements"])


def _tell_judgements(taking: Taking[Verification]) -> None:
    _write_judgements(taking)
    taking.before, taking.after = history.changed(taking.before, said(taking.item))


def _check_verdict(taking: Taking[Verification]) -> None:
    """ValidationError for a blank judgement, and for a negative verdict that says nothing of what follows.

    Raises what `judgement_actions.weigh` raises: ConsequencesUnconfirmed for a negative verdict unless `falls_seen` names
    exactly what falls with it.
    """
    _keep_follow_up(taking)
    (was_asked if taking.item.is_under_review else is_still_asked)(taking)
    _is_judged(taking)
    given, verdict = taking.given, taking.given["verdict"]
    judged = Judged(
        is_free=verdict == Verdict.MEETS,
        takes_effect_on=given["takes_effect_on"],
        follow_up=given["follow_up"],
        said={criterion.code: text for criterion, text in given["judgements"].items()},
    )
    effect, land = judgement_actions.weigh(
        taking.item.center, judged, falls_seen=given["falls_seen"], at=taking.at
    )
    taking.made = (judged, effect, land)
    taking.changes |= {"verdict": verdict}
    taking.after = {"verdict": str(verdict), "takes_effect_on": effect}
    if not judged.is_free:
        taking.after |= {"falls": falls_key(land.falls)}


def _judges(taking: Taking[Verification]) -> None:
    """Settled by the city, which owes it, whether or not the foundation has handed in its part."""
    version_lock.step(
        taking.item,
        taking.version,
        _states_of_judging(taking.item),
        state=ReviewState.ACCEPTED,
        accepted_at=taking.at,
        accepted_by=taking.by,
        known_from=taking.known_from,
        acceptance_decided_on=taking.decision.on,
        acceptance_decided_post=taking.decision.post,
        **taking.changes,
    )
    taking.after = {"known_from": taking.known_from} | taking.after


def _tell_verdict(taking: Taking[Verification]) -> None:
    judged, effect, land = taking.made
    taking.made = judgement_actions.keep(
        taking.item.center,
        LandGround.EFFECT,
        judged,
        effect=effect,
        land=land,
        by=taking.by,
        at=taking.at,
        verification=taking.item,
    )
    taking.before, now = history.changed(taking.before, said(taking.item))
    taking.after |= now


def _rests_on(taking: Taking[Verification]) -> Iterator[Settled]:
    """The figures that the evaluation's page shows at this moment."""
    yield resting.rests_on(taking.made, day=taking.known_from)


def _states_of_judging(row: Verification) -> tuple[ReviewState, ...]:
    """What the foundation handed in is opened first; what the city has begun itself it can judge without that."""
    return (ReviewState.IN_REVIEW, *(EDITABLE_STATES if row.begun_at else ()))


def _begins(taking: Taking[Verification]) -> None:
    """Begun by the city; the foundation's draft, if there is one, stays its own."""
    version_lock.step(taking.item, taking.version, EDITABLE_STATES, begun_at=taking.at, begun_by=taking.by)


def _asks(taking: Taking[Verification]) -> None:
    """Whoever asks the foundation for its part has begun."""
    begun: dict[str, Any] = {} if taking.item.begun_at else {"begun_at": taking.at, "begun_by": taking.by}
    version_lock.step(
        taking.item, taking.version, EDITABLE_STATES, asked_at=taking.at, asked_by=taking.by, **begun
    )


def _is_judged(taking: Taking[Verification]) -> None:
    verdict, judgements = taking.given["verdict"], taking.given["judgements"]
    criteria = Criterion.objects.filter(center=taking.item.center)
    missing = [criterion.label for criterion in criteria if not judgements.get(criterion, "").strip()]
    if missing:
        raise ValidationError(
            _("Write a judgement under every criterion. Missing: %(criteria)s")
            % {"criteria": listed(missing)}
        )
    if verdict == Verdict.DOES_NOT_MEET and not taking.given["follow_up"].strip():
        raise ValidationError(
            {"follow_up": _("Say what is to follow from the finding that the conditions are not met.")}
        )


# -- The table --


def _applies(step: Step) -> Callable[[Verification], bool] | None:
    """What the city has begun, the foundation does not throw away."""
    return (lambda row: row.begun_at is None) if step.name == "discard" else None


EFFECT = StepTable(
    Verification,
    named="verification",
    code="verification",
    steps=(
        *(
            replace(step, right=right_to_write(VerificationKind.EFFECT), applies=_applies(step))
            for step in WRITING
        ),
        Step(
            name="begin",
            from_states=EDITABLE_STATES,
            right=right_to_answer(VerificationKind.EFFECT),
            whose=BY_THE_OTHER_SIDE,
            applies=lambda row: row.begun_at is None,
            moves=_begins,
            check=is_still_asked,
            has_address=False,  # it may make the row
            says=gettext_lazy("The evaluation has begun."),
        ),
        Step(
            name="ask",
            from_states=EDITABLE_STATES,
            right=right_to_answer(VerificationKind.EFFECT),
            whose=BY_THE_OTHER_SIDE,
            applies=lambda row: row.asked_at is None,
            moves=_asks,
            check=is_still_asked,
            recorded="ask_for_part",
            has_address=False,
            says=gettext_lazy("The foundation is asked for its self-assessment."),
        ),
        replace(review.OPEN, whose=BY_THE_OTHER_SIDE, check=by_someone_else),
        RETURN,
        Step(
            name="save_judgement",
            from_states=_states_of_judging,
            right=right_to_answer(VerificationKind.EFFECT),
            whose=BY_THE_OTHER_SIDE,
            moves=_saves_judgement,
            takes={"judgements": REQUIRED, "follow_up": REQUIRED},
            check=_keep_follow_up,
            then=_tell_judgements,
            recorded="save",
            has_address=False,  # it is called “judgement”
            says=gettext_lazy("The judgement was saved as far as it is written."),
        ),
        replace(
            ACCEPT,
            name="judge",
            from_states=_states_of_judging,
            moves=_judges,
            takes={
                **ACCEPT.takes,
                "verdict": REQUIRED,
                "judgements": REQUIRED,
                "follow_up": REQUIRED,
                "falls_seen": None,
                "takes_effect_on": None,
            },
            check=_check_verdict,
            first=_write_judgements,  # the acceptance locks the lines
            then=_tell_verdict,
            rests_on=_rests_on,
            has_address=False,  # a negative verdict is asked for twice
            says=gettext_lazy("The verdict is settled, and known from today on."),
        ),
    ),
)
"""The 効果検証: the foundation assesses itself, the city judges whether the land may stay free (report, 6 (1) b)."""
