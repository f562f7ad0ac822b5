"""Reading spreadsheets that people upload, within limits: a workbook is a zip of XML that anybody can have written.

Pure: bytes in, cells out, or `UploadRefused` with a code that the caller puts into words. Nothing is evaluated: a
formula gives the value that the sender's program had computed. The order of the checks is from cheap to dear; the
XML is parsed only when the whole archive has been measured (a 200 KB file can inflate to 200 MB, a 4 KB one can
claim 10^10 cells).
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from math import isfinite
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # it carries no types
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import XLSX
from openpyxl.xml.functions import iterparse

if not openpyxl.DEFUSEDXML:
    raise ImportError(
        "openpyxl must use defusedxml, or an uploaded file could expand XML entities without end"
    )


class Refusal(StrEnum):
    """Why an upload is refused; beside each, what `UploadRefused.params` holds."""

    NOT_XLSX_NAME = "not_xlsx_name"  # filename
    EMPTY = "empty"
    TOO_BIG = "too_big"  # bytes, limit
    NOT_A_WORKBOOK = "not_a_workbook"  # another kind of file under the name of a workbook
    OLD_FORMAT = "old_format"  # .xls
    ENCRYPTED = "encrypted"  # opens with a password only
    MACROS = "macros"
    DAMAGED = "damaged"
    UNSAFE_NAMES = "unsafe_names"  # name
    TOO_MANY_PARTS = "too_many_parts"  # parts, limit
    INFLATES_TOO_FAR = "inflates_too_far"  # limit (bytes or ratio)
    TOO_COMPLEX = "too_complex"  # limit (XML tags)
    FORBIDDEN_XML = "forbidden_xml"  # a DTD or an entity
    TOO_MANY_SHEETS = "too_many_sheets"  # sheets, limit
    TOO_MANY_ROWS = "too_many_rows"  # sheet, limit
    TOO_MANY_COLUMNS = "too_many_columns"  # sheet, limit
    TOO_MANY_CELLS = "too_many_cells"  # limit


class UploadRefused(Exception):
    """The file is not read. `code` says why, `params` are for the message."""

    def __init__(self, code: Refusal, **params: int | str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an upload may hold. The defaults leave room for a year's ledger of one center."""

    bytes: int = 5 * 1024 * 1024
    parts: int = 500  # entries of the archive
    inflated: int = 30 * 1024 * 1024  # bytes, all entries together
    ratio: int = 100  # inflated : compressed, of any entry beyond `small`
    small: int = 1024 * 1024
    tags: int = 1_000_000  # "<" in sheets and texts; a cell with a value has four or five
    other_tags: int = 100_000  # "<" in all other parts: styles and the like are slow to read
    sheets: int = 50
    rows: int = 10_000
    columns: int = 100
    cells: int = 100_000  # with a value, all sheets together


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"  # str
    NUMBER = "number"  # Decimal, to the 15 digits that a spreadsheet keeps
    PERCENT = "percent"  # Decimal as displayed: 24.3 for a cell that shows 24.3 % and stores 0.243
    DATE = "date"  # date
    DATETIME = "datetime"  # datetime without zone, as typed
    TIME = "time"  # time or timedelta
    BOOLEAN = "boolean"  # bool
    ERROR = "error"  # str: #N/A, #DIV/0! …
    EMPTY = "empty"  # None: only for a formula that was saved without its value


CellContent = str | Decimal | date | datetime | time | timedelta | bool | None


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that is not empty; row and column from 1. `formula`: its value is what the sender's program computed."""

    row: int
    column: int
    value: CellContent
    kind: Kind
    formula: bool = False


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A worksheet's cells, by row and column. Blank cells are absent."""

    name: str
    hidden: bool
    cells: tuple[SheetCell, ...]

    def rows(self) -> Iterator[tuple[CellContent, ...]]:
        """The values from row 1 to the last used row, each row as wide as the table; None for blank."""
        width = max((cell.column for cell in self.cells), default=0)
        blank: tuple[CellContent, ...] = (None,) * width
        expected = 1
        for number, cells in groupby(self.cells, key=lambda cell: cell.row):
            for _ in range(expected, number):
                yield blank
            values = list(blank)
            for cell in cells:
                values[cell.column - 1] = cell.value
            yield tuple(values)
            expected = number + 1


def read_rows(data: bytes, *, filename: str, limits: Limits | None = None) -> list[SheetRows]:
    """The worksheets of an uploaded .xlsx file, in their order. Raises UploadRefused and nothing else."""
    limits = limits or Limits()
    _check_name(filename)
    _check_beginning(data, limits)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive.infolist(), limits)
            _check_contents(archive, limits)
        return _read(data, limits)
    except UploadRefused:
        raise
    except Exception as problem:
        # zipfile and openpyxl meet malformed files with every kind of exception; the file is at fault all the same.
        raise UploadRefused(_why(problem)) from problem


