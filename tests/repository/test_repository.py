"""Rules that hold for the whole repository, whoever adds to it."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.core.management import call_command
from django.db import models
from django.db.models.constraints import BaseConstraint
from django.template import engines
from django.utils.functional import Promise

from iconm_portal.models import User, paired

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OUR_APPS = [config for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
OUR_MODELS = [model for config in OUR_APPS for model in config.get_models()]
ASKED_FOR_BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
"""Templates that Django looks for by itself."""

each_model = pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
each_template = pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)


def our_modules() -> Iterator[Path]:
    """The Python files of the apps, without tests and migrations."""
    for config in OUR_APPS:
        yield from (file for file in Path(config.path).rglob("*.py") if "migrations" not in file.parts)


def tracked_files() -> list[Path]:
    """What git holds and the tree still has."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# --- imports and files --------------------------------------------------------------------------


def test_imports_go_down_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_app_stands_on_a_floor_and_is_type_checked() -> None:
    on_disk = {place.parent.name for place in ROOT.glob("*/__init__.py")} - {"tests"}
    installed = {config.name for config in OUR_APPS}
    floors = PROJECT["tool"]["importlinter"]["contracts"][0]
    order = ["kpi", "finance", "agreements", "iconm_portal"]
    assert floors["layers"] == [name for name in order if name in on_disk]
    assert on_disk == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert installed == set(PROJECT["tool"]["mypy"]["packages"])


NO_SUBJECTS = {"migrations", "models", "management", "templatetags", "reference"}
"""Folders of an app that Django or the data ask for."""


@pytest.mark.parametrize("app", ["kpi", "finance", "agreements", "iconm_portal"])
def test_every_subject_has_its_layer(app: str) -> None:
    (contract,) = (
        one for one in PROJECT["tool"]["importlinter"]["contracts"] if one.get("containers") == [app]
    )
    rooms = {place.parent.name for place in (ROOT / app).glob("*/__init__.py")} - NO_SUBJECTS
    alone = {"todo"} if app == "finance" else set()
    assert set(contract["layers"]) == rooms | alone


@pytest.mark.parametrize("app", ["kpi", "finance", "agreements", "iconm_portal"])
def test_an_app_shows_its_subjects(app: str) -> None:
    shown = [place for place in (ROOT / app).iterdir() if place.name != "__pycache__"]
    assert len(shown) <= 18, sorted(place.name for place in shown)


def test_a_room_is_small_enough_to_know() -> None:
    """One with more than about fifteen modules becomes two subjects, or gets inner rooms."""
    rooms: dict[Path, int] = {}
    for file in our_modules():
        rooms[file.parent] = rooms.get(file.parent, 0) + (file.name != "__init__.py")
    assert {str(room.relative_to(ROOT)): number for room, number in rooms.items() if number > 15} == {}


def test_modules_are_named_for_their_subject() -> None:
    assert [
        file for file in our_modules() if file.stem in {"utils", "helpers", "services", "common", "misc"}
    ] == []


def test_only_the_clock_knows_what_day_it_is() -> None:
    asks = re.compile(r"\bdate\.today\(|\bdatetime\.now\(|\blocaldate\(|\blocaltime\(\)")
    assert [
        str(file) for file in our_modules() if file.name != "clock.py" and asks.search(file.read_text())
    ] == []


def test_nothing_in_git_is_a_bundle() -> None:
    bundles = [
        str(file.relative_to(ROOT))
        for file in tracked_files()
        if (file.stat().st_size > 300_000 and file.suffix != ".po")  # the catalogue is ours, text by text
        or ".min." in file.name
        or (file.suffix in {".js", ".css"} and max(map(len, file.read_text().splitlines()), default=0) > 1000)
    ]
    assert bundles == []


# --- the database -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def own_constraints(model: type[models.Model]) -> list[BaseConstraint]:
    return list(model._meta.constraints)


@each_model
def test_every_constraint_has_a_message_that_a_user_can_read(model: type[models.Model]) -> None:
    silent = [
        constraint.name
        for constraint in own_constraints(model)
        if not isinstance(constraint.violation_error_message, Promise)
        or constraint.violation_error_message == BaseConstraint.default_violation_error_message
    ]
    assert silent == []


