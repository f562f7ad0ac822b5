"""The folder of a test run: made by the run, taken away by it, and never one that was there before."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def run_in(folder: Path) -> int:
    """The exit code of a run that only collects, with the folder as its own."""
    environment = os.environ | {"PORTAL_TEST_RUN": str(folder)}
    environment.pop("PYTEST_XDIST_WORKER", None)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, "tests/iconm_portal/values/test_money.py"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
    )
    return run.returncode


def test_a_run_takes_its_own_folder_away(tmp_path: Path) -> None:
    assert run_in(tmp_path / "own") == 0
    assert not (tmp_path / "own").exists()


def test_a_folder_that_was_there_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("important")
    assert run_in(tmp_path) != 0
    assert (tmp_path / "kept").read_text() == "important"