def _why(problem: BaseException | None) -> Refusal:
    """openpyxl wraps what went wrong; somewhere in the chain stands the reason."""
    while problem is not None:
        if isinstance(problem, DefusedXmlException):
            return Refusal.FORBIDDEN_XML
        problem = problem.__cause__ or problem.__context__
    return Refusal.DAMAGED


# -- Before the XML is looked at --

_MACRO_NAMES = frozenset({".xlsm", ".xltm", ".xlam", ".xlsb"})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_CHUNK = 64 * 1024
_DOCTYPE = b"<!DOCTYPE"


def _check_name(filename: str) -> None:
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in _MACRO_NAMES:
        raise UploadRefused(Refusal.MACROS)
    if suffix != ".xlsx":
        raise UploadRefused(Refusal.NOT_XLSX_NAME, filename=filename)


def _check_beginning(data: bytes, limits: Limits) -> None:
    if not data:
        raise UploadRefused(Refusal.EMPTY)
    if len(data) > limits.bytes:
        raise UploadRefused(Refusal.TOO_BIG, bytes=len(data), limit=limits.bytes)
    if data.startswith(_OLE):
        raise UploadRefused(Refusal.ENCRYPTED if _ENCRYPTED_PACKAGE in data else Refusal.OLD_FORMAT)
    if not data.startswith(_ZIP):
        raise UploadRefused(Refusal.NOT_A_WORKBOOK)


def _is_safe(name: str) -> bool:
    return not (
        "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in name.split("/")
    )


def _check_parts(parts: list[ZipInfo], limits: Limits) -> None:
    """What the archive's directory says. zipfile never inflates an entry beyond the size declared there."""
    if len(parts) > limits.parts:
        raise UploadRefused(Refusal.TOO_MANY_PARTS, parts=len(parts), limit=limits.parts)
    seen: set[str] = set()
    for part in parts:
        name = part.orig_filename.lower()
        if not _is_safe(name) or name in seen:
            raise UploadRefused(Refusal.UNSAFE_NAMES, name=part.filename)
        seen.add(name)
        if part.flag_bits & 1:
            raise UploadRefused(Refusal.ENCRYPTED)
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # a workbook uses no others
            raise UploadRefused(Refusal.DAMAGED)
        if part.file_size > max(limits.small, limits.ratio * part.compress_size):
            raise UploadRefused(Refusal.INFLATES_TOO_FAR, limit=limits.ratio)
    if sum(part.file_size for part in parts) > limits.inflated:
        raise UploadRefused(Refusal.INFLATES_TOO_FAR, limit=limits.inflated)
    if any(name.endswith("vbaproject.bin") or "macrosheets/" in name for name in seen):
        raise UploadRefused(Refusal.MACROS)
    if "[content_types].xml" not in seen:
        raise UploadRefused(Refusal.NOT_A_WORKBOOK)


def _check_contents(archive: ZipFile, limits: Limits) -> None:
    """Inflate every entry once, piece by piece: how much it really is, how many tags, no document type."""
    tags = other_tags = 0
    for part in archive.infolist():
        found = _count_tags(archive, part)
        if part.filename.startswith("xl/worksheets/") or part.filename.endswith("haredStrings.xml"):
            tags += found
        else:
            other_tags += found
        if tags > limits.tags or other_tags > limits.other_tags:
            raise UploadRefused(Refusal.TOO_COMPLEX, limit=limits.tags)
    if b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise UploadRefused(Refusal.MACROS)


def _count_tags(archive: ZipFile, part: ZipInfo) -> int:
    """How often "<" occurs, which in every encoding that the parser knows is no less than the number of tags."""
    tags, end = 0, b""
    with archive.open(part) as source:
        while piece := source.read(_CHUNK):
            tags += piece.count(b"<")
            if _DOCTYPE in end + piece:
                raise UploadRefused(Refusal.FORBIDDEN_XML)
            end = piece[-len(_DOCTYPE) :]
    return tags


# -- The workbook --


