"""Real worker processes beside a test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from iconm_portal.models import Job

LOST_SECONDS = 4.0
QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a process that works on the test's database."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
        "JOBS_AT_ONCE": "0",
        "JOB_LOST_SECONDS": str(LOST_SECONDS),
        **more,
    }


@contextmanager
def worker(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker, ended with the block."""
    command = [
        sys.executable,
        "manage.py",
        "db_worker",
        "--interval",
        "0.1",
        "--no-startup-delay",
        "--skip-checks",
    ]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=surroundings(**more))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(is_so: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until it is so; AssertionError when it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.05)


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def notes(folder: Path) -> list[str]:
    """What the work wrote down."""
    file = folder / "notes"
    return file.read_text().split() if file.exists() else []


def kill_in_the_midst(folder: Path, times: int) -> None:
    """kill -9, as soon as the work has begun for so many times."""
    until(lambda: notes(folder).count("begun") == times)
    os.kill(int((folder / "process").read_text()), signal.SIGKILL)
