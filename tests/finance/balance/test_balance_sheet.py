"""収支状況 and データ_収支 in the committee pack: T2 digit for digit, read by two libraries, with a native chart."""

import io
import re
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from finance.balance import balance, sheets
from finance.balance.balance import Balance
from iconm_portal.display.sheets import Book
from iconm_portal.models import Center, User
from kpi.papers import pack
from tests.builders.finance import decided, make_accounts, settled
from tests.builders.plans import tokyo
from tests.readers import t2

pytestmark = pytest.mark.django_db
PUBLISHED = date(2022, 1, 27)
Table = list[list[str]]


@pytest.fixture
def data(iconm: Center) -> bytes:
    return pack.contents(iconm, as_of=PUBLISHED).to_bytes()


def shown(value: object, number_format: str) -> str:
    """What a spreadsheet prints for the cell: 847,000 with `#,##0,` is 847; ▲ for negatives."""
    if not isinstance(value, int | float):
        return str(value or "")
    positive, _semicolon, negative = number_format.partition(";")
    digits = re.match(r"[#,0]*", positive)
    assert digits
    thousands = len(digits[0]) - len(digits[0].rstrip(","))
    figure = f"{abs(Decimal(str(value))) / 1000**thousands:,.0f}"
    suffix = "".join(re.findall(r'"([^"]*)"', positive))
    return ("▲" if value < 0 and "▲" in negative else "") + figure + suffix


def rows_of(sheet: Worksheet) -> Table:
    """From 目標 to 当期収支差額: the last text before the figures, then the figures as they are shown."""
    found = []
    for row in sheet.iter_rows(min_row=5, max_row=18):
        texts = [str(cell.value) for cell in row[:3] if cell.value]
        name = texts[-1].strip("　") if texts else ""
        found.append([name, *(shown(cell.value, cell.number_format) for cell in row[3:])])
    return found


def test_t2_figure_for_figure(data: bytes) -> None:
    sheet = load_workbook(io.BytesIO(data))["収支状況"]
    assert [cell.value for cell in sheet[4]][3:] == [
        "平成27年度（2015）",
        "平成28年度（2016）",
        "平成29年度（2017）",
        "平成30年度（2018）",
        "令和元年度（2019）",
        "令和2年度（2020）",
    ]
    assert sheet["A3"].value == "（単位：千円）"
    assert rows_of(sheet) == t2.printed()


