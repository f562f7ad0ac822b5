"""What an amendment makes of support measures: said before it is proposed, confirmed with it, followed from its day on."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements.duties import calendar
from agreements.duties import texts as duty_texts
from agreements.editions import actions, articles, draft_actions, measure_actions
from agreements.editions.measure_actions import WantedTerms
from agreements.editions.obligations import measures
from agreements.instruments import agreements as instrument_agreements
from agreements.models import (
    AmountStage,
    Edition,
    LimitRule,
    MeasureChange,
    MeasureOutcome,
    SupportKind,
    SupportMeasure,
)
from agreements.pages import overview
from agreements.support import support, texts
from agreements.support.actions import record_amount
from agreements.support.support import Measure
from finance.limits.contribution_limits import ContributionLimits
from finance.models import Account
from finance.models import Side as AccountSide
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_edition, make_obligation
from tests.builders.editions import AT, CHANGE_ON, TODAY, change_talk, confirm, make_amendment, make_worded
from tests.builders.editions import propose as put_forward
from tests.builders.plans import tokyo
from tests.builders.support import make_measure
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
MILLION = 1_000_000
TERMS = MeasureOutcome.NEW_TERMS
MORE = WantedTerms(TERMS, last_year=FiscalYear(2030), total=1_200 * MILLION)
BEFORE = date(2026, 11, 23)
LATER = date(2027, 4, 2)


@pytest.fixture
def first(center: Center) -> Edition:
    return make_worded(center)


@pytest.fixture
def grant(first: Edition) -> SupportMeasure:
    """A total over R4 to R10, under 第3条, which the amendment changes."""
    return make_measure(
        first.agreement,
        first_year=FiscalYear(2022),
        last_year=FiscalYear(2028),
        total=900 * MILLION,
        limit_rule=LimitRule.PERIOD_TOTAL,
        provision=first.provisions.get(key="art3/par1"),
    )


@pytest.fixture
def land(first: Edition) -> SupportMeasure:
    """Under 第2条, which it does not change."""
    return make_measure(
        first.agreement,
        code="land",
        kind=SupportKind.LAND,
        first_year=FiscalYear(2022),
        last_year=FiscalYear(2051),
        total=None,
        limit_rule=LimitRule.NONE,
        provision=first.provisions.get(key="art2/par1"),
    )


@pytest.fixture
def draft(grant: SupportMeasure, land: SupportMeasure, city_staff: User) -> Edition:
    return make_amendment(grant.agreement, city_staff)


def say(draft: Edition, measure: SupportMeasure, wanted: WantedTerms, by: User) -> MeasureChange:
    made = measure_actions.settle_measure(
        edition=draft, version=draft.version, measure=measure, wanted=wanted, by=by, at=AT
    )
    draft.refresh_from_db()
    return made


def settle(draft: Edition, city: User, foundation: User) -> Edition:
    put_forward(draft, city, change_talk(draft.agreement, city, foundation))
    return confirm(draft, foundation)


def known(center: Center, day: date, code: str = "grant") -> Measure:
    (found,) = support.load(center, known_at=day, code=code)
    return found


# -- Before it is proposed --


def test_it_is_not_proposed_before_every_measure_on_a_changed_provision_has_its_word(
    draft: Edition, grant: SupportMeasure, land: SupportMeasure, city_staff: User, foundation_staff: User
) -> None:
    assert {one.measure.code: one.is_asked for one in measures.of(draft)} == {"grant": True, "land": False}
    talk = change_talk(draft.agreement, city_staff, foundation_staff)
    with pytest.raises(ValidationError, match=grant.title):
        put_forward(draft, city_staff, talk)
    measure_actions.leave_the_rest(edition=draft, version=draft.version, by=city_staff, at=AT)
    assert [(one.measure, one.outcome) for one in draft.measure_changes.all()] == [
        (grant, MeasureOutcome.UNCHANGED)
    ]
    draft.refresh_from_db()
    put_forward(draft, city_staff, talk)


def test_an_amended_contract_asks_about_the_land_that_it_carries(center: Center, city_staff: User) -> None:
    contract = make_worded(center, code="contract").agreement
    basic = make_agreement(center, code="basic")
    make_measure(
        basic,
        code="land",
        kind=SupportKind.LAND,
        contract=contract,
        last_year=None,
        total=None,
        limit_rule=LimitRule.NONE,
    )
    draft = make_amendment(contract, city_staff)
    assert [(one.measure.code, one.is_asked) for one in measures.of(draft)] == [("land", True)]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (WantedTerms(TERMS, last_year=FiscalYear(2028), total=900 * MILLION), "outcome"),  # as it is
        (WantedTerms(TERMS, last_year=FiscalYear(2026), total=900 * MILLION), "last_year"),  # over by then
        (WantedTerms(TERMS, last_year=FiscalYear(2030)), "total"),
        (WantedTerms(TERMS, total=900 * MILLION), "last_year"),  # a total over a period that never ends
        (WantedTerms(MeasureOutcome.DROPPED), "from_year"),
        (WantedTerms(MeasureOutcome.DROPPED, FiscalYear(2026)), "from_year"),  # has begun
        (WantedTerms(MeasureOutcome.DROPPED, FiscalYear(2029)), "from_year"),  # ends before
    ],
)
def test_what_cannot_be_is_refused_where_it_is_typed(
    draft: Edition, grant: SupportMeasure, city_staff: User, wanted: WantedTerms, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        say(draft, grant, wanted, city_staff)
    assert field in refused.value.message_dict
    assert not MeasureChange.objects.exists()


def test_land_has_no_amount(draft: Edition, land: SupportMeasure, city_staff: User) -> None:
    with pytest.raises(ValidationError) as refused:
        say(draft, land, WantedTerms(TERMS, last_year=FiscalYear(2040), total=1), city_staff)
    assert "outcome" in refused.value.message_dict


def test_a_measure_of_another_agreement_is_refused(draft: Edition, center: Center, city_staff: User) -> None:
    other = make_measure(make_agreement(center, code="other"), code="other")
    with pytest.raises(ValidationError):
        say(draft, other, WantedTerms(MeasureOutcome.UNCHANGED), city_staff)


def test_a_discarded_draft_takes_its_words_along(
    draft: Edition, grant: SupportMeasure, city_staff: User
) -> None:
    say(draft, grant, MORE, city_staff)
    actions.discard(edition=draft, version=draft.version, by=city_staff, at=AT)
    assert not MeasureChange.objects.exists()


# -- Once both have confirmed it --


@pytest.fixture
def settled(draft: Edition, grant: SupportMeasure, city_staff: User, foundation_staff: User) -> Edition:
    say(draft, grant, MORE, city_staff)
    return settle(draft, city_staff, foundation_staff)


def test_the_end_is_known_from_the_confirmation_and_the_amount_holds_from_the_first_day(
    settled: Edition, center: Center
) -> None:
    def terms(day: date) -> tuple[int, int]:
        found = known(center, day)
        assert found.last_year is not None
        assert found.total is not None
        return found.last_year.start, found.total // MILLION

    assert terms(BEFORE) == (2028, 900), "as known before"
    assert terms(TODAY) == (2030, 900), "confirmed, and not in force yet"
    assert terms(CHANGE_ON) == (2030, 1_200)
    assert known(center, CHANGE_ON).grant.last_day == date(2031, 3, 31)
    entry = instrument_agreements.load(center, day=LATER).by_code["basic"]
    assert {one.code: one.last_year for one in entry.measures}["grant"] == FiscalYear(2030)


def test_the_stored_measure_is_never_rewritten(settled: Edition, grant: SupportMeasure) -> None:
    grant.refresh_from_db()
    assert (grant.total, grant.last_year) == (900 * MILLION, FiscalYear(2028))
    with pytest.raises(Exception, match="locked"):
        settled.measure_changes.get().delete()


def test_the_money_is_limited_by_the_new_total_from_its_day(
    settled: Edition, grant: SupportMeasure, center: Center
) -> None:
    account = Account.objects.create(
        center=center, code="grant", name="負担金", side=AccountSide.REVENUE, first_year=2022, measure=grant
    )

    def limit(day: date) -> int | None:
        held = ContributionLimits.hold(center, [grant.pk], today=day)
        excess = held.excess(account, FiscalYear(2027), 1_300 * MILLION)
        return excess.limit // MILLION if excess else None

    assert (limit(TODAY), limit(CHANGE_ON)) == (900, 1_200)


def test_what_is_dropped_ends_with_the_year_before(
    draft: Edition, grant: SupportMeasure, center: Center, city_staff: User, foundation_staff: User
) -> None:
    say(draft, grant, WantedTerms(MeasureOutcome.DROPPED, FiscalYear(2027)), city_staff)
    settle(draft, city_staff, foundation_staff)
    assert known(center, TODAY).grant.last_day == date(2027, 3, 31)
    assert (known(center, TODAY).is_over, known(center, LATER).is_over) == (False, True)
    with pytest.raises(ValidationError):
        record_amount(
            measure=grant,
            fiscal_year=FiscalYear(2027),
            stage=AmountStage.BUDGET,
            amount=1,
            seen=0,
            by=city_staff,
            at=tokyo(LATER),
        )


def test_a_year_that_the_amendment_added_takes_an_amount(
    settled: Edition, grant: SupportMeasure, city_staff: User
) -> None:
    made = record_amount(
        measure=grant,
        fiscal_year=FiscalYear(2029),
        stage=AmountStage.BUDGET,
        amount=10 * MILLION,
        seen=0,
        by=city_staff,
        at=tokyo(date(2029, 4, 2)),
    )
    assert made.fiscal_year == FiscalYear(2029)


def test_the_amendment_goes_on_saying_what_was_before_it(
    settled: Edition, city_staff: User, foundation_staff: User
) -> None:
    again = draft_actions.start_amendment(
        agreement=settled.agreement, in_force_from=date(2028, 4, 1), reason="再改定", by=city_staff, at=AT
    )
    (now,) = (one.measure for one in measures.of(again) if one.measure.code == "grant")
    assert (now.total, now.last_year) == (1_200 * MILLION, FiscalYear(2030))
    (then,) = (one.measure for one in measures.of(settled) if one.measure.code == "grant")
    assert (then.total, then.last_year) == (900 * MILLION, FiscalYear(2028))


# -- Renumbered --


def test_a_renumbered_article_keeps_its_obligations_and_measures(
    first: Edition,
    draft: Edition,
    grant: SupportMeasure,
    center: Center,
    city_staff: User,
    foundation_staff: User,
) -> None:
    """第3条 becomes 第4条: on the agreement's page, in the papers and where a duty cites it."""
    make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))
    for key, number in (("art3/par1", "art4/par1"), ("art3", "art4")):
        draft.provisions.filter(key=key).update(key=number, label="第4条" if number == "art4" else "")
    draft_actions.leave_the_rest(edition=draft, version=draft.version, by=city_staff, at=AT)
    draft.refresh_from_db()
    say(draft, grant, MORE, city_staff)
    settle(draft, city_staff, foundation_staff)

    (agreed,) = overview.load(center, known_at=LATER)
    assert {one.provision.key: len(one.obligations) for one in agreed.articles}["art4"] == 1
    (agreed,) = overview.load(center, known_at=TODAY)
    assert {one.provision.key: len(one.obligations) for one in agreed.articles}["art3"] == 1
    entry = instrument_agreements.load(center, day=LATER).by_code["basic"]
    items = {
        one.obligation.code: one
        for one in calendar.load(center, city_staff, FiscalYear(2027), today=LATER).items
    }
    assert "第4条" in duty_texts.basis(items["report"].obligation)
    before = calendar.load(center, city_staff, FiscalYear(2026), today=TODAY).items
    cited = {duty_texts.basis(one.obligation) for one in before if one.obligation.code == "report"}
    assert all("第3条" in one for one in cited)
    assert cited
    rested = {
        one.article.head.provision.key: one.measures for one in articles.load(entry.edition, entry.measures)
    }
    assert [one.code for one in rested["art4"]] == ["grant"]


