"""One workbook with the データ tables of many centers, read center by center and written row by row."""

from collections.abc import Iterable
from datetime import date
from typing import IO

from iconm_portal.display.sheets.stream import StreamBook
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work.progress import Progress
from kpi.papers import contents
from kpi.papers.contents import Contents, NothingKnownError
from kpi.papers.open_data import open_data
from kpi.papers.sections import SECTIONS
from kpi.plans.tables.sheets import DEFINITION_COLUMNS, Definition

CODES_SHEET = "データ_コード・定義"


def write(centers: Iterable[Center], file: IO[bytes], *, as_of: date, progress: Progress) -> int:
    """Write what was known at the end of the day, and return of how many centers something was.

    Each center is read from one state of the database; memory holds one center at a time. SheetFull where a spreadsheet
    cannot hold all of it.
    """
    book = StreamBook(title=f"データ　{as_of.isoformat()}", created=as_of)
    try:
        known = _fill(book, list(centers), as_of, progress)
    except BaseException:
        book.abandon()
        raise
    book.write_to(file)
    return known


def _fill(book: StreamBook, centers: list[Center], as_of: date, progress: Progress) -> int:
    codes: dict[Definition, None] = {}
    known = 0
    for number, center in enumerate(centers, 1):
        found = _read(center, as_of)
        if found is not None:
            known += 1
            _add(book, found)
            sections = (section.key for section in SECTIONS)
            codes |= dict.fromkeys(open_data.definitions(found, sections))
        progress(number, len(centers))
    book.sheet(CODES_SHEET, DEFINITION_COLUMNS)
    book.rows(CODES_SHEET, codes)
    return known


def _read(center: Center, as_of: date) -> Contents | None:
    try:
        return contents.read(center, year=FiscalYear.of(as_of), as_of=as_of)
    except NothingKnownError:
        return None


def _add(book: StreamBook, found: Contents) -> None:
    for section in SECTIONS:
        for data in section.data(found):
            if data.name not in book:
                book.sheet(data.name, data.columns)
            book.rows(data.name, data.rows)
