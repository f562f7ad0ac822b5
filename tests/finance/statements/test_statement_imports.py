"""Importing a statement's amounts into its draft, with the totals as they are printed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from finance.models import Account, RecordedUnit, Stage, Statement, TotalOf
from finance.models import StatementTotal as Total
from finance.statements.import_kind import STATEMENT
from iconm_portal.imports import importing
from iconm_portal.models import Center, ImportState, TableImport, User
from tests.builders.finance import make_account, make_accounts, make_statement, make_submitted, settled
from tests.builders.imports import looked_at, problems, refusal, xlsx
from tests.builders.plans import tokyo
from tests.people import LogIn

TODAY = tokyo(date(2026, 5, 1))
HEADINGS = ["科目コード", "科目名", "金額", "備考"]
GOOD: list[list[Any]] = [
    ["rent", "共同研究負担金", 300, ""],
    ["", "研究費", "８００", "うち間接費を含む"],
    ["indirect", "", 50, ""],
    ["", "収入合計", "1,100", ""],
    ["research", "", 400, ""],
    ["building", "", 0, ""],
    ["support", "", "", ""],
    ["running", "", 0, ""],
    ["", "支 出 合 計", 400, ""],
    ["", "当期収支差額", 700, ""],
]


@pytest.fixture(autouse=True)
def accounts(center: Center) -> dict[str, Account]:
    return make_accounts(center)


def upload(
    center: Center,
    by: User,
    rows: Sequence[Sequence[Any]] = GOOD,
    *,
    headings: Sequence[str] = HEADINGS,
    unit: str = "thousand",
    year: int = 2023,
) -> TableImport:
    params = {"year": year, "stage": "settlement", "unit": unit}
    file = looked_at(xlsx([headings, *rows]))
    return importing.upload(spec=STATEMENT, center=center, file=file, params=params, by=by, at=TODAY)


def test_a_new_draft_gets_the_lines_and_the_printed_totals(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff)
    assert problems(table) == []
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    draft = Statement.objects.get()
    assert (draft.fiscal_year.start, draft.stage, draft.unit) == (
        2023,
        Stage.SETTLEMENT,
        RecordedUnit.THOUSAND,
    )
    assert dict(draft.lines.values_list("account__code", "amount")) == {
        "rent": 300_000,
        "research-income": 800_000,
        "indirect": 50_000,
        "research": 400_000,
        "building": 0,  # 0 is a figure; the blank of "support" is none
    }
    assert draft.lines.get(account__code="research-income").note == "うち間接費を含む"
    assert set(Total.objects.values_list("of", "account__code", "amount")) == {
        (TotalOf.REVENUE, None, 1_100_000),
        (TotalOf.EXPENDITURE, None, 400_000),
        (TotalOf.BALANCE, None, 700_000),
        (TotalOf.ACCOUNT, "running", 0),
    }


def test_a_draft_keeps_what_the_table_leaves_out(center: Center, foundation_staff: User) -> None:
    make_statement(center, 2023, {"other": 7, "rent": 1}, by=foundation_staff)
    table = upload(center, foundation_staff, [["rent", "", 5, ""], ["", "収支差額", "▲2", ""]], unit="yen")
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    draft = Statement.objects.get()
    assert dict(draft.lines.values_list("account__code", "amount")) == {"other": 7, "rent": 5}
    assert draft.totals.get().amount == -2


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (["rent", "", "-5", ""], "amount", "not negative"),
        (["rent", "", "1.5", ""], "amount", "whole number"),
        (["rent", "", "5人", ""], "amount", "written in 人"),
        (["nothing", "", 5, ""], "code", "no account"),
        (["ended", "", 5, ""], "code", "does not hold"),
        (["deposit", "", 5, ""], "code", "takes no amount"),
        (["", "研究費", 5, ""], "name", "stands in row 2 already"),
    ],
)
def test_what_is_wrong_with_a_row(
    center: Center, foundation_staff: User, row: list[Any], column: str, said: str
) -> None:
    make_account(center, code="ended", name="旧科目", last_year=2020)
    make_account(center, code="deposit", name="預かり保証金", side="deposit_received")
    table = upload(center, foundation_staff, [["research-income", "", 1, ""], row])
    assert [(number, key) for number, key, _text in problems(table)] == [(3, column)]
    assert said in problems(table)[0][2]


def test_a_unit_in_the_heading_that_is_not_the_chosen_one_is_told(
    center: Center, foundation_staff: User
) -> None:
    headings = ["科目コード", "科目名", "金額（円）", "備考"]
    assert "in 円, but 千円 was chosen" in refusal(
        upload(center, foundation_staff, GOOD[:1], headings=headings)
    )
    assert problems(upload(center, foundation_staff, GOOD[:1], headings=headings, unit="yen")) == []


@pytest.mark.parametrize("code", ["", "indirect"])
def test_a_part_of_another_account_is_known_as_it_is_printed(
    center: Center, foundation_staff: User, code: str
) -> None:
    table = upload(center, foundation_staff, [[code, "うち　研究間接費収入", 50, ""]])
    assert problems(table) == []
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    assert Statement.objects.get().lines.get().account.code == "indirect"


def test_only_a_part_is_called_so(center: Center, foundation_staff: User) -> None:
    assert problems(upload(center, foundation_staff, [["", "うち研究費", 50, ""]])) != []


def test_a_statement_that_was_handed_in_takes_nothing(center: Center, foundation_staff: User) -> None:
    make_submitted(center, 2023, by=foundation_staff)
    table = upload(center, foundation_staff, unit="yen")
    with pytest.raises(ValidationError):
        importing.apply(table=table, by=foundation_staff, at=TODAY)
    table.refresh_from_db()
    assert (table.state, table.rows.count()) == (ImportState.CHECKED, len(GOOD))


def send(client: Client, center: Center, **more: str) -> Any:
    data = {
        "year": "令和5年度",
        "stage": "settlement",
        "unit": "thousand",
        "file": xlsx([HEADINGS, *GOOD]),
        **more,
    }
    return client.post(reverse("finance:import_statement", kwargs={"center": center.code}), data)


def test_the_form_leads_to_the_preview_and_the_preview_to_the_draft(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    address = send(client, center).headers["Location"]
    assert "1,100" in client.get(address).content.decode()
    client.post(f"{address}apply/")
    of_draft = {"center": center.code, "year": 2023, "stage": "settlement", "revision": 1}
    assert reverse("finance:statement", kwargs=of_draft) in client.get(address).content.decode()


def test_the_form_keeps_what_was_chosen_and_refuses_another_unit_than_the_drafts(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    make_statement(center, 2023, by=foundation_staff)
    client = log_in(foundation_staff)
    response = send(client, center)
    assert response.status_code == 400
    assert "令和5年度" in response.content.decode()
    assert "下書きの単位は円です" in response.content.decode()
    assert "ファイルはもう一度選んでください" in response.content.decode()
    assert send(client, center, year="x", unit="yen").status_code == 400
    assert not TableImport.objects.exists()


def test_the_form_says_at_once_that_a_settled_statement_is_corrected_and_not_begun_anew(
    center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    settled(center, 2023, by=foundation_staff, reviewer=city_staff)
    response = send(log_in(foundation_staff), center)
    assert response.status_code == 400
    assert "確定した予算書・決算書があります" in response.content.decode()
    assert not TableImport.objects.exists()


def test_a_row_of_blanks_is_none(center: Center, foundation_staff: User) -> None:
    assert upload(center, foundation_staff, [["", "", "", ""], *GOOD]).row_count == len(GOOD)
