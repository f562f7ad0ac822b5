"""Workbooks: safe cells, the layouts of the committee's tables, print set-up, and the same bytes for the same data."""

import csv
import importlib.util
import io
import os
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl.xml.functions
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from iconm_portal.display.sheets import (
    LONG_FORM_COLUMNS,
    Book,
    CellValue,
    Column,
    DataSheet,
    FormCell,
    FormSheet,
    LongRow,
    clean_text,
    csv_bytes,
    csv_unquoted,
    exact_number,
    line_count,
    long_form,
    number_format,
)
from iconm_portal.display.sheets.values import encode

AS_OF = date(2022, 1, 27)


def heading(text: str, **spans: int) -> FormCell:
    return FormCell(text, "heading", **spans)


def number(value: CellValue, unit: str, decimals: int = 0, suffix: str = "") -> FormCell:
    return FormCell(value, "number", number_format(unit, decimals, suffix))


def target_table() -> FormSheet:
    """Headings in two rows, a goal merged downwards: the layout of T1."""
    return FormSheet(
        name="成果指標（KPI）",
        title="成果指標（KPI）",
        subtitle="令和3年11月末",
        unit_line="（単位：各欄）",
        widths=[20, 30, 24, 12],
        heading=[
            [
                heading("目標", rowspan=2),
                heading("指標", rowspan=2),
                heading("令和3年11月末"),
                heading("令和4年度"),
            ],
            [heading("実績"), heading("目標")],
        ],
        body=[
            [
                FormCell("革新的医薬品等の上市", "label", rowspan=2),
                FormCell("特許出願件数(年間)"),
                number(8, "件"),
                number(5, "件"),
            ],
            [
                FormCell("研究費収入額(年額)"),
                number(438_802, "千円", suffix="（決算見込額）"),
                number(286_000, "千円"),
            ],
        ],
        notes=["※ 端数処理の関係で、合計が一致しないことがある。"],
        freeze_columns=2,
    )


def achievement_table() -> FormSheet:
    """A year's heading merged over target and actual: the layout of T3."""
    return FormSheet(
        name="KPI達成状況",
        title="KPI達成状況",
        widths=[30, 12, 12],
        heading=[
            [heading("指標", rowspan=2), heading("令和元年度", colspan=2)],
            [heading("目標"), heading("実績")],
        ],
        body=[
            [
                FormCell("研究員に占める外国人割合"),
                number(28, "%", suffix="以上"),
                number(Decimal("24.3"), "%", 1),
            ]
        ],
    )


def long_row(**changes: Any) -> LongRow:
    values = {
        "fiscal_year": 2019,
        "fiscal_year_wareki": "令和元年度",
        "facility_code": "iconm",
        "plan_code": "r1-r3",
        "item_code": "foreign-researchers",
        "item_name": "研究員に占める外国人割合",
        "value": Decimal("24.3"),
        "unit": "%",
        "status": "final",
        "as_of": date(2020, 3, 31),
        "note": "",
    }
    return LongRow(**(values | changes))


def pack() -> bytes:
    book = Book(title="委員会資料", created=AS_OF)
    book.form_sheet(target_table())
    book.form_sheet(achievement_table())
    book.data_sheet(long_form("データ_KPI達成状況", [long_row(), long_row(value=None, note="－")]))
    return book.to_bytes()


def form(cells: FormSheet) -> Any:
    book = Book(title="x", created=AS_OF)
    book.form_sheet(cells)
    return load_workbook(io.BytesIO(book.to_bytes())).worksheets[0]


def data(columns: list[Column], *rows: list[CellValue]) -> bytes:
    book = Book(title="x", created=AS_OF)
    book.data_sheet(DataSheet("データ_x", columns, rows))
    return book.to_bytes()


def single(value: CellValue, kind: Any) -> Any:
    return load_workbook(io.BytesIO(data([Column("x", kind)], [value]))).worksheets[0]["A2"]


# -- The layouts of the report --