def test_what_rested_on_an_article_that_is_gone_is_still_printed(
    first: Edition, center: Center, city_staff: User, foundation_staff: User
) -> None:
    make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))
    draft = make_amendment(first.agreement, city_staff)
    draft_actions.remove_provision(edition=draft, version=draft.version, key="art3", by=city_staff, at=AT)
    draft.refresh_from_db()
    draft_actions.leave_the_rest(edition=draft, version=draft.version, by=city_staff, at=AT)
    draft.refresh_from_db()
    settle(draft, city_staff, foundation_staff)
    (agreed,) = overview.load(center, known_at=LATER)
    assert [one.code for one in agreed.without_article] == ["report"]


# -- In the browser --


def test_it_is_said_on_a_page_of_the_draft(
    log_in: LogIn, draft: Edition, grant: SupportMeasure, city_staff: User, foundation_staff: User
) -> None:
    client, base = log_in(city_staff), "/lab/agreements/basic/editions/2/"
    assert "支援措置の取扱い" in client.get(f"{base}draft/").content.decode()
    url = f"{base}measures/grant/"
    sent: dict[str, Any] = {"outcome": "new_terms", "total": "1,200,000", "last_year": "R12"}
    page = client.get(url)
    assert page.status_code == 200
    sent["version"] = draft.version
    assert client.post(url, sent).status_code == 302
    change = draft.measure_changes.get()
    assert (change.total, change.last_year) == (1_200 * MILLION, FiscalYear(2030))
    draft.refresh_from_db()
    settle(draft, city_staff, foundation_staff)
    assert "12億円" in log_in(foundation_staff).get(base).content.decode()
    assert "第2版" in client.get("/lab/support/grant/").content.decode()


