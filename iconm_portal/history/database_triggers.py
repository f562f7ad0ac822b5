"""What the databases themselves refuse: settled rows cannot be changed or deleted, whoever asks.

Each app declares its guards beside its models. They are triggers, installed (idempotently) after every migrate,
because Django rebuilds a SQLite table when a field changes and the table's triggers vanish with the old one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_registry: dict[str, "Guard"] = {}


@dataclass(frozen=True)
class Guard:
    """A refusal: on any of `events` to rows of `model` for which `when` holds.

    `when` is SQL that both databases understand, over OLD and NEW; empty means always. A guard that always refuses
    DELETE also refuses PostgreSQL's TRUNCATE.
    """

    name: str
    model: str  # "kpi.Report"
    events: tuple[str, ...]  # of INSERT, UPDATE, DELETE
    message: str  # English, for the log: users meet the rule before the database has to
    when: str = ""

    @property
    def table(self) -> str:
        return apps.get_model(self.model)._meta.db_table

    @property
    def refuses_truncate(self) -> bool:
        return "DELETE" in self.events

    def trigger_names(self, vendor: str) -> list[str]:
        names = [f"guard_{self.name}_{event.lower()}" for event in self.events]
        if vendor == "postgresql" and self.refuses_truncate:
            names.append(f"guard_{self.name}_truncate")
        return names


def declare(*guards: Guard) -> None:
    """Add guards to the registry; a name is declared once."""
    for guard in guards:
        if guard.name in _registry:
            raise ValueError(f"guard {guard.name} is declared twice")
        _registry[guard.name] = guard


def append_only(model: str) -> Guard:
    """No row of the model ("finance.Entry") is ever changed or deleted."""
    app, name = model.lower().split(".")
    return Guard(f"{app}_{name}", model, ("UPDATE", "DELETE"), f"{name} is append-only")


def declared() -> list[Guard]:
    """All guards, in order of name."""
    return sorted(_registry.values(), key=lambda guard: guard.name)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every declared guard whose table exists on the database, replacing what is there."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in declared():
            if guard.table in tables:
                for statement in _drop_statements(guard, connection.vendor) + _create_statements(
                    guard, connection.vendor
                ):
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every guard off; only tests that flush tables do this (see `lifted`)."""
    with connection.cursor() as cursor:
        for guard in declared():
            for statement in _drop_statements(guard, connection.vendor):
                cursor.execute(statement)


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Without guards inside the block: for the flush after a live-server test."""
    remove(connections[using])
    try:
        yield
    finally:
        install(connections[using])


def installed_names(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the guard triggers that the database's own catalogue lists."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'guard_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def install_after_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of post_migrate."""
    install(connections[using])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _drop_statements(guard: Guard, vendor: str) -> list[str]:
    on_table = f" ON {guard.table}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {name}{on_table}" for name in guard.trigger_names(vendor)]


def _create_statements(guard: Guard, vendor: str) -> list[str]:
    if vendor == "sqlite":
        condition = f" WHEN {guard.when}" if guard.when else ""
        return [
            f"CREATE TRIGGER guard_{guard.name}_{event.lower()} BEFORE {event} ON {guard.table} FOR EACH ROW"
            f"{condition} BEGIN SELECT RAISE(ABORT, {_quoted(guard.message)}); END"
            for event in guard.events
        ]
    refuse = f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.message)}, ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {guard.when} THEN {refuse} END IF;" if guard.when else refuse
    statements = []
    for event in guard.events:
        # PostgreSQL's WHEN takes no subquery, so the condition stands in the function's body.
        function = f"guard_{guard.name}_{event.lower()}"
        row = "OLD" if event == "DELETE" else "NEW"
        statements += [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $guard$"
            f" BEGIN {body} RETURN {row}; END $guard$",
            f"CREATE TRIGGER {function} BEFORE {event} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        ]
    if guard.refuses_truncate:
        function = f"guard_{guard.name}_truncate"
        statements += [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $guard$"
            f" BEGIN {refuse} RETURN NULL; END $guard$",
            f"CREATE TRIGGER {function} BEFORE TRUNCATE ON {guard.table} EXECUTE FUNCTION {function}()",
        ]
    return statements
