"""Builders of jobs and of tables to upload."""

import io
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils import translation
from openpyxl import Workbook

from iconm_portal.forms import files
from iconm_portal.forms.inspection.inspecting import CheckedFile, inspect
from iconm_portal.forms.inspection.kinds import ALL
from iconm_portal.forms.inspection.refusals import EVIDENCE
from iconm_portal.imports import texts
from iconm_portal.imports.reading import findings
from iconm_portal.models import Center, ImportState, Job, JobState, TableImport, User, WaitingFile
from iconm_portal.values import clock


def looked_at(file: UploadedFile) -> CheckedFile:
    """As a field lets it in."""
    return inspect(file, ALL, EVIDENCE)


def make_job(center: Center, *, by: User, state: str = JobState.DONE, **fields: Any) -> Job:
    """A job that made a file."""
    made = wait(center, by=by)
    return Job.objects.create(
        center=center,
        **{
            "kind": "test.nothing",
            "title": "作業",
            "state": state,
            "requested_by": by,
            "requested_at": clock.now(),
            "result": made,
            **fields,
        },
    )


def wait(center: Center, *, by: User, name: str = "made.txt", **fields: Any) -> WaitingFile:
    """A file that waits for a week."""
    at = clock.now()
    checked = CheckedFile(name, "text/plain", b"made")
    return files.wait(checked, center=center, by=by, **{"at": at, "until": at + timedelta(days=7), **fields})


def make_import(center: Center, *, by: User, **fields: Any) -> TableImport:
    """A checked import of ledger entries, without rows."""
    what = {"kind": "finance.entries", "state": ImportState.CHECKED, "uploaded_by": by, **fields}
    waiting = wait(center, by=by, name="made.csv") if ImportState(what["state"]).may_be_applied else None
    return TableImport.objects.create(
        center=center,
        name="made.csv",
        sha256="0" * 64,
        waiting=waiting,
        params={"summary": {"groups": []}},
        **what,
    )


def workbook(rows: Iterable[Sequence[Any]]) -> bytes:
    """An .xlsx file with these rows."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsx(rows: Iterable[Sequence[Any]], *, name: str = "table.xlsx") -> SimpleUploadedFile:
    """The same as somebody uploads it."""
    return SimpleUploadedFile(name, workbook(rows))


def csv_file(text: str, *, name: str = "table.csv", encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def amounts(table: TableImport) -> list[str]:
    return [row.values.get("amount", "") for row in table.rows.all()]


def book(*sheets: tuple[str, list[list[Any]]], name: str = "table.xlsx") -> tuple[Workbook, str]:
    made = Workbook()
    assert made.active is not None
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return made, name


def saved(made: tuple[Workbook, str]) -> SimpleUploadedFile:
    file = io.BytesIO()
    made[0].save(file)
    return SimpleUploadedFile(made[1], file.getvalue())


def refusal(table: TableImport) -> str:
    """Why the file was not read, in English."""
    assert table.refusal
    with translation.override("en"):
        return texts.refusal(table.refusal["code"], table.refusal["params"])


def notes(table: TableImport) -> list[str]:
    """What the page says of the file before it is applied, in English."""
    with translation.override("en"):
        return list(findings.notes(table.params["read"]))


def problems(table: TableImport) -> list[tuple[int, str, str]]:
    """(row, column, what is wrong in English)."""
    with translation.override("en"):
        return [
            (row.number, one["column"], texts.problem(one))
            for row in table.rows.filter(has_problem=True)
            for one in row.problems
        ]
