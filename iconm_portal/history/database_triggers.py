"""The guards as triggers on the databases: settled rows cannot be changed or deleted, whoever asks.

Each app declares its guards beside its models (`guards.py`). SQLite alters no table that another table's trigger
names, and forgets the triggers of a table that it rebuilds; so `migrate` lifts all guards before tables change and puts them
back afterwards (iconm_portal/management/commands/migrate.py, docs/decisions/0010).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from iconm_portal.history import guards
from iconm_portal.history.guards import Guard


@dataclass(frozen=True)
class Trigger:
    """A guard on one event, in the words of the database's own catalogue; equal ones refuse the same."""

    name: str
    table: str
    source: str  # what the catalogue keeps: on SQLite the statement that made it, on PostgreSQL the body of its function
    enabled: bool = True
    statements: tuple[str, ...] = field(default=(), compare=False)  # that make it; of those declared only


def installed(connection: BaseDatabaseWrapper) -> set[Trigger]:
    """Every guard that the database's own catalogue lists, another version's too."""
    query = (
        "SELECT name, tbl_name, sql, TRUE FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 6) = 'guard_'"
        if connection.vendor == "sqlite"
        else "SELECT t.tgname, c.relname, p.prosrc, t.tgenabled <> 'D'"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND substr(t.tgname, 1, 6) = 'guard_' AND pg_table_is_visible(c.oid)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {
            Trigger(name, table, source, bool(enabled)) for name, table, source, enabled in cursor.fetchall()
        }


def installed_names(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the guards that are on the database and switched on."""
    return {trigger.name for trigger in installed(connection) if trigger.enabled}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of declared guards that are not on the database: one query, to be asked when a server says whether it is ready.

    By name alone: a guard that a newer version has sharpened does not make the servers unready that it is about to replace.
    """
    names = {name for guard in guards.declared() for name in guard.trigger_names(connection.vendor)}
    return sorted(names - installed_names(connection))


def install(connection: BaseDatabaseWrapper) -> list[str]:
    """Make the guards on the database those that are declared, touching none that is right already.

    One whose condition names a table or column that is not there, part way through the migrations, is left off: as a trigger
    it would refuse every write. Returns the names of those left off.
    """
    wanted: set[Trigger] = set()
    left_off: list[str] = []
    for guard in guards.declared():
        if _fits(connection, guard):
            wanted |= set(_triggers(guard, connection))
        else:
            left_off += guard.trigger_names(connection.vendor)
    present = installed(connection)
    _drop(connection, present - wanted)
    for triggers in _by_table(wanted - present):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for trigger in triggers:
                for statement in trigger.statements:
                    cursor.execute(statement)
    return left_off


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every guard off that the database's catalogue lists, declared or not."""
    _drop(connection, installed(connection))


def lift_before_migrate(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Receiver of pre_migrate: where a migration is about to run. The command `migrate` puts the guards back.

    What holds meanwhile: nothing in the database keeps other processes from changing what is settled; the portal's own
    actions refuse it as always, and the health address of every server answers 503.
    """
    if plan:
        remove(connections[using])


def _by_table(triggers: Iterable[Trigger]) -> list[list[Trigger]]:
    """In the order of their tables: who changes one table's triggers in a transaction holds no lock but that table's."""
    in_order = sorted(triggers, key=lambda trigger: (trigger.table, trigger.name))
    return [list(group) for _, group in groupby(in_order, key=lambda trigger: trigger.table)]


def _fits(connection: BaseDatabaseWrapper, guard: Guard) -> bool:
    """Whether the tables as they are have what the guard names: the database is asked to understand its conditions."""
    conditions = {guard.condition(event) for event in guard.events}
    if connection.vendor == "sqlite" and guard.keeps_rows:
        conditions.add(guard.taken(connection, apart_from_old=True))
    in_words = _sqlite if connection.vendor == "sqlite" else str
    asked = " OR ".join(f"({in_words(one)})" for one in sorted(conditions) if one) or "1 = 1"
    question = f"SELECT 1 FROM {guard.table} AS old, {guard.table} AS new WHERE {asked} LIMIT 0"  # noqa: S608 - names of ours
    try:
        # The savepoint is for PostgreSQL, which would refuse all that follows.
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(question)
    except DatabaseError as error:
        if connection.vendor == "sqlite":
            lacking = str(error).startswith(("no such table", "no such column"))
        else:
            # Undefined table, column, operator between these types.
            lacking = getattr(error.__cause__, "pgcode", None) in {"42P01", "42703", "42883"}
        if not lacking:
            raise
        return False
    return True


def _drop(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Take these off, on PostgreSQL with every guard's function that no trigger calls any more."""
    quoted = connection.ops.quote_name
    for of_table in _by_table(triggers):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for trigger in of_table:
                on_table = f" ON {quoted(trigger.table)}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {quoted(trigger.name)}{on_table}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.proname FROM pg_proc p WHERE substr(p.proname, 1, 6) = 'guard_'"
                " AND p.prorettype = 'trigger'::regtype AND pg_function_is_visible(p.oid)"
                " AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgfoid = p.oid)"
            )
            for (function,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION IF EXISTS {quoted(function)}()")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _triggers(guard: Guard, connection: BaseDatabaseWrapper) -> list[Trigger]:
    """What the guard is on this database."""
    return (_on_sqlite if connection.vendor == "sqlite" else _on_postgresql)(guard, connection)


def _on_sqlite(guard: Guard, connection: BaseDatabaseWrapper) -> list[Trigger]:
    """For each event; and, where rows are kept, before a row is inserted, or a key changed, in the place of one of them.

    The last two refuse `INSERT OR REPLACE` and `UPDATE OR REPLACE`: what these delete fires no trigger of its own, but for
    a setting that connections from elsewhere do not have.
    """
    conditions = [(event.lower(), event, guard.condition(event)) for event in guard.events]
    if guard.keeps_rows:
        conditions += [
            ("replace", "INSERT", guard.taken(connection, apart_from_old=False)),
            ("displace", "UPDATE", guard.taken(connection, apart_from_old=True)),
        ]
    return [
        _sqlite_trigger(
            guard,
            f"guard_{guard.name}_{word}",
            f"BEFORE {event} ON {guard.table} FOR EACH ROW{f' WHEN {_sqlite(when)}' if when else ''}",
        )
        for word, event, when in conditions
    ]


def _sqlite(condition: str) -> str:
    """As SQLite has always said it; it knows the words of the standard since 3.39."""
    return condition.replace(" IS NOT DISTINCT FROM ", " IS ").replace(" IS DISTINCT FROM ", " IS NOT ")


def _on_postgresql(guard: Guard, connection: BaseDatabaseWrapper) -> list[Trigger]:
    """For each event; and, where rows are kept, before all of them go at once."""
    refuse = f"RAISE EXCEPTION USING MESSAGE = {_quoted(guard.message)}, ERRCODE = 'integrity_constraint_violation';"
    triggers = []
    for event in guard.events:
        # PostgreSQL's WHEN takes no subquery, so the condition stands in the function's body.
        when = guard.condition(event)
        # In brackets: the language would take the first THEN, that of a CASE, for its own.
        body = f"IF ({when}) THEN {refuse} END IF;" if when else refuse
        triggers.append(
            _postgresql_trigger(
                guard,
                f"guard_{guard.name}_{event.lower()}",
                f"BEFORE {event} ON {guard.table} FOR EACH ROW",
                f" BEGIN {body} RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END ",
            )
        )
    if guard.keeps_rows:
        triggers.append(
            _postgresql_trigger(
                guard,
                f"guard_{guard.name}_truncate",
                f"BEFORE TRUNCATE ON {guard.table}",
                f" BEGIN {refuse} RETURN NULL; END ",
            )
        )
    return triggers


def _sqlite_trigger(guard: Guard, name: str, on: str) -> Trigger:
    statement = f"CREATE TRIGGER {name} {on} BEGIN SELECT RAISE(ABORT, {_quoted(guard.message)}); END"
    return Trigger(name, guard.table, statement, statements=(statement,))


def _postgresql_trigger(guard: Guard, name: str, on: str, source: str) -> Trigger:
    return Trigger(
        name,
        guard.table,
        source,
        statements=(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${source}$guard$",
            f"CREATE TRIGGER {name} {on} EXECUTE FUNCTION {name}()",
        ),
    )
