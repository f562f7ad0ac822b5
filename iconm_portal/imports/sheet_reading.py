"""Reading spreadsheets that people upload, within limits (`workbook_checks`), row by row.

Pure: bytes in, cells out, or `UploadRefused` with a code that the caller puts into words. Nothing is evaluated: a
formula gives the value that the sender's program had computed. The XML is parsed only when the whole archive has been
measured.
"""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple, assert_never

import openpyxl
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]  # it carries no types
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import COL_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import XLSX
from openpyxl.xml.functions import iterparse

from iconm_portal.forms.inspection import packages
from iconm_portal.forms.inspection.kinds import MACROS, ending
from iconm_portal.forms.inspection.packages import LookedAt, Package
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.imports.reading.stated import known_unit

if not openpyxl.DEFUSEDXML:
    raise ImportError(
        "openpyxl must use defusedxml, or an uploaded file could expand XML entities without end"
    )


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

    @property
    def may_be_words(self) -> bool:
        """Whether it stands as it was typed; 2015 alone is a number to a spreadsheet."""
        match self:
            case Kind.TEXT | Kind.NUMBER:
                return True
            case (
                Kind.PERCENT | Kind.DATE | Kind.DATETIME | Kind.TIME | Kind.BOOLEAN | Kind.ERROR | Kind.EMPTY
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_date_or_time(self) -> bool:
        """Whether the spreadsheet took it for a day or a time."""
        match self:
            case Kind.DATE | Kind.DATETIME | Kind.TIME:
                return True
            case Kind.TEXT | Kind.NUMBER | Kind.PERCENT | Kind.BOOLEAN | Kind.ERROR | Kind.EMPTY:
                return False
            case _:
                assert_never(self)


CellContent = str | Decimal | date | datetime | time | timedelta | bool | None


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that is not empty; row and column from 1. `formula`: its value is what the sender's program computed."""

    row: int
    column: int
    value: CellContent
    kind: Kind
    formula: bool = False
    shown: "ShownAs | None" = None  # of a number that does not stand as it is kept


class ShownAs(NamedTuple):
    """What a number format makes of a number: `#,##0,"千円"` shows a thousandth, and a unit behind it; `0000` shows 0101."""

    thousands: int  # by how often 1,000 it is divided
    unit: str  # or other words, which make another figure of it: 約
    digits: int = 0  # so many at least, with zeros before them


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows and columns of a sheet that its program does not show; a filter hides rows too. Known as far as it was read.

    `struck`: rows with a cell that is struck through, which to its writer may mean as much.
    """

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    struck: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class OpenSheet:
    """A worksheet of an open workbook, whose rows are read when they are asked for, from the top each time."""

    name: str
    hidden: bool
    hides: Hidden
    _book: "_Book"
    _part: str

    def rows(self) -> Iterator[tuple[SheetCell, ...]]:
        """The rows that hold anything, each with its cells in order. Raises UploadRefused and nothing else."""
        with _problems_of_the_file(), self._book.archive.open(self._part) as source:
            yield from self._book.rows(self.name, source, self.hides)


@contextmanager
def opened(data: bytes, *, filename: str, limits: Limits | None = None) -> Iterator[list[OpenSheet]]:
    """The worksheets of an uploaded .xlsx file, in their order, to be read row by row: however many there are, one
    row is in memory (beside the file and its shared texts). Raises UploadRefused."""
    limits = limits or Limits()
    if ending(filename) != "xlsx" or filename.lower() == ".xlsx":
        raise UploadRefused(
            Refusal.MACROS if ending(filename) in MACROS else Refusal.NOT_XLSX_NAME, filename=filename
        )
    with ExitStack() as held:
        with _problems_of_the_file():
            archive = held.enter_context(packages.opened(data, limits))
            packages.check_contents(archive, Package.WORKBOOK, limits)
            sheets = list(_Book(_reader(data, archive), limits).sheets())
        yield sheets


def _reader(data: bytes, archive: LookedAt) -> ExcelReader:
    """openpyxl's, which gets no part of the archive that was not found fit for a parser."""
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.archive.close()
    reader.archive = archive
    return reader


@contextmanager
def _problems_of_the_file() -> Iterator[None]:
    """zipfile and openpyxl meet malformed files with every kind of exception; the file is at fault all the same."""
    try:
        yield
    except UploadRefused as refused:
        if refused.code is not Refusal.WRONG_KIND:
            raise
        raise UploadRefused(Refusal.NOT_A_WORKBOOK) from refused
    except GeneratorExit:
        raise
    except Exception as problem:
        raise UploadRefused(_why(problem)) from problem


def _why(problem: BaseException | None) -> Refusal:
    """openpyxl wraps what went wrong; somewhere in the chain stands the reason."""
    while problem is not None:
        if isinstance(problem, DefusedXmlException):
            return Refusal.FORBIDDEN_XML
        problem = problem.__cause__ or problem.__context__
    return Refusal.DAMAGED


# -- The workbook --


_TRUE = ("1", "true")


class _Parser(WorkSheetParser):
    """openpyxl's reader of cells, which alone is used here: it takes no notice of the size that a sheet claims."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        cell["formula"] = element.find(FORMULA_TAG) is not None
        if element.get("t") == "inlineStr" and cell["value"]:
            cell["value"] = cell["value"].replace("x005F_", "")  # as openpyxl does with shared texts
        return cell

    def rows(self, limits: Limits, hides: Hidden) -> Iterator[list[dict[str, Any]]]:
        """A row is forgotten when the next is read: 100,000 empty elements would be many megabytes."""
        above: list[tuple[Any, int]] = []  # and how many elements were held before each
        held = 0
        for event, element in iterparse(self.source, events=("start", "end")):
            if event == "start":
                above.append((element, held))
                held += 1
                if len(above) > limits.depth or held > limits.held:
                    raise UploadRefused(Refusal.TOO_COMPLEX, limit=limits.held)
                continue
            _element, before = above.pop()
            if element.tag == COL_TAG and element.get("hidden") in _TRUE:
                first, last = int(element.get("min")), int(element.get("max"))
                hides.columns.update(range(first, min(last, limits.columns) + 1))
            if element.tag == ROW_TAG:
                number, cells = self.parse_row(element)
                if element.get("hidden") in _TRUE:
                    hides.rows.add(number)
                yield cells
                if above:
                    del above[-1][0][
                        -1
                    ]  # which it is: to look for it would take longer with every other element
                    held = before


class _Book:
    """The parts that hold cells; properties, themes, charts, names and links to other files are never opened."""

    def __init__(self, reader: ExcelReader, limits: Limits) -> None:
        self.reader, self.limits, self.archive = reader, limits, reader.archive
        reader.read_manifest()
        if not _is_workbook(reader.package):
            raise UploadRefused(Refusal.NOT_A_WORKBOOK)
        reader.read_strings()
        reader.read_workbook()
        sheets = len(reader.parser.sheets)
        if sheets > limits.sheets:
            raise UploadRefused(Refusal.TOO_MANY_SHEETS, sheets=sheets, limit=limits.sheets)
        apply_stylesheet(self.archive, reader.wb)
        formats = _formats(reader.wb)
        self.percent_styles = frozenset(
            one for one, text in formats.items() if "%" in _FORMAT_LITERAL.sub("", text)
        )
        self.shown_styles = {one: shown for one, text in formats.items() if (shown := shown_as(text))}
        self.struck_styles = _struck(reader.wb)
        self.counts: dict[str, int] = {}  # cells with a value, by sheet

    def sheets(self) -> Iterator[OpenSheet]:
        seen: set[str] = set()
        for sheet, relation in self.reader.parser.find_sheets():
            if not relation.Type.endswith("/worksheet"):
                continue  # a chart or a dialog on a sheet of its own
            if relation.target in seen:  # the same cells over and over
                raise UploadRefused(Refusal.DAMAGED)
            seen.add(relation.target)
            self.archive.getinfo(relation.target)
            yield OpenSheet(sheet.name, sheet.state != "visible", Hidden(), self, relation.target)

    def rows(self, name: str, source: Any, hides: Hidden) -> Iterator[tuple[SheetCell, ...]]:
        book: Any = self.reader.wb
        parser = _Parser(
            source,
            self.reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self.counts[name] = 0
        last = (0, 0)
        for raws in parser.rows(self.limits, hides):
            row = []
            for cell in filter(None, map(self._cell, raws)):
                self._check_limits(name, cell)
                if (cell.row, cell.column) <= last or cell.row < 1 or cell.column < 1:
                    raise UploadRefused(Refusal.DAMAGED)
                last = (cell.row, cell.column)
                row.append(cell)
            if row and any(
                raw["style_id"] in self.struck_styles and raw["value"] is not None for raw in raws
            ):
                hides.struck.add(row[0].row)
            if row:
                yield tuple(row)

    def _check_limits(self, name: str, cell: SheetCell) -> None:
        self.counts[name] += 1
        if sum(self.counts.values()) > self.limits.cells:
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
        shown = self.shown_styles.get(raw["style_id"]) if kind is Kind.NUMBER else None
        return SheetCell(raw["row"], raw["column"], value, kind, raw["formula"], shown)


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


def _formats(workbook: Any) -> dict[int, str]:
    """The number formats by the style that has them. A % in one multiplies by 100 on display, but a quoted "%" is just a
    letter, as in 様式 sheets."""
    formats = {**BUILTIN_FORMATS}
    formats.update(enumerate(workbook._number_formats, BUILTIN_FORMATS_MAX_SIZE))
    return {number: formats.get(style.numFmtId, "") for number, style in enumerate(workbook._cell_styles)}


def _struck(workbook: Any) -> frozenset[int]:
    """The styles whose font is struck through."""
    fonts = frozenset(number for number, font in enumerate(workbook._fonts) if font.strike)
    return frozenset(one for one, style in enumerate(workbook._cell_styles) if style.fontId in fonts)


def shown_as(number_format: str) -> ShownAs | None:
    """How a format shows a positive number; None where it stands as it is kept."""
    sections = number_format.split(";")
    shown = {_section(one) for one in sections[: 3 if _CONDITION.search(number_format) else 1]}
    if len(shown) > 1:  # [>=1000]#,##0,"K";0
        return ShownAs(0, number_format[:30])
    only = shown.pop()
    return only if any(only) else None


def _section(text: str) -> ShownAs:
    words = "".join(map("".join, _LITERALS.findall(_FILLED.sub(r"\1", text))))
    plain = _FORMAT_LITERAL.sub("", text)
    scaled, padded = _SCALED.search(plain), _PADDED.fullmatch(plain.strip())
    idle = _IDLE.sub("", words)
    unit = words.strip() if _ABOUT.search(words) else known_unit(words) or _LETTERS.get(idle, idle)
    return ShownAs(len(scaled[1]) if scaled else 0, unit, len(plain.strip()) if padded else 0)


# Quoted, escaped, as [$千円], and unquoted where no format has such letters.
_LITERALS = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|([()\u3041-\u9fff\uff01-\uff5e])')
_FILLED = re.compile(r'("[^"]*"|\\.)|[_*].')  # by a blank as wide as the letter
# What makes another figure of a number.
_ABOUT = re.compile(r"[約△▲()（）]|およそ|程度|以上|以下|未満|前後|ほど|余|超")
# What says nothing of the figure; any other words are taken for its unit.
_IDLE = re.compile(r"[\s\\¥￥()（）\[\]「」+＋:：.。,、'’*＊_/-]|[GＧ]/標準|標準|也")
_LETTERS = {"Ｋ": "千", "k": "千", "M": "百万", "Ｍ": "百万"}
_CONDITION = re.compile(r"\[[<>=]")
_SCALED = re.compile(r"[0#?](,+)(?=\.|[^0#?,]*\Z)")
_PADDED = re.compile(r"00+")
_FORMAT_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')


def _is_workbook(package: Any) -> bool:
    return XLSX in {part.ContentType for part in (*package.Override, *package.Default)}
