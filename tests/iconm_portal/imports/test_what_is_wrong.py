"""What is wrong in a long table: by kind with a count, errors before warnings, the wrong rows alone, and the file back."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from finance.ledger.imports.kind import ENTRIES
from iconm_portal.imports import importing
from iconm_portal.imports.importing import Repeated
from iconm_portal.models import Center, Role, TableImport, User
from tests.builders.finance import make_accounts
from tests.builders.imports import csv_file, looked_at, xlsx
from tests.builders.plans import tokyo
from tests.people import LogIn, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
AT = tokyo(date(2026, 10, 1))
HEADINGS = ["日付", "科目コード", "金額", "摘要", "証憑番号"]
ROWS: list[Sequence[Any]] = [
    ["R8.6.1", "rent", 1200, "よい行", "A-1"],
    ["R8.6.31", "rent", 5, "日付が誤り", ""],
    ["R8.6.1", "rent", 1200, "よい行", "A-1"],
    ["R8.6.2", "nothing", "abc", "=cmd|' /C calc'!A0", ""],
    ["R8.6.32", "rent", 7, "日付が誤り", ""],
]


@pytest.fixture(autouse=True)
def _accounts(center: Center) -> None:
    make_accounts(center)


def uploaded(center: Center, by: User, file: SimpleUploadedFile) -> TableImport:
    return importing.upload(spec=ENTRIES, center=center, file=looked_at(file), params={}, by=by, at=AT)


def page(table: TableImport, step: str = "") -> str:
    return reverse(f"finance:import{step}", kwargs={"center": table.center.code, "number": table.pk})


def text(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(map(str, row)) for row in (HEADINGS, *rows)) + "\r\n"


# -- On the page --


def test_kinds_are_counted_and_errors_come_before_warnings(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    table = uploaded(center, foundation_staff, csv_file(text(ROWS)))
    shown = log_in(foundation_staff).get(page(table)).context["preview"]
    assert [(kind.is_error, kind.count, kind.rows) for kind in shown.kinds] == [
        (True, 2, (3, 6)),
        (True, 1, (5,)),
        (True, 1, (5,)),
        (False, 1, (4,)),
    ]
    assert shown.kinds[0].is_example, "two dates, each of which is named in its own words"
    assert shown.wrong_rows == 3


def test_only_wrong_rows_are_listed_until_all_are_asked_for(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client, table = log_in(foundation_staff), uploaded(center, foundation_staff, csv_file(text(ROWS)))

    def listed(query: str = "") -> list[bool]:
        return [one.is_error for one in client.get(page(table) + query).context["preview"].problems]

    assert listed() == [True] * 4
    assert listed("?rows=all") == [True, False, True, True, True]
    assert client.get(page(table) + "?rows=none").status_code == 400


def test_the_page_asks_as_often_for_many_kinds(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    many = [["R8.6.31", f"x{row}", "abc", "y", ""] for row in range(300)]
    table = uploaded(center, foundation_staff, csv_file(text(many)))
    assert len(table.params["summary"]["kinds"]) == 2
    shown = log_in(foundation_staff).get(page(table))
    assert len(shown.context["preview"].problems) == 100
    assert shown.context["preview"].wrong_rows == 300


# -- The file back --


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_comes_back_as_it_came_with_a_column_more(
    center: Center, foundation_staff: User, log_in: LogIn, encoding: str, delimiter: str
) -> None:
    came = text(ROWS, delimiter)
    table = uploaded(center, foundation_staff, csv_file(came, encoding=encoding))
    answer = log_in(foundation_staff).get(page(table, "_marked"))
    assert "attachment" in answer["Content-Disposition"]
    back = answer.content.decode(encoding)
    rows = list(csv.reader(io.StringIO(back), delimiter=delimiter))
    assert [row[:5] for row in rows] == [list(map(str, row)) for row in (HEADINGS, *ROWS)]
    assert [row[5:] for row in rows][:3] == [["取込時の指摘"], [], rows[2][5:]]
    assert rows[2][5].startswith("誤り: 日付: ")
    assert rows[3][5].startswith("確認: 証憑番号: ")
    assert rows[4][5].index("科目コード") < rows[4][5].index("金額")
    for line, said in zip(came.split("\r\n"), back.split("\r\n"), strict=True):
        assert said.startswith(line)


def test_a_workbook_keeps_formats_formulas_and_other_sheets(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    book = Workbook()
    book.active.title = "明細"  # type: ignore[union-attr]
    sheet = book["明細"]
    sheet.append(["令和8年度 収支明細"])
    for row in (HEADINGS, *ROWS):
        sheet.append(list(row))
    sheet["C3"].font, sheet["C3"].number_format = Font(bold=True), "#,##0"
    sheet["G4"] = "=1+1"
    book.create_sheet("メモ")["A1"] = "そのまま"
    written = io.BytesIO()
    book.save(written)
    table = uploaded(center, foundation_staff, SimpleUploadedFile("明細.xlsx", written.getvalue()))
    answer = log_in(foundation_staff).get(page(table, "_marked"))
    back = load_workbook(io.BytesIO(answer.content))
    assert (back["明細"]["C3"].font.b, back["明細"]["C3"].number_format) == (True, "#,##0")
    assert (back["明細"]["G4"].value, back["メモ"]["A1"].value) == ("=1+1", "そのまま")
    said = [back["明細"].cell(row, 8) for row in range(1, 8)]
    assert [cell.value is not None for cell in said] == [False, True, False, True, True, True, True]
    assert said[3].value.startswith("誤り: 日付: ")
    assert {cell.data_type for cell in said if cell.value} == {"s"}


def test_each_sheet_bears_what_is_said_of_its_own_rows(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    book = Workbook()
    book.active.title = "5月"  # type: ignore[union-attr]
    for name in ("5月", "6月"):
        sheet = book["5月"] if name == "5月" else book.create_sheet(name)
        for row in (HEADINGS, ROWS[0], [*ROWS[0][:1], f"{name}?", *ROWS[0][2:]]):
            sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    table = uploaded(center, foundation_staff, SimpleUploadedFile("2か月.xlsx", written.getvalue()))
    answer = log_in(foundation_staff).get(page(table, "_marked"))
    back = load_workbook(io.BytesIO(answer.content))
    column = len(HEADINGS) + 1
    for name in ("5月", "6月"):
        said = back[name].cell(3, column).value
        assert isinstance(said, str)
        assert f"{name}?" in said
        assert back[name].cell(1, column).value == "取込時の指摘"


def test_what_came_back_is_corrected_and_comes_in(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    """The added column is named as one that is not read."""
    table = uploaded(center, foundation_staff, xlsx([HEADINGS, ROWS[0], ROWS[1]]))
    marked = log_in(foundation_staff).get(page(table, "_marked")).content
    book = load_workbook(io.BytesIO(marked))
    book.active["A3"] = "R8.6.30"  # type: ignore[index]
    written = io.BytesIO()
    book.save(written)
    again = uploaded(center, foundation_staff, SimpleUploadedFile("直した.xlsx", written.getvalue()))
    assert (again.problem_count, again.row_count) == (0, 2)
    assert again.params["read"]["not_read"] == ["取込時の指摘"]


def test_a_cell_of_several_lines_stays_in_its_row(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    lines = '日付,科目コード,金額,摘要,証憑番号\nR8.6.1,rent,5,"二行に\nわたる",\nR8.6.31,rent,5,x,\n'
    table = uploaded(center, foundation_staff, csv_file(lines))
    back = log_in(foundation_staff).get(page(table, "_marked")).content.decode()
    rows = list(csv.reader(io.StringIO(back)))
    assert [len(row) for row in rows] == [6, 5, 6]


def test_without_anything_to_say_there_is_no_such_file(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client, table = log_in(foundation_staff), uploaded(center, foundation_staff, csv_file(text(ROWS[:1])))
    assert client.get(page(table, "_marked"))["Location"] == page(table)


# -- What is there already --


def posted(client: Client, table: TableImport, **more: str) -> str:
    return client.post(page(table, "_apply"), more, follow=True).content.decode()


def test_a_file_that_was_only_saved_anew_is_known_by_what_it_says(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    first = uploaded(center, foundation_staff, xlsx([HEADINGS, ROWS[0]], name="六月.xlsx"))
    importing.apply(table=first, by=foundation_staff, at=AT)
    again = uploaded(center, foundation_staff, csv_file(text(ROWS[:1]), name="別名.csv"))
    assert again.sha256 != first.sha256
    shown = client.get(page(again)).content.decode()
    assert "同じファイルを令和8年10月1日に反映済みです。" in shown
    assert "同じファイルを令和8年10月1日に反映済みです。" in posted(client, again)
    assert "反映しました" in posted(client, again, is_meant="yes")


def test_a_line_that_differs_in_anything_is_no_repetition(center: Center, foundation_staff: User) -> None:
    first = uploaded(center, foundation_staff, csv_file(text(ROWS[:1])))
    importing.apply(table=first, by=foundation_staff, at=AT)
    alike = [["R8.6.1", "rent", 1200, "よい行", "A-2"], ["R8.6.2", "rent", 1200, "よい行", "A-1"]]
    alike += [["R8.6.1", "rent", -1200, "よい行", "A-1"], ["R8.6.1", "rent", 1200, "別の行", "A-1"]]
    table = uploaded(center, foundation_staff, csv_file(text(alike)))
    assert not table.rows.filter(is_repeated=True).exists()
    assert not table.rows.filter(has_problem=True).exists()


def test_as_many_rows_as_are_there_are_repeated_and_not_one_more(
    center: Center, foundation_staff: User
) -> None:
    fare = ["R8.6.1", "rent", 210, "電車", ""]
    first = uploaded(center, foundation_staff, csv_file(text([fare])))
    importing.apply(table=first, by=foundation_staff, at=AT)
    table = uploaded(center, foundation_staff, csv_file(text([fare, fare, fare])))
    assert list(table.rows.filter(is_repeated=True).values_list("number", flat=True)) == [2]


def test_rows_that_came_in_after_the_table_was_read_are_marked_when_it_is_applied(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    """By a colleague's file, which has another row beside them."""
    colleague = make_person("sato", center.operator, Role.STAFF)
    table = uploaded(center, foundation_staff, csv_file(text(ROWS[:1])))
    other = uploaded(center, colleague, csv_file(text([ROWS[0], ["R8.6.9", "rent", 1, "x", ""]])))
    importing.apply(table=other, by=colleague, at=AT)
    with pytest.raises(Repeated):
        importing.apply(table=table, by=foundation_staff, at=AT)
    client = log_in(foundation_staff)
    assert "1行（令和8年10月1日に登録）" in client.get(page(table)).content.decode()
    assert "反映しました" in posted(client, table, is_meant="yes")
