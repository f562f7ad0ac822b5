"""docs/asvs.md answers every requirement of OWASP ASVS 5.0.0 at levels 1 and 2, and what it says is there is there."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from tests.repository.test_repository import ROOT

PAGE = ROOT / "docs" / "asvs.md"
PASSED, NOT_APPLICABLE, OPEN = "passed", "not applicable", "open"

# The level of each requirement of a section, in order, from 5.0/docs_en/…_5.0.0_en.csv of github.com/OWASP/ASVS.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33",
    "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22", "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
# What the standard itself counts.
IN_ALL = {"1": 70, "2": 183, "3": 92}


@dataclass(frozen=True)
class Line:
    """A requirement as the page has it."""

    chapter: str
    number: str
    level: str
    asked: str
    state: str
    shown_by: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", self.shown_by)

    @property
    def reason(self) -> str:
        """What is said in words, without tests and links."""
        words = re.sub(r"`tests/[^`]*`|\[[^\]]*\]\([^)]*\)", "", self.shown_by)
        return words.strip(" ,;.()")


def lines() -> list[Line]:
    found = []
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        heading, *rows = part.splitlines()
        assert rows[1:3] == ["| number | level | what is asked | state | shown by |", "|---|---|---|---|---|"]
        for row in rows[3:]:
            if not row:
                continue
            cells = re.fullmatch(r"\| (\S+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", row)
            assert cells, row
            found.append(Line(heading.split(".")[0], *cells.groups()))
    return found


def asked_for() -> list[tuple[str, str]]:
    return [
        (f"{section}.{place}", level)
        for section, levels in LEVELS.items()
        for place, level in enumerate(levels, start=1)
        if level in "12"
    ]


@cache
def functions_of(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


each_line = pytest.mark.parametrize("line", lines(), ids=lambda line: line.number)


def test_the_levels_are_those_of_the_standard() -> None:
    assert Counter("".join(LEVELS.values())) == IN_ALL
    chapters = [int(section.split(".")[0]) for section in LEVELS]
    assert chapters == sorted(chapters)
    assert set(chapters) == set(range(1, 18))


def test_every_number_stands_once_in_order_with_its_level() -> None:
    assert [(line.number, line.level) for line in lines()] == asked_for()
    for line in lines():
        assert line.number.startswith(f"{line.chapter}."), "in its own chapter"


@each_line
def test_a_line_says_how_it_stands_and_why(line: Line) -> None:
    assert line.state in (PASSED, NOT_APPLICABLE, OPEN)
    assert line.asked[0].isupper() or line.asked[0] == "`"
    if line.state == PASSED:
        assert line.tests, "which test shows it?"
        assert "being built" not in line.shown_by
    else:
        assert len(line.reason) >= len("No Java"), "why?"
        assert line.shown_by.endswith((".", ")", "`"))


@each_line
def test_the_tests_that_it_names_are_there(line: Line) -> None:
    for path, name in line.tests:
        assert name.startswith("test_")
        assert name in functions_of(path), f"{path}::{name}"
    assert len(line.tests) == len(set(line.tests))


def test_the_words_are_our_own() -> None:
    """The standard's sentences all begin with one word."""
    assert not re.search(r"\bverify that\b", PAGE.read_text(), flags=re.IGNORECASE)


def test_the_pages_that_it_points_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
    for page in ("README.md", "docs/architecture.md"):
        assert "asvs.md" in (ROOT / page).read_text(), page
