"""How a duty comes to be: stored with a fiscal year's programme, or asked for by the other side."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.duties import due_rules
from agreements.duties.actions import STEPS
from agreements.instruments import agreements
from agreements.models import (
    Bound,
    Duty,
    Obligation,
    Timing,
)
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


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
        if one.agreed.facts.is_concluded(today)
        and not one.agreed.facts.has_ended(today)
        and due_rules.belongs_to(one, fiscal_year)
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


@transaction.atomic
def store(*, obligation: Obligation, fiscal_year: FiscalYear, by: User, at: datetime) -> Duty:
    """Store one duty of a concluded agreement. What somebody stored a moment ago is given as it is.

    ValidationError where the agreement asks for nothing in that year, or is not concluded.
    """
    center = obligation.agreement.center
    require(by, center, Right.SETTLE_JOINTLY)
    today = clock.day_of(at)
    owed = next(
        (
            one
            for one in due_rules.owed_around(due_rules.agreements_of(center), fiscal_year, today=today)
            if (one.obligation.pk, one.fiscal_year) == (obligation.pk, fiscal_year)
            and one.agreed.facts.is_concluded(today)
            and not one.agreed.facts.has_ended(today)
        ),
        None,
    )
    if owed is None:
        raise ValidationError(_("No concluded agreement asks for this."))
    held = Duty.objects.filter(obligation=obligation, fiscal_year=fiscal_year, number=1)
    return held.first() or _stored(owed, by, at) or held.get()


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
    STEPS.record(duty, "store", by, after={"state": str(duty.state), "due_on": duty.due_on})
    return duty


@transaction.atomic
def ask(
    *, obligation: Obligation, fiscal_year: FiscalYear, due_on: date, reason: str, by: User, at: datetime
) -> Duty:
    """The other side asks for what the agreement promises on request (basic Art. 10): a duty with a date and a number of
    its own, however often it was asked for in the year.

    ValidationError while the agreement is not concluded, and for a date that has passed.
    """
    center = obligation.agreement.center
    require(by, center, Right.SETTLE_JOINTLY)
    if not may_ask(obligation, by):
        raise PermissionDenied("ask")
    today = clock.day_of(at)
    facts = agreements.facts_of(obligation.agreement)
    if not facts.is_concluded(today):
        raise ValidationError(_("The agreement is not concluded yet, so nothing can be asked for under it."))
    last = facts.binds_until(today)
    if last is not None and last < today:
        raise ValidationError(_("The agreement has ended, so nothing can be asked for under it."))
    if last is not None and last < due_on:
        raise ValidationError({"due_on": _("The agreement ends before that day.")})
    if due_on < today:
        raise ValidationError({"due_on": _("The due date has passed already.")})
    Obligation.objects.select_for_update().get(pk=obligation.pk)  # two who ask at once get two numbers
    asked = Duty.objects.filter(obligation=obligation, fiscal_year=fiscal_year).aggregate(last=Max("number"))
    duty = Duty(
        obligation=obligation,
        fiscal_year=fiscal_year,
        number=(asked["last"] or 0) + 1,
        due_on=due_on,
        due_is_own=True,
        stored_at=at,
        stored_by=by,
        note=reason.strip(),
    )
    duty.full_clean()
    duty.save()
    STEPS.record(duty, "ask", by, after={"state": str(duty.state), "due_on": due_on}, reason=reason.strip())
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
