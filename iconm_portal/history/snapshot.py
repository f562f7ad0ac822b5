"""Reading several things from one and the same state of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_state() -> Iterator[None]:
    """Everything read inside sees the database as it is at the first query, whatever others commit meanwhile.

    SQLite's transactions are like that; PostgreSQL's must be told before their first query. Inside a transaction that
    has begun already, the outer one decides.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
