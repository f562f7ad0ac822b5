"""What is listed before an ending is what every page shows as ended afterwards: from the day after, and not before."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from agreements.duties import actions as duty_actions
from agreements.duties import calendar, duty_status, programme_actions, reminder_actions, sheets
from agreements.duties.duty_status import Progress
from agreements.endings import consequences
from agreements.instruments import agreements, annual_actions, ending_actions
from agreements.instruments.actions import give_notice
from agreements.instruments.state import State
from agreements.models import (
    Agreement,
    AgreementKind,
    AmountStage,
    Duty,
    Edition,
    LimitRule,
    ObligationChange,
    Outcome,
    SupportKind,
    SupportMeasure,
    Timing,
    VerificationKind,
)
from agreements.pages import todo
from agreements.pages.feeds import feed
from agreements.support import support
from agreements.support.actions import record_amount
from agreements.verifications import actions as verification_actions
from agreements.verifications import verification_years
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders import finance
from tests.builders.agreements import (
    REPORT,
    make_agreement,
    make_consultation,
    make_edition,
    make_obligation,
    proposed_annual,
    settled_talk,
    store,
    terms,
)
from tests.builders.plans import tokyo
from tests.builders.support import make_criteria, make_land, make_measure, make_verification_obligation
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db

SPOKEN, LAST, LATER = date(2026, 6, 12), date(2026, 12, 31), date(2027, 4, 5)


@dataclass
class World:
    """A basic agreement with all that hangs on it, as iCONM's has."""

    center: Center
    city: User
    foundation: User
    basic: Agreement
    research: Agreement
    annual: Agreement
    loan: Agreement
    land: SupportMeasure
    grant: SupportMeasure
    duties: dict[str, Duty] = field(default_factory=dict)

    def end(self, agreement: Agreement, last: date, *, on: date = SPOKEN) -> None:
        """Both sides agree on the last day."""
        talk = settled_talk(agreement, by=self.city, confirmed_by=self.foundation)
        ending = ending_actions.propose(
            agreement=agreement, ends_on=last, consultation=talk, reason="終了", by=self.city, at=tokyo(on)
        )
        ending_actions.confirm(ending=ending, version=ending.version, by=self.foundation, at=tokyo(on))

    def listed(self, agreement: Agreement, last: date, day: date = SPOKEN) -> frozenset[str]:
        return consequences.falls_with(agreement, last_day=last, day=day).keys

    def ended(self, day: date) -> frozenset[str]:
        """What the read models behind the pages show as ended on the day, by natural keys."""
        found = agreements.load(self.center, day=day)
        keys = {entry.agreement.history_key() for entry in found.entries if entry.state is State.ENDED}
        rows = {measure.code: measure for measure in SupportMeasure.objects.all()}
        keys |= {
            rows[one.code].history_key() for one in support.load(self.center, known_at=day) if one.is_over
        }
        for year in FiscalYear.range(FiscalYear(2024), FiscalYear(2029)):
            for item in calendar.load(self.center, self.city, year, today=day).items:
                if item.is_ended and item.duty is not None:
                    keys.add(item.duty.history_key())
        for kind in verification_years.kinds(self.foundation, self.center, today=day):
            keys |= {line.row.history_key() for line in kind.lines if line.has_ended and line.row}
        return frozenset(keys)


@pytest.fixture
def world(center: Center, city_staff: User, foundation_staff: User, time_machine) -> World:
    time_machine.move_to(tokyo(SPOKEN))
    basic = make_agreement(center)
    research = make_agreement(center, code="research", kind=AgreementKind.RESEARCH_SUPPORT, parent=basic)
    annual = make_agreement(
        center,
        code="annual",
        kind=AgreementKind.ANNUAL,
        parent=research,
        fiscal_year=2026,
        starts_on=date(2026, 4, 1),
        ends_on=date(2027, 3, 31),
        contribution=50_000_000,
    )
    loan = make_agreement(
        center, code="loan", kind=AgreementKind.LAND_LOAN, parent=basic, ends_on=date(2052, 3, 31)
    )
    made = World(
        center,
        city_staff,
        foundation_staff,
        basic,
        research,
        annual,
        loan,
        make_land(basic, contract=loan),
        make_measure(research, last_year=None, total=None, limit_rule=LimitRule.ANNUAL_AGREEMENT),
    )
    make_obligation(basic)
    make_obligation(research, {**REPORT, "code": "support-report", "due_month": 6, "due_day": 30})
    make_obligation(basic, code="on-request", timing=Timing.ON_REQUEST, due_month=None, due_day=None)
    for kind in VerificationKind:
        make_verification_obligation(research if kind == VerificationKind.KPI else basic, kind)
    make_criteria(center)
    made.duties = store(center, 2026, by=foundation_staff) | store(center, 2027, by=foundation_staff)
    verification_actions.save_draft(
        center=center,
        kind=VerificationKind.KPI,
        fiscal_year=FiscalYear(2025),
        version=0,
        result="下書き",
        by=foundation_staff,
        at=tokyo(SPOKEN),
    )
    return made


