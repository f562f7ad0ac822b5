"""Every write of consultations: recorded by one side, confirmed or declined by the other."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.instruments.actions import own_side
from agreements.models import Agreement, Consultation, ConsultationFile
from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, Side, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class Details:
    """What is recorded of a talk."""

    type: str
    held_on: date
    subject: str
    outcome: str
    participants: str = ""
    agreement: Agreement | None = None

    def as_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        return {
            "type": self.type,
            "held_on": self.held_on,
            "subject": self.subject,
            "outcome": self.outcome,
            "participants": self.participants,
            "agreement": self.agreement,
        }

    def as_history(self) -> dict[str, Any]:
        """The same as the history keeps it."""
        return self.as_fields() | {"agreement": self.agreement.code if self.agreement else ""}


@transaction.atomic
def record(
    *,
    center: Center,
    details: Details,
    by: User,
    at: datetime,
    new_files: Sequence[files.CheckedFile] = (),
) -> Consultation:
    """Record a talk and put it before the other side. Numbered in order, without a gap."""
    side = own_side(center, by)
    _check(center, details, at)
    consultation = Consultation(
        center=center,
        number=_next_number(center),
        state=ProposalState.PROPOSED,
        proposed_at=at,
        proposed_by=by,
        proposed_side=side,
        recorded_at=at,
        **details.as_fields(),
    )
    consultation.full_clean()
    consultation.save()
    names = _attach(consultation, new_files, by, at)
    after = details.as_history() | ({"files": names} if names else {})
    _remember("consultation.propose", consultation, by, after=after)
    return consultation


@transaction.atomic
def change(
    *,
    consultation: Consultation,
    version: int,
    details: Details,
    by: User,
    at: datetime,
    new_files: Sequence[files.CheckedFile] = (),
) -> Consultation:
    """Correct what was taken back or declined, and put it before the other side again.

    Conflict when somebody changed it since `version`; then nothing is written, files included.
    """
    side = _own_side(consultation, by)
    _check(consultation.center, details, at)
    before = _details(consultation).as_history()
    _as_changed(consultation, details).clean_fields()
    proposal_workflow.propose(consultation, version=version, by=by, side=side, at=at, **details.as_fields())
    names = _attach(consultation, new_files, by, at)
    was, now = history.changed(before, details.as_history())
    now |= {"files": names} if names else {}
    _remember("consultation.propose", consultation, by, before=was, after=now)
    return consultation


@transaction.atomic
def take_back(*, consultation: Consultation, version: int, by: User) -> Consultation:
    """取下げ, as long as the other side has not answered."""
    _own_side(consultation, by)
    proposal_workflow.take_back(consultation, version=version)
    _remember("consultation.take_back", consultation, by)
    return consultation


@transaction.atomic
def confirm(*, consultation: Consultation, version: int, by: User, at: datetime) -> Consultation:
    """The other side agrees that it was so: settled, and known from today on."""
    side = own_side(consultation.center, by)
    proposal_workflow.confirm(
        consultation, version=version, by=by, side=side, at=at, known_from=clock.day_of(at)
    )
    _remember("consultation.confirm", consultation, by)
    return consultation


@transaction.atomic
def decline(*, consultation: Consultation, version: int, reason: str, by: User, at: datetime) -> Consultation:
    """The other side does not agree, and says why."""
    side = own_side(consultation.center, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you do not agree.")})
    proposal_workflow.decline(consultation, version=version, by=by, side=side, at=at, reason=reason.strip())
    _remember("consultation.decline", consultation, by, reason=reason.strip())
    return consultation


def _own_side(consultation: Consultation, by: User) -> Side:
    """The person's side, if it is the one that put the consultation forward (or nobody does at present)."""
    side = own_side(consultation.center, by)
    if consultation.proposed_side not in ("", side):
        raise ValidationError(_("Only the side that put it forward can do this."))
    return side


def _check(center: Center, details: Details, at: datetime) -> None:
    if details.held_on > clock.day_of(at):
        raise ValidationError({"held_on": _("A talk is recorded after it was held.")})
    if details.agreement is not None and details.agreement.center_id != center.pk:
        raise ValidationError({"agreement": _("Choose an agreement of this center.")})


def _next_number(center: Center) -> int:
    """One more than the last, with the center locked until the end: two at once never get the same number."""
    Center.objects.select_for_update().get(pk=center.pk)
    last = Consultation.objects.filter(center=center).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _attach(
    consultation: Consultation, checked: Sequence[files.CheckedFile], by: User, at: datetime
) -> list[str]:
    stored = [files.store(file, center=consultation.center, by=by) for file in checked]
    ConsultationFile.objects.bulk_create(
        ConsultationFile(consultation=consultation, file=file, attached_at=at, attached_by=by)
        for file in stored
    )
    return [file.name for file in stored]


def _details(consultation: Consultation) -> Details:
    return Details(
        type=consultation.type,
        held_on=consultation.held_on,
        subject=consultation.subject,
        outcome=consultation.outcome,
        participants=consultation.participants,
        agreement=consultation.agreement,
    )


def _as_changed(consultation: Consultation, details: Details) -> Consultation:
    """A copy with the new details, to be validated before anything is written."""
    changed = copy(consultation)
    for name, value in details.as_fields().items():
        setattr(changed, name, value)
    return changed


def _remember(
    action: str,
    consultation: Consultation,
    by: User,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    history.record(
        by=by,
        action=action,
        subject=consultation,
        center=consultation.center,
        before=before,
        after=after,
        reason=reason,
        consultation=consultation.key,
    )
