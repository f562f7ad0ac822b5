"""The page of an import as values: what was read, what is wrong with it by cell, what applying would do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Page, Paginator

from iconm_portal.imports import texts
from iconm_portal.imports.importing import same_file
from iconm_portal.imports.reading import findings
from iconm_portal.imports.specs import Description, ReadRow, Spec, spec_of
from iconm_portal.imports.table_reader import Column
from iconm_portal.models import ImportRow, ImportState, TableImport

PROBLEM_ROWS: Final = 50
FIRST_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A cell and what is wrong with it."""

    place: str
    found: str  # what stands in it
    text: str
    is_error: bool
    about: str = ""  # what its row is about, for a kind that says so


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it was understood; cells in the order of the columns, with whether they are figures."""

    number: str
    cells: tuple[tuple[str, bool], ...]
    has_problem: bool


@dataclass(frozen=True, slots=True)
class Twin:
    """Another import of the same file."""

    table: TableImport
    by: str
    at: datetime
    applied: bool


@dataclass(frozen=True)
class Preview:
    """Everything that the page shows."""

    table: TableImport
    spec: Spec
    refusal: str
    description: Description
    problems: tuple[ShownProblem, ...]
    page: Page[ImportRow] | None
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[ShownRow, ...]
    twins: tuple[Twin, ...]
    not_read: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: int
    is_at_work: bool
    is_stopped: bool

    @property
    def can_apply(self) -> bool:
        return (
            self.table.state == ImportState.CHECKED and not self.table.problem_count and not self.is_at_work
        )

    @property
    def can_discard(self) -> bool:
        is_open = self.table.state.may_be_discarded
        return is_open and not (self.is_at_work and self.table.state == ImportState.CHECKED)

    @property
    def is_repeated(self) -> bool:
        """Whether the same file has been applied, so that applying this one has to be meant."""
        return any(twin.applied for twin in self.twins)


def load(table: TableImport, page_number: str | None = None) -> Preview:
    """A fixed number of queries, however long the table is. `table` comes with its file, people and job."""
    spec, read = spec_of(table), table.params.get("read", {})
    is_open = table.state == ImportState.CHECKED
    problem_rows = Paginator(table.rows.filter(has_problem=True), PROBLEM_ROWS)
    page = problem_rows.get_page(page_number) if is_open else None
    return Preview(
        table=table,
        spec=spec,
        refusal=texts.refusal(table.refusal["code"], table.refusal["params"]) if table.refusal else "",
        description=spec.describe(table) if "summary" in table.params else Description(),
        problems=tuple(problems(spec.columns, read, page.object_list)) if page else (),
        page=page,
        headings=tuple((column.heading, column.parse.numeric) for column in spec.columns),
        rows=tuple(_row(spec, read, row) for row in table.rows.all()[:FIRST_ROWS]) if is_open else (),
        twins=tuple(map(_twin, same_file(table))) if is_open else (),
        not_read=tuple(read.get("not_read", ())),
        notes=tuple(findings.notes(read)),
        warnings=table.params.get("summary", {}).get("warnings", 0),
        is_at_work=table.job is not None and table.job.state.is_at_work,
        is_stopped=_has_stopped(table),
    )


def _has_stopped(table: TableImport) -> bool:
    """Whether nobody reads it any more although it was not finished."""
    if table.state != ImportState.READING:
        return False
    return table.job is None or table.job.state.may_begin_again


def problems(
    columns: Sequence[Column], read: Mapping[str, Any], rows: Iterable[ReadRow | ImportRow]
) -> list[ShownProblem]:
    """In the order of the cells. `read` says where the columns stand: their "letters" and "headings"."""
    by_key = {column.key: column for column in columns}
    order = {key: place for place, key in enumerate(by_key)}
    return [
        ShownProblem(
            place=texts.place(by_key[one["column"]], read, row.number),
            found=one.get("found") or _shown(by_key[one["column"]], row.values),
            text=texts.problem(one),
            is_error=one["level"] == "error",
        )
        for row in rows
        for one in sorted(row.problems, key=lambda one: order[one["column"]])
    ]


def _shown(column: Column, values: Mapping[str, Any]) -> str:
    value = values.get(column.key, "")
    return column.parse.show(value) if value != "" else ""


def _row(spec: Spec, read: Mapping[str, Any], row: ImportRow) -> ShownRow:
    """Cells that could not be understood show as they were found."""
    found = {one["column"]: one.get("found", "") for one in row.problems}
    return ShownRow(
        findings.row_name(read, row.number),
        tuple((_shown(one, row.values) or found.get(one.key, ""), one.parse.numeric) for one in spec.columns),
        row.has_problem,
    )


def _twin(table: TableImport) -> Twin:
    applied = table.state == ImportState.APPLIED
    by, at = (table.applied_by, table.applied_at) if applied else (table.uploaded_by, table.uploaded_at)
    return Twin(table, by.name if by else "", at or table.uploaded_at, applied)
