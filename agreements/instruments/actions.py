"""Writes about an agreement as a whole: notices of termination; and the lock that its other actions take."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.instruments import agreements
from agreements.models import Agreement, Notice
from iconm_portal.forms.refusals import Gone, WrongStep
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.settlement.steps import acting_side
from iconm_portal.values import clock, partial_date

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
    signed = facts.concluded_on(today)
    if signed and given_on < partial_date.first_day(signed):
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
    """The agreement as it is now, kept from other writers until the end (SQLite has one writer anyway).

    Gone where somebody deleted the draft meanwhile.
    """
    found = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("center__supporter", "center__operator")
        .filter(pk=agreement.pk)
        .first()
    )
    if found is None:
        raise Gone
    return found
