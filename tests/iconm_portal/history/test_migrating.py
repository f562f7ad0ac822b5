"""Tables change with the guards lifted, and whatever becomes of the migration, the guards are known to be there or not."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import finance.migrations
from finance.models import Statement
from iconm_portal.history import database_triggers
from iconm_portal.management.commands import migrate
from iconm_portal.models import HistoryEvent
from iconm_portal.site.checks import log_missing_guards
from tests.iconm_portal.history.test_database_triggers import declared_names
from tests.loaded import all_rows, our_models
from tests.unguarded import lifted

GUARDED = sorted({guard.model for guard in database_triggers.declared()})

SCRATCH = "scratch_migrations"
"""A package that holds finance's migrations and one more."""

SCRATCH_MIGRATION = """
import os, signal
from django.db import connection, migrations, models
from iconm_portal.history import database_triggers

def no_guard_is_there(apps, schema_editor):
    assert database_triggers.installed_names(connection) == set()

def fail(apps, schema_editor):
    raise ValueError("in the migration")

def be_killed(apps, schema_editor):
    os.kill(os.getpid(), signal.SIGKILL)

def python(work):
    return migrations.RunPython(work, no_guard_is_there)

longer = migrations.AlterField("statement", "state", models.CharField(max_length=61))

class Migration(migrations.Migration):
    dependencies = [("finance", {last!r})]
    operations = [{operations}]
"""

Scratch = Callable[[str], str]


@pytest.fixture
def scratch(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scratch]:
    """One more migration of finance's, for this test, made of these operations; the name of the last real one comes back."""
    ((_, last),) = MigrationLoader(None).graph.leaf_nodes("finance")
    package = tmp_path / SCRATCH
    package.mkdir()
    package.joinpath("__init__.py").write_text(f"__path__ = {[*finance.migrations.__path__, str(package)]}\n")

    def write(operations: str) -> str:
        package.joinpath("9999_scratch.py").write_text(
            SCRATCH_MIGRATION.format(last=last, operations=operations)
        )
        settings.MIGRATION_MODULES = {"finance": SCRATCH}
        return last

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in [name for name in sys.modules if name.startswith(SCRATCH)]:
        del sys.modules[name]


def altered(model: type[models.Model]) -> tuple[models.Field, models.Field]:  # type: ignore[type-arg]
    """A field of the model's that is no key, as it is and as a migration might make it."""
    old = next(
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.is_relation or field.unique or field.null)
    )
    new = old.clone()
    new.null = True
    new.set_attributes_from_name(old.name)
    new.model = model
    return old, new


def put_right() -> None:
    call_command("migrate", verbosity=0)
    assert database_triggers.installed_names(connection) == declared_names()


# --- tables that change -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_every_guarded_table_can_be_altered_where_the_guards_are_lifted() -> None:
    of = {model._meta.label: model for model in our_models()}
    with lifted():
        for label in GUARDED:
            old, new = altered(of[label])
            with connection.schema_editor() as editor:
                editor.alter_field(of[label], old, new, strict=True)
            with connection.schema_editor() as editor:
                editor.alter_field(of[label], new, old, strict=True)
    assert database_triggers.installed_names(connection) == declared_names()


@pytest.mark.django_db(transaction=True)
def test_sqlite_alters_no_table_that_another_tables_guard_names() -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL looks into a trigger only when it fires
    old, new = altered(Statement)
    with pytest.raises(OperationalError, match="error in trigger"), connection.schema_editor() as editor:
        editor.alter_field(Statement, old, new)


@pytest.mark.django_db(transaction=True)
def test_a_migration_alters_a_guarded_table_and_the_guards_are_back(scratch: Scratch) -> None:
    last = scratch("python(no_guard_is_there), longer")
    call_command("migrate", "finance", verbosity=0)
    assert database_triggers.installed_names(connection) == declared_names()
    call_command("migrate", "finance", last, verbosity=0)
    assert database_triggers.installed_names(connection) == declared_names()


@pytest.mark.verify
@pytest.mark.django_db(transaction=True)
def test_every_app_goes_to_zero_and_back_with_data(demo: None) -> None:
    try:
        assert {model._meta.app_label for model in (rows.model for rows in all_rows())} == {
            "portal",
            "agreements",
            "finance",
            "kpi",
        }
        # Finance first: it takes the top floor a part of the way with it, where some guards have tables and some have not.
        for app in ("finance", "kpi", "agreements", "portal"):
            said = StringIO()
            call_command("migrate", app, "zero", stdout=said)
            tables = set(connection.introspection.table_names())
            left = {guard for guard in database_triggers.declared() if guard.table in tables}
            names = {name for guard in left for name in guard.trigger_names(connection.vendor)}
            assert database_triggers.installed_names(connection) == names
            assert f"{len(declared_names() - names)} guards" in said.getvalue()
            if app == "finance":
                assert any(guard.model == "kpi.Report" for guard in left)
                with pytest.raises(DatabaseError, match="history is append-only"), transaction.atomic():
                    HistoryEvent.objects.update(reason="other")
        assert database_triggers.installed_names(connection) == set()
    finally:
        put_right()
    assert all_rows() == []


@pytest.mark.django_db(transaction=True)
def test_a_failed_migration_leaves_every_guard_in_its_place(scratch: Scratch) -> None:
    scratch("longer, python(no_guard_is_there), python(fail)")
    with pytest.raises(ValueError, match="in the migration"):
        call_command("migrate", "finance", verbosity=0)
    assert database_triggers.installed_names(connection) == declared_names()


