"""The steps of the three verifications, and the judgement on the free use of land."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.instruments.consequences import Falls, falls_with_the_land
from agreements.models import Criterion, Finding, Verdict, Verification, VerificationComment, VerificationKind
from agreements.verifications import verification as verifications
from agreements.verifications.verification import author_side, right_to_answer, right_to_write
from iconm_portal.history import history
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import require
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.proposal_workflow import SameSide
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.version_lock import Conflict, SamePerson, WrongStep
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


class ConsequencesUnconfirmed(Exception):
    """A negative verdict takes the free use of land away; whoever gives it has not confirmed what falls with it."""

    def __init__(self, falls: Falls) -> None:
        super().__init__("what falls with the verdict has to be confirmed")
        self.falls = falls


# -- The side that writes it --


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
    if row is None:
        if version:
            raise Conflict
        row, before = _begin(center, kind, fiscal_year, result, by, at), {}
    else:
        _writes_it(row, by)
        before = _said(row)
        review.save_draft(row, version=version, by=by, at=at, result=result.strip())
    _write(row, "self_assessment", self_assessments or {})
    was, now = history.changed(before, _said(row))
    history.record(by=by, action="verification.save", subject=row, center=center, before=was, after=now)
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
def submit(
    *, verification: Verification, version: int, by: User, at: datetime, decision: Decision = NO_DECISION
) -> Verification:
    """Hand it in. ValidationError while the result, or a criterion's self-assessment, is blank."""
    require(by, verification.center, right_to_write(verification.kind))
    _writes_it(verification, by)
    _is_complete(verification)
    side = verification.center.side_of(by) or ""
    review.submit(verification, version=version, by=by, at=at, decision=decision, author_side=side)
    _record_step(verification, "verification.submit", by)
    return verification


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
    return submit(verification=row, version=row.version, by=by, at=at, decision=decision)


def _is_complete(verification: Verification) -> None:
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


@transaction.atomic
def take_back(*, verification: Verification, version: int, by: User) -> Verification:
    """取下げ, as long as the other side has not answered or begun its judgement."""
    require(by, verification.center, right_to_write(verification.kind))
    _writes_it(verification, by)
    review.take_back(verification, version=version)
    _record_step(verification, "verification.take_back", by)
    return verification


@transaction.atomic
def discard(*, verification: Verification, version: int, by: User, at: datetime) -> None:
    """Throw away a draft that was never handed in, so that the other side can begin."""
    require(by, verification.center, right_to_write(verification.kind))
    _writes_it(verification, by)
    review.save_draft(verification, version=version, by=by, at=at)
    if verification.returned_at is not None:
        raise WrongStep(verification.state)
    history.record(
        by=by,
        action="verification.discard",
        subject=verification,
        center=verification.center,
        before=_said(verification),
    )
    verification.findings.all().delete()
    verification.delete()


# -- The other side --


@transaction.atomic
def confirm(
    *, verification: Verification, version: int, by: User, at: datetime, decision: Decision = NO_DECISION
) -> Verification:
    """The other side confirms what both verify: settled and known from today on."""
    _answers(verification, by)
    if not verification.kind.is_joint:
        raise WrongStep(verification.state)  # it is judged, not confirmed
    # Nothing lies between opening and confirming: the proposing side may take it back until the other has confirmed.
    opened = review.open_review(verification, version=version, by=by, at=at)
    return _accept(opened, opened.version, by, at, decision, {})


@transaction.atomic
def open_review(*, verification: Verification, version: int, by: User, at: datetime) -> Verification:
    """The city begins its judgement; from here on the foundation cannot take the self-assessment back."""
    _answers(verification, by)
    review.open_review(verification, version=version, by=by, at=at)
    _record_step(verification, "verification.open", by)
    return verification


@transaction.atomic
def send_back(
    *, verification: Verification, version: int, comment: str, by: User, at: datetime
) -> Verification:
    """差戻し with a comment that says what has to be changed."""
    _answers(verification, by)
    text = comment.strip()
    if not text:
        raise ValidationError({"comment": _("Say what has to be changed.")})
    if verification.kind.is_joint:
        version = review.open_review(verification, version=version, by=by, at=at).version
    review.send_back(verification, version=version, by=by, at=at)
    written = VerificationComment(verification=verification, text=text, written_at=at, written_by=by)
    written.full_clean()
    written.save()
    _record_step(verification, "verification.return", by, {"comments": [text]})
    return verification


