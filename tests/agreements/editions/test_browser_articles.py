"""Task 6 in two browsers: look up an article, see what it obliges whom to and what came of it, compare two editions."""

import re

import pytest
from playwright.sync_api import Page, expect

from kpi.loading.demonstration import PASSWORD
from tests.browser import LogInWindow, looked_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("username", ["umikaze-city-staff", "umikaze-foundation-staff"])
def test_from_a_word_to_what_came_of_the_article(demo: None, window: LogInWindow, username: str) -> None:
    page = window(username, PASSWORD)
    look_up(page)
    see_what_came_of_it(page)
    compare(page)


def look_up(page: Page) -> None:
    page.get_by_role("link", name="協定", exact=True).click()
    page.get_by_role("link", name="条項を検索").click()
    # Full-width or not, it is the same word.
    page.get_by_role("searchbox").fill("ﾖｳﾁ")
    page.keyboard.press("Enter")
    expect(page.locator("main mark")).to_have_count(0)
    page.get_by_role("searchbox").fill("用地")
    page.keyboard.press("Enter")
    expect(page.locator("main mark").first).to_have_text("用地")
    assert looked_at(page) == []
    page.get_by_role("link", name="基本協定（架空） 第4条", exact=True).first.click()
    expect(page).to_have_url(re.compile("/agreements/basic/editions/2/#art4$"))
    article = page.locator("[id='art4']")
    expect(article).to_be_in_viewport()
    expect(article).to_contain_text("用地")


def see_what_came_of_it(page: Page) -> None:
    page.get_by_role("link", name="条項と履行状況").click()
    page.get_by_role("link", name="基本協定（架空）", exact=True).click()
    # Who owes what, and what was done about it this year.
    expect(page.locator("tr", has_text="用地の管理状況の通知").first).to_contain_text("市")
    report = page.locator("tr", has_text="上半期の運営状況の報告").first
    expect(report).to_contain_text("財団")
    report.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("上半期の運営状況の報告")
    expect(page.get_by_role("main")).to_contain_text("第3条")


def compare(page: Page) -> None:
    page.goto("/midoridai/agreements/basic/editions/")
    page.get_by_role("link", name="第1版と").click()
    expect(page).to_have_url(re.compile("/editions/2/compare/1/$"))
    expect(page.locator("main ins").first).to_be_visible()
    expect(page.locator("main del").first).to_be_visible()
    assert looked_at(page) == []
