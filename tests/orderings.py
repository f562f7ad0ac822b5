"""Every ordering that a test asks of the database, looked at: it must be the same on SQLite and on PostgreSQL.

SQLite puts what is blank first, PostgreSQL last: who orders by what may be blank says where that goes
(`iconm_portal/values/ordering.py`). Japanese texts are sorted by their bytes here and as in a dictionary there: order is by
position, then key.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import CharField, TextField
from django.db.models.expressions import Col, OrderBy
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import LOUTER

from tests.loaded import our_models


class DiffersBetweenDatabases(AssertionError):
    """An ordering that the two databases understand differently."""


KEYS = {"code", "key", "username", "kind", "stage", "state", "subject", "concluded_on", "happened_on"}
"""Texts of ours in letters and figures, such as codes and days."""


def may_be_blank(column: Col, compiler: SQLCompiler) -> bool:
    """Whether the column, or the whole row that it is of, may be missing."""
    joined = compiler.query.alias_map.get(column.alias)
    return bool(column.target.null or getattr(joined, "join_type", None) == LOUTER)


def looked_at(resolved: OrderBy, compiler: SQLCompiler) -> str:
    """What is wrong with one part of an ordering; empty where nothing is."""
    column = resolved.expression
    if not isinstance(column, Col) or column.target.model not in our_models():
        return ""
    name = f"{column.target.model.__name__}.{column.target.name}"
    if may_be_blank(column, compiler) and not (resolved.nulls_first or resolved.nulls_last):
        return f"{name} may be blank: say where that goes (iconm_portal/values/ordering.py)"
    if isinstance(column.target, CharField | TextField) and not is_key(column.target):
        return f"{name} is a text: order by position, then key"
    return ""


def is_key(field: Any) -> bool:
    """Whether the texts of a column are ours, and every database sorts them alike."""
    return field.name in KEYS or bool(field.choices)


def asked_by_the_portal() -> bool:
    """Whether the portal asks, and not a test for itself."""
    for frame in reversed(traceback.extract_stack()):
        place = Path(frame.filename)
        if place.is_relative_to(settings.BASE_DIR) and ".venv" not in place.parts and place != Path(__file__):
            return "tests" not in place.parts
    return False


@pytest.fixture(scope="session", autouse=True)
def orderings_are_looked_at() -> Iterator[None]:
    """In every test: whoever asks for such an ordering is stopped there."""
    real = SQLCompiler.get_order_by

    def get_order_by(self: SQLCompiler) -> list[Any]:
        parts: list[Any] = real(self)
        for resolved, _sql in parts:
            if (wrong := looked_at(resolved, self)) and asked_by_the_portal():
                raise DiffersBetweenDatabases(wrong)
        return parts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLCompiler, "get_order_by", get_order_by)
        yield
