"""T8's figures digit for digit, what limits each measure, and how an amount is recorded."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from agreements.models import AgreementKind, AmountStage, LimitRule, SupportAmount
from agreements.support import limits, sheets, support, texts
from agreements.support.actions import record_amount
from agreements.support.limits import Ceiling, Standing, YearAmounts
from agreements.support.support import Blank, Measure
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_consultation
from tests.builders.plans import tokyo
from tests.builders.support import make_annual, make_land, make_measure
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db
PUBLISHED, TODAY = date(2022, 1, 27), date(2026, 11, 24)
NOW = tokyo(TODAY)
SETTLED, BUDGET = AmountStage.SETTLED, AmountStage.BUDGET


@pytest.fixture(autouse=True)
def in_japanese():
    with translation.override("ja"):
        yield


def of_iconm(code: str, day: date = TODAY) -> Measure:
    (measure,) = support.load(Center.objects.get(code="iconm"), known_at=day, code=code)
    return measure


def printed(measure: Measure) -> list[str]:
    return [
        f"{year.year.short} {texts.thousands(year.fact.amount) if year.fact else texts.blank_text(year)}"
        for year in measure.years
    ]


# -- The report's figures --


@pytest.mark.parametrize("day", [PUBLISHED, TODAY])
def test_start_up_contribution(iconm: Center, day: date) -> None:
    """T2's amounts in 千円, the sum of six years beside the printed 9億円, and nothing called still to come."""
    measure = of_iconm("startup-contribution", day)
    assert printed(measure) == [
        "H27 250,000",
        "H28 220,000",
        "H29 160,000",
        "H30 130,000",
        "R1 80,000",
        "R2 50,000",
        "R3 資料に記載なし",
    ]
    assert (measure.total, measure.settled_sum) == (900_000_000, 890_000_000)
    assert texts.large(measure.total or 0) == "9億円"
    assert [year.year for year in measure.missing] == [FiscalYear(2021)]
    assert measure.missing[0].blank is Blank.NOT_PRINTED


def test_nothing_is_still_to_come_after_the_end(iconm: Center) -> None:
    measure = of_iconm("startup-contribution")
    assert measure.remaining(TODAY) is None
    assert texts.sum_in_words(measure, TODAY) == "H27〜R2の計は890,000千円。R3の額は資料に記載がありません。"
    assert "10,000" not in texts.sum_in_words(measure, TODAY)
    assert texts.limit_in_words(measure) == "7年間の総額9億円を上限とします。"


def test_research_promotion_until_r3_cannot_be_checked(iconm: Center) -> None:
    measure = of_iconm("promotion-r1")
    assert printed(measure) == ["R1 100,000", "R2 110,000", "R3 110,000"]
    year = measure.year(FiscalYear(2021))
    assert year
    assert year.settled is None
    assert year.budget
    assert {check.standing for of in measure.years for check in of.checks} == {Standing.UNKNOWN}
    assert texts.chip_of(year.worst) == ("unreported", "確認不可")
    assert "R3は予算" in texts.sum_in_words(measure, TODAY)


def test_loan_and_land_have_no_years(iconm: Center) -> None:
    loan = of_iconm("construction-loan")
    assert (loan.total, loan.years) == (1_000_000_000, ())
    assert "10億円" in texts.sum_in_words(loan, TODAY)
    land = of_iconm("free-land-r4")
    assert (land.total, land.years, str(land.last_year)) == (None, (), "令和33年度")


def test_from_r4_nothing_is_recorded_and_nothing_invented(iconm: Center) -> None:
    """The report holds its agreement as an unsigned draft (T9): no year of it has begun."""
    measure = of_iconm("promotion-r4")
    assert measure.recorded_sum is None
    assert (measure.is_draft, measure.years) == (True, ())
    assert texts.period(measure) == "R4から（案）"


def test_known_before_publication_is_nothing(iconm: Center) -> None:
    assert of_iconm("startup-contribution", date(2022, 1, 26)).recorded == ()


# -- Recording --


@pytest.fixture
def measure(center):
    return make_measure(make_agreement(center))


def record(measure, year: int, amount: int, by, **more):
    (now,) = support.load(measure.center, known_at=TODAY, code=measure.code)
    return record_amount(
        measure=measure,
        fiscal_year=FiscalYear(year),
        amount=amount,
        by=by,
        at=NOW,
        **{"stage": SETTLED, "seen": now.seen, **more},
    )


