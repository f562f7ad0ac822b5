"""What was applied is taken back as a whole by its owner, while nothing rests on it; it stays readable, and is done once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from finance.ledger import actions as ledger_actions
from finance.ledger import closing_actions
from finance.ledger.imports.kind import ENTRIES
from finance.models import Entry, Stage, Statement
from finance.statements import actions as statement_actions
from finance.statements.import_kind import STATEMENT, Chosen
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.imports import importing
from iconm_portal.imports.deciding import undoing
from iconm_portal.imports.specs import Spec
from iconm_portal.models import Center, HistoryEvent, ImportState, Job, Role, TableImport, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Record
from kpi.register import actions as record_actions
from kpi.register.imports.kind import RECORDS
from tests.builders.finance import accept, account, make_accounts, make_statement, submit
from tests.builders.imports import csv_file, looked_at
from tests.builders.ledger import added_up, kept
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.races import Sending, at_once
from tests.builders.records import make_basis, make_category
from tests.builders.sent_forms import form_to
from tests.people import LogIn, client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
AT = tokyo(date(2026, 10, 1))
LEDGER = "日付,科目コード,金額,摘要\nR8.6.1,rent,1200,a\nR8.7.1,rent,-200,b\nR8.7.2,research,50,c\n"
REGISTER = "区分,件名,開催日\nlectures,講座1,R8.6.1\nlectures,講座2,R8.6.2\n"
AMOUNTS = "科目コード,金額,備考\nrent,500,取込\nresearch,70,\n"


@pytest.fixture(autouse=True)
def _kept_here(center: Center) -> None:
    make_accounts(center)
    make_category(center, "lectures")


def applied(
    center: Center, spec: Spec, text: str, by: User, params: dict[str, Any] | None = None
) -> TableImport:
    table = importing.upload(
        spec=spec, center=center, file=looked_at(csv_file(text)), params=params or {}, by=by, at=AT
    )
    return importing.apply(table=table, by=by, at=AT)


def undo(table: TableImport, by: User, reason: str = "別の年度のファイル") -> Job | None:
    return undoing.undo(table=table, reason=reason, by=by, at=AT)


def page(table: TableImport, step: str = "") -> str:
    prefix = {"kpi.records": "kpi:record_import"}.get(table.kind, "finance:import")
    return reverse(f"{prefix}{step}", kwargs={"center": table.center.code, "number": table.pk})


def refused(table: TableImport, by: User) -> str:
    with pytest.raises(ValidationError) as error, transaction.atomic():
        undo(table, by)
    table.refresh_from_db()
    assert table.state is ImportState.APPLIED
    return " ".join(error.value.messages)


# -- What it does --


def test_entries_are_taken_back_by_one_batch_of_reversals(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    undo(table, foundation_staff)
    reds = Entry.objects.filter(reverses__isnull=False)
    assert sorted(reds.values_list("amount", flat=True)) == [-1200, -50, 200]
    assert set(reds.values_list("imported", "reason")) == {(table.pk, "別の年度のファイル")}
    assert kept(center) == added_up(center)
    assert {amount for amount, _count in kept(center).values()} == {0}
    table.refresh_from_db()
    assert (table.state, table.undone_by, table.undo_reason) == (
        ImportState.UNDONE,
        foundation_staff,
        "別の年度のファイル",
    )
    event = HistoryEvent.objects.get(action="import.undo")
    assert (event.after, event.reason) == ({"rows": 3, "count": 3}, "別の年度のファイル")


def test_records_are_withdrawn_and_the_corrected_file_comes_in_without_asking(
    center: Center, foundation_staff: User
) -> None:
    table = applied(center, RECORDS, REGISTER, foundation_staff)
    undo(table, foundation_staff)
    assert set(Record.objects.values_list("status", "withdrawal_reason", "version")) == {
        ("withdrawn", "別の年度のファイル", 2)
    }
    again = applied(center, RECORDS, REGISTER.replace("講座2", "講座3"), foundation_staff)
    assert again.state is ImportState.APPLIED
    assert Record.objects.filter(status="kept").count() == 2


def test_the_same_file_comes_in_anew_after_it_was_undone(center: Center, foundation_staff: User) -> None:
    undo(applied(center, ENTRIES, LEDGER, foundation_staff), foundation_staff)
    assert applied(center, ENTRIES, LEDGER, foundation_staff).state is ImportState.APPLIED


@pytest.mark.parametrize("is_new", [True, False])
def test_a_statements_draft_gets_back_what_it_held(
    center: Center, foundation_staff: User, is_new: bool
) -> None:
    chosen = Chosen(FiscalYear(2025), Stage.SETTLEMENT, "yen").as_params()
    if not is_new:
        first = applied(
            center, STATEMENT, "科目コード,金額\nrent,400\nresearch-income,9\n", foundation_staff, chosen
        )
        assert undoing.may_undo(first, foundation_staff)
    table = applied(center, STATEMENT, AMOUNTS, foundation_staff, chosen)
    undo(table, foundation_staff)
    held = Statement.objects.filter(center=center)
    if is_new:
        assert not held.exists()
        return
    lines = held.get().lines.values_list("account__code", "amount")
    assert sorted(lines) == [("rent", 400), ("research-income", 9)]


# -- What is in the way --


def test_a_closed_year_is_in_the_way(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER.replace("R8", "R7"), foundation_staff)
    closing_actions.close_year(center=center, fiscal_year=FiscalYear(2025), by=foundation_staff, at=AT)
    assert "締め" in refused(table, foundation_staff)
    assert not Entry.objects.filter(reverses__isnull=False).exists()


def test_an_entry_that_is_taken_back_is_in_the_way(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    entry = Entry.objects.get(amount=50)
    ledger_actions.reverse(entry=entry, reason="誤り", by=foundation_staff, at=AT)
    assert f"No. {entry.pk}" in refused(table, foundation_staff)


def test_an_accepted_settlement_is_in_the_way(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    table = applied(center, ENTRIES, LEDGER.replace("R8", "R7"), foundation_staff)
    accept(
        submit(make_statement(center, 2025, {"rent": 1000}, by=foundation_staff), by=foundation_staff),
        by=city_staff,
    )
    assert "令和7年度の決算が受理されており" in refused(table, foundation_staff)


def test_a_record_that_somebody_corrected_is_in_the_way(center: Center, foundation_staff: User) -> None:
    table = applied(center, RECORDS, REGISTER, foundation_staff)
    record = Record.objects.select_related("category__center", "center").get(title="講座1")
    facts = record_actions.facts_of(record)
    record_actions.change(
        record=record,
        version=1,
        facts=type(facts)(**{name: getattr(facts, name) for name in record_actions.FACTS} | {"note": "補足"}),
        by=foundation_staff,
        at=AT,
    )
    assert "講座1" in refused(table, foundation_staff)
    assert not Record.objects.filter(status="withdrawn").exists()


@pytest.mark.parametrize(("as_of", "is_counted"), [(date(2026, 9, 30), True), (date(2026, 5, 31), False)])
def test_an_accepted_report_that_counts_the_records_is_in_the_way(
    center: Center, foundation_staff: User, city_staff: User, as_of: date, is_counted: bool
) -> None:
    """One that was accepted before the import, or as of a day before its records, counts none of them."""
    category = Category.objects.get(center=center, code="lectures")
    plan = make_plan(center, years=(2025, 2026), label="計画 甲")
    make_basis(plan.indicators.get(code="trials"), category)
    values = {"trials": 1}
    people = {"by": foundation_staff, "reviewer": city_staff}
    make_accepted_report(plan, 2025, values, **people, at=AT - timedelta(days=1))
    table = applied(center, RECORDS, REGISTER, foundation_staff)
    make_accepted_report(plan, 2026, values, **people, as_of=as_of, at=AT + timedelta(hours=1))
    if is_counted:
        said = refused(table, foundation_staff)
        assert "受理済みの実績報告がこれらの記録を数えています" in said
        assert "令和8年度" in said
        assert "令和7年度" not in said
        assert not Record.objects.filter(status="withdrawn").exists()
    else:
        undo(table, foundation_staff)
        assert Record.objects.filter(status="withdrawn").count() == 2


def test_a_draft_that_was_saved_since_is_in_the_way(center: Center, foundation_staff: User) -> None:
    chosen = Chosen(FiscalYear(2025), Stage.SETTLEMENT, "yen").as_params()
    table = applied(center, STATEMENT, AMOUNTS, foundation_staff, chosen)
    applied(center, STATEMENT, "科目コード,金額\nrent,400\n", foundation_staff, chosen)
    assert "下書きが保存されています" in refused(table, foundation_staff)
    draft = Statement.objects.select_related("center").get()
    statement_actions.discard(statement=draft, version=draft.version, by=foundation_staff)
    assert "破棄" in refused(table, foundation_staff)


def test_a_reason_is_needed(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    for reason in (" ", "あ" * 301):
        with pytest.raises(ValidationError) as error:
            undo(table, foundation_staff, reason)
        assert list(error.value.message_dict) == ["reason"]


# -- Whose it is, and once --


def test_only_its_owner_undoes_it(center: Center, foundation_staff: User, city_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    colleague = make_person("sato", center.operator, Role.STAFF)
    for other in (colleague, city_staff):
        with pytest.raises(PermissionDenied):
            undo(table, other)
        assert client_of(other).get(page(table, "_undo")).status_code == 403
    assert "取込みを一括で取り消す" not in client_of(colleague).get(page(table)).content.decode()


def test_the_page_offers_it_does_it_and_says_so(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    assert page(table, "_undo") in client.get(page(table)).content.decode()
    assert client.post(page(table, "_undo"), {"reason": ""}).status_code == 400
    done = client.post(page(table, "_undo"), {"reason": "二重の取込"}, follow=True).content.decode()
    assert "取消済み：3行すべて。" in done
    assert "二重の取込" in done
    assert "取込みを一括で取り消す" not in done
    assert (
        "取消済み" in client.get(reverse("finance:imports", kwargs={"center": center.code})).content.decode()
    )
    again = client.post(page(table, "_undo"), {"reason": "もう一度"}, follow=True).content.decode()
    assert "すでに取り消されていた" in again
    assert Entry.objects.count() == 6


def test_it_is_undone_once(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    undo(table, foundation_staff)
    with pytest.raises(WrongStep):
        undo(table, foundation_staff)
    assert Entry.objects.count() == 6


def test_a_long_one_is_undone_by_a_job_in_as_many_statements(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the transaction, for which on SQLite everybody waits, nothing is done row by row."""
    monkeypatch.setattr(undoing, "AT_ONCE_ROWS", 2)
    take_back, counts = undoing._take_back, []

    def counted(*args: Any) -> None:
        with CaptureQueriesContext(connection) as queries:
            take_back(*args)
        counts.append(len(queries))

    monkeypatch.setattr(undoing, "_take_back", counted)
    for rows in (3, 700):
        lines = [f"R8.6.{1 + row % 9},rent,{row + 1},{rows}-{row}" for row in range(rows)]
        table = applied(center, ENTRIES, "\n".join(["日付,科目コード,金額,摘要", *lines]), foundation_staff)
        job = undo(table, foundation_staff)
        assert job is not None
    assert set(Job.objects.filter(kind="portal.import_undo").values_list("state", flat=True)) == {"done"}
    assert counts[0] == counts[1]
    assert kept(center) == added_up(center)


