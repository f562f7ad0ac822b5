"""Closing a year of the ledger (the operator), and reopening it with a reason (the supporter)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from finance.accounts import ledger_lock
from finance.models import YearClosing
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

LONGEST_REASON = 300


@transaction.atomic
def close_year(*, center: Center, fiscal_year: FiscalYear, by: User, at: datetime) -> YearClosing:
    """From now on the year takes no entries. ValidationError for a year that has not ended or is closed already."""
    require(by, center, Right.CLOSE_YEAR)
    ledger_lock.lock(center)
    if clock.day_of(at) <= fiscal_year.last_day:
        raise ValidationError(_("The year has not ended yet."))
    if _closing(center, fiscal_year) is not None:
        raise ValidationError(_("The year is closed already."))
    made = YearClosing(center=center, fiscal_year=fiscal_year, closed_at=at, closed_by=by)
    made.save()
    history.record(by=by, action="year.close", subject=made, center=center)
    return made


@transaction.atomic
def reopen_year(
    *, center: Center, fiscal_year: FiscalYear, reason: str, by: User, at: datetime
) -> YearClosing:
    """The year takes entries again. ValidationError for a year that is not closed, and without a reason."""
    require(by, center, Right.REOPEN_YEAR)
    ledger_lock.lock(center)
    closing = _closing(center, fiscal_year)
    if closing is None:
        raise ValidationError(_("The year is not closed."))
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why the year is reopened.")})
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": _("At most %(letters)s characters.") % {"letters": LONGEST_REASON}})
    closing.reopened_at, closing.reopened_by, closing.reason = at, by, reason
    closing.save(update_fields=["reopened_at", "reopened_by", "reason"])
    history.record(by=by, action="year.reopen", subject=closing, center=center, reason=reason)
    return closing


def _closing(center: Center, fiscal_year: FiscalYear) -> YearClosing | None:
    found = YearClosing.objects.filter(center=center, fiscal_year=fiscal_year, reopened_at=None)
    return found.select_related("center").first()
