"""A report's page and the sheets say of a value no more than what still holds, as the plan's page does."""

import html
from datetime import date
from decimal import Decimal

import pytest

from iconm_portal.display.sheets import FormSheet
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.values import clock
from kpi.models import Report
from kpi.plans import scorecard
from kpi.plans.achievement import Certainty
from kpi.plans.tables.sheets import targets_sheet
from kpi.plans.tables.trend_sheets import course_sheet
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import Accepted, make_plan
from tests.people import client_of

pytestmark = pytest.mark.django_db
demonstration = pytest.mark.usefixtures("autumn", "demo")
SETTLED = "決算では345,980千円"


def page_of(report: Report) -> str:
    address = f"/midoridai/reports/{report.fiscal_year.start}/{report.pk}/"
    content = client_of(User.objects.get(username="umikaze-city-staff")).get(address).content.decode()
    return " ".join(html.unescape(content).split())


def reports(year: int, **how: object) -> Report:
    return Report.objects.get(plan__code="growth", plan__center__code="midoridai", fiscal_year=year, **how)


def row_of(page: str, indicator: str) -> str:
    return page[page.index("<table") :].split(indicator)[1].split("</tr>")[0]


def trend() -> FormSheet:
    board = scorecard.load(Center.objects.get(code="midoridai"), known_at=clock.today())
    return course_sheet(board, board.plan("growth"))


def actuals(sheet: FormSheet, indicator: str) -> list[object]:
    at = next(place for place, line in enumerate(sheet.body) if str(line[0].value).startswith(indicator))
    return [cell.value for cell in sheet.body[at + 1][1:]]


@demonstration
def test_no_verdict_is_claimed_against_the_settlement() -> None:
    """361,204千円 were reported of 347,000千円, and settled are 345,980千円."""
    row = row_of(page_of(reports(2025)), "研究費収入額")
    assert "決算と相違" in row
    assert "決算見込" in row
    assert "達成" not in row


@demonstration
def test_a_target_that_moved_is_marked_beside_the_verdict() -> None:
    row = row_of(page_of(reports(2024, revision=2)), "市民講座の「満足」割合")
    assert "概ね達成" in row
    assert "目標変更あり" in row


@demonstration
def test_an_earlier_value_stands_beside_what_the_settlement_says_by_now() -> None:
    report = reports(2026, state=ReviewState.SUBMITTED)
    assert f"R7 決算見込、{SETTLED}" in row_of(page_of(report), "研究費収入額")


@demonstration
def test_a_report_that_was_replaced_says_so() -> None:
    first, second = reports(2024, revision=1), reports(2024, revision=2)
    assert "後の報告に置き換え済み" in page_of(first)
    assert f'href="/midoridai/reports/2024/{second.pk}/"' in page_of(first)
    assert "後の報告に置き換え済み" not in page_of(second)


@demonstration
def test_the_course_of_the_indicators_marks_what_is_not_final_and_what_differs() -> None:
    sheet = trend()
    assert f"※ 研究費収入額（令和7年度）は、{SETTLED}（報告値と異なる）。" in sheet.notes
    at = next(place for place, line in enumerate(sheet.body) if "研究費収入額" in str(line[0].value))
    marks = ["（見込）" in cell.number_format for cell in sheet.body[at + 1][1:]]
    assert marks == [False, False, False, True, False]


@demonstration
def test_what_does_not_apply_is_no_blank_in_the_course_of_the_indicators() -> None:
    """No course was held in 令和7年度; 令和8年度 is not reported yet."""
    *_, r7, r8 = actuals(trend(), "市民講座の「満足」割合")
    assert (r7, r8) == ("－", None)
    assert any("「－」は該当なし" in note for note in trend().notes)


@demonstration
def test_the_figures_behind_an_indicator_s_chart_name_what_the_settlement_says() -> None:
    client = client_of(User.objects.get(username="umikaze-city-staff"))
    page = " ".join(client.get("/midoridai/kpi/growth/research-income/").content.decode().split())
    chart = page[page.index("グラフの数値を表で見る") :].split("</table>")[0]
    assert f"R8.3末・決算見込、{SETTLED}" in chart


@pytest.mark.usefixtures("autumn")
@pytest.mark.parametrize(
    ("certainties", "said"),
    [
        (["final"], "基準値であり"),
        (["interim", "final"], "基準値（その日までの途中経過）であり"),
        (["interim", "forecast"], "基準値（その日までの途中経過。決算見込額は年度末の見込み）であり"),
    ],
)
def test_a_baseline_is_called_what_it_is(
    center: Center, accepted_report: Accepted, certainties: list[str], said: str
) -> None:
    plan = make_plan(center, baseline_year=2021)
    values = {
        code: Entered(Decimal(5), certainty=Certainty(certainty))
        for code, certainty in zip(("trials", "patents"), certainties, strict=False)
    }
    accepted_report(plan, 2021, values, as_of=date(2022, 3, 31))
    board = scorecard.load(center, known_at=clock.today())
    sheet = targets_sheet(board, board.plan(plan.code))
    assert any(said in note for note in sheet.notes), sheet.notes
