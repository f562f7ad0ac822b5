"""Work that takes longer than a page may: begun by a person, done in the background, watched on a page of its own.

    @work("kpi.pack", label=_("Making the committee pack"))
    def make_pack(job: Job, progress: Progress) -> None:
        for number, part in enumerate(parts, start=1):
            ...
            progress(number, len(parts))
        job.next_url = reverse(...)     # where the person goes on; or job.result, a StoredFile to download

    job = begin(kind="kpi.pack", title="令和4年度", center=center, params={"year": 2022}, by=person, at=clock.now())
    return redirect(page(job))

A job runs in a thread of the process that began it, as the person who began it. While it runs, a second thread (the
pulse) writes the signs of life on a connection of its own: progress is seen while the work is inside one long
transaction, too (on SQLite, which has one writer, only before and after it). A job whose process was killed has an old
`alive`; its owner can begin it again, and the first of two that believe it theirs loses it (`Superseded`). What the work
has committed by itself when it begins again is for the work to find.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, assert_never

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, connections, transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import once
from iconm_portal.models import Center, Job, JobState, User
from iconm_portal.values import clock

log = logging.getLogger(__name__)

PULSE_SECONDS: Final = 1.0
STOPPED_AFTER: Final = timedelta(minutes=3)
"""Without a sign of life for so long, a job is taken for dead: longer than any writer keeps SQLite to itself."""
AT_ONCE: Final = 2
"""Jobs that run in one process at the same time; others wait."""
LONGEST_FAILURE: Final = 500

BROKEN: Final = gettext_noop(
    "An error in the portal kept this from being finished. Nothing was half done."
    " Begin it again; if it fails again, tell the administrators when it happened."
)


class Failed(Exception):
    """The work cannot be done, for a reason that the person can do something about: an msgid, or a text."""


class Superseded(Exception):
    """The job was begun again by its owner, so this run of it stops where it is."""


@dataclass
class Progress:
    """Says how far the work is: `progress(done, total)`. Raises Superseded where the job was begun again."""

    job: int
    alive: datetime
    done: int = 0
    total: int | None = None
    lost: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, done: int, total: int | None = None) -> None:
        self.done, self.total = done, total
        if settings.JOBS_INLINE:
            self.write()
        if self.lost:
            raise Superseded

    def write(self, **changes: Any) -> None:
        """A sign of life, if the job is still ours."""
        with self._lock:
            now = clock.now()
            mine = Job.objects.filter(pk=self.job)
            if not settings.JOBS_INLINE:  # done inline, nobody else can have taken it
                mine = mine.filter(alive=self.alive)
            if mine.update(alive=now, done=self.done, total=self.total, **changes):
                self.alive = now
            else:
                self.lost = True


Work = Callable[[Job, Progress], None]


@dataclass(frozen=True)
class _Registered:
    do: Work
    label: "str | Promise"


_WORKS: dict[str, _Registered] = {}
_places = threading.BoundedSemaphore(AT_ONCE)


def work(kind: str, *, label: "str | Promise" = "") -> Callable[[Work], Work]:
    """Register the function that does jobs of this kind; `label` says in words what is being done."""

    def register(do: Work) -> Work:
        _WORKS[kind] = _Registered(do, label or _("Work in progress"))
        return do

    return register


def label(job: Job) -> str:
    """What the job does, in the reader's language."""
    registered = _WORKS.get(job.kind)
    return str(registered.label if registered else _("Work in progress"))


def begin(
    *, kind: str, title: str, center: Center | None, params: dict[str, Any], by: User, at: datetime
) -> Job:
    """Begin a job; it starts when the caller's transaction is committed. With JOBS_INLINE it is done on return.

    `title` is what it is about (data, such as a file's name). KeyError for an unknown kind.
    """
    _WORKS[kind]
    once.claim()
    job = Job.objects.create(
        kind=kind,
        title=title[:200],
        center=center,
        params=params,
        requested_by=by,
        requested_at=at,
        alive=clock.now(),
    )
    _start(job)
    return job


def begin_again(*, job: Job, by: User, at: datetime) -> Job:
    """Begin a failed or stopped job again. PermissionDenied for others than its owner; WrongStep if it is at work."""
    if job.requested_by_id != by.pk:
        raise PermissionDenied
    if not standing(job, at).may_begin_again:
        raise WrongStep
    taken = Job.objects.filter(pk=job.pk, state=job.state, alive=job.alive).update(
        state=JobState.WAITING, alive=clock.now(), done=0, total=None, failure="", ended=None
    )
    if not taken:
        raise WrongStep
    job.refresh_from_db()
    _start(job)
    return job


