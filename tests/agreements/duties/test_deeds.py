"""A deed fulfils its duty: what the portal itself has is not asked for a second time, and an undone deed opens it again."""

from datetime import date, timedelta

import pytest
from time_machine import TimeMachineFixture

from agreements.duties import calendar, duty_status, programme_actions, sheets
from agreements.duties.duty_status import Progress
from agreements.duties.items import Item, Status
from agreements.instruments import annual_actions, ending_actions
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.models import Agreement, AgreementKind, ConsultationType, Obligation, Timing
from agreements.pages import todo
from finance.models import Stage, Statement
from finance.statements import actions as statement_actions
from finance.statements import draft_actions
from iconm_portal.models import Center, Side, User
from iconm_portal.standing import deeds
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import home_views
from tests.builders import finance
from tests.builders.agreements import (
    ANNUAL,
    DRAFT_PLAN,
    ONCE,
    conclude,
    hand_in,
    make_agreement,
    make_conclusion,
    make_consultation,
    make_obligation,
    proposed_annual,
    settled_talk,
    store,
)
from tests.builders.plans import accept, make_accepted_report, make_plan, make_submitted, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)


@pytest.fixture
def basic(center: Center) -> Agreement:
    finance.make_accounts(center)
    return make_agreement(center, starts_on=date(2025, 10, 1))


@pytest.fixture
def report(basic: Agreement) -> Obligation:
    """事業報告書・収支決算書 by 31 May, fulfilled by the settlement that was handed in."""
    return make_obligation(basic, deed="settlement")


@pytest.fixture
def support(center: Center) -> Agreement:
    return make_agreement(center, code="support", kind=AgreementKind.RESEARCH_SUPPORT)


def of(obligation: Obligation, user: User, year: int, today: date = TODAY, number: int = 1) -> Item:
    place = obligation.code if number == 1 else f"{obligation.code}.{number}"
    agreement = obligation.agreement
    found = calendar.find(
        agreement.center, user, agreement=agreement.code, place=place, year=FiscalYear(year), today=today
    )
    assert found is not None
    return found


def progress(center: Center, obligation: Obligation, year: int, day: date) -> Progress:
    for programme in (year, year + 1):
        for one in duty_status.load(center, FiscalYear(programme), known_at=day):
            if (one.obligation.pk, one.year.start) == (obligation.pk, year):
                return one.progress
    raise AssertionError(year)


# -- A settlement --


@pytest.mark.parametrize("is_stored", [True, False])
def test_the_settlement_fulfils_the_yearly_report(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User, is_stored: bool
) -> None:
    """183 days overdue on 30 November, but not once its settlement was verified here."""
    if is_stored:
        store(center, 2026, by=foundation_staff)
    before = of(report, foundation_staff, 2025)
    assert (before.is_overdue, before.days_over, before.asks(Side.OPERATOR)) == (True, 183, True)
    finance.settled(center, 2025, by=foundation_staff, reviewer=city_staff)
    item = of(report, foundation_staff, 2025)
    assert (item.status, item.is_overdue, item.is_stored) == (Status.SETTLED, False, is_stored)
    assert (item.handed_in_on, item.days_late, item.settled_on) == (
        date(2026, 5, 20),
        0,
        date(2026, 5, 20),
    )
    assert todo.tasks(foundation_staff, center, today=TODAY) == []
    assert [one for one in calendar.outstanding(center, city_staff, today=TODAY) if not one.is_settled] == []
    assert progress(center, report, 2025, TODAY) is Progress.SETTLED


def test_late_is_judged_by_the_day_on_which_it_was_handed_in(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User
) -> None:
    late = tokyo(date(2026, 6, 5))
    statement = finance.make_submitted(center, 2025, by=foundation_staff, at=late)
    finance.accept(statement, by=city_staff, at=tokyo(date(2026, 7, 20)))
    item = of(report, foundation_staff, 2025)
    assert (item.status, item.days_late, item.settled_on) == (Status.SETTLED, 5, date(2026, 7, 20))
    assert progress(center, report, 2025, date(2026, 6, 4)) is Progress.OVERDUE
    assert progress(center, report, 2025, date(2026, 6, 5)) is Progress.HANDED_IN
    assert progress(center, report, 2025, date(2026, 7, 20)) is Progress.SETTLED


