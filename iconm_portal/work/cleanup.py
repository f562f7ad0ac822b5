"""What nobody needs any more goes at night. Nothing that a center keeps is among it, so no history is written."""

from datetime import timedelta
from typing import Any, Final

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_tasks_db.models import DBTaskResult

from iconm_portal.models import (
    OPEN_JOBS,
    ImportRow,
    ImportState,
    Job,
    OpenSession,
    Sending,
    WaitingFile,
    Worker,
)
from iconm_portal.values import clock
from iconm_portal.work.kinds import work
from iconm_portal.work.progress import Progress

KEPT: Final = timedelta(days=90)
"""How long a job is kept after its end. One whose import is kept stays with that."""
KEPT_SENDINGS: Final = timedelta(days=30)
"""How long the key of a form is kept: a page that is older may be sent as if it were new."""
AT_ONCE: Final = 2_000
"""Rows that one transaction takes away, so that on SQLite nobody waits for it."""


@work("portal.cleanup", is_nightly=True)
def clean_up(job: Job, progress: Progress) -> None:
    """Sessions and jobs that ended long ago, keys of old forms, workers that are gone, rows of imports that are settled, and
    files that waited in vain: what jobs made, and sheets that nobody applied. An import is given up by its own night work."""
    now = clock.now()
    settled = [state for state in ImportState if state.is_settled]
    ended = Job.objects.exclude(state__in=OPEN_JOBS).filter(ended__lt=now - KEPT)
    _delete(Session.objects.filter(expire_date__lt=now))
    _delete(OpenSession.objects.exclude(session_key__in=Session.objects.order_by().values("session_key")))
    _delete(ImportRow.objects.filter(table__state__in=settled))
    _delete(WaitingFile.objects.filter(waits_until__lt=now, table_import=None))
    _delete(ended.filter(result=None, imports=None, packs=None))
    _delete(Sending.objects.filter(at__lt=now - KEPT_SENDINGS))
    _delete(Worker.objects.filter(seen__lt=Now() - timedelta(days=1)))
    # A worker killed between its job's end and its task's leaves a task "running", so that is not asked.
    wanted = Job.objects.filter(state__in=OPEN_JOBS, task__isnull=False).order_by().values("task")
    _delete(DBTaskResult.objects.filter(enqueued_at__lt=now - KEPT).exclude(pk__in=wanted))


def _delete(rows: QuerySet[Any]) -> None:
    """In small transactions: SQLite has one writer, and the others should not notice."""
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=keys).delete()
