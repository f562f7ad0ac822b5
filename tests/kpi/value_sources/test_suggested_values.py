"""What accounts and register propose for a report, how it is taken over, and that a deviation is flagged."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from finance.models import Stage
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, IndicatorBasis, Measured, Plan
from kpi.plans.achievement import Certainty, Kind
from kpi.reports import entry
from kpi.value_sources import suggested_texts, suggested_values
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal
from tests.builders.entry_pages import address, form_of
from tests.builders.finance import USUAL, account, make_accounts, settled
from tests.builders.plans import make_accepted_report, make_draft, make_plan, make_submitted
from tests.builders.records import make_category, make_record
from tests.people import LogIn

pytestmark = pytest.mark.django_db
R1, YEAR_END, TODAY = FiscalYear(2019), date(2020, 3, 31), date(2026, 11, 24)

MILLIONS = {
    "code": "income-m",
    "name": "研究費収入額",
    "unit": "百万円",
    "kind": Kind.FLOW,
    "scale": 1_000_000,
    "entry_decimals": 3,
    "rounding": "truncate",
}
THOUSANDS = {"code": "income-k", "name": "研究費収入額", "unit": "千円", "kind": Kind.FLOW, "scale": 1000}
VENTURES = {"code": "ventures", "name": "ベンチャー設立数", "unit": "社", "kind": Kind.CUMULATIVE}


@pytest.fixture(autouse=True)
def in_japanese():
    with translation.override("ja"):
        yield


@pytest.fixture
def plan(center: Center) -> Plan:
    """R1–R3: research income in two units, and ventures counted from the register."""
    made = make_plan(center, indicators=[MILLIONS, THOUSANDS, VENTURES], years=(2019, 2021), targets={})
    make_accounts(center)
    category = make_category(center, code="ventures", name="ベンチャー")
    for indicator in made.indicators.all():
        if indicator.code == "ventures":
            IndicatorBasis.objects.create(
                indicator=indicator, category=category, measured=Measured.RECORDS, source="T3"
            )
        else:
            IndicatorBasis.objects.create(
                indicator=indicator, account=account(center, "research-income"), source="T3"
            )
    return made


@pytest.fixture
def settlement(plan: Plan, foundation_staff: User, city_staff: User) -> None:
    amounts = USUAL | {"research-income": 505_794_000}
    settled(plan.center, 2019, _of_r1(amounts), by=foundation_staff, reviewer=city_staff)


def _of_r1(amounts: dict[str, int]) -> dict[str, int]:
    """R1 in this cast still has the running costs as one account."""
    kept = {code: yen for code, yen in amounts.items() if code not in ("building", "support")}
    return kept | {"running": amounts["building"] + amounts["support"]}


def of(plan: Plan, code: str, *, as_of: date = YEAR_END) -> Proposal:
    found = suggested_values.load(plan, FiscalYear.of(as_of), as_of=as_of, today=TODAY)
    return found[Indicator.objects.get(plan=plan, code=code).pk]


# -- What is proposed --


@pytest.mark.usefixtures("settlement")
def test_research_income_in_each_plans_own_unit_and_rounding(plan: Plan) -> None:
    """505,794千円 is 505百万円, truncated; what is taken over stays exact."""
    millions, thousands = of(plan, "income-m"), of(plan, "income-k")
    assert suggested_texts.with_unit(millions) == "505百万円"
    assert suggested_texts.with_unit(thousands) == "505,794千円"
    assert millions.value == thousands.value == Decimal(505_794_000)
    assert millions.certainty is Certainty.FINAL
    assert "505,794千円" in suggested_texts.source_text(millions)


@pytest.mark.usefixtures("settlement")
@pytest.mark.parametrize(
    ("typed", "differs"), [(505_794_000, False), (505_000_000, False), (506_000_000, True)]
)
def test_a_value_differs_as_it_is_printed(plan: Plan, typed: int, differs: bool) -> None:
    assert of(plan, "income-m").differs(Entered(Decimal(typed), certainty=Certainty.FINAL)) is differs


def test_nothing_is_proposed_without_a_settlement(plan: Plan) -> None:
    proposal = of(plan, "income-m")
    assert (proposal.value, suggested_texts.value_text(proposal)) == (None, "")
    assert not proposal.differs(Entered(Decimal(1)))


def test_within_the_year_the_forecast_is_proposed_and_said_so(
    plan: Plan, center: Center, foundation_staff: User, city_staff: User
) -> None:
    amounts = _of_r1(USUAL | {"research-income": 438_802_000})
    settled(center, 2019, amounts, by=foundation_staff, reviewer=city_staff, stage=Stage.FORECAST)
    proposal = of(plan, "income-k", as_of=date(2019, 11, 30))
    assert (suggested_texts.with_unit(proposal), proposal.certainty) == ("438,802千円", Certainty.FORECAST)
    assert "決算見込" in suggested_texts.source_text(proposal)
    assert proposal.differs(Entered(Decimal(400_000_000), certainty=Certainty.FORECAST))
    # What came in by November is no forecast, and need not equal one.
    assert not proposal.differs(Entered(Decimal(300_000_000), certainty=Certainty.INTERIM))


def test_the_register_counts_and_an_empty_one_proposes_nothing(plan: Plan, center: Center) -> None:
    assert of(plan, "ventures").value is None
    category = center.categories.get()
    make_record(category, happened="2019-05")
    make_record(category, happened="2020-01-10")
    assert of(plan, "ventures").value == Decimal(2)
    make_record(category)  # nobody knows when: one more, perhaps
    proposal = of(plan, "ventures")
    assert (proposal.value, proposal.most) == (Decimal(2), Decimal(3))
    said = suggested_texts.agreement_text(proposal, Entered(Decimal(3)))
    assert suggested_texts.with_unit(proposal) in said  # within the range is not "the same"
    assert [proposal.differs(Entered(Decimal(number))) for number in (1, 2, 3, 4)] == [
        True,
        False,
        False,
        True,
    ]


# -- The entry sheet --


@pytest.mark.usefixtures("settlement")
def test_the_sheet_shows_and_takes_over(plan: Plan, foundation_staff: User, log_in: LogIn) -> None:
    """Blank fields are filled exactly; what is typed already stays, and a difference asks for a note."""
    make_record(plan.center.categories.get(), happened="2019-05")
    draft = make_draft(plan, 2019, {}, by=foundation_staff)
    client = log_in(foundation_staff)
    page = client.get(address(draft, "entry"))
    assert "505,794千円" in page.content.decode()
    text = page.content.decode()
    assert text.index('value="save"') < text.index('value="take_over"')  # Enter presses the first
    sent = form_of(page) | {"ventures-value": "2", "step": "take_over"}
    answer = client.post(address(draft, "entry"), sent, follow=True)
    values = {actual.indicator.code: actual.value for actual in draft.actuals.select_related("indicator")}
    assert values == {"income-m": 505_794_000, "income-k": 505_794_000, "ventures": 2}
    said = answer.content.decode()
    assert "活動実績台帳による値（1社）と異なります" in said
    assert "理由を備考" in said


def test_taking_over_is_refused_as_saving_is(plan: Plan, foundation_staff: User, log_in: LogIn) -> None:
    draft = make_draft(plan, 2019, {}, by=foundation_staff)
    client = log_in(foundation_staff)
    sent = form_of(client.get(address(draft, "entry"))) | {"ventures-value": "多数", "step": "take_over"}
    answer = client.post(address(draft, "entry"), sent)
    assert "多数" in answer.content.decode()
    assert not draft.actuals.exists()


@pytest.mark.parametrize("person", ["city_staff", "foundation_viewer", "foreign_foundation_staff"])
def test_nobody_else_takes_over(
    plan: Plan, foundation_staff: User, log_in: LogIn, person: str, request: pytest.FixtureRequest
) -> None:
    draft = make_draft(plan, 2019, {}, by=foundation_staff)
    answer = log_in(request.getfixturevalue(person)).post(address(draft, "entry"), {"step": "take_over"})
    assert answer.status_code in (403, 404)
    assert not draft.actuals.exists()


# -- Review, report and indicator page --


def test_a_deviation_is_not_handed_in_before_a_note_says_why(
    plan: Plan, foundation_staff: User, log_in: LogIn
) -> None:
    make_record(plan.center.categories.get(), happened="2019-05")
    draft = make_draft(plan, 2019, {}, by=foundation_staff)
    client = log_in(foundation_staff)
    typed = form_of(client.get(address(draft, "entry"))) | {"ventures-value": "2", "step": "submit"}
    page = client.post(address(draft, "entry"), typed)
    assert "台帳や決算の値と異なります" in page.content.decode()
    assert [wrong.message for wrong in page.context["form"].wrongs] != []
    draft.refresh_from_db()
    assert draft.is_editable
    assert not draft.actuals.exists()
    assert (
        client.post(address(draft, "entry"), typed | {"ventures-note": "登記前の1社を含む"}).status_code
        == 302
    )
    draft.refresh_from_db()
    assert not draft.is_editable


def test_a_deviation_is_flagged_on_every_page(
    plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User, log_in: LogIn
) -> None:
    make_record(plan.center.categories.get(), happened="2019-05")
    said = "台帳では1社、報告では2社です"
    note = Entered(Decimal(2), certainty=Certainty.FINAL, note="登記前の1社を含む")
    report = make_submitted(plan, 2019, {"ventures": note}, by=foundation_staff)
    client = log_in(city_staff)
    client.post(address(report, "open"), form_of(client.get(address(report))))
    review = client.get(address(report, "review")).content.decode()
    assert said in review
    assert "登記前の1社を含む" in review
    # One that was accepted with less than the register surely holds stays flagged.
    other = Entered(Decimal(0), certainty=Certainty.FINAL, note="名簿による")
    accepted = make_accepted_report(plan, 2020, {"ventures": other}, by=foundation_staff, reviewer=city_staff)
    client = log_in(city_viewer)
    assert "台帳では1社、報告では0社です" in client.get(address(accepted)).content.decode()
    page = client.get(f"/lab/kpi/{plan.code}/ventures/").content.decode()
    assert "台帳では1社、報告では0社です" in page
    assert "「ベンチャー」の件数" in page


def test_the_sheet_needs_as_many_queries_for_many_indicators(plan: Plan, foundation_staff: User) -> None:
    category = plan.center.categories.get()
    draft = make_draft(plan, 2019, {}, by=foundation_staff)

    def number() -> int:
        with CaptureQueriesContext(connection) as queries:
            entry.load(draft, today=TODAY)
        return len(queries)

    make_record(category, happened="2019-05")
    few = number()
    for index in range(8):
        made = Indicator.objects.create(
            plan=plan, **VENTURES | {"code": f"more-{index}", "position": 10 + index}
        )
        IndicatorBasis.objects.create(
            indicator=made, category=category, measured=Measured.RECORDS, source="T3"
        )
        make_record(category, happened="2019-06")
    assert number() == few


def test_a_record_of_one_year_does_not_say_that_the_next_had_none(
    center: Center, foundation_staff: User
) -> None:
    """A patent of R6 turned R7 from 「該当なし」 to 「台帳では0件」."""
    patents = {"code": "patents", "name": "特許出願件数", "unit": "件", "kind": Kind.FLOW}
    made = make_plan(center, indicators=[patents], targets={})
    category = make_category(center, code="patents", name="特許出願")
    one = made.indicators.get()
    IndicatorBasis.objects.create(indicator=one, category=category, measured=Measured.RECORDS, source="別紙")
    r7_end = date(2026, 3, 31)
    before = of(made, "patents", as_of=r7_end)
    make_record(category, happened="2024-10-01")
    after = of(made, "patents", as_of=r7_end)
    assert before.value is after.value is None
    assert not after.differs(Entered(Decimal(3), certainty=Certainty.FINAL))
    said = "台帳「特許出願」にR7の該当なし（R8.3末まで）"
    assert suggested_texts.source_text(before) == suggested_texts.source_text(after) == said
    assert of(made, "patents", as_of=date(2025, 3, 31)).value == Decimal(1)
    make_submitted(made, 2025, {"patents": 3}, by=foundation_staff)  # without a note: nothing differs


def test_a_proposal_is_said_with_the_unit_of_what_it_counts(center: Center) -> None:
    """Every count of the register was said in 件: the visits in the place of their 80人."""
    visits = {"code": "visits", "name": "見学の受入人数", "unit": "人", "kind": Kind.FLOW}
    made = make_plan(center, indicators=[visits], targets={})
    category = make_category(center, code="visits", name="施設見学")
    IndicatorBasis.objects.create(
        indicator=made.indicators.get(), category=category, measured=Measured.PEOPLE, source="別紙"
    )
    make_record(category, happened="2025-10-01", people=80)
    said = suggested_texts.source_text(of(made, "visits", as_of=date(2026, 3, 31)))
    assert said == "台帳「施設見学」R7（R8.3末まで）80人"