def test_a_returned_settlement_opens_the_duty_again(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    statement = finance.make_submitted(center, 2025, by=foundation_staff)
    handed_in = of(report, city_staff, 2025)
    assert (handed_in.status, handed_in.is_overdue) == (Status.HANDED_IN, False)
    assert handed_in.waits_for == {Side.SUPPORTER}
    # The duty and its settlement are one task, at one address.
    (task,) = [one for one in home_views.tasks(city_staff, center) or [] if "statements" in one.url]
    assert task.url == "/lab/finance/statements/2025/settlement/1/"
    at = tokyo(date(2026, 6, 10))
    opened = statement_actions.open_review(
        statement=statement, version=statement.version, by=city_staff, at=at
    )
    statement_actions.send_back(
        statement=opened, version=opened.version, text="内訳がありません。", by=city_staff, at=at
    )
    item = of(report, foundation_staff, 2025)
    assert (item.status, item.is_overdue, item.waits_for) == (Status.RETURNED, True, {Side.OPERATOR})
    page = log_in(foundation_staff).get("/lab/calendar/2025/basic/report/").content.decode()
    assert "が差し戻されたため、再び未履行です。" in page
    assert progress(center, report, 2025, TODAY) is Progress.OVERDUE
    assert of(report, city_staff, 2025).waits_for == {Side.OPERATOR}


@pytest.mark.parametrize("again", [False, True])
def test_a_past_day_knows_of_what_was_handed_in_and_returned_later(
    center: Center,
    report: Obligation,
    foundation_staff: User,
    city_staff: User,
    time_machine: TimeMachineFixture,
    again: bool,
) -> None:
    """A pack of that day says what it would have said that day; the statement itself keeps the last hand-in only."""
    days = [date(2026, 5, 20), date(2026, 6, 10), date(2026, 6, 20)]
    time_machine.move_to(tokyo(days[0]))
    statement = finance.make_submitted(center, 2025, by=foundation_staff, at=tokyo(days[0]))
    time_machine.move_to(tokyo(days[1]))
    given = {"by": city_staff, "at": tokyo(days[1])}
    opened = statement_actions.open_review(statement=statement, version=statement.version, **given)
    statement_actions.send_back(statement=opened, version=opened.version, text="内訳がありません。", **given)
    if again:
        time_machine.move_to(tokyo(days[2]))
        finance.submit(Statement.objects.get(), by=foundation_staff, at=tokyo(days[2]))
    known = {
        date(2026, 5, 19): Progress.NOT_STORED,
        date(2026, 5, 20): Progress.HANDED_IN,
        date(2026, 6, 9): Progress.HANDED_IN,
        date(2026, 6, 10): Progress.OVERDUE,
        date(2026, 6, 20): Progress.HANDED_IN if again else Progress.OVERDUE,
    }
    assert {day: progress(center, report, 2025, day) for day in known} == known


def test_nothing_is_fulfilled_under_an_unsigned_agreement(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    """The settlement is there; what nobody has agreed on is not done by it. Once it is concluded, it is."""
    finance.make_accounts(center)
    draft = make_agreement(center, concluded=None, starts_on=date(2025, 10, 1))
    asked = make_obligation(draft, deed="settlement")
    finance.settled(center, 2025, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 28)))
    item = of(asked, city_staff, 2025)
    assert (item.status, item.deed) == (Status.PREVIEW, None)
    assert progress(center, asked, 2025, TODAY) is Progress.DRAFT
    assert "履行済み" not in duty_cells(center, 2026)
    make_conclusion(draft, date(2026, 6, 1))
    assert of(asked, city_staff, 2025).status is Status.SETTLED
    assert progress(center, asked, 2025, TODAY) is Progress.SETTLED
    assert progress(center, asked, 2025, date(2026, 5, 31)) is Progress.DRAFT
    assert "履行済み" in duty_cells(center, 2026)


