"""Dates as precisely as they are known: a day, a month or a year, kept as the ISO text 2015-02-01, 2015-02 or 2015, and a
fiscal year, for which ISO has none, as 2015-FY.

The text orders by time as it stands, on both databases.
"""

import re
from datetime import date, timedelta

from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import YEAR, EraInputError, FiscalYear
from iconm_portal.values.written import date_input

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
_FISCAL = re.compile(r"(\d{4})-FY\Z", re.ASCII)
_CALENDAR_YEAR = re.compile(rf"{YEAR}年?")
_FISCAL_YEAR = re.compile(rf"(?:{YEAR}年度|FY[0-9]{{4}})")


def is_valid(text: str) -> bool:
    """Whether the text is such a date, and one that the calendar has."""
    if of_year := _FISCAL.match(text):
        return fiscal.FIRST_YEAR <= int(of_year[1]) <= fiscal.LAST_YEAR
    match = _ISO.match(text)
    if match is None:
        return False
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 1868 <= year <= 2999


def parse(text: str) -> str:
    """What a person typed (H27.2, 平成27年2月1日, 2015-02, 2015年, H27, 平成27年度) as ISO text. Raises EraInputError."""
    typed, aside = fiscal.split_aside(text, "not_a_date")
    if is_valid(typed) and not aside:
        return typed
    if _FISCAL_YEAR.fullmatch(typed):
        return f"{FiscalYear.parse(text).start:04d}-FY"
    if match := _CALENDAR_YEAR.fullmatch(typed):
        return f"{fiscal.checked_year(match, aside, text, 'not_a_date'):04d}"
    try:
        return date_input.parse_date(text).isoformat()
    except EraInputError as not_a_day:
        try:
            year, month = date_input.parse_month(text)
        except EraInputError:
            raise not_a_day from None
        return f"{year:04d}-{month:02d}"


def first_day(text: str) -> date:
    """The earliest day that the date can mean."""
    if of_year := _FISCAL.match(text):
        return FiscalYear(int(of_year[1])).first_day
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The latest day that the date can mean."""
    if of_year := _FISCAL.match(text):
        return FiscalYear(int(of_year[1])).last_day
    year, month, day = _parts(text)
    if month is None:
        return date(year, 12, 31)
    if day is None:
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=1)
    return date(year, month, day)


def label(text: str, language: str) -> str:
    """As a reader of that language writes it: 平成27年2月 / February 2015; 平成27年度 / FY2015."""
    if of_year := _FISCAL.match(text):
        return FiscalYear(int(of_year[1])).label(language)
    year, month, day = _parts(text)
    if month is None:
        return fiscal.era_month(year, 12).split("年")[0] + "年" if language.startswith("ja") else str(year)
    if day is None:
        return fiscal.month_label(year, month, language)
    return fiscal.date_label(date(year, month, day), language)


def _parts(text: str) -> tuple[int, int | None, int | None]:
    match = _ISO.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date, a month or a year")
    year, month, day = match.groups()
    return int(year), int(month) if month else None, int(day) if day else None
