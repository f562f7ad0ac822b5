"""The read model of the balance: which statement holds, what a cell is, what adds up, as known on a day."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.balance import balance
from finance.balance.balance import Absent, Amount, Balance, Face
from finance.balance.texts import rate_text
from finance.balance.totals import Standing
from finance.models import Purpose, Stage, TotalOf
from finance.statements import draft_actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from tests.builders.finance import (
    RENT,
    USUAL,
    accept,
    decided,
    fill,
    make_account,
    make_accounts,
    settled,
    submit,
)
from tests.builders.plans import tokyo

pytestmark = pytest.mark.django_db
Y2021, Y2023 = FiscalYear(2021), FiscalYear(2023)
TODAY = date(2026, 11, 24)


@pytest.fixture
def people(center: Center, foundation_staff: User, city_staff: User) -> dict[str, User]:
    make_accounts(center)
    return {"by": foundation_staff, "reviewer": city_staff}


def known(center: Center, day: date = TODAY) -> Balance:
    return balance.load(center, known_at=day)


def of(found: Balance, code: str, year: FiscalYear = Y2023, face: Face = Face.SETTLEMENT) -> balance.Cell:
    account = found.account(code)
    assert account is not None
    return found.cell(account, year, face)


def test_an_amount_a_zero_a_blank_and_a_dash(center: Center, people: dict[str, User]) -> None:
    settled(center, 2023, {"rent": 300_000, "other": 0}, **people)
    settled(center, 2021, {"running": 5}, **people)
    found = known(center)
    assert of(found, "rent") == Amount(300_000)
    assert of(found, "other") == Amount(0)
    assert of(found, "research-income") is Absent.BLANK
    assert of(found, "building", Y2021) is Absent.NOT_APPLICABLE
    assert of(found, "rent", FiscalYear(2022)) is Absent.BLANK
    assert (found.settled("rent", Y2023), found.settled("building", Y2021), found.settled("none", Y2023)) == (
        300_000,
        None,
        None,
    )


def test_a_leaf_that_turns_into_a_sum(center: Center, people: dict[str, User]) -> None:
    settled(center, 2021, {"running": 5}, **people)
    settled(center, 2023, {"building": 3, "support": 4}, **people)
    found = known(center)
    assert of(found, "running", Y2021) == Amount(5)
    assert of(found, "running") == Amount(7, 7, Standing.NOT_PRINTED)


def test_totals_are_computed_where_none_is_printed_and_parts_count_once(
    center: Center, people: dict[str, User]
) -> None:
    settled(center, 2023, USUAL | {"indirect": 50_000}, **people)
    found = known(center)
    assert found.total(TotalOf.REVENUE, Y2023, Face.SETTLEMENT) == Amount(
        1_200_000, 1_200_000, Standing.NOT_PRINTED
    )
    assert balance.yen(found.total(TotalOf.BALANCE, Y2023, Face.SETTLEMENT)) == 200_000
    lines = found.lines([Y2023], [Face.SETTLEMENT])
    assert [(line.account.code, line.depth, line.is_part) for line in lines if line.account] == [
        ("rent", 0, False),
        ("research-income", 0, False),
        ("indirect", 1, True),
        ("other", 0, False),
        ("research", 0, False),
        ("running", 0, False),
        ("building", 1, False),
        ("support", 1, False),
    ]


def test_a_part_of_which_nothing_is_recorded_has_no_row(center: Center, people: dict[str, User]) -> None:
    settled(center, 2023, **people)
    lines = known(center).lines([Y2023], [Face.SETTLEMENT])
    assert "indirect" not in {line.account.code for line in lines if line.account}


def test_of_a_header_only_its_accounts_have_rows(center: Center, people: dict[str, User]) -> None:
    group = make_account(center, code="city", name="市負担金", prints_subtotal=False)
    make_account(center, code="first", name="立ち上げ", parent=group, last_year=2021)
    make_account(center, code="second", name="促進", parent=group, first_year=2023)
    settled(center, 2023, USUAL | {"second": 10}, **people)
    lines = {
        line.account.code: line for line in known(center).lines([Y2023], [Face.SETTLEMENT]) if line.account
    }
    assert "city" not in lines
    assert "first" not in lines
    assert lines["second"].group == group
    # In FY2022 nothing stands below it, so that it takes a line itself and needs a row.
    years = [FiscalYear(2022), Y2023]
    assert group in [line.account for line in known(center).lines(years, [Face.SETTLEMENT])]


def test_the_supplementary_budget_is_in_force(center: Center, people: dict[str, User]) -> None:
    decided(center, 2023, USUAL, at=tokyo(date(2023, 3, 10)), **people)
    later = {**USUAL, "rent": 350_000}
    decided(center, 2023, later, stage=Stage.SUPPLEMENTARY, at=tokyo(date(2023, 12, 10)), **people)
    assert of(known(center, date(2023, 12, 9)), "rent", face=Face.BUDGET) == Amount(300_000)
    assert of(known(center, date(2023, 12, 10)), "rent", face=Face.BUDGET) == Amount(350_000)


def test_a_correction_holds_from_the_day_it_is_accepted(center: Center, people: dict[str, User]) -> None:
    made = settled(center, 2023, at=tokyo(date(2024, 6, 3)), **people)
    draft = draft_actions.start_correction(statement=made, reason="計上漏れ", by=people["by"])
    draft = fill(draft, {**USUAL, "rent": 310_000}, by=people["by"], at=tokyo(date(2024, 9, 1)))
    assert of(known(center), "rent") == Amount(300_000)
    submit(draft, by=people["by"], at=tokyo(date(2024, 9, 1)))
    assert of(known(center), "rent") == Amount(300_000)
    accept(draft, by=people["reviewer"], at=tokyo(date(2024, 9, 5)))
    assert of(known(center, date(2024, 9, 4)), "rent") == Amount(300_000)
    assert of(known(center, date(2024, 9, 5)), "rent") == Amount(310_000)
    assert known(center, date(2024, 6, 2)).years == ()


def test_sums_over_a_meaning_are_none_where_nothing_is_recorded(
    center: Center, people: dict[str, User]
) -> None:
    settled(center, 2023, {"rent": 300_000}, **people)
    found = known(center)
    assert found.of_purpose(Purpose.RENT, Y2023, Face.SETTLEMENT) == 300_000
    assert found.of_purpose(Purpose.RESEARCH_INCOME, Y2023, Face.SETTLEMENT) is None
    assert found.contributions(Y2023, Face.SETTLEMENT) is None


def test_foreign_money_is_not_read(center: Center, foreign_center: Center, people: dict[str, User]) -> None:
    make_account(foreign_center, **RENT)
    settled(center, 2023, **people)
    assert known(foreign_center).years == ()
    assert {account.center_id for account in known(center).accounts} == {center.pk}


def test_four_queries_however_much_there_is(center: Center, people: dict[str, User]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            found = known(center)
            for line in found.lines(found.years, Face):
                for year in found.years:
                    found.of_line(line, year, Face.SETTLEMENT)
        return len(asked)

    settled(center, 2023, **people)
    assert queries() == 4
    for year in (2022, 2024):
        settled(center, year, **people)
        decided(center, year, **people)
    for number in range(5):
        make_account(center, code=f"more-{number}", name=f"科目{number}")
    assert queries() == 4


@pytest.mark.parametrize(
    ("budget", "spent", "rate"),
    [(80, 78, "97.5%"), (3, 2, "66.7%"), (100, 0, "0.0%"), (0, 5, ""), (None, 5, ""), (5, None, "")],
)
def test_the_execution_rate(budget: int | None, spent: int | None, rate: str) -> None:
    assert rate_text(budget, spent, MoneyUnit.YEN) == rate


def test_the_execution_rate_is_of_the_two_amounts_as_printed() -> None:
    assert rate_text(480_000_000, 600_536_000, MoneyUnit.THOUSAND) == "125.1%"
    assert rate_text(480_000_000, 600_400_000, MoneyUnit.MILLION) == "125.0%"
    assert rate_text(400, 600_000, MoneyUnit.MILLION) == ""