def duty_cells(center: Center, year: int) -> set[str]:
    """What the sheet of duties prints."""
    known = duty_status.load(center, FiscalYear(year), known_at=TODAY)
    sheet = sheets.duties_sheet(center, FiscalYear(year), known, known_at=TODAY)
    return {str(cell.value) for row in sheet.body for cell in row}


def test_a_draft_is_no_deed(center: Center, report: Obligation, foundation_staff: User) -> None:
    finance.make_statement(center, 2025, by=foundation_staff)
    assert of(report, foundation_staff, 2025).deed is None


def test_a_correction_does_not_make_it_late_and_is_said(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User, log_in: LogIn
) -> None:
    first = finance.settled(center, 2025, by=foundation_staff, reviewer=city_staff)
    at = tokyo(date(2026, 9, 12))
    second = draft_actions.start_correction(statement=first, reason="転記の誤り", by=foundation_staff)
    finance.accept(finance.submit(second, by=foundation_staff, at=at), by=city_staff, at=at)
    item = of(report, foundation_staff, 2025)
    assert (item.status, item.days_late) == (Status.SETTLED, 0)
    page = log_in(foundation_staff).get("/lab/calendar/2025/basic/report/").content.decode()
    assert "令和8年9月12日に訂正されています。" in page
    assert "/lab/finance/statements/2025/settlement/2/" in page


def test_the_duty_can_go_its_own_way(
    center: Center, report: Obligation, foundation_staff: User, city_staff: User
) -> None:
    """Handed in on paper beside the settlement's draft; the settlement that is accepted settles it all the same."""
    duty = store(center, 2026, by=foundation_staff)["report/2025"]
    hand_in(duty, by=foundation_staff)
    assert of(report, city_staff, 2025).deed is None
    finance.make_submitted(center, 2025, by=foundation_staff)
    assert of(report, city_staff, 2025).deed is None
    finance.accept(Statement.objects.get(), by=city_staff)
    assert of(report, city_staff, 2025).is_settled


# -- Budget, annual agreement, report, targets, talks --