# -- The list is what the pages show, for everything that can end, on each day around it --


@pytest.mark.parametrize("ends", ["basic", "research", "annual", "loan"])
@pytest.mark.parametrize("last", [SPOKEN, LAST, date(2027, 3, 30)])
def test_what_is_listed_is_what_has_ended_the_day_after(world: World, ends: str, last: date) -> None:
    agreement: Agreement = getattr(world, ends)
    before, listed = world.ended(SPOKEN), world.listed(agreement, last)
    assert before == frozenset()
    world.end(agreement, last)
    assert world.listed(agreement, last) == listed  # once it is agreed, the same list is shown
    for day in (last - timedelta(days=1), last):
        if day >= SPOKEN:
            assert world.ended(day) == before
    assert world.ended(last + timedelta(days=1)) == listed | {agreement.history_key()}


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_stored_duty_whose_deed_is_there_does_not_fall(world: World, is_accepted: bool) -> None:
    """A settlement fulfils the year's report, or lies with the city that still answers it; the next year's falls."""
    make_obligation(world.basic, code="by-deed", deed="settlement")
    stored = store(world.center, 2026, by=world.foundation) | store(world.center, 2027, by=world.foundation)
    done, owed = (stored[f"by-deed/{year}"].history_key() for year in (2025, 2026))
    assert {done, owed} <= world.listed(world.basic, LAST)
    finance.make_accounts(world.center)
    if is_accepted:
        finance.settled(
            world.center, 2025, by=world.foundation, reviewer=world.city, at=tokyo(date(2026, 5, 28))
        )
    else:
        finance.make_submitted(world.center, 2025, by=world.foundation, at=tokyo(date(2026, 5, 28)))
    listed = world.listed(world.basic, LAST)
    assert owed in listed
    assert done not in listed
    world.end(world.basic, LAST)
    assert world.ended(LAST + timedelta(days=1)) == listed | {world.basic.history_key()}


def test_what_an_amendment_no_longer_asks_for_does_not_fall(world: World) -> None:
    dropped = world.duties["report/2026"]
    edition = make_edition(world.basic)
    amendment = make_edition(world.basic, number=2, based_on=edition, reason="改める。")
    ObligationChange.objects.create(
        edition=amendment, obligation=dropped.obligation, outcome=Outcome.DROPPED, from_year=2026
    )
    assert dropped.history_key() in world.listed(world.basic, LAST), "nobody has confirmed it yet"
    Edition.objects.filter(pk=amendment.pk).update(state=ProposalState.CONFIRMED, known_from=SPOKEN)
    listed = world.listed(world.basic, LAST)
    assert dropped.history_key() not in listed
    assert world.duties["report/2025"].history_key() in listed
    world.end(world.basic, LAST)
    assert world.ended(LAST + timedelta(days=1)) == listed | {world.basic.history_key()}


@pytest.mark.parametrize("seed", range(6))
def test_the_same_for_made_up_agreements(world: World, seed: int) -> None:
    """Trees of agreements with and without terms, drafts among them, measures of any years."""
    dice = Random(seed)
    pool = [world.basic, world.research]
    for number in range(8):
        above = dice.choice(pool)
        ends = dice.choice([None, date(2026, 9, 30), LAST, date(2028, 3, 31)])
        kind = dice.choice([AgreementKind.BASIC, AgreementKind.RESEARCH_SUPPORT, AgreementKind.LAND_LOAN])
        made = make_agreement(
            world.center,
            code=f"made-{number}",
            kind=kind,
            parent=above,
            ends_on=ends,
            concluded=dice.choice([date(2022, 3, 25), date(2022, 3, 25), None]),
        )
        pool.append(made)
        make_obligation(made)
        loan = made if kind == AgreementKind.LAND_LOAN else None
        make_measure(
            dice.choice(pool) if loan else made,
            code=f"measure-{number}",
            kind=SupportKind.LAND if loan else SupportKind.CONTRIBUTION,
            contract=loan,
            last_year=dice.choice([None, 2026, 2030]),
            limit_rule=LimitRule.NONE,
            total=None,
        )
    store(world.center, 2027, by=world.foundation)
    alive = [one for one in pool if agreements.state_of(one, SPOKEN).is_alive and not one.ends_on]
    agreement = dice.choice(alive)
    after = LAST + timedelta(days=1)
    otherwise, listed = world.ended(after), world.listed(agreement, LAST)
    assert not listed & otherwise
    world.end(agreement, LAST)
    assert world.ended(LAST) == world.ended(LAST) - listed
    assert world.ended(after) == otherwise | listed | {agreement.history_key()}


