"""Columns and rows → the headings and rows of a table on a page.

A large table has hundreds of cells, and a template's variables cost more than all the rest of such a page; so rows are put
together here, from parts that are escaped already. The first column names the row.
"""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Generic

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

from iconm_portal.display.sheets.model import Column, PageCell, Row


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
        self._cells = [
            (column.html or _as_text(column), escape(str(column.name or column.label)))
            for column in self.columns
        ]
        self.rows = [self.row(row) for row in rows]

    @property
    def width(self) -> int:
        return len(self.columns)

    @property
    def heads(self) -> list[SafeString]:
        """One row of headings; two where neighbours share one above their own."""
        if not any(column.label_over for column in self.columns):
            return [SafeString("".join(map(_th, self.columns)))]
        above, below = "", ""
        for over, neighbours in groupby(self.columns, key=lambda column: column.label_over):
            own = list(neighbours)
            if over:
                above += f'<th scope="colgroup" colspan="{len(own)}" class="year">{escape(over)}</th>'
                below += "".join(map(_th, own))
            else:
                above += "".join(_th(column, ' rowspan="2"') for column in own)
        return [SafeString(above), SafeString(below)]

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
        return [(html(row), name) for html, name in self._cells]


def _th(column: Column[Any], reach: str = "") -> str:
    css = f' class="{column.css}"' if column.css else ""
    return f'<th scope="col"{reach}{css}>{conditional_escape(column.label)}</th>'


def _as_text(column: Column[Row]) -> Callable[[Row], PageCell]:
    """Data stay Japanese in every interface, and say so."""

    def html(row: Row) -> PageCell:
        value = column.value(row) if column.value else None
        return PageCell("" if value in (None, "") else format_html('<span lang="ja">{}</span>', value))

    return html


def _td(cell: PageCell, name: str) -> str:
    css = f' class="{cell.css}"' if cell.css else ""
    return f'<td{css} data-label="{name}">{cell.content}{sub(cell.note)}</td>'
