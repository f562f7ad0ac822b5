"""資料に記載された事項: what the report says beside its tables, in the portal's own words → worksheets. Pure, no queries."""

from collections.abc import Iterator, Sequence
from datetime import date

from agreements.instruments.reported_facts import Fact
from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet, data_sheet, form_sheet
from iconm_portal.display.sheets.summaries import MEANING, printed_text, summary_notes
from iconm_portal.models import Center
from iconm_portal.values.fiscal import era_date

SHEET = "資料に記載された事項"
DATA = "データ_資料の記載事項"


def _columns(center: Center) -> Sequence[Column[Fact]]:
    return (
        Column("facility_code", value=lambda _fact: center.code),
        Column("item_code", value=lambda fact: fact.code),
        Column("about", value=lambda fact: fact.about or None, heading="関係する支援措置・協定", width=30),
        Column(
            "item_name",
            value=lambda fact: fact.heading,
            heading="事項",
            width=30,
            printed=lambda fact: FormCell(fact.heading, "label"),
        ),
        Column(
            "text",
            value=lambda fact: fact.text,
            heading="内容",
            width=76,
            printed=lambda fact: FormCell(printed_text(fact.text, is_summary=True)),
        ),
        Column("is_summary", value=lambda _fact: "1"),
        Column("place", value=lambda fact: fact.place, heading="出典", width=40),
    )


def facts_sheet(center: Center, facts: Sequence[Fact], *, known_at: date) -> FormSheet:
    """Each fact with its place in the report."""
    return form_sheet(
        SHEET,
        _columns(center),
        facts,
        title=f"{center.name}　{SHEET}",
        subtitle=f"{era_date(known_at)}現在",
        notes=summary_notes(bool(facts)),
    )


def facts_data(center: Center, facts: Sequence[Fact]) -> DataSheet:
    """A row for each fact."""
    return data_sheet(DATA, _columns(center), facts)


def definitions(facts: Sequence[Fact]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    if facts:
        yield "is_summary", "1", "要旨", MEANING
