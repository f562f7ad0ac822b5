"""Which days can be days of a center: none that is still to come, and none long before all that is known of it.

The bound comes from what the center itself knows, its agreements and its chronology. What it lived on may be older than
both, so that there is play; a wrong century or era is not within it.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Min
from django.utils.translation import gettext as _

from agreements.models import Agreement, ChronologyEntry
from iconm_portal.models import Center
from iconm_portal.values import partial_date

YEARS_BEFORE = 20
# Where nothing is known of the center yet, and for an agreement itself: nobody alive has seen it.
YEARS_BACK = 100


@dataclass(frozen=True, slots=True)
class KnownDays:
    """`earliest`: the first day that the center's agreements and chronology tell of; None without any."""

    earliest: date | None
    today: date

    @property
    def first(self) -> date:
        """The first day that can be one of the center."""
        year = self.earliest.year - YEARS_BEFORE if self.earliest else self.today.year - YEARS_BACK
        return date(max(year, date.min.year), 1, 1)

    def too_early(self, day: date) -> ValidationError | None:
        """Why the day cannot be so early; None where it can."""
        if day >= self.first:
            return None
        if self.earliest is None:
            message, words = _("%(year)s is too long ago. Check the year."), {}
        else:
            message = _(
                "%(year)s is long before the center, whose agreements and history begin in %(earliest)s."
                " Check the year."
            )
            words = {"earliest": str(self.earliest.year)}
        return ValidationError(message, params={"year": str(day.year), **words})

    def refuse_too_early(self, day: date, field: str) -> None:
        """ValidationError at the field."""
        if (error := self.too_early(day)) is not None:
            raise ValidationError({field: error})


def refuse_forgotten(day: date, field: str, *, today: date) -> None:
    """ValidationError for a first day, from which the others are told, that nobody alive has seen."""
    KnownDays(None, today).refuse_too_early(day, field)


def of(center: Center, *, today: date) -> KnownDays:
    """Two queries."""
    starts = Agreement.objects.filter(center=center).aggregate(first=Min("starts_on"))["first"]
    told = ChronologyEntry.objects.filter(center=center).aggregate(first=Min("happened_on"))["first"]
    known = [day for day in (starts, partial_date.first_day(told) if told else None) if day is not None]
    return KnownDays(min(known, default=None), today)