def test_target_table_has_headings_in_two_rows_and_a_goal_merged_downwards() -> None:
    sheet = form(target_table())
    assert {str(merged) for merged in sheet.merged_cells.ranges} >= {"A4:A5", "B4:B5", "A6:A7"}
    assert [cell.value for cell in sheet[4]] == ["目標", "指標", "令和3年11月末", "令和4年度"]
    assert [cell.value for cell in sheet[5]] == [None, None, "実績", "目標"]
    assert [cell.value for cell in sheet[7]] == [None, "研究費収入額(年額)", 438_802, 286_000]
    assert sheet["C7"].number_format == '#,##0"千円（決算見込額）";"▲"#,##0"千円（決算見込額）"'


def test_achievement_table_merges_the_year_over_target_and_actual() -> None:
    sheet = form(achievement_table())
    assert "B3:C3" in sheet.merged_cells
    assert [cell.value for cell in sheet[5]] == ["研究員に占める外国人割合", 28, 24.3]


def test_an_independent_reader_finds_the_same_cells() -> None:
    content = pack()
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(content))
    ours = load_workbook(io.BytesIO(content))
    assert theirs.sheet_names == ours.sheetnames == ["成果指標（KPI）", "KPI達成状況", "データ_KPI達成状況"]
    for name in ours.sheetnames:
        expected = [["" if value is None else value for value in row] for row in ours[name].values]
        found = theirs.get_sheet_by_name(name).to_python(skip_empty_area=False)
        dates = [[as_datetime(value) for value in row] for row in found]
        assert dates == expected


def as_datetime(value: object) -> object:
    """openpyxl reads a date as a datetime at midnight."""
    return datetime(value.year, value.month, value.day) if type(value) is date else value


def test_every_cell_of_a_merged_block_has_borders() -> None:
    content = pack()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    # Read from the file itself: openpyxl would supply the borders of covered cells when it opens it.
    styled = {part.split('"')[0] for part in xml.split('<c r="')[1:] if ' s="' in part.split(">")[0]}
    assert {f"{column}{row}" for column in "ABCD" for row in (4, 5, 6, 7)} <= styled
    for row in load_workbook(io.BytesIO(content)).worksheets[0]["A4:D7"]:
        for cell in row:
            assert cell.border.left.style == cell.border.right.style == "thin"


def test_the_title_is_centred_over_the_table_and_the_unit_stands_at_its_right() -> None:
    sheet = form(target_table())
    assert [sheet[f"A{row}"].value for row in (1, 2, 3)] == [
        "成果指標（KPI）",
        "令和3年11月末",
        "（単位：各欄）",
    ]
    assert [sheet[f"A{row}"].alignment.horizontal for row in (1, 2, 3)] == ["center", "center", "right"]
    assert all(f"A{row}:D{row}" in sheet.merged_cells for row in (1, 2, 3, 9))
    assert sheet["A9"].value == "※ 端数処理の関係で、合計が一致しないことがある。"


def test_forms_are_set_up_to_be_printed_and_read() -> None:
    sheet = form(target_table())
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        9,
        1,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$4:$5"
    assert sheet.print_area == "'成果指標（KPI）'!$A$1:$D$9"
    assert sheet.oddFooter.center.text == "&P / &N"
    assert sheet.freeze_panes == "C6"
    assert (sheet["B6"].font.name, sheet["B6"].font.size) == ("Yu Gothic", 10.5)


def test_the_font_is_a_parameter() -> None:
    book = Book(title="x", created=AS_OF, font="MS Mincho", size=11)
    book.form_sheet(achievement_table())
    cell = load_workbook(io.BytesIO(book.to_bytes())).worksheets[0]["A5"]
    assert (cell.font.name, cell.font.size) == ("MS Mincho", 11)


def test_rows_are_as_high_as_their_text_needs() -> None:
    def height(text: str, **spans: int) -> float:
        first = [FormCell(text, **spans), FormCell("a")]
        rest = [[FormCell("b")] for _ in range(spans.get("rowspan", 1) - 1)]
        sheet = form(FormSheet("x", "x", [20, 10], [[heading("A"), heading("B")]], [first, *rest]))
        return float(sheet.row_dimensions[4].height)

    one = height("短い")
    assert height("漢" * 8) == one
    assert height("漢" * 20) > 2 * one - 10
    assert one < height("漢" * 40, rowspan=2) < height("漢" * 40)
    assert height("漢" * 10_000) == 409  # the highest that a row can be


