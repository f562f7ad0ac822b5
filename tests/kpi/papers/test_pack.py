"""The committee pack: T1 and T3 of the report, digit for digit, for readers and for machines."""

import datetime
import io
from collections import Counter

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from iconm_portal.display.sheets import LONG_FORM_COLUMNS
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.papers import pack
from kpi.papers.contents import NothingKnownError
from kpi.reports import actions
from tests.builders.plans import INCOME, PATENTS, TRIALS, accept, fill, make_accepted_report, make_plan, tokyo

pytestmark = pytest.mark.django_db
PUBLISHED = datetime.date(2022, 1, 27)
SHEETS = [
    "表紙",
    "成果指標（KPI）",
    "KPI達成状況",
    "KPIの推移",
    "収支状況",
    "直接目標（KGI）",
    "主な取組",
    "主な取組2",
    "研究支援事業一覧",
    "支援措置と負担金",
    "活動実績",
    "協定の概要",
    "経緯",
    "資料に記載された事項",
    "データ_成果指標",
    "データ_KPI達成状況",
    "データ_収支",
    "データ_直接目標",
    "データ_取組",
    "データ_取組の目標",
    "データ_研究支援事業",
    "データ_支援措置",
    "データ_活動実績",
    "データ_協定",
    "データ_協定条項",
    "データ_経緯",
    "データ_資料の記載事項",
    "コード・定義",
]  # no duties: the drafts of T9 begin in the year after the report

# Typed from the report's pages as printed, not from kpi/reference/.
T1 = """
革新的医薬品等の上市|事業化への最終ステップへの到達数|治験や臨床研究等の実施件数(累計)|11件|12件|13件|14件|15件
|事業化に向けた企業との契約件数|ライセンス実施件数(累計)【新規】|13件|14件|15件|16件|17件
|事業化を目指す研究成果の母数|特許出願件数(年間)|8件|5件|10件|15件|20件
|研究を継続するための資金調達力|研究費収入額(年額)|438,802千円（決算見込額）|286,000千円|347,000千円|354,000千円|360,000千円
拠点価値の向上|立地機関を誘引する求心力|iCONM入居率【新規】|87%|90%|90%|90%|90%
|戦略的な情報発信|メディア掲載件数(年間)【新規】|165件|180件|200件|220件|240件
|市民理解の醸成|市民公開講座アンケートの「満足」割合【新規】|90%|90%|90%|90%|90%
新産業の創出|新たな市場領域への産業波及|ベンチャー設立数(累計)|7社|8社|9社|10社|11社
"""
T3 = """
革新的医薬品等の上市|治験等の実施件数(累計)|11件|11件|12件|11件|14件
|特許出願件数(累計)|40件|63件|70件|87件|75件
|研究費収入額|460百万円|505百万円|480百万円|600百万円|530百万円
拠点価値の向上|エリア進出決定機関数|68機関|69機関|70機関|70機関|75機関
|研究員に占める外国人割合|28%以上|24.3%|30%以上|21.1%|33%以上
新産業振興|ベンチャー設立数(累計)|3社|3社|4社|5社|5社
"""


