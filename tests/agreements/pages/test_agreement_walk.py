"""An ending through both parties' browsers: the talk, what falls, the proposal, the answer. And the pages looked at."""

import re

import pytest
from playwright.sync_api import Page, expect

from agreements.models import Agreement, AgreementKind, ChronologyEntry, Consultation, Ending
from iconm_portal.models import Center, ProposalState, User
from tests.browser import LogInWindow, looked_at
from tests.builders.agreements import (
    make_agreement,
    make_edition,
    make_obligation,
    make_provision,
    proposed_annual,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASIC = "/lab/agreements/basic/"


@pytest.fixture
def basic(center: Center, city_staff: User) -> Agreement:
    """With an article, and a support agreement under it."""
    made = make_agreement(center)
    support = make_agreement(
        center, code="support", kind=AgreementKind.RESEARCH_SUPPORT, parent=made, short_title="支援の協定"
    )
    proposed_annual(support, by=city_staff)
    article = make_provision(make_edition(made))
    make_obligation(made, provision=article)
    ChronologyEntry.objects.create(
        center=center, code="a", happened_on="2013-02", text="はじまり", source="T6"
    )
    return made


def send(page: Page, **typed: str) -> None:
    """Fill in the page's form and send it."""
    form = page.locator(f"main form:has([name={next(iter(typed))}])")
    for name, text in typed.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    form.locator("button").last.click()


def press(page: Page, step: str) -> None:
    page.locator(f"form[action$='/{step}/'] button").click()


@pytest.mark.usefixtures("basic")
def test_an_ending_from_the_talk_to_the_answer(
    window: LogInWindow, city_staff: User, foundation_staff: User
) -> None:
    city, foundation = window(city_staff.username), window(foundation_staff.username)
    city.goto(f"{BASIC}ending/")
    expect(city.locator("#falls + *")).to_contain_text("支援の協定")
    city.locator("a[href*='consultations/new']").last.click()
    send(
        city,
        type="terminate",
        agreement="basic",
        held_on="令和5年11月20日",
        subject="解約の協議",
        outcome="来年3月で終える。",
    )
    foundation.goto("/lab/consultations/")
    assert looked_at(foundation) == []
    foundation.locator("main table a").first.click()
    press(foundation, "confirm")
    assert Consultation.objects.get().state == ProposalState.CONFIRMED
    city.goto(f"{BASIC}ending/")
    send(
        city, ends_on="令和9年3月31日", consultation=str(Consultation.objects.get().pk), reason="役割を終えた"
    )
    foundation.goto(BASIC)
    foundation.locator("aside a, .todo a").first.click()
    expect(foundation.locator("#falls + *")).to_contain_text("支援の協定")
    assert looked_at(foundation) == []
    press(foundation, "ending/confirm")
    expect(foundation).to_have_url(re.compile(f"{BASIC}$"))
    assert Ending.objects.get().state == ProposalState.CONFIRMED


@pytest.mark.usefixtures("basic")
def test_the_pages_are_in_order_wide_and_narrow(window: LogInWindow, foundation_staff: User) -> None:
    page = window(foundation_staff.username)
    problems = {}
    for path in (
        "agreements/",
        "agreements/basic/",
        "agreements/support-2026/",
        "agreements/basic/conclusion/",
        "agreements/basic/notice/",
        "agreements/support/annual/",
        "consultations/new/",
        "chronology/",
    ):
        page.goto(f"/lab/{path}")
        problems[path] = looked_at(page)
    assert {path: found for path, found in problems.items() if found} == {}