def test_full_width_characters_count_two() -> None:
    assert line_count("a" * 17, 20) == 1
    assert line_count("漢" * 9, 20) == 2
    assert line_count("漢\n字", 20) == 2


def test_no_column_is_too_narrow_for_a_figure_of_it() -> None:
    """A spreadsheet prints ### in the place of a number that does not fit; a text is broken into lines instead."""
    narrow = FormSheet(
        name="推移",
        title="推移",
        widths=[10, 16, 16],
        heading=[[heading("指標"), heading("R6"), heading("R7")]],
        body=[[FormCell("満足割合"), number(90, "%", suffix="を維持（目標変更あり）"), number(90, "%")]],
    )
    widths = {name: dimension.width for name, dimension in form(narrow).column_dimensions.items()}
    assert widths == {"A": 10, "B": 28, "C": 16}


def test_rows_can_be_made_even() -> None:
    body = [[FormCell("漢" * 40)], [FormCell("短い")]]
    sheet = form(FormSheet("x", "x", [20], [[heading("A")]], body, even_rows=True))
    assert sheet.row_dimensions[4].height == sheet.row_dimensions[5].height > 40


@pytest.mark.parametrize(
    "rows",
    [
        [[FormCell("a")]],  # too few
        [[FormCell("a"), FormCell("b"), FormCell("c")]],  # too many
        [[FormCell("a", rowspan=2), FormCell("b")]],  # beyond the table's end
        [[FormCell("a"), FormCell("b", rowspan=2)], [FormCell("c", colspan=2)]],  # over another cell
        [[FormCell("a", colspan=0), FormCell("b"), FormCell("c")]],
    ],
)
def test_cells_that_do_not_fill_the_table_are_refused(rows: list[list[FormCell]]) -> None:
    with pytest.raises(ValueError, match="table"):
        form(FormSheet("x", "x", [10, 10], [[heading("A"), heading("B")]], rows))


# -- Cells --

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "0123",
    "2022-01-27",
    "TRUE",
    "'",
    " =1+1",
    "\u3000＝1+1",
    "\n=1+1",
    "－1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_is_always_a_text(text: str) -> None:
    content = data([Column("x")], [text])
    cell = load_workbook(io.BytesIO(content)).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (text, "s", True)
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1] == [text]


def test_an_ordinary_text_needs_no_mark() -> None:
    assert not single("治験等の実施件数(累計)", "text").quotePrefix
    assert not single("－", "text").quotePrefix


def test_what_a_cell_cannot_hold_is_left_out_of_the_text() -> None:
    assert clean_text("a\x00b\x1fc\ud800d\uffffe") == "abcde"
    assert single("一行目\r\n二行目\t端", "text").value == "一行目\n二行目\t端"


@given(st.text(max_size=60))
def test_any_text_can_be_written_and_read(text: str) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data([Column("x"), Column("y")], [text, "end"])))
    assert rows.get_sheet_by_index(0).to_python()[1] == [clean_text(text), "end"]


def test_a_text_that_looks_like_an_escape_stays_as_it_is() -> None:
    with zipfile.ZipFile(io.BytesIO(data([Column("x")], ["a_x000D_b"]))) as archive:
        assert b"a_x005F_x000D_b" in archive.read("xl/worksheets/sheet1.xml")


def test_an_overlong_text_is_refused_rather_than_cut() -> None:
    assert encode("a" * 32_767)
    with pytest.raises(ValueError, match="32767"):
        encode("a" * 32_768)
    with pytest.raises(ValueError, match="32767"):
        encode("🧬" * 16_384)  # two units each, as Excel counts


def test_a_csv_holds_texts_of_any_length() -> None:
    assert len(csv_bytes([Column("x")], [["a" * 40_000]])) > 40_000