def table(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


def printed(cell) -> str:
    """The cell as a spreadsheet shows it: number and the literals of its format."""
    if cell.value is None:
        return ""
    if cell.data_type != "n":
        return str(cell.value)
    positive = cell.number_format.split(";")[0]
    digits = positive.split('"')[0]
    decimals = len(digits.partition(".")[2])
    return f"{cell.value:,.{decimals}f}" + positive[len(digits) :].replace('"', "")


def rows_of(sheet: Worksheet, first: int, count: int) -> list[list[str]]:
    return [
        [printed(cell) for cell in row] for row in sheet.iter_rows(min_row=first, max_row=first + count - 1)
    ]


@pytest.fixture
def workbook(iconm):
    return load_workbook(io.BytesIO(build(iconm, PUBLISHED)))


def build(center: Center, as_of: datetime.date) -> bytes:
    return pack.contents(center, as_of=as_of).to_bytes()


def heading_row(sheet: Worksheet, word: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == word)


def test_sheets_in_order(workbook) -> None:
    assert workbook.sheetnames == SHEETS


def test_t1_figure_for_figure(workbook) -> None:
    sheet = workbook["成果指標（KPI）"]
    top = heading_row(sheet, "指標の意義")
    assert rows_of(sheet, top, 2) == [
        [
            "先導的施設として実現する目標",
            "指標の意義",
            "指標",
            "令和3年11月末",
            "令和4年度",
            "令和5年度",
            "令和6年度",
            "令和7年度",
        ],
        ["", "", "", "実績", "目標", "目標", "目標", "目標"],
    ]
    assert rows_of(sheet, top + 2, 8) == table(T1)


def test_t3_figure_for_figure(workbook) -> None:
    sheet = workbook["KPI達成状況"]
    top = heading_row(sheet, "中核施設として実現する成果")
    assert rows_of(sheet, top, 2) == [
        ["中核施設として実現する成果", "指標", "令和元年度", "", "令和2年度", "", "令和3年度"],
        ["", "", "目標", "実績", "目標", "実績", "目標"],
    ]
    assert rows_of(sheet, top + 2, 6) == table(T3)


def test_headings_and_goals_are_merged(workbook) -> None:
    t3 = {str(merged) for merged in workbook["KPI達成状況"].merged_cells.ranges}
    top = heading_row(workbook["KPI達成状況"], "中核施設として実現する成果")
    assert {f"C{top}:D{top}", f"E{top}:F{top}", f"A{top + 2}:A{top + 4}", f"A{top + 5}:A{top + 6}"} <= t3


def test_form_sheets_print_on_a4_landscape(workbook) -> None:
    for name in ("成果指標（KPI）", "KPI達成状況"):
        sheet = workbook[name]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def long_rows(data: bytes, name: str) -> list[dict[str, object]]:
    """Read by another library than the one that wrote."""
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(name).to_python()
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def test_long_form_holds_every_printed_figure(iconm: Center) -> None:
    data = build(iconm, PUBLISHED)
    for name, printed_table, texts in (("データ_成果指標", T1, 3), ("データ_KPI達成状況", T3, 2)):
        rows = long_rows(data, name)
        assert list(rows[0]) == [*(column.key for column in LONG_FORM_COLUMNS), "comparator"]
        figures = Counter(
            figure.replace("以上", "").replace("（決算見込額）", "").replace(",", "")
            for line in table(printed_table)
            for figure in line[texts:]
        )
        assert Counter(f"{row['value']:g}".replace("e+", "E") + str(row["unit"]) for row in rows) == figures


def test_long_form_says_what_each_value_is(iconm: Center) -> None:
    rows = long_rows(build(iconm, PUBLISHED), "データ_成果指標")
    baseline = {row["item_code"]: row for row in rows if row["status"] != "target"}
    assert baseline["research-income"]["status"] == "forecast"
    assert baseline["research-income"]["value"] == 438802
    assert baseline["research-income"]["as_of"] == datetime.date(2021, 11, 30)
    assert {row["status"] for code, row in baseline.items() if code != "research-income"} == {"interim"}
    assert {row["fiscal_year_wareki"] for row in rows} == {f"令和{year}年度" for year in (3, 4, 5, 6, 7)}
    assert {(row["facility_code"], row["plan_code"]) for row in rows} == {("iconm", "support-r4")}


def test_same_data_same_bytes(iconm: Center) -> None:
    assert build(iconm, PUBLISHED) == build(iconm, PUBLISHED)


def test_nothing_known_before_the_report(iconm: Center) -> None:
    with pytest.raises(NothingKnownError):
        pack.contents(iconm, as_of=datetime.date(2022, 1, 26))


def test_a_later_correction_does_not_reach_an_earlier_day(center, foundation_staff, city_staff) -> None:
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    people = {"by": foundation_staff, "reviewer": city_staff}
    report = make_accepted_report(plan, 2022, {"trials": 9}, at=tokyo(datetime.date(2023, 5, 29)), **people)
    draft = actions.start_correction(report=report, reason="重複", by=foundation_staff)
    fill(draft, {"trials": 8}, by=foundation_staff)
    actions.submit(
        report=draft, version=draft.version, by=foundation_staff, at=tokyo(datetime.date(2023, 6, 30))
    )
    before = build(center, datetime.date(2023, 6, 30))
    accept(draft, reviewer=city_staff, at=tokyo(datetime.date(2023, 7, 1)))
    assert build(center, datetime.date(2023, 6, 30)) == before
    assert build(center, datetime.date(2023, 7, 1)) != before


def test_zero_blank_and_not_applicable_differ(center, foundation_staff, city_staff) -> None:
    targets = {"trials": 1, "patents": 1, "income": 1000}
    plan = make_plan(center, indicators=[TRIALS, PATENTS, INCOME], targets=targets)
    make_accepted_report(plan, 2022, {"trials": 0, "patents": None}, by=foundation_staff, reviewer=city_staff)
    data = build(center, datetime.date(2023, 6, 1))
    sheet = load_workbook(io.BytesIO(data))["KPI達成状況"]
    top = heading_row(sheet, "目標")
    actuals = [sheet.cell(row, 4).value for row in range(top + 2, top + 5)]
    assert actuals == [0, "－", None]
    rows = [row for row in long_rows(data, "データ_KPI達成状況") if row["status"] != "target"]
    assert [(row["item_code"], row["value"]) for row in rows] == [("trials", 0), ("patents", "")]
    assert "該当なし" in str(rows[1]["note"])
    assert all(row["fiscal_year"] == FiscalYear(2022).start for row in rows)
