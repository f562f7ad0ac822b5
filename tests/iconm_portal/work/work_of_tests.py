"""Kinds of work that tests begin. They write down in a file of their own what happened, because a killed worker cannot tell."""

import os
import time
from datetime import timedelta
from pathlib import Path

import time_machine

from iconm_portal.forms.files import CheckedFile
from iconm_portal.models import Job
from iconm_portal.values import clock
from iconm_portal.work.kinds import work
from iconm_portal.work.progress import Progress


def note(job: Job, what: str) -> None:
    with Path(job.params["folder"], "notes").open("a") as notes:
        notes.write(f"{what}\n")


def wait_for(file: Path, progress: Progress) -> None:
    for number in range(3000):
        if file.exists():
            return
        progress(1 + number % 2, 3)
        time.sleep(0.02)
    raise AssertionError(f"{file} never came")


@work("test.wait", label="Waiting in a test")
def wait(job: Job, progress: Progress) -> CheckedFile:
    """Begun, told by its process; done when the file `go_on` is there."""
    note(job, "begun")
    Path(job.params["folder"], "process").write_text(str(os.getpid()))
    wait_for(Path(job.params["folder"], "go_on"), progress)
    progress(3, 3)
    note(job, "ended")
    return CheckedFile("made.txt", "text/plain", b"made by a worker")


@work("test.clock_back", label="Setting the clock back in a test")
def clock_back(job: Job, progress: Progress) -> CheckedFile:
    """As `wait`, while the worker's own clock goes back by a day."""
    with time_machine.travel(clock.now() - timedelta(hours=26)):
        return wait(job, progress)
