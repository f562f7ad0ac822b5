"""What the foundation bears of research support out of indirect-cost income: the accounts know it, the floor above.

A limit rests on it (T8), and agreements must not import the accounts; so the settings name the function that reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string

from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Borne:
    """A fiscal year's indirect-cost income and research-support expenditure in whole yen; None where not recorded."""

    income: int | None
    expenditure: int | None


NOT_RECORDED = Borne(None, None)


def borne_from_income(center: Center, *, known_at: date) -> Mapping[FiscalYear, Borne]:
    """By fiscal year, as accounted at the end of the day (Japan); a year without any record is missing."""
    found: Mapping[FiscalYear, Borne] = import_string(settings.BORNE_FROM_INCOME)(center, known_at=known_at)
    return found
