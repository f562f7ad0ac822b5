"""The entry sheet as a file and back: what it holds, what is understood, what is refused, how it is applied."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

from iconm_portal.models import Center, HistoryEvent, StoredFile, User
from kpi.models import Plan, Report
from kpi.reports import actions
from kpi.reports.upload.sheet_file import CERTAINTY, CODE, DASH, INFO, NAME, NOTE, SHEET, STORED, VALUE
from tests.builders.entry_pages import address, type_in
from tests.builders.plans import make_accepted_report, make_draft, make_plan, make_submitted
from tests.builders.uploads import apply, columns, download, edited, fill_in, row_of, upload
from tests.people import LogIn, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 13, "income": 347_000_000})


@pytest.fixture
def draft(plan: Plan, foundation_staff: User) -> Report:
    return make_draft(plan, 2023, {"trials": 11, "patents": None}, by=foundation_staff)


@pytest.fixture
def client(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


def stored(report: Report) -> dict[str, tuple[Any, ...]]:
    rows = report.actuals.values_list("indicator__code", "value", "not_applicable", "certainty", "note")
    return {code: tuple(facts) for code, *facts in rows}


def text_of(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).replace("&quot;", '"').split())


# The file


def test_the_file_is_protected_checked_and_the_same_each_time(
    client: Client, plan: Plan, draft: Report, foundation_staff: User, city_staff: User
) -> None:
    make_accepted_report(plan, 2022, {"trials": 9}, by=foundation_staff, reviewer=city_staff)
    data = download(client, draft)
    assert data == download(client, draft)
    workbook = load_workbook(io.BytesIO(data))
    assert workbook.sheetnames == [SHEET, INFO, STORED]
    assert all(sheet.protection.sheet and sheet.protection.password is None for sheet in workbook)
    assert all(sheet.sheet_state == "visible" for sheet in workbook)
    sheet = workbook[SHEET]
    heading, found = columns(sheet)
    row = row_of(sheet, "trials")
    inputs = {found[name] for name in (VALUE, DASH, CERTAINTY, NOTE)}
    for column in range(1, sheet.max_column + 1):
        assert sheet.cell(row, column).protection.locked is (column not in inputs)
        assert sheet.cell(heading, column).protection.locked is True
    assert [sheet.cell(row, found[name]).value for name in (VALUE, DASH, CERTAINTY)] == [11, None, "確定"]
    assert sheet.cell(row, found[NAME]).value == "治験の実施件数（累計）"
    assert sheet.cell(row, found["前年度実績"]).value == 9
    assert sheet.cell(row, found["R5目標"]).value == 13
    assert sheet.cell(row_of(sheet, "patents"), found[DASH]).value == "－"
    checks = {check.type: check for check in sheet.data_validations.dataValidation}
    assert checks["list"].formula1 in ('"－"', '"確定,決算見込,途中経過"')
    assert checks["whole"].formula2 in ("999999999999", "999999999")  # 件, 千円
    assert checks["decimal"].sqref.ranges.pop().min_row == row_of(sheet, "occupancy")
    assert (checks["textLength"].formula1, checks["date"].operator) == ("500", "greaterThanOrEqual")


def test_a_sheet_that_comes_back_unchanged_changes_nothing(
    client: Client, draft: Report, foundation_staff: User
) -> None:
    type_in(
        client, draft, trials_note="一行目　続き\r\n二行目 ", income_value="▲347,000", occupancy_value="91.5"
    )
    before = stored(draft)
    preview = upload(client, draft, edited(download(client, draft), lambda workbook: None))
    assert _("The file says the same as the draft. There is nothing to apply.") in text_of(preview)
    assert _("Apply to the draft") not in text_of(preview)
    assert stored(draft) == before


def test_what_was_filled_in_is_shown_then_applied_and_the_history_says_from_where(
    client: Client, draft: Report
) -> None:
    data = fill_in(
        download(client, draft),
        trials_実績値=10,
        trials_備考="減った理由",
        patents_該当なし=None,
        patents_実績値="５件",
        patents_値の区分="決算見込",
        income_実績値="３４７，０００",
        occupancy_実績値="－",
        _時点=date(2024, 5, 31),
    )
    preview = upload(client, draft, data)
    text = text_of(preview)
    for words in ("11 件", "10 件", "減った理由", "347,000 千円", "令和6年5月31日"):
        assert words in text
    assert stored(draft)["trials"][0] == 11, "nothing is saved before it is applied"
    answer = apply(client, preview)
    assert answer["Location"] == address(draft, "entry")
    assert stored(draft) == {
        "trials": (10, False, "final", "減った理由"),
        "patents": (5, False, "forecast", ""),
        "income": (347_000_000, False, "final", ""),
        "occupancy": (None, True, "final", ""),
    }
    draft.refresh_from_db()
    assert draft.as_of == date(2024, 5, 31)
    event = HistoryEvent.objects.filter(action="report.save").latest("pk")
    file = StoredFile.objects.get()
    assert (event.after["from_file"], event.after["sha256"]) == (file.name, file.sha256)
    assert event.after["trials"]["value"] == "10"


def test_the_warnings_of_the_entry_page_stand_in_the_preview(
    client: Client, plan: Plan, draft: Report, foundation_staff: User, city_staff: User
) -> None:
    make_accepted_report(plan, 2022, {"trials": 11}, by=foundation_staff, reviewer=city_staff)
    preview = upload(client, draft, fill_in(download(client, draft), trials_実績値=9))
    assert _("Give the reason in the note.") in text_of(preview)


# What cannot be understood


@pytest.mark.parametrize(
    ("typed", "cell", "message"),
    [
        ({"trials_実績値": "約12"}, "G5", "「約」"),
        ({"trials_実績値": "12社"}, "G5", "社"),
        ({"trials_実績値": 12.5}, "G5", "整数"),
        ({"occupancy_実績値": 12.25}, "G8", "小数"),
        ({"trials_実績値": 10**13}, "G5", "999,999,999,999"),
        ({"trials_実績値": "=1/0"}, "G5", "保存"),
        ({"trials_実績値": "#DIV/0!"}, "G5", "#DIV/0!"),
        ({"trials_実績値": date(2024, 3, 31)}, "G5", "日付"),
        ({"trials_実績値": True}, "G5", "TRUE"),
        ({"trials_該当なし": "－"}, "H5", "－"),
        ({"trials_該当なし": "はい"}, "H5", "はい"),
        ({"trials_値の区分": "たぶん"}, "I5", "たぶん"),
        ({"trials_値の区分": None}, "I5", "確定"),
        ({"trials_備考": "あ" * 501}, "J5", "500"),
        ({"trials_コード": "unknown"}, "A5", "unknown"),
        ({"trials_コード": None}, "A5", ""),
        ({"trials_指標": "特許出願件数（年間）"}, "B5", "治験の実施件数"),
        ({"_時点": date(2024, 6, 4)}, "H3", ""),
        ({"_時点": 12}, "H3", "12"),
        ({"_時点": None}, "H3", ""),
    ],
)
def test_every_wrong_cell_is_named_and_nothing_is_taken(
    client: Client, draft: Report, typed: dict[str, Any], cell: str, message: str
) -> None:
    before = stored(draft)
    answer = upload(client, draft, fill_in(download(client, draft), **{"income_実績値": 5} | typed))
    assert answer.status_code == 400
    rows = [row for row in answer.content.decode().split("<tr>") if f">{cell} " in row]
    assert len(rows) == 1, text_of(answer)
    assert message in rows[0]
    assert stored(draft) == before
    assert not StoredFile.objects.exists()


# Rows and sheets


def test_rows_and_columns_are_found_wherever_they_stand(client: Client, draft: Report) -> None:
    def edit(workbook: Workbook) -> None:
        sheet = workbook[SHEET]
        first, last = row_of(sheet, "trials"), row_of(sheet, "occupancy")
        for column in range(1, sheet.max_column + 1):
            upper, lower = sheet.cell(first, column), sheet.cell(last, column)
            upper.value, lower.value = lower.value, upper.value
        sheet.delete_rows(row_of(sheet, "income"))
        _heading, found = columns(sheet)
        sheet.cell(row_of(sheet, "trials"), found[VALUE]).value = 12
        sheet.insert_cols(found[VALUE])
        sheet.title = "シート1"

    preview = upload(client, draft, edited(download(client, draft), edit))
    assert _("Not in the file, so left as stored: %(names)s") % {"names": "研究費収入額"} in text_of(preview)
    apply(client, preview)
    assert stored(draft)["trials"][0] == 12


def test_a_row_that_stands_twice_is_refused(client: Client, draft: Report) -> None:
    def edit(workbook: Workbook) -> None:
        sheet = workbook[SHEET]
        first, last = row_of(sheet, "trials"), row_of(sheet, "occupancy")
        for column in range(1, sheet.max_column + 1):
            sheet.cell(last, column).value = sheet.cell(first, column).value

    answer = upload(client, draft, edited(download(client, draft), edit))
    assert answer.status_code == 400
    assert f"A8 {CODE}" in text_of(answer)


def _origin(label: str, value: str) -> Any:
    def edit(workbook: Workbook) -> None:
        cell = next(row for row in workbook[INFO].iter_rows() if row[0].value == label)[1]
        cell.value = value

    return edit


def _forget_what_was_stored(workbook: Workbook) -> None:
    workbook[STORED]["D2"].value = "12"


def _remove_origin(workbook: Workbook) -> None:
    del workbook[INFO]


def _rename_heading(workbook: Workbook) -> None:
    sheet = workbook[SHEET]
    heading, found = columns(sheet)
    sheet.cell(heading, found[VALUE]).value = "値"


def _copy_sheet(workbook: Workbook) -> None:
    workbook.copy_worksheet(workbook[SHEET])


@pytest.mark.parametrize(
    "edit",
    [
        _origin("様式の版", "kpi-entry-0"),
        _origin("下書きの版", "9"),
        _origin("改変検知の符号", ""),
        _forget_what_was_stored,
        _remove_origin,
        _rename_heading,
        _copy_sheet,
    ],
)
def test_a_workbook_that_was_tampered_with_is_refused(client: Client, draft: Report, edit: Any) -> None:
    answer = upload(client, draft, edited(download(client, draft), edit))
    assert answer.status_code == 400
    assert _("The file was not read. Nothing was changed.") in text_of(answer)


def test_a_sheet_of_another_year_plan_or_report_is_refused(
    client: Client, center: Center, plan: Plan, draft: Report, foundation_staff: User
) -> None:
    other_year = make_draft(plan, 2022, {}, by=foundation_staff)
    other_plan = make_draft(make_plan(center, code="second"), 2023, {}, by=foundation_staff)
    sheets = [download(client, other_year), download(client, other_plan)]
    gone = make_draft(plan, 2024, {}, by=foundation_staff, as_of=date(2024, 5, 31))
    sheets.append(download(client, gone))
    actions.discard(report=gone, version=gone.version, by=foundation_staff)
    again = make_draft(plan, 2024, {}, by=foundation_staff, as_of=date(2024, 5, 31))
    for data, report in zip(sheets, (draft, draft, again), strict=True):
        answer = upload(client, report, data)
        assert answer.status_code == 400
        assert _("The file was not read. Nothing was changed.") in text_of(answer)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsm", b"PK\x03\x04"),
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1")),
        ("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1")),
        ("a.csv", b"a,b"),
        ("a.pdf", b"%PDF-"),
        ("a.xlsx", b"%PDF-"),
        ("a.xlsx", b"PK\x03\x04 not a zip"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * (5 * 1024 * 1024)),
        ("a.xlsx", b""),
    ],
)
def test_other_files_are_refused(client: Client, draft: Report, name: str, data: bytes) -> None:
    answer = upload(client, draft, data, name)
    assert answer.status_code == 400
    assert not StoredFile.objects.exists()


# An older state of the draft


def test_an_older_state_is_merged_field_by_field(client: Client, draft: Report) -> None:
    data = download(client, draft)
    type_in(client, draft, trials_value="13", income_value="5", trials_note="画面で")
    data = fill_in(data, trials_実績値=12, patents_備考="様式で", occupancy_実績値=91.5)
    preview = upload(client, draft, data)
    text = text_of(preview)
    for words in ("11 件", "13 件", "12 件", "5 千円", "画面で", "様式で"):
        assert words in text
    assert "trials-value-choice" not in "".join(
        part for part in preview.content.decode().split("<input") if "checked" in part
    )
    refused = apply(client, preview)
    assert refused.status_code == 400
    assert stored(draft)["occupancy" if "occupancy" in stored(draft) else "trials"][0] == 13
    assert apply(client, refused, trials_value="file").status_code == 302
    assert stored(draft) == {
        "trials": (12, False, "final", "画面で"),
        "patents": (None, True, "final", "様式で"),
        "income": (5000, False, "final", ""),
        "occupancy": (Decimal("91.5"), False, "final", ""),
    }


def test_the_stored_value_can_be_chosen(client: Client, draft: Report) -> None:
    data = download(client, draft)
    type_in(client, draft, trials_value="13")
    preview = upload(client, draft, fill_in(data, trials_実績値=12, income_実績値=7))
    apply(client, preview, trials_value="stored")
    assert (stored(draft)["trials"][0], stored(draft)["income"][0]) == (13, 7000)


def test_a_save_between_preview_and_apply_is_told_and_nothing_is_lost(client: Client, draft: Report) -> None:
    preview = upload(client, draft, fill_in(download(client, draft), trials_実績値=12))
    type_in(client, draft, trials_value="13")
    again = apply(client, preview)
    assert again.status_code == 409
    assert stored(draft)["trials"][0] == 13
    assert apply(client, again, trials_value="file").status_code == 302
    assert stored(draft)["trials"][0] == 12


def test_a_submission_between_preview_and_apply_is_told(
    client: Client, draft: Report, foundation_staff: User
) -> None:
    preview = upload(client, draft, fill_in(download(client, draft), trials_実績値=12))
    draft.refresh_from_db()
    actions.submit(
        report=draft, version=draft.version, by=foundation_staff, at=draft.saved_at or draft.recorded_at
    )
    answer = apply(client, preview)
    assert answer.status_code == 409
    assert stored(draft)["trials"][0] == 11
    assert client.get(address(draft, "upload"))["Location"] == address(draft)
    assert client.get(f"{address(draft)}sheet.xlsx")["Location"] == address(draft)


# Who


def test_nobody_applies_what_somebody_else_uploaded(
    log_in: LogIn,
    client: Client,
    draft: Report,
    center: Center,
    city_staff: User,
    foreign_foundation_staff: User,
) -> None:
    preview = upload(client, draft, fill_in(download(client, draft), trials_実績値=12))
    where = preview.redirect_chain[-1][0]
    for person, status in ((city_staff, 403), (foreign_foundation_staff, 404)):
        assert log_in(person).get(where).status_code == status
        assert log_in(person).post(f"{where}apply/", {"version": draft.version}).status_code == status
    colleague = User.objects.get(username="foundation-staff")
    colleague.pk, colleague.username, colleague.email = None, "colleague", "colleague@example.jp"
    colleague.save()
    assert log_in(colleague).get(where).status_code == 404
    assert stored(draft)["trials"][0] == 11


def test_a_sheet_is_not_applied_to_another_report(
    client: Client, plan: Plan, draft: Report, foundation_staff: User
) -> None:
    preview = upload(client, draft, fill_in(download(client, draft), trials_実績値=12))
    other = make_draft(plan, 2022, {"trials": 1}, by=foundation_staff)
    where = preview.redirect_chain[-1][0].replace(address(draft), address(other))
    assert client.get(where).status_code == 400
    assert client.post(f"{where}apply/", {"version": other.version}).status_code == 400
    assert stored(other)["trials"][0] == 1


def test_the_sheet_of_a_submitted_report_is_not_given_out(
    client: Client, plan: Plan, foundation_staff: User
) -> None:
    report = make_submitted(plan, 2022, {"trials": 1}, by=foundation_staff)
    assert client.get(f"{address(report)}sheet.xlsx").status_code == 302


# Scale


def test_the_number_of_queries_does_not_grow(client: Client, center: Center, foundation_staff: User) -> None:
    counts = []
    for number in (4, 40):
        plan = make_plan(center, code=f"p{number}", indicators=number)
        report = make_draft(plan, 2023, {}, by=foundation_staff)
        found = []
        with CaptureQueriesContext(connection) as queries:
            data = download(client, report)
        found.append(len(queries))
        data = fill_in(data, **{f"i{index}_実績値": index for index in range(number)})
        with CaptureQueriesContext(connection) as queries:
            preview = upload(client, report, data)
        found.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert apply(client, preview).status_code == 302
        found.append(len(queries))
        assert report.actuals.count() == number
        counts.append(found)
    assert counts[0] == counts[1]
