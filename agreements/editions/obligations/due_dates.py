"""From an obligation's rule to a day: due dates relative to a fiscal year, and the last day on which an office can act.

No Django here. A yearly rule says month, day and how many calendar years from the fiscal year's first one: for fiscal
year N, basic agreement Art. 8(2) is (8, 31, -1), 31 August of the year before; Art. 9 is (5, 31, 1), 31 May after it.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import jpholiday

from iconm_portal.values import closing_days
from iconm_portal.values.fiscal import FiscalYear

# Offices close from 29 December to 3 January (the city's ordinance on holidays), beside weekends and national holidays.
YEAR_END: Final = closing_days.parse(closing_days.USUAL)
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


def is_closed(day: date, closed: frozenset[tuple[int, int]] = YEAR_END) -> bool:
    """Whether the city's offices are closed: weekends, national holidays, and the days of every year (`closed`)."""
    return day.weekday() >= _SATURDAY or (day.month, day.day) in closed or bool(jpholiday.is_holiday(day))


def last_working_day(day: date, closed: frozenset[tuple[int, int]] = YEAR_END) -> date:
    """The due date itself, or where the offices are closed on it the last day before it on which they are open."""
    while is_closed(day, closed):
        day -= timedelta(days=1)
    return day
