"""The workbook: sheets in order, the same bytes for the same data."""

import io
import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from iconm_portal.display.sheets.data import write_data
from iconm_portal.display.sheets.forms import FormWriter
from iconm_portal.display.sheets.model import DATA_PREFIX, DataSheet, FormSheet
from iconm_portal.display.sheets.styles import Faces
from iconm_portal.display.sheets.values import clean_text, naive

LONGEST_SHEET_NAME = 31  # Excel's limit


class TimelessZip(ZipFile):
    """A zip whose entries all bear the same time and system."""

    def __init__(self, file: IO[bytes], moment: datetime) -> None:
        super().__init__(file, "w", ZIP_DEFLATED)
        self._moment = (max(moment.year, 1980), moment.month, moment.day, 0, 0, 0)

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        entry = ZipInfo(zinfo_or_arcname, self._moment)
        entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
        super().writestr(entry, data)

    def write(self, filename: Any, arcname: Any = None, *args: Any, **kwargs: Any) -> None:
        with open(filename, "rb") as part:
            self.writestr(arcname, part.read())


_BAD_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|\A'|'\Z")


def check_sheet_name(name: str, taken: Iterable[str]) -> None:
    """Excel's rules; it compares names without regard to case."""
    too_long = len(name.encode("utf-16-le")) // 2 > LONGEST_SHEET_NAME
    if not name.strip() or too_long or name.lower() == "history" or _BAD_IN_NAME.search(name):
        raise ValueError(f"Not a name for a sheet: {name!r}")
    if name.lower() in {other.lower() for other in taken}:
        raise ValueError(f"Two sheets named {name!r}")


class Book:
    """A workbook under construction: add sheets in the order in which they shall stand, then `to_bytes()`.

    `created` is the day for which the workbook speaks (Japan's, for a zoned moment); it becomes the file's own
    date, and today's appears nowhere. `font` and `size` (points) are those of every sheet.
    """

    def __init__(
        self,
        *,
        title: str,
        created: date | datetime,
        creator: str = "",
        font: str = "Yu Gothic",
        size: float = 10.5,
    ) -> None:
        moment = created if isinstance(created, datetime) else datetime.combine(created, time())
        self._moment = naive(moment)
        self._workbook = Workbook()
        self._workbook.properties = DocumentProperties(
            title=clean_text(title), creator=clean_text(creator) or None, language="ja", created=self._moment,
            modified=self._moment,
        )  # fmt: skip
        self._faces = Faces(self._workbook, font, size)
        self._written: bytes | None = None

    def form_sheet(self, form: FormSheet) -> None:
        """Add a 様式 sheet. Raises ValueError when its cells do not fill its table, or for a bad name."""
        if form.name.startswith(DATA_PREFIX):
            raise ValueError(f"{DATA_PREFIX} names machine-readable sheets: {form.name}")
        FormWriter(self._sheet(form.name), form, self._faces).write()

    def data_sheet(self, data: DataSheet) -> None:
        """Add a データ sheet.

        Raises ValueError for a bad name or row, TypeError for a value not of its column's kind.
        """
        if not data.name.startswith(DATA_PREFIX):
            raise ValueError(f"A machine-readable sheet is named {DATA_PREFIX}…: {data.name}")
        write_data(self._sheet(data.name), data, self._faces)

    def to_bytes(self) -> bytes:
        """The workbook as an .xlsx file, to which no sheet can be added any more. Raises ValueError without sheets."""
        if not self._workbook.worksheets:
            raise ValueError("A workbook needs a sheet")
        if self._written is None:  # kept, because openpyxl writes a workbook differently the second time
            file = io.BytesIO()
            # Not Workbook.save(), which stamps the present time.
            ExcelWriter(self._workbook, TimelessZip(file, self._moment)).save()
            self._written = file.getvalue()
        return self._written

    def _sheet(self, name: str) -> Worksheet:
        if self._written is not None:
            raise ValueError("The workbook has been written already")
        check_sheet_name(name, self._workbook.sheetnames)
        return self._workbook.create_sheet(name)