@pytest.mark.parametrize(
    "text", ["9.95", "24.3", "0.1", "-23477", "123456789012345", "0.00000000000001", "0"]
)
def test_decimals_are_written_digit_for_digit(text: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data([Column("x", "number")], [Decimal(text)]))) as archive:
        assert f"<v>{text}</v>".encode() in archive.read("xl/worksheets/sheet1.xml")


def test_numbers_that_a_sheet_would_falsify_are_refused() -> None:
    assert exact_number(Decimal("1E+3")) == "1000"
    assert exact_number(10**20) == "1" + "0" * 20
    for value in (Decimal("NaN"), float("inf"), 1234567890123456, Decimal("0.1234567890123456")):
        with pytest.raises(ValueError, match=r"digits|not a number"):
            exact_number(value)


def test_dates_are_real_dates() -> None:
    cell = single(AS_OF, "date")
    assert (cell.value, cell.is_date, cell.number_format) == (datetime(2022, 1, 27), True, "yyyy-mm-dd")


def test_a_zoned_moment_is_written_as_japan_saw_it() -> None:
    assert single(datetime(2022, 1, 27, 15, 30, tzinfo=UTC), "datetime").value == datetime(2022, 1, 28, 0, 30)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1", "number"), (1, "text"), (True, "number"), (datetime(2022, 1, 1), "date"), (b"", "text")],
)
def test_a_column_holds_one_kind_of_value(value: Any, kind: Any) -> None:
    with pytest.raises(TypeError):
        single(value, kind)


def test_a_truth_value_is_no_cell_of_a_form() -> None:
    with pytest.raises(TypeError):
        form(FormSheet("x", "x", [10], [[heading("A")]], [[FormCell(True)]]))


def test_blank_is_not_zero() -> None:
    rows = load_workbook(io.BytesIO(data([Column("a", "number"), Column("b", "number")], [None, 0])))
    assert [cell.value for cell in rows.worksheets[0][2]] == [None, 0]


# -- Number formats --


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("件",), '#,##0"件";"▲"#,##0"件"'),
        (("%", 1), '#,##0.0"%";"▲"#,##0.0"%"'),
        (("%", 0, "以上"), '#,##0"%以上";"▲"#,##0"%以上"'),
        (("千円", 0, "", "△"), '#,##0"千円";"△"#,##0"千円"'),
        (("",), '#,##0;"▲"#,##0'),
        (('a"b;',), '#,##0"a"\\""b;";"▲"#,##0"a"\\""b;"'),
        (("件\t／\n年\x01",), '#,##0"件 ／ 年";"▲"#,##0"件 ／ 年"'),
    ],
)
def test_number_formats_carry_the_unit(arguments: tuple[Any, ...], expected: str) -> None:
    assert number_format(*arguments) == expected


def test_yen_can_be_shown_in_thousands() -> None:
    assert number_format("千円", thousands=1) == '#,##0,"千円";"▲"#,##0,"千円"'


def test_impossible_number_formats_are_refused() -> None:
    for arguments in ({"unit": "件" * 200}, {"decimals": -1}):
        with pytest.raises(ValueError, match=r"format|counts"):
            number_format(**arguments)


# -- Data sheets --


def test_data_sheets_are_plain_tables_in_the_long_form() -> None:
    sheet = load_workbook(io.BytesIO(pack()))["データ_KPI達成状況"]
    rows = list(sheet.values)
    assert ",".join(rows[0]) == (
        "fiscal_year,fiscal_year_wareki,facility_code,plan_code,item_code,item_name,value,unit,status,as_of,note"
    )
    assert rows[1][0] == 2019
    assert rows[1][6:9] == (24.3, "%", "final")
    assert rows[1][10] is None
    assert rows[2][6] is None
    assert rows[2][10] == "－"
    assert sheet.freeze_panes == "A2"
    assert not sheet.merged_cells.ranges
    assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
    assert len(rows[0]) == len(LONG_FORM_COLUMNS)


def test_headers_are_unique_and_rows_complete() -> None:
    with pytest.raises(ValueError, match="unique"):
        data([Column("x"), Column("x")])
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        data([Column("x")], ["a", "b"])


