"""Importing ledger entries: staged and shown, then applied as a whole or not at all."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.ledger import actions as ledger
from finance.ledger import closing_actions
from finance.ledger.imports.kind import ENTRIES, EntryChecker
from finance.models import Account, Entry, MonthTotal
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.imports import importing, specs
from iconm_portal.imports.cell_values import Day, Number
from iconm_portal.imports.importing import ChangedSince, Repeated
from iconm_portal.imports.sheet_reading import Kind, SheetCell
from iconm_portal.models import Center, HistoryEvent, ImportRow, ImportState, TableImport, User
from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import make_account, make_accounts
from tests.builders.imports import csv_file, looked_at, problems, xlsx
from tests.builders.plans import tokyo
from tests.people import LogIn

HEADINGS = ["日付", "科目コード", "科目名", "金額", "相手方", "摘要", "証憑番号"]
GOOD = [
    ["令和5年6月1日", "rent", "", "1,200", "臨海製薬", "6月分", "A-1"],
    ["R5.7.1", "", "研究費", "３００", "", "受託研究", "A-2"],
    [date(2024, 3, 31), "indirect", "", 50, "", "間接費", "A-3"],
]
TODAY = tokyo(date(2026, 5, 1))


@pytest.fixture(autouse=True)
def accounts(center: Center) -> dict[str, Account]:
    return make_accounts(center)


def upload(
    center: Center, by: User, rows: Sequence[Sequence[Any]], headings: list[str] = HEADINGS
) -> TableImport:
    return upload_file(center, by, xlsx([headings, *rows]))


def upload_file(center: Center, by: User, file: SimpleUploadedFile) -> TableImport:
    return importing.upload(spec=ENTRIES, center=center, file=looked_at(file), params={}, by=by, at=TODAY)


def apply(table: TableImport, by: User, **more: Any) -> TableImport:
    return importing.apply(table=table, by=by, at=TODAY, **more)


def page(name: str, center: Center, **more: Any) -> str:
    return reverse(f"finance:{name}", kwargs={"center": center.code, **more})


def send(client: Client, center: Center, file: SimpleUploadedFile) -> Any:
    return client.post(page("import_entries", center), {"file": file})


# -- From upload to ledger --


def test_from_the_form_to_the_ledger(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    client = log_in(foundation_staff)
    shown = client.get(send(client, center, xlsx([HEADINGS, *GOOD])).headers["Location"])
    assert "3行は正しく読み取れました" in shown.content.decode()
    assert not Entry.objects.exists()
    table = TableImport.objects.get()
    client.post(page("import_apply", center, number=table.pk))
    posted = Entry.objects.values_list(
        "date",
        "fiscal_year",
        "account__code",
        "part__code",
        "amount",
        "counterparty",
        "description",
        "voucher",
    )
    assert list(posted) == [
        (date(2023, 6, 1), FiscalYear(2023), "rent", None, 1200, "臨海製薬", "6月分", "A-1"),
        (date(2023, 7, 1), FiscalYear(2023), "research-income", None, 300, "", "受託研究", "A-2"),
        (date(2024, 3, 31), FiscalYear(2023), "research-income", "indirect", 50, "", "間接費", "A-3"),
    ]
    assert MonthTotal.objects.count() == 3
    table.refresh_from_db()
    assert (table.state, table.applied_by) == (ImportState.APPLIED, foundation_staff)
    assert set(Entry.objects.values_list("imported", "recorded_by")) == {(table.pk, foundation_staff.pk)}
    assert not ImportRow.objects.exists()
    assert HistoryEvent.objects.filter(action="import.apply", subject=table.history_key()).exists()
    after = client.get(page("import", center, number=table.pk)).content.decode()
    assert page("ledger_of_year", center, year=FiscalYear(2023)) in after


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_csv_gives_the_same_entries(center: Center, foundation_staff: User, encoding: str) -> None:
    text = "\r\n".join(",".join(line) for line in (HEADINGS, [*GOOD[0][:3], "1200", *GOOD[0][4:]]))
    apply(upload_file(center, foundation_staff, csv_file(text, encoding=encoding)), foundation_staff)
    assert Entry.objects.get().counterparty == "臨海製薬"


@pytest.mark.parametrize("name", ["imports", "import_entries", "import_statement"])
def test_imports_are_a_part_of_their_own(
    center: Center, foundation_staff: User, city_staff: User, log_in: LogIn, name: str
) -> None:
    """From the ledger or from the statements, one did not come from the balance, which stood there as where one is."""
    shown = log_in(foundation_staff).get(page(name, center)).context["subnav"]
    assert [part.url for part in shown if part.current] == [page("imports", center)]
    others = log_in(city_staff).get(reverse("finance:ledger", kwargs={"center": center.code}))
    assert page("imports", center) not in [part.url for part in others.context["subnav"]]


def test_discarding_leaves_nothing_but_the_file(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, GOOD)
    importing.discard(table=table, by=foundation_staff)
    assert not ImportRow.objects.exists()
    with pytest.raises(WrongStep):
        apply(table, foundation_staff)
    assert not Entry.objects.exists()


# -- What is wrong, by cell --


@pytest.mark.parametrize(
    ("changed", "column", "said"),
    [
        ({0: ""}, "date", "blank"),
        ({0: "6月1日"}, "date", "not understood as a date"),
        ({0: date(2026, 5, 2)}, "date", "lies in the future"),
        ({0: "2014/6/1"}, "code", "does not hold in"),
        ({1: "nothing"}, "code", "no account with the code “nothing”"),
        ({1: "", 2: "無い科目"}, "name", "no account with the name “無い科目”"),
        ({1: "", 2: ""}, "code", "code or the name"),
        ({1: "rent", 2: "研究費"}, "name", "belongs to “共同研究負担金”"),
        ({1: "running"}, "code", "is a sum in"),
        ({3: ""}, "amount", "blank"),
        ({3: "0"}, "amount", "is 0"),
        ({3: 1.5}, "amount", "whole number"),
        ({3: 10**15}, "amount", "at most 15 digits"),
        ({3: True}, "amount", "true or false"),
        ({3: date(2023, 1, 1)}, "amount", "holds a date"),
        ({4: "長" * 121}, "counterparty", "room for 120"),
        ({5: ""}, "description", "blank"),
        ({6: date(2023, 1, 2)}, "voucher", "made a date of this text"),
    ],
)
def test_one_wrong_cell_keeps_the_whole_table_back(
    center: Center, foundation_staff: User, changed: dict[int, Any], column: str, said: str
) -> None:
    wrong = [changed.get(at, value) for at, value in enumerate(GOOD[0])]
    table = upload(center, foundation_staff, [GOOD[1], wrong])
    assert [(row, key) for row, key, _text in problems(table)] == [(3, column)]
    assert said in problems(table)[0][2]
    assert table.problem_count == 1
    with pytest.raises(ValidationError):
        apply(table, foundation_staff)
    assert not Entry.objects.exists()


def test_every_problem_is_told_by_its_cell_in_the_readers_language(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    table = upload(center, foundation_staff, [["2023/6/1", "rent", "", "12O", "", "x", ""]])
    client = log_in(foundation_staff)
    address = page("import", center, number=table.pk)
    assert "D2 金額" in client.get(address).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    text = client.get(address).content.decode()
    assert "12O" in text
    assert "contains the letter “O”. Write the digit 0." in text


def test_of_csv_the_row_and_the_heading_are_named(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    table = upload_file(center, foundation_staff, csv_file("日付,科目名,金額,摘要\n\nR5.6.1,研究費,x,y\n"))
    assert (
        "3行目 金額" in log_in(foundation_staff).get(page("import", center, number=table.pk)).content.decode()
    )


def test_an_ambiguous_name_asks_for_the_code(center: Center, foundation_staff: User) -> None:
    make_account(center, code="other-2", name="その他", side="expenditure")
    table = upload(center, foundation_staff, [["2023/6/1", "", "その他", 1, "", "x", ""]])
    assert "Write the code: other、other-2" in problems(table)[0][2]


def test_amounts_that_no_ledger_could_add_up_are_refused(center: Center, foundation_staff: User) -> None:
    rows = [["2023/6/1", "rent", "", 10**15 - 1, "", "x", ""]] * 2
    assert [row for row, _column, _text in problems(upload(center, foundation_staff, rows))] == [3]


def test_a_file_that_is_no_table_says_why_and_can_be_discarded(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    response = send(client, center, xlsx([["日付", "金額"], ["R5.6.1", 1]]))
    text = client.get(response.headers["Location"]).content.decode()
    assert "科目コード／科目名、摘要" in text or "摘要、科目コード／科目名" in text
    table = TableImport.objects.get()
    assert table.state == ImportState.REFUSED
    client.post(page("import_discard", center, number=table.pk))
    table.refresh_from_db()
    assert table.state == ImportState.DISCARDED


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.xls", b"x"),
        SimpleUploadedFile("a.xlsx", b"x"),
        SimpleUploadedFile("a.pdf", b"%PDF-"),
    ],
)
def test_what_a_glance_can_tell_is_told_at_the_field(
    center: Center, foundation_staff: User, log_in: LogIn, file: SimpleUploadedFile
) -> None:
    response = send(log_in(foundation_staff), center, file)
    assert response.status_code == 400
    assert "error-summary" in response.content.decode()
    assert not TableImport.objects.exists()


# -- Warnings --


def test_a_row_that_is_there_already_is_named_with_its_day_and_has_to_be_meant(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    apply(upload(center, foundation_staff, GOOD), foundation_staff)
    again = upload(center, foundation_staff, [*GOOD[:1], ["R5.6.2", *GOOD[0][1:]]])
    assert [(row, column) for row, column, _text in problems(again)] == [(2, "amount")]
    assert again.problem_count == 0
    text = log_in(foundation_staff).get(page("import", center, number=again.pk)).content.decode()
    assert "確認していただきたいこと" in text
    assert "誤り" not in text.partition("<main")[2]
    assert "1行（令和8年5月1日に登録）" in text
    with pytest.raises(Repeated):
        apply(again, foundation_staff)
    apply(again, foundation_staff, is_meant=True)
    assert Entry.objects.count() == 5


def test_a_reversed_entry_is_no_twin_and_one_in_the_table_is(center: Center, foundation_staff: User) -> None:
    apply(upload(center, foundation_staff, GOOD[:1]), foundation_staff)
    ledger.reverse(entry=Entry.objects.get(), reason="誤り", by=foundation_staff, at=TODAY)
    table = upload(center, foundation_staff, [GOOD[0], GOOD[0], GOOD[0][:6]])
    assert [(row, column) for row, column, _text in problems(table)] == [(3, "voucher")]


# -- The same file --


def test_the_same_file_is_noticed_and_applied_only_when_it_is_meant(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    text = ",".join(HEADINGS) + "\nR5.6.1,rent,,1,,x,\n"
    apply(upload_file(center, foundation_staff, csv_file(text)), foundation_staff)
    again = upload_file(center, foundation_staff, csv_file(text, name="other.csv"))
    client = log_in(foundation_staff)
    shown = client.get(page("import", center, number=again.pk)).content.decode()
    assert "同じファイル" in shown
    assert foundation_staff.name in shown
    with pytest.raises(Repeated):
        apply(again, foundation_staff)
    client.post(page("import_apply", center, number=again.pk))
    assert Entry.objects.count() == 1
    client.post(page("import_apply", center, number=again.pk), {"is_meant": "yes"})
    assert Entry.objects.count() == 2


def test_a_file_that_was_only_uploaded_before_is_applied_without_asking(
    center: Center, foundation_staff: User
) -> None:
    text = ",".join(HEADINGS) + "\nR5.6.1,rent,,1,,x,\n"
    upload_file(center, foundation_staff, csv_file(text))
    apply(upload_file(center, foundation_staff, csv_file(text)), foundation_staff)
    assert Entry.objects.count() == 1


# -- What changed since it was read --


def test_a_year_closed_meanwhile_is_told_and_nothing_is_applied(
    center: Center, foundation_staff: User
) -> None:
    table = upload(center, foundation_staff, GOOD)
    closing_actions.close_year(center=center, fiscal_year=FiscalYear(2023), by=foundation_staff, at=TODAY)
    with pytest.raises(ChangedSince):
        apply(table, foundation_staff)
    table.refresh_from_db()
    assert (table.state, table.problem_count) == (ImportState.CHECKED, 3)
    assert {column for _row, column, _text in problems(table)} == {"date"}
    assert not Entry.objects.exists()


def before_it_is_put_in(monkeypatch: pytest.MonkeyPatch, *deeds: Callable[[], object]) -> None:
    """What others do after the rows were checked and made ready: a deed for each time that they are about to be put in."""
    put_in, waiting = importing._put_in, list(deeds)

    def put_in_after(*args: Any) -> None:
        if waiting:
            waiting.pop(0)()
        put_in(*args)

    monkeypatch.setattr(importing, "_put_in", put_in_after)


def test_a_year_closed_while_it_waits_for_the_books_is_told_by_its_rows(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are held against the books as they are once they are locked."""
    table, year = upload(center, foundation_staff, GOOD), FiscalYear(2023)
    before_it_is_put_in(
        monkeypatch,
        lambda: closing_actions.close_year(center=center, fiscal_year=year, by=foundation_staff, at=TODAY),
    )
    with pytest.raises(ChangedSince):
        apply(table, foundation_staff)
    assert {column for _row, column, _text in problems(table)} == {"date"}
    assert not Entry.objects.exists()


