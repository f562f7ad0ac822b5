"""Open data: every データ table as CSV and JSON at a stable address, with its code list.

The tables are those of the committee pack, made by the same functions. What is open to everybody is less: figures only,
without the notes that people typed, in which a name could stand.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iconm_portal.display.sheets import (
    LONG_FORM_COLUMNS,
    CellValue,
    DataSheet,
    FormSheet,
    csv_bytes,
    is_long_form,
)
from iconm_portal.display.sheets.preview import ShownSheet, shown
from iconm_portal.models import Center
from kpi.models import Publication
from kpi.papers.contents import Contents
from kpi.papers.data import plain
from kpi.papers.sections import BY_KEY
from kpi.plans.tables.sheets import DEFINITION_COLUMNS, Definition, definition_rows

CODES = "codes"
"""The address of the code list; no table has this code."""
_NOT_APPLICABLE = "該当なし（－）"


@dataclass(frozen=True)
class OpenTable:
    """A データ table: its stable code, the section of the pack that makes it, and its name there."""

    code: str
    section: str
    sheet: str
    title: str | Promise
    is_public: bool = False


TABLES = (
    OpenTable("kpi-targets", "targets", "データ_成果指標", _("KPI targets beside the baseline"), True),
    OpenTable("kpi-achievement", "achievement", "データ_KPI達成状況", _("KPI targets and actuals"), True),
    OpenTable("balance", "balance", "データ_収支", _("Revenue and expenditure"), True),
    OpenTable("direct-goals", "kgi", "データ_直接目標", _("Direct goals (KGI)"), True),
    OpenTable("initiatives", "initiatives", "データ_取組", _("Main initiatives")),
    OpenTable("initiative-goals", "initiatives", "データ_取組の目標", _("Goals that the initiatives serve")),
    OpenTable("support-work", "support_work", "データ_研究支援事業", _("Research-support work")),
    OpenTable("support", "support", "データ_支援措置", _("Support measures"), True),
    OpenTable("records", "records", "データ_活動実績", _("Register of what happened")),
    OpenTable("agreements", "agreements", "データ_協定", _("Agreements")),
    OpenTable("provisions", "agreements", "データ_協定条項", _("Provisions and obligations")),
    OpenTable("duties", "agreements", "データ_履行事項", _("Duties of the year")),
    OpenTable("verifications", "verifications", "データ_検証", _("Verifications")),
    OpenTable("chronology", "chronology", "データ_経緯", _("Chronology")),
    OpenTable("facts", "chronology", "データ_資料の記載事項", _("What the report says")),
)
BY_CODE = {table.code: table for table in TABLES}


def sheet(found: Contents, table: OpenTable) -> DataSheet | None:
    """The table's data; None where there is nothing to show."""
    sheets = BY_KEY[table.section].data(found)
    return next((one for one in sheets if one.name == table.sheet), None)


def for_everybody(data: DataSheet) -> DataSheet:
    """The figures of a table without what people typed beside them; 「－」 stays marked as such."""
    keys = [column.key for column in data.columns]
    if not is_long_form(keys):
        return data
    value, note = keys.index("value"), keys.index("note")
    rows = []
    for row in data.rows:
        is_dash = row[value] is None and str(row[note] or "").startswith(_NOT_APPLICABLE)
        rows.append((*row[:note], _NOT_APPLICABLE if is_dash else ""))  # the last of the common columns
    return replace(data, columns=LONG_FORM_COLUMNS, rows=rows)


def sheets(found: Contents) -> tuple[ShownSheet, ...]:
    """The printed tables of what is open to everybody, without the notes, which hold reasons that people typed."""
    public = dict.fromkeys(table.section for table in TABLES if table.is_public and table.code != "support")
    return tuple(shown(_without_reasons(key, form)) for key in public for form in BY_KEY[key].forms(found))


def _without_reasons(section: str, form: FormSheet) -> FormSheet:
    """The balance's notes, such as that on rounding, are the portal's own; those of the others quote what people typed."""
    return form if section == "balance" else replace(form, notes=())


def definitions(found: Contents, sections: Iterator[str]) -> tuple[Definition, ...]:
    """What the codes of these sections' tables stand for."""
    more = [row for key in sections for row in BY_KEY[key].definitions(found)]
    return tuple(dict.fromkeys([*definition_rows(found.board, found.plans), *more]))


def as_csv(data: DataSheet) -> bytes:
    """UTF-8 with BOM, as spreadsheets expect it."""
    return csv_bytes(data.columns, data.rows)


def codes_csv(rows: tuple[Definition, ...]) -> bytes:
    return csv_bytes(DEFINITION_COLUMNS, rows)


def as_json(found: Contents, table: OpenTable, data: DataSheet, codes: tuple[Definition, ...]) -> bytes:
    """The table with its columns and its code list; numbers are numbers, a blank is null."""
    keys = [column.key for column in data.columns]
    document = {
        "table": table.code,
        "name": data.name,
        "center": {"code": found.center.code, "name": found.center.name},
        "fiscal_year": found.year.start,
        "as_of": found.as_of.isoformat(),
        "columns": [{"key": column.key, "kind": column.kind} for column in data.columns],
        "rows": [dict(zip(keys, map(_json, row), strict=True)) for row in data.rows],
        "codes": _codes(codes),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def codes_json(found: Contents, codes: tuple[Definition, ...]) -> bytes:
    document = {
        "center": {"code": found.center.code, "name": found.center.name},
        "as_of": found.as_of.isoformat(),
        "codes": _codes(codes),
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _codes(codes: tuple[Definition, ...]) -> list[dict[str, str]]:
    keys = [column.key for column in DEFINITION_COLUMNS]
    return [dict(zip(keys, row, strict=True)) for row in codes]


def _json(value: CellValue) -> Any:
    """At most 15 digits, which a JSON number keeps as a spreadsheet does."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return plain(value)


def is_open(center: Center) -> bool:
    """Whether the city has switched it on for the center."""
    return Publication.objects.filter(center=center, is_open=True).exists()
