"""The launcher finds a PostgreSQL server or fails; it never goes on without one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import with_postgres

NOWHERE = Path("/nowhere")


def programs(folder: Path) -> Path:
    """A folder that looks like a server's programs."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return folder


def test_a_named_folder_goes_before_everything(tmp_path: Path) -> None:
    named = programs(tmp_path / "named")
    newest = programs(tmp_path / "debian" / "17" / "bin")
    assert with_postgres.find_bin({"PG_BIN": str(named)}, newest.parent.parent) == named


def test_a_named_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(with_postgres.NoServer, match="PG_BIN"):
        with_postgres.find_bin({"PG_BIN": str(tmp_path)})


def test_the_newest_installed_server_is_taken(tmp_path: Path) -> None:
    programs(tmp_path / "9" / "bin")
    newest = programs(tmp_path / "17" / "bin")
    assert with_postgres.find_bin({}, tmp_path) == newest


def test_then_the_one_on_the_path(tmp_path: Path) -> None:
    folder = programs(tmp_path / "bin")
    assert with_postgres.find_bin({"PATH": str(folder)}, NOWHERE) == folder


def test_then_the_package_s_own() -> None:
    assert with_postgres.find_bin({"PATH": ""}, NOWHERE) == with_postgres.wheel_bin()
    assert with_postgres.find_bin({"PG_BIN": "wheel"}) == with_postgres.wheel_bin()


def test_none_at_all_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(with_postgres, "wheel_bin", lambda: None)
    with pytest.raises(with_postgres.NoServer, match="No PostgreSQL"):
        with_postgres.find_bin({"PATH": ""}, NOWHERE)


def test_programs_in_a_private_folder_are_copied_with_their_libraries(tmp_path: Path) -> None:
    private = tmp_path / "private"
    folder = programs(private / "package" / "pginstall" / "bin")
    (private / "package.libs").mkdir()
    (private / "package.libs" / "libpq.so").touch()
    private.chmod(0o700)
    copy = with_postgres.readable_bin(folder, tmp_path / "base")
    assert with_postgres.is_bin(copy)
    assert (copy / "../../../package.libs/libpq.so").exists()


def launched(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.with_postgres", *command],
        env=os.environ | {"PG_BIN": "wheel"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_command_s_exit_code_is_ours_and_the_server_is_gone() -> None:
    launcher = launched("sh", "-c", "echo $DATABASE_URL; exit 7")
    said, _ = launcher.communicate(timeout=60)
    assert launcher.returncode == 7
    folder = Path("/" + said.splitlines()[-1].split("//")[-1]).parent
    assert folder.name.startswith("portal-pg-")
    assert not folder.exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_command_and_the_server(signum: int) -> None:
    launcher = launched("sh", "-c", "echo $DATABASE_URL; exec sleep 600")
    assert launcher.stdout is not None
    launcher.stdout.readline()  # the server's version
    folder = Path("/" + launcher.stdout.readline().strip().split("//")[-1]).parent
    assert (folder / "data").is_dir()
    launcher.send_signal(signum)
    launcher.communicate(timeout=60)
    assert launcher.returncode == 128 + signum
    assert not folder.exists()
