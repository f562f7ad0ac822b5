"""What comments, docstrings and pages cite is in the repository: a module that moves takes its mentions with it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.repository.test_repository import ROOT, tracked_files

A_FILE = re.compile(
    r"(?<![\w./<*…-])(?:[\w-]+/)+[\w-]+\.(?:py|md|html|toml|css|js)\b|(?<![\w./-])[a-z_]+\.py\b"
)
A_RECORD = re.compile(r"(?<![\w/])docs/decisions/(\d{4})\b")
A_MODULE = re.compile(
    r"\b(?:kpi|finance|agreements|iconm_portal|tests)(?:\.\w+){2,}"
)  # kpi.report is a word of the history
NOT_OURS = {"plotly/plotly.min.js"}


def spoken_parts(file: Path) -> Iterator[str]:
    """What the file says to people: all of a page, comments and docstrings of code, comments of a template."""
    text = file.read_text()
    match file.suffix:
        case ".md":
            yield text
        case ".html":
            yield from re.findall(r"{% comment %}(.*?){% endcomment %}", text, re.DOTALL)
        case ".css":
            yield from re.findall(r"/\*(.*?)\*/", text, re.DOTALL)
        case ".py":
            yield from (
                token.string
                for token in tokenize.generate_tokens(io.StringIO(text).readline)
                if token.type == tokenize.COMMENT
            )
            yield from (
                node.value.value
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            )


def cited_and_missing(text: str, known: set[str]) -> set[str]:
    """The files, decision records and modules that a text names and that are not among the known paths.

    A path may be cited from any folder down (`settlement/steps.py`), a module with a name that stands in it.
    """
    missing = {found for found in A_FILE.findall(text) if found not in known | NOT_OURS}
    missing |= {number for number in A_RECORD.findall(text) if f"docs/decisions/{number}" not in known}
    missing |= {found for found in A_MODULE.findall(text) if not _leads_somewhere(found, known)}
    return missing


def _leads_somewhere(dotted: str, known: set[str]) -> bool:
    """A module, whatever is named in it; or a package, with a class that it gives out."""
    path = PurePosixPath(dotted.replace(".", "/"))
    place = next(place for place in (path, *path.parents) if str(place) in known | {"."})
    rest = path.relative_to(place).parts
    return not rest or f"{place}.py" in known or rest[0][0].isupper()


def known_paths() -> set[str]:
    known = set()
    for file in tracked_files():
        parts = file.relative_to(ROOT).parts
        for end in range(1, len(parts) + 1):
            known |= {"/".join(parts[begin:end]) for begin in range(end)}
        if file.suffix == ".py":
            known.add("/".join(parts).removesuffix(".py"))
        if parts[:2] == ("docs", "decisions"):
            known.add("/".join(parts)[: len("docs/decisions/0000")])
    return known


def test_whatever_is_cited_is_there() -> None:
    known = known_paths()
    missing = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in tracked_files()
        if file.name != "CHANGELOG.md" and "migrations" not in file.parts and file != Path(__file__)
        for text in spoken_parts(file)
        for name in cited_and_missing(text, known)
    }
    assert not missing, sorted(missing)


def test_what_is_gone_is_named() -> None:
    known = {"kpi", "kpi/plans", "kpi/plans/facts", "kpi/plans/facts.py", "plans/facts.py", "facts.py"}
    said = "see kpi/facts.py, plans/facts.py, `checks.py`, kpi.plans.facts.Plan, kpi.old.Plan and docs/decisions/0099"
    assert cited_and_missing(said, known) == {"kpi/facts.py", "checks.py", "kpi.old.Plan", "0099"}
