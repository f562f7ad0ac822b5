"""Which workers there are, as far as the database has seen them."""

import socket
from datetime import timedelta
from typing import Final

from django.db.models import Exists, QuerySet
from django.db.models.functions import Now
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from iconm_portal.models import OPEN_JOBS, Job, Worker

UNSEEN_AFTER: Final = timedelta(minutes=1)
"""Workers show themselves every few seconds."""


def show(name: str) -> None:
    """The worker is there."""
    host = socket.gethostname()[:200]
    if not Worker.objects.filter(name=name).update(seen=Now(), host=host):
        Worker.objects.create(name=name, host=host, seen=Now())


def leave(name: str) -> None:
    """The worker ends."""
    Worker.objects.filter(name=name).delete()


def is_seen() -> bool:
    """Whether a worker has shown itself within the last minute.

    By the database's clock alone. One that would show itself in times to come did so before the clock was set back, and
    whoever is still there has shown itself since.
    """
    return _seen().exists()


def _seen() -> QuerySet[Worker]:
    return Worker.objects.filter(seen__gt=Now() - UNSEEN_AFTER, seen__lt=Now() + UNSEEN_AFTER)


def are_wanted() -> bool:
    """Whether jobs or mails wait although no worker is seen."""
    unseen = ~Exists(_seen())
    jobs = Job.objects.filter(state__in=OPEN_JOBS).order_by().annotate(is_unseen=unseen)
    mails = DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by().annotate(is_unseen=unseen)
    # One query: /health/ is asked often. It has a row at most, since all say the same.
    return any(jobs.values_list("is_unseen", flat=True).union(mails.values_list("is_unseen", flat=True)))
