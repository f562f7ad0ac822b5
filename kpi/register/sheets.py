"""The register as worksheets: 活動実績 to read and print, データ_活動実績 for machines. Pure, no queries of its own.

Sheets are in Japanese whatever the reader's language. Every text that people typed is written as a text.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from iconm_portal.display.sheets import CellValue, Column, DataSheet, FormCell, FormSheet, number_format
from iconm_portal.models import Center
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import as_of_label, era_date
from kpi.models import Category, Record

SHEET = "活動実績"
DATA = "データ_活動実績"

COLUMNS = (
    Column("facility_code"),
    Column("category_code"),
    Column("category_name"),
    Column("number", "number"),
    Column("title"),
    Column("reference"),
    Column("partner"),
    Column("happened"),
    Column("earliest", "date"),
    Column("latest", "date"),
    Column("is_period_total"),
    Column("first_fiscal_year", "number"),
    Column("last_fiscal_year", "number"),
    Column("quantity", "number"),
    Column("unit"),
    Column("people", "number"),
    Column("is_approximate"),
    Column("satisfaction", "number"),
    Column("theme"),
    Column("stage"),
    Column("became"),
    Column("note"),
    Column("status"),
    Column("withdrawal_reason"),
    Column("source"),
)


def rows(center: Center, records: Iterable[Record]) -> Iterator[tuple[CellValue, ...]]:
    """A record a row, one datum a cell; the records come with their categories."""
    for record in records:
        yield (
            center.code,
            record.category.code,
            record.category.name,
            record.number,
            record.title,
            record.reference,
            record.partner,
            record.happened,
            record.earliest,
            record.latest,
            _yes(record.is_period_total),
            record.first_year.start if record.first_year else None,
            record.last_year.start if record.last_year else None,
            record.quantity,
            record.category.unit,
            record.people,
            _yes(record.is_approximate),
            record.satisfaction,
            record.theme,
            record.stage,
            record.became,
            record.note,
            "取下げ" if record.is_withdrawn else "有効",
            record.withdrawal_reason,
            record.source,
        )


def _yes(is_so: bool) -> str:
    return "1" if is_so else "0"


def register_data(center: Center, records: Iterable[Record]) -> DataSheet:
    """データ_活動実績: every record that is given, withdrawn ones and totals of periods marked as such."""
    return DataSheet(DATA, COLUMNS, rows(center, records))


def register_sheet(center: Center, records: Sequence[Record], *, as_of: date) -> FormSheet:
    """活動実績: the valid records by category, in the order given within each."""
    # Not the headings of the import: of a whole workbook, the import is to read the data sheet and not this one.
    headings = ["活動の区分", "活動の名称", "年月日等", "数", "人数", "満足の割合", "番号・相手方", "備考"]
    valid = [record for record in records if not record.is_withdrawn]
    by_category = sorted(valid, key=lambda record: (record.category.position, record.category_id))
    body: list[list[FormCell]] = []
    for category, of_category in groupby(by_category, key=lambda record: record.category):
        body += _of_category(category, list(of_category))
    if not body:
        body = [[FormCell("記録はない。", colspan=len(headings))]]
    return FormSheet(
        name=SHEET,
        title=f"{center.name}　{SHEET}",
        subtitle=f"{era_date(as_of)}現在",
        widths=[18, 40, 20, 14, 16, 12, 26, 34],
        heading=[[FormCell(text, "heading") for text in headings]],
        body=body,
        notes=[
            "※ 取り下げた記録は載せていない。",
            "※ 「約」の付く数は概数。期間の合計は成果指標の実績には数えない。",
        ],
        freeze_columns=2,
    )


def _of_category(category: Category, records: list[Record]) -> list[list[FormCell]]:
    lines = []
    for place, record in enumerate(records):
        first = [FormCell(category.name, "label", rowspan=len(records))] if place == 0 else []
        about = '"約"' if record.is_approximate else ""
        lines.append(
            [
                *first,
                FormCell(record.title),
                FormCell(_when(record), align="center"),
                FormCell(record.quantity, "number", about + number_format(category.unit)),
                FormCell(record.people, "number", about + number_format("人")),
                FormCell(record.satisfaction, "number", number_format("%", 1)),
                FormCell(_joined(record.reference, record.partner)),
                FormCell(_joined(record.theme, record.stage, record.became, record.note)),
            ]
        )
    return lines


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _when(record: Record) -> str:
    if record.is_period_total and record.first_year and record.last_year:
        return f"{record.first_year.short}～{record.last_year.short}"
    if record.happened:
        return partial_date.label(record.happened, "ja")
    return f"{as_of_label(record.latest)}まで" if record.latest else ""