def test_a_term_that_runs_out_takes_the_same_along(world: World) -> None:
    """期間満了: nobody has to end anything."""
    with no_guards():  # as if it had been so from the beginning
        Agreement.objects.filter(pk=world.basic.pk).update(ends_on=date(2027, 3, 31))
    found = agreements.load(world.center, day=SPOKEN)
    falls = consequences.falls_at_its_end(found, found.by_code["basic"])
    assert falls
    assert {entry.agreement.code for entry in falls.agreements} == {
        "research"
    }  # the annual one is over by then anyway
    ended = world.ended(date(2027, 4, 1))
    assert ended == falls.keys | {world.basic.history_key(), world.annual.history_key()}
    assert world.ended(date(2027, 3, 31)) == frozenset()


def test_a_notice_ends_nothing(world: World) -> None:
    give_notice(agreement=world.basic, given_on=SPOKEN, reason="見直し", by=world.city, at=tokyo(SPOKEN))
    listed = world.listed(world.basic, SPOKEN)
    assert world.research.history_key() in listed
    assert world.ended(LATER) == {world.annual.history_key()}  # by its own term


def test_what_was_not_known_then_had_not_ended(world: World) -> None:
    """As known on the day before both agreed, nothing was to end."""
    world.end(world.basic, LAST, on=date(2026, 6, 20))
    found = {one.code: one for one in support.load(world.center, known_at=date(2026, 6, 19))}
    assert found["free-land"].ends_in == FiscalYear(2051)
    found = {one.code: one for one in support.load(world.center, known_at=date(2026, 6, 20))}
    assert found["free-land"].grant.last_day == LAST


# -- The case of the issue: ended by consent on R8.12.31, looked at on R9.4.5 --


@pytest.fixture
def ended(world: World, time_machine) -> World:
    world.end(world.basic, LAST)
    time_machine.move_to(tokyo(LATER))
    return world


def page(log_in, person: User, path: str) -> str:
    answer = log_in(person).get(f"/lab/{path}")
    assert answer.status_code == 200, path
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_land_is_no_longer_free(ended: World, log_in) -> None:
    text = page(log_in, ended.city, "support/free-land/")
    assert "R4〜R8（R8.12.31まで）" in text
    assert "協定 basicが終了したため、用地の無償貸付は令和8年12月31日限り" in text
    assert "R33" not in text
    assert "R33" not in page(log_in, ended.city, "agreements/basic/")
    assert "R33" not in page(log_in, ended.city, "support/")


def test_the_research_agreement_has_ended_with_it(ended: World, log_in) -> None:
    text = page(log_in, ended.city, "agreements/research/")
    assert "終了（上位協定の終了による）" in text
    assert "令和8年12月31日" in text
    assert "年度協定を提案する" not in text
    assert log_in(ended.city).get("/lab/agreements/research/annual/").status_code == 302
    proposed = {"parent": ended.research, "fiscal_year": FiscalYear(2027), "terms": terms(2027)}
    with pytest.raises(WrongStep):
        annual_actions.propose(**proposed, by=ended.city, at=tokyo(LATER))
    bound = agreements.load(ended.center, day=LATER).in_state(State.IN_FORCE)
    assert [entry.agreement.code for entry in bound] == ["loan"]  # the contract for the land stays


def test_an_annual_agreement_that_was_proposed_is_not_answered_any_more(world: World, time_machine) -> None:
    made = proposed_annual(world.research, by=world.city, year=2027)
    assert [
        task.url for task in todo.tasks(world.foundation, world.center, today=SPOKEN) if "2027" in task.url
    ]
    world.end(world.basic, LAST)
    time_machine.move_to(tokyo(LATER))
    assert todo.tasks(world.foundation, world.center, today=LATER) == []
    with pytest.raises(WrongStep):
        annual_actions.confirm(agreement=made, version=1, by=world.foundation, at=tokyo(LATER))


