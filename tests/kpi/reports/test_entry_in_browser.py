"""The comforts of the entry sheet in a real browser: warnings while typing, the keys of a spreadsheet, a late log-in."""

from datetime import date

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from iconm_portal.models import Center, User
from kpi.models import Report
from tests.browser import LogInWindow
from tests.builders.entry_pages import address
from tests.builders.plans import make_accepted_report, make_draft, make_plan
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(center: Center, foundation_staff: User, city_staff: User) -> Report:
    plan = make_plan(center)
    make_accepted_report(plan, 2022, {"trials": 11}, by=foundation_staff, reviewer=city_staff)
    return make_draft(plan, 2023, {}, by=foundation_staff, as_of=date(2024, 3, 31))


def test_warnings_and_refusals_come_while_typing_and_go_again(
    window: LogInWindow, draft: Report, foundation_staff: User
) -> None:
    page = window(foundation_staff.username)
    page.goto(address(draft, "entry"))
    page.fill("#id_trials-value", "10")
    said = page.locator("#id_trials-value_said")
    expect(said.locator(".warnings li")).to_have_count(2)
    page.fill("#id_trials-value", "1O")
    expect(said.locator(".errors li")).to_have_count(1)
    expect(page.locator("#id_trials-value")).to_have_attribute("aria-invalid", "true")
    page.fill("#id_trials-value", "12")
    expect(said).to_be_empty()
    expect(page.locator("#id_trials-value")).not_to_have_attribute("aria-invalid", "true")
    assert not draft.actuals.exists()


def test_values_are_entered_with_the_keyboard_alone(
    window: LogInWindow, draft: Report, foundation_staff: User
) -> None:
    page = window(foundation_staff.username)
    page.goto(address(draft, "entry"))
    page.locator("#id_trials-value").focus()
    for value in ("12", "8", "361,204", "91.5"):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#id_income-value")).to_be_focused()
    page.locator("button[value=save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(draft, 'entry')}")
    expect(page.locator(".message--success")).to_be_visible()
    assert draft.actuals.count() == 4


def test_nothing_is_lost_when_the_session_has_ended(
    window: LogInWindow, draft: Report, foundation_staff: User
) -> None:
    page = window(foundation_staff.username)
    page.goto(address(draft, "entry"))
    Session.objects.all().delete()
    page.fill("#id_trials-value", "12")
    expect(page.locator("[data-said-page]")).not_to_be_empty()
    page.click("button[value=save]")
    page.fill("[name=username]", foundation_staff.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#id_trials-value")).to_have_value("12")
    page.click("button[value=save]")
    expect(page.locator(".message--success")).to_be_visible()
    assert draft.actuals.get().value == 12


def test_nothing_is_lost_when_someone_logged_in_again_in_another_window(
    window: LogInWindow, draft: Report, foundation_staff: User
) -> None:
    page = window(foundation_staff.username)
    page.goto(address(draft, "entry"))
    page.fill("#id_trials-value", "12")
    Session.objects.all().delete()
    other = page.context.new_page()
    other.goto(f"/{settings.LOGIN_URL}/")
    other.fill("[name=username]", foundation_staff.username)
    other.fill("[name=password]", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/lab/")
    page.click("button[value=save]")
    expect(page.locator(".message--success")).to_be_visible()
    assert draft.actuals.get().value == 12
