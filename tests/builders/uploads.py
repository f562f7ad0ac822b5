"""Filled-in entry sheets: downloading one, filling it in as a spreadsheet does, uploading it, applying it."""

import io
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpi.models import Report
from kpi.reports.upload import sheet_file
from tests.builders.entry_pages import address, form_of

Edit = Callable[[Workbook], None]


def download(client: Client, report: Report) -> bytes:
    """The sheet as the person gets it now."""
    answer = client.get(f"{address(report)}sheet.xlsx")
    assert answer.status_code == 200
    return answer.content


def edited(data: bytes, edit: Edit) -> bytes:
    """The same workbook, changed and saved by another program."""
    workbook = load_workbook(io.BytesIO(data))
    edit(workbook)
    saved = io.BytesIO()
    workbook.save(saved)
    return saved.getvalue()


def columns(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """The row of the headings, and their columns."""
    for cells in sheet.iter_rows():
        found = {str(cell.value): cell.column for cell in cells if cell.value}
        if sheet_file.CODE in found:
            return cells[0].row, found
    raise AssertionError("no headings")


def row_of(sheet: Worksheet, code: str) -> int:
    """Where an indicator stands."""
    heading, found = columns(sheet)
    return next(
        row
        for row in range(heading + 1, sheet.max_row + 1)
        if sheet.cell(row, found[sheet_file.CODE]).value == code
    )


def fill_in(data: bytes, **typed: Any) -> bytes:
    """Filled in like `trials_実績値=12`; `_時点` stands alone."""

    def edit(workbook: Workbook) -> None:
        sheet = workbook[sheet_file.SHEET]
        _heading, found = columns(sheet)
        for name, value in typed.items():
            code, _line, heading = name.rpartition("_")
            cell = sheet.cell(row_of(sheet, code), found[heading]) if code else _day(sheet)
            cell.value = value

    return edited(data, edit)


def _day(sheet: Worksheet) -> Any:
    label = next(c for cells in sheet.iter_rows() for c in cells if c.value == sheet_file.AS_OF)
    return sheet.cell(label.row, label.column + 1)


def upload(client: Client, report: Report, data: bytes, name: str = "記入済.xlsx") -> HttpResponse:
    """Send it; where it is taken, the preview."""
    file = SimpleUploadedFile(name, data)
    return client.post(address(report, "upload"), {"file": file}, follow=True)


def apply(client: Client, preview: HttpResponse, **chosen: str) -> HttpResponse:
    """Press the button on the preview; `trials_value="file"` chooses."""
    page = form_of(preview)
    choices = {f"{name.replace('_', '-', 1)}-choice": side for name, side in chosen.items()}
    where = re.search(r'action="([^"]*/apply/)"', preview.content.decode())
    assert where is not None
    return client.post(where[1], page | choices)
