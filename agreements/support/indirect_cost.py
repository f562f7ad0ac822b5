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
class IndirectCost:
    """A fiscal year's indirect-cost income and research-support expenditure in whole yen; None where not recorded."""

    income: int | None
    expenditure: int | None


NOT_RECORDED = IndirectCost(None, None)


def accounted_indirect_cost(center: Center, *, known_at: date) -> Mapping[FiscalYear, IndirectCost]:
    """By fiscal year, as accounted at the end of the day (Japan); a year without any record is missing."""
    found: Mapping[FiscalYear, IndirectCost] = import_string(settings.INDIRECT_COST_FROM)(
        center, known_at=known_at
    )
    return found
