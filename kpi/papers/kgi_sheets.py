"""直接目標（KGI） (T4) → worksheets. Pure, no queries."""

from collections.abc import Iterator

from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet, data_sheet, form_sheet
from iconm_portal.display.sheets.summaries import MEANING, printed_text, summary_notes
from iconm_portal.values.fiscal import era_date
from kpi.plans.facts import KgiFacts
from kpi.plans.scorecard import Board

KGI_SHEET = "直接目標（KGI）"
KGI_DATA = "データ_直接目標"


def kgis(board: Board) -> tuple[KgiFacts, ...]:
    """The direct goals of all plans, each once, in order."""
    return tuple(dict.fromkeys(kgi for plan in board.plans for kgi in plan.kgis))


def _columns(board: Board) -> list[Column[KgiFacts]]:
    return [
        Column("facility_code", value=lambda _kgi: board.center.code),
        Column("item_code", value=lambda kgi: kgi.code),
        Column(
            heading="目標年度",
            width=20,
            printed=lambda kgi: FormCell(kgi.target_year.wareki, "label", align="center"),
        ),
        Column(
            "item_name",
            value=lambda kgi: kgi.text,
            heading="直接目標",
            width=76,
            printed=lambda kgi: FormCell(printed_text(kgi.text, is_summary=kgi.is_summary)),
        ),
        Column("is_summary", value=lambda kgi: str(int(kgi.is_summary))),
        Column("fiscal_year", "number", lambda kgi: kgi.target_year.start),
        Column("fiscal_year_wareki", value=lambda kgi: kgi.target_year.wareki),
        Column(
            "set_in",
            "number",
            lambda kgi: kgi.set_in.start,
            heading="設定年度",
            width=20,
            printed=lambda kgi: FormCell(kgi.set_in.wareki, align="center"),
        ),
    ]


def kgi_sheet(board: Board) -> FormSheet:
    """What is to be true by when, and when that was set."""
    return form_sheet(
        KGI_SHEET,
        _columns(board),
        kgis(board),
        title=f"{board.center.name}　{KGI_SHEET}",
        subtitle=f"{era_date(board.known_at)}現在",
        notes=summary_notes(any(kgi.is_summary for kgi in kgis(board))),
    )


def definitions(board: Board) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    if kgis(board):
        yield "is_summary", "1", "要旨", MEANING


def kgi_data(board: Board) -> DataSheet:
    """A row for each direct goal."""
    return data_sheet(KGI_DATA, _columns(board), kgis(board))
