"""Columns and rows → the headings and rows of a table on a page.

A large table has hundreds of cells, and a template's variables cost more than all the rest of such a page; so rows are put
together here, from parts that are escaped already. The first column names the row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic

from django.utils.html import escape
from django.utils.safestring import SafeString

from iconm_portal.display.sheets.model import Column, PageCell, Row


@dataclass(frozen=True, slots=True)
class Head:
    """A heading; `label` may be markup."""

    label: str
    css: str = ""
    colspan: int = 1
    rowspan: int = 1


def sub(note: str) -> str:
    """A second line within a cell; nothing for no note. The note is markup."""
    return f'<span class="sub">{note}</span>' if note else ""


class PageTable(Generic[Row]):
    """The columns that have a label, as a page draws them.

    `components/list_table.html` draws all `rows` under a caption; `css` are the table's classes, and `empty_text` is said
    where there are no rows. A page with groups of rows asks for `row` by `row` instead.
    """

    def __init__(
        self,
        columns: Iterable[Column[Row]],
        rows: Iterable[Row] = (),
        *,
        caption: str = "",
        css: str = "",
        empty_text: str = "",
    ) -> None:
        self.caption, self.css, self.empty_text = caption, css, empty_text
        self.columns = [column for column in columns if column.label]
        # Escaped once for all rows.
        self._cells = [(column.html, escape(str(column.name or column.label))) for column in self.columns]
        self.rows = [self.row(row) for row in rows]

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def heads(self) -> list[list[Head]]:
        """One row of headings; two where neighbours share one above their own."""
        if not any(column.label_over for column in self.columns):
            return [[_head(column) for column in self.columns]]
        above, below = [], []
        for over, neighbours in groupby(self.columns, key=lambda column: column.label_over):
            own = list(neighbours)
            if over:
                above.append(Head(over, "year", colspan=len(own)))
                below += [_head(column) for column in own]
            else:
                above += [_head(column, rowspan=2) for column in own]
        return [above, below]

    def row(self, row: Row) -> SafeString:
        """The row's cells, without the <tr>; the first is its heading."""
        (first, _name), *others = self._drawn(row)
        css = f' class="{first.css}"' if first.css else ""
        named = f'<th scope="row"{css}>{first.content}{sub(first.note)}</th>'
        return SafeString(named + "".join(_td(cell, name) for cell, name in others))

    def cells(self, row: Row) -> SafeString:
        """The same without a heading, where the template has one of its own."""
        return SafeString("".join(_td(cell, name) for cell, name in self._drawn(row)))

    def _drawn(self, row: Row) -> list[tuple[PageCell, str]]:
        return [(html(row), name) for html, name in self._cells if html]


def _head(column: Column[Any], rowspan: int = 1) -> Head:
    return Head(column.label, column.css, rowspan=rowspan)


def _td(cell: PageCell, name: str) -> str:
    css = f' class="{cell.css}"' if cell.css else ""
    return f'<td{css} data-label="{name}">{cell.content}{sub(cell.note)}</td>'
