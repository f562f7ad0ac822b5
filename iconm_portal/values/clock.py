"""The one place that asks what day it is; everything else is told."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """The current moment, aware, in the portal's time zone (Asia/Tokyo)."""
    return timezone.localtime()


def today() -> date:
    """Today's date in Japan."""
    return timezone.localdate()


def day_of(moment: datetime) -> date:
    """The date in Japan at that moment."""
    return timezone.localdate(moment)
