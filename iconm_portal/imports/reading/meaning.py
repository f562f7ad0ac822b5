"""What a row of a table means, by the parsers of its columns and by what the file says of it."""

from collections.abc import Iterable
from contextlib import suppress
from typing import assert_never

from iconm_portal.imports import cell_values, texts
from iconm_portal.imports.cell_values import CellProblem, Number
from iconm_portal.imports.reading import chosen as meeting
from iconm_portal.imports.reading.chosen import OUTSIDE_YEARS, Chosen, outside
from iconm_portal.imports.reading.stated import Telling
from iconm_portal.imports.reading.tables import Column, TablePart, TableRow
from iconm_portal.imports.specs import SUM, ReadRow, Spec


def read_as_stated(row: TableRow, spec: Spec, chosen: Chosen) -> ReadRow:
    """What a row means as the file states it: in its units, of its years; of a row of sums its word and figures alone."""
    if row.sum_word and any(all(_lacks(row, key) for key in keys) for keys in spec.sums_lack):
        return _row_of_sums(row)
    read = understood(row.part.columns, row)
    for telling, said in row.told:
        _hold_against(read, row.part, chosen, telling, said)
    day, of_years = read.get(chosen.dated_by), row.part.of_years
    if day and of_years.years and (year := outside(of_years.years, day)):
        read.warn(chosen.dated_by, OUTSIDE_YEARS, said=of_years.text, year=texts.year_param(year))
    return read


def _lacks(row: TableRow, key: str) -> bool:
    """Whether it has nothing there, or only what calls it a sum."""
    return key not in row.cells or cell_values.written(row.cells[key]).strip() == row.sum_word


def _row_of_sums(row: TableRow) -> ReadRow:
    """Its word and its figures alone: nothing else of it can be meant."""
    read = ReadRow(row.number, {SUM: row.sum_word})
    for column in row.part.columns:
        if isinstance(column.parse, Number) and column.key in row.cells:
            with suppress(CellProblem):
                read.values[column.key] = column.parse.read(row.cells[column.key])
    return read


def _hold_against(read: ReadRow, part: TablePart, chosen: Chosen, telling: Telling, said: str) -> None:
    """What a row says of its own figures: an error at them where they are others than those that are read."""
    for column in part.columns:
        if not isinstance(column.parse, Number) or not read.get(column.key):
            continue
        match telling:
            case Telling.UNIT:
                if not meeting.is_in(said, column.parse.stated or column.parse.unit):
                    read.error(column.key, meeting.ROW_IN_UNIT, said=said)
            case Telling.YEAR | Telling.STAGE:
                if meeting.is_of_others(said, telling, chosen):
                    read.error(column.key, meeting.ROW_OF_OTHERS, said=said)
            case _:
                assert_never(telling)


def understood(columns: Iterable[Column], row: TableRow) -> ReadRow:
    """What the columns' parsers make of a row."""
    read = ReadRow(row.number, {})
    if row.is_too_long:
        read.error(list(row.cells)[-1], cell_values.TOO_MANY_CELLS)
    for column in columns:
        cell = row.cells.get(column.key)
        if cell is None:
            if column.required:
                read.error(column.key, cell_values.BLANK)
            continue
        try:
            read.values[column.key] = column.parse.read(cell)
        except CellProblem as problem:
            read.error(column.key, problem.message, **problem.params)
            read.problems[-1]["found"] = cell_values.written(cell)[:100]
        else:
            if column.required and read.values[column.key] == "":
                read.error(column.key, cell_values.BLANK)
    return read
