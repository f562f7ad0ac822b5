"""Recording what the city grants: an amount is a new revision, and passing a limit needs a recorded consultation."""

from datetime import datetime
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AmountStage, Consultation, SupportAmount, SupportKind, SupportMeasure
from agreements.support import limits, support
from agreements.support.support import Measure
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number

MOST_YEN = 10**15 - 1


@transaction.atomic
def record_amount(
    *,
    measure: SupportMeasure,
    fiscal_year: FiscalYear,
    stage: AmountStage,
    amount: int,
    seen: int,
    by: User,
    at: datetime,
    reason: str = "",
    consultation: Consultation | None = None,
) -> SupportAmount:
    """Append an amount in whole yen for a year of a contribution, known from today on; either side's staff may.

    It states a fact of the city's budget or settlement, so that nobody confirms it; what the two sides have to agree on,
    passing the limit, is the consultation, which both confirmed. `seen` is the number of revisions that the person's
    page showed of the measure: Conflict when there are more by now. ValidationError under a draft, for a year outside
    the measure, a change without a reason, and a limit passed without a consultation.
    """
    center = measure.center
    require(by, center, Right.SETTLE_JOINTLY)
    # One after the other: the limit is judged by all amounts of the measure, not by one row.
    SupportMeasure.objects.select_for_update().get(pk=measure.pk)
    today = clock.day_of(at)
    (known,) = support.load(center, known_at=today, code=measure.code)
    if known.seen != seen:
        raise Conflict
    _year_is_open(known, fiscal_year, stage, FiscalYear.of(today))
    earlier = known.year(fiscal_year)
    in_force = earlier.at(stage) if earlier else None
    if in_force and not reason.strip():
        _refuse("reason", _("There is an amount for this year already. Say why it changes."))
    if not 0 <= amount <= MOST_YEN:
        _refuse("amount", _("An amount is not negative."))
    _consultation_settled_it(measure, consultation)
    made = SupportAmount(
        measure=measure,
        fiscal_year=fiscal_year,
        stage=stage,
        revision=in_force.revision + 1 if in_force else 1,
        amount=amount,
        known_from=today,
        reason=reason.strip(),
        consultation=consultation,
        recorded_at=at,
        recorded_by=by,
    )
    made.full_clean()
    made.save()
    if consultation is None:
        _limit_is_kept(measure, fiscal_year, at)
    history.record(
        by=by,
        action="support_amount.add",
        subject=made,
        center=center,
        before={"amount": in_force.amount} if in_force else {},
        after={"stage": str(stage), "amount": amount, "known_from": today},
        reason=made.reason,
        consultation=consultation.key if consultation else "",
    )
    return made


def _year_is_open(
    measure: Measure,
    year: FiscalYear,
    stage: AmountStage,
    this_year: FiscalYear,
) -> None:
    if measure.is_draft:
        _refuse(
            "fiscal_year",
            _("Nothing is granted under a draft: record the conclusion of the agreement first."),
        )
    if measure.kind != SupportKind.CONTRIBUTION:
        _refuse("fiscal_year", _("Only a contribution has amounts year by year."))
    if year < measure.first_year or (measure.last_year is not None and year > measure.last_year):
        _refuse("fiscal_year", _("The measure does not run in this fiscal year."))
    if measure.ends_in is not None and year > measure.ends_in:
        _refuse("fiscal_year", _("The measure ended before this fiscal year, with what it rests on."))
    if stage == AmountStage.SETTLED and year >= this_year:
        _refuse(
            "fiscal_year",
            _("This year is not over, so that nothing of it is settled yet. Until then record the budget."),
        )
    if year > this_year + 1:
        _refuse("fiscal_year", _("A budget belongs at the latest to the following year."))


def _consultation_settled_it(measure: SupportMeasure, consultation: Consultation | None) -> None:
    if consultation is None:
        return
    if consultation.center_id != measure.center_id or not consultation.is_confirmed:
        _refuse("consultation", _("Choose a consultation that both sides have confirmed."))


def _limit_is_kept(measure: SupportMeasure, year: FiscalYear, at: datetime) -> None:
    """ValidationError, which takes the new amount back, where it passes the limit and no consultation is named."""
    (now,) = support.load(measure.center, known_at=clock.day_of(at), code=measure.code)
    of_year = now.year(year)
    checks = [*(of_year.checks if of_year else ()), *([now.period_check] if now.period_check else [])]
    passed = limits.lowest_passed(checks)
    if passed is not None:
        words = {"limit": format_number(passed.limit or 0), "excess": format_number(passed.excess)}
        _refuse(
            "consultation",
            _(
                "With this amount the limit of %(limit)s yen is passed by %(excess)s yen."
                " That needs a recorded consultation: choose one that both sides have confirmed."
            )
            % words,
        )


def _refuse(field: str, message: str) -> NoReturn:
    raise ValidationError({field: message})
