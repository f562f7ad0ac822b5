"""Reading the tables that people upload (.xlsx, CSV) by their headings, row by row. Pure; no Django.

Columns are found by heading, never by position; what a cell means is decided by the column's parser (`cell_values.py`), in
the unit that the file states (`reading/`). Of a workbook all sheets with the headings are read, one below the other, and so
is a second table below the first. What is not read is named (`Seen`). Whatever stands in the way of the file as a whole is an
`UploadRefused` with a code, or a `Contradiction` to what was chosen for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final

from iconm_portal.forms.inspection.kinds import TABLES, FileKind, kind_of
from iconm_portal.forms.inspection.packages import check_size
from iconm_portal.forms.inspection.plain_text import check_text
from iconm_portal.forms.inspection.refusals import Limits, Refusal
from iconm_portal.imports.reading.chosen import Chosen
from iconm_portal.imports.reading.parts import Form
from iconm_portal.imports.reading.sources import Source, csv_source
from iconm_portal.imports.reading.stated import Stated, read_heading, read_line
from iconm_portal.imports.reading.tables import MOST_ROWS, Column, ReadTable
from iconm_portal.imports.sheet_reading import OpenSheet, opened

LIMITS: Final = Limits(
    bytes=20 * 1024 * 1024,
    inflated=400 * 1024 * 1024,
    tags=15_000_000,
    rows=MOST_ROWS + 1_000,  # room for titles above the table and blank rows within it
    columns=200,
    cells=3_000_000,
)
"""What a table may hold: 100,000 rows of about twenty columns. Sheets are streamed, so memory stays bounded."""


def folded_heading(heading: str) -> str:
    """What is compared of a heading: without regard to case, width and spaces, and without what it states of its figures."""
    return read_heading(heading).key


@contextmanager
def read_table(
    data: bytes,
    *,
    filename: str,
    columns: Sequence[Column],
    one_of: Sequence[Sequence[str]] = (),
    chosen: Chosen | None = None,
    takes_lines: bool = True,
) -> Iterator[ReadTable]:
    """The tables with the headings of these columns: on all visible sheets that have them, or in the CSV.

    `one_of` are sets of keys of which at least one must be there; `takes_lines`: one text alone may be a row. Raises
    UploadRefused, also from its `rows()`, and Contradiction to what was `chosen`.
    """
    form = Form(
        columns, one_of, chosen or Chosen(), read_line(PurePath(filename).stem), takes_lines=takes_lines
    )
    if kind_of(filename, TABLES, Refusal.NOT_A_TABLE_NAME) is FileKind.XLSX:
        with opened(data, filename=filename, limits=LIMITS) as sheets:
            by_hidden: dict[bool, list[Source]] = {False: [], True: []}
            for place, sheet in enumerate(sheets):
                by_hidden[sheet.hidden].append(_source(place, sheet))
            yield form.table(by_hidden[False], by_hidden[True])
    else:
        check_size(len(data), LIMITS)
        source = csv_source(data, check_text(data), form.known, LIMITS, MOST_ROWS)
        yield form.table([source], [])


def table_on(
    sheets: Sequence[OpenSheet], columns: Sequence[Column], one_of: Sequence[Sequence[str]] = ()
) -> ReadTable:
    """The same among the sheets of a workbook that is open."""
    form = Form(columns, one_of, Chosen(), Stated(), takes_lines=True)
    return form.table([_source(place, sheet) for place, sheet in enumerate(sheets)], [])


def _source(place: int, sheet: OpenSheet) -> Source:
    return Source(place, sheet.name, "", sheet.rows, sheet.hides)
