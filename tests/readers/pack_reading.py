"""A committee pack read back the way its readers do: the workbook by two libraries, the page, CSV and JSON."""

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

Rows = list[list[str]]
"""The texts of each row from left to right, without empty cells and without the blanks at their edges."""
Record = dict[str, Any]
"""A row of a データ table by its columns; None for an empty cell."""

_FORMAT = re.compile(r'(?P<before>(?:"[^"]*")*)#,##0(?:\.(?P<decimals>0+))?(?P<thousands>,*)(?P<after>.*)')


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def printed(value: object, number_format: str) -> str:
    """What a spreadsheet prints: 847,000 with `#,##0,` is 847; ▲ before negative figures where the format says so."""
    if value is None or isinstance(value, str):
        return (value or "").strip("　 ")
    positive, _semicolon, negative = number_format.partition(";")
    found = _FORMAT.match(positive)
    if found is None or not isinstance(value, int | float):
        return str(value)
    figure = Decimal(str(value)) / 1000 ** len(found["thousands"])
    sign = "▲" if figure < 0 and "▲" in negative else ""
    text = f"{abs(figure):,.{len(found['decimals'] or '')}f}"
    return sign + (found["before"] + text + found["after"]).replace('"', "")


def sheet_rows(book: Workbook, name: str) -> Rows:
    """The sheet as it prints."""
    rows = ([printed(cell.value, cell.number_format) for cell in row] for row in book[name].iter_rows())
    return [texts for row in rows if (texts := [text for text in row if text])]


def raw_rows(book: Workbook, name: str) -> list[list[object]]:
    """Its values, for comparison with another reader's."""
    return [[_same(cell) for cell in row] for row in book[name].iter_rows(values_only=True)]


def raw_rows_by_calamine(data: bytes, name: str) -> list[list[object]]:
    """The values by another library, without rows and columns that are empty at the end."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(name)
    return [[_same(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _same(value: object) -> object:
    if isinstance(value, datetime):
        return value.date()
    return None if value == "" else value


def table(book: Workbook, name: str) -> list[Record]:
    """A データ sheet's rows."""
    head, *rows = raw_rows(book, name)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def as_csv(data: bytes) -> list[Record]:
    """A CSV's rows; all its values are text."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def as_json(data: bytes) -> list[Record]:
    rows: list[Record] = json.loads(data)["rows"]
    return rows


def as_text(value: object) -> str:
    """A cell's value as CSV has it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


class _Page(HTMLParser):
    """The sheets of a preview: name by caption, rows of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, Rows] = {}
        self._name, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._text += "\n"
        elif tag in ("caption", "th", "td"):
            self._text = ""
        elif tag == "tr" and self._name:
            self.sheets[self._name].append([])

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self._name = self._text.strip()
            self.sheets[self._name] = []
        elif tag in ("th", "td") and (text := self._text.strip("　 \n")):
            self.sheets[self._name][-1].append(text)
        elif tag == "table":
            self._name = ""


def page_rows(html: str) -> dict[str, Rows]:
    """The tables of a pack's page by the sheet's name."""
    page = _Page()
    page.feed(html)
    return {name: [row for row in rows if row] for name, rows in page.sheets.items()}
