"""Columns and rows → the parts of a 様式 sheet, and a データ sheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any, NoReturn

from iconm_portal.display.sheets.data import csv_lines
from iconm_portal.display.sheets.model import Column, DataSheet, FormCell, FormChart, FormSheet, Row
from iconm_portal.display.sheets.styles import text_width
from iconm_portal.display.sheets.values import CellValue


def form_sheet(
    name: str,
    columns: Sequence[Column[Row]],
    rows: Sequence[Row],
    *,
    title: str,
    subtitle: str = "",
    unit_line: str = "",
    notes: Sequence[str] = (),
    freeze_columns: int = 0,
    even_rows: bool = False,
    small_charts: Sequence[FormChart] = (),
) -> FormSheet:
    """The 様式 sheet of these rows, under the columns that have a width."""
    return FormSheet(
        name=name,
        title=title,
        widths=[column.width for column in columns if column.width],
        heading=_heading(columns),
        body=_body(columns, rows),
        subtitle=subtitle,
        unit_line=unit_line,
        notes=notes,
        freeze_columns=freeze_columns,
        even_rows=even_rows,
        small_charts=small_charts,
    )


def fitted(columns: Iterable[Column[Row]], rows: Sequence[Row], *, least: float) -> list[Column[Row]]:
    """The columns as wide as their longest figure with its unit: a spreadsheet shows ### rather than break a number."""
    return [
        replace(column, width=max(least, *(_figure_width(_printed(column, row)) + 5 for row in rows)))
        if column.width
        else column
        for column in columns
    ]


def data_sheet(name: str, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> DataSheet:
    """The データ sheet of these rows; `name` begins with データ_."""
    return DataSheet(name, keyed(columns), list(_data_rows(columns, rows)))


def csv_rows(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Iterator[bytes]:
    """The same as CSV, line by line, for tables that are too long to be held at once."""
    return csv_lines(keyed(columns), _data_rows(columns, rows))


def keyed(columns: Iterable[Column[Row]]) -> tuple[Column[Row], ...]:
    """Those that stand in the data."""
    return tuple(column for column in columns if column.key)


def _data_rows(columns: Iterable[Column[Row]], rows: Iterable[Row]) -> Iterator[tuple[CellValue, ...]]:
    values = [column.value or _missing(column) for column in columns if column.key]
    for row in rows:
        yield tuple(value(row) for value in values)


def _missing(column: Column[Row]) -> NoReturn:
    raise ValueError(f"The column {column.key} has no value")


def _heading(columns: Iterable[Column[Any]]) -> list[list[FormCell]]:
    """One row of headings; two where neighbours share one above their own."""
    printed = [column for column in columns if column.width]
    if not any(column.over for column in printed):
        return [[FormCell(column.heading, "heading") for column in printed]]
    above, below = [], []
    for over, neighbours in groupby(printed, key=lambda column: column.over):
        own = list(neighbours)
        if over:
            above.append(FormCell(over, "heading", colspan=len(own)))
            below += [FormCell(column.heading, "heading") for column in own]
        else:
            above += [FormCell(column.heading, "heading", rowspan=2) for column in own]
    return [above, below]


def _body(columns: Iterable[Column[Row]], rows: Sequence[Row]) -> list[list[FormCell]]:
    """A line for each row; what neighbours share is one cell over all of them."""
    lines: list[list[FormCell]] = [[] for _row in rows]
    for column in columns:
        if column.width:
            for place, height in _runs(column, rows):
                cell = _printed(column, rows[place])
                lines[place].append(replace(cell, rowspan=height) if height > 1 else cell)
    return lines


def _printed(column: Column[Row], row: Row) -> FormCell:
    if column.printed:
        return column.printed(row)
    return FormCell(column.value(row) if column.value else None)


def _runs(column: Column[Row], rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Where the column's cells begin, and over how many rows each reaches."""
    if column.shared is None:
        yield from ((place, 1) for place in range(len(rows)))
        return
    place = 0
    for _shared, run in groupby(rows, key=column.shared):
        height = len(list(run))
        yield place, height
        place += height


def _figure_width(cell: FormCell) -> int:
    if not isinstance(cell.value, Decimal):
        return 0
    affixes = cell.number_format.partition(";")[0].replace('"', "").lstrip("#,0.")
    return text_width(f"{cell.value:,f}{affixes}")
