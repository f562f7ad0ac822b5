"""Fixtures for tests in a real browser: a window for each person, on the live server."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.people import PASSWORD

expect.set_options(timeout=15_000)  # CI has two cores for two workers and a browser each


class LogInWindow(Protocol):
    def __call__(self, username: str, password: str = PASSWORD) -> Page: ...


@pytest.fixture
def window(browser: Browser, live_server: LiveServer) -> Iterator[LogInWindow]:
    """A window of one's own for each person, logged in through the login page."""
    contexts = []

    def log_in(username: str, password: str = PASSWORD) -> Page:
        context = browser.new_context(
            base_url=live_server.url, locale="ja-JP", viewport={"width": 1280, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("ユーザー名").fill(username)
        page.get_by_label("パスワード").fill(password)
        page.get_by_role("button", name="ログイン", exact=True).click()
        page.get_by_role("button", name="ログアウト").wait_for()
        return page

    yield log_in
    for context in contexts:
        context.close()


# charts.js draws what is in view or nearly so, and a picture that is whole can be saved. Asked with evaluate, because
# Playwright's own waiting calls eval, and our policy refuses that.
CHARTS_IN_VIEW = """() => new Promise((resolve) => {
  const open = (plot) => plot.getBoundingClientRect().top < innerHeight
    && !plot.matches(".chart__plot--failed")
    && document.querySelector(`[data-chart-save="${plot.dataset.chart}"]`)?.hidden !== false;
  const look = (left) => {
    const waiting = [...document.querySelectorAll("[data-chart]")].filter(open).length;
    if (waiting && left) setTimeout(look, 20, left - 1); else resolve(waiting);
  };
  look(500);
})"""


def drawn(page: Page) -> None:
    """Wait until the charts in view are there: everything else on a page is, once it has loaded."""
    assert page.evaluate(CHARTS_IN_VIEW) == 0, f"{page.url}: a chart is not drawn"


# Only what is wrong leaves the browser: axe's whole answer is large, and there are hundreds of pages.
AXE = f"""{AXE_SCRIPT}
;axe.run({{resultTypes: ["violations"]}}).then((found) => found.violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `axe ${{one.id}}: ${{one.nodes[0].html.slice(0, 120)}}`))"""


def fits(page: Page, heading: str) -> bool:
    """Whether the page of this heading fits a telephone. It is named, because a click returns before the next page is there."""
    expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    return not too_wide(page, 360)


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it stands, wide and narrow. Expect something of it first: a click returns before it is there."""
    page.locator("h1").first.wait_for()
    problems: list[str] = page.evaluate(AXE)
    if page.locator("h1").count() != 1:
        problems.append("has no single main heading")
    if page.get_by_text("Share chart").count():
        problems.append("offers to share a chart")
    return problems + too_wide(page)


def too_wide(page: Page, *rooms: int) -> list[str]:
    """At which widths the page scrolls sideways."""
    problems = []
    for room in rooms or (360, 1280):  # the width that it came with last
        page.set_viewport_size({"width": room, "height": 900})
        width = page.locator("html").evaluate("(root) => root.scrollWidth")
        if width > room:
            problems.append(f"scrolls sideways at {room} px: {width}")
    return problems