KILLED = f"""
import sys
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.MIGRATION_MODULES = {{"finance": "{SCRATCH}"}}
import django
django.setup()
from django.core.management import call_command
call_command("migrate", "finance", verbosity=0)
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_migrate_is_told_and_put_right_by_the_next(
    scratch: Scratch, tmp_path: Path, settings: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    scratch("longer, python(be_killed)")
    try:
        connection.close()
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"])],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert database_triggers.installed_names(connection) == set()

        answer = client.get(reverse("health"))
        assert (answer.status_code, answer.content) == (503, b"not ready: guards missing, run migrate\n")
        with pytest.raises(
            CommandError, match=r"portal\.E001.* guard_\w+, guard_\w+, guard_\w+, … \(\d+ in all\)"
        ):
            call_command("check", "--database", "default")
        with caplog.at_level(logging.ERROR):
            log_missing_guards()
        assert "Not ready: guards are missing" in caplog.text
    finally:
        settings.MIGRATION_MODULES = {}
        put_right()
    assert client.get(reverse("health")).status_code == 200
    call_command("check", "--database", "default")
    caplog.clear()
    log_missing_guards()
    assert caplog.text == ""


# --- nothing to change --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("only_asking", ["--plan", "--check"])
def test_who_only_asks_what_would_be_done_lifts_nothing(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, only_asking: str
) -> None:
    scratch("longer")
    monkeypatch.setattr(database_triggers, "remove", lambda connection: pytest.fail("lifted"))
    monkeypatch.setattr(database_triggers, "install", lambda connection: pytest.fail("installed"))
    ends = pytest.raises(SystemExit) if only_asking == "--check" else nullcontext()
    with ends:
        call_command("migrate", "finance", only_asking, verbosity=0, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_migrating_with_nothing_to_migrate_touches_no_guard() -> None:
    with CaptureQueriesContext(connection) as queries:
        call_command("migrate", verbosity=0)
    assert [query["sql"] for query in queries if "TRIGGER guard" in query["sql"].replace('"', "")] == []


@pytest.mark.django_db
def test_health_asks_the_database_once(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("health")).status_code == 200
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_migrate_waits_for_the_first_on_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        return
    other = connection.copy()
    said = StringIO()
    try:
        migrate.Command.ask(other, "SELECT pg_try_advisory_lock(%s)")
        # The first one is done while the second sleeps.
        monkeypatch.setattr(migrate.time, "sleep", lambda seconds: other.close())
        call_command("migrate", stdout=said)
    finally:
        other.close()
    assert "waiting for it" in said.getvalue()
    assert migrate.Command.ask(connection, "SELECT pg_try_advisory_lock(%s)"), "it was given back"
    assert migrate.Command.ask(connection, "SELECT pg_advisory_unlock(%s)")


# --- what the catalogue lists -------------------------------------------------------------------


def declare_for_now(monkeypatch: pytest.MonkeyPatch, *declared: database_triggers.Guard) -> None:
    monkeypatch.setattr(database_triggers, "_registry", {guard.name: guard for guard in declared})


@pytest.mark.django_db
def test_a_guard_of_another_version_is_lifted_and_not_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    real = dict(database_triggers._registry)
    declare_for_now(
        monkeypatch, database_triggers.Guard("old", "portal.Center", ("DELETE",), "an older version's")
    )
    database_triggers.install(connection)
    assert "guard_old_delete" in database_triggers.installed_names(connection)
    monkeypatch.setattr(database_triggers, "_registry", real)
    with lifted():
        assert database_triggers.installed(connection) == set()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT proname FROM pg_proc WHERE substr(proname, 1, 6) = 'guard_'")
                assert cursor.fetchall() == [], "their functions neither"
    assert database_triggers.installed_names(connection) == declared_names()


@pytest.mark.django_db
def test_a_guard_that_says_something_else_now_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for message in ("as it was", "as it is"):
        declare_for_now(monkeypatch, database_triggers.Guard("center", "portal.Center", ("DELETE",), message))
        database_triggers.install(connection)
        assert all(message in trigger.source for trigger in database_triggers.installed(connection))


@pytest.mark.django_db
def test_a_guard_that_is_switched_off_is_missing_and_comes_back() -> None:
    if connection.vendor != "postgresql":
        return  # SQLite's triggers cannot be switched off
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE portal_historyevent DISABLE TRIGGER guard_history_update")
    assert database_triggers.missing(connection) == ["guard_history_update"]
    database_triggers.install(connection)
    assert database_triggers.missing(connection) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "condition",
    ["EXISTS (SELECT 1 FROM portal_no_table)", "OLD.no_column = 1", "OLD.code = 'x' AND NEW.gone IS NULL"],
)
def test_a_guard_that_the_tables_cannot_hold_is_left_off_and_told(
    monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    good = database_triggers.Guard("good", "portal.Center", ("UPDATE",), "kept", "OLD.code = 'kept'")
    declare_for_now(
        monkeypatch, good, database_triggers.Guard("bad", "portal.Center", ("UPDATE",), "never", condition)
    )
    assert (
        database_triggers.install(connection) == database_triggers.missing(connection) == ["guard_bad_update"]
    )
    assert database_triggers.installed_names(connection) == {"guard_good_update"}


@pytest.mark.django_db
def test_a_condition_that_is_no_sql_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    declare_for_now(
        monkeypatch, database_triggers.Guard("bad", "portal.Center", ("UPDATE",), "never", "OLD.code =")
    )
    with pytest.raises(DatabaseError, match="syntax"), transaction.atomic():
        database_triggers.install(connection)
