"""What a worker process does besides its jobs: it shows that it lives, takes up what others left, and begins the nights' work.

A thread with a connection of its own. Nothing in it asks what time it is to find out whether a worker is dead: a clock can be set
back by a day, and is not the same on two hosts. Whoever watches sees whether a job's count of beats goes on, and measures
for how long it has not by its own monotonic clock.
"""

import logging
import os
import signal
import threading
import time
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from iconm_portal.models import OPEN_JOBS, Job
from iconm_portal.values import clock
from iconm_portal.work import nights, progress, running, workers

log = logging.getLogger(__name__)

MOST_BEAT_SECONDS: Final = 1.0
MOST_ROUND_SECONDS: Final = 5.0
"""Between two looks at the others' jobs and at the night's work."""


PARENT_SECONDS: Final = 5.0
"""For a job to come to its end, when whoever started the worker is gone."""


class Watch:
    """Which runs of jobs have shown no sign of life for `patience` seconds, as one watcher saw it."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._seen: dict[
            int, tuple[tuple[int, int], float]
        ] = {}  # run and beat of a job, and since when they are these

    def lost(self, moment: float) -> list[Job]:
        """`moment` is of a clock that never goes back. Jobs that wait in the queue for a worker are not lost."""
        queued = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
        taken = Job.objects.filter(state__in=OPEN_JOBS).exclude(task__in=queued.order_by().values("pk"))
        before, self._seen = self._seen, {}
        found = []
        for job in taken:
            sign, since = (job.run, job.beat), moment
            if job.pk in before and before[job.pk][0] == sign:
                since = before[job.pk][1]
            self._seen[job.pk] = sign, since
            if moment - since >= self._patience:
                found.append(job)
        return found

    def forget(self) -> None:
        """Begin anew: for some time nothing could be seen."""
        self._seen = {}


class Keeper(threading.Thread):
    """Runs beside the worker called `name`; with a `parent`, a process's number, it ends the worker when that one is gone."""

    def __init__(self, name: str, parent: int | None = None) -> None:
        super().__init__(name="keeper", daemon=True)
        self._worker, self._parent = name, parent
        self._ended = threading.Event()
        patience = settings.JOB_LOST_SECONDS
        self._watch = Watch(patience)
        self._beat_seconds = min(MOST_BEAT_SECONDS, patience / 8)
        self._round_seconds = min(MOST_ROUND_SECONDS, patience / 4)
        self._longest_gap = patience / 2
        self._last_beat = self._last_round = float("-inf")

    def run(self) -> None:
        try:
            while not self._ended.wait(self._beat_seconds):
                self._end_with_parent()
                self._live()
            workers.leave(self._worker)
        except Exception:
            log.exception("The keeper of the worker %s ended", self._worker)
        finally:
            connections.close_all()

    def end(self) -> None:
        """Take leave."""
        self._ended.set()
        self.join(10)

    def _live(self) -> None:
        try:
            self.step(time.monotonic())
        except DatabaseError as error:
            log.warning("The keeper of the worker %s could do nothing this time: %s", self._worker, error)
            self._watch.forget()
            connection.close()

    def step(self, moment: float) -> None:
        """A sign of life, and now and then a round.

        Who was kept from writing, by a database that was away or a writer who had it to himself, was no better off than those
        whom he would declare dead: he begins to watch anew.
        """
        progress.beat_all()
        if moment - self._last_beat > self._longest_gap:
            self._watch.forget()
        self._last_beat = moment
        if moment - self._last_round < self._round_seconds:
            return
        self._last_round = moment
        workers.show(self._worker)
        for job in self._watch.lost(moment):
            if running.take_up(job):
                log.error("Job %s (%s) had lost its worker", job.pk, job.kind)
        nights.begin_due(clock.now())

    def _end_with_parent(self) -> None:
        """As if somebody had told it to: a job that is under way is handed back."""
        if self._parent is not None and os.getppid() != self._parent:
            os.kill(os.getpid(), signal.SIGTERM)
            if self._ended.wait(PARENT_SECONDS):
                return
            os.kill(os.getpid(), signal.SIGTERM)
