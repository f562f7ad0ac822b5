"""Every write about duties: stored for a year, handed in, answered, decided, dated, extended."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.duties import due_rules
from agreements.duties.steps import Step, is_joint, require_step, states_for
from agreements.instruments import agreements
from agreements.models import (
    Bound,
    Consultation,
    Duty,
    DutyComment,
    DutyDocument,
    Extension,
    Obligation,
    RequiredDocument,
    Timing,
    Way,
)
from iconm_portal.forms import files
from iconm_portal.forms.files import CheckedFile
from iconm_portal.history import history
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

_OPEN_STATES = tuple(state for state in ReviewState.values if state != ReviewState.ACCEPTED)

Document = tuple[RequiredDocument | None, CheckedFile]  # None: beside the required ones


# -- Storing --


@transaction.atomic
def store_year(*, center: Center, fiscal_year: FiscalYear, by: User, at: datetime) -> list[Duty]:
    """Store a fiscal year's programme: what the concluded agreements ask for within it, or without a date for it.

    What concerns the year but falls due in another one is stored with that. Repeatable: what is stored already stays
    as it is, and only what was added is returned.
    """
    require(by, center, Right.SETTLE_JOINTLY)
    today = clock.day_of(at)
    wanted = [
        one
        for one in due_rules.owed_around(due_rules.agreements_of(center), fiscal_year, today=today)
        if one.agreed.facts.is_concluded(today) and due_rules.belongs_to(one, fiscal_year)
    ]
    stored = set(
        Duty.objects.filter(obligation__in=[one.obligation for one in wanted]).values_list(
            "obligation", "fiscal_year"
        )
    )
    return [
        duty
        for one in wanted
        if (one.obligation.pk, one.fiscal_year) not in stored
        if (duty := _stored(one, by, at)) is not None
    ]


def _stored(one: due_rules.Owed, by: User, at: datetime) -> Duty | None:
    """The new duty; None where somebody stored it a moment ago."""
    duty = Duty(
        obligation=one.obligation,
        fiscal_year=one.fiscal_year,
        due_on=one.due.on if one.due else None,
        stored_at=at,
        stored_by=by,
    )
    try:
        with transaction.atomic():
            duty.save()
    except IntegrityError:
        return None
    _record(duty, "duty.store", by, {"due_on": duty.due_on})
    return duty


@transaction.atomic
def ask(
    *, obligation: Obligation, fiscal_year: FiscalYear, due_on: date, reason: str, by: User, at: datetime
) -> Duty:
    """The other side asks for what the agreement promises on request (basic Art. 10): a duty with a date of its own.

    ValidationError while the agreement is not concluded, or when it was asked for in this fiscal year already.
    """
    center = obligation.agreement.center
    require(by, center, Right.SETTLE_JOINTLY)
    if not may_ask(obligation, by):
        raise PermissionDenied("ask")
    today = clock.day_of(at)
    facts = agreements.facts_of(obligation.agreement)
    if not facts.is_concluded(today):
        raise ValidationError(_("The agreement is not concluded yet, so nothing can be asked for under it."))
    if due_on < today:
        raise ValidationError({"due_on": _("The due date has passed already.")})
    duty = Duty(
        obligation=obligation,
        fiscal_year=fiscal_year,
        due_on=due_on,
        due_is_own=True,
        stored_at=at,
        stored_by=by,
        note=reason.strip(),
    )
    duty.full_clean()
    duty.save()
    _record(duty, "duty.ask", by, {"due_on": due_on}, reason=reason.strip())
    return duty


def may_ask(obligation: Obligation, by: User) -> bool:
    """Whether it is owed on request, and the person's side is not the one that owes it."""
    center = obligation.agreement.center
    right = Right.REVIEW if obligation.bound == Bound.OPERATOR else Right.SETTLE_JOINTLY
    return (
        obligation.timing == Timing.ON_REQUEST
        and obligation.bound != center.side_of(by)
        and allowed(by, center, right)
    )


# -- Dates --


@transaction.atomic
def set_own_date(*, duty: Duty, version: int, due_on: date, by: User) -> Duty:
    """The parties' own date where the agreement prints none. It stays from then on; a later one is an extension."""
    require_step(Step.SET_DATE, duty, _center(duty), by)
    if duty.due_on is not None:
        raise ValidationError(_("This duty has a due date already. A later one is an extension."))
    version_lock.step(duty, version, _OPEN_STATES, due_on=due_on, due_is_own=True)
    _record(duty, "duty.date", by, {"due_on": due_on})
    return duty


