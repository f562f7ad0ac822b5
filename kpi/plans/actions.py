"""Targets: a change is a new revision."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from iconm_portal.history import history
from iconm_portal.history.history import Actor
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Target


@transaction.atomic
def add_target(
    *,
    indicator: Indicator,
    fiscal_year: FiscalYear,
    value: Decimal,
    known_from: date,
    by: Actor,
    reason: str = "",
    consultation: str = "",
    effective_from: date | None = None,
    at: datetime | None = None,
) -> Target:
    """Append a target, as the next revision of those there are. From the second on it needs a reason.

    `known_from` is the day from which the parties know of it, `effective_from` the one from which it is in force
    (None: at once). Until both have come, the revision before it holds. `at`: when it was settled, if not now.
    """
    center = indicator.plan.center
    if isinstance(by, User):
        require(by, center, Right.SETTLE_JOINTLY)
    earlier = (
        Target.objects.filter(indicator=indicator, fiscal_year=fiscal_year).order_by("-revision").first()
    )
    target = Target(
        indicator=indicator,
        fiscal_year=fiscal_year,
        revision=earlier.revision + 1 if earlier else 1,
        value=value,
        known_from=known_from,
        reason=reason,
        consultation=consultation,
        effective_from=effective_from,
        recorded_by=by if isinstance(by, User) else None,
        source="" if isinstance(by, User) else by.text,
    )
    if at is not None:
        target.recorded_at = at
    target.full_clean()
    # Told first: the database takes no target of a person's of which the history does not tell.
    history.record(
        by=by,
        action="target.add",
        subject=target,
        center=center,
        before={"value": str(earlier.value)} if earlier else {},
        after={"value": str(value), "known_from": known_from}
        | ({"effective_from": effective_from} if effective_from else {}),
        reason=reason,
        consultation=consultation,
    )
    target.save()
    return target
