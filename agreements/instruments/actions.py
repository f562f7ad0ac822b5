"""Writes about an agreement as a whole: its conclusion, and notices of termination."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agreements.instruments import agreements
from agreements.models import Agreement, AgreementKind, Conclusion, Edition, Notice
from iconm_portal.forms import files
from iconm_portal.forms.files import CheckedFile
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import ProposalState, User
from iconm_portal.settlement.steps import acting_side
from iconm_portal.values import clock, partial_date


@transaction.atomic
def record_conclusion(
    *,
    agreement: Agreement,
    concluded_on: str,
    by: User,
    at: datetime,
    document_number: str = "",
    scan: CheckedFile | None = None,
) -> Conclusion:
    """締結: that both parties signed it, on a day, in a month or in a year, as precisely as it is known.

    The first edition is frozen with it where it holds the official wording. ValidationError when a conclusion is
    recorded already, for a date in the future or after the agreement's end, and for an annual agreement whose terms
    the other side has not confirmed.
    """
    acting_side(agreement.center, by)
    locked = lock(agreement)
    if locked.conclusions.exists():
        raise ValidationError(_("The conclusion is recorded already. Correct it instead."))
    if (
        locked.kind == AgreementKind.ANNUAL
        and not locked.editions.filter(state=ProposalState.CONFIRMED).exists()
    ):
        raise ValidationError(_("The other side has not confirmed the terms yet."))
    return _write_conclusion(
        locked,
        Conclusion(concluded_on=concluded_on, document_number=document_number),
        scan=scan,
        action="agreement.conclude",
        by=by,
        at=at,
    )


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
) -> Conclusion:
    """Complete or correct what is recorded, as a new revision with its reason. Without a new scan the old one stays.

    Conflict when the revision that the person saw is not the last one any more.
    """
    acting_side(agreement.center, by)
    locked = lock(agreement)
    last = locked.conclusions.order_by("-revision").first()
    if last is None:
        raise WrongStep("")
    if last.revision != revision:
        raise Conflict
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the conclusion is corrected.")})
    corrected = Conclusion(
        revision=last.revision + 1,
        concluded_on=concluded_on,
        document_number=document_number,
        scan=last.scan,
        reason=reason.strip(),
    )
    return _write_conclusion(
        locked, corrected, scan=scan, action="agreement.correct_conclusion", by=by, at=at, before=last
    )


def _write_conclusion(
    agreement: Agreement,
    conclusion: Conclusion,
    *,
    scan: CheckedFile | None,
    action: str,
    by: User,
    at: datetime,
    before: Conclusion | None = None,
) -> Conclusion:
    _check_day(agreement, conclusion.concluded_on, clock.day_of(at))
    conclusion.agreement = agreement
    conclusion.recorded_at, conclusion.recorded_by = at, by
    conclusion.full_clean(exclude=["scan"])
    if scan is not None:
        conclusion.scan = files.store(scan, center=agreement.center, by=by)
    conclusion.save()
    freeze_first_edition(agreement, by=by, at=at)
    was, now = history.changed(_as_history(before), _as_history(conclusion))
    history.record(
        by=by,
        action=action,
        subject=agreement,
        center=agreement.center,
        before=was,
        after=now,
        reason=conclusion.reason,
    )
    return conclusion


def _check_day(agreement: Agreement, concluded_on: str, today: date) -> None:
    if not partial_date.is_valid(concluded_on):
        return  # the model's own validator says it
    first = partial_date.first_day(concluded_on)
    if first > today:
        raise ValidationError({"concluded_on": _("A conclusion is recorded after it took place.")})
    if agreement.ends_on is not None and first > agreement.ends_on:
        raise ValidationError({"concluded_on": _("The agreement is not concluded after its own end.")})


def _as_history(conclusion: Conclusion | None) -> dict[str, Any]:
    if conclusion is None:
        return {}
    return {
        "concluded_on": conclusion.concluded_on,
        "document_number": conclusion.document_number,
        "scan": conclusion.scan.name if conclusion.scan else "",
    }


def freeze_first_edition(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    """Make the first edition's wording settled, once there is an official one and the conclusion is recorded.

    A first edition that holds summaries only stays open, or the official wording could never be imported into it;
    the import calls this after writing. Runs in the caller's transaction.
    """
    drafts = Edition.objects.filter(agreement=agreement, number=1, state=ProposalState.DRAFT)
    first = drafts.exclude(imported_from="").first()
    if first is None or not agreement.conclusions.exists():
        return
    behind = (
        {"confirmed_at": at, "confirmed_by": by}
        if isinstance(by, User)
        else {"source": first.source or by.text}
    )
    drafts.update(
        state=ProposalState.CONFIRMED, known_from=clock.day_of(at), version=F("version") + 1, **behind
    )


# -- Notices of termination --


@transaction.atomic
def give_notice(*, agreement: Agreement, given_on: date, reason: str, by: User, at: datetime) -> Notice:
    """解約の申出 by the person's own side (basic agreement, Art. 12(2); research support, Art. 8(3)).

    WrongStep where the agreement is a draft or over; ValidationError for a day in the future or before the
    conclusion, and where a notice stands or an ending is agreed already.
    """
    side = acting_side(agreement.center, by)
    locked = lock(agreement)
    today = clock.day_of(at)
    state = agreements.state_of(locked, today)
    if not state.is_alive:
        raise WrongStep(state.value)
    facts = agreements.facts_of(locked)
    if facts.ending is not None:
        raise ValidationError(_("Both sides have agreed on the end already."))
    if given_on > today:
        raise ValidationError({"given_on": _("A notice is recorded after it was given.")})
    if facts.concluded_on and given_on < partial_date.first_day(facts.concluded_on):
        raise ValidationError({"given_on": _("The agreement was not concluded by that day.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the agreement is to end.")})
    notice = Notice(
        agreement=locked,
        side=side,
        given_on=given_on,
        reason=reason.strip(),
        recorded_at=at,
        recorded_by=by,
    )
    notice.full_clean()
    notice.save()
    history.record(
        by=by,
        action="agreement.give_notice",
        subject=locked,
        center=locked.center,
        after={"side": str(side), "given_on": given_on},
        reason=notice.reason,
    )
    return notice


@transaction.atomic
def withdraw_notice(*, agreement: Agreement, by: User, at: datetime) -> Notice:
    """The side that gave the notice withdraws it. WrongStep where none stands or the end is agreed already."""
    side = acting_side(agreement.center, by)
    locked = lock(agreement)
    notice = locked.notices.filter(withdrawn_at__isnull=True).first()
    if notice is None or agreements.facts_of(locked).ending is not None:
        raise WrongStep("")
    if notice.side != side:
        raise ValidationError(_("Only the side that gave the notice can withdraw it."))
    notice.withdrawn_at, notice.withdrawn_by = at, by
    notice.save(update_fields=["withdrawn_at", "withdrawn_by"])
    history.record(
        by=by,
        action="agreement.withdraw_notice",
        subject=locked,
        center=locked.center,
        before={"side": notice.side, "given_on": notice.given_on},
    )
    return notice


# -- What these actions share --


def lock(agreement: Agreement) -> Agreement:
    """The agreement as it is now, kept from other writers until the end (SQLite has one writer anyway)."""
    return (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("center__supporter", "center__operator")
        .get(pk=agreement.pk)
    )
