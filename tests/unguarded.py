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
    """As `lifted`, which costs PostgreSQL a second: there the triggers stay, and sleep as they do on a replica."""
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with lifted():
                yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            # Whatever ends the block otherwise is rolled back, and this with it.
            cursor.execute("SET LOCAL session_replication_role = origin")


def empty_the_tables(case: TransactionTestCase) -> None:
    """What follows a test that was not rolled back. Django's own flush truncates and migrates anew: a second each time."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - MADE_BY_MIGRATE
    with no_guards(), connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