@pytest.mark.parametrize("person", ["city_staff", "foundation_staff"])
def test_either_side_records_and_it_is_known_from_today(measure, person, request) -> None:
    by = request.getfixturevalue(person)
    made = record(measure, 2022, 300_000_000, by)
    assert (made.revision, made.known_from, made.recorded_by) == (1, TODAY, by)
    event = HistoryEvent.objects.get(action="support_amount.add")
    assert (event.actor, event.after["amount"]) == (by.username, 300_000_000)


@pytest.mark.parametrize(
    "person", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"]
)
def test_others_do_not(measure, person, request) -> None:
    with pytest.raises(PermissionDenied):
        record(measure, 2022, 1, request.getfixturevalue(person))


def test_a_change_needs_a_reason_and_keeps_the_old(measure, city_staff) -> None:
    record(measure, 2022, 300_000_000, city_staff)
    with pytest.raises(ValidationError) as refused:
        record(measure, 2022, 200_000_000, city_staff)
    assert "reason" in refused.value.message_dict
    record(measure, 2022, 200_000_000, city_staff, reason="精算")
    (now,) = support.load(measure.center, known_at=TODAY, code="grant")
    assert [fact.amount for fact in now.revisions] == [300_000_000, 200_000_000]
    assert now.settled_sum == 200_000_000


def test_zero_is_an_amount(measure, city_staff) -> None:
    record(measure, 2022, 0, city_staff)
    (now,) = support.load(measure.center, known_at=TODAY, code="grant")
    assert (now.settled_sum, len(now.missing)) == (0, 2)


@pytest.mark.parametrize(
    ("year", "stage"), [(2021, SETTLED), (2025, SETTLED), (2028, BUDGET)], ids=["before", "after", "far"]
)
def test_years_outside(measure, city_staff, year: int, stage: AmountStage) -> None:
    if year == 2028:
        measure.last_year = 2030
        with no_guards():  # as if it had been so from the beginning
            measure.save()
    with pytest.raises(ValidationError) as refused:
        record(measure, year, 1, city_staff, stage=stage)
    assert "fiscal_year" in refused.value.message_dict


def test_land_takes_no_amounts(center, city_staff) -> None:
    with pytest.raises(ValidationError):
        record(make_land(make_agreement(center)), 2022, 1, city_staff)


def test_two_at_once(measure, city_staff, foundation_staff) -> None:
    record(measure, 2022, 1000, city_staff)
    with pytest.raises(Conflict):
        record(measure, 2023, 1000, foundation_staff, seen=0)
    assert SupportAmount.objects.count() == 1


# -- Limits --


def test_total_over_the_period(measure, city_staff, foundation_staff) -> None:
    record(measure, 2022, 500_000_000, city_staff)
    record(measure, 2023, 400_000_000, city_staff)  # exactly at the limit
    with pytest.raises(ValidationError) as refused:
        record(measure, 2024, 1, city_staff)
    assert "900,000,000" in refused.value.message_dict["consultation"][0]
    assert SupportAmount.objects.count() == 2
    proposed = make_consultation(measure.center, proposer=city_staff)
    with pytest.raises(ValidationError):
        record(measure, 2024, 1, city_staff, consultation=proposed)
    agreed = make_consultation(measure.center, proposer=city_staff, confirmer=foundation_staff)
    made = record(measure, 2024, 1, city_staff, consultation=agreed)
    assert made.consultation == agreed
    assert HistoryEvent.objects.filter(consultation=agreed.key).exists()
    (now,) = support.load(measure.center, known_at=TODAY, code="grant")
    assert [check.excess for check in now.checks] == [1]
    assert now.passed == (True,)


def test_what_a_consultation_allowed_is_no_breach(measure, city_staff, foundation_staff, log_in) -> None:
    """As on the page of the contributions."""
    agreed = make_consultation(measure.center, proposer=city_staff, confirmer=foundation_staff)
    record(measure, 2022, 900_000_001, city_staff, consultation=agreed)
    page = log_in(city_staff).get(f"/{measure.center.code}/support/{measure.code}/").content.decode()
    assert "協議により引上げ" in page
    assert "上限超過" not in page


def test_a_foreign_consultation_settles_nothing(
    measure, city_staff, foreign_center, foreign_city_staff, foreign_foundation_staff
):
    foreign = make_consultation(
        foreign_center, proposer=foreign_city_staff, confirmer=foreign_foundation_staff
    )
    with pytest.raises(ValidationError):
        record(measure, 2022, 950_000_000, city_staff, consultation=foreign)


