"""The Japanese message catalogue: what the code says in English, and how it reads in Japanese.

Babel reads and compiles it, because gettext's own tools need not be installed. The file carries no line
numbers and no dates, and its entries stand in alphabetical order: a change of one text is a change of one entry.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "ja"
ROOT = Path(settings.BASE_DIR)
PO_FILE = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
NOT_SHOWN = {"tests", "migrations", "locale", "var", "static"}
"""Folders whose texts no user reads."""

TEMPLATE_SUFFIXES = {".html", ".txt", ".svg"}

_CONTEXT_SECOND = ((1, "c"), 2)
_CONTEXT_AND_PLURAL = ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT_SECOND),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _CONTEXT_AND_PLURAL),
}

# Texts of packages that have no Japanese, as far as a user of the portal can meet them; and one whose Japanese does
# not say what to do.
EXTRA_MSGIDS = {
    "Account locked: too many login attempts. Please try again later.": "axes/conf.py",
    "Access lock out": "axes/models.py",
    "That page number is not an integer": "django_tables2/paginators.py",
    "That page number is less than 1": "django_tables2/paginators.py",
    "That page contains no results": "django_tables2/paginators.py",
    "This field is required.": "django/forms/fields.py",
    "Select a lookup.": "django_filters/fields.py",
    "Range query expects two values.": "django_filters/fields.py",
    "Multiple values may be separated by commas.": "django_filters/filters.py",
    "%s (descending)": "django_filters/filters.py",
    "Ordering": "django_filters/filters.py",
    "Unknown": "django_filters/widgets.py",
    "Yes": "django_filters/widgets.py",
    "No": "django_filters/widgets.py",
}

HEADER = f"""\
# The texts of the portal in Japanese. Kept in order by `manage.py catalogue --update`.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""

KANA = re.compile(r"[\u3040-\u30ff]")
KANJI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
JAPANESE_MARKS = re.compile("[「」『』、。：；（）！？【】〔〕\u3000]")
LATIN = re.compile(r"[A-Za-z]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(?<!%)(?:%%)*(%[sd])|\{(\w*)\}")


@dataclass(frozen=True)
class Problem:
    """Something wrong with one text, in words."""

    text: str
    what: str

    def __str__(self) -> str:
        return f"{self.what}: {self.text!r}"


# --- what the code says -------------------------------------------------------------------------


def shown_files(root: Path) -> Iterator[Path]:
    """Python modules and templates whose texts users may read, in order of path."""
    packages = [place.parent for place in root.glob("*/__init__.py")]
    folders = [folder for folder in (*packages, root / "templates") if folder.name not in NOT_SHOWN]
    for folder in sorted(folders):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", *TEMPLATE_SUFFIXES} and not NOT_SHOWN & set(
                file.relative_to(root).parts[:-1]
            ):
                yield file


def as_python(source: str, origin: str) -> str:
    """A template as lines of gettext calls (Django's own reading of it), fit for a reader of Python."""
    return "\n".join(line.strip() for line in templatize(source, origin=origin).splitlines())