def test_what_changed_meanwhile_without_being_in_the_way_only_has_the_rows_made_ready_anew(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = upload(center, foundation_staff, GOOD)
    account = Account.objects.filter(center=center, code="rent")
    before_it_is_put_in(monkeypatch, lambda: account.update(name="賃料等"))
    apply(table, foundation_staff)
    assert (Entry.objects.count(), MonthTotal.objects.count()) == (3, 3)


def test_books_that_never_come_to_rest_are_told_and_nothing_is_applied(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = upload(center, foundation_staff, GOOD)
    account = Account.objects.filter(center=center, code="rent")
    deeds = [lambda text=text: account.update(name=text) for text in "甲乙丙丁"]
    before_it_is_put_in(monkeypatch, *deeds)
    with pytest.raises(ValidationError, match=r"again and again|繰り返し"):
        apply(table, foundation_staff)
    table.refresh_from_db()
    assert (table.state, table.rows.count()) == (ImportState.CHECKED, 3)
    assert not Entry.objects.exists()


def test_an_account_that_ended_meanwhile_is_told(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, GOOD)
    Account.objects.filter(center=center, code="rent").update(last_year=2020)
    with pytest.raises(ChangedSince):
        apply(table, foundation_staff)
    assert [(row, column) for row, column, _text in problems(table)] == [(2, "code")]


def test_it_is_applied_once(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, GOOD)
    stale = TableImport.objects.get(pk=table.pk)
    apply(table, foundation_staff)
    with pytest.raises(WrongStep):
        apply(stale, foundation_staff)
    assert Entry.objects.count() == 3


# -- Long tables --


def test_a_long_table_is_read_and_applied_by_jobs(
    center: Center, foundation_staff: User, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1)
    monkeypatch.setattr(importing, "AT_ONCE_ROWS", 1)
    monkeypatch.setattr(importing, "CHUNK", 2)
    client = log_in(foundation_staff)
    to_job = send(client, center, xlsx([HEADINGS, *GOOD])).headers["Location"]
    assert "/jobs/" in to_job
    table = TableImport.objects.get()
    assert client.get(to_job).headers["Location"] == page("import", center, number=table.pk)
    client.post(page("import_apply", center, number=table.pk))
    assert Entry.objects.count() == 3
    assert table.job is not None
    assert table.job.done == 3


@pytest.mark.parametrize("way", ["read", "refused"])
def test_reading_that_is_begun_again_after_its_end_changes_nothing(
    way: str, center: Center, foundation_staff: User, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker was killed between the reading and the word that it was done."""
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1)
    file = xlsx([HEADINGS, *GOOD]) if way == "read" else csv_file("日付,金額\n")
    send(log_in(foundation_staff), center, file)
    table = TableImport.objects.get()
    before = (table.state, table.refusal, table.row_count, list(table.rows.values()))
    assert bool(table.refusal) == (way == "refused")
    assert table.job is not None
    importing._read_in_job(table.job, lambda *_args: None)
    table.refresh_from_db()
    assert (table.state, table.refusal, table.row_count, list(table.rows.values())) == before


def test_a_long_table_is_put_in_by_as_many_statements_as_a_short_one(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the transaction, for which on SQLite everybody else waits: nothing in it is done row by row."""
    put_in, statements = importing._put_in, []

    def counted(*args: Any) -> None:
        with CaptureQueriesContext(connection) as queries:
            put_in(*args)
        statements.append([re.split(r"[(0-9]", query["sql"])[0][:60] for query in queries])

    monkeypatch.setattr(importing, "_put_in", counted)
    for rows in (3, 600):
        lines = [
            [f"R5.{6 + row % 2}.1", "rent", "", 1 + row, "", "x", f"{rows}-{row}"] for row in range(rows)
        ]
        apply(upload(center, foundation_staff, lines), foundation_staff)
        apply(upload(center, foundation_staff, [*lines, lines[0]]), foundation_staff, is_meant=True)
    assert Entry.objects.count() == 2 * (3 + 600 + 1)
    assert sum(MonthTotal.objects.values_list("count", flat=True)) == 2 * (3 + 600 + 1)
    assert statements[1] == statements[3], "where the months have their sums already"
    assert len([sql for sql in statements[3] if "finance_entry" in sql and "INSERT" in sql]) == 1


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_application_that_breaks_off_leaves_no_trace(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    table = upload(center, foundation_staff, GOOD)
    check = EntryChecker.check

    def broken(checker: EntryChecker, rows: Sequence[specs.ReadRow]) -> None:
        if rows[0].number == at + 1:
            raise KeyboardInterrupt
        check(checker, rows)

    monkeypatch.setattr(EntryChecker, "check", broken)
    with pytest.raises(KeyboardInterrupt):
        apply(table, foundation_staff)
    table.refresh_from_db()
    assert table.state == ImportState.CHECKED
    assert not Entry.objects.exists()
    assert not MonthTotal.objects.exists()
    assert ImportRow.objects.count() == 3


def test_a_reading_that_was_stopped_begins_anew(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    check = EntryChecker.check

    def broken(checker: EntryChecker, rows: Sequence[specs.ReadRow]) -> None:
        if rows[0].number == 3:
            raise KeyboardInterrupt
        check(checker, rows)

    with monkeypatch.context() as patch:
        patch.setattr(EntryChecker, "check", broken)
        with pytest.raises(KeyboardInterrupt):
            upload(center, foundation_staff, GOOD)
    table = TableImport.objects.get()
    assert (table.state, table.rows.count()) == (ImportState.READING, 1)
    importing._read(table, lambda done, total=None: None)
    assert (table.state, table.row_count, table.rows.count()) == (ImportState.CHECKED, 3, 3)


# -- Who, how many queries --


def test_only_the_foundations_staff_imports(
    center: Center,
    city_staff: User,
    foundation_viewer: User,
    foreign_foundation_staff: User,
    foundation_staff: User,
    log_in: LogIn,
) -> None:
    table = upload(center, foundation_staff, GOOD)
    address = page("import_apply", center, number=table.pk)
    assert [
        log_in(who).post(address).status_code
        for who in (city_staff, foundation_viewer, foreign_foundation_staff)
    ] == [403, 403, 404]
    assert not Entry.objects.exists()


def test_the_preview_asks_as_often_for_a_long_table_as_for_a_short_one(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    counts = []
    for times in (1, 40):
        rows = [[f"R5.6.{1 + number % 28}", "rent", "", "x", "", "y", ""] for number in range(2 * times)]
        table = upload(center, foundation_staff, [*rows, *GOOD])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("import", center, number=table.pk)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_templates_are_read_by_the_import_itself(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    for ending in ("xlsx", "csv"):
        for kind in ("entries", "statement"):
            address = page("import_template", center, kind=kind, ending=ending)
            response = client.get(address, {"year": "令和5年度"})
            assert response.status_code == 200
            assert "R5" in response.headers["Content-Disposition"]
    entries = client.get(page("import_template", center, kind="entries", ending="csv")).content.decode(
        "utf-8-sig"
    )
    assert entries.split() == [",".join(HEADINGS)]
    assert client.get(page("import_template", center, kind="other", ending="csv")).status_code == 404


# -- However it is typed --

FULL_WIDTH = str.maketrans("0123456789,-./", "０１２３４５６７８９，－．／")
days = st.dates(date(2015, 4, 1), date(2026, 3, 31))
write_day = st.sampled_from(
    [date.isoformat, fiscal.era_date, fiscal.era_date_short, lambda day: f"{day.year}/{day.month}/{day.day}"]
)
write_yen = st.sampled_from([str, "{:,}".format, "¥{:,}".format, "{:,}円".format])
width = st.sampled_from([str, lambda text: text.translate(FULL_WIDTH)])


@given(
    day=days,
    yen=st.integers(0, 10**15 - 1),
    as_day=write_day,
    as_yen=write_yen,
    wide=width,
    sign=st.sampled_from("▲△-－"),
)
@settings(max_examples=60)
def test_what_is_typed_means_the_same_however_it_is_typed(
    day: date, yen: int, as_day: Any, as_yen: Any, wide: Any, sign: str
) -> None:
    amount = Number(unit="円", maximum=10**15 - 1)
    assert Day().read(SheetCell(1, 1, wide(as_day(day)), Kind.TEXT)) == day.isoformat()
    assert amount.read(SheetCell(1, 1, wide(as_yen(yen)), Kind.TEXT)) == str(yen)
    if yen:
        assert amount.read(SheetCell(1, 1, sign + wide(str(yen)), Kind.TEXT)) == str(-yen)
