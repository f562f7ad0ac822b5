"""The one place that asks what day it is; everything else is told.

The server's clock can be set back, by a mistake or by a virtual machine that is restored. What has happened stands in the
history, and nothing that follows may stand before it: while something is answered, time does not begin before the last thing
that happened (`not_before`). Of a clock that is set back further than `LONGEST_SET_BACK`, nobody knows which of the two was
wrong, so that it is believed; what follows within one thing still never stands before what went before
(`settlement/steps.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

LONGEST_SET_BACK: Final = timedelta(days=2)

_earliest: ContextVar[datetime | None] = ContextVar("earliest", default=None)


def now() -> datetime:
    """The current moment, aware, in the portal's time zone (Asia/Tokyo)."""
    moment, earliest = timezone.localtime(), _earliest.get()
    if earliest is not None and moment < earliest <= moment + LONGEST_SET_BACK:
        return timezone.localtime(earliest)
    return moment


def real_seconds() -> int:
    """The server's own clock, in whole seconds since 1970, for what lasts a while: unlike `now` it may go back."""
    return int(timezone.now().timestamp())


def today() -> date:
    """Today's date in Japan."""
    return now().date()


def day_of(moment: datetime) -> date:
    """The date in Japan at that moment."""
    return timezone.localdate(moment)


@contextmanager
def not_before(moment: datetime | None) -> Iterator[None]:
    """Inside, `now` is no earlier than this: the last thing that is known to have happened."""
    token = _earliest.set(moment)
    try:
        yield
    finally:
        _earliest.reset(token)