def test_the_decided_budget_fulfils_the_draft_of_plan_and_budget(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    plan = make_obligation(basic, DRAFT_PLAN, deed="budget", first_year=2027)
    at = tokyo(date(2026, 8, 20))
    handed_in = finance.make_submitted(center, 2027, by=foundation_staff, stage=Stage.BUDGET, at=at)
    assert of(plan, foundation_staff, 2027).waits_for == {Side.OPERATOR}
    assert not of(plan, foundation_staff, 2027).is_overdue
    talk = finance.make_talk(center, by=foundation_staff, confirmer=city_staff)
    finance.decide(handed_in, consultation=talk, by=foundation_staff, at=tokyo(date(2026, 9, 30)))
    item = of(plan, foundation_staff, 2027)
    assert (item.is_settled, item.days_late, item.settled_on) == (True, 0, date(2026, 9, 30))


def test_the_annual_agreement_fulfils_its_conclusion(
    center: Center, support: Agreement, foundation_staff: User, city_staff: User
) -> None:
    annual = make_obligation(support, ANNUAL, deed="agreement-annual")
    stored = store(center, 2026, by=foundation_staff)["annual/2026"]
    agreement = proposed_annual(support, by=city_staff)
    item = of(annual, foundation_staff, 2026)
    assert (item.status, item.waits_for) == (Status.HANDED_IN, {Side.OPERATOR})
    edition = agreement.editions.get()
    annual_actions.confirm(
        agreement=agreement, version=edition.version, by=foundation_staff, at=tokyo(date(2026, 3, 20))
    )
    assert not of(annual, foundation_staff, 2026).is_settled  # agreed on, and still to be signed
    conclude(
        agreement, "2026-04-01", by=city_staff, confirmed_by=foundation_staff, at=tokyo(date(2026, 4, 2))
    )
    item = of(annual, foundation_staff, 2026)
    assert (item.is_settled, item.settled_on, item.duty) == (True, date(2026, 4, 1), stored)
    assert item.deed is not None
    assert item.deed.url == f"/lab/agreements/{agreement.code}/"
    assert [
        one for one in calendar.outstanding(center, city_staff, today=TODAY) if one.asks(Side.SUPPORTER)
    ] == []
    # Of another year it says nothing.
    assert not of(annual, foundation_staff, 2027).is_settled


def test_its_signing_waits_for_the_side_that_has_not_recorded_it(
    center: Center, support: Agreement, foundation_staff: User, city_staff: User
) -> None:
    """Each step is one task, of one side: the terms to answer, then the conclusion that the other side recorded."""
    annual = make_obligation(support, ANNUAL, deed="agreement-annual")
    agreement = proposed_annual(support, by=city_staff)

    def asked() -> dict[str, list[str]]:
        people = {"city": city_staff, "foundation": foundation_staff}
        return {
            side: [task.url for task in todo.tasks(who, center, today=TODAY)] for side, who in people.items()
        }

    page = f"/lab/agreements/{agreement.code}/"
    assert asked() == {"city": [], "foundation": [page]}
    version, at = agreement.editions.get().version, tokyo(date(2026, 3, 20))
    annual_actions.confirm(agreement=agreement, version=version, by=foundation_staff, at=at)
    assert asked() == {"city": [page], "foundation": [page]}
    conclusion_actions.record_conclusion(
        agreement=agreement, concluded_on="2026-04-01", by=city_staff, at=tokyo(date(2026, 4, 2))
    )
    assert of(annual, city_staff, 2026).waits_for == {Side.OPERATOR}
    assert asked() == {"city": [], "foundation": [f"{page}conclusion/"]}


def test_a_past_day_knows_that_it_lay_before_the_other_side_then(
    center: Center, support: Agreement, foundation_staff: User, city_staff: User
) -> None:
    annual = make_obligation(support, ANNUAL, deed="agreement-annual")
    agreement = proposed_annual(support, by=city_staff)
    edition = agreement.editions.get()
    proposed_on = clock.day_of(edition.proposed_at)
    between = proposed_on + timedelta(days=3)
    assert progress(center, annual, 2026, between) is Progress.HANDED_IN
    at = tokyo(date(2026, 3, 20))
    annual_actions.confirm(agreement=agreement, version=edition.version, by=foundation_staff, at=at)
    signed = {"by": city_staff, "confirmed_by": foundation_staff, "at": tokyo(date(2026, 4, 2))}
    conclude(agreement, "2026-04-01", **signed)
    assert progress(center, annual, 2026, between) is Progress.HANDED_IN  # as the sheet of that day said
    assert progress(center, annual, 2026, proposed_on - timedelta(days=1)) is Progress.NOT_STORED
    assert progress(center, annual, 2026, date(2026, 4, 2)) is Progress.SETTLED


def test_what_was_proposed_falls_with_the_agreement_above(
    center: Center, support: Agreement, foundation_staff: User, city_staff: User
) -> None:
    """Nobody can sign it any more, so nobody is asked to, and neither page nor sheet says that it waits."""
    annual = make_obligation(support, ANNUAL, deed="agreement-annual")
    proposed_annual(support, by=city_staff)
    talk = settled_talk(support, by=city_staff, confirmed_by=foundation_staff)
    last, at = date(2026, 10, 31), tokyo(date(2026, 7, 1))
    ending = ending_actions.propose(
        agreement=support, ends_on=last, consultation=talk, reason="終了", by=city_staff, at=at
    )
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=at)
    item = of(annual, foundation_staff, 2026, today=last)
    assert (item.status, item.waits_for) == (Status.HANDED_IN, {Side.OPERATOR})
    item = of(annual, foundation_staff, 2026)
    assert (item.status, item.waits_for) == (Status.ENDED, frozenset())
    assert progress(center, annual, 2026, TODAY) is Progress.ENDED
    assert todo.tasks(foundation_staff, center, today=TODAY) == []


