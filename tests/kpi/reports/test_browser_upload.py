"""The entry sheet downloaded, filled in offline, uploaded and applied, in a real browser."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from iconm_portal.models import Center, User
from tests.browser import LogInWindow
from tests.builders.entry_pages import address
from tests.builders.plans import make_draft, make_plan
from tests.builders.uploads import fill_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_sheet_goes_out_and_comes_back(
    window: LogInWindow, center: Center, foundation_staff: User, tmp_path: Path
) -> None:
    draft = make_draft(make_plan(center), 2023, {"trials": 11}, by=foundation_staff, as_of=date(2024, 3, 31))
    page = window(foundation_staff.username)
    page.goto(address(draft, "entry"))
    with page.expect_download() as download:
        page.click("a[href$='sheet.xlsx']")
    filled = tmp_path / download.value.suggested_filename
    sheet = download.value.path().read_bytes()
    filled.write_bytes(
        fill_in(sheet, trials_実績値=12, income_実績値="３４７，０００", income_備考="様式で記入")
    )
    page.click("a[href$='/upload/']")
    page.set_input_files("input[type=file]", filled)
    page.click("main form button")
    differences = page.locator("table.upload tbody tr")
    expect(differences).to_have_count(3)
    expect(differences.first).to_contain_text("12 件")
    page.locator("form[action$='/apply/'] button").press("Enter")
    page.wait_for_url(f"**{address(draft, 'entry')}")
    expect(page.locator("#id_trials-value")).to_have_value("12")
    expect(page.locator("#id_income-value")).to_have_value("347,000")
    expect(page.locator("#id_income-note")).to_have_value("様式で記入")
