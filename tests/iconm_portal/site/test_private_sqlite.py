"""The SQLite file holds everything that people may see only by their role: nobody else on the machine reads it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as all_settings

from iconm_portal.site.sqlite3.base import DatabaseWrapper, keep_private

OPTIONS = {"init_command": "PRAGMA journal_mode=WAL;", "transaction_mode": "IMMEDIATE"}


@pytest.fixture(autouse=True)
def everybody_may_read() -> Iterator[None]:
    """What a process without a umask of its own makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (folder, *folder.iterdir())}


def connected(file: Path) -> DatabaseWrapper:
    """A connection that has written, so that -wal and -shm are there."""
    made = DatabaseWrapper(
        {
            "ENGINE": "iconm_portal.site.sqlite3",
            "NAME": str(file),
            "OPTIONS": OPTIONS,
            "TIME_ZONE": None,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
        },
        "private",
    )
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS thing (id INTEGER)")
        cursor.execute("INSERT INTO thing VALUES (1)")
    return made


PRIVATE = {"var": "0o700", "p.sqlite3": "0o600", "p.sqlite3-wal": "0o600", "p.sqlite3-shm": "0o600"}


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var"


def test_the_portal_uses_it() -> None:
    engine = all_settings.DATABASES["default"]["ENGINE"]
    assert engine in ("iconm_portal.site.sqlite3", "django.db.backends.postgresql")


@pytest.mark.django_db
def test_a_new_file_is_private_from_its_first_moment(var: Path) -> None:
    made = connected(var / "p.sqlite3")
    assert modes(var) == PRIVATE
    made.close()


@pytest.mark.django_db
def test_what_was_there_before_is_made_private(var: Path) -> None:
    var.mkdir(mode=0o755)
    first = connected(var / "p.sqlite3")
    for path in (var, *var.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    second = connected(var / "p.sqlite3")
    assert modes(var) == PRIVATE
    with second.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM thing")
        assert cursor.fetchone() == (2,), "nothing is lost by it"
    first.close()
    second.close()


def test_a_folder_of_somebody_elses_stays_as_it_is(tmp_path: Path, var: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o775)
    keep_private(shared / "p.sqlite3")
    assert modes(shared) == {"shared": "0o775", "p.sqlite3": "0o600"}


def test_a_folder_that_is_not_there_is_left_to_sqlite_to_name(tmp_path: Path) -> None:
    keep_private(tmp_path / "nowhere" / "p.sqlite3")
    assert not (tmp_path / "nowhere").exists()


def test_a_connection_outlives_its_request() -> None:
    """To open one is to read every trigger: it cost more than most pages do."""
    assert all_settings.DATABASES["default"]["CONN_MAX_AGE"] > 0
