"""Every write about a stored duty: handed in, answered, decided, dated, extended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.duties.item_reader import amended
from agreements.duties.items import Amended
from agreements.duties.parties import (
    is_joint,
    sides_answering,
    sides_deciding,
    sides_handing_in,
    sides_taking_back,
)
from agreements.editions.obligations import rules
from agreements.instruments import agreements
from agreements.models import (
    Duty,
    DutyComment,
    DutyDocument,
    Extension,
    RequiredDocument,
)
from iconm_portal.display import template_tags
from iconm_portal.forms import files
from iconm_portal.forms.files import CheckedFile
from iconm_portal.forms.refusals import SameSide, WrongStep
from iconm_portal.history import history
from iconm_portal.models import ReviewState, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.steps import REQUIRED, Step, StepTable, Taking, Whose
from iconm_portal.values import clock
from iconm_portal.values.text import listed

_OPEN_STATES = tuple(state for state in ReviewState.values if state != ReviewState.ACCEPTED)

Document = tuple[RequiredDocument | None, CheckedFile]  # None: beside the required ones


# -- Dates --


def current_due(duty: Duty) -> date | None:
    """The date that holds: the last extension's, otherwise the first one."""
    last = duty.extensions.order_by("pk").last()
    return last.due_on if last else duty.due_on


def _not_ended(taking: Taking[Duty]) -> None:
    """ValidationError where the agreement is over: nothing is asked for under it, dated or handed in any more. What was
    handed in before can still be answered."""
    day = clock.day_of(taking.moment) if taking.moment else clock.today()
    if agreements.facts_of(taking.item.obligation.agreement).has_ended(day):
        raise ValidationError(_("The agreement has ended, so this is no longer asked for."))


def _check_date(taking: Taking[Duty]) -> None:
    """The parties' own date, where the agreement prints none, stays from then on."""
    _not_ended(taking)
    if taking.item.due_on is not None:
        raise ValidationError(_("This duty has a due date already. A later one is an extension."))
    taking.changes = {"due_on": taking.given["due_on"], "due_is_own": True}
    taking.after = {"due_on": taking.given["due_on"]}


def _check_extension(taking: Taking[Duty]) -> None:
    """延長: later than the date that holds, by a confirmed consultation. The first date stays."""
    _not_ended(taking)
    _confirmed(taking)
    before, due_on = current_due(taking.item), taking.given["due_on"]
    if before is None:
        raise ValidationError(_("There is no due date yet that could be extended."))
    if due_on <= before:
        raise ValidationError({"due_on": _("The new due date must be later than the present one.")})
    taking.before, taking.after = {"due_on": before}, {"due_on": due_on}
    taking.reason = taking.given["reason"].strip()


def _extend(taking: Taking[Duty]) -> None:
    extension = Extension(
        duty=taking.item,
        due_on=taking.given["due_on"],
        reason=taking.reason,
        consultation=taking.given["consultation"],
        recorded_at=taking.at,
        recorded_by=taking.by,
    )
    extension.full_clean()
    extension.save()
    taking.result = extension


def _amended(duty: Duty) -> Amended | None:
    """The due date that an amendment brought since the duty was stored, and that nobody has answered."""
    rule = rules.rule_of(duty.obligation, duty.fiscal_year, known_at=date.max)
    found = amended(duty, rule)
    return None if found is None or found.is_dropped or found.edition.consultation is None else found


def _check_amended(taking: Taking[Duty]) -> None:
    found = _amended(taking.item)
    if found is None or found.edition.consultation is None:
        raise ValidationError(_("No amendment brought another due date for this duty."))
    taking.given = {"amended": found}
    taking.before, taking.after = {"due_on": current_due(taking.item)}, {"due_on": found.due_on}
    taking.reason = f"第{found.edition.number}版による期限"
    taking.consultation = found.edition.consultation.key


def _follow(taking: Taking[Duty]) -> None:
    found = taking.given["amended"]
    taking.result = Extension.objects.create(
        duty=taking.item,
        due_on=found.due_on,
        reason=taking.reason,
        consultation=found.edition.consultation,
        edition=found.edition,
        recorded_at=taking.at,
        recorded_by=taking.by,
    )


def _confirmed(taking: Taking[Duty]) -> None:
    talk = taking.given["consultation"]
    if talk.center_id != taking.item.center.pk or not talk.is_confirmed:
        raise ValidationError({"consultation": _("Choose a consultation that both sides have confirmed.")})
    taking.consultation = talk.key


def _writes(taking: Taking[Duty]) -> None:
    """Write into what is not settled, whatever its state."""
    version_lock.step(taking.item, taking.version, _OPEN_STATES, **taking.changes)