@pytest.fixture
def yearly(center):
    """From R4: fixed by the annual agreement, which is concluded at 50,000,000 yen for FY2022."""
    agreement = make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)
    make_annual(agreement)
    return make_measure(agreement, last_year=None, total=None, limit_rule=LimitRule.ANNUAL_AGREEMENT)


def test_annual_agreement(yearly, city_staff) -> None:
    record(yearly, 2022, 50_000_000, city_staff, stage=BUDGET)
    with pytest.raises(ValidationError) as refused:
        record(yearly, 2022, 50_000_001, city_staff)
    assert "consultation" in refused.value.message_dict
    record(yearly, 2022, 49_000_000, city_staff)
    record(yearly, 2023, 60_000_000, city_staff)  # no annual agreement: it can be recorded, not checked
    (now,) = support.load(yearly.center, known_at=TODAY, code="grant")
    standings = {year.year.start: year.worst and year.worst.standing for year in now.years}
    assert standings[2022] is Standing.WITHIN
    assert standings[2023] is Standing.UNKNOWN
    assert standings[2024] is None


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (YearAmounts(), []),
        (YearAmounts(budget=5), [(Ceiling.INDIRECT_COST_INCOME, Standing.UNKNOWN)]),
        (
            YearAmounts(settled=5),
            [(Ceiling.INDIRECT_COST_INCOME, Standing.UNKNOWN), (Ceiling.BUDGET, Standing.UNKNOWN)],
        ),
        (
            YearAmounts(budget=4, settled=5),
            [(Ceiling.INDIRECT_COST_INCOME, Standing.UNKNOWN), (Ceiling.BUDGET, Standing.PASSED)],
        ),
        (
            YearAmounts(budget=5, settled=5),
            [(Ceiling.INDIRECT_COST_INCOME, Standing.UNKNOWN), (Ceiling.BUDGET, Standing.WITHIN)],
        ),
    ],
)
def test_indirect_cost_rule(amounts: YearAmounts, expected: list[tuple[Ceiling, Standing]]) -> None:
    assert [(check.ceiling, check.standing) for check in limits.indirect_cost_checks(amounts)] == expected


def test_remaining_only_while_the_period_runs(center, city_staff) -> None:
    measure = make_measure(make_agreement(center), last_year=2026)
    record(measure, 2022, 300_000_000, city_staff)
    (now,) = support.load(center, known_at=TODAY, code="grant")
    assert now.remaining(TODAY) == 600_000_000
    assert now.remaining(date(2027, 4, 1)) is None


# -- Years without an amount --


def test_amounts_are_not_added_up_over_a_gap(center, city_staff) -> None:
    """R4 and R7 of R4–R8: no sum on the page, none in the sheet, and the years between are named in both."""
    measure = make_measure(make_agreement(center), last_year=2026)
    for year in (2022, 2025):
        record(measure, year, 100_000_000, city_staff)
    (now,) = support.load(center, known_at=TODAY, code="grant")
    assert (now.settled_sum, now.recorded_sum) == (None, None)
    said = texts.sum_in_words(now, TODAY)
    assert said.startswith(
        "R4、R7の額が記録されています。途中に記録のない年度があるため、合計は示しません。R5〜R6、R8"
    )
    assert said.endswith("期間の終わりまでの総額の残りは、多くとも700,000千円。")
    assert "200,000" not in texts.finding((now,))
    assert "R5〜R6には、額の記録のない負担金があります。" in texts.finding((now,))
    sheet = sheets.support_sheet(center, [now], known_at=TODAY)
    assert [cell.value for cell in sheet.body[-1]] == [
        "計", None, None, "記録の範囲で上限内。R5・R6は未記録。間に記録のない年度があるため、計は示さない"
    ]  # fmt: skip


def test_a_sum_names_the_years_before_it_of_which_nothing_is_recorded(center, city_staff) -> None:
    """Only R7 of R4–R9 is recorded, and no total limits it: the sum is of R7, and the year that runs is still to come."""
    measure = make_measure(
        make_agreement(center), last_year=2027, total=None, limit_rule=LimitRule.ANNUAL_AGREEMENT
    )
    record(measure, 2025, 61_500_000, city_staff)
    (now,) = support.load(center, known_at=TODAY, code="grant")
    sheet = sheets.support_sheet(center, [now], known_at=TODAY)
    assert [cell.value for cell in sheet.body[-1]] == ["計", None, 61_500, "R4・R5・R6は未記録"]


