"""What limits a contribution: the rules by period, what cannot be checked, and what a consultation allows."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agreements.models import Agreement, AgreementKind, AmountStage, LimitRule, SupportMeasure
from agreements.support import limits, support
from agreements.support.actions import record_amount
from agreements.support.limits import Ceiling, Missing, Standing
from finance.contributions import contribution_balance
from finance.ledger.actions import post, post_many
from finance.ledger.closing_actions import close_year
from finance.ledger.posting import NewEntry
from finance.limits import contribution_limits
from finance.limits.contribution_limits import ContributionLimits, Excess
from finance.models import Account, Stage
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_consultation
from tests.builders.entry_pages import form_of
from tests.builders.finance import (
    USUAL,
    account,
    make_account,
    make_accounts,
    make_statement,
    settled,
    submit,
)
from tests.builders.plans import tokyo
from tests.builders.support import make_annual, make_measure
from tests.people import LogIn

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
NOW = tokyo(TODAY)
PAGE = "/lab/finance/contributions/"
Contribution = Callable[..., SupportMeasure]


@pytest.fixture(autouse=True)
def in_japanese():
    with translation.override("ja"):
        yield


@pytest.fixture
def agreement(center: Center) -> Agreement:
    make_accounts(center)
    return make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)


@pytest.fixture
def contribution(agreement: Agreement) -> Contribution:
    """A measure for FY2022–2024 by a rule, and the account that receives it."""

    def made(rule: LimitRule, *, code: str = "grant", **fields: object) -> SupportMeasure:
        total = {} if rule == LimitRule.PERIOD_TOTAL else {"total": None}
        measure = make_measure(agreement, code=code, limit_rule=rule, **total, **fields)
        make_account(agreement.center, code=f"city-{code}", name=f"市負担金 {code}", measure=measure)
        return measure

    return made


@pytest.fixture
def grant(city_staff: User) -> Callable[..., None]:
    """Record an amount under the support measures."""

    def recorded(measure: SupportMeasure, year: int, amount: int, **more: object) -> None:
        (now,) = support.load(measure.center, known_at=TODAY, code=measure.code)
        record_amount(
            measure=measure,
            fiscal_year=FiscalYear(year),
            amount=amount,
            by=city_staff,
            at=NOW,
            **{"stage": AmountStage.SETTLED, "seen": now.seen, **more},
        )

    return recorded


def city_account(center: Center, code: str = "grant") -> Account:
    return account(center, f"city-{code}")


def excess(center: Center, year: int, amount: int, code: str = "grant") -> Excess | None:
    receiving = city_account(center, code)
    limits = ContributionLimits.hold(center, {receiving.measure_id}, today=TODAY)
    return limits.excess(receiving, FiscalYear(year), amount)


def entry(center: Center, day: date, code: str, amount: int, part: Account | None = None) -> NewEntry:
    return NewEntry(day, account(center, code), part, amount, "川崎市", "負担金", "")


# -- Arithmetic --


@pytest.mark.parametrize(
    ("amount", "income", "expenditure", "standing", "missing"),
    [
        (100, 150, 210, Standing.WITHIN, None),
        (100, 100, 200, Standing.WITHIN, None),
        (101, 100, 300, Standing.PASSED, None),  # more than the income
        (101, 150, 200, Standing.PASSED, None),  # more than what it leaves to the foundation
        (100, None, 210, Standing.UNKNOWN, Missing.INDIRECT_COST_INCOME),
        (100, 150, None, Standing.UNKNOWN, Missing.EXPENDITURE),
        (100, None, 150, Standing.PASSED, Missing.INDIRECT_COST_INCOME),  # whatever the income was
        (100, None, None, Standing.UNKNOWN, Missing.INDIRECT_COST_INCOME),
        (0, 0, 0, Standing.WITHIN, None),
        (1, 0, 10, Standing.PASSED, None),  # an income of 0 is recorded
    ],
)
def test_what_the_foundation_bears_from_indirect_cost_income(
    amount: int, income: int | None, expenditure: int | None, standing: Standing, missing: Missing | None
) -> None:
    check = limits.indirect_cost_check(amount, income, expenditure)
    assert (check.ceiling, check.standing, check.missing) == (
        Ceiling.INDIRECT_COST_INCOME,
        standing,
        missing,
    )


# -- The rules --


def test_total_of_the_period(contribution: Contribution, center: Center, grant) -> None:
    """Years without accounts count as granted; the sum may reach the total, and not pass it."""
    measure = contribution(LimitRule.PERIOD_TOTAL)
    grant(measure, 2022, 500_000_000)
    assert excess(center, 2023, 400_000_000) is None
    found = excess(center, 2023, 400_000_001)
    assert found is not None
    assert (found.rule, found.limit, found.by) == (Ceiling.PERIOD_TOTAL, 900_000_000, 1)
    assert "9億円" in contribution_limits.refusal(found)


def test_research_promotion_until_r3(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User
) -> None:
    """Refused above what the settled statement shows; the income stands in the ledger of a closed year."""
    contribution(LimitRule.INDIRECT_COST_INCOME)
    assert excess(center, 2022, 10**12) is None  # nothing recorded: it cannot be checked
    settled(center, 2022, USUAL, by=foundation_staff, reviewer=city_staff)  # research support: 250,000
    assert excess(center, 2022, 125_000) is None
    found = excess(center, 2022, 125_001)
    assert found is not None
    assert (found.rule, found.limit, found.by) == (Ceiling.INDIRECT_COST_INCOME, 125_000, 1)
    income = entry(center, date(2022, 6, 1), "research-income", 90_000, account(center, "indirect"))
    post(center=center, new=income, by=foundation_staff, at=NOW)
    assert excess(center, 2022, 90_000) is None
    assert excess(center, 2022, 90_001) is not None


@pytest.mark.parametrize("amount", [116_268_501, 120_000_000, 232_537_000, 10**12])
def test_the_limit_quoted_is_the_limit_whatever_was_typed(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, grant, amount: int
) -> None:
    """T2's research support of R2, 232,537千円: half of it, on either page."""
    measure = contribution(LimitRule.INDIRECT_COST_INCOME)
    lines = USUAL | {"support": 232_537_000}
    settled(center, 2022, lines, by=foundation_staff, reviewer=city_staff)
    assert excess(center, 2022, 116_268_500) is None
    found = excess(center, 2022, amount)
    assert found is not None
    assert (found.limit, found.by) == (116_268_500, amount - 116_268_500)
    assert "116,268,500円" in contribution_limits.refusal(found)
    with pytest.raises(ValidationError) as refused:
        grant(measure, 2022, amount)
    assert "上限116,268,500円を" in refused.value.message_dict["consultation"][0]


