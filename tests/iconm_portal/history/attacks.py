"""Every way past the portal's own actions to what a guard keeps: querysets, SQL, upserts, REPLACE, COPY, TRUNCATE."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from iconm_portal.history import guards
from iconm_portal.history.guards import Guard
from iconm_portal.values import clock

Statement = tuple[str, list[Any]]


@dataclass(frozen=True)
class Row:
    """A row that is there, as the database has it."""

    model: type[models.Model]
    values: dict[str, Any]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def pk(self) -> str:
        return str(self.model._meta.pk.column)

    def with_values(self, **changed: Any) -> "Row":
        return Row(self.model, self.values | changed)

    def apart(self) -> "Row":
        """A copy that has no key in common with it, so that nothing but what it says can be refused."""
        changed: dict[str, Any] = {self.pk: 10**9}
        for rule in self.model._meta.constraints:
            if isinstance(rule, models.UniqueConstraint):
                field = self.model._meta.get_field(rule.fields[-1])
                value = self.values[field.column]
                changed[field.column] = f"{value}x" if isinstance(value, str) else (value or 0) + 1000
        return self.with_values(**changed)

    def insert(self, verb: str = "INSERT", after: str = "") -> Statement:
        marks = ", ".join(["%s"] * len(self.values))
        columns = ", ".join(self.values)
        return f"{verb} INTO {self.table} ({columns}) VALUES ({marks}) {after}", list(self.values.values())

    def update(self, column: str, value: Any, verb: str = "UPDATE") -> Statement:
        return f"{verb} {self.table} SET {column} = %s WHERE {self.pk} = %s", [value, self.values[self.pk]]

    def delete(self) -> Statement:
        return f"DELETE FROM {self.table} WHERE {self.pk} = %s", [self.values[self.pk]]  # noqa: S608


def words(condition: str) -> str:
    """A guard's condition, for a question of the tests."""
    if connection.vendor != "sqlite":
        return condition
    return condition.replace(" IS NOT DISTINCT FROM ", " IS ").replace(" IS DISTINCT FROM ", " IS NOT ")


def rows(model: type[models.Model], where: str = "1 = 1", most: int = 5, order: str = "ASC") -> list[Row]:
    """Rows (`old`) for which the condition holds."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT old.* FROM {table} AS old WHERE {words(where)} ORDER BY 1 {order} LIMIT {most}"  # noqa: S608
        )
        columns = [column[0] for column in cursor.description]
        return [Row(model, dict(zip(columns, found, strict=True))) for found in cursor.fetchall()]


def kept_by(guard: Guard) -> list[Row]:
    """Rows that the guard keeps whatever is written over them: the newest, and the oldest of each state."""
    where = guard.when.replace("NEW.", "OLD.") or "1 = 1"
    model = apps.get_model(guard.model)
    of_state: dict[Any, Row] = {}
    for row in rows(model, where, 200):
        of_state.setdefault(row.values.get("state"), row)
    newest = rows(model, where, 1, "DESC")
    return [*of_state.values(), *(row for row in newest if row not in of_state.values())]


def refused_by(statement: Statement) -> str:
    """The message with which a database refuses; empty where it does not. Whatever was done is rolled back."""
    sql, values = statement
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [_adapted(value) for value in values])
            raise Passed
    except Passed:
        return ""
    except DatabaseError as error:
        return str(error)


class Passed(Exception):
    """Nothing refused it; rolled back."""


def _adapted(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def other(value: Any, field: "models.Field[Any, Any]") -> Any:
    """Another value of the kind; of a text with choices, none of them."""
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.JSONField):
        return json.dumps({"other": 1})
    if isinstance(field, models.DateTimeField):
        return _moved(value, datetime(2001, 1, 1, tzinfo=None), 19)
    if isinstance(field, models.DateField):
        return _moved(value, date(2001, 1, 1), 10)
    if isinstance(field, models.BinaryField):
        return b"other"
    if isinstance(value, str) or isinstance(field, models.CharField | models.TextField):
        longest = field.max_length or 100
        return ("x" + (value or ""))[:longest] if not (value or "").startswith("x") else "y"
    return (value or 0) + 1


def other_in_python(value: Any, field: "models.Field[Any, Any]") -> Any:
    """The same of a value as models have it."""
    if isinstance(field, models.JSONField):
        return {"other": 1}
    if isinstance(field, models.DateTimeField):
        return (value or clock.now()) - timedelta(days=400)
    return other(value, field)


def _moved(value: Any, first: Any, length: int) -> Any:
    if value is None:
        return str(first)[:length]
    if isinstance(value, str):
        return ("1" if value[0] != "1" else "2") + value[1:]
    return value - timedelta(days=400)


def columns_kept(guard: Guard) -> "list[models.Field[Any, Any]]":
    """The columns of which the guard refuses a change."""
    fields = apps.get_model(guard.model)._meta.concrete_fields
    return [
        one
        for one in fields
        if not one.primary_key
        and (one.name in guard.columns if guard.columns else one.name not in guard.stays_open)
    ]


def changes(row: Row, guard: Guard) -> Iterator[tuple[str, Statement]]:
    """Every way to write another value over a column that is kept."""
    for field in columns_kept(guard):
        value = other(row.values[field.column], field)
        written = row.with_values(**{field.column: value})
        yield f"UPDATE {field.column}", row.update(field.column, value)
        upsert = f"ON CONFLICT ({row.pk}) DO UPDATE SET {field.column} = excluded.{field.column}"
        yield f"upsert of {field.column}", written.insert(after=upsert)
        if connection.vendor == "sqlite":
            yield f"REPLACE of {field.column}", written.insert("INSERT OR REPLACE")


def deletions(row: Row) -> Iterator[tuple[str, Statement]]:
    """Every way to let the row go, or to put another into its place."""
    yield "DELETE", row.delete()
    if connection.vendor == "postgresql":
        yield "TRUNCATE", (f"TRUNCATE {row.table} CASCADE", [])
        return
    yield "REPLACE", row.insert("INSERT OR REPLACE")
    if _has_another_key(row):
        yield "REPLACE by another key", row.with_values(**{row.pk: 10**9}).insert("INSERT OR REPLACE")
    another = rows(row.model, f"old.{row.pk} <> {row.values[row.pk]!r}", most=1)
    if another:
        yield "UPDATE OR REPLACE", another[0].update(row.pk, row.values[row.pk], "UPDATE OR REPLACE")


def _has_another_key(row: Row) -> bool:
    """Whether a row with another primary key would take its place."""
    keys = guards._same_keys(row.model, connection)[1:]
    question = " OR ".join(f"({key.replace('NEW.', 'taken.')})" for key in keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM {row.table} AS taken WHERE taken.{row.pk} = %s AND ({question or '1 = 0'})",  # noqa: S608
            [row.values[row.pk]],
        )
        return bool(cursor.fetchone()[0])


def copied(row: Row) -> str:
    """The message with which PostgreSQL refuses COPY of the row; empty where it does not."""
    line = "\t".join("\\N" if value is None else _in_copy(value) for value in row.values.values())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            sql = f"COPY {row.table} ({', '.join(row.values)}) FROM STDIN"
            cursor.cursor.copy_expert(sql, io.StringIO(line + "\n"))
            raise Passed
    except Passed:
        return ""
    except Exception as error:  # the driver's own, past Django's translation
        return str(error)


def _in_copy(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, dict | list) else str(value)
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
