"""T2 in the reference files and in the database: figure for figure, once, with its totals as printed."""

import csv
from datetime import date
from pathlib import Path

import pytest

from agreements.loading import reference as agreements
from agreements.models import SupportAmount
from finance.balance import balance
from finance.balance.balance import Absent, Amount, Balance, Face
from finance.balance.totals import Standing
from finance.loading import reference
from finance.models import Account, Statement, StatementLine, StatementTotal, TotalOf
from iconm_portal.imports.reference_files import Loader
from iconm_portal.models import Center, HistoryEvent
from iconm_portal.values.fiscal import FiscalYear
from tests.readers import t2

FOLDER = Path(__file__).parents[3] / "finance" / "reference"
PUBLISHED = date(2022, 1, 27)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def known(iconm: Center) -> Balance:
    return balance.load(iconm, known_at=PUBLISHED)


def test_every_figure_of_the_files_is_printed_in_t2_and_none_is_missing() -> None:
    lines = [(row["account"], row) for row in rows("statement_lines.csv")]
    totals = [(row["account"] or row["of"], row) for row in rows("statement_totals.csv")]
    held = {(code, int(row["fiscal_year"])): int(row["value"]) for code, row in lines + totals}
    assert held == {place: figure for place, figure in t2.thousands().items() if figure is not None}
    for _code, row in lines + totals:
        assert (row["stage"], row["unit"], row["scale"]) == ("settlement", "千円", "1000")
        assert (row["known_from"], row["source"]) == ("2022-01-27", "T2")


def test_running_costs_are_a_line_until_h30_and_a_printed_sum_from_r1() -> None:
    lines = [row["fiscal_year"] for row in rows("statement_lines.csv") if row["account"] == "operation"]
    sums = [row["fiscal_year"] for row in rows("statement_totals.csv") if row["account"] == "operation"]
    assert (lines, sums) == (["2015", "2016", "2017", "2018"], ["2019", "2020"])


@pytest.mark.django_db
def test_every_cell_of_t2(known: Balance) -> None:
    for (code, start), figure in t2.thousands().items():
        year = FiscalYear(start)
        account = known.account(code)
        cell = (
            known.cell(account, year, Face.SETTLEMENT)
            if account
            else known.total(TotalOf(code), year, Face.SETTLEMENT)
        )
        if figure is None:
            assert cell is Absent.NOT_APPLICABLE, (code, start)
        else:
            assert isinstance(cell, Amount), (code, start)
            assert cell.yen == figure * 1_000, (code, start)


@pytest.mark.django_db
def test_totals_that_are_off_by_one_are_rounding_and_no_other_differs(known: Balance) -> None:
    found = {
        (check.of, statement.year.start): (check.standing, check.difference)
        for statement in known.statements.values()
        for check in known.checks(statement)
        if check.difference
    }
    assert found == {
        (TotalOf.EXPENDITURE, 2019): (Standing.ROUNDING, -1_000),
        (TotalOf.EXPENDITURE, 2020): (Standing.ROUNDING, 1_000),
    }


@pytest.mark.django_db
def test_nothing_is_known_of_r3_nor_before_the_report(iconm: Center, known: Balance) -> None:
    assert [year.start for year in known.years] == list(t2.YEARS)
    assert balance.load(iconm, known_at=date(2022, 1, 26)).years == ()


@pytest.mark.django_db
def test_the_contributions_are_those_of_the_support_measures(known: Balance) -> None:
    amounts = SupportAmount.objects.filter(stage="settled").select_related("measure")
    by_measure = {account.measure_id: account for account in known.accounts if account.measure_id}
    assert {
        (by_measure[amount.measure_id].code, amount.fiscal_year.start): amount.amount for amount in amounts
    } == {
        place: figure * 1_000
        for place, figure in t2.thousands().items()
        if place[0].startswith("city-") and figure is not None
    }


@pytest.mark.django_db
def test_a_second_load_adds_nothing_and_what_differs_is_kept(iconm: Center) -> None:
    models = (Account, Statement, StatementLine, StatementTotal, HistoryEvent)

    def counts() -> list[int]:
        return [model._default_manager.count() for model in models]

    Account.objects.filter(code="rent").update(name="賃料")
    before, loader = counts(), Loader(iconm)
    loader.know(agreements.TABLES)
    loader.load(reference.FOLDER, reference.TABLES)
    result = loader.result
    assert counts() == before
    assert result.added == 0
    (difference,) = result.differing
    assert difference.endswith("rent: name: 賃料 ≠ 共同研究負担金(賃料)等")


@pytest.mark.django_db
def test_every_row_names_its_source_instead_of_a_person(iconm: Center) -> None:
    assert not Account.objects.filter(source="").exists()
    assert set(Statement.objects.values_list("source", "accepted_by")) == {("T2", None)}
    events = HistoryEvent.objects.filter(subject__startswith="finance.")
    assert set(events.values_list("actor", flat=True)) == {""}
    assert events.filter(action="statement.accept").count() == len(t2.YEARS)