@pytest.mark.parametrize("amount", [40_000_001, 45_000_000, 60_000_000])
def test_of_two_ceilings_the_lower_is_the_limit(
    contribution: Contribution, agreement: Agreement, grant, amount: int
) -> None:
    """The annual agreement fixes 50,000,000 yen and the budget 40,000,000."""
    measure, center = contribution(LimitRule.ANNUAL_AGREEMENT), agreement.center
    make_annual(agreement)
    grant(measure, 2022, 40_000_000, stage=AmountStage.BUDGET)
    found = excess(center, 2022, amount)
    assert found is not None
    assert (found.rule, found.limit) == (Ceiling.BUDGET, 40_000_000)
    with pytest.raises(ValidationError) as refused:
        grant(measure, 2022, amount)
    assert "上限40,000,000円を" in refused.value.message_dict["consultation"][0]


def test_a_running_year_is_not_held_against_its_income_so_far(
    contribution: Contribution, center: Center, foundation_staff: User
) -> None:
    contribution(LimitRule.INDIRECT_COST_INCOME, last_year=None)
    income = entry(center, date(2026, 6, 1), "research-income", 10, account(center, "indirect"))
    post(center=center, new=income, by=foundation_staff, at=NOW)
    assert excess(center, 2026, 1_000_000) is None


def test_open_books_do_not_show_in_the_limit(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, grant
) -> None:
    """The support measures' pages judge by the ledger only once the year is closed."""
    measure = contribution(LimitRule.INDIRECT_COST_INCOME)
    grant(measure, 2022, 50_000)
    settled(center, 2022, USUAL, by=foundation_staff, reviewer=city_staff)
    income = entry(center, date(2022, 6, 1), "research-income", 90_000, account(center, "indirect"))
    post(center=center, new=income, by=foundation_staff, at=NOW)

    def standing() -> Standing:
        (known,) = support.load(center, known_at=TODAY, code=measure.code)
        return known.year(FiscalYear(2022)).checks[0].standing

    assert standing() is Standing.UNKNOWN
    close_year(center=center, fiscal_year=FiscalYear(2022), by=foundation_staff, at=NOW)
    assert standing() is Standing.WITHIN


