"""Rows by the ten thousand: made ready before the transaction, put in by few statements inside it.

`bulk_create` makes them ready while the transaction is open, and on SQLite puts in some fifty at a time. Few statements, because
SQLite keeps a copy of every page that a statement changes which a trigger may still refuse: with a statement for each row that
alone is two thirds of the time.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from django.db import connection
from django.db.models import Field, Model

VALUES_AT_ONCE: Final = 32_000
"""In one statement; SQLite takes 32,766."""


class ManyRows:
    """Rows of a model as the database takes them. Their keys are the database's; nothing is validated here."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._fields: list[Field[Any, Any]] = [
            field for field in model._meta.local_concrete_fields if not field.primary_key
        ]
        self.rows: list[list[Any]] = []

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, row: Model) -> None:
        """Make it ready."""
        self.rows.append(
            [field.get_db_prep_save(field.pre_save(row, True), connection) for field in self._fields]
        )

    def place(self, name: str) -> int:
        """Where a field stands in each of `rows`, for what is known only inside the transaction."""
        return [field.name for field in self._fields].index(name)

    def insert_all(self) -> None:
        """Put them all in. Constraints and guards refuse as ever."""
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(str(field.column)) for field in self._fields)
        into = f"INSERT INTO {quoted(self._model._meta.db_table)} ({columns}) VALUES "  # noqa: S608 - our own columns
        row = f"({', '.join(['%s'] * len(self._fields))})"
        with connection.cursor() as cursor:
            for page in self._pages():
                cursor.execute(into + ", ".join([row] * len(page)), list(chain.from_iterable(page)))

    def _pages(self) -> Iterator[list[list[Any]]]:
        size = VALUES_AT_ONCE // len(self._fields)
        for first in range(0, len(self.rows), size):
            yield self.rows[first : first + size]
