"""What every page says of an article whose wording, and of an obligation whose rule, an amendment has changed."""

import html
from datetime import date

import pytest
import time_machine
from django.conf import settings

from agreements.editions import draft_actions
from agreements.editions.draft_actions import Wanted, WantedRule
from agreements.models import Edition, Obligation, Outcome
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_obligation, store
from tests.builders.editions import AT, change_talk, confirm, make_amendment, make_worded, propose, summarise
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
OLD = "Written for the wording before the amendment."
SUMMARY = "緑の会は、5月末までに報告する。"
LATER = date(2027, 4, 2)


@pytest.fixture
def report(center: Center) -> Obligation:
    first = make_worded(center)
    summarise(first, "art3", summary=SUMMARY)
    return make_obligation(first.agreement, provision=first.provisions.get(key="art3"))


@pytest.fixture
def amended(report: Obligation, city_staff: User, foundation_staff: User) -> Edition:
    """Confirmed by both: 第3条 says 6月末 from R9.4.1, for fiscal year 2026 on."""
    draft = make_amendment(report.agreement, city_staff)
    draft_actions.settle_obligation(
        edition=draft,
        version=draft.version,
        obligation=report,
        wanted=WantedRule(Outcome.NEW_RULE, FiscalYear(2026), due_month=6, due_day=30, due_year_offset=1),
        by=city_staff,
        at=AT,
    )
    draft.refresh_from_db()
    propose(draft, city_staff, change_talk(report.agreement, city_staff, foundation_staff))
    return confirm(draft, foundation_staff)


def shown(log_in: LogIn, user: User, path: str, *, on: date = LATER) -> str:
    with time_machine.travel(tokyo(on), tick=False):
        client = log_in(user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return " ".join(html.unescape(client.get(path).content.decode()).split())


@pytest.mark.usefixtures("amended")
def test_the_agreement_s_page_says_what_holds_now(log_in: LogIn, city_staff: User) -> None:
    page = shown(log_in, city_staff, "/lab/agreements/basic/")
    assert "foundation ・ 30 June of the year after the fiscal year's own </span>" in page
    assert "31 May" not in page
    assert SUMMARY in page
    assert page.count(OLD) == 1
    assert "the official wording stands in the editions." in page
    assert "summaries only" not in page, "what amends an official wording reads in it"


@pytest.mark.usefixtures("amended")
def test_before_its_year_the_rule_to_come_stands_beside_the_one_in_force(
    log_in: LogIn, city_staff: User
) -> None:
    page = shown(log_in, city_staff, "/lab/agreements/basic/", on=date(2026, 3, 2))
    assert "31 May of the year after the fiscal year's own" in page
    assert "edition 2" not in page, "nobody had confirmed it"


def test_an_obligation_that_was_dropped_is_not_asked_for(
    report: Obligation, log_in: LogIn, city_staff: User, foundation_staff: User
) -> None:
    draft = make_amendment(report.agreement, city_staff)
    draft_actions.settle_obligation(
        edition=draft,
        version=draft.version,
        obligation=report,
        wanted=WantedRule(Outcome.DROPPED, FiscalYear(2028)),
        by=city_staff,
        at=AT,
    )
    draft.refresh_from_db()
    propose(draft, city_staff, change_talk(report.agreement, city_staff, foundation_staff))
    confirm(draft, foundation_staff)
    page = shown(log_in, city_staff, "/lab/agreements/basic/")
    assert "31 May" in page
    assert "No longer asked for from FY2028 on (edition 2)." in page
    later = shown(log_in, city_staff, "/lab/agreements/basic/", on=date(2028, 4, 2))
    assert "31 May" not in later
    assert "no longer asked for" in later


@pytest.mark.usefixtures("amended")
def test_the_duty_quotes_the_summary_with_its_mark(
    center: Center, log_in: LogIn, city_staff: User, foundation_staff: User
) -> None:
    store(center, 2027, by=foundation_staff, on=LATER)
    page = shown(log_in, city_staff, "/lab/calendar/2026/basic/report/")
    assert SUMMARY in page
    assert page.count(OLD) == 1


def test_a_later_edition_does_not_forget_it(amended: Edition, log_in: LogIn, city_staff: User) -> None:
    """It takes the wording of 第3条 over as it is, and its old summary too; so does the search."""
    draft = draft_actions.start_amendment(
        agreement=amended.agreement, in_force_from=date(2028, 4, 1), reason="広報", by=city_staff, at=AT
    )
    page = shown(log_in, city_staff, "/lab/agreements/basic/editions/3/")
    assert SUMMARY in page
    assert page.count(OLD) == 1
    found = shown(log_in, city_staff, "/lab/provisions/?q=5月末")
    assert found.count(OLD) == 2, "of editions 2 and 3, not of the first"
    draft_actions.change_provision(
        edition=draft,
        version=draft.version,
        key="art3",
        wanted=Wanted(heading="報告", summary="緑の会は、6月末までに報告する。"),
        by=city_staff,
        at=AT,
    )
    assert OLD not in shown(log_in, city_staff, "/lab/agreements/basic/editions/3/")


@pytest.mark.usefixtures("amended")
def test_the_rule_before_an_amendment_is_shown_by_a_year_for_which_it_held(
    log_in: LogIn, city_staff: User
) -> None:
    master = "/lab/master/agreements/basic/"
    for path in ("/lab/agreements/basic/editions/2/", master, f"{master}obligations/report/"):
        page = shown(log_in, city_staff, path)
        assert "31 May of the year after the fiscal year's own (for FY2025: 31 May 2026)" in page, path
        assert "From FY2026 on (edition 2): 30 June" in page, path
