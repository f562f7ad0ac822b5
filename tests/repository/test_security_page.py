"""docs/security.md names every module that could do harm, and none in vain."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from tests.repository.test_repository import ROOT, TEMPLATES, our_modules

PAGE = ROOT / "docs" / "security.md"
CONNECTIONS, CRYPTOGRAPHY, ONLY_THESE = "Connections", "Keys and cryptography", "What only these modules do"
LOGS, LEVELS = "What is written down", "What is worth guarding, and how much"

# What is imported → under what the page names the module.
IMPORTS = {
    CONNECTIONS: (
        "socket", "ssl", "smtplib", "ftplib", "imaplib", "telnetlib", "http.client", "urllib.request", "requests", "httpx",
        "urllib3", "asyncio", "django.core.mail",
    ),
    CRYPTOGRAPHY: (
        "hashlib", "hmac", "secrets", "uuid", "cryptography", "django.core.signing", "django.utils.crypto",
        "django.contrib.auth.hashers", "django.contrib.auth.tokens",
    ),
    "runs a program": ("subprocess", "pty", "multiprocessing", "ctypes"),
    "reads XML": ("xml", "lxml", "defusedxml", "docx"),
    "unpacks an archive": ("zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib"),
    "reads objects": ("pickle", "marshal", "shelve", "yaml", "dill"),
    "can be guessed": ("random",),
}  # fmt: skip
CALLS = {
    "runs a program": ("system", "popen", "spawnv", "spawnl", "execv", "execvp"),
    "runs text as a program": ("eval", "exec", "__import__", "compile"),
    "writes SQL": ("execute", "executemany", "raw", "RawSQL", "extra", "executescript"),
    "says that HTML is safe": ("mark_safe", "SafeString", "SafeText"),
    "imports by a name": ("import_string", "import_module"),
    "makes a template of a text": ("Template", "from_string"),
}
NOWHERE = ("reads objects", "can be guessed", "runs text as a program", "makes a template of a text")


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page."""
    part = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    (text,) = [section for section in part if section.startswith(f"{heading}\n")]
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def modules_in(cell: str) -> list[str]:
    return re.findall(r"`([\w/]+\.py)`", cell)


def named() -> dict[str, set[str]]:
    """What the page says: under which word which modules stand."""
    said: dict[str, set[str]] = defaultdict(set)
    for row in table(CONNECTIONS):
        said[CONNECTIONS].update(modules_in(row[2]))
    for row in table(CRYPTOGRAPHY):
        said[CRYPTOGRAPHY].update(modules_in(row[0]))
    for what, module, _why in table(ONLY_THESE):
        said[what].update(modules_in(module))
    return said


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{name.name}" for name in names)


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile")):
                continue
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                yield name


@cache
def trees() -> dict[str, ast.AST]:
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in our_modules()}


def does(what: str, tree: ast.AST) -> bool:
    """Whether the module imports or calls what makes it one of those."""
    imported = any(
        name == kind or name.startswith(f"{kind}.")
        for name in _imported(tree)
        for kind in IMPORTS.get(what, ())
    )
    return imported or not set(CALLS.get(what, ())).isdisjoint(_called(tree))


@pytest.mark.parametrize("what", sorted({*IMPORTS, *CALLS}))
def test_the_page_names_every_module_that_does_it_and_no_other(what: str) -> None:
    doing = {module for module, tree in trees().items() if does(what, tree)}
    assert doing == named()[what]
    assert not (doing and what in NOWHERE)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import subprocess", "runs a program"),
        ("import os\nos.system('ls')", "runs a program"),
        ("eval(text)", "runs text as a program"),
        ("from pickle import loads", "reads objects"),
        ("import urllib.request", CONNECTIONS),
        ("from urllib import request\nrequest.urlopen(x)", CONNECTIONS),
        ("from django.core import mail", CONNECTIONS),
        ("Thing.objects.raw(text)", "writes SQL"),
        ("from xml.etree import ElementTree", "reads XML"),
        ("import random", "can be guessed"),
        ("from hashlib import sha1", CRYPTOGRAPHY),
    ],
)
def test_what_is_dangerous_is_noticed(source: str, what: str) -> None:
    assert does(what, ast.parse(source))
    assert not does(what, ast.parse("import re\nre.compile('x')\nfrom urllib.parse import quote"))