class JobProgress(StrEnum):
    """How a job stands for whoever looks at it."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"  # without an end and without a sign of life
    FAILED = "failed"
    DONE = "done"

    @property
    def is_at_work(self) -> bool:
        """Whether there is something to wait for."""
        match self:
            case JobProgress.WAITING | JobProgress.RUNNING:
                return True
            case JobProgress.STOPPED | JobProgress.FAILED | JobProgress.DONE:
                return False
            case _:
                assert_never(self)

    @property
    def may_begin_again(self) -> bool:
        """Whether it ended without a result."""
        match self:
            case JobProgress.STOPPED | JobProgress.FAILED:
                return True
            case JobProgress.WAITING | JobProgress.RUNNING | JobProgress.DONE:
                return False
            case _:
                assert_never(self)


def standing(job: Job, now: datetime) -> JobProgress:
    """Its state, and whether it is still alive."""
    if job.state.is_at_work and (job.alive is None or now - job.alive > STOPPED_AFTER):
        return JobProgress.STOPPED
    return JobProgress(job.state)


def page(job: Job) -> str:
    """The address of the job's page. ValueError for a job of no center, which has none."""
    if job.center is None:
        raise ValueError("a job of no center has no page")
    return reverse("job", kwargs={"center": job.center.code, "number": job.pk})


# -- Running --


def _start(job: Job) -> None:
    if settings.JOBS_INLINE:
        _run_inline(job)
        return
    # A daemon: a server that is told to end does not wait, and the job is seen as stopped.
    thread = threading.Thread(
        target=_run, args=(job.pk, job.alive, get_language()), name=f"job-{job.pk}", daemon=True
    )
    transaction.on_commit(thread.start)


def _run_inline(job: Job) -> None:
    progress = Progress(job.pk, job.alive or job.requested_at)
    progress.write(state=JobState.RUNNING)
    _do(job, progress, inside=transaction.atomic)
    job.refresh_from_db()


def _run(pk: int, alive: datetime, language: str | None) -> None:
    """The thread of a job. Its connection is its own and is closed with it; refusals speak its owner's language."""
    progress, ended = Progress(pk, alive), threading.Event()
    pulse = threading.Thread(target=_beat, args=(progress, ended), name=f"pulse-{pk}", daemon=True)
    pulse.start()
    end_pulse = partial(_end, ended, pulse)
    try:
        with _places, override(language):
            progress.write(state=JobState.RUNNING)
            if progress.lost:
                return
            _do(
                Job.objects.select_related("center", "requested_by").get(pk=pk),
                progress,
                before_end=end_pulse,
            )
    except Exception:
        log.exception("Job %s ended without being able to say so", pk)
    finally:
        end_pulse()
        connections.close_all()


def _end(ended: threading.Event, pulse: threading.Thread) -> None:
    ended.set()
    pulse.join()


def _do(
    job: Job,
    progress: Progress,
    *,
    before_end: Callable[[], None] = lambda: None,
    inside: Callable[[], Any] | None = None,
) -> None:
    """Do the work and write down how it ended."""
    try:
        if inside is None:
            _WORKS[job.kind].do(job, progress)
        else:
            with inside():
                _WORKS[job.kind].do(job, progress)
    except Superseded:
        return
    except Failed as reason:
        failure = str(reason)
    except Exception:
        log.exception("Job %s (%s) failed", job.pk, job.kind)
        failure = BROKEN
    else:
        before_end()
        progress.write(
            state=JobState.DONE, ended=clock.now(), next_url=job.next_url, result=job.result, failure=""
        )
        return
    before_end()
    progress.write(state=JobState.FAILED, ended=clock.now(), failure=failure[:LONGEST_FAILURE])


def _beat(progress: Progress, ended: threading.Event) -> None:
    """Write the signs of life, every second. Where the work itself keeps the database to itself, later."""
    try:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 500")
        while not ended.wait(PULSE_SECONDS) and not progress.lost:
            try:
                progress.write()
            except OperationalError:
                log.debug("No sign of life of job %s was written this time", progress.job)
    except Exception:
        log.exception("The pulse of job %s ended", progress.job)
    finally:
        connections.close_all()
