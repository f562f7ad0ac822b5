"""`python -m iconm_portal.work.watched gunicorn …`: the server with one worker beside it, as `make run` wants them.

The process becomes the server itself, so that whoever started it speaks with the server as ever. A child stays behind that
keeps a worker running: it starts another one when one ends, and ends it when the server is gone, however that went.
"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Final

LOOK_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 5.0
"""For a worker to finish its job, then to hand it back."""
LONGEST_PAUSE: Final = 60.0
STEADY_SECONDS: Final = 60.0
"""A worker that lived so long did not end because it cannot live."""


class Watcher:
    """Keeps a worker running as long as the server, its parent, is there."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._is_told_to_end = False
        self._pause = 0.0

    def watch(self) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._end)
        while self._goes_on():
            begun = time.monotonic()
            worker = self._start()
            while self._goes_on() and worker.poll() is None:
                time.sleep(LOOK_SECONDS)
            if worker.poll() is None:
                _stop(worker)
                return
            lived = time.monotonic() - begun
            self._pause = 1.0 if lived > STEADY_SECONDS else min(max(1.0, self._pause * 2), LONGEST_PAUSE)
            sys.stderr.write(f"The worker ended ({worker.returncode}); another one starts.\n")
            self._wait(self._pause)

    def _goes_on(self) -> bool:
        return not self._is_told_to_end and os.getppid() == self._server

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._goes_on() and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self._is_told_to_end = True

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C is for us, who know that the worker is to end."""
        command = [sys.executable, "manage.py", "db_worker", "--skip-checks", "--parent", str(os.getpid())]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603


def _stop(worker: subprocess.Popen[bytes]) -> None:
    """Let it finish; else hand its job back; else end it, and the job is taken up by the next one."""
    for end in (worker.terminate, worker.terminate, worker.kill):
        end()
        try:
            worker.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def main(command: list[str]) -> None:
    """Become the server, with the watcher as a child."""
    server = os.getpid()
    if os.fork() == 0:
        try:
            Watcher(server).watch()
        finally:
            os._exit(0)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