@transaction.atomic
def extend(
    *,
    duty: Duty,
    version: int,
    due_on: date,
    reason: str,
    consultation: Consultation,
    by: User,
    at: datetime,
) -> Extension:
    """延長 by a confirmed consultation. The first due date stays. ValidationError unless the new one is later."""
    require_step(Step.EXTEND, duty, _center(duty), by)
    _confirmed(consultation, duty)
    before = current_due(duty)
    if before is None:
        raise ValidationError(_("There is no due date yet that could be extended."))
    if due_on <= before:
        raise ValidationError({"due_on": _("The new due date must be later than the present one.")})
    version_lock.step(duty, version, _OPEN_STATES)
    extension = Extension(
        duty=duty,
        due_on=due_on,
        reason=reason.strip(),
        consultation=consultation,
        recorded_at=at,
        recorded_by=by,
    )
    extension.full_clean()
    extension.save()
    history.record(
        by=by,
        action="duty.extend",
        subject=duty,
        center=_center(duty),
        before={"due_on": before},
        after={"due_on": due_on},
        reason=extension.reason,
        consultation=consultation.key,
    )
    return extension


def current_due(duty: Duty) -> date | None:
    """The date that holds: the last extension's, otherwise the first one."""
    last = duty.extensions.order_by("pk").last()
    return last.due_on if last else duty.due_on


def _confirmed(consultation: Consultation, duty: Duty) -> None:
    if consultation.center_id != _center(duty).pk or not consultation.is_confirmed:
        raise ValidationError({"consultation": _("Choose a consultation that both sides have confirmed.")})


# -- Handing in --


@transaction.atomic
def save(
    *, duty: Duty, version: int, note: str, documents: Sequence[Document], by: User, at: datetime
) -> Duty:
    """Keep the note and a new version of each document given, without handing anything in."""
    require_step(Step.SAVE, duty, _center(duty), by)
    note_before = duty.note
    review.save_draft(duty, version=version, by=by, at=at, note=note.strip())
    names = [_add(duty, required, file, by, at).file.name for required, file in documents]
    changed_from, changed_to = history.changed({"note": note_before}, {"note": duty.note})
    history.record(
        by=by,
        action="duty.save",
        subject=duty,
        center=_center(duty),
        before=changed_from,
        after={**changed_to, **({"files": names} if names else {})},
    )
    return duty


def _add(
    duty: Duty, required: RequiredDocument | None, file: CheckedFile, by: User, at: datetime
) -> DutyDocument:
    """The next version of the document. The version lock is held, so nobody else adds one meanwhile."""
    if required is not None and required.obligation_id != duty.obligation_id:
        raise ValueError(f"{required} is not asked for by {duty.obligation}")
    earlier = DutyDocument.objects.filter(duty=duty, required=required).aggregate(last=Max("version"))
    return DutyDocument.objects.create(
        duty=duty,
        required=required,
        version=(earlier["last"] or 0) + 1,
        file=files.store(file, center=_center(duty), by=by),
        handed_in_at=at,
        handed_in_by=by,
    )


@transaction.atomic
def submit(*, duty: Duty, version: int, by: User, at: datetime, decision: Decision = NO_DECISION) -> Duty:
    """Hand in what is saved, or propose it to the other side. ValidationError names the documents that are missing."""
    require_step(Step.SUBMIT, duty, _center(duty), by)
    _nothing_missing(duty)
    side = _center(duty).side_of(by) or ""
    review.submit(duty, version=version, by=by, at=at, decision=decision, author_side=side)
    _record(duty, "duty.propose" if is_joint(duty.obligation) else "duty.submit", by)
    return duty


def _nothing_missing(duty: Duty) -> None:
    there = set(duty.documents.values_list("required", flat=True))
    missing = [one.name for one in duty.obligation.required_documents.all() if one.pk not in there]
    if missing:
        names = "、".join(missing)
        raise ValidationError(_("Not handed in yet: %(names)s"), params={"names": names})
    if not there and not duty.note:
        raise ValidationError(_("Add a document or a note first: there is nothing to hand in yet."))


@transaction.atomic
def save_and_submit(
    *,
    duty: Duty,
    version: int,
    note: str,
    documents: Sequence[Document],
    by: User,
    at: datetime,
    decision: Decision = NO_DECISION,
) -> Duty:
    """Both or neither. Raises what `save` and `submit` raise."""
    saved = save(duty=duty, version=version, note=note, documents=documents, by=by, at=at)
    return submit(duty=saved, version=saved.version, by=by, at=at, decision=decision)


