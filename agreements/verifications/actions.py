"""The steps of the three verifications, and the judgement on the free use of land."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.instruments.consequences import Falls, falls_with_the_land
from agreements.models import Criterion, Finding, Verdict, Verification, VerificationComment, VerificationKind
from agreements.verifications import resting
from agreements.verifications import verification as verifications
from agreements.verifications.verification import author_side, right_to_answer, right_to_write
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, ReviewState, Side, User
from iconm_portal.people.access import require
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.steps import BOTH, REQUIRED, Action, Step, StepTable, Taking, Whose
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


class ConsequencesUnconfirmed(Exception):
    """A negative verdict takes the free use of land away; whoever gives it has not confirmed what falls with it."""

    def __init__(self, falls: Falls) -> None:
        super().__init__("what falls with the verdict has to be confirmed")
        self.falls = falls


# -- Steps: the side that writes it --


def _is_complete(taking: Taking[Verification]) -> None:
    """ValidationError while the result, or a criterion's self-assessment, is blank."""
    verification = taking.item
    taking.changes = {"author_side": taking.side}
    if verification.kind.is_joint:
        if not verification.result.strip():
            raise ValidationError(_("Write the result of the verification before you hand it in."))
        return
    said = {finding.criterion_id: finding.self_assessment for finding in verification.findings.all()}
    criteria = Criterion.objects.filter(center=verification.center)
    missing = [criterion.label for criterion in criteria if not said.get(criterion.pk, "").strip()]
    if missing:
        raise ValidationError(
            _("Write a self-assessment under every criterion. Missing: %(criteria)s")
            % {"criteria": "、".join(missing)}
        )


def _keep_text(taking: Taking[Verification]) -> None:
    taking.before = _said(taking.item)
    taking.changes = {"result": taking.given["result"].strip()}


def _write_assessments(taking: Taking[Verification]) -> None:
    _write(taking.item, "self_assessment", taking.given["self_assessments"] or {})
    taking.before, taking.after = history.changed(taking.before, _said(taking.item))


def _clear(taking: Taking[Verification]) -> None:
    """So that the other side can begin."""
    taking.before = _said(taking.item)
    taking.item.findings.all().delete()


# -- Steps: the other side --


def _by_someone_else(taking: Taking[Verification]) -> None:
    """Not by whoever handed it in, and works at the other side by now."""
    if taking.item.submitted_by_id == taking.by.pk:
        raise SamePerson


def _open(taking: Taking[Verification]) -> None:
    """Nothing lies between opening and answering: it may be taken back until the other side has answered."""
    seen = taking.version
    taking.version = review.open_review(taking.item, version=seen, by=taking.by, at=taking.at).version


def _has_comment(taking: Taking[Verification]) -> None:
    _by_someone_else(taking)
    if not taking.given["comment"].strip():
        raise ValidationError({"comment": _("Say what has to be changed.")})


def _say_why(taking: Taking[Verification]) -> None:
    text = taking.given["comment"].strip()
    written = VerificationComment(
        verification=taking.item, text=text, written_at=taking.at, written_by=taking.by
    )
    written.full_clean()
    written.save()
    taking.after = {"comments": [text]}


def _keep_follow_up(taking: Taking[Verification]) -> None:
    _by_someone_else(taking)
    taking.before = _said(taking.item)
    taking.changes = {"follow_up": taking.given["follow_up"].strip()}


def _saves_judgement(taking: Taking[Verification]) -> None:
    """Keep the judgement as far as it is written; the foundation sees it once it is settled."""
    version_lock.step(taking.item, taking.version, (ReviewState.IN_REVIEW,), **taking.changes)


def _write_judgements(taking: Taking[Verification]) -> None:
    _write(taking.item, "judgement", taking.given["judgements"])


def _tell_judgements(taking: Taking[Verification]) -> None:
    _write_judgements(taking)
    taking.before, taking.after = history.changed(taking.before, _said(taking.item))


def _check_verdict(taking: Taking[Verification]) -> None:
    """ConsequencesUnconfirmed for a negative verdict unless `falls_seen` names exactly what falls with it
    (`falls_key`). ValidationError for a blank judgement, and for a negative verdict that says nothing of what follows.
    """
    _keep_follow_up(taking)
    _is_judged(taking)
    verdict, seen = taking.given["verdict"], taking.given["falls_seen"]
    taking.changes |= {"verdict": verdict}
    taking.after = {"verdict": str(verdict)}
    if verdict == Verdict.DOES_NOT_MEET:
        falls = what_falls(taking.item.center, at=taking.at)
        if seen is None or list(seen) != falls_key(falls):
            raise ConsequencesUnconfirmed(falls)
        taking.made = falls_key(falls)


