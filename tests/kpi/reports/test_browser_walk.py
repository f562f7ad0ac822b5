"""One year's actuals through three people's browsers: enter, submit, return, correct, accept, dashboard, sheet."""

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from iconm_portal.models import Center, User
from kpi.models import Report
from tests.browser import LogInWindow, looked_at
from tests.builders.plans import INCOME, OCCUPANCY, PATENTS, TRIALS, make_accepted_report, make_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan(center: Center, foundation_staff: User, city_staff: User):
    targets = {"trials": 10, "patents": 5, "income": 347_000_000, "occupancy": 90}
    plan = make_plan(center, indicators=[TRIALS, PATENTS, INCOME, OCCUPANCY], targets=targets)
    last_year = {"trials": 9, "patents": 6, "income": 291_330_000, "occupancy": 88}
    make_accepted_report(plan, 2022, last_year, by=foundation_staff, reviewer=city_staff)
    return plan


def test_a_year_from_entry_to_the_sheet(
    plan, window: LogInWindow, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    foundation = window(foundation_staff.username)
    enter_and_submit(foundation)
    city = window(city_staff.username)
    return_with_a_comment(city)
    correct_and_submit(foundation)
    accept(city)
    viewer = window(city_viewer.username)
    read_the_dashboard(viewer)
    read_the_sheet(viewer)


def enter_and_submit(page: Page) -> None:
    page.get_by_role("link", name="実績報告", exact=True).click()
    page.get_by_role("button", name="実績を入力 令和5年度").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("令和5年度の実績を入力")
    page.locator("#id_trials-value").fill("12件")
    page.locator("#id_patents-value").fill("１１")
    page.locator("#id_income-value").fill("361,2O4")
    page.locator("#id_occupancy-value").fill("91.5")
    page.get_by_role("button", name="市に提出").click()
    # Refused at the field, with what was typed still there; the others are saved, and nothing is handed in.
    expect(page.get_by_text("3件を保存しました。")).to_be_visible()
    expect(page.locator("#id_income-value")).to_have_value("361,2O4")
    expect(page.locator("#id_trials-value")).to_have_value("12")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.locator("#id_income-value")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("361,204")
    page.get_by_role("button", name="市に提出").click()
    expect(page.get_by_text("市に提出しました")).to_be_visible()


def return_with_a_comment(page: Page) -> None:
    page.get_by_role("link", name="提出された令和5年度の実績報告を確認する").click()
    page.get_by_role("button", name="確認を始める").click()
    expect(page.get_by_role("button", name="財団に差し戻す")).to_be_visible()
    assert looked_at(page) == []
    row = page.locator("tbody tr", has_text="特許出願件数").first
    row.get_by_role("textbox").fill("共同出願を含みますか。備考に書いてください。")
    page.get_by_role("button", name="財団に差し戻す").click()
    expect(page.get_by_text("差し戻しました")).to_be_visible()


def correct_and_submit(page: Page) -> None:
    page.get_by_role("link", name="ホーム").click()
    page.get_by_role("link", name="差し戻された令和5年度の実績報告を直す").click()
    expect(page.get_by_text("共同出願を含みますか")).to_be_visible()
    page.locator("#id_patents-note").fill("共同出願3件を含む")
    page.get_by_role("button", name="市に提出").click()
    expect(page.get_by_text("市に提出しました")).to_be_visible()


def accept(page: Page) -> None:
    page.get_by_role("link", name="ホーム").click()
    page.get_by_role("link", name="提出された令和5年度の実績報告を確認する").click()
    page.get_by_role("button", name="確認を始める").click()
    expect(page.get_by_role("button", name="財団に差し戻す")).to_be_visible()
    expect(page.get_by_text("共同出願3件を含む")).to_be_visible()
    page.get_by_role("button", name="受理する").click()
    expect(page.get_by_text("受理しました")).to_be_visible()
    report = Report.objects.get(state="accepted", fiscal_year=2023)
    assert (report.submitted_by.username, report.accepted_by.username) == ("foundation-staff", "city-staff")


def read_the_dashboard(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("令和5年度")
    expect(page.locator(".finding")).to_have_text("4指標すべてが達成です。")
    income = page.locator("tr", has_text="研究費収入額")
    expect(income).to_contain_text("361,204")
    expect(income).to_contain_text("347,000")
    # From the number to who stands behind it: two clicks.
    income.get_by_role("link").first.click()
    page.get_by_role("link", name="R6.3末時点の報告").click()
    expect(page.get_by_role("main")).to_contain_text("名前 foundation-staff")
    expect(page.get_by_role("main")).to_contain_text("名前 city-staff")


def read_the_sheet(page: Page) -> None:
    page.get_by_role("link", name="委員会資料").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excelファイルをダウンロード").click()
    workbook = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    rows = workbook["データ_KPI達成状況"].iter_rows(min_row=2, values_only=True)
    found = {(row[4], row[8]): row[6] for row in rows if row[0] == 2023}
    assert found == {
        ("trials", "target"): 10,
        ("trials", "final"): 12,
        ("patents", "target"): 5,
        ("patents", "final"): 11,
        ("income", "target"): 347_000,
        ("income", "final"): 361_204,
        ("occupancy", "target"): 90,
        ("occupancy", "final"): 91.5,
    }
