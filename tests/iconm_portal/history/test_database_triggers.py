"""The databases themselves refuse to change or delete what is append-only, whoever asks."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, migrations, models, transaction

from iconm_portal.history import database_triggers, guards
from iconm_portal.models import HistoryEvent, Role, User
from iconm_portal.models.audit import AuditEvent
from iconm_portal.people.actions import create_person
from tests.unguarded import lifted


@pytest.fixture
def event(administrator: User) -> HistoryEvent:
    create_person(
        username="someone",
        name="誰か",
        email="",
        organisation=administrator.organisation,
        role=Role.VIEWER,
        by=administrator,
    )
    return HistoryEvent.objects.get()


def declared_names() -> set[str]:
    return {name for guard in guards.declared() for name in guard.trigger_names(connection.vendor)}


@pytest.mark.django_db
def test_the_catalogue_of_the_database_holds_every_declared_guard_and_no_other() -> None:
    assert database_triggers.installed_names(connection) == declared_names()
    assert len(declared_names()) > 10


def test_a_queryset_cannot_update_history(event: HistoryEvent) -> None:
    with pytest.raises(DatabaseError, match="history is append-only"), transaction.atomic():
        HistoryEvent.objects.update(reason="other")
    assert HistoryEvent.objects.get().reason == ""


def test_a_queryset_cannot_delete_history(event: HistoryEvent) -> None:
    with pytest.raises(DatabaseError, match="history is append-only"), transaction.atomic():
        HistoryEvent.objects.all().delete()
    assert HistoryEvent.objects.count() == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE portal_historyevent SET reason = 'other'", "DELETE FROM portal_historyevent"]
)
def test_sql_cannot_change_history(event: HistoryEvent, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="history is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert HistoryEvent.objects.get().reason == ""


def test_postgresql_cannot_truncate_history(event: HistoryEvent) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has no TRUNCATE; its DELETE is tried above
    with (
        pytest.raises(DatabaseError, match="history is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE portal_historyevent CASCADE")
    assert HistoryEvent.objects.count() == 1


def test_lifted_takes_the_guards_off_and_puts_them_back(event: HistoryEvent) -> None:
    with lifted():
        assert database_triggers.installed_names(connection) == set()
        HistoryEvent.objects.all().delete()
    assert database_triggers.installed_names(connection) == declared_names()


@pytest.mark.django_db
def test_lifted_puts_them_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), lifted():
        raise ValueError("inside")
    assert database_triggers.installed_names(connection) == declared_names()


@pytest.mark.django_db(transaction=True)
def test_guards_come_back_after_a_table_is_rebuilt_and_migrated() -> None:
    """SQLite loses a table's triggers when Django alters a field; migrate puts them back, with nothing to migrate."""
    before = migrations.state.ProjectState.from_apps(AuditEvent._meta.apps)
    after = before.clone()
    operation = migrations.AlterField("auditevent", "username", models.CharField(max_length=61))
    operation.state_forwards("portal", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("portal", editor, before, after)
    if connection.vendor == "sqlite":
        assert "guard_portal_auditevent_update" not in database_triggers.installed_names(connection), (
            "the test is real"
        )
    with connection.schema_editor() as editor:
        operation.database_backwards("portal", editor, after, before)
    call_command("migrate", verbosity=0)
    assert database_triggers.installed_names(connection) == declared_names()


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        guards.declare(guards.declared()[0])


@pytest.mark.parametrize("name", [guard.name for guard in guards.declared()])
def test_every_guard_says_why_in_english(name: str) -> None:
    guard = next(guard for guard in guards.declared() if guard.name == name)
    assert guard.message.isascii()
    assert set(guard.events) <= {"INSERT", "UPDATE", "DELETE"}
