"""Task 8, “Give the committee its papers”, in browsers: choose year and day, look, download, freeze; a year later the same
bytes, and what has changed since with its reason, for the foundation's viewer too."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from time_machine import TimeMachineFixture

from iconm_portal.models import Center, User
from iconm_portal.values import clock
from kpi.models import Pack, Report
from kpi.reports import actions
from tests.browser import LogInWindow, looked_at
from tests.builders.plans import PATENTS, TRIALS, accept, fill, make_accepted_report, make_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def report(center: Center, foundation_staff: User, city_staff: User) -> Report:
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10, "patents": 5})
    values = {"trials": 9, "patents": 3}
    return make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)


def test_from_choosing_to_frozen_and_a_year_later(
    report: Report,
    window: LogInWindow,
    city_staff: User,
    foundation_staff: User,
    foundation_viewer: User,
    time_machine: TimeMachineFixture,
) -> None:
    page = window(city_staff.username)
    prepare(page)
    assert load_workbook(io.BytesIO(downloaded(page)))["KPI達成状況"]
    page.get_by_role("button", name="確定保存").click()
    expect(page.get_by_text("委員会資料を確定保存しました", exact=False)).to_be_visible()
    assert looked_at(page) == []
    kept = downloaded(page)

    time_machine.move_to(clock.now() + timedelta(days=365))
    correct(report, by=foundation_staff, reviewer=city_staff)
    for person in (city_staff, foundation_viewer):
        later = window(person.username)
        later.get_by_role("link", name="委員会資料").first.click()
        later.get_by_role("link", name=Pack.objects.get().title).click()
        expect(later.locator(".sheet").get_by_role("cell", name="9件").first).to_be_visible()
        assert downloaded(later) == kept
        later.get_by_role("link", name="その後の変更").click()
        row = later.get_by_role("row").filter(has_text="治験").first
        for said in ("9件", "12件", "集計の誤り", city_staff.name):
            expect(row).to_contain_text(said)
    assert looked_at(later) == []


def prepare(page: Page) -> None:
    """A pack about FY2022 as known on 1 June 2023, with what is wrong said at its place."""
    page.get_by_role("link", name="委員会資料").first.click()
    page.get_by_role("link", name="委員会資料の新規作成").click()
    page.get_by_label(re.compile("^委員会(?!の)")).fill("総務委員会")
    page.get_by_label(re.compile("^年度")).fill("R4")
    page.get_by_label(re.compile("^基準日")).fill("R5.13.1")
    page.get_by_role("button", name="保存して内容を見る").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label(re.compile("^委員会(?!の)"))).to_have_value("総務委員会")
    assert looked_at(page) == []
    page.get_by_label(re.compile("^基準日")).fill("R5.6.1")
    page.get_by_role("button", name="保存して内容を見る").click()
    expect(page.locator(".sheet").get_by_role("cell", name="9件").first).to_be_visible()
    assert looked_at(page) == []


def downloaded(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="Excelファイルをダウンロード").click()
    return Path(download.value.path()).read_bytes()


def correct(report: Report, *, by: User, reviewer: User) -> None:
    """Trials were 12: handed in and accepted in the year after."""
    at = clock.now()
    draft = actions.start_correction(report=report, reason="集計の誤り", by=by)
    fill(draft, {"trials": 12, "patents": 3}, by=by, at=at)
    actions.submit(report=draft, version=draft.version, by=by, at=at)
    accept(draft, reviewer=reviewer, at=at)
