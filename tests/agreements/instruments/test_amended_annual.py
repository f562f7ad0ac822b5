"""An annual agreement amended: the city's contribution from a day on, and the limit that moves with it."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from agreements.editions import draft_actions
from agreements.instruments import agreements
from agreements.models import Edition, LimitRule
from agreements.support import support
from finance.limits.contribution_limits import ContributionLimits
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.editions import AT, change_talk, confirm, make_annual_amendment, propose
from tests.builders.finance import make_account
from tests.builders.plans import tokyo
from tests.builders.support import make_measure
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
YEAR = FiscalYear(2026)


@pytest.fixture
def draft(center: Center, city_staff: User) -> Edition:
    return make_annual_amendment(center, city_staff)


def change(draft: Edition, by: User, contribution: int | None, content: str = "支援体制を保つ。") -> None:
    draft_actions.change_draft(
        edition=draft,
        version=draft.version,
        in_force_from=draft.in_force_from,
        reason=draft.reason,
        contribution=contribution,
        content=content,
        by=by,
        at=AT,
    )
    draft.refresh_from_db()


@pytest.fixture
def settled(draft: Edition, city_staff: User, foundation_staff: User) -> Edition:
    change(draft, city_staff, 120_000_000)
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    return confirm(draft, foundation_staff)


def test_the_same_amount_is_no_amendment(draft: Edition, city_staff: User, foundation_staff: User) -> None:
    change(draft, city_staff, 110_000_000)
    with pytest.raises(ValidationError, match="says the same"):
        propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))


def test_another_content_alone_is_one(draft: Edition, city_staff: User, foundation_staff: User) -> None:
    change(draft, city_staff, None, "支援の人員を増やす。")
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))


def test_the_amount_is_the_one_in_force_on_the_day(settled: Edition) -> None:
    def on(day: date) -> int | None:
        return agreements.load(settled.center, day=day).by_code["support-2026"].contribution

    assert [on(date(2026, 11, 30)), on(date(2026, 12, 1))] == [110_000_000, 120_000_000]


def test_the_content_shown_is_the_one_in_force(
    draft: Edition, city_staff: User, foundation_staff: User, log_in: LogIn
) -> None:
    change(draft, city_staff, 120_000_000, "支援の人員を増やす。")
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    confirm(draft, foundation_staff)
    for day, said, unsaid in (
        (date(2026, 11, 30), "支援体制を保つ。", "支援の人員を増やす。"),
        (date(2026, 12, 1), "支援の人員を増やす。", "支援体制を保つ。"),
    ):
        with time_machine.travel(tokyo(day), tick=False):
            page = log_in(city_staff).get("/lab/agreements/support-2026/").content.decode()
        assert said in page
        assert unsaid not in page


def test_the_limit_of_the_contribution_moves_from_that_day(settled: Edition, center: Center) -> None:
    assert settled.agreement.parent is not None
    measure = make_measure(
        settled.agreement.parent,
        limit_rule=LimitRule.ANNUAL_AGREEMENT,
        total=None,
        first_year=2025,
        last_year=None,
    )
    account = make_account(center, code="grant", name="市負担金", measure=measure)

    def excess(day: date) -> int:
        found = ContributionLimits.hold(center, [measure.pk], today=day).excess(account, YEAR, 115_000_000)
        return found.by if found else 0

    assert [excess(date(2026, 11, 30)), excess(date(2026, 12, 1))] == [5_000_000, 0]
    (known,) = support.load(center, known_at=date(2026, 11, 30))
    assert known.agreed == {YEAR: 110_000_000}


def test_it_is_amended_in_the_browser(
    log_in: LogIn, draft: Edition, city_staff: User, foundation_staff: User
) -> None:
    base = "/lab/agreements/support-2026/editions/2/"
    client = log_in(city_staff)
    sent = {
        "version": draft.version,
        "in_force_from": "令和8年12月1日",
        "reason": "人員を増やす。",
        "contribution": "120,000",
        "content": "支援体制を保つ。",
    }
    assert client.post(f"{base}draft/", sent).status_code == 302
    draft.refresh_from_db()
    assert draft.contribution == 120_000_000
    propose(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    other = log_in(foundation_staff)
    assert "120,000,000" in other.get(base).content.decode()
    assert other.post(f"{base}confirm/", {"version": draft.version}).status_code == 302
    assert f'href="{base}"' in other.get("/lab/agreements/support-2026/").content.decode()