def test_its_contribution_runs_no_longer(ended: World) -> None:
    (grant,) = support.load(ended.center, known_at=LATER, code="grant")
    assert (grant.is_over, grant.ends_in) == (True, FiscalYear(2026))
    assert [year.year.start for year in grant.years] == [2022, 2023, 2024, 2025, 2026]
    with pytest.raises(ValidationError, match="終了"):
        record_amount(
            measure=ended.grant,
            fiscal_year=FiscalYear(2027),
            stage=AmountStage.BUDGET,
            amount=1,
            seen=0,
            by=ended.city,
            at=tokyo(LATER),
        )


def test_no_duty_is_overdue_previewed_offered_or_reminded_of(ended: World, log_in) -> None:
    for year in (2026, 2027, 2028):
        found = calendar.load(ended.center, ended.city, FiscalYear(year), today=LATER)
        assert found.overdue == ()
        assert found.to_store == 0
        assert all(item.is_ended or item.is_settled for item in found.items)
        assert found.standing == ()
    assert calendar.outstanding(ended.center, ended.city, today=LATER) == ()
    assert reminder_actions.due_reminders(ended.center, today=LATER) == []
    assert todo.tasks(ended.foundation, ended.center, today=LATER) == []
    assert (
        programme_actions.store_year(
            center=ended.center, fiscal_year=FiscalYear(2027), by=ended.city, at=tokyo(LATER)
        )
        == []
    )
    assert "終了（協定の終了による）" in page(log_in, ended.city, "calendar/2026/")
    text = page(log_in, ended.foundation, "calendar/2025/basic/report/")
    assert "令和8年12月31日" in text
    assert "履行されないまま終了" in text


def test_the_papers_say_so_too(ended: World) -> None:
    found = duty_status.load(ended.center, FiscalYear(2026), known_at=LATER)
    assert {one.progress for one in found} == {Progress.ENDED}
    before = duty_status.load(ended.center, FiscalYear(2026), known_at=date(2026, 7, 15))
    assert Progress.OVERDUE in {one.progress for one in before}


def test_what_would_fall_due_after_an_agreed_end_has_no_date_any_more(world: World, log_in) -> None:
    """From the day on which both agreed on the end, and not only from the end itself."""
    day = date(2026, 7, 1)
    known = {one.obligation.code for one in _asked(world, day) if one.progress is Progress.FALLS}
    assert not known
    world.end(world.basic, LAST)
    falling = [one for one in _asked(world, day) if one.progress is Progress.FALLS]
    days = [date(2027, 5, 31), date(2027, 6, 30)]
    assert {one.obligation.code: one.due_on for one in falling} == dict(
        zip(("report", "support-report"), days, strict=True)
    )
    printed = sheets.duties_sheet(world.center, FiscalYear(2027), falling, known_at=day)
    cells = [str(cell.value) for row in printed.body for cell in row]
    assert cells.count("協定の終了により不要") == 2
    assert not any(day in cell for cell in cells for day in ("R9.5.31", "R9.6.30"))
    rows = sheets.duties_data(world.center, falling, known_at=day).rows
    assert not set(days) & {value for row in rows for value in row}
    items = [one for one in calendar.for_feed(world.center, world.city, today=day) if one.falls_on]
    lines = feed.render(
        [feed.FeedEntry(world.center, item) for item in items], world.city, site="https://portal.example"
    ).decode()
    assert lines.count("【協定の終了により不要】") == lines.count("STATUS:CANCELLED") == len(items) > 0
    assert "BEGIN:VALARM" not in lines


def _asked(world: World, day: date) -> list[duty_status.Fulfilment]:
    return [one for one in duty_status.load(world.center, FiscalYear(2027), known_at=day) if one.is_stored]


def test_the_feed_strikes_out_what_ended(ended: World) -> None:
    items = calendar.for_feed(ended.center, ended.city, today=LATER)
    assert items
    assert all(item.is_ended and item.is_stored for item in items)
    entries = [feed.FeedEntry(ended.center, item) for item in items]
    lines = feed.render(entries, ended.city, site="https://portal.example").decode()
    assert lines.count("STATUS:CANCELLED") == len(items)
    assert "BEGIN:VALARM" not in lines


