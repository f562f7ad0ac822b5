"""The days of every year on which a city's offices are closed, beside weekends and national holidays. No Django here.

Written as people write them: 12/29〜1/3, 6/23.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache
from typing import Final

USUAL: Final = "12/29〜1/3"
"""29 December to 3 January, as the ordinances on holidays of most cities have it."""

_LEAP: Final = 2024
_DAY: Final = r"(\d{1,2})(?:/|月)(\d{1,2})日?"
_SPAN: Final = re.compile(rf"{_DAY}(?:[~-]{_DAY})?")


@cache
def parse(text: str) -> frozenset[tuple[int, int]]:
    """Month and day of each. ValueError for what is no day or span of days."""
    plain = re.sub(r"[〜～–−から]+", "~", unicodedata.normalize("NFKC", text))
    found: set[tuple[int, int]] = set()
    for part in filter(None, (one.strip().replace(" ", "") for one in re.split(r"[,、;]", plain))):
        if not (span := _SPAN.fullmatch(part)):
            raise ValueError(part)
        first = date(_LEAP, int(span[1]), int(span[2]))
        last = date(_LEAP, int(span[3]), int(span[4])) if span[3] else first
        if last < first:
            last = last.replace(year=_LEAP + 1)
        while first <= last:
            found.add((first.month, first.day))
            first += timedelta(days=1)
    return frozenset(found)