# -- Handing in --


def _keep_note(taking: Taking[Duty]) -> None:
    _not_ended(taking)
    taking.before = {"note": taking.item.note}
    taking.changes = {"note": taking.given["note"].strip()}


def _add_documents(taking: Taking[Duty]) -> None:
    """A new version of each document given."""
    names = [_add(taking, required, file).file.name for required, file in taking.given["documents"]]
    taking.before, taking.after = history.changed(taking.before, {"note": taking.item.note})
    taking.after |= {"files": names} if names else {}


def _add(taking: Taking[Duty], required: RequiredDocument | None, file: CheckedFile) -> DutyDocument:
    """The next version of the document. The version lock is held, so nobody else adds one meanwhile."""
    duty = taking.item
    if required is not None and required.obligation_id != duty.obligation_id:
        raise ValueError(f"{required} is not asked for by {duty.obligation}")
    earlier = DutyDocument.objects.filter(duty=duty, required=required).aggregate(last=Max("version"))
    return DutyDocument.objects.create(
        duty=duty,
        required=required,
        version=(earlier["last"] or 0) + 1,
        file=files.store(file, center=duty.center, by=taking.by),
        handed_in_at=taking.at,
        handed_in_by=taking.by,
    )


def _nothing_missing(taking: Taking[Duty]) -> None:
    """ValidationError names the documents that are missing."""
    _not_ended(taking)
    duty = taking.item
    taking.changes = {"author_side": taking.side}
    there = set(duty.documents.values_list("required", flat=True))
    missing = [one.name for one in duty.obligation.required_documents.all() if one.pk not in there]
    if missing:
        names = listed(missing)
        raise ValidationError(_("Not handed in yet: %(names)s"), params={"names": names})
    if not there and not duty.note:
        raise ValidationError(_("Add a document or a note first: there is nothing to hand in yet."))


# -- Answering --


def _has_comment(taking: Taking[Duty]) -> None:
    if not taking.given["text"].strip():
        raise ValidationError({"text": _("Say what has to be changed.")})


def _open_if_joint(taking: Taking[Duty]) -> None:
    """A proposal is answered in one step, in which it is also opened; a review was opened before."""
    if is_joint(taking.item.obligation):
        seen = taking.version
        taking.version = review.open_review(taking.item, version=seen, by=taking.by, at=taking.at).version


def _write_comment(taking: Taking[Duty]) -> None:
    if text := taking.given["text"].strip():
        _comment(taking.item, text, taking.by, taking.at)


def _say_why(taking: Taking[Duty]) -> None:
    _write_comment(taking)
    taking.after = {"comments": [taking.given["text"].strip()]}


def _check_talk(taking: Taking[Duty]) -> None:
    """The consultation before the foundation's decision (basic Art. 8(2)); nobody approves."""
    _confirmed(taking)
    talk = taking.given["consultation"]
    taking.changes = {"consultation": talk, "decided_at": taking.at, "decided_by": taking.by}


@transaction.atomic
def comment(*, duty: Duty, text: str, by: User, at: datetime) -> DutyComment:
    """A remark on what was handed in, by either staff. No step of the table: it changes no version, so that nobody who
    is answering just now has to begin anew."""
    require(by, duty.center, Right.SETTLE_JOINTLY)
    if not sides_handing_in(duty.obligation):
        raise PermissionDenied("comment")
    if not duty.is_under_review:
        raise WrongStep(duty.state)
    if not text.strip():
        raise ValidationError({"text": _("Write a comment first.")})
    written = _comment(duty, text.strip(), by, at)
    STEPS.record(duty, "comment", by, after={"state": str(duty.state), "comments": [written.text]})
    return written


def may_comment(duty: Duty, by: User) -> bool:
    """Whether the person can add a remark now."""
    is_there = duty.is_under_review and bool(sides_handing_in(duty.obligation))
    return is_there and allowed(by, duty.center, Right.SETTLE_JOINTLY)


def _comment(duty: Duty, text: str, by: User, at: datetime) -> DutyComment:
    return DutyComment.objects.create(duty=duty, text=text, written_at=at, written_by=by)


# -- The table: either staff settles jointly; whose step it is, the obligation says --


def _is_joint(duty: Duty) -> bool:
    return is_joint(duty.obligation)


def _waiting_for_answer(duty: Duty) -> tuple[str, ...]:
    """A proposal is answered as it is, and anything else once its review has begun."""
    return (ReviewState.SUBMITTED if _is_joint(duty) else ReviewState.IN_REVIEW,)


