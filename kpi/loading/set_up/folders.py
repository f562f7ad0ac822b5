"""A center's folder of CSV files: is it whole, is it of this version, and what its codes of sources stand for.

`set-up.csv` is the folder's list of contents (center, version, file): an export has one, and what it names must be there. A
folder that was made by hand need not have it. `sources.csv` says what the codes under `source` stand for.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.instruments import sources as agreement_sources
from iconm_portal.imports.reference_files import Loader, LoadResult
from iconm_portal.imports.reference_lines import BadFile, CsvFolders, Problem, ReferenceLine, TableFiles
from kpi.loading.reference import ALL_TABLES, load_from
from kpi.plans import sources as plan_sources

CONTENTS, SOURCES, CENTERS = "set-up.csv", "sources.csv", "centers.csv"
VERSION = "1"
"""Of the tables: their files and columns. Another one is refused."""

TABLE_FILES = tuple(dict.fromkeys(part for table in ALL_TABLES for part in (table.file, *table.with_files)))
"""The names of all files of tables, in the order in which they are read."""


def load(folder: Path) -> LoadResult:
    """The center of a folder into the database, all of it or nothing. BadFile with everything that is wrong."""
    if not folder.is_dir():
        raise BadFile(_wrong(str(folder), _("There is no such folder.")))
    files = CsvFolders(folder)
    check_whole(files)
    return load_from(Sourced(files), Loader())


def check_whole(files: TableFiles) -> None:
    """BadFile where tables are missing or strange, or of another center or version than the folder."""
    names = files.names
    known = {CONTENTS, SOURCES, *TABLE_FILES}
    problems = [
        _wrong(name, _("Nothing reads a file of this name. Files have the names of an export."))
        for name in names
        if name not in known
    ]
    if CENTERS not in names:
        problems.append(_wrong(CENTERS, _("The file is missing.")))
    elif CONTENTS in names:
        problems += _contents_problems(files)
    if CENTERS in names and len(list(files.lines(CENTERS))) != 1:
        problems.append(_wrong(CENTERS, _("A folder is that of one center.")))
    if problems:
        raise BadFile(*problems)


def _contents_problems(files: TableFiles) -> Iterator[Problem]:
    center = next((line.cells.get("code", "") for line in files.lines(CENTERS)), "")
    for line in files.lines(CONTENTS):
        if line.cell("version") != VERSION:
            yield line.problem(
                _("The tables are of version %(found)s; this portal reads version %(version)s."),
                "version",
                found=line.cell("version") or "?",
                version=VERSION,
            )
        if line.cell("center") != center:
            yield line.problem(
                _("The table is of the center “%(found)s”, not of “%(center)s”."),
                "center",
                found=line.cell("center"),
                center=center,
            )
        if line.cell("file") not in files.names:
            yield _wrong(line.cell("file"), _("The file is missing."))


def _wrong(file: str, message: Any) -> Problem:
    return Problem(file, 0, "", ValidationError(message))


@dataclass(frozen=True)
class Sourced:
    """Tables whose codes of sources are those that this portal has words for; others are put into their own words.

    A code stands for what the folder's own `sources.csv` says. Where the portal's says the same, the code is kept.
    """

    files: TableFiles

    @property
    def names(self) -> Collection[str]:
        return self.files.names

    def title(self, name: str) -> str:
        return self.files.title(name)

    def lines(self, name: str) -> Iterator[ReferenceLine]:
        for line in self.files.lines(name):
            if said := line.cells.get("source"):
                yield line._replace(cells={**line.cells, "source": self._in_words(said)})
            else:
                yield line

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """By code; only of codes that mean something else here, or nothing."""
        if SOURCES not in self.files.names:
            return {}
        known = {**agreement_sources.TITLES.titles, **plan_sources.TITLES.titles}
        found = {}
        for line in self.files.lines(SOURCES):
            document, title = line.cell("document"), line.cell("title")
            if known.get(line.cell("code")) != (document, title):
                found[line.cell("code")] = f"{document} {title}".strip()
        return found

    def _in_words(self, source: str) -> str:
        return "・".join(self._words.get(code, code) for code in source.split("・"))
