"""Past the database's guards, quickly: for what a test must make that the portal never would, and to tidy up after one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.test import TransactionTestCase

from iconm_portal.history import database_triggers

# What migrating puts there; every other row is a test's.
MADE_BY_MIGRATE = {"django_content_type", "auth_permission"}


@contextmanager
def lifted() -> Iterator[None]:
    """Without guards inside the block, as within a migrate."""
    database_triggers.remove(connection)
    try:
        yield
    finally:
        database_triggers.install(connection)


@contextmanager
def no_guards() -> Iterator[None]:
    """As `lifted`, which takes half a second: here PostgreSQL's triggers sleep, as they do on a replica, and SQLite's are
    out of its catalogue as they stand there. What a block that fails had done is rolled back, and this with it."""
    if connection.vendor == "sqlite":
        with _out_of_the_catalogue():
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


@contextmanager
def _out_of_the_catalogue() -> Iterator[None]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master"
                " WHERE type = 'trigger' AND substr(name, 1, 6) = 'guard_'"
            )
            triggers = cursor.fetchall()
            cursor.execute("PRAGMA writable_schema = ON")
            cursor.execute(
                "DELETE FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 6) = 'guard_'"
            )
            cursor.execute("PRAGMA writable_schema = RESET")
            yield
            cursor.execute("PRAGMA writable_schema = ON")
            cursor.executemany(
                "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (%s, %s, %s, %s, %s)",
                triggers,
            )
    finally:
        # The connection reads its catalogue anew, also after a rollback, of which it does not know.
        connection.connection.execute("PRAGMA writable_schema = RESET")


def empty_the_tables(case: TransactionTestCase) -> None:
    """What follows a test that was not rolled back. Django's own flush truncates and migrates anew: a second each time."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - MADE_BY_MIGRATE
    with no_guards(), connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
