"""Lines that lessen an account (戻入, 赤伝, 更正): entered like others, and told apart from reversals of mistakes everywhere."""

import csv
import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from finance.ledger import actions, ledger, ledger_table, reconciliation, texts
from finance.ledger.imports.kind import ENTRIES
from finance.ledger.ledger import Choice, Cursor
from finance.ledger.posting import MOST_YEN, Books
from finance.models import Entry
from iconm_portal.display.sheets import csv_rows
from iconm_portal.imports import importing, preview
from iconm_portal.models import Center, ImportState, TableImport, User
from tests.builders.agreements import make_agreement
from tests.builders.finance import account, make_account, make_accounts
from tests.builders.imports import csv_file, looked_at, problems
from tests.builders.ledger import AT, DAY, TODAY, YEAR, added_up, close, kept, new, post
from tests.builders.support import make_measure
from tests.finance.ledger.test_ledger_pages import TYPED, at, english, text
from tests.people import LogIn


@pytest.fixture(autouse=True)
def accounts(center: Center) -> None:
    make_accounts(center)


@pytest.fixture
def staff(log_in: LogIn, foundation_staff: User) -> Client:
    return english(log_in(foundation_staff))


def sum_of(center: Center, code: str = "rent") -> ledger.Total:
    return ledger.of_account(ledger.year_sums(center, YEAR), account(center, code).pk)


@pytest.mark.parametrize("typed", ["-1,234", "▲１，２３４円", "△1234"])
def test_it_is_posted_by_hand_however_its_sign_is_typed(center: Center, staff: Client, typed: str) -> None:
    staff.post(at(center, "entry_new"), TYPED | {"amount": typed})
    made = Entry.objects.get()
    assert (made.amount, made.reverses_id, made.is_reduction) == (-1_234, None, True)
    assert kept(center) == added_up(center)
    shown = text(staff, at(center, "entry", number=made.pk))
    assert "A reduction (refund, adjustment): it lessens the account, and takes no other entry back." in shown
    assert "red: reversal" not in shown


def test_its_reversal_is_positive_and_makes_the_month_whole_again(
    center: Center, foundation_staff: User
) -> None:
    post(center, amount=1_000, by=foundation_staff)
    back = post(center, amount=-300, description="返納", by=foundation_staff)
    assert sum_of(center) == ledger.Total(700, 2)
    red = actions.reverse(entry=back, reason="二重計上", by=foundation_staff, at=AT)
    assert (red.amount, red.is_reduction) == (300, False)
    assert sum_of(center) == ledger.Total(1_000, 3)
    assert kept(center) == added_up(center)
    assert texts.entry(red, None) == f"赤伝：No. {back.pk}を取り消す明細です。"


def test_it_is_corrected_in_one_step(center: Center, foundation_staff: User) -> None:
    post(center, amount=1_000, by=foundation_staff)
    back = post(center, amount=-300, by=foundation_staff)
    black = actions.correct(
        entry=back, new=new(center, amount=-200), reason="金額の誤り", by=foundation_staff, at=AT
    )
    assert (black.corrects, black.is_reduction) == (back, True)
    assert sum_of(center).amount == 800


def test_what_comes_back_frees_the_limit_and_its_reversal_is_held_to_it(
    center: Center, foundation_staff: User
) -> None:
    """A correction is held to the limit by what red and black come to together."""
    measure = make_measure(make_agreement(center), total=1_000_000, last_year=2026)
    make_account(center, code="grant", name="負担金", measure=measure)
    post(center, "grant", 1_000_000, by=foundation_staff)
    with pytest.raises(ValidationError):
        post(center, "grant", 1, by=foundation_staff)
    back = post(center, "grant", -400_000, description="返納", by=foundation_staff)
    post(center, "grant", 400_000, description="再交付", by=foundation_staff)
    with pytest.raises(ValidationError), transaction.atomic():
        actions.reverse(entry=back, reason="誤り", by=foundation_staff, at=AT)
    less = new(center, "grant", -500_000, description="返納")
    actions.correct(entry=back, new=less, reason="金額", by=foundation_staff, at=AT)
    assert sum_of(center, "grant").amount == 900_000
    assert kept(center) == added_up(center)


def test_a_closed_year_takes_none(center: Center, foundation_staff: User) -> None:
    post(center, by=foundation_staff)
    close(center, by=foundation_staff)
    with pytest.raises(ValidationError):
        post(center, amount=-1, by=foundation_staff)


