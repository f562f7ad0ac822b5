"""直接目標（KGI） (T4) → worksheets. Pure, no queries."""

from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet
from iconm_portal.values.fiscal import era_date
from kpi.plans.facts import KgiFacts
from kpi.plans.scorecard import Board

KGI_SHEET = "直接目標（KGI）"
KGI_DATA = "データ_直接目標"


def kgis(board: Board) -> tuple[KgiFacts, ...]:
    """The direct goals of all plans, each once, in order."""
    return tuple(dict.fromkeys(kgi for plan in board.plans for kgi in plan.kgis))


def kgi_sheet(board: Board) -> FormSheet:
    """What is to be true by when, and when that was set."""
    return FormSheet(
        name=KGI_SHEET,
        title=f"{board.center.name}　{KGI_SHEET}",
        subtitle=f"{era_date(board.known_at)}現在",
        widths=[20, 76, 20],
        heading=[[FormCell(text, "heading") for text in ("目標年度", "直接目標", "設定年度")]],
        body=[
            [
                FormCell(kgi.target_year.wareki, "label", align="center"),
                FormCell(kgi.text),
                FormCell(kgi.set_in.wareki, align="center"),
            ]
            for kgi in kgis(board)
        ],
    )


def kgi_data(board: Board) -> DataSheet:
    """A row for each direct goal."""
    columns = [
        Column("facility_code"),
        Column("item_code"),
        Column("item_name"),
        Column("fiscal_year", "number"),
        Column("fiscal_year_wareki"),
        Column("set_in", "number"),
    ]
    rows = [
        (
            board.center.code,
            kgi.code,
            kgi.text,
            kgi.target_year.start,
            kgi.target_year.wareki,
            kgi.set_in.start,
        )
        for kgi in kgis(board)
    ]
    return DataSheet(KGI_DATA, columns, rows)
