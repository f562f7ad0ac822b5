"""An empty portal, by pages alone: two organisations, a center and people of both sides, each of whom logs in and can go on."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from iconm_portal.management.commands.create_administrator import PASSWORD_VARIABLE
from iconm_portal.models import Center, Organisation, User
from tests.browser import LogInWindow, looked_at

pytestmark = [pytest.mark.django_db(transaction=True)]

FIRST, OWN = "hajimete no ban ni hairu", "tsugi no ban wa jibun de"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()


def chooses_a_password(page: Page, old: str) -> None:
    """What everybody does first with the password that they were given."""
    heading(page, "パスワードの変更")
    page.locator("[name=old_password]").fill(old)
    page.locator("[name=new_password1]").fill(OWN)
    page.locator("[name=new_password2]").fill(OWN)
    page.get_by_role("button", name="パスワードを変更").click()


def enters(page: Page, username: str, name: str, organisation: str) -> str:
    """A person of staff, from the first page; says their temporary password."""
    page.goto("/begin/")
    heading(page, "はじめに")
    page.get_by_role("link", name=f"{organisation}の利用者を登録").click()
    heading(page, "利用者を登録")
    page.locator("[name=username]").fill(username)
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="アカウントを作成").click()
    code = page.locator("code.figure-number")
    expect(code).to_be_visible()
    return code.inner_text()


def test_an_empty_portal_gets_a_center_whose_people_log_in(
    window: LogInWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, FIRST)
    call_command("create_administrator", "taro", name="山田 太郎", organisation_name="海風市")
    page = window("taro", FIRST)
    chooses_a_password(page, FIRST)
    heading(page, "はじめに")
    assert looked_at(page) == []
    # 団体
    page.get_by_role("link", name="団体を登録").click()
    heading(page, "団体を登録")
    assert looked_at(page) == []
    page.locator("[name=name]").fill("海風文化財団")
    page.get_by_role("button", name="保存").click()
    heading(page, "はじめに")
    expect(page.locator("#organisations")).to_contain_text("海風文化財団")
    # センター
    page.get_by_role("link", name="センターを登録").click()
    heading(page, "センターを登録")
    assert looked_at(page) == []
    page.locator("[name=name]").fill("海風会館")
    page.locator("[name=supporter]").select_option(label="海風市")
    page.locator("[name=operator]").select_option(label="海風市")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".field--error")).to_be_visible()
    assert not Center.objects.exists()
    page.locator("[name=operator]").select_option(label="海風文化財団")
    page.get_by_role("button", name="保存").click()
    heading(page, "はじめに")
    expect(page.locator("#centers")).to_contain_text("海風会館")
    # 利用者
    passwords = {
        "sato": enters(page, "sato", "佐藤 市子", "海風市"),
        "suzuki": enters(page, "suzuki", "鈴木 財子", "海風文化財団"),
    }
    page.goto("/")
    heading(page, "利用者")
    for address in (
        "/begin/",
        "/organisations/",
        "/organisations/foundation/",
        "/centers/",
        "/centers/hall/",
    ):
        page.goto(address)
        assert looked_at(page) == [], address
    assert {one.code for one in Organisation.objects.all()} == {"city", "foundation"}
    assert User.objects.count() == 3
    # Each of them comes in, and is led on.
    for username, password in passwords.items():
        theirs = window(username, password)
        chooses_a_password(theirs, password)
        expect(theirs.locator(".site-name")).to_contain_text("海風会館")
        theirs.get_by_role("link", name="センターの準備").first.click()
        heading(theirs, "センターの準備")
        assert looked_at(theirs) == []
        theirs.get_by_role("link", name="協定を登録").click()
        heading(theirs, "協定を登録")


def test_it_goes_on_where_it_was_left(
    browser: Browser, live_server: LiveServer, window: LogInWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window is closed after the first step, and the next login begins with the second."""
    monkeypatch.setenv(PASSWORD_VARIABLE, FIRST)
    call_command("create_administrator", "taro", name="山田 太郎", organisation_name="海風市")
    page = window("taro", FIRST)
    chooses_a_password(page, FIRST)
    heading(page, "はじめに")
    page.goto("/organisations/new/")
    page.locator("[name=name]").fill("海風文化財団")
    page.get_by_role("button", name="保存").click()
    heading(page, "はじめに")
    page.context.clear_cookies()
    again = window("taro", OWN)
    heading(again, "はじめに")
    expect(again.locator("[aria-current=step]")).to_contain_text("センター")
