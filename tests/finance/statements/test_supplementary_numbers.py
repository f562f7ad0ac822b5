"""第1号補正, 第2号補正: each supplementary budget is a thing of its own, and the highest number known is in force."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from finance.balance import balance, sheets
from finance.balance.balance import Face
from finance.balance.texts import column_name
from finance.models import RecordedUnit, Stage, Statement
from finance.statements import draft_actions, import_kind, statements, texts
from finance.statements.import_kind import Chosen
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import (
    USUAL,
    decide,
    decided,
    fill,
    make_accounts,
    make_statement,
    make_talk,
    submit,
)
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
YEAR = FiscalYear(2025)
FIRST, SECOND = tokyo(date(2025, 9, 10)), tokyo(date(2025, 12, 10))
WHERE = "/lab/finance/statements/2025/"


@pytest.fixture
def three(center: Center, foundation_staff: User, city_staff: User) -> list[Statement]:
    """The budget of R7 with its first and second supplementary budget: rent 300,000, 310,000, 320,000."""
    make_accounts(center)
    people = {"by": foundation_staff, "reviewer": city_staff}
    return [
        decided(center, 2025, **people),
        decided(center, 2025, USUAL | {"rent": 310_000}, stage=Stage.SUPPLEMENTARY, at=FIRST, **people),
        decided(center, 2025, USUAL | {"rent": 320_000}, stage=Stage.SUPPLEMENTARY, at=SECOND, **people),
    ]


def test_the_second_is_no_correction_of_the_first(three: list[Statement]) -> None:
    assert [(one.supplement, one.revision, one.reason) for one in three] == [
        (0, 1, ""),
        (1, 1, ""),
        (2, 1, ""),
    ]
    assert [one.history_key().split("/", 2)[2] for one in three] == [
        "2025/budget/r1", "2025/supplementary/r1", "2025/supplementary-2/r1"
    ]  # fmt: skip
    assert [one.history_label() for one in three[1:]] == [
        "令和7年度 第1号補正予算書",
        "令和7年度 第2号補正予算書",
    ]
    started = HistoryEvent.objects.get(subject=three[2].history_key(), action="statement.start")
    assert started.after["supplement"] == 2


def test_it_begins_with_the_figures_of_the_one_in_force(
    center: Center, three: list[Statement], foundation_staff: User
) -> None:
    third = draft_actions.start(
        center=center,
        fiscal_year=YEAR,
        stage=Stage.SUPPLEMENTARY,
        unit=RecordedUnit.YEN,
        by=foundation_staff,
        at=SECOND,
    )
    assert third.supplement == 3
    assert dict(third.lines.values_list("account__code", "amount"))["rent"] == 320_000
    with pytest.raises(ValidationError, match="being worked on"):
        make_statement(center, 2025, by=foundation_staff, stage=Stage.SUPPLEMENTARY)


@pytest.mark.parametrize(
    ("day", "rent", "name"),
    [
        (date(2025, 9, 9), 300_000, "Budget"),
        (date(2025, 9, 10), 310_000, "Budget after supplementary no. 1"),
        (date(2025, 12, 9), 310_000, "Budget after supplementary no. 1"),
        (date(2025, 12, 10), 320_000, "Budget after supplementary no. 2"),
    ],
)
def test_the_highest_number_known_is_in_force(
    center: Center, three: list[Statement], day: date, rent: int, name: str
) -> None:
    known = balance.load(center, known_at=day)
    account = known.account("rent")
    assert account is not None
    assert balance.yen(known.cell(account, YEAR, Face.BUDGET)) == rent
    assert column_name(Face.BUDGET, known.statement(YEAR, Face.BUDGET)) == name


def test_a_correction_is_of_its_own_number_and_only_the_last_takes_one(
    center: Center, three: list[Statement], foundation_staff: User, city_staff: User
) -> None:
    for earlier in three[:2]:
        with pytest.raises(ValidationError, match="Correct that one instead"):
            draft_actions.start_correction(statement=earlier, reason="誤記", by=foundation_staff)
    may = [statements.load(one, foundation_staff, today=date(2026, 1, 5)).may_correct for one in three]
    assert may == [False, False, True]
    corrected = draft_actions.start_correction(statement=three[2], reason="誤記", by=foundation_staff)
    assert (corrected.supplement, corrected.revision) == (2, 2)
    assert texts.title(corrected) == "Supplementary budget statement no. 2 of FY2025, revision 2"
    submit(corrected, by=foundation_staff)
    decide(
        corrected,
        consultation=make_talk(center, by=foundation_staff, confirmer=city_staff),
        by=foundation_staff,
    )
    assert statements.in_force(Statement.objects.filter(center=center)) == {corrected.pk}


def test_a_correction_of_the_first_is_not_decided_after_the_second(
    center: Center, foundation_staff: User, city_staff: User, three: list[Statement]
) -> None:
    """Even where it was kept before: the database holds one open supplementary budget of a year, the action the rest."""
    late = Statement.objects.create(
        center=center, fiscal_year=YEAR, stage=Stage.SUPPLEMENTARY, supplement=1, revision=2, reason="誤記"
    )
    fill(late, USUAL, by=foundation_staff)
    late.refresh_from_db()
    submit(late, by=foundation_staff)
    talk = make_talk(center, by=foundation_staff, confirmer=city_staff)
    with pytest.raises(ValidationError, match="Correct that one instead"):
        decide(late, consultation=talk, by=foundation_staff)


@pytest.mark.parametrize(
    ("stage", "number"), [(Stage.SUPPLEMENTARY, 0), (Stage.BUDGET, 1), (Stage.SETTLEMENT, 2)]
)
def test_the_database_numbers_supplementary_budgets_and_nothing_else(
    center: Center, stage: Stage, number: int
) -> None:
    with pytest.raises(IntegrityError, match="supplement_numbered"), transaction.atomic():
        Statement.objects.create(center=center, fiscal_year=YEAR, stage=stage, supplement=number)


@pytest.mark.parametrize(
    ("slug", "rent"),
    [("budget", "300,000"), ("supplementary", "310,000"), ("supplementary-2", "320,000")],
)
def test_each_has_its_page(
    three: list[Statement], log_in: LogIn, city_viewer: User, slug: str, rent: str
) -> None:
    response = log_in(city_viewer).get(f"{WHERE}{slug}/1/")
    assert response.status_code == 200
    assert rent in response.content.decode()


@pytest.mark.parametrize(
    "slug",
    ["supplementary-0", "supplementary-1", "supplementary-3", "supplementary-99999", "budget-2", "none"],
)
def test_no_other_address_is_one(three: list[Statement], log_in: LogIn, city_viewer: User, slug: str) -> None:
    assert log_in(city_viewer).get(f"{WHERE}{slug}/1/").status_code == 404


def test_it_is_begun_entered_and_listed_on_the_pages(
    center: Center, three: list[Statement], log_in: LogIn, foundation_staff: User
) -> None:
    client: Client = log_in(foundation_staff)
    client.cookies["django_language"] = "ja"
    begun = client.post(
        "/lab/finance/statements/new/", {"fiscal_year": "R7", "stage": "supplementary", "unit": "yen"}
    )
    assert begun["Location"] == f"{WHERE}supplementary-3/1/entry/"
    assert "第3号補正予算書" in client.get(begun["Location"]).content.decode()
    listed = client.get("/lab/finance/statements/").content.decode()
    for number in (1, 2, 3):
        assert f"第{number}号補正予算書" in listed
    assert f"{WHERE}supplementary-2/1/" in listed
    assert "予算（第2号補正後）" in client.get("/lab/finance/2025/").content.decode()


def test_an_import_fills_the_next_one(center: Center, three: list[Statement], foundation_staff: User) -> None:
    chosen = Chosen(YEAR, Stage.SUPPLEMENTARY, RecordedUnit.YEN)
    assert import_kind.draft_of(center, chosen) is None
    make_statement(center, 2025, by=foundation_staff, stage=Stage.SUPPLEMENTARY)
    draft = import_kind.draft_of(center, chosen)
    assert draft is not None
    assert draft.supplement == 3


def test_the_data_sheet_names_the_number(center: Center, three: list[Statement]) -> None:
    known = balance.load(center, known_at=date(2026, 1, 5))
    table = sheets.balance_data(known)
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    assert {row["note"] for row in rows if row["status"] == "補正"} == {"第2号補正"}
    assert {row["note"] for row in rows if row["status"] == "予算"} == {""}


@pytest.mark.django_db(transaction=True)
def test_going_back_makes_the_second_a_correction_of_the_first_and_forth_again(
    three: list[Statement],
) -> None:
    def columns(names: str) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM finance_statement WHERE stage = 'supplementary' ORDER BY id")  # noqa: S608
            return [tuple(row) for row in cursor.fetchall()]

    try:
        call_command("migrate", "finance", "0001", verbosity=0)
        assert columns("revision, reason") == [(1, ""), (2, "第2号補正")]
    finally:
        call_command("migrate", verbosity=0)
    assert columns("supplement, revision") == [(1, 1), (1, 2)]
