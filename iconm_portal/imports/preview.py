"""The page of an import as values: what was read, what is wrong with it by cell, what applying would do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Page, Paginator

from iconm_portal.imports import texts
from iconm_portal.imports.deciding import undoing
from iconm_portal.imports.importing import same_file
from iconm_portal.imports.reading import findings
from iconm_portal.imports.reading.tables import Column
from iconm_portal.imports.specs import Description, ReadRow, Spec, spec_of
from iconm_portal.models import ImportRow, ImportState, TableImport, User

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


@dataclass(frozen=True, slots=True)
class ShownKind:
    """What is said of many rows alike, how often, and where first. `is_example`: of others other words are said."""

    text: str
    is_error: bool
    count: int
    heading: str
    rows: tuple[int, ...]
    is_example: bool


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What undoing would do, for whoever may, and what is in its way."""

    told: str
    in_the_way: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """Everything that the page shows."""

    table: TableImport
    spec: Spec
    refusal: str
    description: Description
    problems: tuple[ShownProblem, ...]
    page: Page[ImportRow] | None
    kinds: tuple[ShownKind, ...]
    wrong_rows: int
    repeated: tuple[str, ...]
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[ShownRow, ...]
    twins: tuple[Twin, ...]
    not_read: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: int
    undo: UndoOffer | None
    is_at_work: bool
    is_stopped: bool

    @property
    def has_notes(self) -> bool:
        """Whether anything is said of the file as a whole."""
        return bool(self.notes or self.not_read)

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
    def applied_before(self) -> Twin | None:
        """The import that put in the same file, so that applying this one has to be meant."""
        return next((twin for twin in self.twins if twin.applied), None)

    @property
    def has_to_be_meant(self) -> bool:
        """Whether what it says is there already, all of it or some rows."""
        return bool(self.applied_before or self.repeated)

    @property
    def can_be_marked(self) -> bool:
        """Whether the file can be had back with what is said of its rows."""
        return (
            self.table.state == ImportState.CHECKED and bool(self.problems) and self.table.waiting is not None
        )


def load(
    table: TableImport, reader: User, page_number: str | None = None, *, with_warnings: bool = False
) -> Preview:
    """A fixed number of queries, however long the table is. `table` comes with its file, people and job.

    Rows with something wrong stand alone, but where all are asked for or where there are only warnings.
    """
    spec, read = spec_of(table), table.params.get("read", {})
    is_open = table.state == ImportState.CHECKED
    remarked = table.rows.filter(has_problem=True)
    if table.problem_count and not with_warnings:
        remarked = remarked.filter(has_error=True)
    problem_rows = Paginator(remarked, PROBLEM_ROWS)
    page = problem_rows.get_page(page_number) if is_open else None
    summary = table.params.get("summary", {})
    return Preview(
        table=table,
        spec=spec,
        refusal=texts.refusal(table.refusal["code"], table.refusal["params"]) if table.refusal else "",
        description=spec.describe(table) if "summary" in table.params else Description(),
        problems=tuple(problems(spec.columns, read, page.object_list)) if page else (),
        page=page,
        kinds=tuple(_kinds(spec.columns, read, summary.get("kinds", ()))) if is_open else (),
        wrong_rows=table.rows.filter(has_error=True).count() if is_open and table.problem_count else 0,
        repeated=tuple(texts.days_of_repeated(summary.get("repeated", {}))) if is_open else (),
        headings=tuple((column.heading, column.parse.numeric) for column in spec.columns),
        rows=tuple(_row(spec, read, row) for row in table.rows.all()[:FIRST_ROWS]) if is_open else (),
        twins=tuple(map(_twin, same_file(table))) if is_open else (),
        not_read=tuple(read.get("not_read", ())),
        notes=tuple(findings.notes(read)),
        warnings=summary.get("warnings", 0),
        undo=_undo(table, spec, reader),
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
    """By row, errors before warnings. `read` says where the columns stand: their "letters" and "headings"."""
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
        for one in sorted(row.problems, key=lambda one: (one["level"] != "error", order[one["column"]]))
    ]


def _kinds(
    columns: Sequence[Column], read: Mapping[str, Any], kinds: Iterable[Mapping[str, Any]]
) -> Iterator[ShownKind]:
    headings = {column.key: read.get("headings", {}).get(column.key) or column.heading for column in columns}
    for kind in kinds:
        yield ShownKind(
            text=texts.problem(kind),
            is_error=kind["level"] == "error",
            count=kind["count"],
            heading=headings.get(kind["column"], ""),
            rows=tuple(kind["rows"]),
            is_example=not kind["is_one"],
        )


def _undo(table: TableImport, spec: Spec, reader: User) -> UndoOffer | None:
    if spec.undo is None or not undoing.may_undo(table, reader):
        return None
    return UndoOffer(str(spec.undo.told), tuple(undoing.in_the_way(table)))


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