def test_the_note_on_a_total_stands_with_the_measure_whose_source_leaves_a_year_out(
    iconm: Center, center, city_staff
) -> None:
    """While another center's period runs, what its total leaves may still come."""
    note = "総額と年度の計の差は、期間の終了後に支出されるものではない。"
    measure = make_measure(make_agreement(center), last_year=2026)
    record(measure, 2022, 100_000_000, city_staff)
    own = sheets.support_sheet(center, support.load(center, known_at=TODAY), known_at=TODAY)
    assert not any(note in text for text in own.notes)
    of_report = sheets.support_sheet(iconm, support.load(iconm, known_at=TODAY), known_at=TODAY)
    assert [text for text in of_report.notes if note in text] == [
        f"※ 立ち上げ期間の支援（共用スペース等の維持管理費の一部負担）：{note}"
    ]


# -- Pages --

FORM = {
    "fiscal_year": "2022",
    "stage": "settled",
    "amount": "300,000千円",
    "reason": "",
    "consultation": "",
    "seen": "0",
}


def test_pages_of_the_reference_center(iconm: Center, log_in, django_user_model) -> None:
    viewer = django_user_model.objects.create(username="v", name="閲覧者", organisation=iconm.supporter)
    client = log_in(viewer)
    page = client.get("/iconm/support/", headers={"accept-language": "ja"}).content.decode()
    assert "890,000千円" in page
    assert "資料に記載なし" in page
    one = client.get(
        "/iconm/support/startup-contribution/", headers={"accept-language": "ja"}
    ).content.decode()
    assert "記録の範囲で上限内" in one  # R3 is not in the source
    for figure in ("250,000", "220,000", "160,000", "130,000", "80,000", "50,000", "9億円", "890,000"):
        assert figure in one
    assert 'class="form"' not in one


def test_record_on_the_page(measure, city_staff, log_in) -> None:
    client = log_in(city_staff)
    assert client.post("/lab/support/grant/record/", FORM).status_code == 302
    assert SupportAmount.objects.get().amount == 300_000_000


def test_what_was_typed_stays(measure, city_staff, log_in) -> None:
    client = log_in(city_staff)
    answer = client.post("/lab/support/grant/record/", {**FORM, "amount": "900,001", "reason": "追加の整備"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "900,001" in text
    assert "追加の整備" in text
    assert "900,000,000" in text
    assert not SupportAmount.objects.exists()


def test_conflict_on_the_page(measure, city_staff, foundation_staff, log_in) -> None:
    record(measure, 2023, 1000, foundation_staff)
    client = log_in(city_staff)
    answer = client.post("/lab/support/grant/record/", {**FORM, "reason": "精算"})
    assert answer.status_code == 409
    assert "精算" in answer.content.decode()
    assert SupportAmount.objects.count() == 1
    assert answer.context["form"]["seen"].value() == "1"


def test_get_writes_nothing_and_leads_to_the_page(measure, city_staff, log_in) -> None:
    answer = log_in(city_staff).get("/lab/support/grant/record/")
    assert answer.status_code == 302
    assert answer["Location"] == "/lab/support/grant/"


@pytest.mark.parametrize("number", [1, 8])
@pytest.mark.parametrize("page", ["/lab/support/", "/lab/support/grant/"])
def test_query_count_is_constant(
    center, city_staff, log_in, number, page, django_assert_max_num_queries
) -> None:
    agreement = make_agreement(center)
    for n in range(number):
        made = make_measure(agreement, code="grant" if n == 0 else f"grant-{n}")
        for year in (2022, 2023, 2024):
            record(made, year, 1000, city_staff)
    client = log_in(city_staff)
    with django_assert_max_num_queries(14):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("year", [2026, 2027])
def test_nothing_of_a_year_that_is_not_over_is_settled(center, city_staff, year) -> None:
    measure = make_measure(make_agreement(center), last_year=FiscalYear(2027))
    with pytest.raises(ValidationError) as refused:
        record(measure, year, 1_000, city_staff)
    assert list(refused.value.message_dict) == ["fiscal_year"]
    record(measure, year, 1_000, city_staff, stage=BUDGET)
    record(measure, 2025, 1_000, city_staff)
