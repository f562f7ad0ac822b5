"""For how long a statement waits while another connection holds SQLite's one writer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Within the block this connection waits no longer than that. Other databases have more than one writer."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
