"""PostgreSQL: the role that serves owns nothing, so it cannot lift the guards; the one that migrates owns the tables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from iconm_portal.history import database_triggers, owner
from iconm_portal.history.history import Source
from iconm_portal.models import Organisation, User
from iconm_portal.people.account_actions import choose_password
from iconm_portal.people.actions import install_organisation
from iconm_portal.site.checks import somebody_else_owns_the_tables, the_serving_role_lifts_no_guards

CLERK = "portal_clerk"


@pytest.fixture
def clerk(transactional_db: None, settings: Any) -> Iterator[str]:
    """A role that serves: the connection is its own, and the tests' own role is the one that migrates."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {CLERK} LOGIN")
    own = dict(connection.settings_dict)
    settings.MIGRATE_DATABASE = {name: own[name] for name in owner.ADDRESS}
    connection.close()
    connection.settings_dict["USER"] = CLERK
    try:
        call_command("migrate", verbosity=0)
        yield CLERK
    finally:
        connection.close()
        connection.settings_dict["USER"] = own["USER"]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {CLERK}")
            cursor.execute(f"DROP ROLE {CLERK}")


LIFTING = [
    "ALTER TABLE portal_historyevent DISABLE TRIGGER ALL",
    "ALTER TABLE portal_historyevent DISABLE TRIGGER guard_history_update",
    "ALTER TABLE kpi_report ADD COLUMN other integer",
    "ALTER TABLE kpi_report RENAME TO another",
    "ALTER TABLE kpi_report OWNER TO portal_clerk",
    "DROP TRIGGER guard_history_update ON portal_historyevent",
    "DROP TABLE finance_monthtotal CASCADE",
    "DROP FUNCTION guard_history_update() CASCADE",
    "CREATE OR REPLACE FUNCTION guard_history_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER first_of_all BEFORE UPDATE ON portal_historyevent EXECUTE FUNCTION guard_history_update()",
    "CREATE RULE around AS ON UPDATE TO portal_historyevent DO INSTEAD NOTHING",
    "CREATE TABLE another (id integer)",
    "DROP SCHEMA public CASCADE",
    "TRUNCATE portal_job",
    "TRUNCATE portal_historyevent CASCADE",
    "SET session_replication_role = replica",
    "SET ROLE portal",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('portal', '9999', now())",
    "COPY portal_job FROM PROGRAM 'true'",
    "UPDATE pg_trigger SET tgenabled = 'D'",
]


def test_the_serving_role_cannot_lift_a_guard(clerk: str) -> None:
    made_by_migrations = "django_migrations" in connection.introspection.table_names()
    for statement in LIFTING:
        if "django_migrations" in statement and not made_by_migrations:
            continue  # a suite without migrations has no such table
        refused = pytest.raises(ProgrammingError, match=r"permission denied|must be (owner|superuser)")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            pytest.fail(statement)


def test_the_serving_role_serves(clerk: str, client: Client) -> None:
    city = install_organisation(code="city", name="市", by=Source("test"))
    person = User(username="somebody", name="誰か", organisation=city, password="-")
    person.save()
    choose_password(person=person, password="a-long-password-1", by=person)
    client.force_login(person)
    assert client.get(reverse("home")).status_code == 200
    assert client.get(reverse("health")).status_code == 200
    assert Organisation.objects.count() == 1


def test_the_rights_are_given_as_often_as_one_likes(clerk: str) -> None:
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert connection.settings_dict["USER"] == clerk
    assert database_triggers.missing(connection) == []
    assert not owner.can_lift_guards(connection)


def test_the_reference_is_loaded_by_the_role_that_migrates(
    clerk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = StringIO()
    call_command("load_reference", stdout=said, skip_checks=True)
    assert "differ" in said.getvalue()
    assert connection.settings_dict["USER"] == clerk


# --- what the checks say ------------------------------------------------------------------------


def test_the_checks_are_content_with_two_roles(clerk: str) -> None:
    assert the_serving_role_lifts_no_guards(None, ["default"]) == []
    assert somebody_else_owns_the_tables(None) == []


def test_a_role_that_is_a_member_of_the_owner_is_told(clerk: str, settings: Any) -> None:
    with owner.as_owner(connection), connection.cursor() as cursor:
        cursor.execute(f"GRANT {settings.MIGRATE_DATABASE['USER']} TO {CLERK}")
    assert [one.id for one in the_serving_role_lifts_no_guards(None, ["default"])] == ["portal.E002"]


def test_without_the_second_address_check_deploy_says_so(settings: Any) -> None:
    settings.MIGRATE_DATABASE = {}
    found = [one.id for one in somebody_else_owns_the_tables(None)]
    assert found == (["portal.W002"] if connection.vendor == "postgresql" else [])


def test_tables_of_the_role_that_serves_are_not_migrated_by_another(clerk: str, settings: Any) -> None:
    """Of an installation from before there were two: what to do is said, and nothing is changed."""
    with owner.as_owner(connection), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE portal_owner LOGIN")
    settings.MIGRATE_DATABASE |= {"USER": "portal_owner"}
    try:
        with pytest.raises(CommandError, match="REASSIGN OWNED BY"):
            call_command("migrate", verbosity=0)
    finally:
        settings.MIGRATE_DATABASE["USER"] = "portal"
        with owner.as_owner(connection), connection.cursor() as cursor:
            cursor.execute("DROP ROLE portal_owner")


@pytest.mark.verify
def test_two_roles_from_an_empty_database_on(transactional_db: None, settings: Any) -> None:
    """As an office would: two roles that are no superusers, `migrate` and `load_reference` by the commands themselves."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    own = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE office_owner LOGIN")
        cursor.execute("CREATE ROLE office_clerk LOGIN")
        cursor.execute("CREATE DATABASE office OWNER office_owner")
    try:
        where = (
            f"@/{own['HOST']}/office"
            if str(own["HOST"]).startswith("/")
            else f"@{own['HOST']}:{own['PORT']}/office"
        )
        addresses = {
            "DATABASE_URL": f"postgres://office_clerk{where}",
            "MIGRATE_DATABASE_URL": f"postgres://office_owner{where}",
            "TESTING": "1",
            "DJANGO_SETTINGS_MODULE": "iconm_portal.settings",
        }
        for command in (
            ["migrate", "--verbosity", "0"],
            ["load_reference", "--skip-checks"],
            ["migrate", "--verbosity", "0"],
            ["check", "--database", "default"],
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=settings.BASE_DIR,
                env=os.environ | addresses,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE office")
            cursor.execute("DROP ROLE office_owner")
            cursor.execute("DROP ROLE office_clerk")
