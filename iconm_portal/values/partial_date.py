"""Dates as precisely as they are known: a day, a month or a year, kept as the ISO text 2015-02-01, 2015-02 or 2015.

The text orders by time as it stands, on both databases.
"""

import re
import unicodedata
from datetime import date, timedelta

from iconm_portal.values import fiscal

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)


def is_valid(text: str) -> bool:
    """Whether the text is such a date, and one that the calendar has."""
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
    """What a person typed (H27.2, 平成27年2月1日, 2015-02, 2015年) as ISO text. Raises fiscal.EraInputError."""
    typed = unicodedata.normalize("NFKC", text).strip()
    found = re.fullmatch(r"([0-9]{4})年?", typed)
    iso = found[1] if found else typed
    if is_valid(iso):
        return iso
    try:
        return fiscal.parse_date(typed).isoformat()
    except fiscal.EraInputError as not_a_day:
        try:
            year, month = fiscal.parse_month(typed)
        except fiscal.EraInputError:
            raise not_a_day from None
        return f"{year:04d}-{month:02d}"


def first_day(text: str) -> date:
    """The earliest day that the date can mean."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The latest day that the date can mean."""
    year, month, day = _parts(text)
    if month is None:
        return date(year, 12, 31)
    if day is None:
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=1)
    return date(year, month, day)


def label(text: str, language: str) -> str:
    """As a reader of that language writes it: 平成27年2月 / February 2015."""
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
