"""A pack's data in one canonical form: what is frozen, digested, compared, and given out as CSV and JSON. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from iconm_portal.display.sheets import CellValue, DataSheet, exact_number, is_long_form
from iconm_portal.display.sheets.preview import ShownSheet, from_plain, to_plain

FORMAT = 1
"""Raised when the canonical form changes, so that an old pack is read by the rule of its day."""

Plain = str | int | None


@dataclass(frozen=True)
class DataTable:
    """A データ table with its rows as plain values: whole numbers, exact decimals as text, dates as 2022-01-27."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Plain, ...], ...]

    @property
    def is_long_form(self) -> bool:
        return is_long_form(self.columns)


def plain(value: CellValue) -> Plain:
    """The value as JSON keeps it without loss; a blank text is a blank, as in a sheet."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise TypeError("a truth value has no place in a table")
    if isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return exact_number(value if isinstance(value, Decimal) else Decimal(repr(value)))


def table(sheet: DataSheet) -> DataTable:
    """The sheet as a table of plain values."""
    return DataTable(
        sheet.name,
        tuple(column.key for column in sheet.columns),
        tuple(tuple(plain(value) for value in row) for row in sheet.rows),
    )


def canonical(
    about: Mapping[str, Any], tables: Iterable[DataTable], sheets: Iterable[ShownSheet] = ()
) -> bytes:
    """UTF-8 JSON of what the pack is, holds and prints; the same data give the same bytes."""
    document = {
        "format": FORMAT,
        "pack": dict(about),
        "tables": [
            {"name": one.name, "columns": list(one.columns), "rows": [list(row) for row in one.rows]}
            for one in tables
        ],
        "sheets": [to_plain(sheet) for sheet in sheets],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Kept:
    """What `canonical` wrote, read again."""

    about: dict[str, Any]
    tables: tuple[DataTable, ...]
    sheets: tuple[ShownSheet, ...]


def read(data: bytes) -> Kept:
    """The pack's particulars, its tables and its printed sheets. ValueError for another format."""
    document = json.loads(data)
    if document["format"] != FORMAT:
        raise ValueError(f"this program does not know format {document['format']}")
    tables = (
        DataTable(one["name"], tuple(one["columns"]), tuple(tuple(row) for row in one["rows"]))
        for one in document["tables"]
    )
    return Kept(document["pack"], tuple(tables), tuple(from_plain(kept) for kept in document["sheets"]))
