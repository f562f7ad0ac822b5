"""The report's facts and the demonstration, for tests that only want them there: `iconm` and `demo`.

Loading takes seconds, because every row is checked and recorded as it would be for people. So each worker loads once and
keeps the rows; from then on they are put back as they were, which takes hundredths. `test_loaded.py` compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models
from django.utils import translation

from iconm_portal.models import Center
from iconm_portal.values import clock
from kpi.loading import demonstration, reference
from tests.unguarded import no_guards

VALUES_AT_ONCE = 10_000  # in one statement; SQLite takes three times as many


@dataclass(frozen=True)
class Rows:
    """All rows of one table, as the database gives them."""

    model: type[models.Model]
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@cache
def our_models() -> list[type[models.Model]]:
    """The portal's own."""
    return [
        model
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR
        for model in app.get_models(include_auto_created=True)
    ]


def all_rows() -> list[Rows]:
    """What stands in the portal's tables, without those that are empty."""
    found = []
    with connection.cursor() as cursor:
        for model in our_models():
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608
            if rows := cursor.fetchall():
                found.append(Rows(model, tuple(column[0] for column in cursor.description), rows))
    return found


def put_back(kept: list[Rows]) -> None:
    """Insert rows that `all_rows` gave; constraints are checked at once, and new rows get numbers after these."""
    # Without guards: what is settled would not even take what was in it when it was settled.
    with no_guards(), connection.cursor() as cursor:
        for table in kept:
            width = len(table.columns)
            step = VALUES_AT_ONCE // width
            for start in range(0, len(table.rows), step):
                some = table.rows[start : start + step]
                marks = ", ".join([f"({', '.join(['%s'] * width)})"] * len(some))
                cursor.execute(
                    f"INSERT INTO {table.model._meta.db_table} ({', '.join(table.columns)}) VALUES {marks}",  # noqa: S608
                    [value for row in some for value in row],
                )
        for statement in connection.ops.sequence_reset_sql(no_style(), [table.model for table in kept]):
            cursor.execute(statement)
        connection.check_constraints()


_kept: dict[tuple[object, ...], list[Rows]] = {}


def load_once(what: str, load: Callable[[], object]) -> None:
    """Load into empty tables, or put back what the same loading gave before; other rows there mean loading anew."""
    if all_rows():
        load()
        return
    # The rows say when they were loaded, and in which language: at another time they are others.
    travelling = time_machine.escape_hatch.is_travelling()
    key = (what, clock.now() if travelling else clock.today(), travelling, translation.get_language())
    if key in _kept:
        put_back(_kept[key])
    else:
        load()
        _kept[key] = all_rows()


def load_demo() -> None:
    reference.load()
    demonstration.load()


@pytest.fixture
def iconm(db: None) -> Center:
    """iCONM with the facts of the report, as `load_reference` puts them in."""
    load_once("reference", reference.load)
    return Center.objects.get(code="iconm")


@pytest.fixture
def demo(db: None) -> None:
    """The facts of the report and the demonstration, as `load_reference` and `load_demo` put them in."""
    load_once("demo", load_demo)
