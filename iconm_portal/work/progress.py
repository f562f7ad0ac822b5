"""How far a run of a job is, and whether it still has the job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from iconm_portal.models import Job, JobState

_under_way: "list[Progress]" = []
"""What this process is doing; its keeper, another thread, gives the signs of life."""


class Superseded(Exception):
    """The job was given to another worker, so this run of it stops where it is."""


@dataclass
class Progress:
    """Says how far the work is: `progress(done, total)`. Raises Superseded where the job is no longer this run's.

    The numbers are written by the process's keeper (iconm_portal/work/keeper.py) on a connection of its own, so that they
    are seen while the work is inside one long transaction. Where the job is done at once there is no keeper, and they are
    written here.
    """

    job: int
    run: int
    is_kept: bool = False
    done: int = 0
    total: int | None = None
    is_lost: bool = False

    def __call__(self, done: int, total: int | None = None) -> None:
        self.done, self.total = done, total
        if not self.is_kept:
            self.beat()
        if self.is_lost:
            raise Superseded

    def claim(self) -> bool:
        """Begin the run: False where it was begun before, or where the job is another run's."""
        mine = Job.objects.filter(pk=self.job, run=self.run, state=JobState.WAITING)
        return bool(mine.update(state=JobState.RUNNING, beat=F("beat") + 1))

    def beat(self) -> None:
        """A sign of life."""
        self._write(done=self.done, total=self.total)

    def hold(self) -> None:
        """Inside a transaction: nobody takes the job until its end. Superseded where somebody has."""
        held = Job.objects.select_for_update().filter(pk=self.job, run=self.run, state=JobState.RUNNING)
        if not held.values_list("pk"):
            raise Superseded

    def end(self, state: JobState, **changes: Any) -> None:
        """Write down how it ended; nothing where the job is another run's."""
        self._write(done=self.done, total=self.total, state=state, **changes)

    def _write(self, **changes: Any) -> None:
        mine = Job.objects.filter(pk=self.job, run=self.run, state=JobState.RUNNING)
        if not mine.update(beat=F("beat") + 1, **changes):
            self.is_lost = True


@contextmanager
def known_to_keeper(progress: Progress) -> Iterator[None]:
    """The keeper of this process, if there is one, gives signs of life for it."""
    _under_way.append(progress)
    try:
        yield
    finally:
        _under_way.remove(progress)


def beat_all() -> None:
    """A sign of life of whatever this process is doing."""
    for progress in _under_way:
        if not progress.is_lost:
            progress.beat()
