"""Nightly work: a job of each kind for each day, whoever of the workers thinks of it first."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from iconm_portal.models import Job
from iconm_portal.work import kinds, running

FROM_HOUR: Final = 1
"""In Japan. Where no worker was there at night, the work is done when one is: a missed night loses nothing."""


def begin_due(now: datetime) -> list[Job]:
    """Begin what is to be done on the day of `now` and was not begun for it.

    The day stands in the database, with a constraint: workers that think of it at the same time, or a clock that is set
    back and comes to the same night again, begin nothing a second time.
    """
    if now.hour < FROM_HOUR:
        return []
    day = now.date()
    begun = Job.objects.filter(requested_by__isnull=True, subject=day.isoformat())
    due = set(kinds.nightly()) - set(begun.values_list("kind", flat=True))
    return [job for kind in sorted(due) if (job := _begin(kind, day)) is not None]


def _begin(kind: str, day: date) -> Job | None:
    """None where another worker was first."""
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, subject=day.isoformat(), title=day.isoformat(), language=settings.LANGUAGE_CODE
            )
            running.enqueue(job)
    except IntegrityError:
        return None
    return job


def day_of(job: Job) -> date:
    """The day that nightly work is for."""
    return date.fromisoformat(job.subject)


def failed() -> Iterable[Job]:
    """Nightly work whose latest run did not come to its end, a job of each kind."""
    for kind in kinds.nightly():
        latest = Job.objects.filter(requested_by__isnull=True, kind=kind).order_by("-subject").first()
        if latest is not None and latest.state.may_begin_again:
            yield latest