def test_another_agreements_annual_agreement_fulfils_nothing(
    center: Center, support: Agreement, city_staff: User
) -> None:
    other = make_agreement(center, code="other", kind=AgreementKind.RESEARCH_SUPPORT)
    annual = make_obligation(other, ANNUAL, deed="agreement-annual")
    proposed_annual(support, by=city_staff)
    assert of(annual, city_staff, 2026).deed is None


def test_the_report_of_the_whole_year_fulfils_its_duty(
    center: Center, support: Agreement, foundation_staff: User, city_staff: User
) -> None:
    duty = make_obligation(support, deed="report", code="support-report")
    plan = make_plan(center, under=support, years=(2025, 2028))
    half = make_submitted(plan, 2025, {"trials": 3}, by=foundation_staff, as_of=date(2025, 9, 30))
    assert of(duty, foundation_staff, 2025).deed is None  # half a year is no yearly report
    accept(half, reviewer=city_staff)
    assert of(duty, foundation_staff, 2025).deed is None
    make_accepted_report(plan, 2025, {"trials": 9}, by=foundation_staff, reviewer=city_staff)
    assert of(duty, foundation_staff, 2025).is_settled


def test_targets_that_are_set_need_not_be_set(center: Center, support: Agreement, city_staff: User) -> None:
    once = make_obligation(support, ONCE, code="set-goals", due_on=None, deed="targets")
    assert not of(once, city_staff, 2022).is_settled
    make_plan(center, under=support, targets={"trials": 9})
    assert of(once, city_staff, 2022).is_settled


def test_a_talk_answers_the_request_made_before_it(
    center: Center, basic: Agreement, foundation_staff: User, city_staff: User
) -> None:
    asked = make_obligation(
        basic,
        ANNUAL,
        code="talks",
        timing=Timing.ON_REQUEST,
        deed="consultation-change",
    )
    talk = {"type": ConsultationType.CHANGE, "agreement": basic}
    make_consultation(
        center, proposer=city_staff, confirmer=foundation_staff, held_on=date(2026, 6, 1), **talk
    )
    for day in (date(2026, 6, 10), date(2026, 7, 10)):
        programme_actions.ask(
            obligation=asked,
            fiscal_year=FiscalYear(2026),
            due_on=date(2026, 8, 31),
            reason="協議の申出",
            by=city_staff,
            at=tokyo(day),
        )
    assert not of(asked, city_staff, 2026).is_settled  # the talk was before the request
    make_consultation(
        center, proposer=city_staff, confirmer=foundation_staff, held_on=date(2026, 6, 20), **talk
    )
    assert of(asked, city_staff, 2026).is_settled
    assert not of(asked, city_staff, 2026, number=2).is_settled


# -- The registry and the master form --


def test_each_kind_is_named_once() -> None:
    kind = deeds.kind("settlement")
    assert kind
    with pytest.raises(ValueError, match="twice"):
        deeds.register(kind)
    assert deeds.kind("none") is None
    codes = [code for code, _name in deeds.choices()]
    assert codes[0] == ""
    assert {"settlement", "budget", "report", "targets", "agreement-annual"} <= set(codes)


def test_kinds_are_read_once_and_when_asked_for(
    center: Center,
    report: Obligation,
    support: Agreement,
    foundation_staff: User,
    city_staff: User,
    django_assert_num_queries,
) -> None:
    make_obligation(support, ANNUAL, deed="agreement-annual")
    for year in (2023, 2024, 2025):
        finance.settled(center, year, by=foundation_staff, reviewer=city_staff)
    found = deeds.Deeds(center)
    with django_assert_num_queries(2):  # with when each was handed in
        assert all(found.find("settlement", "basic", FiscalYear(year)) for year in (2023, 2024, 2025))