def test_an_edition_without_measures_says_nothing_of_them(
    center: Center, city_staff: User, log_in: LogIn
) -> None:
    make_edition(make_agreement(center, code="plain"))
    make_worded(center)
    make_amendment(Edition.objects.get(agreement__code="basic").agreement, city_staff)
    page = log_in(city_staff).get("/lab/agreements/basic/editions/2/draft/").content.decode()
    assert "支援措置の取扱い" not in page


def test_a_total_below_what_is_granted_is_passed_and_no_consultation_is_claimed(
    draft: Edition, grant: SupportMeasure, city_staff: User, foundation_staff: User
) -> None:
    given = {"stage": AmountStage.BUDGET, "amount": 700 * MILLION, "seen": 0, "by": city_staff, "at": AT}
    record_amount(measure=grant, fiscal_year=FiscalYear(2026), **given)
    less = WantedTerms(TERMS, last_year=FiscalYear(2028), total=600 * MILLION)
    say(draft, grant, less, city_staff)
    settle(draft, city_staff, foundation_staff)
    before, after = known(grant.center, TODAY), known(grant.center, LATER)
    assert (before.passed, before.remaining(TODAY)) == ((), 200 * MILLION)
    assert (after.passed, after.remaining(LATER)) == ((False,), None)
    told = texts.finding((after,))
    assert "1 limit is passed, and no consultation about it is recorded." in told