@each_model
def test_constraints_and_indexes_are_named_for_their_app(model: type[models.Model]) -> None:
    names = [part.name for part in (*own_constraints(model), *model._meta.indexes)]
    assert [name for name in names if not name.startswith(f"{model._meta.app_label}_")] == []
    assert [name for name in names if len(name) > 63] == [], "PostgreSQL would cut the name"


@each_model
def test_a_time_and_its_person_come_in_pairs(model: type[models.Model]) -> None:
    fields = {field.name: field for field in model._meta.concrete_fields}
    conditions = [
        part.condition for part in own_constraints(model) if isinstance(part, models.CheckConstraint)
    ]
    for name, field in fields.items():
        stem = name[:-3]
        if name.endswith("_by"):
            assert f"{stem}_at" in fields, f"{name} without its time"
            # Reference data names its source instead of a person.
            or_source = models.Q(**{f"{name}__isnull": False}) | ~models.Q(source="")
            assert {paired(stem, "any").condition, or_source} & set(conditions), f"{stem} is not constrained"
        elif name.endswith("_at") and f"{stem}_by" not in fields:
            # A row's own time stamp, set by the portal itself.
            assert (field.editable, field.null) == (False, False), f"{name} without its person"


@each_model
def test_people_are_never_deleted_along(model: type[models.Model]) -> None:
    to_people = [field for field in model._meta.concrete_fields if field.related_model is User]
    for field in to_people:
        assert field.remote_field.on_delete in {models.PROTECT, models.RESTRICT}, field.name


def names_in(condition: models.Q) -> Iterator[str]:
    """Every lookup that a condition asks."""
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from names_in(child)
        elif isinstance(child, tuple):
            yield child[0]


@each_model
def test_choices_are_kept_by_the_database_too(model: type[models.Model]) -> None:
    checks = [part.condition for part in own_constraints(model) if isinstance(part, models.CheckConstraint)]
    kept = {name for condition in checks if isinstance(condition, models.Q) for name in names_in(condition)}
    with_choices = [field.name for field in model._meta.concrete_fields if field.choices]
    assert [name for name in with_choices if f"{name}__in" not in kept] == []


# --- templates and static files -----------------------------------------------------------------


def is_an_override(name: str) -> bool:
    """Whether a package has a template of this name, which ours replaces."""
    places = [
        Path(place) for loader in engines["django"].engine.template_loaders for place in loaders_dirs(loader)
    ]
    return any((place / name).is_file() for place in places if place != TEMPLATES)


def loaders_dirs(loader: object) -> Iterator[Path]:
    """The folders of a template loader, or of those inside it (the caching one)."""
    for inner in getattr(loader, "loaders", [loader]):
        yield from inner.get_dirs()


def test_every_template_is_used() -> None:
    sources = [
        *our_modules(),
        *TEMPLATES.rglob("*.html"),
        *TEMPLATES.rglob("*.txt"),
        Path(auth_views.__file__),
    ]
    text = "\n".join(file.read_text() for file in sources)
    names = {file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*") if file.is_file()}
    unused = {name for name in names if f'"{name}"' not in text and f"'{name}'" not in text}
    assert {name for name in unused - ASKED_FOR_BY_NAME if not is_an_override(name)} == set()


LINE_OF_A_TEMPLATE = 120
"""Characters, as in the Makefile's djangofmt."""
NO_PLACE_TO_BREAK = re.compile(
    r"""
    \{%(?:(?!%\}).)*%\}            # one tag of Django's,
    | \{\#(?:(?!\#\}).)*\#\}       # one comment,
    | <[^<>]*>                     # one tag of HTML,
    | [\w:-]+="[^"]*"              # or one attribute
    """,
    re.VERBOSE,
)


@each_template
def test_no_line_of_a_template_is_longer_than_it_must_be(template: Path) -> None:
    lines = enumerate(template.read_text().splitlines(), start=1)
    assert [
        (number, line.strip())
        for number, line in lines
        if len(line) > LINE_OF_A_TEMPLATE and not NO_PLACE_TO_BREAK.fullmatch(line.strip())
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        """{% blocktranslate trimmed with year=report.fiscal_year|fiscal_year %}""",
        """href="{% url 'kpi:report' center=center.code year=report.fiscal_year report=report.pk %}\"""",
        """<p class="meta">""",
    ],
)
def test_a_line_of_one_tag_has_no_place_to_break(line: str) -> None:
    assert NO_PLACE_TO_BREAK.fullmatch(line)