@transaction.atomic
def save_judgement(
    *,
    verification: Verification,
    version: int,
    judgements: Mapping[Criterion, str],
    follow_up: str,
    by: User,
) -> Verification:
    """Keep the judgement as far as it is written; the foundation sees it once it is settled."""
    _answers(verification, by)
    before = _said(verification)
    version_lock.step(verification, version, (ReviewState.IN_REVIEW,), follow_up=follow_up.strip())
    _write(verification, "judgement", judgements)
    was, now = history.changed(before, _said(verification))
    history.record(
        by=by,
        action="verification.save",
        subject=verification,
        center=verification.center,
        before=was,
        after=now,
    )
    return verification


@transaction.atomic
def judge(
    *,
    verification: Verification,
    version: int,
    verdict: Verdict,
    judgements: Mapping[Criterion, str],
    follow_up: str,
    by: User,
    at: datetime,
    falls_seen: Sequence[str] | None = None,
    decision: Decision = NO_DECISION,
) -> Verification:
    """The city's verdict on the free use of land (report, 6 (1) b): settled and known from today on.

    ConsequencesUnconfirmed for a negative verdict unless `falls_seen` names exactly what falls with it (`falls_key`).
    ValidationError for a blank judgement, and for a negative verdict that says nothing of what follows.
    """
    _answers(verification, by)
    if verification.kind.is_joint:
        raise WrongStep(verification.state)
    _is_judged(verification, verdict, judgements, follow_up)
    falls = None
    if verdict == Verdict.DOES_NOT_MEET:
        falls = what_falls(verification.center, at=at)
        if falls_seen is None or list(falls_seen) != falls_key(falls):
            raise ConsequencesUnconfirmed(falls)
    before = _said(verification)
    version_lock.step(verification, version, (ReviewState.IN_REVIEW,), follow_up=follow_up.strip())
    _write(verification, "judgement", judgements)  # before the acceptance, which locks the lines
    was, now = history.changed(before, _said(verification))
    more = {"verdict": str(verdict), **now}
    if falls is not None:
        more["falls"] = falls_key(falls)
    return _accept(verification, verification.version, by, at, decision, more, was, verdict=verdict)


def what_falls(center: Center, *, at: datetime) -> Falls:
    """What a negative verdict of this moment takes away: the land is free for the last time today."""
    today = clock.day_of(at)
    return falls_with_the_land(center, last_day=today, day=today)


def falls_key(falls: Falls) -> list[str]:
    """What falls, by natural keys: what a person confirms is this list, and no other."""
    return [measure.history_key() for measure in falls.land]


def _is_judged(
    verification: Verification, verdict: Verdict, judgements: Mapping[Criterion, str], follow_up: str
) -> None:
    criteria = Criterion.objects.filter(center=verification.center)
    missing = [criterion.label for criterion in criteria if not judgements.get(criterion, "").strip()]
    if missing:
        raise ValidationError(
            _("Write a judgement under every criterion. Missing: %(criteria)s")
            % {"criteria": "、".join(missing)}
        )
    if verdict == Verdict.DOES_NOT_MEET and not follow_up.strip():
        raise ValidationError(
            {"follow_up": _("Say what is to follow from the finding that the conditions are not met.")}
        )


# -- What the steps share --


def _writes_it(verification: Verification, by: User) -> None:
    """ValidationError for the other side: whoever began it writes on."""
    if verification.center.side_of(by) != author_side(verification):
        raise ValidationError(_("The other side is writing this. It can be answered once it is handed in."))


def _answers(verification: Verification, by: User) -> None:
    require(by, verification.center, right_to_answer(verification.kind))
    if verification.submitted_by_id == by.pk:
        raise SamePerson
    if verification.center.side_of(by) == author_side(verification):
        raise SameSide


def _accept(
    verification: Verification,
    version: int,
    by: User,
    at: datetime,
    decision: Decision,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Verification:
    review.accept(
        verification,
        version=version,
        by=by,
        at=at,
        known_from=clock.day_of(at),
        decision=decision,
        **changes,
    )
    _record_step(
        verification, "verification.accept", by, {"known_from": verification.known_from, **after}, before
    )
    return verification


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


def _record_step(
    verification: Verification,
    action: str,
    by: User,
    more: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> None:
    history.record(
        by=by,
        action=action,
        subject=verification,
        center=verification.center,
        before=before,
        after={"state": str(verification.state), **(more or {})},
    )
