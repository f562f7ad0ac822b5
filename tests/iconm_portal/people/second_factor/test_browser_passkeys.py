"""A passkey in a real browser with a device of its own: made, kept, used at the login; and its pages on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from iconm_portal.models import User
from tests.browser import LogInWindow, fits
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_device(page: Page) -> Page:
    """A device of the browser's own, as its developers' tools have it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "isUserVerified": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_it_is_made_and_used(window: LogInWindow, city_staff: User) -> None:
    page = with_device(window("city-staff"))
    page.get_by_role("link", name="アカウント", exact=True).click()
    assert fits(page, "アカウント")
    page.get_by_role("link", name="二要素認証").click()
    assert fits(page, "二要素認証")
    page.get_by_role("link", name="パスキーの設定").click()
    page.locator("#id_name").fill("手元のPC")
    assert fits(page, "パスキーの設定")
    page.get_by_role("button", name="設定する").click()
    assert fits(page, "回復コード")
    page.goto("/account/second-factor/app/")
    assert fits(page, "認証アプリの設定")
    page.goto("/account/sessions/")
    assert fits(page, "ログイン中のセッション")
    page.get_by_role("button", name="ログアウト").click()
    page.get_by_label("ユーザー名").fill("city-staff")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    assert fits(page, "ログイン（2段階目）")
    page.get_by_role("button", name="パスキーを使う").click()
    page.get_by_role("button", name="ログアウト").wait_for()


def test_without_a_device_it_says_so_and_sends_nothing(window: LogInWindow, city_staff: User) -> None:
    page = window("city-staff")
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    page.goto("/account/second-factor/passkeys/new/")
    page.locator("#id_name").fill("PC")
    page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="設定する").click()
    expect(page.get_by_text("確認できませんでした")).to_be_visible()
    assert page.url.endswith("/new/")
