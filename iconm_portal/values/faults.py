"""What keeps the portal from its data though nothing is wrong with it: a database that is away or held, a full disk."""

import errno
import sqlite3
from enum import Enum, auto
from typing import Final, assert_never

import psycopg2
from django.utils.translation import gettext as _
from psycopg2 import errorcodes


class Fault(Enum):
    """What keeps the portal from answering."""

    AWAY = auto()
    """The database does not answer."""
    BUSY = auto()
    """Somebody else holds what was to be written, for longer than is waited."""
    FULL = auto()
    """There is no room on the disk."""

    @property
    def said(self) -> str:
        """What the reader is told."""
        match self:
            case Fault.AWAY:
                return _("The portal's database does not answer at the moment.")
            case Fault.BUSY:
                return _("The database is busy with something else, and this could not wait any longer.")
            case Fault.FULL:
                return _(
                    "The server has no room left to save anything. Pages can still be read."
                    " Please tell your administrator at once."
                )
            case _:
                assert_never(self)


_POSTGRES: Final = {
    errorcodes.DISK_FULL: Fault.FULL,
    errorcodes.LOCK_NOT_AVAILABLE: Fault.BUSY,
    errorcodes.DEADLOCK_DETECTED: Fault.BUSY,
    errorcodes.SERIALIZATION_FAILURE: Fault.BUSY,
    errorcodes.TOO_MANY_CONNECTIONS: Fault.BUSY,
    errorcodes.ADMIN_SHUTDOWN: Fault.AWAY,
    errorcodes.CRASH_SHUTDOWN: Fault.AWAY,
    errorcodes.CANNOT_CONNECT_NOW: Fault.AWAY,
}
_SQLITE: Final = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.AWAY,
    sqlite3.SQLITE_IOERR: Fault.AWAY,
}
_PRIMARY_CODE: Final = 0xFF  # SQLite's extended codes say more in their upper bytes


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault behind an error; None where it is the portal's own.

    Django wraps what the drivers raise, and a view may wrap that once more: the first cause that is known counts.
    """
    while error is not None:
        match error:
            case sqlite3.Error():
                code = getattr(error, "sqlite_errorcode", None)  # what Python's own module refuses has none
                return None if code is None else _SQLITE.get(code & _PRIMARY_CODE)
            case psycopg2.InterfaceError():
                return Fault.AWAY  # a connection that is closed already
            case psycopg2.Error():
                return _of_postgres(error)
            case OSError(errno=errno.ENOSPC | errno.EDQUOT):
                return Fault.FULL
        error = error.__cause__ or error.__context__
    return None


def _of_postgres(error: psycopg2.Error) -> Fault | None:
    code = error.pgcode
    if code is None:  # nothing came from the server: there was none, or it went in between
        return Fault.AWAY if isinstance(error, psycopg2.OperationalError) else None
    return Fault.AWAY if code.startswith(errorcodes.CLASS_CONNECTION_EXCEPTION) else _POSTGRES.get(code)
