"""締結: one side records that an agreement, or an amendment of it, was signed; the other confirms it, and then it counts.

What is recorded wrongly or only roughly is corrected by a further revision, on which both agree in the same way.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.instruments.actions import lock
from agreements.models import Agreement, AgreementKind, Conclusion, Edition, known_days
from iconm_portal.forms import files
from iconm_portal.forms.files import CheckedFile
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import EITHER, REQUIRED, StepTable, Taking, acting_side
from iconm_portal.values import clock, partial_date
from iconm_portal.values.written.letters import folded


@transaction.atomic
def record_conclusion(
    *,
    agreement: Agreement,
    concluded_on: str,
    by: User,
    at: datetime,
    document_number: str = "",
    scan: CheckedFile | None = None,
    edition: Edition | None = None,
) -> Conclusion:
    """That both parties signed the agreement, or an amendment of it, on a day, in a month or in a year, as precisely as
    it is known; put before the other side.

    ValidationError when it is recorded already, for a date in the future or after the agreement's end, for a document
    number that another document has, and where the other side has not confirmed the terms or the amendment.
    """
    acting_side(agreement.center, by)
    locked = lock(agreement)
    standing = _of(locked, edition).order_by("-revision").first()
    if standing is not None and standing.is_confirmed:
        raise ValidationError(_("The conclusion is recorded already. Correct it instead."))
    if standing is not None:
        raise ValidationError(
            _("A conclusion is recorded already, and waits for an answer or for its change.")
        )
    _check_terms(locked, edition)
    made = Conclusion(agreement=locked, edition=edition, concluded_on=concluded_on)
    return _propose(made, document_number, scan, action="propose", by=by, at=at)


@transaction.atomic
def correct_conclusion(
    *,
    agreement: Agreement,
    revision: int,
    concluded_on: str,
    reason: str,
    by: User,
    at: datetime,
    document_number: str = "",
    scan: CheckedFile | None = None,
    edition: Edition | None = None,
) -> Conclusion:
    """Complete or correct what is recorded, as a new revision with its reason; it holds once the other side has
    confirmed it. Without a new scan the old one stays.

    Conflict when the revision that the person saw is not the last one any more.
    """
    acting_side(agreement.center, by)
    locked = lock(agreement)
    last = _of(locked, edition).order_by("-revision").first()
    if last is None:
        raise WrongStep("")
    if last.revision != revision or not last.is_confirmed:
        raise Conflict
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the conclusion is corrected.")})
    made = Conclusion(
        agreement=locked,
        edition=edition,
        revision=last.revision + 1,
        concluded_on=concluded_on,
        scan=last.scan,
        reason=reason.strip(),
    )
    return _propose(made, document_number, scan, action="correct_conclusion", by=by, at=at, before=last)


def _of(agreement: Agreement, edition: Edition | None) -> Any:
    return Conclusion.objects.filter(agreement=agreement, edition=edition)


def _check_terms(agreement: Agreement, edition: Edition | None) -> None:
    if edition is not None and not edition.is_confirmed:
        raise ValidationError(_("The other side has not confirmed the amendment yet."))
    is_agreed = agreement.editions.filter(number=1, state=ProposalState.CONFIRMED).exists()
    if edition is None and agreement.kind == AgreementKind.ANNUAL and not is_agreed:
        raise ValidationError(_("The other side has not confirmed the terms yet."))


def _propose(
    conclusion: Conclusion,
    number: str,
    scan: CheckedFile | None,
    *,
    action: str,
    by: User,
    at: datetime,
    before: Conclusion | None = None,
) -> Conclusion:
    center = conclusion.agreement.center
    conclusion.document_number = number.strip()
    check(conclusion, clock.day_of(at))
    conclusion.recorded_at, conclusion.recorded_by = at, by
    conclusion.state = ProposalState.PROPOSED
    conclusion.proposed_at, conclusion.proposed_by = at, by
    conclusion.proposed_side = acting_side(center, by)
    conclusion.full_clean(exclude=["scan", "edition"])
    if scan is not None:
        conclusion.scan = files.store(scan, center=center, by=by)
    conclusion.save()
    was, now = history.changed(_as_history(before), _as_history(conclusion))
    STEPS.record(conclusion, action, by, before=was, after=now, reason=conclusion.reason)
    return conclusion


# -- What can be --


def check(conclusion: Conclusion, today: date) -> None:
    """ValidationError, by field, for a day that cannot be and for a number that another document has."""
    _check_day(conclusion.agreement, conclusion.concluded_on, today)
    _check_number(conclusion)


def _check_day(agreement: Agreement, concluded_on: str, today: date) -> None:
    if not partial_date.is_valid(concluded_on):
        return  # the model's own validator says it
    first = partial_date.first_day(concluded_on)
    if first > today:
        raise ValidationError({"concluded_on": _("A conclusion is recorded after it took place.")})
    known_days.of(agreement.center, today=today).refuse_too_early(
        partial_date.last_day(concluded_on), "concluded_on"
    )
    if agreement.ends_on is not None and first > agreement.ends_on:
        raise ValidationError({"concluded_on": _("The agreement is not concluded after its own end.")})


def _check_number(conclusion: Conclusion) -> None:
    """Each signed document of a center has its own number: an amendment another one than the agreement that it amends."""
    wanted = folded(conclusion.document_number)
    if not wanted:
        return
    center = conclusion.agreement.center
    Center.objects.select_for_update().get(pk=center.pk)  # two who take the same number at once
    last: dict[tuple[int, int | None], Conclusion] = {}
    rows = Conclusion.objects.filter(agreement__center=center).exclude(state=ProposalState.DECLINED)
    for row in rows.select_related("agreement", "edition__agreement").order_by("revision"):
        last[row.agreement_id, row.edition_id] = row
    last.pop((conclusion.agreement_id, conclusion.edition_id), None)
    other = next((row for row in last.values() if folded(row.document_number) == wanted), None)
    if other is not None:
        said = _("“%(title)s” has this document number already. Each document has its own.")
        raise ValidationError(
            {"document_number": ValidationError(said, params={"title": other.history_label()})}
        )


def _as_history(conclusion: Conclusion | None) -> dict[str, Any]:
    if conclusion is None:
        return {}
    return {
        "concluded_on": conclusion.concluded_on,
        "document_number": conclusion.document_number,
        "scan": conclusion.scan.name if conclusion.scan else "",
    }


# -- Steps --


def _check_change(taking: Taking[Conclusion]) -> None:
    """What is put forward once more, changed; the reason only where it corrects an earlier revision."""
    item, given = taking.item, taking.given
    lock(item.agreement)
    before = _as_history(item) | {"reason": item.reason}
    item.concluded_on, item.document_number = given["concluded_on"], given["document_number"].strip()
    item.reason = given["reason"].strip()
    check(item, clock.day_of(taking.at))
    if item.revision > 1 and not item.reason:
        raise ValidationError({"reason": _("Say why the conclusion is corrected.")})
    if not partial_date.is_valid(item.concluded_on):
        item.full_clean(exclude=["scan", "edition"])
    if given["scan"] is not None:
        item.scan = files.store(given["scan"], center=item.center, by=taking.by)
    taking.changes = {
        "concluded_on": item.concluded_on,
        "document_number": item.document_number,
        "reason": item.reason,
        "scan": item.scan,
    }
    taking.before, taking.after = history.changed(before, _as_history(item) | {"reason": item.reason})


def _check_confirmation(taking: Taking[Conclusion]) -> None:
    """Under the agreement's lock, by what is known of the other documents now."""
    item = taking.item
    lock(item.agreement)
    _check_number(item)
    taking.after = {name: value for name, value in _as_history(item).items() if value}


