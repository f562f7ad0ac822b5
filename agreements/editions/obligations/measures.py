"""What an amendment has to say about the support measures that rest on what it changes, and whether it can be so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.editions.obligations import amended
from agreements.editions.provisions import as_read, lineage
from agreements.models import (
    Edition,
    LimitRule,
    MeasureChange,
    MeasureOutcome,
    SupportKind,
    SupportMeasure,
    as_amended,
)
from iconm_portal.display import template_tags
from iconm_portal.values.text import listed


@dataclass(frozen=True, slots=True)
class RestingMeasure:
    """A support measure as it is before the amendment, and what the amendment says becomes of it, if it does."""

    measure: SupportMeasure
    is_asked: bool  # it rests on a provision that the amendment changes, or on the contract that it amends
    change: MeasureChange | None

    @property
    def is_open(self) -> bool:
        """Whether the amendment has to say it and does not yet."""
        return self.is_asked and self.change is None


def of(edition: Edition) -> list[RestingMeasure]:
    """The measures under the agreement, or carried by it as their contract, those on changed provisions first. A fixed
    number of queries."""
    if edition.based_on is None:
        return []
    rows = SupportMeasure.objects.filter(Q(agreement=edition.agreement_id) | Q(contract=edition.agreement_id))
    stored = list(
        rows.select_related("agreement", "contract", "provision").prefetch_related("changes__edition")
    )
    if not stored:
        return []
    changes = {
        change.measure_id: change for change in edition.measure_changes.select_related("measure", "edition")
    }
    touched = _touched(edition, stored)
    found = [
        RestingMeasure(row, row.pk in touched, changes.get(row.pk))
        for row in as_amended(stored, day=edition.in_force_from, known_at=date.max, below=edition.number)
        if row.last_year is None or row.last_year.last_day >= edition.in_force_from
    ]
    return sorted(found, key=lambda one: not one.is_asked)


def said(edition: Edition) -> list[RestingMeasure]:
    """Of these, those of which the amendment says something, or has to."""
    return [one for one in of(edition) if one.is_asked or one.change is not None]


def _touched(edition: Edition, measures: Collection[SupportMeasure]) -> set[int]:
    """The measures that rest on a provision which changes; of the contract that carries one, any change touches it."""
    rows = as_read.of(edition.based_on).provisions if edition.based_on else []
    touched = amended.touched_provisions(rows, as_read.of(edition).provisions)
    meant: dict[int, list[SupportMeasure]] = {}
    for one in measures:
        if one.provision_id is not None:
            meant.setdefault(one.provision_id, []).append(one)
    resting = lineage.load([edition.agreement_id]).carried(rows, meant)
    found = {one.pk for pk in touched for one in resting.get(pk, ())}
    return found | {one.pk for one in measures if touched and one.contract_id == edition.agreement_id}


# -- Whether it can be so --


def has_total(measure: SupportMeasure) -> bool:
    """Whether the measure's amount is one for all its years: a loan's, and a total that limits a period."""
    kind = SupportKind(measure.kind)
    match kind:
        case SupportKind.LOAN:
            return True
        case SupportKind.CONTRIBUTION:
            return measure.limit_rule == LimitRule.PERIOD_TOTAL
        case SupportKind.LAND:
            return False
        case _:
            assert_never(kind)


def check(edition: Edition) -> None:
    """ValidationError where a measure on a changed provision has no word, or one that the amendment's day forbids."""
    found = of(edition)
    missing = [one.measure.title for one in found if one.is_open]
    if missing:
        raise ValidationError(
            _("Say first what becomes of the support measures that rest on what changes: %(names)s"),
            params={"names": listed(missing)},
        )
    for one in found:
        if one.change is not None:
            check_change(one.change, one.measure)


def check_change(change: MeasureChange, measure: SupportMeasure) -> None:
    """ValidationError, by field, for terms that are none or those that hold already, and for what is over by the day.

    `measure`: as it is before the amendment.
    """
    outcome = MeasureOutcome(change.outcome)
    match outcome:
        case MeasureOutcome.UNCHANGED:
            return
        case MeasureOutcome.NEW_TERMS:
            _check_terms(change, measure)
        case MeasureOutcome.DROPPED:
            _check_dropped(change, measure)
        case _:
            assert_never(outcome)


def _check_terms(change: MeasureChange, measure: SupportMeasure) -> None:
    last, first_day = change.last_year, change.edition.in_force_from
    if last is not None and last < measure.first_year:
        raise ValidationError({"last_year": _("The last year does not come before the first.")})
    if last is not None and last.last_day < first_day:
        raise ValidationError({"last_year": _ended_before(first_day)})
    if has_total(measure) and change.total is None and measure.total is not None:
        raise ValidationError({"total": _("Give the amount.")})
    if change.total is not None and not has_total(measure):
        raise ValidationError({"outcome": _("This measure has no amount of its own for all its years.")})
    if last is None and measure.limit_rule == LimitRule.PERIOD_TOTAL:
        raise ValidationError({"last_year": _("A total over a period needs its last year.")})
    if (last, change.total) == (measure.last_year, measure.total if has_total(measure) else None):
        raise ValidationError({"outcome": _("These are the terms that hold already. Say that it stays.")})


def _check_dropped(change: MeasureChange, measure: SupportMeasure) -> None:
    year, first_day = change.from_year, change.edition.in_force_from
    if year is None:
        raise ValidationError({"from_year": _("Say from which fiscal year on.")})
    if year.first_day < first_day:
        raise ValidationError(
            {
                "from_year": _("%(year)s has begun before the amendment takes effect on %(day)s.")
                % {"year": template_tags.fiscal_year(year), "day": template_tags.era_date(first_day)}
            }
        )
    if year < measure.first_year or (measure.last_year is not None and year > measure.last_year):
        raise ValidationError({"from_year": _("The measure does not run in this fiscal year.")})


def _ended_before(day: date) -> str:
    return _("The year ends before the amendment takes effect on %(day)s.") % {
        "day": template_tags.era_date(day)
    }