@transaction.atomic
def take_back(*, duty: Duty, version: int, by: User) -> Duty:
    """取下げ: until the review begins, the other side confirms, or the foundation decides."""
    require_step(Step.TAKE_BACK, duty, _center(duty), by)
    review.take_back(duty, version=version)
    _record(duty, "duty.take_back", by)
    return duty


# -- Answering --


@transaction.atomic
def open_review(*, duty: Duty, version: int, by: User, at: datetime) -> Duty:
    """The other side begins its review; nothing can be taken back from here on."""
    require_step(Step.OPEN, duty, _center(duty), by)
    review.open_review(duty, version=version, by=by, at=at)
    _record(duty, "duty.open", by)
    return duty


@transaction.atomic
def send_back(*, duty: Duty, version: int, text: str, by: User, at: datetime) -> Duty:
    """差戻し, or declining a proposal, with the reason."""
    require_step(Step.RETURN, duty, _center(duty), by)
    if not text.strip():
        raise ValidationError({"text": _("Say what has to be changed.")})
    seen = _opened_if_joint(duty, version, by, at)
    review.send_back(duty, version=seen, by=by, at=at)
    _write_comment(duty, text, by, at)
    action = "duty.decline" if is_joint(duty.obligation) else "duty.return"
    _record(duty, action, by, {"comments": [text.strip()]})
    return duty


@transaction.atomic
def accept(
    *,
    duty: Duty,
    version: int,
    by: User,
    at: datetime,
    text: str = "",
    decision: Decision = NO_DECISION,
) -> Duty:
    """受理, or confirming a proposal: settled, and known from today (the server's day in Japan) on."""
    require_step(Step.ACCEPT, duty, _center(duty), by)
    seen = _opened_if_joint(duty, version, by, at)
    if text.strip():
        _write_comment(duty, text, by, at)
    review.accept(
        duty,
        version=seen,
        by=by,
        at=at,
        known_from=clock.day_of(at),
        decision=decision,
    )
    action = "duty.confirm" if is_joint(duty.obligation) else "duty.accept"
    _record(duty, action, by, {"known_from": duty.known_from})
    return duty


def _opened_if_joint(duty: Duty, version: int, by: User, at: datetime) -> int:
    """A proposal is answered in one step, in which it is also opened; a review was opened before."""
    if not is_joint(duty.obligation):
        return version
    return review.open_review(duty, version=version, by=by, at=at).version


@transaction.atomic
def decide(
    *,
    duty: Duty,
    version: int,
    consultation: Consultation,
    by: User,
    at: datetime,
    decision: Decision = NO_DECISION,
) -> Duty:
    """The foundation decides what it handed in, after the recorded consultation (basic Art. 8(2)); nobody approves."""
    require_step(Step.DECIDE, duty, _center(duty), by)
    if duty.obligation.way != Way.OPERATOR_DECIDES:
        raise PermissionDenied("decide")
    _confirmed(consultation, duty)
    version_lock.step(
        duty,
        version,
        (ReviewState.SUBMITTED,),
        state=ReviewState.ACCEPTED,
        consultation=consultation,
        decided_at=at,
        decided_by=by,
        known_from=clock.day_of(at),
        acceptance_decided_on=decision.on,
        acceptance_decided_post=decision.post,
    )
    history.record(
        by=by,
        action="duty.decide",
        subject=duty,
        center=_center(duty),
        after={"state": str(duty.state), "known_from": duty.known_from},
        consultation=consultation.key,
    )
    return duty


@transaction.atomic
def comment(*, duty: Duty, text: str, by: User, at: datetime) -> DutyComment:
    """A remark on what was handed in, by either staff."""
    require_step(Step.COMMENT, duty, _center(duty), by)
    if duty.state not in states_for(Step.COMMENT, duty.obligation):
        raise review.WrongStep(duty.state)
    if not text.strip():
        raise ValidationError({"text": _("Write a comment first.")})
    written = _write_comment(duty, text, by, at)
    _record(duty, "duty.comment", by, {"comments": [written.text]})
    return written


def _write_comment(duty: Duty, text: str, by: User, at: datetime) -> DutyComment:
    return DutyComment.objects.create(duty=duty, text=text.strip(), written_at=at, written_by=by)


def _center(duty: Duty) -> Center:
    return duty.obligation.agreement.center


def _record(
    duty: Duty, action: str, by: User, more: Mapping[str, Any] | None = None, reason: str = ""
) -> None:
    history.record(
        by=by,
        action=action,
        subject=duty,
        center=_center(duty),
        after={"state": str(duty.state), **(more or {})},
        reason=reason,
    )
