"""A register that begins in the middle accuses nobody; with an opening balance it counts on from it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import translation

from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard.home_views import tasks
from kpi.models import Category, Indicator, IndicatorBasis, Measured, OpeningBalance, Plan
from kpi.plans.achievement import Kind
from kpi.register import counting
from kpi.register.counting import Span
from kpi.register.opening_balances import Scope
from kpi.reports import entry
from kpi.value_sources import actions, drill_down, drill_down_texts, suggested_texts, suggested_values
from kpi.value_sources.actions import Balance, Choice, set_opening_balance
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal
from tests.builders.plans import PATENTS, TRIALS, Accepted, make_draft, make_plan
from tests.builders.records import make_basis, make_category, make_record
from tests.days import AT, TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
OPENED = date(2021, 3, 31)
YEAR_END = date(2026, 3, 31)
R7 = FiscalYear(2025)
BASES = "/lab/bases/"
OPENING = f"{BASES}research/trials/opening/"


@pytest.fixture(autouse=True)
def in_japanese() -> Any:
    with translation.override("ja"):
        yield


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10})


@pytest.fixture
def category(plan: Plan) -> Category:
    made = make_category(plan.center, "trials", name="治験")
    make_basis(plan.indicators.get(code="trials"), made)
    return made


@pytest.fixture
def eleven(plan: Plan, category: Category, accepted_report: Accepted) -> None:
    """Eleven were reported and accepted in each of four years, without a list."""
    for year in (2022, 2023, 2024, 2025):
        accepted_report(plan, year, {"trials": 11})


def of(plan: Plan, code: str = "trials", *, year: FiscalYear = R7, as_of: date = YEAR_END) -> Proposal:
    found = suggested_values.load(plan, year, as_of=as_of, today=TODAY)
    return found[Indicator.objects.get(plan=plan, code=code).pk]


def open_with(
    plan: Plan, value: int | None, by: User, *, as_of: date | None = OPENED, seen: int = 0, **given: Any
) -> OpeningBalance:
    scope = given.pop("scope", None) or Scope(
        category=plan.center.categories.get(), measured=Measured.RECORDS
    )
    return set_opening_balance(
        center=plan.center,
        scope=scope,
        balance=Balance(value, as_of if value is not None else None, "参考資料1 13頁"),
        seen=seen,
        reason=given.pop("reason", ""),
        by=by,
        at=AT,
    )


# -- Without one --


@pytest.mark.parametrize("happened", ["2026-01-15", "2022-06-01", "2019-05"])
def test_one_recorded_trial_proposes_nothing_and_accuses_nobody(
    plan: Plan, category: Category, eleven: None, foundation_staff: User, city_staff: User, happened: str
) -> None:
    """Eleven are reported without a list: the register does not say 1, and calls none of the four reports unexplained."""
    before = [task.title for task in tasks(foundation_staff, plan.center) or []]
    make_record(category, "はじめての一件", happened=happened)
    proposal = of(plan)
    assert (proposal.value, proposal.is_firm, proposal.differs(Entered(Decimal(11)))) == (None, False, False)
    assert "受理された値（11件" in suggested_texts.source_text(proposal)
    assert [task.title for task in tasks(foundation_staff, plan.center) or []] == before
    for report in plan.reports.all():
        assert not [
            line
            for line in entry.load(report, today=TODAY).lines
            if line.proposed and line.proposed.deviation
        ]
    with_draft = make_draft(plan, 2026, {"trials": 12}, by=foundation_staff, as_of=date(2026, 9, 30))
    (line, _patents) = entry.load(with_draft, today=TODAY).lines
    assert (line.proposed.text, line.words.lacking_reasons) == ("", [])


def test_a_register_that_holds_all_that_was_accepted_goes_on_proposing(
    plan: Plan, category: Category, accepted_report: Accepted
) -> None:
    for number in range(3):
        make_record(category, f"{number}", happened="2022-06-01")
    accepted_report(plan, 2022, {"trials": 3})
    make_record(category, "次の年", happened="2023-06-01")
    proposal = of(plan, year=FiscalYear(2023), as_of=date(2024, 3, 31))
    assert (proposal.value, proposal.differs(Entered(Decimal(5)))) == (4, True)


def test_a_year_whose_list_is_shorter_than_what_was_accepted_is_not_held_against_it(
    plan: Plan, accepted_report: Accepted
) -> None:
    """The same for what begins anew each year: one patent recorded for a year of which eight are accepted."""
    category = make_category(plan.center, "patents", name="特許出願")
    make_basis(plan.indicators.get(code="patents"), category)
    accepted_report(plan, 2025, {"patents": 8})
    make_record(category, "一件", happened="2025-06-01")
    assert (of(plan, "patents").value, of(plan, "patents").differs(Entered(Decimal(8)))) == (None, False)
    make_record(category, "今年度の一件", happened="2026-06-01")
    later = of(plan, "patents", year=FiscalYear(2026), as_of=date(2026, 9, 30))
    assert later.value == 1, "another year is another list"


def test_less_reported_than_the_register_surely_holds_is_still_said(
    plan: Plan, category: Category, accepted_report: Accepted
) -> None:
    for number in range(3):
        make_record(category, f"{number}", happened="2022-06-01")
    accepted_report(plan, 2022, {"trials": Entered(Decimal(2), note="重複を除く")})
    assert of(plan, year=FiscalYear(2022), as_of=date(2023, 3, 31)).differs(Entered(Decimal(2)))


# -- With one --


def test_nine_until_a_day_and_two_recorded_since(
    plan: Plan, category: Category, eleven: None, foundation_staff: User
) -> None:
    open_with(plan, 9, foundation_staff)
    make_record(category, "それより前のもの", happened="2020-06-01")
    make_record(category, "初日", happened="2021-04-01")
    make_record(category, "次", happened="2021-12")
    proposal = of(plan)
    assert (
        proposal.value,
        proposal.differs(Entered(Decimal(11))),
        proposal.differs(Entered(Decimal(12))),
    ) == (
        11,
        False,
        True,
    )
    said = suggested_texts.source_text(proposal)
    assert "「参考資料1 13頁」によりR3.3.31までに9件、その後の記録2件" in said
    found = drill_down.load(plan.center, "research", "trials", R7, today=TODAY, as_of=None)
    assert (found.value, found.difference) == (11, 0)
    assert [record.title for record in found.records.order_by("pk")] == ["初日", "次"]
    assert [record.title for record in found.in_opening] == ["それより前のもの"]
    assert "R3.3.31までに9件、その後の記録2件" in drill_down_texts.finding(found)


def test_it_says_nothing_of_a_day_before_its_own_nor_of_days_without_records(
    plan: Plan, category: Category, foundation_staff: User
) -> None:
    open_with(plan, 9, foundation_staff)
    assert of(plan, year=FiscalYear(2020), as_of=OPENED).value == 9
    assert of(plan, year=FiscalYear(2020), as_of=date(2020, 9, 30)).value is None
    assert of(plan).value is None, "nothing recorded since is no claim that nothing happened"


def test_one_of_the_indicator_goes_before_that_of_the_category(
    plan: Plan, category: Category, foundation_staff: User, city_staff: User
) -> None:
    make_record(category, "一件", happened="2025-06-01")
    open_with(plan, 9, foundation_staff)
    own = Scope(indicator=plan.indicators.get(code="trials"))
    open_with(plan, 4, city_staff, scope=own, as_of=date(2022, 3, 31))
    assert of(plan).value == 5
    open_with(plan, None, city_staff, scope=own, seen=1, reason="区分のものと同じ")
    assert of(plan).value == 10


def test_a_change_is_a_new_revision_with_a_reason(
    plan: Plan, category: Category, foundation_staff: User
) -> None:
    open_with(plan, 9, foundation_staff)
    with pytest.raises(ValidationError):
        open_with(plan, 8, foundation_staff, seen=1)
    with pytest.raises(Conflict):
        open_with(plan, 8, foundation_staff, seen=0, reason="数え直し")
    open_with(plan, 8, foundation_staff, seen=1, reason="数え直し")
    assert list(OpeningBalance.objects.values_list("revision", "value")) == [(1, 9), (2, 8)]
    event = HistoryEvent.objects.get(action="opening_balance.change")
    assert (event.before["value"], event.after["value"], event.reason) == (9, 8, "数え直し")
    with pytest.raises(DatabaseError), transaction.atomic():
        OpeningBalance.objects.update(value=1)


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_two_staffs_enter_one(
    plan: Plan, category: Category, request: pytest.FixtureRequest, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        open_with(plan, 9, request.getfixturevalue(who))


@pytest.mark.parametrize("who", ["city_staff", "foundation_staff"])
def test_it_is_entered_on_its_page_and_seen_by_all(
    plan: Plan, category: Category, city_viewer: User, request: pytest.FixtureRequest, log_in: LogIn, who: str
) -> None:
    client = log_in(request.getfixturevalue(who))
    assert OPENING in client.get(BASES).content.decode()
    assert client.get(OPENING).status_code == 200
    sent = {"value": "9", "as_of": "R3.3.31", "source": "参考資料1 13頁", "revision": "0"}
    assert client.post(OPENING, sent | {"as_of": "R99.3.31"}).status_code == 400
    assert client.post(OPENING, sent).status_code == 302
    assert client.post(OPENING, sent | {"value": "8"}).status_code == 409
    shown = log_in(city_viewer).get(BASES).content.decode()
    assert "「参考資料1 13頁」によりR3.3.31までに9件" in shown
    assert OPENING not in shown
    page = log_in(city_viewer).get("/lab/kpi/research/trials/").content.decode()
    assert "「参考資料1 13頁」によりR3.3.31までに9件" in page


def test_only_what_counts_on_has_one(plan: Plan, foundation_staff: User, log_in: LogIn) -> None:
    make_basis(plan.indicators.get(code="patents"), make_category(plan.center, "patents"))
    assert log_in(foundation_staff).get(f"{BASES}research/patents/opening/").status_code == 404


# -- 数 --


def test_a_record_that_stands_for_thirteen_counts_as_thirteen(
    plan: Plan, category: Category, city_viewer: User, accepted_report: Accepted, log_in: LogIn
) -> None:
    make_record(category, "まとめて届け出たもの", happened="2025-06-01", quantity=13)
    make_record(category, "一件", happened="2025-07-01")
    make_record(category, "数の分からないもの", happened="2025-08-01", quantity=None)
    assert of(plan).value == 15
    assert "15" in suggested_texts.source_text(of(plan))
    accepted_report(plan, 2025, {"trials": 15})
    found = drill_down.load(plan.center, "research", "trials", R7, today=TODAY, as_of=None)
    assert (found.value, found.difference) == (15, 0)
    address = reverse("kpi:counted", args=["lab", "research", "trials", R7])
    page = log_in(city_viewer).get(address).content.decode()
    assert "13件" in page


def test_a_vague_record_leaves_as_many_open_as_it_stands_for(plan: Plan, category: Category) -> None:
    make_record(category, "確か", happened="2025-06-01")
    make_record(category, "いつか", quantity=4)
    assert (of(plan).value, of(plan).most) == (1, 5)


def test_records_of_which_none_says_how_many_people_are_not_zero_people(center: Center) -> None:
    visits = {"code": "visits", "name": "来場者数", "unit": "人", "kind": Kind.FLOW}
    plan = make_plan(center, indicators=[visits])
    category = make_category(center, "visits")
    make_basis(plan.indicators.get(), category, "people")
    make_record(category, "見学会", happened="2025-06-01")
    assert of(plan, "visits").value is None


# -- As known on a day --


def test_the_count_as_it_was_known_on_a_day(
    plan: Plan, category: Category, foundation_staff: User, time_machine: Any
) -> None:
    kept = {"source": "", "recorded_by": foundation_staff}
    make_record(category, "早い", happened="2022-06-01", recorded_at=AT.replace(month=6), **kept)
    make_record(category, "遅い", happened="2022-07-01", recorded_at=AT.replace(month=9), **kept)
    withdrawn = {"status": "withdrawn", "withdrawn_by": foundation_staff, "withdrawal_reason": "重複"}
    make_record(
        category,
        "取り消した",
        happened="2022-08-01",
        recorded_at=AT.replace(month=6),
        withdrawn_at=AT.replace(month=10),
        **withdrawn,
        **kept,
    )
    span = Span.so_far(YEAR_END)

    def known(month: int) -> int:
        day = date(2026, month, 28)
        return counting.sums(plan.center, [span], known_at=day)[span][category.pk].records

    assert [known(month) for month in (7, 9, 10)] == [2, 3, 2]


# -- Value sources --


def choose(
    plan: Plan, choice: Choice, seen: Choice, by: User, reason: str = "台帳から数えることにした"
) -> None:
    indicator = plan.indicators.get(code="trials")
    actions.set_basis(indicator=indicator, choice=choice, seen=seen, reason=reason, by=by, at=AT)


def test_a_new_source_is_not_held_against_what_was_accepted_before(
    plan: Plan, accepted_report: Accepted, city_staff: User, foundation_staff: User, log_in: LogIn
) -> None:
    """Three are accepted; the category that counts from now on holds five of that time."""
    category = make_category(plan.center, "trials", name="治験")
    for number in range(5):
        make_record(category, f"{number}", happened="2022-06-01")
    report = accepted_report(plan, 2025, {"trials": 3})
    quiet = [task.title for task in tasks(foundation_staff, plan.center) or []]
    choose(plan, Choice(category="trials", measured="records"), Choice(), city_staff)
    assert [task.title for task in tasks(foundation_staff, plan.center) or []] == quiet
    assert not [
        line for line in entry.load(report, today=TODAY).lines if line.proposed and line.proposed.deviation
    ]
    page = log_in(city_staff).get("/lab/kpi/research/trials/").content.decode()
    assert "この値の受理後に値の根拠が変更されたため" in page
    assert "台帳から数えることにした" in page
    draft = make_draft(plan, 2026, {"trials": 3}, by=foundation_staff, as_of=date(2026, 9, 30))
    (line, _patents) = entry.load(draft, today=TODAY).lines
    assert line.proposed.deviation, "a new report is held against it"


def test_a_source_changes_with_a_reason_only_and_either_staff_changes_it(
    plan: Plan, category: Category, city_staff: User, foundation_staff: User, city_viewer: User, log_in: LogIn
) -> None:
    records, people = (
        Choice(category="trials", measured="records"),
        Choice(category="trials", measured="people"),
    )
    with pytest.raises(ValidationError):
        choose(plan, people, records, city_staff, reason=" ")
    choose(plan, people, records, city_staff)
    choose(plan, records, people, foundation_staff, reason="人数ではなく件数")
    assert IndicatorBasis.objects.get().chosen_by == foundation_staff
    shown = log_in(city_viewer).get(BASES).content.decode()
    assert "人数ではなく件数" in shown
    assert foundation_staff.name in shown


# -- What it cannot be --


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2026, 11, 25)])
def test_its_day_is_one_of_the_center_and_not_to_come(
    plan: Plan, category: Category, foundation_staff: User, day: date
) -> None:
    with pytest.raises(ValidationError) as refused:
        open_with(plan, 5, foundation_staff, as_of=day)
    assert list(refused.value.message_dict) == ["as_of"]


@pytest.mark.parametrize("is_of_indicator", [False, True])
def test_above_what_was_accepted_later_it_needs_a_reason(
    plan: Plan, eleven: None, foundation_staff: User, is_of_indicator: bool
) -> None:
    scope = Scope(indicator=plan.indicators.get(code="trials")) if is_of_indicator else None
    with pytest.raises(ValidationError) as refused:
        open_with(plan, 12, foundation_staff, scope=scope)
    assert refused.value.message_dict == {
        "value": [
            "令和5年3月31日時点で受理された値は11です。累計は減らないため、数か日付を直すか、"
            "「変更の理由」に理由を記入してください。"
        ]
    }
    made = open_with(plan, 12, foundation_staff, scope=scope, reason="1件は後に取り消された")
    assert (made.value, made.reason) == (12, "1件は後に取り消された")


@pytest.mark.parametrize(("value", "as_of"), [(11, OPENED), (12, date(2026, 4, 30))])
def test_it_may_reach_what_was_accepted_and_pass_what_was_accepted_before(
    plan: Plan, eleven: None, foundation_staff: User, value: int, as_of: date
) -> None:
    assert open_with(plan, value, foundation_staff, as_of=as_of).value == value


def test_the_form_says_it_at_the_field(
    plan: Plan, eleven: None, foundation_staff: User, log_in: LogIn
) -> None:
    typed = {"value": "12", "as_of": "R3.3.31", "source": "資料", "revision": "0"}
    answer = log_in(foundation_staff).post(OPENING, typed)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["value"]
    assert answer.context["form"]["value"].value() == "12"