@pytest.mark.parametrize(
    "line",
    [
        """{% if parent %}{{ parent.title }}{% endif %}""",
        """<p class="meta">{{ title }}</p>""",
        """class="meta" lang="ja\"""",
        """{% translate "Term" %}{% translate ": " context "between label and message" %}""",
    ],
)
def test_a_line_of_several_tags_can_be_broken(line: str) -> None:
    assert not NO_PLACE_TO_BREAK.fullmatch(line)


FORBIDDEN_IN_TEMPLATES = {
    "inline script": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "inline style": r"<style\b|\sstyle\s*=",
    "inline handler": r"\son[a-z]+\s*=\s*[\"']",
    "script in an address": r"javascript:",
    "fetched from outside": r"\b(?:src|srcset|poster|data|action|formaction)\s*=\s*[\"']?\s*(?:https?:)?//",
    "style sheet from outside": r"<link\b[^>]*href\s*=\s*[\"']?\s*(?:https?:)?//",
}
MARKED_SAFE_BY_HAND = re.compile(r"\|\s*safe\b|\{%\s*autoescape off")


@each_template
def test_templates_obey_the_content_security_policy(template: Path) -> None:
    source = re.sub(
        r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template.read_text(), flags=re.DOTALL
    )
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source)  # `style=` may well be an argument of a tag
    found = {name for name, rule in FORBIDDEN_IN_TEMPLATES.items() if re.search(rule, markup, re.IGNORECASE)}
    assert found == set()
    assert not MARKED_SAFE_BY_HAND.search(source)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<script>go()</script>", "inline script"),
        ('<p class="a" style="color: red">', "inline style"),
        ('<a onclick="go()">', "inline handler"),
        ('<img src="//example.org/a.png">', "fetched from outside"),
        ('<link rel="stylesheet" href="https://example.org/a.css">', "style sheet from outside"),
    ],
)
def test_what_the_policy_forbids_is_noticed(line: str, name: str) -> None:
    assert re.search(FORBIDDEN_IN_TEMPLATES[name], line, re.IGNORECASE)


def test_what_the_policy_allows_is_not_noticed() -> None:
    fine = '<script src="{% static "a.js" %}" defer></script><svg xmlns="http://www.w3.org/2000/svg"><a href="https://a.jp">'
    assert not [name for name, pattern in FORBIDDEN_IN_TEMPLATES.items() if re.search(pattern, fine)]


def test_static_files_name_no_other_host() -> None:
    outside = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+/|@import\b")
    files = [file for suffix in ("css", "js", "svg") for file in (ROOT / "static").rglob(f"*.{suffix}")]
    assert [str(file) for file in files if outside.search(file.read_text())] == []


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/how-to").glob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Files and folders in backticks, and the pages that it leads to; `<app>` stands for any name."""
    text = page.read_text()
    places = [place for place in re.findall(r"`([^`\s]+)`", text) if is_place(place)]
    assert [place for place in places if not is_there(place)] == []
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def is_place(text: str) -> bool:
    """Whether a text in backticks names a file or a folder; addresses, and what a machine makes for itself, do not."""
    is_made = text.startswith(("/", "var/", ".venv", "locale/ja/LC_MESSAGES/django.mo")) or "://" in text
    is_file = re.search(r"[a-z_>]\.(py|md|html|csv|toml|txt|po|css|js)$", text)
    return not is_made and bool(is_file or re.fullmatch(r"[\w.<>-]+/[\w./<>-]*", text))


def is_there(place: str) -> bool:
    """From the root of the repository, or at the end of some path, as with a file's name alone."""
    return any(path.match(re.sub(r"<\w+>", "*", place)) for path in files_and_folders())


@cache
def files_and_folders() -> set[Path]:
    files = tracked_files()
    return {*files, *(folder for file in files for folder in file.parents)}
