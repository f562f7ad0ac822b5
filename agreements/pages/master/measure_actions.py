"""Support measures of an agreement: entered, and corrected until something rests on them.

Their terms are settled once an amount, an account, a judgement or an amendment names them, or the agreement was
concluded with them: from then on an amendment changes them (`agreements/editions/obligations/measures.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.editions.obligations.measures import has_total
from agreements.instruments.actions import lock
from agreements.models import (
    Agreement,
    AgreementKind,
    LimitRule,
    Provision,
    ReportedFact,
    SupportKind,
    SupportMeasure,
)
from agreements.pages.master.rows import (
    check,
    check_code,
    concluded_with,
    fingerprint,
    next_position,
    rests_on,
    values_of,
)
from iconm_portal.forms.refusals import Conflict, Gone
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.values.fiscal import FiscalYear

# What both settle: from when until when what is granted, and how much of it.
TERMS: Final = ("kind", "contract", "first_year", "last_year", "total", "limit_rule")

_SAID_AT: Final = {
    "agreements_supportmeasure_code_unique": ("code",),
    "agreements_supportmeasure_limit_known": ("limit_rule",),
    "agreements_supportmeasure_years_in_order": ("last_year",),
    "agreements_supportmeasure_total_positive": ("total",),
}


@dataclass(frozen=True, slots=True)
class MeasureFacts:
    """What staff say of a support measure; `total` in whole yen."""

    title: str
    kind: str
    first_year: FiscalYear
    limit_rule: str
    last_year: FiscalYear | None = None
    total: int | None = None
    contract: Agreement | None = None
    provision: Provision | None = None
    conditions: str = ""


@transaction.atomic
def add_measure(
    *, agreement: Agreement, code: str, facts: MeasureFacts, by: User, at: datetime
) -> SupportMeasure:
    """A new support measure under the agreement. ValidationError, by field, for what cannot be kept."""
    require(by, agreement.center, Right.PREPARE)
    current = lock(agreement)
    measure = SupportMeasure(
        center=current.center,
        agreement=current,
        code=code,
        position=next_position(SupportMeasure.objects.filter(center=current.center)),
        recorded_at=at,
        recorded_by=by,
        **values_of(facts),
    )
    check_code(code)
    _check(measure)
    measure.save()
    history.record(
        by=by,
        action="support_measure.create",
        subject=measure,
        center=current.center,
        after={"code": code, **measure_state(measure)},
    )
    return measure


@transaction.atomic
def change_measure(*, measure: SupportMeasure, seen: str, facts: MeasureFacts, by: User) -> SupportMeasure:
    """Correct a support measure; of one that is settled only what its `TERMS` do not say.

    `seen`: the `fingerprint` of what the person saw. Conflict when it stands otherwise by now. ValidationError at the
    field whose change is refused.
    """
    require(by, measure.center, Right.PREPARE)
    lock(measure.agreement)
    current = (
        SupportMeasure.objects.select_for_update(of=("self",))
        .select_related("agreement", "center", "contract", "provision")
        .filter(pk=measure.pk)
        .first()
    )
    if current is None:
        raise Gone
    before = measure_state(current)
    if fingerprint(before) != seen:
        raise Conflict
    is_fixed = is_settled(current)
    for name, value in values_of(facts).items():
        setattr(current, name, value)
    after = measure_state(current)
    stays = [name for name in TERMS if is_fixed and before[name] != after[name]]
    if stays:
        said = _("Something rests on the measure, so this stays. An amendment of the agreement changes it.")
        raise ValidationError({name: [said] for name in stays})
    _check(current)
    was, now = history.changed(before, after)
    if not now and not was:
        return current
    current.save(update_fields=list(values_of(facts)))
    history.record(
        by=by,
        action="support_measure.change",
        subject=current,
        center=current.center,
        before=was,
        after=now,
    )
    return current


def measure_state(measure: SupportMeasure) -> dict[str, Any]:
    """What the facts say of the measure now, as the history keeps it."""
    last = measure.last_year
    return {
        "title": measure.title,
        "kind": str(measure.kind),
        "first_year": measure.first_year.start if measure.first_year else None,
        "limit_rule": str(measure.limit_rule),
        "last_year": last.start if last else None,
        "total": measure.total,
        "contract": measure.contract.short_title if measure.contract else None,
        "provision": measure.provision.key if measure.provision else None,
        "conditions": measure.conditions,
    }


def is_settled(measure: SupportMeasure) -> bool:
    """Whether its terms stay, but for an amendment. What a report says about it does not rest on it."""
    return (
        rests_on(measure, besides=(ReportedFact,))
        or concluded_with(measure.agreement, measure.recorded_at)
        or any(measure.history_key() in one.takes for one in measure.center.land_judgements.only("takes"))
    )


def _check(measure: SupportMeasure) -> None:
    if measure.agreement.kind == AgreementKind.ANNUAL:
        raise ValidationError(_("Annual agreements are made by the parties."))
    contract, provision = measure.contract, measure.provision
    if contract is not None and (
        contract.center_id != measure.center_id or contract.pk == measure.agreement_id
    ):
        raise ValidationError({"contract": _("Choose another agreement of this center.")})
    if provision is not None and provision.edition.agreement_id != measure.agreement_id:
        raise ValidationError({"provision": _("Choose a provision of this agreement.")})
    check(measure, _SAID_AT)
    _check_limit(measure)
    if measure.total is not None and not has_total(measure):
        raise ValidationError({"total": _("This measure has no amount of its own for all its years.")})


def _check_limit(measure: SupportMeasure) -> None:
    """What limits it fits what is granted: only a contribution has amounts year by year."""
    match measure.limit_rule:
        case LimitRule.NONE:
            return
        case LimitRule.PERIOD_TOTAL:
            if measure.total is None:
                raise ValidationError({"total": _("Give the amount.")})
            if measure.last_year is None:
                raise ValidationError({"last_year": _("A total over a period needs its last year.")})
        case LimitRule.INDIRECT_COST_INCOME | LimitRule.ANNUAL_AGREEMENT:
            pass
        case _:
            assert_never(measure.limit_rule)
    if measure.kind != SupportKind.CONTRIBUTION:
        raise ValidationError(
            {"limit_rule": _("Only a contribution has amounts year by year that are limited.")}
        )
