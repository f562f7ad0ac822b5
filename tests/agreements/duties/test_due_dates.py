"""From rules to days: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.editions.obligations.due_dates import due_date, exists, is_closed, last_working_day
from iconm_portal.values.fiscal import FiscalYear


def on(month: int, day: int, offset: int, year: int) -> date:
    return due_date(month=month, day=day, year_offset=offset, fiscal_year=FiscalYear(year)).on


def test_the_two_dates_that_the_basic_agreement_prints() -> None:
    assert on(8, 31, -1, 2027) == date(2026, 8, 31)  # Art. 8(2): the draft for FY2027
    assert on(5, 31, 1, 2025) == date(2026, 5, 31)  # Art. 9: the report for FY2025


def test_a_date_in_january_to_march_counts_calendar_years() -> None:
    """The last day of FY2025 is in the calendar year after its first one."""
    assert on(3, 31, 1, 2025) == FiscalYear(2025).last_day


def test_29_february_is_the_28th_where_the_year_has_none() -> None:
    leap = due_date(month=2, day=29, year_offset=1, fiscal_year=FiscalYear(2027))
    other = due_date(month=2, day=29, year_offset=1, fiscal_year=FiscalYear(2026))
    assert (leap.on, leap.clamped) == (date(2028, 2, 29), False)
    assert (other.on, other.clamped) == (date(2027, 2, 28), True)


@pytest.mark.parametrize(("month", "day"), [(2, 30), (2, 31), (4, 31), (0, 1), (13, 1), (1, 0), (1, 32)])
def test_a_day_that_no_calendar_has_is_refused(month: int, day: int) -> None:
    assert not exists(month, day)
    with pytest.raises(ValueError, match="there is no"):
        due_date(month=month, day=day, year_offset=0, fiscal_year=FiscalYear(2026))


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 5, 31), date(2026, 5, 29)),  # a Sunday
        (date(2026, 8, 31), date(2026, 8, 31)),  # a Monday
        (date(2026, 5, 6), date(2026, 5, 1)),  # a substitute holiday after the Golden Week
        (date(2027, 1, 3), date(2026, 12, 28)),  # the year's end: 29 December to 3 January
        (date(2026, 12, 29), date(2026, 12, 28)),  # no national holiday, but the city is closed
        (date(2027, 1, 4), date(2027, 1, 4)),
        (date(2026, 9, 22), date(2026, 9, 18)),  # a day between two holidays is one
    ],
)
def test_the_last_working_day(due: date, expected: date) -> None:
    assert last_working_day(due) == expected


@given(st.dates(date(2015, 4, 1), date(2052, 3, 31)))
def test_it_is_open_never_later_and_nothing_open_lies_between(due: date) -> None:
    last = last_working_day(due)
    assert last <= due
    assert not is_closed(last)
    assert all(is_closed(last + timedelta(days=n)) for n in range(1, (due - last).days + 1))
