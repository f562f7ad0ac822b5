"""On paper and on the page of the money a value says of what it speaks: of the whole year, of a part of it, or of what is expected."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from finance.balance import balance, sheets
from iconm_portal.models import Center, User
from kpi.indicators.occupancy import rates
from kpi.models import Plan
from kpi.plans import scorecard
from kpi.plans.achievement import Certainty
from kpi.plans.tables.sheets import achievement_sheet, targets_sheet
from kpi.value_sources.entry_values import Entered
from tests.builders import finance
from tests.builders.plans import Accepted, make_plan, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db
MID_YEAR, NOVEMBER, MAY = date(2022, 9, 30), date(2022, 11, 10), date(2023, 5, 20)
BLANKS = "※ 空欄は未報告、「－」は該当なし。"


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 10, "occupancy": 90})


def printed(center: Center, day: date) -> list[str]:
    """The first actual and what its cell prints behind the number, then the notes of T3."""
    board = scorecard.load(center, known_at=day)
    sheet = achievement_sheet(board, board.plans[-1])
    (cell,) = [cell for cell in sheet.body[0] if cell.value == Decimal(12)]
    return [cell.number_format, *sheet.notes]


def test_what_is_final_for_a_day_within_the_year_is_marked_as_part_of_it(
    plan, center, accepted_report: Accepted
) -> None:
    accepted_report(plan, 2022, {"trials": 12}, as_of=MID_YEAR, at=tokyo(NOVEMBER))
    number, *notes = printed(center, NOVEMBER)
    assert "（途中）" in number
    assert "※ （見込）は決算見込、（途中）は年度途中の値。" in notes
    accepted_report(plan, 2022, {"trials": 12}, at=tokyo(MAY))
    number, *notes = printed(center, MAY)
    assert "途中" not in number
    assert not any("途中" in note for note in notes)


def test_the_sheet_of_targets_says_nothing_of_actuals_that_it_does_not_print(
    plan, center, accepted_report: Accepted
) -> None:
    forecast = Entered(Decimal(12), certainty=Certainty.FORECAST)
    accepted_report(plan, 2022, {"trials": forecast}, at=tokyo(MAY))
    board = scorecard.load(center, known_at=MAY)
    assert targets_sheet(board, board.plans[-1]).notes == []
    assert BLANKS in achievement_sheet(board, board.plans[-1]).notes


@pytest.mark.parametrize(
    ("certainty", "note"),
    [
        (Certainty.FINAL, "※ 令和4年3月末の実績は基準値であり、各年度の目標とは比較しない。"),
        (
            Certainty.INTERIM,
            "※ 令和4年3月末の実績は基準値（その日までの途中経過）であり、各年度の目標とは比較しない。",
        ),
    ],
)
def test_a_final_baseline_is_called_no_interim_value(
    center, accepted_report: Accepted, certainty: Certainty, note: str
) -> None:
    plan = make_plan(center, baseline_year=2021)
    value = {"trials": Entered(Decimal(12), certainty=certainty)}
    accepted_report(plan, 2021, value, at=tokyo(date(2022, 5, 10)))
    board = scorecard.load(center, known_at=MAY)
    assert note in targets_sheet(board, board.plans[-1]).notes


def test_an_occupancy_that_is_not_the_years_final_one_says_so_beside_the_money(
    plan,
    center,
    foundation_staff: User,
    city_staff: User,
    accepted_report: Accepted,
    log_in: LogIn,
) -> None:
    finance.make_accounts(center)
    finance.settled(center, 2022, by=foundation_staff, reviewer=city_staff)
    values = {"trials": 12, "occupancy": Entered(Decimal(83), certainty=Certainty.FINAL)}
    accepted_report(plan, 2022, values, as_of=MID_YEAR, at=tokyo(NOVEMBER))
    day = date(2023, 8, 1)
    board, money = scorecard.load(center, known_at=day), balance.load(center, known_at=day)
    sheet = sheets.balance_sheet(money, rates(board))
    (cell,) = [cell for row in sheet.body[:2] for cell in row if cell.value == Decimal(83)]
    assert "（途中）" in cell.number_format
    with time_machine.travel(tokyo(day), tick=False):
        page = log_in(city_staff).get("/lab/finance/").content.decode()
    assert "R4.9末・確定" in page
