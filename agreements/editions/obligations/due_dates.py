"""From an obligation's rule to a day: due dates relative to a fiscal year, and the last day on which an office can act.

No Django here. A yearly rule says month, day and how many calendar years from the fiscal year's first one: for fiscal
year N, basic agreement Art. 8(2) is (8, 31, -1), 31 August of the year before; Art. 9 is (5, 31, 1), 31 May after it.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import jpholiday

from iconm_portal.values.fiscal import FiscalYear

# Offices close from 29 December to 3 January (the city's ordinance on holidays), beside weekends and national holidays.
_YEAR_END: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class DueDate:
    """The day on which something is due. `clamped` where the rule says 29 February and the year has none."""

    on: date
    clamped: bool = False


def exists(month: int, day: int) -> bool:
    """Whether any year has this day: 29 February yes, 31 February no."""
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1]


def due_date(*, month: int, day: int, year_offset: int, fiscal_year: FiscalYear) -> DueDate:
    """The due date for the fiscal year that it concerns. ValueError for a day that no calendar has."""
    if not exists(month, day):
        raise ValueError(f"there is no {day} in month {month}")
    year = fiscal_year.start + year_offset
    last = calendar.monthrange(year, month)[1]
    return DueDate(date(year, month, min(day, last)), clamped=day > last)


def is_closed(day: date) -> bool:
    """Whether the city's offices are closed: weekends, national holidays, 29 December – 3 January."""
    return day.weekday() >= _SATURDAY or (day.month, day.day) in _YEAR_END or bool(jpholiday.is_holiday(day))


def last_working_day(day: date) -> date:
    """The due date itself, or where the offices are closed on it the last day before it on which they are open."""
    while is_closed(day):
        day -= timedelta(days=1)
    return day