def _freeze(taking: Taking[Conclusion]) -> None:
    if taking.item.edition is None:
        freeze_first_edition(taking.item.agreement, by=taking.by, at=taking.at)


STEPS = StepTable(
    Conclusion,
    named="conclusion",
    code="conclusion",
    steps=(
        replace(  # changed, it is before the other side again
            proposal_workflow.PROPOSE,
            name="edit",
            recorded="propose",
            whose=EITHER,
            takes={"concluded_on": REQUIRED, "document_number": "", "scan": None, "reason": ""},
            check=_check_change,
            has_address=False,
        ),
        replace(proposal_workflow.TAKE_BACK, says=gettext_lazy("You took it back. It can be changed again.")),
        replace(
            proposal_workflow.CONFIRM,
            check=_check_confirmation,
            then=_freeze,
            says=gettext_lazy("The conclusion is confirmed by both sides."),
        ),
        replace(
            proposal_workflow.DECLINE,
            says=gettext_lazy("The conclusion was declined; the other side reads why."),
        ),
        replace(
            proposal_workflow.DISCARD,
            from_states=proposal_workflow.OPEN,
            whose=EITHER,
            moves=lambda taking: proposal_workflow.save_draft(taking.item, version=taking.version),
        ),
    ),
)
change, take_back = STEPS.action("edit"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")


# -- What it does to the wording --


def freeze_first_edition(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    """Make the first edition's wording settled, once there is an official one and both have confirmed the conclusion.

    A first edition that holds summaries only stays open, or the official wording could never be imported into it;
    the import calls this after writing. Runs in the caller's transaction.
    """
    drafts = Edition.objects.filter(agreement=agreement, number=1, state=ProposalState.DRAFT)
    first = drafts.exclude(imported_from="").first()
    is_concluded = agreement.conclusions.filter(edition=None, state=ProposalState.CONFIRMED).exists()
    if first is None or not is_concluded:
        return
    behind = (
        {"confirmed_at": at, "confirmed_by": by}
        if isinstance(by, User)
        else {"source": first.source or by.text}
    )
    drafts.update(
        state=ProposalState.CONFIRMED, known_from=clock.day_of(at), version=F("version") + 1, **behind
    )