def test_from_r4_the_annual_agreement(contribution: Contribution, agreement: Agreement, grant) -> None:
    measure, center = contribution(LimitRule.ANNUAL_AGREEMENT), agreement.center
    assert excess(center, 2022, 50_000_001) is None
    make_annual(agreement)
    found = excess(center, 2022, 50_000_001)
    assert found is not None
    assert (found.rule, found.by) == (Ceiling.ANNUAL_AGREEMENT, 1)
    grant(measure, 2022, 40_000_000, stage=AmountStage.BUDGET)
    found = excess(center, 2022, 45_000_000)
    assert found is not None
    assert (found.rule, found.limit) == (Ceiling.BUDGET, 40_000_000)


def test_a_consultation_raises_the_limit_to_its_amount(
    contribution: Contribution, center: Center, city_staff: User, foundation_staff: User, grant
) -> None:
    measure = contribution(LimitRule.PERIOD_TOTAL)
    grant(measure, 2022, 900_000_000)
    assert excess(center, 2023, 1) is not None
    talk = make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    grant(measure, 2023, 20_000_000, consultation=talk)
    assert excess(center, 2023, 20_000_000) is None
    found = excess(center, 2023, 20_000_001)
    assert found is not None
    assert (found.is_raised, found.by) == (True, 1)


def test_other_accounts_have_no_limit(contribution: Contribution, center: Center) -> None:
    contribution(LimitRule.PERIOD_TOTAL)
    limits = ContributionLimits.hold(center, {city_account(center).measure_id}, today=TODAY)
    assert limits.excess(account(center, "rent"), FiscalYear(2022), 10**12) is None


# -- Through the actions --


def test_the_ledger_refuses(
    contribution: Contribution, center: Center, foundation_staff: User, grant
) -> None:
    measure = contribution(LimitRule.PERIOD_TOTAL)
    grant(measure, 2022, 899_999_000)
    post(
        center=center,
        new=entry(center, date(2023, 5, 1), "city-grant", 1_000),
        by=foundation_staff,
        at=NOW,
    )
    with pytest.raises(ValidationError) as refused:
        post(
            center=center,
            new=entry(center, date(2023, 5, 2), "city-grant", 1),
            by=foundation_staff,
            at=NOW,
        )
    assert "9億円" in str(refused.value)
    assert center.entries.count() == 1


def test_a_statement_is_refused(
    contribution: Contribution, center: Center, foundation_staff: User, log_in: LogIn, grant
) -> None:
    measure = contribution(LimitRule.PERIOD_TOTAL)
    grant(measure, 2022, 899_999_000)
    lines = USUAL | {"city-grant": 2_000}
    draft = make_statement(center, 2023, lines, by=foundation_staff, stage=Stage.SETTLEMENT)
    with pytest.raises(ValidationError) as refused:
        submit(draft, by=foundation_staff, at=NOW)
    assert "9億円" in str(refused.value)
    draft.refresh_from_db()
    assert draft.is_editable
    # On the page it stands at the contribution's own amount.
    client = log_in(foundation_staff)
    where = f"/lab/finance/statements/2023/settlement/{draft.revision}/entry/"
    page = form_of(client.get(where), holds="city-grant-amount")
    answer = client.post(where, page | {"step": "submit"}).content.decode()
    assert 'href="#id_city-grant-amount"' in answer


def test_the_limits_are_asked_once_however_many_lines_they_are_about(
    contribution: Contribution, center: Center, foundation_staff: User
) -> None:
    """An import of many accounts and years needs more queries for the sums that it writes, and for nothing else."""

    def number(codes: list[str], years: list[int]) -> int:
        rows = [entry(center, date(year, 5, 1), f"city-{code}", 1) for code in codes for year in years]
        with CaptureQueriesContext(connection) as queries:
            post_many(center=center, rows=rows, by=foundation_staff, at=NOW)
        return len([one for one in queries if "finance_monthtotal" not in one["sql"]])

    rules = (LimitRule.PERIOD_TOTAL, LimitRule.INDIRECT_COST_INCOME, LimitRule.ANNUAL_AGREEMENT)
    for index in range(3):
        for rule in rules:
            contribution(rule, code=f"{rule}-{index}", last_year=None)
    few = number([f"{rule}-0" for rule in rules], [2022])
    assert number([f"{rule}-{index}" for rule in rules for index in range(3)], [2022, 2023, 2024]) == few


# -- The page --


