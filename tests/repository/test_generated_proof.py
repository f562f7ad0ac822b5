"""What is true is reckoned without the portal: the reckoner and the conditions of the sentences import nothing of it."""

import ast
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.generated.pages import grammar

GENERATED = Path(settings.BASE_DIR) / "tests" / "generated"
INDEPENDENT = sorted(
    [
        *GENERATED.glob("reckoned*.py"),
        *(GENERATED / "pages").glob("*.py"),
        *(GENERATED / f"{name}.py" for name in ("frame", "chronicle_log", "pending")),
        GENERATED.parent / "readers" / "page_reading.py",
    ]
)


def imported(file: Path) -> set[str]:
    """The modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def own_name(file: Path) -> str:
    return ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)


@pytest.mark.parametrize("file", INDEPENDENT, ids=own_name)
def test_the_reckoner_knows_nothing_of_the_portal(file: Path) -> None:
    allowed = {own_name(one) for one in INDEPENDENT} | {
        "tests.generated.pages",
        "icalendar",
    }  # a reader of feeds
    foreign = {
        name
        for name in imported(file) - allowed
        if name.partition(".")[0] not in sys.stdlib_module_names or name.startswith("tests.builders")
    }
    assert foreign == set()


def test_a_sentence_needs_a_written_condition() -> None:
    with pytest.raises(AssertionError, match="write down when it may be said"):
        grammar.Grammar("page").says("真です。", "It is true.")(lambda on: True)