@pytest.mark.parametrize("module", sorted(named()[CRYPTOGRAPHY]))
def test_only_sha_256(module: str) -> None:
    """Of digests by name, and under every HMAC."""
    for node in ast.walk(trees()[module]):
        match node:
            case ast.Attribute(value=ast.Name(id="hashlib"), attr=name):
                assert name == "sha256"
            case ast.ImportFrom(module="hashlib", names=names):
                assert [name.name for name in names] == ["sha256"]
            case ast.Call(func=ast.Name(id="salted_hmac"), keywords=keywords):
                said = {word.arg: ast.unparse(word.value) for word in keywords}
                assert said["algorithm"] == "'sha256'"


def test_no_template_says_that_something_is_safe() -> None:
    for template in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off", template.read_text()), template


def test_no_query_is_put_together_from_what_was_typed() -> None:
    """Outside the modules that write SQL for what the code declares, nothing writes SQL at all; and of these none knows a request."""
    for module in named()["writes SQL"]:
        assert "django.http" not in (ROOT / module).read_text(), module


def test_scripts_make_no_markup_of_texts_and_keep_nothing() -> None:
    """Texts become text nodes; nothing stays in the browser, comes from another window, or is run."""
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|localStorage|sessionStorage|indexedDB"
        r"|postMessage|onmessage|WebSocket|EventSource|RTCPeerConnection|__proto__|Object\.assign|document\.domain"
    )
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    assert scripts
    for script in scripts:
        assert not re.search(forbidden, script.read_text()), script.name


def test_the_policy_lets_nothing_from_outside_in() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {source for sources in directives.values() for source in sources}
    assert allowed == {"'none'", "'self'", "data:", "blob:"}
    assert directives["script-src"] == ["'self'"]


def test_every_log_and_its_place_stand_on_the_page() -> None:
    own = {
        name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "logging.getLogger"
        if (name := ast.unparse(node.args[0]).strip("'")) != "__name__"
    }
    page = PAGE.read_text()
    assert own == {"iconm_portal.audit"}
    for name in own:
        assert f"`{name}`" in page
    source = (ROOT / "iconm_portal" / "settings.py").read_text()
    handlers = set(re.findall(r'"class": "logging\.(?:handlers\.)?(\w+)"', source))
    assert handlers == {"StreamHandler", "SysLogHandler"}, "a new place for logs belongs on the page"


@pytest.mark.parametrize("heading", [LOGS, LEVELS])
def test_the_tables_that_it_names_are_there(heading: str) -> None:
    ours = {model.__name__ for model in apps.get_models()}
    words = {
        word for row in table(heading) for cell in row for word in re.findall(r"`([A-Z]\w*[a-z]\w*)`", cell)
    }
    assert words
    assert words <= ours


def test_the_limits_of_sessions_are_those_of_the_settings() -> None:
    page, source = PAGE.read_text(), (ROOT / "iconm_portal" / "settings.py").read_text()
    for name in ("SESSION_IDLE_MINUTES", "SESSION_HOURS"):
        found = re.search(rf'"{name}", default=(\d+)', source)
        assert found
        assert f"`{name}` ({found[1]})" in page


def test_what_the_page_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists(), target
    for path in set(re.findall(r"`((?:\w+/)+\w+\.py)`", PAGE.read_text())):
        assert Path(ROOT / path).exists(), path


def test_no_address_is_typed_by_people() -> None:
    """So no link of a page leads where somebody who typed it wants, by `javascript:` or otherwise."""
    for model in apps.get_models():
        assert not [field.name for field in model._meta.get_fields() if isinstance(field, models.URLField)], (
            model
        )
    typed = [module for module, tree in trees().items() if "URLField" in set(_called(tree))]
    assert typed == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-sso.lock", "requirements-dev.lock"])
def test_every_package_is_the_one_whose_bytes_were_locked(lock: str) -> None:
    """The list of all packages, also those that packages need, each with its version and digests; pip takes no other."""
    packages = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().strip(), flags=re.IGNORECASE)
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[\w.\[\]-]+==[\w.]+ \\\n", package), package[:60]
        assert "--hash=sha256:" in package, package[:60]
    assert "--require-hashes" in (ROOT / "Makefile").read_text()


def test_what_serves_has_no_package_of_the_tests() -> None:
    serving = (ROOT / "requirements.lock").read_text()
    for package in (
        "pytest",
        "hypothesis",
        "playwright",
        "mypy",
        "ruff",
        "time-machine",
        "django-debug-toolbar",
    ):
        assert f"\n{package}==" not in serving
