"""The register as worksheets: 活動実績 to read and print, データ_活動実績 for machines. Pure, no queries of its own.

Sheets are in Japanese whatever the reader's language. Every text that people typed is written as a text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from iconm_portal.display.sheets import (
    Column,
    DataSheet,
    FormCell,
    FormSheet,
    data_sheet,
    form_sheet,
    number_format,
)
from iconm_portal.models import Center
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear, as_of_label, era_date, span_of_years
from kpi.models import Record

SHEET = "活動実績"
DATA = "データ_活動実績"


def columns(center: Center) -> Sequence[Column[Record]]:
    """A record a row, one datum a cell; the records come with their categories.

    The sheet's headings are not those of the import: of a whole workbook, the import is to read the data and not the sheet.
    """
    return (
        Column("facility_code", value=lambda _record: center.code),
        Column("category_code", value=lambda record: record.category.code),
        Column(
            "category_name",
            value=lambda record: record.category.name,
            heading="活動の区分",
            width=18,
            printed=lambda record: FormCell(record.category.name, "label"),
            shared=lambda record: record.category_id,
        ),
        Column("number", "number", lambda record: record.number),
        Column("title", value=lambda record: record.title, heading="活動の名称", width=40),
        Column("reference", value=lambda record: record.reference),
        Column("partner", value=lambda record: record.partner),
        Column("happened", value=lambda record: record.happened),
        Column("earliest", "date", lambda record: record.earliest),
        Column("latest", "date", lambda record: record.latest),
        Column(heading="年月日等", width=20, printed=lambda record: FormCell(_when(record), align="center")),
        Column("is_period_total", value=lambda record: _yes(record.is_period_total)),
        Column("is_level", value=lambda record: _yes(record.is_level)),
        Column("first_fiscal_year", "number", lambda record: _start(record.first_year)),
        Column("last_fiscal_year", "number", lambda record: _start(record.last_year)),
        Column(
            "quantity",
            "number",
            lambda record: record.quantity,
            heading="数",
            width=14,
            printed=lambda record: _count(record.quantity, record.category.unit, record.is_approximate),
        ),
        Column("unit", value=lambda record: record.category.unit),
        Column(
            "people",
            "number",
            lambda record: record.people,
            heading="人数",
            width=16,
            printed=lambda record: _count(record.people, "人", record.people_are_approximate),
        ),
        Column("is_approximate", value=lambda record: _yes(record.is_approximate)),
        Column("people_are_approximate", value=lambda record: _yes(record.people_are_approximate)),
        Column(
            "satisfaction",
            "number",
            lambda record: record.satisfaction,
            heading="満足の割合",
            width=12,
            printed=lambda record: FormCell(record.satisfaction, "number", number_format("%", 1)),
        ),
        Column(
            heading="番号・相手方", width=26, value=lambda record: _joined(record.reference, record.partner)
        ),
        Column("theme", value=lambda record: record.theme),
        Column("stage", value=lambda record: record.stage),
        Column("became", value=lambda record: record.became),
        Column("note", value=lambda record: record.note),
        Column(
            heading="備考",
            width=34,
            value=lambda record: _joined(record.theme, record.stage, record.became, record.note),
        ),
        Column("status", value=lambda record: "取下げ" if record.is_withdrawn else "有効"),
        Column("withdrawal_reason", value=lambda record: record.withdrawal_reason),
        Column("source", value=lambda record: record.source),
    )


def _yes(is_so: bool) -> str:
    return "1" if is_so else "0"


def _start(year: FiscalYear | None) -> int | None:
    return year.start if year else None


def _count(number: int | None, unit: str, is_approximate: bool) -> FormCell:
    about = '"約"' if is_approximate else ""
    return FormCell(number, "number", about + number_format(unit))


def register_data(center: Center, records: Iterable[Record]) -> DataSheet:
    """データ_活動実績: every record that is given, withdrawn ones and totals of periods marked as such."""
    return data_sheet(DATA, columns(center), records)


def register_sheet(center: Center, records: Sequence[Record], *, as_of: date) -> FormSheet:
    """活動実績: the valid records by category, in the order given within each."""
    valid = [record for record in records if not record.is_withdrawn]
    sheet = form_sheet(
        SHEET,
        columns(center),
        sorted(valid, key=lambda record: (record.category.position, record.category_id)),
        title=f"{center.name}　{SHEET}",
        subtitle=f"{era_date(as_of)}現在",
        notes=[
            "※ 取り下げた記録は載せていない。",
            "※ 「約」の付く数は概数。期間の合計及びある時点の数は、成果指標の実績には数えない。",
        ],
        freeze_columns=2,
    )
    return sheet if valid else replace(sheet, body=[[FormCell("記録はない。", colspan=len(sheet.widths))]])


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _when(record: Record) -> str:
    if record.is_period_total and record.first_year and record.last_year:
        return span_of_years(record.first_year.short, record.last_year.short)
    if record.happened:
        return partial_date.label(record.happened, "ja")
    if record.latest is None:
        return ""
    return f"{as_of_label(record.latest)}まで{'のある時点' if record.is_level else ''}"
