"""What is said of dependencies with known faults, and where nobody could be asked."""

import json

import pytest

from tests.dependency_audit import main

KNOWN = {"name": "django", "version": "4.0.0", "vulns": [{"id": "PYSEC-2022-1", "fix_versions": ["4.0.1"]}]}
CLEAN = {"name": "babel", "version": "2.18.0", "vulns": []}
UNANSWERED = {"name": "jpholiday", "skip_reason": "Dependency not found and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([CLEAN], 0, "some.lock: 1 packages checked, 0 with known faults.\n"),
        (
            [CLEAN, KNOWN, UNANSWERED],
            1,
            "some.lock: 2 packages checked, 1 with known faults.\n"
            "  django 4.0.0: PYSEC-2022-1\n"
            "  not checked: jpholiday\n",
        ),
        ([UNANSWERED], 0, "some.lock: NOT checked for known faults, as no index of them could be reached.\n"),
    ],
)
def test_what_the_index_knew(
    packages: list[dict[str, object]], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["some.lock"], lambda _lock: json.dumps({"dependencies": packages})) == code
    assert capsys.readouterr().out == said


def test_nobody_could_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["some.lock"], lambda _lock: "") == 0
    assert "NOT checked" in capsys.readouterr().out