def test_nothing_is_handed_in_dated_or_asked_for_any_more(ended: World) -> None:
    duty = Duty.objects.get(pk=ended.duties["report/2025"].pk)
    with pytest.raises(ValidationError, match="終了"):
        duty_actions.save(
            duty=duty, version=duty.version, note="提出", documents=[], by=ended.foundation, at=tokyo(LATER)
        )
    on_request = ended.basic.obligations.get(code="on-request")
    asked = {"obligation": on_request, "fiscal_year": FiscalYear(2027), "reason": "状況", "by": ended.city}
    with pytest.raises(ValidationError):
        programme_actions.ask(**asked, due_on=date(2027, 5, 1), at=tokyo(LATER))


def test_what_was_handed_in_before_can_still_be_answered(world: World, time_machine) -> None:
    duty = Duty.objects.get(pk=world.duties["report/2025"].pk)
    duty = duty_actions.save_and_submit(
        duty=duty,
        version=duty.version,
        note="提出します",
        documents=[],
        by=world.foundation,
        at=tokyo(SPOKEN),
    )
    world.end(world.basic, LAST)
    time_machine.move_to(tokyo(LATER))
    duty = duty_actions.open_review(duty=duty, version=duty.version, by=world.city, at=tokyo(LATER))
    duty_actions.accept(duty=duty, version=duty.version, by=world.city, at=tokyo(LATER))
    items = calendar.load(world.center, world.city, FiscalYear(2026), today=LATER).items
    assert [item.is_settled for item in items if item.duty and item.duty.pk == duty.pk] == [True]


def test_the_list_shows_the_extended_date(world: World, log_in) -> None:
    talk = make_consultation(world.center, proposer=world.city, confirmer=world.foundation)
    duty = Duty.objects.get(pk=world.duties["report/2025"].pk)
    duty_actions.extend(
        duty=duty,
        version=duty.version,
        due_on=date(2026, 9, 30),
        reason="監査",
        consultation=talk,
        by=world.city,
        at=tokyo(SPOKEN),
    )
    settled_talk(world.basic, by=world.city, confirmed_by=world.foundation)
    text = page(log_in, world.city, "agreements/basic/ending/")
    assert "令和8年9月30日" in text
    assert "令和8年5月31日" not in text


def test_what_would_be_due_after_the_end_is_not_owed(world: World) -> None:
    """Once it is agreed that the last day is R9.3.31, the report due on R9.5.31 is nobody's (decision record 16)."""
    make_obligation(world.basic, code="further")

    def previewed() -> list[date | None]:
        items = calendar.load(world.center, world.city, FiscalYear(2027), today=SPOKEN).items
        return [item.due_on for item in items if item.obligation.code == "further"]

    assert date(2027, 5, 31) in previewed()
    world.end(world.basic, date(2027, 3, 31))
    assert date(2027, 5, 31) not in previewed()


def test_what_is_stored_and_due_after_the_end_is_asked_of_nobody(world: World, log_in, time_machine) -> None:
    """The same, where it was stored before they agreed; it can be handed in until the last day."""
    day, last, due = date(2027, 5, 1), date(2027, 5, 15), date(2027, 5, 31)
    time_machine.move_to(tokyo(day))

    def asked() -> list[date | None]:
        tasks = todo.tasks(world.foundation, world.center, today=day)
        reminded = reminder_actions.due_reminders(world.center, today=day)
        return [*(task.due for task in tasks), *(one.due_on for one in reminded)]

    assert due in asked()
    world.end(world.basic, last, on=day)
    assert due not in asked()
    text = page(log_in, world.foundation, "calendar/2026/basic/report/")
    assert "期限より前の令和9年5月15日に協定が終了するため、履行は求められていません。" in text
    assert "提出" in text


# -- Verifications --


def test_nothing_is_to_be_verified_under_a_draft(
    center: Center, city_staff: User, time_machine, log_in
) -> None:
    """13件「未着手」 stood under unsigned drafts."""
    time_machine.move_to(tokyo(SPOKEN))
    draft = make_agreement(center, concluded=None)
    for kind in VerificationKind:
        make_verification_obligation(draft, kind)
    assert [kind.lines for kind in verification_years.kinds(city_staff, center, today=SPOKEN)] == [(), (), ()]
    text = page(log_in, city_staff, "verifications/")
    assert "未着手" not in text
    with pytest.raises(ValidationError):
        verification_actions.begin(
            center=center, fiscal_year=FiscalYear(2025), version=0, by=city_staff, at=tokyo(SPOKEN)
        )


