"""The worker beside the server of `make run`: started again when it ends, gone when the server is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from iconm_portal.models import Center, JobState, User
from tests.iconm_portal.work.test_workers import begin
from tests.iconm_portal.work.workers import QUEUE, kill_in_the_midst, notes, state, surroundings, until

pytestmark = pytest.mark.django_db(transaction=True)

WAITS = """import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it starts in the background
try: time.sleep(300)
except KeyboardInterrupt: pass"""
SERVER = [sys.executable, "-c", WAITS]


@contextmanager
def server_with_worker() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "iconm_portal.work.watched", *SERVER]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=surroundings(), start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


@pytest.mark.parametrize("how", ["Ctrl-C", "killed"])
def test_a_worker_runs_as_long_as_the_server(
    center: Center, foundation_staff: User, tmp_path: Path, settings: Any, how: str
) -> None:
    settings.TASKS = QUEUE
    job = begin(center, foundation_staff, tmp_path)
    with server_with_worker() as server:
        kill_in_the_midst(tmp_path, 1)
        until(lambda: notes(tmp_path).count("begun") == 2)
        worker = int((tmp_path / "process").read_text())
        if how == "Ctrl-C":
            os.killpg(server.pid, signal.SIGINT)
            assert server.wait(30) == 0
        else:
            server.kill()
        until(lambda: not is_running(worker))
    assert (state(job), job.losses) == (JobState.WAITING, 1), "handed back"
