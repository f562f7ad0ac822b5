"""What a 様式 sheet shows, as text: for the preview in the browser, drawn from the very cells that the workbook gets."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from iconm_portal.display.sheets.model import CellKind, FormCell, FormSheet
from iconm_portal.values.money import Rounding, format_number, round_to

_FORMAT = re.compile(
    r'(?P<before>(?:"[^"]*"|\\.)*)#,##0(?:\.(?P<decimals>0+))?(?P<thousands>,*)(?P<affix>.*)', re.DOTALL
)
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_HEADED = frozenset({"heading", "label"})


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the page shows it; `lines` are the lines of its text."""

    lines: tuple[str, ...]
    kind: CellKind
    align: str
    colspan: int
    rowspan: int
    bold: bool

    @property
    def is_header(self) -> bool:
        """Whether it names a row."""
        return self.kind in _HEADED


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet as the page shows it."""

    name: str
    title: str
    subtitle: str
    remark: str
    unit_line: str
    heading: tuple[tuple[ShownCell, ...], ...]
    body: tuple[tuple[ShownCell, ...], ...]
    notes: tuple[str, ...]


def shown(form: FormSheet) -> ShownSheet:
    """The sheet's cells as text."""
    return ShownSheet(
        form.name,
        form.title,
        form.subtitle,
        form.remark,
        form.unit_line,
        _rows(form.heading),
        _rows(form.body),
        tuple(form.notes),
    )


def to_plain(sheet: ShownSheet) -> dict[str, Any]:
    """As JSON keeps it; a list of lists for each block of cells."""
    return asdict(sheet)


def from_plain(kept: dict[str, Any]) -> ShownSheet:
    """What `to_plain` made."""
    return ShownSheet(
        **{
            **kept,
            "notes": tuple(kept["notes"]),
            "heading": _kept_rows(kept["heading"]),
            "body": _kept_rows(kept["body"]),
        }
    )


def _kept_rows(rows: list[list[dict[str, Any]]]) -> tuple[tuple[ShownCell, ...], ...]:
    return tuple(tuple(ShownCell(**{**cell, "lines": tuple(cell["lines"])}) for cell in row) for row in rows)


def _rows(rows: Sequence[Sequence[FormCell]]) -> tuple[tuple[ShownCell, ...], ...]:
    return tuple(tuple(_cells(row)) for row in rows)


def _cells(row: Sequence[FormCell]) -> Iterator[ShownCell]:
    for cell in row:
        align = cell.align or {"number": "right", "heading": "center", "unit": "center"}.get(
            cell.kind, "left"
        )
        yield ShownCell(
            tuple(shown_text(cell).split("\n")), cell.kind, align, cell.colspan, cell.rowspan, cell.bold
        )


def shown_text(cell: FormCell) -> str:
    """The cell's value as a spreadsheet prints it, by its number format."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _number(Decimal(repr(value)) if isinstance(value, float) else value, cell.number_format)


def _number(value: Decimal | int, number_format: str) -> str:
    """By the formats that `number_format()` makes; anything else shows the number as it is."""
    positive, _semicolon, negative = number_format.partition(";")
    found = _FORMAT.match(positive)
    if found is None:
        return format_number(value)
    decimals = len(found["decimals"] or "")
    divided = Decimal(value) / 1000 ** len(found["thousands"])
    rounded = round_to(divided, decimals, Rounding.HALF_UP)
    sign = _literal(negative.partition("#")[0]) if rounded < 0 else ""
    number = format_number(abs(rounded), decimals)
    return f"{sign}{_literal(found['before'])}{number}{_literal(found['affix'])}"


def _literal(quoted: str) -> str:
    return "".join(first or second for first, second in _LITERAL.findall(quoted))