def test_granted_beside_drawn(
    contribution: Contribution,
    center: Center,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    log_in: LogIn,
    grant,
) -> None:
    measure = contribution(LimitRule.PERIOD_TOTAL)
    contribution(LimitRule.INDIRECT_COST_INCOME, code="promotion")
    grant(measure, 2022, 100_000)
    lines = USUAL | {"city-grant": 90_000, "city-promotion": 80_000}
    settled(center, 2022, lines, by=foundation_staff, reviewer=city_staff)
    post(
        center=center,
        new=entry(center, date(2023, 5, 1), "city-grant", 70_000),
        by=foundation_staff,
        at=NOW,
    )
    seen = log_in(foundation_staff).get(PAGE).content.decode()
    for text in ("受入額が10千円少ない", "総額9億円以内です", "確認不可", "2分の1は125千円", "70</a>"):
        assert text in seen
    # An open year's ledger is the operator's own; that it is there, everybody sees (decision record 7).
    hidden = log_in(city_viewer).get(PAGE).content.decode()
    assert "70</a>" not in hidden
    assert hidden.count("締切り前（財団の担当者のみ）") == 2
    assert "R5の収支明細は締切り前のため、財団の担当者だけに表示され、ここでは計上していません。" in hidden
    assert "締切り前" not in seen
    # R4 and R6 have no ledger; for the city of the other contribution too, of which R5 has a ledger that it cannot see.
    assert (seen.count("台帳なし"), hidden.count("台帳なし")) == (2, 4)
    post(center=center, new=entry(center, date(2024, 5, 1), "city-promotion", 1), by=foundation_staff, at=NOW)
    seen = log_in(foundation_staff).get(PAGE).content.decode()
    assert (seen.count("台帳なし"), seen.count("明細なし")) == (2, 2), "R5 and R6 have entries of one each"