class _Parser(WorkSheetParser):
    """openpyxl's reader of cells, which alone is used here: it takes no notice of the size that a sheet claims."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        cell["formula"] = element.find(FORMULA_TAG) is not None
        if element.get("t") == "inlineStr" and cell["value"]:
            cell["value"] = cell["value"].replace("x005F_", "")  # as openpyxl does with shared texts
        return cell

    def cells(self) -> Iterator[dict[str, Any]]:
        for _event, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                _number, cells = self.parse_row(element)
                element.clear()
                yield from cells


class _SheetReader:
    """Reads the sheets of one workbook and keeps count of their cells."""

    def __init__(self, workbook: Any, shared_strings: list[str], limits: Limits) -> None:
        self.workbook, self.shared_strings, self.limits = workbook, shared_strings, limits
        self.percent_styles = _percent_styles(workbook)
        self.count = 0

    def read(self, name: str, source: Any) -> tuple[SheetCell, ...]:
        parser = _Parser(
            source,
            self.shared_strings,
            data_only=True,
            epoch=self.workbook.epoch,
            date_formats=self.workbook._date_formats,
            timedelta_formats=self.workbook._timedelta_formats,
        )
        cells: list[SheetCell] = []
        last = (0, 0)
        for raw in parser.cells():
            cell = self._cell(raw)
            if cell is None:
                continue
            self._check_limits(name, cell)
            if (cell.row, cell.column) <= last or cell.row < 1 or cell.column < 1:
                raise UploadRefused(Refusal.DAMAGED)
            last = (cell.row, cell.column)
            cells.append(cell)
        return tuple(cells)

    def _check_limits(self, name: str, cell: SheetCell) -> None:
        self.count += 1
        if self.count > self.limits.cells:
            raise UploadRefused(Refusal.TOO_MANY_CELLS, limit=self.limits.cells)
        if cell.row > self.limits.rows:
            raise UploadRefused(Refusal.TOO_MANY_ROWS, sheet=name, limit=self.limits.rows)
        if cell.column > self.limits.columns:
            raise UploadRefused(Refusal.TOO_MANY_COLUMNS, sheet=name, limit=self.limits.columns)

    def _cell(self, raw: dict[str, Any]) -> SheetCell | None:
        """The cell, or None for a blank one, wherever it stands: formatting alone does not make a table larger."""
        if raw["value"] in (None, ""):
            return SheetCell(raw["row"], raw["column"], None, Kind.EMPTY, True) if raw["formula"] else None
        value, kind = _content(raw["value"], raw["data_type"], percent=raw["style_id"] in self.percent_styles)
        return SheetCell(raw["row"], raw["column"], value, kind, raw["formula"])


def _content(value: Any, data_type: str, *, percent: bool) -> tuple[CellContent, Kind]:
    match data_type, value:
        case "e", _:
            return str(value), Kind.ERROR
        case "b", _:
            return bool(value), Kind.BOOLEAN
        case "n", int() | float():
            number = _decimal(value)
            return (_times_hundred(number), Kind.PERCENT) if percent else (number, Kind.NUMBER)
        case "d", datetime():
            return (value, Kind.DATETIME) if value.time() != time() else (value.date(), Kind.DATE)
        case "d", date():
            return value, Kind.DATE
        case "d", time() | timedelta():
            return value, Kind.TIME
    return str(value), Kind.TEXT


def _decimal(value: int | float) -> Decimal:
    """The number as it was typed: a spreadsheet stores 24.3 as 24.300000000000001 and shows 15 digits of it."""
    if not isfinite(value):
        raise UploadRefused(Refusal.DAMAGED)
    return Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")


def _times_hundred(number: Decimal) -> Decimal:
    return Decimal(format(number.scaleb(2), "f"))


def _percent_styles(workbook: Any) -> frozenset[int]:
    """The styles whose number format multiplies by 100 on display. A quoted "%" is just a letter, as in 様式 sheets."""
    formats = {**BUILTIN_FORMATS}
    formats.update(enumerate(workbook._number_formats, BUILTIN_FORMATS_MAX_SIZE))
    return frozenset(
        number
        for number, style in enumerate(workbook._cell_styles)
        if "%" in _FORMAT_LITERAL.sub("", formats.get(style.numFmtId, ""))
    )


_FORMAT_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


def _read(data: bytes, limits: Limits) -> list[SheetRows]:
    """The parts that hold cells; properties, themes, charts, names and links to other files are never opened."""
    workbook = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    with workbook.archive as archive:
        workbook.read_manifest()
        if not _is_workbook(workbook.package):
            raise UploadRefused(Refusal.NOT_A_WORKBOOK)
        workbook.read_strings()
        workbook.read_workbook()
        if len(workbook.parser.sheets) > limits.sheets:
            raise UploadRefused(
                Refusal.TOO_MANY_SHEETS, sheets=len(workbook.parser.sheets), limit=limits.sheets
            )
        apply_stylesheet(archive, workbook.wb)
        reader = _SheetReader(workbook.wb, workbook.shared_strings, limits)
        return list(_sheets(workbook, archive, reader))


def _is_workbook(package: Any) -> bool:
    return XLSX in {part.ContentType for part in (*package.Override, *package.Default)}


def _sheets(workbook: Any, archive: ZipFile, reader: _SheetReader) -> Iterator[SheetRows]:
    read: set[str] = set()
    for sheet, relation in workbook.parser.find_sheets():
        if not relation.Type.endswith("/worksheet"):
            continue  # a chart or a dialog on a sheet of its own
        if relation.target in read:  # the same cells over and over
            raise UploadRefused(Refusal.DAMAGED)
        read.add(relation.target)
        with archive.open(relation.target) as source:
            yield SheetRows(sheet.name, sheet.state != "visible", reader.read(sheet.name, source))
