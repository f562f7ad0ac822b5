"""Reading an uploaded table by its headings: where it is found, what each cell means, what is refused and why."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused
from iconm_portal.imports.cell_values import CellProblem, Choice, Day, Number, Text
from iconm_portal.imports.reading import rows
from iconm_portal.imports.reading.tables import Column, TableRow
from iconm_portal.imports.sheet_reading import Kind, SheetCell
from iconm_portal.imports.table_reader import read_table
from tests.builders.imports import workbook

COLUMNS = (
    Column("date", ("日付", "Date"), Day(), required=True),
    Column("code", ("科目コード", "Account code"), Text(60)),
    Column("name", ("科目名", "Account"), Text(60)),
    Column("amount", ("金額", "Amount"), Number(unit="円", maximum=10**15 - 1), required=True),
)
HEADINGS = ["日付", "科目コード", "科目名", "金額"]
ROW = ["2023/6/1", "rent", None, 1000]


def rows_of(data: bytes, filename: str) -> list[TableRow]:
    with read_table(data, filename=filename, columns=COLUMNS, one_of=(("code", "name"),)) as table:
        return list(table.rows())


def texts(rows: list[TableRow]) -> list[dict[str, str]]:
    return [{key: str(cell.value) for key, cell in row.cells.items()} for row in rows]


def refused(data: bytes, filename: str = "a.xlsx") -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        rows_of(data, filename)
    return caught.value


def test_columns_are_found_by_heading_wherever_they_stand() -> None:
    found = rows_of(
        workbook(
            [["令和5年度 明細"], [], ["Amount ", "備考", " ＤＡＴＥ", "科目 名"], [1, "x", "R5.6.1", "賃料"]]
        ),
        "a.xlsx",
    )
    assert texts(found) == [{"amount": "1", "date": "R5.6.1", "name": "賃料"}]
    assert found[0].number == 4


def test_a_unit_in_brackets_is_no_part_of_the_heading() -> None:
    assert len(rows_of(workbook([["日付", "科目名", "金額（円）"], ["R5.6.1", "賃料", 1]]), "a.xlsx")) == 1


def test_the_sheet_with_all_headings_is_taken_and_hidden_ones_are_not() -> None:
    book = Workbook()
    hidden, listed, wanted = book.active, book.create_sheet("科目一覧"), book.create_sheet("明細")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(HEADINGS)
    hidden.append(ROW)
    listed.append(["科目コード", "科目名"])
    wanted.append(HEADINGS)
    wanted.append(["2023/6/1", "other", None, 5])
    file = io.BytesIO()
    book.save(file)
    with read_table(file.getvalue(), filename="a.xlsx", columns=COLUMNS) as table:
        assert (table.first.sheet, table.first.letters["amount"]) == ("明細", "D")
        assert [row.cells["code"].value for row in table.rows()] == ["other"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_csv_in_each_encoding_and_with_each_mark(encoding: str, mark: str) -> None:
    text = "\r\n".join(mark.join(line) for line in (HEADINGS, ["令和5年6月1日", "rent", "①賃料", "１０００"]))
    assert texts(rows_of(text.encode(encoding), "a.csv")) == [
        {"date": "令和5年6月1日", "code": "rent", "name": "①賃料", "amount": "１０００"}
    ]


def test_rows_of_csv_are_counted_as_a_spreadsheet_counts_them() -> None:
    text = '日付,科目名,金額\n\nR5.6.1,"二行の\n名",1\nR5.6.2,賃料,2\n'
    assert [row.number for row in rows_of(text.encode(), "a.csv")] == [3, 4]


def test_the_mark_before_a_text_like_a_formula_is_taken_away_again() -> None:
    found = rows_of("日付,科目名,金額\nR5.6.1,'=A1,1\n".encode(), "a.csv")
    assert found[0].cells["name"].value == "=A1"


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (workbook([["日付", "金額"], ["R5.6.1", 1]]), "a.xlsx", Refusal.MISSING_HEADINGS),
        (workbook([[*HEADINGS, "金 額"], ROW]), "a.xlsx", Refusal.HEADINGS_TWICE),
        (workbook([["甲", "乙"], ["R5.6.1", 1]]), "a.xlsx", Refusal.NO_HEADINGS),
        (workbook([]), "a.xlsx", Refusal.NO_HEADINGS),
        (workbook([HEADINGS]), "a.xls", Refusal.OLD_FORMAT),
        (workbook([HEADINGS]), "a.xlsm", Refusal.MACROS),
        (workbook([HEADINGS]), "a.pdf", Refusal.NOT_A_TABLE_NAME),
        (b"not a zip", "a.xlsx", Refusal.NOT_A_WORKBOOK),
        (b"PK\x03\x04 broken", "a.xlsx", Refusal.DAMAGED),
        (b"", "a.csv", Refusal.EMPTY),
        (b"\xff\xfe\x00", "a.csv", Refusal.NOT_TEXT),
        (b"\x81", "a.csv", Refusal.NOT_TEXT),
        (b"\xff\xfe", "a.csv", Refusal.NO_HEADINGS),
        ('日付,科目名,金額\n"R5.6.1"x,賃料,1\n'.encode(), "a.csv", Refusal.CSV_DAMAGED),
        (("日付,科目名,金額" + "," * 300).encode(), "a.csv", Refusal.TOO_MANY_COLUMNS),
    ],
    # A workbook holds the second at which it was made, and the workers must find the same names.
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_a_file_that_is_no_such_table_says_why(data: bytes, filename: str, code: Refusal) -> None:
    assert refused(data, filename).code == code


def test_what_is_missing_is_called_by_name() -> None:
    assert (
        refused(workbook([["日付", "摘要", "金額"], ["R5.6.1", "x", 1]])).params["headings"]
        == "科目コード／科目名"
    )


def test_a_row_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 2)
    assert len(rows_of(workbook([HEADINGS, ROW, ROW]), "a.xlsx")) == 2
    assert refused(workbook([HEADINGS, ROW, ROW, ROW])).code == Refusal.TOO_MANY_ROWS


def test_a_formula_gives_the_value_that_was_saved_with_it() -> None:
    """openpyxl saves none, so the value is written into the file by hand; a text that begins with = is a text."""
    book = load_workbook(io.BytesIO(workbook([HEADINGS, ["2023/6/1", "rent", None, "=1+1"]])))
    assert book.active is not None
    book.active["C2"].value = "=text"
    book.active["C2"].data_type = "s"
    file = io.BytesIO()
    book.save(file)
    cells = rows_of(file.getvalue(), "a.xlsx")[0].cells
    assert cells["amount"].kind is Kind.EMPTY
    assert cells["amount"].formula
    assert (cells["name"].value, cells["name"].kind) == ("=text", Kind.TEXT)


# -- Cells --


def cell(value: Any, kind: Kind = Kind.TEXT) -> SheetCell:
    return SheetCell(12, 3, value, kind)


@pytest.mark.parametrize(
    "written", ["令和5年6月1日", "Ｒ５．６．１", "R5.6.1", "2023/6/1", "2023-06-01", "２０２３年６月１日"]
)
def test_days_as_officials_write_them(written: str) -> None:
    assert Day().read(cell(written)) == "2023-06-01"


@pytest.mark.parametrize(
    ("value", "kind"), [(date(2023, 6, 1), Kind.DATE), (datetime(2023, 6, 1, 9, 30), Kind.DATETIME)]
)
def test_days_of_a_spreadsheet(value: date, kind: Kind) -> None:
    assert Day().read(cell(value, kind)) == "2023-06-01"


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("1,234", "1234"),
        ("１，２３４円", "1234"),
        ("¥5", "5"),
        ("▲5", "-5"),
        ("△5", "-5"),
        ("-5", "-5"),
        ("(5)", "-5"),
        ("5.0", "5"),
    ],
)
def test_amounts_as_officials_write_them(written: str, yen: str) -> None:
    assert Number(unit="円").read(cell(written)) == yen


@pytest.mark.parametrize(
    ("parser", "value", "kind", "said"),
    [
        (Number(unit="円"), "#REF!", Kind.ERROR, "shows the error #REF!"),
        (Number(unit="円"), None, Kind.EMPTY, "saved without its value"),
        (Number(unit="円"), True, Kind.BOOLEAN, "TRUE (true or false)"),
        (Number(unit="円"), date(2023, 6, 1), Kind.DATE, "holds a date; a number"),
        (Number(unit="円"), 24, Kind.PERCENT, "a percentage"),
        (Number(unit="円"), "1.5", Kind.TEXT, "whole number"),
        (Number(unit="円"), "1" + "0" * 15, Kind.TEXT, "at most 15 digits"),
        (Number(unit="円"), "5人", Kind.TEXT, "entered in 円"),
        (Number(unit="円"), "12O", Kind.TEXT, "Write the digit 0"),
        (Number(unit="円"), "-", Kind.TEXT, "is not a number"),
        (Day(), "45000", Kind.NUMBER, "a date belongs here"),
        (Day(), "2023/2/30", Kind.TEXT, "does not exist in the calendar"),
        (Day(), "令和元年3月1日", Kind.TEXT, "had not yet begun"),
        (Text(5), "長い長い長い", Kind.TEXT, "6 characters; there is room for 5"),
        (Text(5), date(2023, 1, 2), Kind.DATE, "made a date of this text"),
        (Text(5), "a\x07b", Kind.TEXT, "control characters"),
        (Choice({"有": "yes"}, "“%(found)s”: no such word.", {}), "無", Kind.TEXT, "“無”: no such word."),
    ],
)
def test_a_cell_that_cannot_be_meant_says_why(parser: Any, value: Any, kind: Kind, said: str) -> None:
    with pytest.raises(CellProblem) as caught:
        parser.read(cell(value, kind))
    assert said in caught.value.message % caught.value.params


def test_texts_are_put_into_one_line() -> None:
    assert Text(40).read(cell("一行目\n  二行目 ")) == "一行目 二行目"