def messages_in(file: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """Each msgid (a pair where there is a plural) of a file, with its context."""
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        source = as_python(source, str(file))
    for _line, text, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield cast("str | tuple[str, str]", text), context


def extracted(root: Path = ROOT) -> Catalog:
    """Everything that the code says, untranslated."""
    catalog = Catalog(locale=LANGUAGE)
    for extra in EXTRA_MSGIDS:
        catalog.add(extra)
    for file in shown_files(root):
        for text, context in messages_in(file):
            catalog.add(text, context=context)
    return catalog


# --- the file -----------------------------------------------------------------------------------


def read(po_file: Path = PO_FILE) -> Catalog:
    """The catalogue, or a fragment of one; an empty one where there is no file yet."""
    if not po_file.exists():
        return Catalog(locale=LANGUAGE)
    with po_file.open("rb") as stream:
        return read_po(stream, locale=LANGUAGE, charset="utf-8")


def entries(catalog: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalog if message.id]


def write(catalog: Catalog, po_file: Path = PO_FILE) -> None:
    """Write it in its one canonical form, without obsolete entries."""
    for message in entries(catalog):
        message.auto_comments.clear()
    text = io.BytesIO()
    write_po(
        text, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    po_file.parent.mkdir(parents=True, exist_ok=True)
    po_file.write_text(HEADER + text.getvalue().decode().lstrip("\n"), encoding="utf-8")


def compile_to_mo(po_file: Path = PO_FILE) -> Path:
    """Write the .mo beside the .po, in one step: a running server may be reading the old one."""
    mo_file = po_file.with_suffix(".mo")
    new = mo_file.with_name(f"{mo_file.name}.{os.getpid()}")
    with new.open("wb") as stream:
        write_mo(stream, read(po_file))
    new.replace(mo_file)
    return mo_file


def is_stale(po_file: Path = PO_FILE) -> bool:
    """Whether the .mo is missing or older than its .po."""
    mo_file = po_file.with_suffix(".mo")
    return not mo_file.exists() or mo_file.stat().st_mtime < po_file.stat().st_mtime


# --- keeping it ---------------------------------------------------------------------------------


def translations(message: Message) -> list[str]:
    """The translated forms that are there; Japanese has one, whatever the number."""
    forms = [message.string] if isinstance(message.string, str) else message.string or ()
    return [form for form in forms if form]


def singular(message: Message) -> str:
    """The msgid that a message is known by."""
    return message.id if isinstance(message.id, str) else message.id[0]


def same(catalog: Catalog, message: Message) -> Message | None:
    """The catalogue's entry for another catalogue's message."""
    return catalog.get(singular(message), message.context)


def translated(message: Message, by: Message | None) -> str | list[str]:
    """The translation that `by` has for a message, in the shape (a text, or a list of one) that it needs."""
    text = next(iter(translations(by)), "") if by is not None else ""
    return text if isinstance(message.id, str) else [text]


def merge(fragments: Iterable[Path], po_file: Path = PO_FILE) -> list[Problem]:
    """Take the translations of small .po files into the catalogue; what it has already, it keeps.

    Returns the entries for which a fragment says something else than the catalogue or an earlier fragment.
    """
    catalog, problems = read(po_file), []
    for fragment in fragments:
        for message in entries(read(fragment)):
            known = same(catalog, message)
            if known is not None and not translations(known):
                known.string = translated(known, message)  # Catalog.add() would keep the empty one
            elif known is None:
                catalog.add(
                    message.id, message.string, flags=message.flags - {"fuzzy"}, context=message.context
                )
            elif translations(message) and translations(known) != translations(message):
                said, kept = translations(message)[0], translations(known)[0]
                problems.append(Problem(singular(message), f"{fragment.name} says {said!r}, kept {kept!r}"))
    write(catalog, po_file)
    return problems


def update(po_file: Path = PO_FILE, root: Path = ROOT) -> list[Problem]:
    """Make the catalogue hold exactly what the code says, keeping translations. Returns what was dropped."""
    known, current = read(po_file), extracted(root)
    for message in entries(current):
        before = same(known, message)
        message.string = translated(message, before)
        message.user_comments = list(before.user_comments) if before else []
        if before is not None and before.fuzzy:
            message.flags.add("fuzzy")
    dropped = [message for message in entries(known) if same(current, message) is None]
    write(current, po_file)
    return [Problem(singular(message), "dropped, the code does not say it") for message in dropped]


# --- what is wrong with it ----------------------------------------------------------------------


def placeholders(text: str) -> list[str]:
    """The places in a text where values go, in order of name."""
    return sorted(match[0].lstrip("%") if match[2] else match[0] for match in PLACEHOLDER.finditer(text))


def is_english(msgid: str) -> bool:
    """Whether a msgid is English; it may show how a date is written (令和6年3月31日), but not say it in Japanese."""
    return not KANA.search(msgid) and len(KANJI.findall(msgid)) <= len(LATIN.findall(msgid))


def problems_of(message: Message) -> Iterator[Problem]:
    """What is wrong with one translated message by itself."""
    forms = [message.id] if isinstance(message.id, str) else list(message.id)
    if not all(map(is_english, forms)):
        yield Problem(forms[0], "msgid is not English")
    if any(map(JAPANESE_MARKS.search, forms)):
        yield Problem(forms[0], "msgid has Japanese brackets or stops")
    if message.fuzzy:
        yield Problem(forms[0], "translation is marked fuzzy")
    if not translations(message):
        yield Problem(forms[0], "not translated")
    for form in translations(message):
        if placeholders(form) != placeholders(forms[-1]):
            yield Problem(forms[0], f"placeholders differ in {form!r}")
        if form.startswith("\n") != forms[0].startswith("\n") or form.endswith("\n") != forms[0].endswith(
            "\n"
        ):
            yield Problem(forms[0], "line breaks at its ends differ")


def check(po_file: Path = PO_FILE, root: Path = ROOT) -> list[Problem]:
    """Everything that keeps the catalogue from being complete and true to the code."""
    known, current = read(po_file), extracted(root)
    problems = [
        Problem(singular(message), "missing") for message in entries(current) if same(known, message) is None
    ]
    for message in entries(known):
        said = same(current, message)
        if said is None:
            problems.append(Problem(singular(message), "obsolete, the code does not say it"))
        elif isinstance(said.id, str) != isinstance(message.id, str):
            problems.append(Problem(singular(message), "has a plural in one place only; run --update"))
        problems.extend(problems_of(message))
    return problems
