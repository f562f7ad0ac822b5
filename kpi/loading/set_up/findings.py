"""What the check of a set-up workbook found, as it is kept beside it, and as its pages show it in the reader's language.

A check tries the workbook and takes all of it back, so that it finds just what applying would.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from iconm_portal.imports.reference_files import Difference, Loader, Outcome
from iconm_portal.imports.reference_lines import BadFile, Problem
from iconm_portal.models import SetUp
from kpi.loading.reference import load_from
from kpi.loading.set_up.export import BY_MODEL
from kpi.loading.set_up.reading import SetUpWorkbook
from kpi.loading.set_up.sheets import Sheet, sheets

MOST_ROWS: Final = 300
"""Of a sheet are shown as they will be; the counts are of all."""
MOST_PROBLEMS: Final = 200
Kept = dict[str, Any]


def check(set_up: SetUp) -> Kept:
    """What applying would do now, without doing it."""
    with transaction.atomic():
        kept = apply(set_up)
        transaction.set_rollback(True)
    return kept


def apply(set_up: SetUp) -> Kept:
    """Put in what the workbook has and the center has not. Where anything is wrong, the findings say so and nothing is in."""
    loader = Loader(center=set_up.center, source=set_up.source_words)
    try:
        with SetUpWorkbook(set_up.data, set_up.name, set_up.center) as tables:
            load_from(tables, loader)
            return _as_kept(loader, tables)
    except BadFile as bad:
        return {
            "problems": [_as_told(one) for one in bad.problems[:MOST_PROBLEMS]],
            "count": len(bad.problems),
        }


def _as_told(problem: Problem) -> Kept:
    """In every language, since whoever reads it may have another than whoever sent it."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = problem.text
    return {
        "sheet": problem.file,
        "row": problem.row,
        "cell": problem.cell,
        "column": problem.column,
        "texts": texts,
    }


def _as_kept(loader: Loader, tables: SetUpWorkbook) -> Kept:
    kept: list[Kept] = []
    for sheet in sheets():
        if sheet.file not in tables.names:
            continue
        counts = dict.fromkeys(map(str, Outcome), 0)
        rows: list[Kept] = []
        title = tables.title(sheet.file)
        for line in tables.lines(sheet.file):
            outcome = loader.result.outcomes.get((title, line.number), Outcome.IDENTICAL)
            counts[str(outcome)] += 1
            if len(rows) < MOST_ROWS:
                rows.append({"row": line.number, "cells": dict(line.cells), "outcome": str(outcome)})
        if rows:
            kept.append({"file": sheet.file, "counts": counts, "rows": rows})
    return {
        "problems": [],
        "count": 0,
        "sheets": kept,
        "differences": [_as_difference(one) for one in loader.result.differences],
        "added": sum(one["counts"][str(Outcome.ADDED)] for one in kept),
    }


def _as_difference(one: Difference) -> Kept:
    return {
        "file": BY_MODEL[one.model].file if one.model in BY_MODEL else "",
        "codes": "/".join(map(str, one.codes)),
        "fields": {name: list(texts) for name, texts in one.fields.items()},
    }


# -- As pages show it --


@dataclass(frozen=True)
class ProblemShown:
    """A problem with its place: 計画 B7."""

    place: str
    column: str
    text: str


@dataclass(frozen=True)
class SheetShown:
    """A sheet with what becomes of its rows."""

    file: str
    title: str
    added: int
    identical: int
    differing: int

    @property
    def name(self) -> str:
        """What its address has."""
        return self.file.removesuffix(".csv")


@dataclass(frozen=True)
class DifferenceShown:
    """What is there otherwise and stays: the sheet, the row's codes, and by column what is stored and what the file says."""

    title: str
    codes: str
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class RowShown:
    """A row as it was understood, in words."""

    number: int
    outcome: Outcome
    cells: Sequence[tuple[str, str]]
    """Each with its heading."""

    @property
    def word(self) -> str:
        """What becomes of it."""
        return OUTCOMES[self.outcome]()


OUTCOMES: Final = {
    Outcome.ADDED: lambda: _("new"),
    Outcome.IDENTICAL: lambda: _("there already"),
    Outcome.DIFFERS: lambda: _("differs; stays as it is"),
}


