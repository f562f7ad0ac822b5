"""What is granted under an agreement that nobody has signed is shown as a draft (案), and counts nowhere."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.models import AgreementKind, AmountStage, LimitRule
from agreements.support import charts, sheets, support, texts
from agreements.support.actions import record_amount
from finance.contributions import contribution_balance
from finance.contributions import texts as contribution_texts
from finance.limits.contribution_limits import ContributionLimits
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_conclusion
from tests.builders.finance import make_account, make_accounts
from tests.builders.plans import tokyo
from tests.builders.support import make_measure

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 1)
DRAFTS = "締結されていない協定・契約の案に基づく支援措置が1件あります（計上していません）。"
NOT_GRANTED = "案の段階であり、まだ負担・貸付はありません（協定または契約が未締結）。"


@pytest.fixture(autouse=True)
def in_japanese():
    with translation.override("ja"):
        yield


@pytest.fixture
def agreement(center):
    """One that would begin this year, of which no conclusion is recorded."""
    return make_agreement(
        center,
        code="next",
        kind=AgreementKind.RESEARCH_SUPPORT,
        starts_on=date(2026, 4, 1),
        concluded=None,
    )


@pytest.fixture
def measure(agreement):
    return make_measure(agreement, first_year=2026, last_year=2027, total=20_000_000)


def record(measure, by):
    return record_amount(
        measure=measure,
        fiscal_year=FiscalYear(2026),
        stage=AmountStage.BUDGET,
        amount=10_000_000,
        seen=0,
        by=by,
        at=tokyo(TODAY),
    )


def test_no_year_limit_or_sum_of_a_draft_counts(measure) -> None:
    (found,) = measures = support.load(measure.center, known_at=TODAY)
    assert (found.is_draft, found.years, found.checks, found.remaining(TODAY)) == (True, (), (), None)
    assert texts.finding(measures) == "額の記録された負担金はまだありません。" + DRAFTS
    assert texts.period(found) == "R8〜R9（案）"
    assert texts.limit_in_words(found) == "案：2年間の総額20,000千円を上限とします。"
    assert texts.sum_in_words(found, TODAY) == NOT_GRANTED
    assert charts.contributions_chart(measures) is None


def test_missing_years_are_those_of_what_is_in_force(center, measure, city_staff) -> None:
    in_force = make_measure(make_agreement(center), code="held", first_year=2025, last_year=2027)
    record(in_force, city_staff)
    measures = support.load(center, known_at=TODAY)
    assert texts.finding(measures) == (
        "R8に記録された市の負担金は、合計10,000千円です。決算のない年度は予算額で数えています。" + DRAFTS
    )


def test_nothing_is_recorded_under_a_draft(measure, city_staff) -> None:
    with pytest.raises(ValidationError) as refused:
        record(measure, city_staff)
    assert "fiscal_year" in refused.value.message_dict
    make_conclusion(measure.agreement, "2026-04-01")
    assert record(measure, city_staff).amount == 10_000_000


def test_a_draft_limits_nothing(measure) -> None:
    make_accounts(measure.center)
    account = make_account(measure.center, code="city", name="市負担金", measure=measure)
    assert measure.limit_rule == LimitRule.PERIOD_TOTAL
    for expected, by in ((None, ""), (10_000_000, "2026-04-01")):
        if by:
            make_conclusion(measure.agreement, by)
        held = ContributionLimits.hold(measure.center, {measure.pk}, today=TODAY)
        passed = held.excess(account, FiscalYear(2026), 30_000_000)
        assert (passed and passed.by) == expected


def test_tables_hold_one_row_that_says_so(measure) -> None:
    measures = support.load(measure.center, known_at=TODAY)
    data = sheets.support_data(measure.center, measures)
    keys = [column.key for column in data.columns]
    (row,) = [dict(zip(keys, row, strict=True)) for row in data.rows]
    assert (row["status"], row["value"]) == ("draft", None)
    printed = sheets.support_sheet(measure.center, measures, known_at=TODAY)
    cells = [str(cell.value) for line in printed.body for cell in line if cell.value is not None]
    assert "案：2年間の総額 20,000千円" in cells
    assert not any("上限内" in cell or "確認不可" in cell for cell in cells)


@pytest.mark.parametrize("person", ["city_staff", "city_viewer", "foundation_staff"])
def test_every_page_marks_it_for_everybody(measure, person, request, log_in) -> None:
    client = log_in(request.getfixturevalue(person))
    for page, said in (
        ("/lab/finance/contributions/", ["R8〜R9（案）", NOT_GRANTED, DRAFTS]),
        ("/lab/support/", ["R8〜R9（案）", NOT_GRANTED, DRAFTS]),
        ("/lab/support/grant/", ["R8〜R9（案）", NOT_GRANTED]),
        ("/lab/agreements/next/", ["R8〜R9（案）"]),
        ("/lab/traceability/next/", ["負担金 grant</a>（案）"]),
    ):
        html = client.get(page).content.decode()
        assert [one for one in said if one not in html] == [], page
        assert "額の記録のない負担金" not in html


def test_a_running_measure_names_its_whole_period(measure, city_viewer, log_in) -> None:
    """The table has the years that have begun; that more are to come stands above it."""
    make_conclusion(measure.agreement, "2026-04-01")
    (found,) = contribution_balance.load(city_viewer, measure.center, known_at=TODAY)
    assert [one.year.start for one in found.years] == [2026]
    assert contribution_texts.sum_text(found) == "決算等による受入れはありません。"
    page = log_in(city_viewer).get("/lab/finance/contributions/").content.decode()
    assert "R8〜R9 ・ 2年間の総額" in page
