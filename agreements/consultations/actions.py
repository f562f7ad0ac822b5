"""Every write of consultations: recorded by one side, confirmed or declined by the other."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Agreement, Consultation, ConsultationFile, known_days
from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking, acting_side
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
    side = acting_side(center, by)
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
    STEPS.record(consultation, "propose", by, after=after)
    return consultation


def _check(center: Center, details: Details, at: datetime) -> None:
    if details.held_on > clock.day_of(at):
        raise ValidationError({"held_on": _("A talk is recorded after it was held.")})
    known_days.of(center, today=clock.day_of(at)).refuse_too_early(details.held_on, "held_on")
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


# -- Steps --


def _check_details(taking: Taking[Consultation]) -> None:
    consultation, details = taking.item, taking.given["details"]
    _check(consultation.center, details, taking.at)
    taking.before = _details(consultation).as_history()
    taking.changes = details.as_fields()
    changed = copy(consultation)
    for name, value in taking.changes.items():
        setattr(changed, name, value)
    changed.clean_fields()


def _attach_files(taking: Taking[Consultation]) -> None:
    names = _attach(taking.item, taking.given["new_files"], taking.by, taking.at)
    after = taking.given["details"].as_history()
    taking.before, taking.after = history.changed(taking.before, after)
    taking.after |= {"files": names} if names else {}


STEPS = StepTable(
    Consultation,
    named="consultation",
    code="consultation",
    steps=(
        replace(  # corrected, it is before the other side again
            proposal_workflow.PROPOSE,
            name="edit",
            recorded="propose",
            takes={"details": REQUIRED, "new_files": ()},
            check=_check_details,
            then=_attach_files,
            has_address=False,
        ),
        replace(
            proposal_workflow.TAKE_BACK,
            says=gettext_lazy("You took the consultation back. Correct it and put it forward again."),
        ),
        replace(proposal_workflow.CONFIRM, says=gettext_lazy("The consultation is confirmed by both sides.")),
        replace(
            proposal_workflow.DECLINE,
            says=gettext_lazy("The consultation was declined; the other side reads why."),
        ),
    ),
)
change, take_back = STEPS.action("edit"), STEPS.action("take_back")
confirm, decline = STEPS.action("confirm"), STEPS.action("decline")