def is_checked(set_up: SetUp) -> bool:
    """Whether the check is done."""
    return bool(set_up.findings)


def problems(set_up: SetUp) -> list[ProblemShown]:
    """What is wrong, in the order of the sheets."""
    language = get_language() or "ja"
    return [
        ProblemShown(_place(one), _column(one), one["texts"].get(language) or one["texts"]["ja"])
        for one in set_up.findings.get("problems", ())
    ]


def _place(one: Mapping[str, Any]) -> str:
    if one["cell"]:
        return f"{one['sheet']} {one['cell']}"
    return _("%(sheet)s row %(row)s") % one if one["row"] else str(one["sheet"])


def _column(one: Mapping[str, Any]) -> str:
    sheet = next((sheet for sheet in sheets() if one["sheet"] in sheet.titles), None)
    return _label(sheet, one["column"]) if sheet else ""


def _label(sheet: Sheet, key: str) -> str:
    return next((column.label for column in sheet.columns if column.key == key), "")


def counted(set_up: SetUp) -> list[SheetShown]:
    """The sheets that hold anything."""
    by_file = {sheet.file: sheet for sheet in sheets()}
    return [
        SheetShown(
            one["file"],
            by_file[one["file"]].title,
            *(one["counts"][str(outcome)] for outcome in (Outcome.ADDED, Outcome.IDENTICAL, Outcome.DIFFERS)),
        )
        for one in set_up.findings.get("sheets", ())
    ]


def differences(set_up: SetUp) -> list[DifferenceShown]:
    """What is otherwise in the portal, and stays so."""
    by_file = {sheet.file: sheet for sheet in sheets()}
    found = []
    for one in set_up.findings.get("differences", ()):
        sheet = by_file.get(one["file"])
        fields = [
            ((_label(sheet, name) if sheet else "") or name, stored, read)
            for name, (stored, read) in one["fields"].items()
        ]
        found.append(DifferenceShown(sheet.title if sheet else "", one["codes"], fields))
    return found


def rows(set_up: SetUp, name: str) -> tuple[Sheet, list[str], list[RowShown]] | None:
    """A sheet's headings and rows; None where the workbook has none of that name."""
    kept = next((one for one in set_up.findings.get("sheets", ()) if one["file"] == f"{name}.csv"), None)
    if kept is None:
        return None
    sheet = next(sheet for sheet in sheets() if sheet.file == kept["file"])
    filled = [column for column in sheet.columns if any(row["cells"].get(column.key) for row in kept["rows"])]
    shown = [
        RowShown(
            row["row"],
            Outcome(row["outcome"]),
            [
                (column.label, column.choices.get(text := row["cells"].get(column.key, ""), text))
                for column in filled
            ],
        )
        for row in kept["rows"]
    ]
    return sheet, [column.label for column in filled], shown


def summary(set_up: SetUp) -> str:
    """One sentence on what was found."""
    if set_up.waiting_id is None and set_up.file_id is None:
        return _("Nobody put it forward in time, so its file is gone. Upload it again.")
    if not is_checked(set_up):
        return _("The workbook is being checked.")
    if count := set_up.findings["count"]:
        return ngettext(
            "%(count)s place is to be corrected. Nothing of the workbook is taken.",
            "%(count)s places are to be corrected. Nothing of the workbook is taken.",
            count,
        ) % {"count": f"{count:,}"}
    if not (added := set_up.findings["added"]):
        return _("Everything in the workbook is there already. There is nothing to add.")
    if set_up.is_confirmed:
        said = ngettext("%(count)s row was added.", "%(count)s rows were added.", added)
    else:
        said = ngettext("%(count)s row would be added.", "%(count)s rows would be added.", added)
    return said % {"count": f"{added:,}"}


def added_by_sheet(kept: Kept) -> Iterator[tuple[str, int]]:
    """For the history: how many rows each sheet adds."""
    for one in kept.get("sheets", ()):
        if number := one["counts"][str(Outcome.ADDED)]:
            yield one["file"].removesuffix(".csv"), number
