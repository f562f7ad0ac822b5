"""What the portal says about its surroundings when it starts."""

import logging
import sqlite3
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connection, connections
from django.utils.module_loading import import_string

from iconm_portal.history import database_triggers, owner
from iconm_portal.people.sign_on import offered

log = logging.getLogger(__name__)

SQLITE_WAL_FIXED_IN = (3, 51, 3)


def sqlite_is_for_one_office(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite before 3.51.3 can, rarely, corrupt a WAL database under concurrent checkpoints."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not on_sqlite or settings.DEBUG or sqlite3.sqlite_version_info >= SQLITE_WAL_FIXED_IN:
        return []
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} has a rare WAL corruption bug (fixed in 3.51.3).",
            hint="Fine for evaluation and one small office; set DATABASE_URL to PostgreSQL for more.",
            id="portal.W001",
        )
    ]


def roles_that_need_a_second_factor_are_roles(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A role that is misspelt would need none."""
    roles: list[str] = import_string("iconm_portal.models.Role").values  # by name: it needs the apps
    return [
        Error(
            f"SECOND_FACTOR_FOR names {code!r}, which is no role.",
            hint=f"Roles are {', '.join(roles)}.",
            id="portal.E003",
        )
        for code in settings.SECOND_FACTOR_FOR
        if code not in roles
    ]


def sign_on_is_as_it_must_be(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Providers of single sign-on have their packages, and are asked over TLS."""
    if not settings.SIGN_ON:
        return []
    found: list[CheckMessage] = [
        Error(
            f"The issuer of the sign-on {code} is not an https address: {provider['issuer']}",
            hint="It vouches for who somebody is: who can change its answers on the way is everybody.",
            id="portal.E005",
        )
        for code, provider in settings.SIGN_ON.items()
        if not provider["issuer"].startswith(("https://", "http://localhost:", "http://127.0.0.1:"))
    ]
    if not offered.is_installed():
        found.append(
            Error(
                "SIGN_ON names a provider of single sign-on, and what that needs is not installed.",
                hint="Install requirements-sso.lock, or leave SIGN_ON unset.",
                id="portal.E004",
            )
        )
    return found


def some_of(names: Sequence[str]) -> str:
    """The first few, and how many there are: all of them are missing where a migrate was killed."""
    return f"{', '.join(names[:3])}{', …' if names[3:] else ''} ({len(names)} in all)"


def guards_are_there(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Every declared guard is on the database; asked by `manage.py check --database default`."""
    return [
        Error(
            f"Guards are missing on the database {alias}: {some_of(names)}.",
            hint="Run manage.py migrate: it puts back what an interrupted one left off.",
            id="portal.E001",
        )
        for alias in databases or []
        if (names := database_triggers.missing(connections[alias]))
    ]


def somebody_else_owns_the_tables(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Said by `check --deploy`: on PostgreSQL the role that serves must not be able to lift the guards."""
    if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql") or settings.MIGRATE_DATABASE:
        return []
    return [
        Warning(
            "The role that serves owns the tables, so it could lift the guards of what is settled.",
            hint="Name another role, to which the tables belong, in MIGRATE_DATABASE_URL (README, In production).",
            id="portal.W002",
        )
    ]


def connections_are_encrypted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Said by `check --deploy` of what goes to another host: the database, the mail server, the city's syslog."""
    found: list[CheckMessage] = []
    databases = {
        "DATABASE_URL": settings.DATABASES["default"],
        "MIGRATE_DATABASE_URL": settings.MIGRATE_DATABASE,
    }
    for name, database in databases.items():
        mode = database.get("OPTIONS", {}).get("sslmode", "")
        if _is_elsewhere(database.get("HOST", "")) and mode != "verify-full":
            found.append(
                Warning(
                    f"{name} leads to another host, {_HOW_SAFE.get(mode, 'perhaps in the clear')}.",
                    hint=f"Write {name}=postgres://…/name?sslmode=verify-full&sslrootcert=/path/to/ca.pem.",
                    id="portal.W005",
                )
            )
    has_tls = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.MAIL_IS_SET and _is_elsewhere(settings.EMAIL_HOST) and not has_tls:
        found.append(
            Warning(
                "EMAIL_URL leads to another host, in the clear: its password, and links that open accounts.",
                hint="Write EMAIL_URL=smtp+tls://user:password@host:587, or smtp+ssl://…:465.",
                id="portal.W006",
            )
        )
    if settings.SYSLOG and _is_elsewhere(settings.SYSLOG.rpartition(":")[0]):
        found.append(
            Warning(
                "SYSLOG leads to another host, by UDP in the clear.",
                hint="Write SYSLOG=127.0.0.1:514 and let a daemon on this host (rsyslog) send it on by TLS.",
                id="portal.W007",
            )
        )
    return found


_HOW_SAFE = {
    "require": "encrypted, but to a server whose certificate nobody checks",
    "verify-ca": "encrypted, but to whichever server has a certificate of that authority",
}


def _is_elsewhere(host: str) -> bool:
    """Not this host, nor a socket on it."""
    return bool(host) and not host.startswith("/") and host not in ("localhost", "127.0.0.1", "::1", "[::1]")


def nobody_of_the_demonstration_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Said by `check --deploy`: their password is printed. They are kept out all the same, but for DEMONSTRATION_SERVED=1."""
    people = get_user_model()._default_manager.filter(is_demonstration=True, is_active=True)
    try:
        names = list(people.order_by("username").values_list("username", flat=True))
    except DatabaseError:
        return []  # nothing is there yet
    if not names:
        return []
    return [
        Warning(
            f"People of the demonstration are in the database: {', '.join(names)}.",
            hint="Begin with a database of its own: the fictional center and its people cannot be taken out again."
            " Until then, deactivate them on the page of the people, and leave DEMONSTRATION_SERVED unset.",
            id="portal.W004",
        )
    ]


def the_serving_role_lifts_no_guards(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Where there are two roles they are really two; asked by `manage.py check --database default`."""
    return [
        Error(
            f"The role that serves could lift the guards of the database {alias}.",
            hint="It is a superuser, or the tables, the schema or the database belong to it. See README, In production.",
            id="portal.E002",
        )
        for alias in databases or []
        if owner.is_apart(connections[alias]) and owner.can_lift_guards(connections[alias])
    ]


def log_missing_guards() -> None:
    """When a server starts: it is not ready without its guards, and says so in the log, as at its health address."""
    try:
        names = database_triggers.missing(connection)
    except DatabaseError:
        return  # as long as that lasts, the health address says so
    finally:
        connection.close()  # a server that loads the portal before it forks must not share it with its workers
    if names:
        log.error("Not ready: guards are missing on the database; run manage.py migrate: %s", some_of(names))