def test_csv_has_a_bom_and_runs_no_formula() -> None:
    columns = [Column("名称"), Column("value", "number"), Column("as_of", "date")]
    rows: list[list[CellValue]] = [
        ["=1+1", -5, AS_OF],
        ["－", None, None],
        ["ナノ,医療", Decimal("24.30"), None],
    ]
    assert csv_bytes(columns, rows) == (
        '\ufeff名称,value,as_of\r\n\'=1+1,-5,2022-01-27\r\n－,,\r\n"ナノ,医療",24.30,\r\n'.encode()
    )


@pytest.mark.parametrize(
    "mark", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\u3000＝", "\t ="]
)
def test_no_text_begins_as_a_formula_in_a_csv(mark: str) -> None:
    written = csv_bytes([Column(f"{mark}x")], [[f"{mark}1+1"]]).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(written, newline="")):
        assert row[0].startswith("'")


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''=1+1", "'000123", "O'Neill", " =1", "'", "-"])
def test_the_mark_before_a_text_is_told_from_its_own(text: str) -> None:
    written = csv_bytes([Column("x")], [[text]]).decode("utf-8-sig")
    assert csv_unquoted(list(csv.reader(io.StringIO(written, newline="")))[1][0]) == text


# -- Sheet names --


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "a:b", "[a]", "a?", "'a", "a'", "漢" * 32, "History", "a\nb"]
)
def test_names_that_a_spreadsheet_refuses_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name for a sheet"):
        form(FormSheet(name, "x", [10], [[heading("A")]], []))


def test_names_are_unique_and_tell_data_from_forms() -> None:
    book = Book(title="x", created=AS_OF)
    book.data_sheet(DataSheet("データ_a", [Column("x")], []))
    with pytest.raises(ValueError, match="Two sheets"):
        book.data_sheet(DataSheet("データ_A", [Column("x")], []))
    with pytest.raises(ValueError, match="machine-readable"):
        book.data_sheet(DataSheet("a", [Column("x")], []))
    with pytest.raises(ValueError, match="machine-readable"):
        book.form_sheet(FormSheet("データ_b", "x", [10], [[heading("A")]], []))


def test_a_workbook_without_sheets_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a sheet"):
        Book(title="x", created=AS_OF).to_bytes()


# -- The same data, the same bytes --


def test_the_same_data_give_the_same_bytes_whatever_the_clock_says() -> None:
    with time_machine.travel(datetime(2022, 2, 1, tzinfo=UTC)):
        first = pack()
    with time_machine.travel(datetime(2031, 7, 9, 12, 34, 56, tzinfo=UTC)):
        second = pack()
    assert first == second


def test_a_workbook_can_be_taken_twice() -> None:
    book = Book(title="x", created=AS_OF)
    book.form_sheet(target_table())
    assert book.to_bytes() == book.to_bytes()
    with pytest.raises(ValueError, match="written already"):
        book.form_sheet(achievement_table())


def test_the_file_speaks_of_the_day_that_it_was_given() -> None:
    properties = load_workbook(io.BytesIO(pack())).properties
    assert (properties.title, properties.created, properties.modified) == (
        "委員会資料",
        datetime(2022, 1, 27),
        datetime(2022, 1, 27),
    )
    with zipfile.ZipFile(io.BytesIO(pack())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2022, 1, 27, 0, 0, 0)}


def test_every_process_writes_the_same_bytes() -> None:
    program = "import hashlib; from tests.iconm_portal.display.test_sheet_writing import pack; print(hashlib.sha256(pack()).hexdigest())"
    root = Path(__file__).parents[3]
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"), ("3", "America/New_York"))
    }
    assert len(digests) == 1


def test_workbooks_are_written_and_read_the_same_wherever_lxml_is_installed() -> None:
    """It comes with python-docx, and openpyxl would take it: other bytes, and no defusedxml before what people send."""
    assert importlib.util.find_spec("lxml")
    assert openpyxl.LXML is False
    assert openpyxl.xml.functions.fromstring.__module__ == "defusedxml.common"
    assert openpyxl.xml.functions.iterparse.__module__ == "defusedxml.common"
