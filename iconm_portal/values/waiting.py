"""For how long a statement waits while another connection holds SQLite's one writer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Within the block this connection waits no longer than that. Other databases have more than one writer."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    with patience(connection, seconds):
        yield


@contextmanager
def patience(of: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Within the block this connection to SQLite, which is open, waits for so long."""
    usual = seconds_of(of)
    of.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        of.connection.execute(f"PRAGMA busy_timeout = {int(usual * 1000)}")


def seconds_of(connected: BaseDatabaseWrapper) -> float:
    """For how long the connection, which is open, would wait now."""
    return connected.connection.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
