"""Reading the rows below the headings, all parts of a table one after another. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, Protocol

from openpyxl.utils import get_column_letter

from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused
from iconm_portal.imports.reading import chosen as meeting
from iconm_portal.imports.reading.asides import is_line_of_words, sum_word_of
from iconm_portal.imports.reading.chosen import Contradiction
from iconm_portal.imports.reading.sources import Cells, HeadingRow, Source, as_headings, with_next
from iconm_portal.imports.reading.stated import Stated, read_line, together
from iconm_portal.imports.reading.tables import (
    MOST_NAMED,
    MOST_ROWS,
    OF_SHEET,
    Column,
    Seen,
    TablePart,
    TableRow,
)
from iconm_portal.imports.sheet_reading import Kind

_THOUSANDS: Final = re.compile(r"[-−－▲△(（¥￥]*\d{1,3}")
_REST: Final = re.compile(r"\d{3}[)）円]?")


class Form(Protocol):
    """What a table is to have (`parts.py`)."""

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def takes_lines(self) -> bool:
        """Whether a row with one text alone may be a row."""

    @property
    def known(self) -> Mapping[str, str]:
        """By what is compared of a heading: the column's key."""

    def missing(self, row: HeadingRow) -> Sequence[str]:
        """What is missing among headings."""

    def part(self, source: Source, row: HeadingRow) -> TablePart:
        """The headings as they are meant."""


def rows(form: Form, parts: Sequence[tuple[Source, TablePart]], seen: Seen) -> Iterator[TableRow]:
    count = 0
    for source, part in parts:
        seen.parts.append(part)
        for row in _rows_below(form, source, part, seen):
            count += 1
            if count > MOST_ROWS:
                raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet=source.name, limit=MOST_ROWS)
            yield row
        columns = {
            number: letter for number, letter in _letters(source.hidden.columns) if number in part.places
        }
        seen.hidden_columns += [
            f"{letter} {part.headings[part.places[number]]}" for number, letter in columns.items()
        ]


def _letters(numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    return ((number, get_column_letter(number)) for number in sorted(numbers))


def _rows_below(form: Form, source: Source, part: TablePart, seen: Seen) -> Iterator[TableRow]:
    offset, known, idle, is_left_out = source.index * OF_SHEET, form.known, set[int](), False
    names, width, groups = _names(form, part), source.width(part.heading_row), part.groups
    held: list[Cells] = []  # lines that may stand above further headings: 令和6年度, （単位：千円）
    end = part.end
    for cells, next_cells in with_next(source.rows()):
        number = cells[0].row
        if number <= end:
            continue
        if _looks_like_headings(cells, names):
            row = as_headings(cells, known)
            if len(row.places) > 1 and not form.missing(row):
                row = replace(row.below(_carried(held, part.lines)), groups=groups).over(next_cells)
                end = row.end
                below, is_left_out = _below(form, source, row), False
                held.clear()
                if below is None:
                    is_left_out = True
                    seen.left_out.append(offset + number)
                elif not below.is_like(part):  # those of every page again are
                    part, names, width = below, _names(form, below), max(width, *below.headed)
                    seen.parts.append(below)
                continue
        if len(held) < MOST_NAMED and _is_line(cells):
            held.append(cells)
            continue
        if not is_left_out:
            yield from _as_rows(form, (*held, cells), source, part, seen, idle, width)
        held.clear()
    if not is_left_out:
        yield from _as_rows(form, held, source, part, seen, idle, width)
    seen.idle_columns += [letter for number, letter in _letters(idle - part.headed)]


def _as_rows(
    form: Form,
    lines: Iterable[Cells],
    source: Source,
    part: TablePart,
    seen: Seen,
    idle: set[int],
    width: int,
) -> Iterator[TableRow]:
    """Rows with anything under a heading that is read; of others it is noted that they are not."""
    places, offset = part.places, source.index * OF_SHEET
    for cells in lines:
        number = cells[0].row
        found = {places[cell.column]: cell for cell in cells if cell.column in places}
        if len(found) < len(cells):
            set_in = {part.spread[cell.column]: cell for cell in cells if cell.column in part.spread}
            used = {cell.column for key, cell in set_in.items() if found.setdefault(key, cell) is cell}
            idle.update(
                cell.column for cell in cells if cell.column not in places and cell.column not in used
            )
        if not found:
            meeting.refuse_below(together(_said(cells)), part.units, number)
            seen.idle_rows.append(offset + number)
            continue
        if is_line_of_words(cells):
            meeting.refuse_below(together(_said(cells)), part.units, number)
            if not form.takes_lines:
                seen.lines.append(offset + number)
                continue
        if number in source.hidden.rows:
            seen.hidden_rows.append(offset + number)
        if number in source.hidden.struck:
            seen.struck_rows.append(offset + number)
        is_too_long = cells[-1].column > width and _may_be_parted(cells)
        told = tuple(
            (part.telling[cell.column], str(cell.value)) for cell in cells if cell.column in part.telling
        )
        yield TableRow(offset + number, found, part, is_too_long, sum_word_of(cells), told)


def _may_be_parted(cells: Cells) -> bool:
    """Whether two neighbours may be one figure that was written without quotation marks: 1 and 234. Side notes are none."""
    return any(
        other.column == one.column + 1
        and _THOUSANDS.fullmatch(str(one.value).strip())
        and _REST.fullmatch(str(other.value).strip())
        for one, other in pairwise(cells)
    )


def _is_line(cells: Cells) -> bool:
    """Whether a row may be a line above a table: few texts, all of which state something."""
    return len(cells) <= 2 and all(
        isinstance(cell.value, str) and not read_line(cell.value).is_empty for cell in cells
    )


def _said(cells: Cells) -> list[Stated]:
    return [read_line(cell.value) if isinstance(cell.value, str) else Stated() for cell in cells]


def _carried(lines: Iterable[Cells], above: Iterable[Stated]) -> list[Stated]:
    """What is stated of a further table: what stands right above it, and of the first one's what that does not say anew."""
    own = [said for cells in lines for said in _said(cells)]
    new = together(own)
    kept = (
        replace(
            one,
            units=() if new.units else one.units,
            years=() if new.years else one.years,
            stages=frozenset() if new.stages else one.stages,
        )
        for one in above
    )
    return [*own, *kept]


def _below(form: Form, source: Source, row: HeadingRow) -> TablePart | None:
    """What further headings in a sheet mean; None for those of another year or stage than was chosen."""
    try:
        return form.part(source, row)
    except Contradiction as contradiction:
        if contradiction.is_of_other_figures:
            return None
        raise


def _names(form: Form, part: TablePart) -> frozenset[str]:
    """Texts by which a second row of headings is suspected; whether it is one is looked at then."""
    return frozenset(part.headings.values()) | {
        heading for column in form.columns for heading in column.headings
    }


def _looks_like_headings(cells: Cells, names: frozenset[str]) -> bool:
    """Cheap, because it is asked of every row."""
    hits = 0
    for cell in cells:
        if cell.kind is Kind.TEXT and cell.value in names:
            hits += 1
            if hits > 1:
                return True
    return False
