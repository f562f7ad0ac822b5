"""Django's own `migrate`, after which every guard is in its place."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from iconm_portal.history import database_triggers, owner

LOCK: Final = 0x69434F4E4D
"""Of PostgreSQL's advisory locks, which are numbers: iCONM in ASCII."""


class Command(migrate.Command):
    """Guards are lifted before the first migration (`database_triggers.lift_before_migrate`) and put back whatever happens.

    `post_migrate` would not do: it is not sent after a failure. A process that is killed leaves its guards off; then no
    server says that it is ready, and the next `migrate` puts them back, with nothing to migrate too.

    Where the tables belong to another role than the one that serves (MIGRATE_DATABASE_URL), it is done as that one, and the
    serving one gets its rights on what is there now.
    """

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[Any, Any]:
        # Not the checks of the database: one refuses to go on where guards are missing, and this is the remedy.
        return {**super().get_check_kwargs(options), "databases": []}

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"] or options["prune"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        serving = connection.settings_dict["USER"] if owner.is_apart(connection) else None
        with owner.as_owner(connection), self.alone(connection):
            if serving:
                owner.require_ownership(connection)
            try:
                super().handle(*args, **options)
            finally:
                left_off = database_triggers.install(connection)
                if serving:
                    owner.grant_to_serving(connection, serving)
        if left_off and self.verbosity:
            self.stdout.write(
                self.style.NOTICE(f"{len(left_off)} guards have no tables to stand on here and are off.")
            )

    @contextmanager
    def alone(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """One at a time on PostgreSQL: the first one done would put guards back under the other.

        Hosts that all migrate when they start wait for each other here. SQLite serves one host, which starts once.
        """
        if connection.vendor != "postgresql":
            yield
            return
        said = False
        # Asked again and again rather than waited for: a waiting statement would hold up CREATE INDEX CONCURRENTLY.
        while not self.ask(connection, "SELECT pg_try_advisory_lock(%s)"):
            if not said:
                self.stdout.write("Another migrate is at work on this database; waiting for it.")
            said = True
            time.sleep(0.5)
        try:
            yield
        finally:
            self.ask(connection, "SELECT pg_advisory_unlock(%s)")

    @staticmethod
    def ask(connection: BaseDatabaseWrapper, question: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(question, [LOCK])
            return bool(cursor.fetchone()[0])
