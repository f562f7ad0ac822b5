"""Work that takes longer than a page may: asked for by a person, done by a worker process, watched on a page of its own.

    job = begin(kind="kpi.pack", subject="2022", title="令和4年度", center=center, params={"year": 2022}, by=person, at=now)
    return redirect(page(job))

The web processes only write down what is wanted, in the transaction of the request. Any number of workers on any hosts
(`manage.py db_worker`) do it, one job at a time each: `kinds.py` says what there is to do, `running.py` does it, `keeper.py`
gives the signs of life and takes up what a killed worker left. A person has one open job of a kind and subject.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import get_language

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import once
from iconm_portal.models import OPEN_JOBS, Center, Job, JobState, User
from iconm_portal.work import kinds, running


class UnderWay(Exception):
    """The person's job of this kind and subject is open already: `job`. Nothing was begun."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.pk)
        self.job = job


def begin(
    *,
    kind: str,
    subject: str,
    title: str,
    center: Center | None,
    params: dict[str, Any],
    by: User,
    at: datetime,
) -> Job:
    """Begin a job: the workers see it when the caller's transaction is committed. With JOBS_AT_ONCE it is done on return.

    `subject` is what it works on, `title` what it is about (data, such as a file's name). UnderWay where the person has an
    open one of this kind and subject; KeyError for an unknown kind.
    """
    kinds.kind_of(kind)
    with transaction.atomic():
        once.claim()
        job = _made(
            Job(
                kind=kind,
                subject=subject,
                title=title[:200],
                center=center,
                params=params,
                language=get_language() or "",
                requested_by=by,
                requested_at=at,
            )
        )
        running.enqueue(job)
    job.refresh_from_db()
    return job


def _made(job: Job) -> Job:
    """The database decides who is first. Where the other one ends in this very moment, it is in nobody's way any more."""
    for _try in range(3):
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            _refuse_second(job)
        else:
            return job
    raise IntegrityError(f"{job.kind} {job.subject}")


def _refuse_second(job: Job) -> None:
    same = {"requested_by": job.requested_by, "kind": job.kind, "subject": job.subject}
    other = Job.objects.filter(**same, state__in=OPEN_JOBS).exclude(pk=job.pk).first()
    if other is not None:
        raise UnderWay(other)


def begin_again(*, job: Job, by: User) -> Job:
    """Begin a failed job again. PermissionDenied for others than its owner; WrongStep unless it has failed; UnderWay."""
    if job.requested_by_id != by.pk:
        raise PermissionDenied
    if not job.state.may_begin_again:
        raise WrongStep
    with transaction.atomic():
        same = Job.objects.filter(pk=job.pk, state=job.state, run=job.run)
        try:
            with transaction.atomic():
                waits = {"state": JobState.WAITING, "run": F("run") + 1, "losses": 0, "task": None}
                begun = same.update(**waits, done=0, total=None, failure="", ended=None)
        except IntegrityError:
            _refuse_second(job)
            begun = 0
        if not begun:
            raise WrongStep
        job.refresh_from_db()
        running.enqueue(job)
    job.refresh_from_db()
    return job


def page(job: Job) -> str:
    """The address of the job's page. ValueError for a job of no center, which has none."""
    if job.center is None:
        raise ValueError("a job of no center has no page")
    return reverse("job", kwargs={"center": job.center.code, "number": job.pk})
