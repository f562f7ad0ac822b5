"""SQLite whose file nobody else on the machine reads (0600, in a folder of the portal's own), and whose writers take turns."""

import os
import sqlite3
import stat
import time
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError
from django.db.backends.sqlite3 import base

from iconm_portal.values import waiting

BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""What stands beside the file while it is used, and says the same."""

ASKS_AGAIN_SECONDS: Final = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """Before each connection the file is made private: SQLite would make it as the process's umask has it."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not name.startswith((":memory:", "file:")):
            keep_private(Path(name))
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        """Begin to write, asking every millisecond whether it is one's turn, for as long as the connection has patience.

        SQLite's own waiting sleeps longer each time, up to a tenth of a second. Among eight who save at once, those who came
        first slept while those who came last asked in the right moment.
        """
        end = time.monotonic() + waiting.seconds_of(self)
        with waiting.patience(self, 0):
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave it out
                    return
                except OperationalError as error:
                    if not _is_busy(error) or time.monotonic() >= end:
                        raise
                time.sleep(ASKS_AGAIN_SECONDS)


def _is_busy(error: OperationalError) -> bool:
    """Whether another connection writes now."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode == sqlite3.SQLITE_BUSY


def keep_private(file: Path) -> None:
    """Make the file, or what is there already, readable by its owner alone. What is somebody else's stays as it is.

    It is never opened where it is there: closing it would give up SQLite's locks on it in this process.
    """
    if file.parent == settings.VAR_DIR:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        _for_its_owner(file.parent, 0o700)
    if not file.exists() and file.parent.is_dir():
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            pass  # another process was first
    for beside in BESIDE:
        _for_its_owner(file.with_name(file.name + beside), 0o600)


def _for_its_owner(path: Path, mode: int) -> None:
    try:
        found = path.stat()
        if stat.S_IMODE(found.st_mode) & 0o077 and found.st_uid == os.geteuid():
            path.chmod(mode)
    except FileNotFoundError:
        pass  # not there, or gone since
