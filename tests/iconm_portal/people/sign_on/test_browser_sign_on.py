"""A sign-on in a real browser, to a provider at another site and back; and its pages on a telephone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from iconm_portal.models import SignOn, User
from iconm_portal.people.sign_on import offered
from tests.browser import LogInWindow, fits
from tests.builders.identity_provider import SUBJECT, IdentityProvider
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BUTTON = "「市の職員認証」でログイン"


@pytest.fixture
def small(page: Page, live_server: Any) -> Page:
    """A telephone at the login page: of the site localhost, and the provider is at 127.0.0.1."""
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/login/?next=/account/")
    return page


def test_by_the_button_to_the_provider_and_back(
    provider: IdentityProvider, person: User, small: Page
) -> None:
    assert fits(small, "ログイン")
    small.get_by_role("button", name=BUTTON).click()
    small.get_by_role("button", name="ログアウト").wait_for()
    assert small.url.endswith("/account/")
    assert "/authorize" in provider.asked
    small.get_by_role("button", name="ログアウト").click()
    expect(small.get_by_role("button", name=BUTTON)).to_be_visible()


def test_the_control_without_the_policy_the_browser_does_not_go(
    provider: IdentityProvider, person: User, small: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offered.Provider, "origins", [])
    small.reload()
    with small.expect_event("requestfailed"):
        small.get_by_role("button", name=BUTTON).click()
    assert "/authorize" not in provider.asked


def test_who_is_not_linked_reads_whom_to_ask_and_is_linked(
    provider: IdentityProvider, city_staff: User, administrator: User, small: Page, window: LogInWindow
) -> None:
    small.get_by_role("button", name=BUTTON).click()
    expect(small.get_by_text(SUBJECT)).to_be_visible()
    assert fits(small, "シングルサインオンができませんでした")
    page = window("administrator", PASSWORD)
    page.goto(f"/people/{city_staff.pk}/")
    page.get_by_role("link", name="シングルサインオンとの連携").click()
    assert fits(page, "シングルサインオンとの連携")
    page.get_by_label("認証サービスでの識別子").fill(SUBJECT)
    page.get_by_role("button", name="連携する").click()
    expect(page.get_by_text("この方法でログインできます")).to_be_visible()
    assert fits(page, city_staff.name)
    assert SignOn.objects.get().person == city_staff
    small.goto(small.url.partition("/login/")[0] + "/login/")
    small.get_by_role("button", name=BUTTON).click()
    small.get_by_role("button", name="ログアウト").wait_for()
