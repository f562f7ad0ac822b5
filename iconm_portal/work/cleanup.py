"""What nobody needs any more goes at night. Nothing that a center keeps is among it, so no history is written."""

from datetime import timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q
from django.db.models.functions import Now
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from iconm_portal.models import ImportRow, ImportState, Job, JobState, Worker
from iconm_portal.values import clock
from iconm_portal.work.kinds import work
from iconm_portal.work.progress import Progress

KEPT: Final = timedelta(days=90)
"""How long a job is kept after its end. One whose result or import is kept stays with that."""
AT_ONCE: Final = 2_000
"""Rows that one transaction takes away, so that on SQLite nobody waits for it."""


@work("portal.cleanup", is_nightly=True)
def clean_up(job: Job, progress: Progress) -> None:
    """Sessions and jobs that ended long ago, workers that are gone, staged rows of imports that are settled."""
    now = clock.now()
    _delete(Session, Q(expire_date__lt=now))
    settled = (ImportState.APPLIED, ImportState.DISCARDED)
    _delete(ImportRow, Q(table__state__in=settled))
    ended = Q(state__in=(JobState.DONE, JobState.FAILED), ended__lt=now - KEPT)
    _delete(Job, ended & Q(result=None, imports=None, packs=None))
    Worker.objects.filter(seen__lt=Now() - timedelta(days=1)).delete()
    of_tasks = Q(status__in=(TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED))
    _delete(DBTaskResult, of_tasks & Q(finished_at__lt=now - KEPT))


def _delete(model: type[Model], condition: Q) -> None:
    """In small transactions: SQLite has one writer, and the others should not notice."""
    rows = model._default_manager.filter(condition).order_by("pk")
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            model._default_manager.filter(pk__in=keys).delete()
