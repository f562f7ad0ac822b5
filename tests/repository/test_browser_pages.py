"""Every page in a real browser: accessible, quiet, nothing from outside, no sideways scrolling at a desk or on a phone.

The pages are found by following links from each person's home page, one of every address of the URLconf, so that a
new page is looked at without anybody adding it here.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error, Page

from kpi.loading.demonstration import PASSWORD
from tests.browser import LogInWindow, drawn, looked_at, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = [
    "umikaze-foundation-staff",
    "umikaze-administrator",
    # Whose pages are the others' but for what they may do there; a minute each.
    pytest.param("umikaze-city-staff", marks=pytest.mark.verify),
    pytest.param("foundation-viewer", marks=pytest.mark.verify),
]
# The way out, and what answers without a page.
NOT_PAGES = {"kpi:committee_pack", "logout", "set_language", "health"}
DATA_LINKS = ("data:", "blob:")


@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_a_person_can_reach(demo: None, window: LogInWindow, username: str) -> None:
    page = window(username, PASSWORD)
    heard, asked = listen(page)
    problems: list[str] = []
    names = []
    for name, address in pages(page):
        names.append(name)
        problems += [f"{address}: {problem}" for problem in looked_at(page)]
    problems += [f"console: {text}" for text in heard]
    problems += [f"asked outside: {address}" for address in asked]
    assert not problems
    assert len(names) >= 3, names


@pytest.mark.verify  # the same pages once more: English words are longer
@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_fits_in_english_too(demo: None, window: LogInWindow, username: str) -> None:
    page = window(username, PASSWORD)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": page.url}])
    page.reload()
    found = [(address, too_wide(page)) for _name, address in pages(page)]
    assert [one for one in found if one[1]] == []
    assert len(found) >= 3


def listen(page: Page) -> tuple[list[str], list[str]]:
    """What the console says, and what is asked for from anywhere else than the portal."""
    heard: list[str] = []
    asked: list[str] = []
    host = urlsplit(page.url).netloc
    page.on(
        "console",
        lambda message: heard.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda request: (
            asked.append(request.url)
            if not request.url.startswith(DATA_LINKS) and urlsplit(request.url).netloc != host
            else None
        ),
    )
    return heard, asked


def pages(page: Page) -> Iterator[tuple[str, str]]:
    """Open one page for each name in the URLconf that links lead to, breadth first."""
    seen: set[str] = set()
    waiting = [urlsplit(page.url).path]
    while waiting:
        address = waiting.pop(0)
        try:
            name = resolve(urlsplit(address).path).view_name
        except Resolver404:
            pytest.fail(f"a link leads nowhere: {address}")
        if name in seen or name in NOT_PAGES:
            continue
        seen.add(name)
        try:
            answer = page.goto(address)
        except Error as problem:
            if "Download is starting" in problem.message:
                continue
            raise
        drawn(page)
        assert answer is not None
        assert answer.status == 200, address
        yield name, address
        links = page.eval_on_selector_all(
            "a[href^='/']", "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += [link for link in links if not link.startswith("/static/")]
