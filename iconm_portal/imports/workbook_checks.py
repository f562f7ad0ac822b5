"""What is checked of an uploaded workbook before its XML is parsed: name, beginning, parts, and what they inflate to.

Pure. A workbook is a zip of XML that anybody can have written: a 200 KB file can inflate to 200 MB, a 4 KB one can
claim 10^10 cells. The order of the checks is from cheap to dear.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import assert_never
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo


class About(StrEnum):
    """What of an upload is refused."""

    NAME = "name"
    CONTENT = "content"
    HEADINGS = "headings"


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
    # Of tables of either kind (`table_reader`)
    NOT_A_TABLE_NAME = "not_a_table_name"  # filename
    NOT_TEXT = "not_text"  # neither UTF-8 nor Shift_JIS
    CSV_DAMAGED = "csv_damaged"  # row
    NO_HEADINGS = "no_headings"  # headings
    MISSING_HEADINGS = "missing_headings"  # headings, sheet
    HEADINGS_TWICE = "headings_twice"  # headings, sheet, row

    @property
    def about(self) -> About:
        """A kind of table may have words of its own for its name or its headings; what is wrong inside is the same for all."""
        match self:
            case Refusal.NOT_XLSX_NAME | Refusal.NOT_A_TABLE_NAME:
                return About.NAME
            case Refusal.NO_HEADINGS | Refusal.MISSING_HEADINGS | Refusal.HEADINGS_TWICE:
                return About.HEADINGS
            case (
                Refusal.EMPTY
                | Refusal.TOO_BIG
                | Refusal.NOT_A_WORKBOOK
                | Refusal.OLD_FORMAT
                | Refusal.ENCRYPTED
                | Refusal.MACROS
                | Refusal.DAMAGED
                | Refusal.UNSAFE_NAMES
                | Refusal.TOO_MANY_PARTS
                | Refusal.INFLATES_TOO_FAR
                | Refusal.TOO_COMPLEX
                | Refusal.FORBIDDEN_XML
                | Refusal.TOO_MANY_SHEETS
                | Refusal.TOO_MANY_ROWS
                | Refusal.TOO_MANY_COLUMNS
                | Refusal.TOO_MANY_CELLS
                | Refusal.NOT_TEXT
                | Refusal.CSV_DAMAGED
            ):
                return About.CONTENT
            case _:
                assert_never(self)


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


_MACRO_NAMES = frozenset({".xlsm", ".xltm", ".xlam", ".xlsb"})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_CHUNK = 64 * 1024
_DOCTYPE = b"<!DOCTYPE"


def check_name(filename: str) -> None:
    """UploadRefused unless it is the name of a plain workbook."""
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix in _MACRO_NAMES:
        raise UploadRefused(Refusal.MACROS)
    if suffix != ".xlsx":
        raise UploadRefused(Refusal.NOT_XLSX_NAME, filename=filename)


def check_size(size: int, limits: Limits) -> None:
    """UploadRefused for too many bytes."""
    if size > limits.bytes:
        raise UploadRefused(Refusal.TOO_BIG, bytes=size, limit=limits.bytes)


def check_beginning(data: bytes, limits: Limits) -> None:
    """UploadRefused for what is empty, too large, or does not begin as a workbook does."""
    if not data:
        raise UploadRefused(Refusal.EMPTY)
    check_size(len(data), limits)
    if data.startswith(_OLE):
        raise UploadRefused(Refusal.ENCRYPTED if _ENCRYPTED_PACKAGE in data else Refusal.OLD_FORMAT)
    if not data.startswith(_ZIP):
        raise UploadRefused(Refusal.NOT_A_WORKBOOK)


def _is_safe(name: str) -> bool:
    return not (
        "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in name.split("/")
    )


def check_parts(parts: list[ZipInfo], limits: Limits) -> None:
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


def check_contents(archive: ZipFile, limits: Limits) -> None:
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