def test_no_year_stays_open_after_an_agreed_ending(world: World, time_machine) -> None:
    open_before = verification_years.kinds(world.city, world.center, today=SPOKEN)
    assert all(kind.lines for kind in open_before)
    world.end(world.basic, LAST)
    time_machine.move_to(tokyo(LATER))
    lines = [
        line
        for kind in verification_years.kinds(world.city, world.center, today=LATER)
        for line in kind.lines
    ]
    assert [(line.year.start, line.has_ended) for line in lines] == [(2025, True)]
    row = lines[0].row or world.center.verifications.get()
    with pytest.raises(ValidationError):
        verification_actions.submit(
            verification=row, version=row.version, by=world.foundation, at=tokyo(LATER)
        )
    with pytest.raises(ValidationError):
        verification_actions.begin(
            center=world.center, fiscal_year=FiscalYear(2026), version=0, by=world.city, at=tokyo(LATER)
        )


@pytest.fixture
def under_review(world: World, time_machine) -> World:
    """The KPIs of FY2025 were handed in to the city before both agreed on the end of the research-support agreement."""
    row = world.center.verifications.get()
    verification_actions.submit(verification=row, version=row.version, by=world.foundation, at=tokyo(SPOKEN))
    assert row.history_key() not in world.listed(world.research, LAST)
    world.end(world.research, LAST)
    time_machine.move_to(tokyo(LATER))
    return world


def test_a_verification_handed_in_before_the_end_is_not_called_ended(under_review: World, log_in) -> None:
    """The list and the calendar said 終了 while the home page asked the city to confirm it."""
    world = under_review
    lines = {
        line.year.start: line.has_ended
        for kind in verification_years.kinds(world.city, world.center, today=LATER)
        if kind.kind is VerificationKind.KPI
        for line in kind.lines
    }
    assert lines == {2025: False}
    items = calendar.load(world.center, world.city, FiscalYear(2026), today=LATER).items
    of_kpi = [one for one in items if one.obligation.verification == VerificationKind.KPI]
    (item,) = [one for one in of_kpi if one.fiscal_year == FiscalYear(2025)]
    assert (item.is_ended, item.is_overdue, item.status.is_being_answered) == (False, False, True)
    assert any(
        "verifications/kpi/2025" in task.url for task in todo.tasks(world.city, world.center, today=LATER)
    )
    text = page(log_in, world.city, "verifications/kpi/2025/")
    assert "これを求める協定は令和8年12月31日をもって終了しました。" in text
    assert "引き続き確認・差戻し等の回答ができます" in text
    found = duty_status.concerning(world.center, FiscalYear(2025), known_at=LATER)
    (paper,) = [one for one in found if one.obligation.verification == VerificationKind.KPI]
    assert paper.progress is Progress.HANDED_IN


def test_and_once_it_is_returned_it_has_ended(under_review: World, log_in) -> None:
    world = under_review
    row = world.center.verifications.get()
    verification_actions.send_back(
        verification=row, version=row.version, comment="根拠", by=world.city, at=tokyo(LATER)
    )
    assert row.history_key() in world.ended(LATER)
    assert "終了までに提出されなかったため" in page(log_in, world.foundation, "verifications/kpi/2025/")
    assert not [
        task for task in todo.tasks(world.foundation, world.center, today=LATER) if "/kpi/" in task.url
    ]


def test_an_agreement_that_cannot_start_any_more_says_so(world: World, log_in, time_machine) -> None:
    """Its start is after the end of the agreement above it: it was called 発効前, and later 終了, as if it had begun."""
    make_agreement(
        world.center,
        code="next",
        kind=AgreementKind.ANNUAL,
        parent=world.research,
        fiscal_year=2027,
        starts_on=date(2027, 4, 1),
        ends_on=date(2028, 3, 31),
        concluded="2026-06-01",
    )
    assert "発効前 令和8年6月1日" in page(log_in, world.city, "agreements/")
    world.end(world.basic, LAST)
    for day in (date(2026, 7, 1), LATER):
        time_machine.move_to(tokyo(day))
        text = page(log_in, world.city, "agreements/")
        assert "発効せずに終了（上位協定の終了による）" in text
        assert "発効前 令和8年6月1日" not in text
