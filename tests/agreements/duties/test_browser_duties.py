"""Task 5, “What is due?”, in two people's browsers: see what is late, hand it in from there, accept it, subscribe."""

import re
from datetime import timedelta

import icalendar
import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from agreements.models import Duty, Timing, Way
from iconm_portal.models import Center, User
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from tests.browser import LogInWindow, looked_at
from tests.builders.agreements import ONCE, PDF, REPORT, make_agreement, make_obligation, store

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def late(center: Center, foundation_staff: User) -> Duty:
    """A report that was due ten days ago, and an open one that is due in ten."""
    today = clock.today()
    agreement = make_agreement(center)
    for code, days, title in (("late", -10, "運営報告書の提出"), ("soon", 10, "点検結果の提出")):
        due_on = today + timedelta(days=days)
        once = {"timing": Timing.ONCE, "due_on": due_on, "way": Way.REVIEW, "bound": REPORT["bound"]}
        make_obligation(agreement, ONCE | once, code=code, title=title, documents=1)
        store(center, FiscalYear.of(due_on).start, by=foundation_staff)
    return Duty.objects.get(obligation__code="late")


def test_from_what_is_late_to_accepted(
    late: Duty, window: LogInWindow, foundation_staff: User, city_staff: User
) -> None:
    foundation = window(foundation_staff.username)
    hand_in(foundation)
    city = window(city_staff.username)
    accept(city)
    late.refresh_from_db()
    assert (late.state, late.accepted_by) == ("accepted", city_staff)
    subscribe(foundation)


def hand_in(page: Page) -> None:
    page.get_by_role("link", name="協定", exact=True).first.click()
    page.get_by_role("link", name="期限と履行").click()
    expect(page.locator(".finding")).to_have_text("期限を過ぎたものが1件あります。")
    first = page.locator(".duties tbody tr").first
    expect(first).to_contain_text("運営報告書の提出")
    expect(first).to_contain_text("期限超過 10日")
    expect(first).to_contain_text("未提出： 書類1")
    assert looked_at(page) == []
    first.get_by_role("link").click()
    # Without the document it is refused, and what was typed is still there.
    page.get_by_label("備考").fill("郵送でも送ります。")
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("書類1")
    expect(page.get_by_label("備考")).to_have_value("郵送でも送ります。")
    assert looked_at(page) == []
    page.get_by_label("書類1").set_input_files(
        {"name": "運営報告書.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.get_by_text("提出しました。")).to_be_visible()
    expect(page.get_by_role("link", name="運営報告書.pdf")).to_be_visible()


def accept(page: Page) -> None:
    page.get_by_role("link", name=re.compile("運営報告書の提出")).click()
    page.get_by_role("button", name="確認を始める").click()
    expect(page.get_by_role("button", name="受理する")).to_be_visible()
    assert looked_at(page) == []
    page.get_by_role("button", name="受理する").click()
    expect(page.locator(".finding")).to_contain_text("受理")


def subscribe(page: Page) -> None:
    page.get_by_role("link", name="期限と履行").click()
    page.get_by_role("link", name="カレンダーソフトで購読").click()
    page.get_by_role("button", name="URLを発行").click()
    address = page.locator("code.secret").inner_text()
    assert looked_at(page) == []
    answer = Client().get("/calendar/" + address.rpartition("/calendar/")[2])
    summaries = [
        str(event["summary"]) for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    ]
    assert len(summaries) == 2
    assert summaries[0].startswith("【済】運営報告書の提出")
