"""Doing a job: the one task that the workers' queue holds, and what becomes of the job."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop, override
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from iconm_portal.forms import files
from iconm_portal.models import OPEN_JOBS, Job, JobState
from iconm_portal.values import clock, money
from iconm_portal.work import kinds
from iconm_portal.work.kinds import Failed
from iconm_portal.work.progress import Progress, Superseded, known_to_keeper

log = logging.getLogger(__name__)

LONGEST_FAILURE: Final = 500
BROKEN: Final = gettext_noop(
    "An error in the portal kept this from being finished. Nothing was half done."
    " Begin it again; if it fails again, tell the administrators when it happened."
)
MOST_LOSSES: Final = 1
"""So often a job is taken up again by itself. One that ends its worker a second time would end every worker."""
LOST: Final = gettext_noop(
    "The server that did it was stopped in the midst of it, twice. Nothing was half done."
    " Begin it again; if it stops again, tell the administrators when it happened."
)


@transaction.atomic
def enqueue(job: Job) -> None:
    """Give a waiting job to the workers, in the transaction that made it wait. Where jobs are done at once, it is done now."""
    queued = do_job.enqueue(job.pk, job.run)
    if do_job.get_backend().supports_get_result:
        Job.objects.filter(pk=job.pk, run=job.run).update(task=queued.id)


@task()
def do_job(number: int, run: int) -> None:
    """Do it, unless another run of it was begun meanwhile. Refusals speak the language of whoever asked for it."""
    progress = Progress(number, run, is_kept=do_job.get_backend().supports_get_result)
    if not progress.claim():
        return
    job = Job.objects.select_related("center", "requested_by").get(pk=number)
    with known_to_keeper(progress), override(job.language or settings.LANGUAGE_CODE):
        try:
            _do(job, progress)
        except Superseded:
            log.warning("Job %s was given to another worker, so run %s of it stopped", number, run)
        except Failed as reason:
            _fail(progress, str(reason))
        except Exception:
            log.exception("Job %s (%s) failed", number, job.kind)
            _fail(progress, BROKEN)
        except BaseException:
            hand_back(job, progress)
            raise


def _do(job: Job, progress: Progress) -> None:
    """The work, then what it made and that it is done, in one transaction."""
    money.write_negatives_with(*([job.center.negative_mark] if job.center else []))
    with _inside():
        made = kinds.kind_of(job.kind).do(job, progress)
    with transaction.atomic():
        progress.hold()
        ended = clock.now()
        result = (
            files.wait(made, center=job.center, by=job.owner, at=ended, until=ended + files.TO_FETCH)
            if made and job.center
            else None
        )
        progress.end(JobState.DONE, ended=ended, next_url=job.next_url, result=result, failure="")


@contextmanager
def _inside() -> Iterator[None]:
    """Where the job is done at once, inside its caller's transaction, its failure takes back its own writes alone."""
    if not connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield


def _fail(progress: Progress, failure: str) -> None:
    progress.end(JobState.FAILED, ended=clock.now(), failure=failure[:LONGEST_FAILURE])


# -- Changing hands --


@transaction.atomic
def hand_back(job: Job, progress: Progress) -> None:
    """The worker is told to end, so another one does the job, from the beginning: that is no loss."""
    _wait_again(job, _open_run(job.pk, progress.run))


@transaction.atomic
def take_up(job: Job) -> bool:
    """The job's worker is gone: another one does it, once; the second time it has failed.

    False where it has shown life, ended or changed hands since `job` was read.
    """
    same = _open_run(job.pk, job.run).filter(beat=job.beat)
    if job.losses < MOST_LOSSES:
        is_taken = _wait_again(job, same, losses=job.losses + 1)
    else:
        is_taken = bool(
            same.update(
                state=JobState.FAILED,
                run=job.run + 1,
                losses=job.losses + 1,
                ended=clock.now(),
                failure=LOST,
            )
        )
    if is_taken and job.task:
        gone = DBTaskResult.objects.filter(pk=job.task, status=TaskResultStatus.RUNNING)
        gone.update(status=TaskResultStatus.FAILED, finished_at=clock.now(), traceback="The worker is gone.")
    return is_taken


def _wait_again(job: Job, same: QuerySet[Job], **changes: int) -> bool:
    if not same.update(state=JobState.WAITING, run=F("run") + 1, done=0, total=None, task=None, **changes):
        return False
    enqueue(Job.objects.get(pk=job.pk))
    return True


def _open_run(number: int, run: int) -> QuerySet[Job]:
    return Job.objects.filter(pk=number, run=run, state__in=OPEN_JOBS)
