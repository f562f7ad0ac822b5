"""What an amendment that is being drafted says of the support measures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.editions.actions import STEPS
from agreements.editions.obligations import measures
from agreements.models import Edition, MeasureChange, MeasureOutcome, SupportMeasure
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class WantedTerms:
    """What a person says becomes of a measure: of new terms the total, in whole yen, and the last year (None: no end)."""

    outcome: MeasureOutcome
    from_year: FiscalYear | None = None
    last_year: FiscalYear | None = None
    total: int | None = None


@transaction.atomic
def settle_measure(
    *, edition: Edition, version: int, measure: SupportMeasure, wanted: WantedTerms, by: User, at: datetime
) -> MeasureChange:
    """Say in the draft what becomes of a support measure. ValidationError, by field, for what cannot be."""
    STEPS.take("edit", edition, version=version, by=by)
    resting = next((one.measure for one in measures.of(edition) if one.measure.pk == measure.pk), None)
    if resting is None:
        raise ValidationError(_("This is no support measure of the agreement that is amended."))
    held = edition.measure_changes.filter(measure=measure.pk).first()
    before = _terms(held) if held else {}
    change = held or MeasureChange(edition=edition, measure_id=measure.pk)
    change.edition = edition
    has_terms = wanted.outcome is MeasureOutcome.NEW_TERMS
    change.outcome = wanted.outcome
    change.from_year = wanted.from_year if wanted.outcome is MeasureOutcome.DROPPED else None
    change.last_year = wanted.last_year if has_terms else None
    change.total = wanted.total if has_terms else None
    measures.check_change(change, resting)
    change.full_clean(exclude=["edition", "measure"])
    change.save()
    was, now = history.changed(before, _terms(change))
    STEPS.record(edition, "change", by, before={measure.code: was}, after={measure.code: now})
    return change


@transaction.atomic
def leave_the_rest(*, edition: Edition, version: int, by: User, at: datetime) -> Edition:
    """Say of every measure that rests on what changes, and of which nothing is said yet, that it stays as it is."""
    STEPS.take("edit", edition, version=version, by=by)
    left = [one.measure for one in measures.of(edition) if one.is_open]
    MeasureChange.objects.bulk_create(
        MeasureChange(edition=edition, measure_id=measure.pk, outcome=MeasureOutcome.UNCHANGED)
        for measure in left
    )
    after = {measure.code: {"outcome": MeasureOutcome.UNCHANGED} for measure in left}
    STEPS.record(edition, "change", by, after=after)
    return edition


def _terms(change: MeasureChange) -> dict[str, Any]:
    years = {name: getattr(change, name) for name in ("from_year", "last_year")}
    return {
        "outcome": change.outcome,
        "total": change.total,
        **{name: year.start if year else None for name, year in years.items()},
    }