_HANDING_IN = Whose(
    lambda duty: sides_handing_in(duty.obligation), lambda duty, by: PermissionDenied("hand in, or propose")
)
_ANSWERING = Whose(
    sides_answering, lambda duty, by: SameSide() if _is_joint(duty) else PermissionDenied("answer")
)

STEPS = StepTable(
    Duty,
    named="duty",
    code="duty",
    steps=(
        replace(
            review.EDIT,
            name="save",
            right=Right.SETTLE_JOINTLY,
            whose=_HANDING_IN,
            takes={"note": REQUIRED, "documents": REQUIRED},
            check=_keep_note,
            then=_add_documents,
        ),
        replace(
            review.SUBMIT,
            right=Right.SETTLE_JOINTLY,
            whose=_HANDING_IN,
            check=_nothing_missing,
            recorded=lambda duty: "propose" if _is_joint(duty) else "submit",
            has_address=False,  # with what is typed: it is the other button of saving
            says=lambda duty, _result: (
                _("Your proposal is before the other side.") if _is_joint(duty) else _("It was handed in.")
            ),
        ),
        replace(
            review.TAKE_BACK,
            right=Right.SETTLE_JOINTLY,
            whose=Whose(sides_taking_back, _HANDING_IN.refusal),
            says=gettext_lazy("You took it back. It can be changed again."),
        ),
        replace(
            review.OPEN,
            right=Right.SETTLE_JOINTLY,
            # A proposal is confirmed or declined in one step.
            whose=Whose(
                lambda duty: frozenset() if _is_joint(duty) else sides_answering(duty), _ANSWERING.refusal
            ),
            says=gettext_lazy("The review has begun. Accept or return it below."),
        ),
        replace(
            review.RETURN,
            from_states=_waiting_for_answer,
            right=Right.SETTLE_JOINTLY,
            whose=_ANSWERING,
            takes={"text": REQUIRED},
            check=_has_comment,
            first=_open_if_joint,
            then=_say_why,
            recorded=lambda duty: "decline" if _is_joint(duty) else "return",
            says=gettext_lazy("It was returned; the other side reads why."),
        ),
        replace(
            review.ACCEPT,
            from_states=_waiting_for_answer,
            right=Right.SETTLE_JOINTLY,
            whose=_ANSWERING,
            takes={**review.ACCEPT.takes, "text": ""},
            first=_open_if_joint,
            then=_write_comment,
            recorded=lambda duty: "confirm" if _is_joint(duty) else "accept",
            says=lambda duty, _result: (
                _("Both sides have agreed.")
                if _is_joint(duty)
                else _("It was accepted and is settled from today on.")
            ),
        ),
        replace(
            review.DECIDE,
            right=Right.SETTLE_JOINTLY,
            whose=Whose(sides_deciding, lambda duty, by: PermissionDenied("decide after the consultation")),
            check=_check_talk,
            says=gettext_lazy("The foundation's decision is recorded."),
        ),
        Step(
            name="date",
            from_states=_OPEN_STATES,
            applies=lambda duty: duty.due_on is None,
            moves=_writes,
            takes={"due_on": REQUIRED},
            check=_check_date,
            keeps_state=True,
            says=lambda duty, _result: _("Due on %(day)s.") % {"day": template_tags.era_date(duty.due_on)},
        ),
        Step(
            name="extend",
            from_states=_OPEN_STATES,
            applies=lambda duty: duty.due_on is not None,
            moves=_writes,
            takes={"due_on": REQUIRED, "reason": REQUIRED, "consultation": REQUIRED},
            check=_check_extension,
            then=_extend,
            says=lambda duty, extension: (
                _("Extended until %(day)s.") % {"day": template_tags.era_date(extension.due_on)}
            ),
        ),
        Step(  # the due date that an amendment brought after the duty was stored; both have confirmed it with that
            name="follow",
            from_states=_OPEN_STATES,
            applies=lambda duty: _amended(duty) is not None,
            moves=_writes,
            check=_check_amended,
            then=_follow,
            says=lambda duty, extension: (
                _("Due on %(day)s, as amended.") % {"day": template_tags.era_date(extension.due_on)}
            ),
        ),
    ),
)
save, submit, take_back = STEPS.action("save"), STEPS.action("submit"), STEPS.action("take_back")
open_review, send_back, accept = STEPS.action("open"), STEPS.action("return"), STEPS.action("accept")
decide, set_own_date, extend = STEPS.action("decide"), STEPS.action("date"), STEPS.action("extend")
follow_amendment = STEPS.action("follow")


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
    handed_in: Duty = submit(duty=saved, version=saved.version, by=by, at=at, decision=decision)
    return handed_in