def _tell_verdict(taking: Taking[Verification]) -> None:
    taking.before, now = history.changed(taking.before, _said(taking.item))
    taking.after |= now | ({"falls": taking.made} if taking.made is not None else {})


def what_falls(center: Center, *, at: datetime) -> Falls:
    """What a negative verdict of this moment takes away: the land is free for the last time today."""
    today = clock.day_of(at)
    return falls_with_the_land(center, last_day=today, day=today)


def falls_key(falls: Falls) -> list[str]:
    """What falls, by natural keys: what a person confirms is this list, and no other."""
    return [measure.history_key() for measure in falls.land]


def _is_judged(taking: Taking[Verification]) -> None:
    verdict, judgements = taking.given["verdict"], taking.given["judgements"]
    criteria = Criterion.objects.filter(center=taking.item.center)
    missing = [criterion.label for criterion in criteria if not judgements.get(criterion, "").strip()]
    if missing:
        raise ValidationError(
            _("Write a judgement under every criterion. Missing: %(criteria)s")
            % {"criteria": "、".join(missing)}
        )
    if verdict == Verdict.DOES_NOT_MEET and not taking.given["follow_up"].strip():
        raise ValidationError(
            {"follow_up": _("Say what is to follow from the finding that the conditions are not met.")}
        )


# -- The tables --

_BY_ITS_SIDE = Whose(
    lambda row: frozenset(side for side in Side if side == author_side(row)),
    lambda row, by: ValidationError(
        _("The other side is writing this. It can be answered once it is handed in.")
    ),
)
_BY_THE_OTHER_SIDE = Whose(
    lambda row: BOTH - {author_side(row)},
    lambda row, by: SamePerson() if row.submitted_by_id == by.pk else SameSide(),
)


_WRITING = (  # the steps of the side that writes it
    replace(
        review.EDIT,
        whose=_BY_ITS_SIDE,
        takes={"result": REQUIRED, "self_assessments": None},
        check=_keep_text,
        then=_write_assessments,
        says=gettext_lazy("The draft was saved."),
    ),
    replace(
        review.SUBMIT,
        whose=_BY_ITS_SIDE,
        check=_is_complete,
        has_address=False,  # with what is typed
        says=lambda row, _result: (
            _("The result was handed in. The other side can confirm it now.")
            if row.kind.is_joint
            else _("The self-assessment was handed in to the city.")
        ),
    ),
    replace(
        review.TAKE_BACK,
        whose=_BY_ITS_SIDE,
        says=gettext_lazy("You took it back. It can be changed again."),
    ),
    replace(review.DISCARD, whose=_BY_ITS_SIDE, then=_clear),
)
_RETURN = replace(
    review.RETURN,
    whose=_BY_THE_OTHER_SIDE,
    takes={"comment": REQUIRED},
    check=_has_comment,
    then=_say_why,
    says=gettext_lazy("It was returned with your comment."),
)
_ACCEPT = replace(review.ACCEPT, whose=_BY_THE_OTHER_SIDE, recorded="accept")

JOINT = StepTable(
    Verification,
    named="verification",
    code="verification",
    steps=(
        *(replace(step, right=right_to_write(VerificationKind.KPI)) for step in _WRITING),
        replace(
            _ACCEPT,
            name="confirm",
            from_states=(ReviewState.SUBMITTED,),
            right=right_to_answer(VerificationKind.KPI),
            first=_open,
            rests_on=resting.rests_on,
            says=gettext_lazy("The verification is settled by both sides, from today on."),
        ),
        replace(
            _RETURN,
            from_states=(ReviewState.SUBMITTED,),
            right=right_to_answer(VerificationKind.KPI),
            first=_open,
        ),
    ),
)
"""What both verify: either side writes it, the other confirms it."""

EFFECT = StepTable(
    Verification,
    named="verification",
    code="verification",
    steps=(
        *(replace(step, right=right_to_write(VerificationKind.EFFECT)) for step in _WRITING),
        replace(review.OPEN, whose=_BY_THE_OTHER_SIDE, check=_by_someone_else),
        _RETURN,
        Step(
            name="save_judgement",
            from_states=(ReviewState.IN_REVIEW,),
            right=right_to_answer(VerificationKind.EFFECT),
            whose=_BY_THE_OTHER_SIDE,
            moves=_saves_judgement,
            takes={"judgements": REQUIRED, "follow_up": REQUIRED},
            check=_keep_follow_up,
            then=_tell_judgements,
            recorded="save",
            has_address=False,  # it is called “judgement”
            says=gettext_lazy("The judgement was saved as far as it is written."),
        ),
        replace(
            _ACCEPT,
            name="judge",
            takes={
                **_ACCEPT.takes,
                "verdict": REQUIRED,
                "judgements": REQUIRED,
                "follow_up": REQUIRED,
                "falls_seen": None,
            },
            check=_check_verdict,
            first=_write_judgements,  # the acceptance locks the lines
            then=_tell_verdict,
            has_address=False,  # a negative verdict is asked for twice
            says=gettext_lazy("The verdict is settled, and known from today on."),
        ),
    ),
)
"""The 効果検証: the foundation assesses itself, the city judges whether the land may stay free (report, 6 (1) b)."""