def test_nobody_says_that_nothing_was_drawn_of_a_ledger_that_is_hidden(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    contribution(LimitRule.PERIOD_TOTAL, first_year=2026, last_year=2027)
    client = log_in(city_staff)
    assert finding_of(client).startswith("負担金の受入れを示す収支決算書・収支明細はまだありません。")
    so_far = entry(center, date(2026, 5, 1), "city-grant", 15_375_000)
    post(center=center, new=so_far, by=foundation_staff, at=NOW)
    assert finding_of(client) == (
        "負担金の受入れを示す収支決算書、締切り後の収支明細はまだありません。"
        "R8の収支明細は締切り前のため、財団の担当者だけに表示され、ここでは計上していません。"
    )
    page = client.get(PAGE).content.decode()
    assert "決算等による受入れはありません" not in page
    assert "台帳なし" not in page
    assert "✓" not in page, "no limit is called kept of which something is hidden"


def test_a_year_is_not_called_within_its_limit_over_a_ledger_that_is_hidden(
    contribution: Contribution,
    agreement: Agreement,
    foundation_staff: User,
    city_staff: User,
    log_in: LogIn,
    grant,
) -> None:
    """What is granted is; what is drawn, the city does not know before the year is closed."""
    measure, center = contribution(LimitRule.ANNUAL_AGREEMENT), agreement.center
    make_annual(agreement)
    grant(measure, 2022, 40_000_000, stage=AmountStage.BUDGET)
    post(center=center, new=entry(center, date(2022, 6, 1), "city-grant", 1), by=foundation_staff, at=NOW)
    assert "✓" in log_in(foundation_staff).get(PAGE).content.decode()
    hidden = log_in(city_staff).get(PAGE).content.decode()
    assert "✓" not in hidden
    assert "記録の範囲で上限内" in hidden


def finding_of(client: Client) -> str:
    (found,) = re.findall(r'<p class="finding">(.*?)</p>', client.get(PAGE).content.decode(), re.DOTALL)
    return str(found).strip()


def test_what_was_not_granted_agrees_with_nothing_and_a_part_year_is_said_to_be_one(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, log_in: LogIn, grant
) -> None:
    """Granted R3 and R8, drawn R3 to R7 by the settlements, and 15,375 of 62,000千円 in R8 so far."""
    measure = contribution(LimitRule.NONE, first_year=2021, last_year=None)
    grant(measure, 2021, 50_000)
    grant(measure, 2026, 62_000_000, stage=AmountStage.BUDGET)
    client, of_city = log_in(foundation_staff), {"city-grant": 50_000}
    settled(center, 2021, of_city, by=foundation_staff, reviewer=city_staff)
    assert finding_of(client).startswith(
        "決算等による負担金の受入額は、R3で計50千円です。いずれも負担額と一致しています。"
    )
    for year in range(2022, 2026):
        settled(center, year, of_city, by=foundation_staff, reviewer=city_staff)
    so_far = entry(center, date(2026, 5, 1), "city-grant", 15_375_000)
    post(center=center, new=so_far, by=foundation_staff, at=NOW)
    assert finding_of(client) == (
        "決算等による負担金の受入額は、R3〜R8で計15,625千円です。R3は負担額と一致しています。"
        "R4〜R7は負担額の記録がないため、比べていません。R8は年度途中の額です。上限の超過はありません。"
    )
    page = client.get(PAGE).content.decode()
    assert "年度途中（負担額62,000千円のうち15,375千円）" in page
    assert page.count("負担額の記録なし") == 4


def test_what_was_drawn_is_not_added_up_over_a_gap(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    contribution(LimitRule.PERIOD_TOTAL, first_year=2020, last_year=2026)
    for year in (2020, 2021, 2025):
        settled(center, year, {"city-grant": 100_000_000}, by=foundation_staff, reviewer=city_staff)
    client = log_in(foundation_staff)
    assert "R2〜R3、R7について分かります。R4〜R6に受入額の分からない負担金がある" in finding_of(client)
    page = client.get(PAGE).content.decode()
    assert "R2〜R3、R7に受け入れています。R4〜R6は受入額が分からないため、合計は示しません。" in page
    assert "300,000千円" not in page
    assert (
        "R4〜R6は額が分かりません。分かる範囲では総額9億円以内です。残りは多くとも600,000千円です。" in page
    )
    assert "記録の範囲で上限内" in page


def test_what_is_left_of_the_total(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    contribution(LimitRule.PERIOD_TOTAL, first_year=2024, last_year=2026)
    for year in (2024, 2025):
        settled(center, year, {"city-grant": 300_000_000}, by=foundation_staff, reviewer=city_staff)
    page = log_in(foundation_staff).get(PAGE).content.decode()
    assert "R6〜R7の受入額の計は600,000千円です。総額9億円以内です。残りは300,000千円です。" in page


def test_the_notes_are_of_the_rules_that_limit_this_center(
    contribution: Contribution, center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)

    def notes() -> list[str]:
        return re.findall(r'<p class="table-note">(.*?)</p>', client.get(PAGE).content.decode(), re.DOTALL)

    assert notes() == []
    contribution(LimitRule.NONE)
    assert notes() == []
    contribution(LimitRule.ANNUAL_AGREEMENT, code="yearly")
    assert ["研究間接費収入" in note for note in notes()] == [False]
    contribution(LimitRule.INDIRECT_COST_INCOME, code="promotion")
    assert ["研究間接費収入" in note for note in notes()] == [True, False]


def test_what_a_consultation_allowed_is_no_breach(
    contribution: Contribution,
    center: Center,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    log_in: LogIn,
    grant,
) -> None:
    measure = contribution(LimitRule.ANNUAL_AGREEMENT)
    grant(measure, 2022, 100_000, stage=AmountStage.BUDGET)
    talk = make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    grant(measure, 2022, 120_000, consultation=talk)
    lines = USUAL | {"city-grant": 120_000}
    settled(center, 2022, lines, by=foundation_staff, reviewer=city_staff)
    seen = log_in(city_viewer).get(PAGE).content.decode()
    assert "協議で認められた範囲内" in seen
    assert "上限超過" not in seen


def test_the_page_of_a_foreign_center(center: Center, foreign_city_viewer: User, log_in: LogIn) -> None:
    assert log_in(foreign_city_viewer).get(PAGE).status_code in (403, 404)


def test_as_many_queries_for_many_contributions(
    contribution: Contribution, center: Center, foundation_staff: User, city_staff: User
) -> None:
    def number() -> int:
        with CaptureQueriesContext(connection) as queries:
            contribution_balance.load(city_staff, center, known_at=TODAY)
        return len(queries)

    contribution(LimitRule.INDIRECT_COST_INCOME)
    settled(center, 2022, USUAL | {"city-grant": 1_000}, by=foundation_staff, reviewer=city_staff)
    few = number()
    for index in range(4):
        contribution(LimitRule.INDIRECT_COST_INCOME, code=f"more-{index}")
    lines = USUAL | {f"city-more-{index}": 1_000 for index in range(4)}
    settled(center, 2023, lines, by=foundation_staff, reviewer=city_staff)
    assert number() == few
