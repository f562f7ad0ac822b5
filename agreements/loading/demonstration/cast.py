"""Who acts in the demonstration, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from iconm_portal.history.history import Source
from iconm_portal.models import User

SOURCE = Source("見本")


@dataclass(frozen=True)
class People:
    """Who acts in the demonstration."""

    city: User
    foundation: User


def at(day: date) -> datetime:
    """Half past ten in the morning of that day in Japan."""
    return datetime.combine(day, time(10, 30), tzinfo=ZoneInfo(settings.TIME_ZONE))