def steps_of(verification: Verification) -> StepTable[Verification]:
    """The table of its kind."""
    return JOINT if verification.kind.is_joint else EFFECT


def _action(name: str) -> Action:
    """The step of the table of its kind."""
    known = {table: table.action(name) for table in (JOINT, EFFECT) if name in table}

    @wraps(next(iter(known.values())))
    def act(*, version: int, by: User, at: datetime | None = None, **given: Any) -> Any:
        verification: Verification = given["verification"]
        table = steps_of(verification)
        if table not in known:  # the one kind is judged, the other one confirmed
            raise WrongStep(verification.state)
        return known[table](version=version, by=by, at=at, **given)

    return act


submit, take_back, discard = _action("submit"), _action("take_back"), _action("discard")
confirm, open_review, send_back = _action("confirm"), _action("open"), _action("return")
save_judgement, judge = _action("save_judgement"), _action("judge")


# -- Beginning, and both at once --


@transaction.atomic
def save_draft(
    *,
    center: Center,
    kind: VerificationKind,
    fiscal_year: FiscalYear,
    version: int,
    result: str,
    by: User,
    at: datetime,
    self_assessments: Mapping[Criterion, str] | None = None,
) -> Verification:
    """Write the result (and the self-assessments) into the year's draft; version 0 begins it.

    Conflict when somebody saved or began it since; ValidationError where the other side is writing it.
    """
    require(by, center, right_to_write(kind))
    row = Verification.objects.filter(center=center, kind=kind, fiscal_year=fiscal_year).first()
    written: dict[str, Any] = {"result": result, "self_assessments": self_assessments}
    if row is not None:
        saved: Verification = steps_of(row).take("edit", row, version=version, by=by, at=at, **written)
        return saved
    if version:
        raise Conflict
    row = _begin(center, kind, fiscal_year, result, by, at)
    _write(row, "self_assessment", self_assessments or {})
    was, now = history.changed({}, _said(row))
    steps_of(row).record(row, "save", by, before=was, after=now)
    return row


def _begin(
    center: Center, kind: VerificationKind, year: FiscalYear, result: str, by: User, at: datetime
) -> Verification:
    asked = verifications.obligations(center)
    if year not in verifications.open_years(kind, asked, today=clock.day_of(at)):
        raise ValidationError(
            _("This fiscal year cannot be verified: it has not ended, or no agreement asks for it.")
        )
    row = Verification(
        center=center,
        kind=kind,
        fiscal_year=year,
        result=result.strip(),
        author_side=center.side_of(by) or "",
        saved_at=at,
        saved_by=by,
    )
    row.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else began it at this very moment
        raise Conflict from error
    return row


@transaction.atomic
def save_and_submit(
    *,
    center: Center,
    kind: VerificationKind,
    fiscal_year: FiscalYear,
    version: int,
    result: str,
    by: User,
    at: datetime,
    self_assessments: Mapping[Criterion, str] | None = None,
    decision: Decision = NO_DECISION,
) -> Verification:
    """Save it and hand it in, both or neither. Raises what `save_draft` and `submit` raise."""
    row = save_draft(
        center=center,
        kind=kind,
        fiscal_year=fiscal_year,
        version=version,
        result=result,
        by=by,
        at=at,
        self_assessments=self_assessments,
    )
    handed_in: Verification = submit(verification=row, version=row.version, by=by, at=at, decision=decision)
    return handed_in


# -- What they hold --


def _write(verification: Verification, field: str, texts: Mapping[Criterion, str]) -> None:
    """Set the field of each criterion's finding; all together, whatever their number."""
    for criterion in texts:
        if criterion.center_id != verification.center_id:
            raise ValueError(f"{criterion} is not a criterion of {verification.center}")
    Finding.objects.bulk_create(
        [
            Finding(verification=verification, criterion=criterion, **{field: text.strip()})
            for criterion, text in texts.items()
        ],
        update_conflicts=True,
        unique_fields=["verification", "criterion"],
        update_fields=[field],
    )


def _said(verification: Verification) -> dict[str, Any]:
    """What is written in it, for the history."""
    said: dict[str, Any] = {"result": verification.result, "follow_up": verification.follow_up}
    for finding in verification.findings.select_related("criterion"):
        said[finding.criterion.code] = {
            "self_assessment": finding.self_assessment,
            "judgement": finding.judgement,
        }
    return said