def test_the_list_the_filter_and_the_file_tell_the_two_apart(
    center: Center, staff: Client, foundation_staff: User
) -> None:
    made = post(center, description="誤って入れた行", by=foundation_staff)
    actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    back = post(center, amount=-300, description="返納", by=foundation_staff)
    year = text(staff, at(center, "ledger_of_year", year=2025))
    assert year.count("Reduction (refund, adjustment)") == 1
    sums = ledger.year_sums(center, YEAR)
    only = ledger.page(center, YEAR, Choice(only_reductions=True), Cursor(), sums=sums)
    assert [line.entry for line in only.lines] == [back]
    reversals = ledger.page(center, YEAR, Choice(only_reversals=True), Cursor(), sums=sums)
    assert [line.entry.reverses for line in reversals.lines] == [made]
    shown = text(staff, at(center, "ledger_of_year", year=2025) + "?reductions=on")
    assert "返納" in shown
    assert "誤って入れた行" not in shown
    response = staff.get(at(center, "ledger_export", year=2025))
    body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    kinds = [(row["金額（円）"], row["種別"]) for row in csv.DictReader(io.StringIO(body))]
    assert kinds == [("1000", ""), ("-1000", "取消"), ("-300", "減額")]


def test_a_settlement_is_compared_with_what_is_left(center: Center, foundation_staff: User) -> None:
    """An account of which all came back has entries that come to nothing: no difference to a settlement without it."""
    post(center, amount=500, by=foundation_staff)
    post(center, amount=-500, description="全額返納", by=foundation_staff)
    books = Books.load(center, today=TODAY)
    compared = reconciliation.of_statement(books, YEAR, ledger.year_sums(center, YEAR), None)
    row = compared.row(account(center, "rent"))
    assert row is not None
    assert row.ledger == 0
    assert compared.has_ledger


def test_a_file_with_many_of_them_comes_in_and_says_how_many(center: Center, foundation_staff: User) -> None:
    """2,000 lines, 118 of them negative, were refused as a whole."""
    lines = [
        f"R7.6.{1 + number % 30},rent,,{'▲' if number % 17 == 0 else ''}{number + 1},,行{number},"
        for number in range(2_000)
    ]
    text = "\n".join(["日付,科目コード,科目名,金額,相手方,摘要,証憑番号", *lines])
    table = upload(center, text, foundation_staff)
    assert (table.problem_count, problems(table)) == (0, [])
    said = " ".join(preview.load(table, foundation_staff).description.sentences)
    assert "マイナスの明細が118行あります（合計▲117,469円）。" in said
    importing.apply(table=table, by=foundation_staff, at=AT)
    assert Entry.objects.filter(amount__lt=0, reverses=None).count() == 118
    assert kept(center) == added_up(center)


def test_an_export_comes_back_with_the_same_sums(center: Center, foundation_staff: User) -> None:
    """Reversals among it too: of another center's file, only the signs are known."""
    made = post(center, by=foundation_staff)
    actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    post(center, amount=-300, description="返納", by=foundation_staff)
    entries = Entry.objects.select_related("account", "part", "recorded_by").order_by("pk")
    heads = [column.key for column in ledger_table.CSV_COLUMNS]
    rows = [
        list(row.split(","))
        for row in b"".join(csv_rows(ledger_table.CSV_COLUMNS, entries)).decode("utf-8-sig").splitlines()
    ][1:]
    before = sum_of(center).amount
    table = upload(center, "\n".join(",".join(row) for row in (heads, *rows)), foundation_staff)
    importing.apply(table=table, by=foundation_staff, at=AT, is_meant=True)
    assert sum_of(center).amount == 2 * before


def test_the_sum_of_a_file_is_bounded_by_size_and_not_by_sign(center: Center, foundation_staff: User) -> None:
    most = f"R7.6.1,rent,,{MOST_YEN},,x,\nR7.6.2,rent,,-{MOST_YEN},,y,"
    table = upload(center, f"日付,科目コード,科目名,金額,相手方,摘要,証憑番号\n{most}", foundation_staff)
    assert table.state == ImportState.CHECKED
    assert "come to more than" in problems(table)[0][2]


@pytest.mark.django_db(transaction=True)
def test_the_database_knows_a_reversal_by_what_it_names(center: Center, foundation_staff: User) -> None:
    made = post(center, amount=500, by=foundation_staff)
    for changed in ({"amount": 500}, {"amount": -400}, {"amount": -500, "date": date(2025, 6, 11)}):
        wrong = Entry.objects.get(pk=made.pk)
        wrong.pk, wrong.reverses, wrong.reason = None, made, "誤り"
        for name, value in changed.items():
            setattr(wrong, name, value)
        with pytest.raises(IntegrityError, match="takes back just the entry"), transaction.atomic():
            wrong.save(force_insert=True)
    assert made.date == DAY


def upload(center: Center, text: str, by: User) -> TableImport:
    return importing.upload(
        spec=ENTRIES, center=center, file=looked_at(csv_file(text)), params={}, by=by, at=AT
    )
