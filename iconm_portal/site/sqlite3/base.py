"""SQLite whose file nobody else on the machine reads: 0600, in a folder of the portal's own with 0700."""

import os
import stat
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.backends.sqlite3 import base

BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""What stands beside the file while it is used, and says the same."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Before each connection the file is made private: SQLite would make it as the process's umask has it."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if not name.startswith((":memory:", "file:")):
            keep_private(Path(name))
        return super().get_new_connection(conn_params)


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