def test_the_database_undoes_nothing_else(center: Center, foundation_staff: User) -> None:
    table = applied(center, ENTRIES, LEDGER, foundation_staff)
    of_table = TableImport.objects.filter(pk=table.pk)
    undone = {"state": ImportState.UNDONE, "undone_at": AT, "undone_by": foundation_staff, "undo_reason": "x"}
    for change in (undone | {"row_count": 9}, {"row_count": 9}, undone | {"undo_reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            of_table.update(**change)
    undo(table, foundation_staff)
    for change in ({"state": ImportState.APPLIED}, {"undo_reason": "y"}, {"state": ImportState.CHECKED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            of_table.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        of_table.delete()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_undo_it_once(live_server: LiveServer, center: Center) -> None:
    """From two windows, each with a key of its own."""
    owner = make_person("owner", center.operator, Role.STAFF)
    clients = [client_of(owner), client_of(owner)]
    for spec, text in ((ENTRIES, LEDGER), (RECORDS, REGISTER)):
        table = applied(center, spec, text, owner)
        address = page(table, "_undo")
        forms = [form_to(client.get(address), address) for client in clients]
        sendings = [
            Sending.of(client, address, form.fields | {"reason": "誤り"})
            for client, form in zip(clients, forms, strict=True)
        ]
        assert {answer.status for answer in at_once(live_server, sendings)} == {302}
        assert HistoryEvent.objects.filter(action="import.undo", subject=table.history_key()).count() == 1
    assert Entry.objects.count() == 6
    assert set(Record.objects.values_list("version", flat=True)) == {2}
    assert account(center, "rent").pk
