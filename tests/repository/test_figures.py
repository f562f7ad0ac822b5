"""The table at the end of a long run."""

import pytest

from tests import figures


def report(name: str, outcome: str = "passed", when: str = "call", **more: object) -> pytest.TestReport:
    made: dict[str, object] = {"nodeid": name, "location": ("", 0, ""), "keywords": {}, "outcome": outcome}
    made |= {"longrepr": None, "when": when, "duration": 30.0, "user_properties": []}
    return pytest.TestReport(**(made | more))  # type: ignore[arg-type]


def test_what_the_tests_of_a_file_counted_is_added_up() -> None:
    said = figures.table(
        [
            report("tests/a.py::one", when="setup"),
            report("tests/a.py::one", user_properties=[("kills", 999), ("kills", 1)], duration=600.0),
            report("tests/a.py::two", "failed", user_properties=[("kills", 500)]),
            report("tests/b.py::one", "skipped", when="setup"),
        ]
    )
    assert [" ".join(line.split()) for line in said] == [
        "what tests how many min:s",
        "a.py 1 failed, 1 passed 1,500 kills 11:00",
        "b.py 1 skipped 0:30",
    ]
