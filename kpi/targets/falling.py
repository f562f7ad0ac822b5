"""A cumulative never falls, so neither does what is aimed at: where a target of a later year is lower, somebody says why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.models import IndicatorShape
from kpi.plans import texts
from kpi.plans.achievement import Kind

FALLING = gettext_noop(
    "A cumulative does not fall: %(earlier)s for %(earlier_year)s, %(later)s for %(later_year)s."
    " Correct it, or tick that it is meant to fall and give the reason."
)
FALLING_WITHOUT_REASON = gettext_noop(
    "The cumulative target falls from %(earlier)s for %(earlier_year)s to %(later)s for %(later_year)s."
    " Say why, or correct it."
)


@dataclass(frozen=True, slots=True)
class Fall:
    """Two years that follow each other among those with a target, the later one lower; in base units."""

    shape: IndicatorShape
    earlier_year: FiscalYear
    earlier: Decimal
    later_year: FiscalYear
    later: Decimal

    def said(self, message: str) -> ValidationError:
        """A refusal with the two figures in the display unit."""
        return ValidationError(_(message), params=self.words())

    def words(self) -> dict[str, str]:
        """What fills a message about it."""
        return {
            "earlier_year": texts.year_label(self.earlier_year),
            "earlier": self._figure(self.earlier),
            "later_year": texts.year_label(self.later_year),
            "later": self._figure(self.later),
        }

    def _figure(self, value: Decimal) -> str:
        return f"{format_number(value / self.shape.scale, strip_zeros=True)}{self.shape.unit}"


def falls(shape: IndicatorShape, targets: Mapping[FiscalYear, Decimal]) -> list[Fall]:
    """Where the targets (in base units) fall from one year to the next that has one; none but of a cumulative."""
    if not Kind(shape.kind).only_grows:
        return []
    return [
        Fall(shape, *earlier, *later)
        for earlier, later in pairwise(sorted(targets.items()))
        if later[1] < earlier[1]
    ]


def touched(found: Iterable[Fall], years: Iterable[FiscalYear]) -> dict[FiscalYear, Fall]:
    """Those that one of the years makes, by the year at which to say it: the later one, where it is among them."""
    asked = set(years)
    return {
        fall.later_year if fall.later_year in asked else fall.earlier_year: fall
        for fall in found
        if asked & {fall.earlier_year, fall.later_year}
    }


def field_name(code: str, year: FiscalYear) -> str:
    """The field of a target on the sheet of a proposal."""
    return f"{code}-{year.start}"