def test_sides_and_the_shared_header_are_merged(data: bytes) -> None:
    sheet = load_workbook(io.BytesIO(data))["収支状況"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    heads = {cell.value: cell.coordinate for row in sheet["A5:B18"] for cell in row if cell.value}
    assert (heads["収入"], heads["支出"], heads["市負担金"]) == ("A7", "A13", "B9")
    assert {"A5:A6", "A7:A12", "A13:A17", "B9:B10", "A18:C18"} <= merged


def test_notes_in_words_of_ours(data: bytes) -> None:
    sheet = load_workbook(io.BytesIO(data))["収支状況"]
    notes = [sheet.cell(row, 1).value for row in range(19, 30) if sheet.cell(row, 1).value]
    assert notes == [
        "※ 「－」はその年度に科目がないもの。",
        "※ 研究促進負担金は令和元年度から。",
        "※ 運営費は令和元年度から施設管理と研究支援に分けた。",
        "※ 入居者から預かる保証金の受払いは含まない。",
        "※ 金額はそれぞれ千円未満を四捨五入しているため、内訳の計と合計が一致しない年度がある"
        "（令和元年度・令和2年度）。",
    ]


def test_another_reader_finds_what_the_sheet_shows(data: bytes) -> None:
    """千円, as the heading says: nobody who copies a cell gets a thousand times as much."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("収支状況").to_python()
    figures = [row[3:9] for row in rows if len(row) >= 9 and isinstance(row[8], int | float)]
    expected = [
        ["－" if part == "-" else int(part.replace(",", "").replace("▲", "-")) for part in text]
        for text in (line.split("|")[1:] for line in t2.MONEY.values())
    ]
    assert figures[2:] == expected


def test_long_form_holds_every_figure_and_every_dash(data: bytes) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    heading, *rows = book.get_sheet_by_name("データ_収支").to_python()
    found = [dict(zip(map(str, heading), row, strict=True)) for row in rows]
    held = {(str(row["item_code"]), int(str(row["fiscal_year"])[:4])): row for row in found}
    assert len(held) == len(found)
    assert {
        place: row["value"] if row["value"] != "" else None for place, row in held.items()
    } == t2.thousands()
    assert {(row["status"], row["unit"]) for row in found} == {("決算", "千円")}
    assert held["facilities", 2018]["note"] == "該当なし（－）"
    assert held["expenditure", 2019]["note"] == "合計（記載値）；内訳の計 805,500、端数処理による差"
    assert held["revenue", 2019]["note"] == "合計（記載値）"


def test_the_chart_is_native_and_draws_the_tables_own_cells(data: bytes) -> None:
    with ZipFile(io.BytesIO(data)) as file:
        charts = [file.read(name).decode() for name in file.namelist() if name.startswith("xl/charts/chart")]
    (drawn,) = [chart for chart in charts if "'収支状況'" in chart]
    assert re.findall(r"<(?:c:)?v>([^<]+)</", drawn) == [
        "共同研究負担金(賃料)等",
        "研究費",
        "市負担金 立ち上げ期間支援",
        "市負担金 研究促進負担金",
        "その他",
        "支出合計",
        "当期収支差額",
    ]
    assert set(re.findall(r"<(?:c:)?delete val=\"(\d)\"", drawn)) == {"0"}
    assert "'収支状況'!$D$7:$I$7" in drawn  # rent
    assert "'収支状況'!$D$4:$I$4" in drawn  # the years
    # The balance falls below zero in H29, and an axis from 0 would cut it off.
    assert not re.search(r"<(?:c:)?min val", drawn)


def built(known: Balance) -> bytes:
    book = Book(title="収支", created=known.known_at)
    book.form_sheet(sheets.balance_sheet(known, {}))
    book.data_sheet(sheets.balance_data(known))
    return book.to_bytes()


@pytest.fixture
def two_stages(center: Center, foundation_staff: User, city_staff: User) -> Balance:
    """FY2023 in whole yen, budget and settlement, with a blank and a 0."""
    make_accounts(center)
    people = {"by": foundation_staff, "reviewer": city_staff}
    lines = {"rent": 1_234_500, "other": 0, "research": 900_499, "building": 1, "support": 2}
    decided(center, 2023, lines, **people)
    settled(center, 2023, lines, at=tokyo(date(2024, 6, 3)), **people)
    return balance.load(center, known_at=date(2026, 11, 24))


def test_zero_blank_and_yen_below_the_unit(two_stages: Balance) -> None:
    data = built(two_stages)
    workbook = load_workbook(io.BytesIO(data))
    cells = {row[1].value: row[3].value for row in workbook["収支状況"].iter_rows(min_row=5, max_row=14)}
    assert (cells["共同研究負担金"], cells["研究費"], cells["その他"]) == (1_235, None, 0)
    assert "空欄は記録のないもの" in str([cell.value for cell in workbook["収支状況"]["A"]])
    with ZipFile(io.BytesIO(data)) as file:
        drawn = file.read("xl/charts/chart1.xml").decode()
    assert re.search(r"<(?:c:)?min val=\"0\"", drawn)


def test_the_long_form_tells_stages_apart_and_has_no_row_for_a_blank(two_stages: Balance) -> None:
    rows = [dict(zip((column.key for column in sheets.balance_data(two_stages).columns), row, strict=True))
            for row in sheets.balance_data(two_stages).rows]  # fmt: skip
    assert {row["status"] for row in rows} == {"予算", "決算"}
    of_settlement = {row["item_code"]: row["value"] for row in rows if row["status"] == "決算"}
    assert of_settlement["rent"] == Decimal("1234.500")
    assert "research-income" not in of_settlement


def test_same_figures_same_bytes(two_stages: Balance) -> None:
    assert built(two_stages) == built(two_stages)
