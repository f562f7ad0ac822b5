"""PostgreSQL: who may change tables and lift guards is another role than the one that serves.

`settings.MIGRATE_DATABASE` names it. Without it, or on SQLite, everything is done as the role that serves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.core.management import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper

ADDRESS: Final = ("USER", "PASSWORD", "HOST", "PORT")
"""What the second address says; the database is the same."""


def is_apart(connection: BaseDatabaseWrapper) -> bool:
    """Whether somebody else than the serving role changes the tables."""
    if connection.vendor != "postgresql" or not settings.MIGRATE_DATABASE:
        return False
    return bool(settings.MIGRATE_DATABASE["USER"] != connection.settings_dict["USER"])


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Inside the block the connection is the owner's. It begins and ends with a new one; no transaction is open."""
    if not is_apart(connection):
        yield
        return
    serving = {name: connection.settings_dict[name] for name in ADDRESS}
    owning = {name: settings.MIGRATE_DATABASE.get(name, "") for name in ADDRESS}
    connection.close()
    connection.settings_dict.update(owning)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(serving)


def owner_of_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """The roles to which tables of the database belong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relkind IN ('r', 'p', 'S') AND relnamespace = current_schema()::regnamespace"
        )
        return {role for (role,) in cursor.fetchall()}


def require_ownership(connection: BaseDatabaseWrapper) -> None:
    """CommandError where the tables belong to somebody else than the role of this connection: made before there were two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        role, is_superuser = cursor.fetchone()
    if not is_superuser and (others := owner_of_tables(connection) - {role}):
        raise CommandError(
            f"The tables belong to {', '.join(sorted(others))}, not to {role} of MIGRATE_DATABASE_URL."
            f" Once, as a superuser in this database: REASSIGN OWNED BY {min(others)} TO {role}"
        )


def grant_to_serving(connection: BaseDatabaseWrapper, serving: str) -> None:
    """What the serving role needs and no more, however often it is said: rows, never tables. Called as the owner."""
    quoted = connection.ops.quote_name
    role = quoted(serving)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname, pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace"
            " WHERE nspname = current_schema()"
        )
        name, owns_schema = cursor.fetchone()
        schema = quoted(name)
        if owns_schema:
            cursor.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}")
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
        # Which migrations were applied is the owner's to say.
        cursor.execute("SELECT to_regclass('django_migrations')")
        if cursor.fetchone() != (None,):
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")


def can_lift_guards(connection: BaseDatabaseWrapper) -> bool:
    """Whether the role of this connection could: a superuser, or one that owns a table or the schema, which may be dropped
    with all that is in it; itself, or as a member of a role that does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
        if is_superuser:
            return True
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = current_schema()::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER'))"
            " OR (SELECT pg_has_role(current_user, nspowner, 'MEMBER') FROM pg_namespace"
            " WHERE nspname = current_schema())"
        )
        return bool(cursor.fetchone()[0])
