"""What an amendment makes of obligations: said before it is proposed, confirmed with it, and followed from its year on."""

from datetime import date
from typing import Any

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from time_machine import TimeMachineFixture

from agreements.duties import actions as duty_actions
from agreements.duties import calendar, duty_status, feed_actions, reminder_actions, sheets, texts, timings
from agreements.duties.duty_status import Progress
from agreements.duties.items import Item, Status
from agreements.editions import actions, draft_actions
from agreements.editions.draft_actions import WantedRule
from agreements.editions.obligations import amended, rules
from agreements.instruments import ending_actions
from agreements.models import Duty, Edition, Obligation, ObligationChange, Outcome, Timing
from agreements.pages import overview, todo
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import (
    DRAFT_PLAN,
    REPORT,
    accept_duty,
    hand_in,
    make_obligation,
    open_duty,
    settled_talk,
    store,
)
from tests.builders.editions import AT, TODAY, change_talk, confirm, make_amendment, make_worded
from tests.builders.editions import propose as put_forward
from tests.builders.plans import tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
JUNE = WantedRule(Outcome.NEW_RULE, FiscalYear(2026), due_month=6, due_day=30, due_year_offset=1)
LATER = date(2027, 4, 2)


@pytest.fixture
def first(center: Center) -> Edition:
    return make_worded(center)


@pytest.fixture
def report(first: Edition) -> Obligation:
    """第3条, which the amendment changes."""
    return make_obligation(first.agreement, provision=first.provisions.get(key="art3/par1"))


@pytest.fixture
def plan(first: Edition) -> Obligation:
    """第2条, which it does not change."""
    return make_obligation(first.agreement, DRAFT_PLAN, provision=first.provisions.get(key="art2/par1"))


@pytest.fixture
def draft(report: Obligation, plan: Obligation, city_staff: User) -> Edition:
    return make_amendment(report.agreement, city_staff)


def say(draft: Edition, obligation: Obligation, wanted: WantedRule, by: User) -> ObligationChange:
    made = draft_actions.settle_obligation(
        edition=draft, version=draft.version, obligation=obligation, wanted=wanted, by=by, at=AT
    )
    draft.refresh_from_db()
    return made


def settle(draft: Edition, city: User, foundation: User) -> Edition:
    """Before the other side, and confirmed."""
    put_forward(draft, city, change_talk(draft.agreement, city, foundation))
    return confirm(draft, foundation)


def items(center: Center, user: User, year: int, *, today: date = LATER) -> dict[tuple[str, int], Item]:
    found = calendar.load(center, user, FiscalYear(year), today=today)
    return {(one.obligation.code, one.fiscal_year.start): one for one in found.items}


# -- Before it is proposed --


def test_only_what_rests_on_a_changed_provision_is_asked_about(
    draft: Edition, report: Obligation, plan: Obligation
) -> None:
    asked = {one.obligation: one.is_asked for one in amended.of(draft)}
    assert asked == {report: True, plan: False}


def test_it_is_not_proposed_before_every_such_obligation_has_its_word(
    draft: Edition, report: Obligation, city_staff: User, foundation_staff: User
) -> None:
    talk = change_talk(draft.agreement, city_staff, foundation_staff)
    with pytest.raises(ValidationError, match=report.title):
        put_forward(draft, city_staff, talk)
    say(draft, report, WantedRule(Outcome.UNCHANGED), city_staff)
    put_forward(draft, city_staff, talk)


def test_an_obligation_of_a_removed_provision_is_asked_about(
    first: Edition, plan: Obligation, city_staff: User
) -> None:
    draft = make_amendment(first.agreement, city_staff)
    draft_actions.remove_provision(edition=draft, version=draft.version, key="art2", by=city_staff, at=AT)
    assert [one.obligation for one in amended.of(draft) if one.is_open] == [plan]


def test_a_new_item_below_it_is_a_change(first: Edition, plan: Obligation, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    draft_actions.add_provision(
        edition=draft,
        version=draft.version,
        within="art2/par1",
        number="(3)",
        wanted=draft_actions.Wanted(text="記録"),
        by=city_staff,
        at=AT,
    )
    assert [one.obligation for one in amended.of(draft) if one.is_open] == [plan]


def test_what_is_only_renumbered_asks_nothing(first: Edition, plan: Obligation, city_staff: User) -> None:
    draft = make_amendment(first.agreement, city_staff)
    draft.provisions.filter(key="art2/par1").update(key="art4/par1", label="4")
    assert not [one for one in amended.of(draft) if one.is_asked]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        # for R7 it was due on 31 May 2026, or 30 June 2026: before the amendment takes effect
        (WantedRule(Outcome.NEW_RULE, FiscalYear(2025), 6, 30, 1), "from_year"),
        (WantedRule(Outcome.DROPPED, FiscalYear(2025)), "from_year"),
        (WantedRule(Outcome.NEW_RULE, None, 6, 30, 1), "from_year"),
        (WantedRule(Outcome.NEW_RULE, FiscalYear(2026), 6, None, 1), "due_day"),
        (WantedRule(Outcome.NEW_RULE, FiscalYear(2026), 5, 31, 1), "outcome"),
        (WantedRule(Outcome.NEW_RULE, FiscalYear(2026), 6, 31, 1), "__all__"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_typed(
    draft: Edition, report: Obligation, city_staff: User, wanted: WantedRule, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        say(draft, report, wanted, city_staff)
    assert field in refused.value.message_dict
    assert not ObligationChange.objects.exists()


def test_what_has_no_date_stays_or_is_dropped(first: Edition, city_staff: User) -> None:
    continuous = {"timing": Timing.CONTINUOUS, "due_month": None, "due_day": None, "due_year_offset": 0}
    guidance = make_obligation(
        first.agreement, REPORT | continuous, provision=first.provisions.get(key="art3/par1")
    )
    draft = make_amendment(first.agreement, city_staff)
    with pytest.raises(ValidationError) as refused:
        say(draft, guidance, JUNE, city_staff)
    draft.refresh_from_db()
    assert "outcome" in refused.value.message_dict
    say(draft, guidance, WantedRule(Outcome.DROPPED, FiscalYear(2027)), city_staff)


def test_somebody_else_s_word_in_between_is_told(
    draft: Edition, report: Obligation, city_staff: User, foundation_staff: User
) -> None:
    seen = draft.version
    say(draft, report, JUNE, foundation_staff)
    with pytest.raises(Conflict):
        draft_actions.settle_obligation(
            edition=draft, version=seen, obligation=report, wanted=JUNE, by=city_staff, at=AT
        )


def test_a_later_day_of_effect_asks_again(
    draft: Edition, report: Obligation, city_staff: User, foundation_staff: User
) -> None:
    say(draft, report, JUNE, city_staff)
    draft_actions.change_draft(
        edition=draft,
        version=draft.version,
        in_force_from=date(2028, 4, 1),
        reason="理由",
        by=city_staff,
        at=AT,
    )
    draft.refresh_from_db()
    with pytest.raises(ValidationError, match="was due before"):
        put_forward(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))


def test_all_that_is_left_stays_with_one_step(draft: Edition, report: Obligation, city_staff: User) -> None:
    draft_actions.leave_the_rest(edition=draft, version=draft.version, by=city_staff, at=AT)
    change = draft.obligation_changes.get()
    assert (change.obligation, change.outcome) == (report, Outcome.UNCHANGED)


def test_a_discarded_draft_takes_its_words_along(
    draft: Edition, report: Obligation, city_staff: User
) -> None:
    say(draft, report, JUNE, city_staff)
    actions.discard(edition=draft, version=draft.version, by=city_staff, at=AT)
    assert not ObligationChange.objects.exists()


# -- Once both have confirmed it --


@pytest.fixture
def settled(draft: Edition, report: Obligation, city_staff: User, foundation_staff: User) -> Edition:
    say(draft, report, JUNE, city_staff)
    return settle(draft, city_staff, foundation_staff)


def test_the_rule_of_each_year_is_the_one_in_force_for_it(settled: Edition, report: Obligation) -> None:
    def due(year: int, known_at: date = LATER) -> date | None:
        found = rules.rule_of(report, FiscalYear(year), known_at=known_at).due(FiscalYear(year))
        return found.on if found else None

    assert [due(year) for year in (2025, 2026, 2027)] == [
        date(2026, 5, 31),
        date(2027, 6, 30),
        date(2028, 6, 30),
    ]
    assert due(2026, date(2026, 11, 23)) == date(2027, 5, 31), "the day before it was confirmed"
    assert due(2026, TODAY) == date(2027, 6, 30), "known from the confirmation on"


def test_the_calendar_shows_and_stores_what_is_in_force(
    settled: Edition, center: Center, foundation_staff: User
) -> None:
    preview = items(center, foundation_staff, 2027)["report", 2026]
    assert (preview.status, preview.due_on) == (Status.PREVIEW, date(2027, 6, 30))
    assert store(center, 2027, by=foundation_staff, on=LATER)["report/2026"].due_on == date(2027, 6, 30)


def test_the_calendar_feed_and_the_papers_follow(
    settled: Edition, report: Obligation, center: Center, foundation_staff: User
) -> None:
    feed = calendar.for_feed(center, foundation_staff, today=LATER)
    assert date(2027, 6, 30) in {one.due_on for one in feed}
    assert date(2027, 5, 31) not in {one.due_on for one in feed}
    known = duty_status.load(center, FiscalYear(2027), known_at=LATER)
    assert {one.year.start: one.due_on for one in known if one.obligation.code == "report"} == {
        2026: date(2027, 6, 30)
    }
    before = duty_status.load(center, FiscalYear(2027), known_at=date(2026, 11, 23))
    assert {one.due_on for one in before if one.obligation.code == "report"} == {date(2027, 5, 31)}
    (agreed,) = overview.load(center, known_at=LATER)
    printed = [timings.printed_with_changes(one) for one in agreed.obligations if one.code == "report"]
    assert printed == ["翌年度の5月31日まで、R8年度分から翌年度の6月30日まで"]


def test_a_duty_stored_before_keeps_its_date_shows_the_new_one_and_takes_it_over(
    draft: Edition,
    report: Obligation,
    center: Center,
    city_staff: User,
    foundation_staff: User,
) -> None:
    stored = store(center, 2027, by=foundation_staff, on=date(2026, 11, 2))["report/2026"]
    say(draft, report, JUNE, city_staff)
    settle(draft, city_staff, foundation_staff)
    item = items(center, foundation_staff, 2027)["report", 2026]
    assert (item.due_on, item.amended and item.amended.due_on) == (date(2027, 5, 31), date(2027, 6, 30))
    assert "Edition 2" in texts.amended(item)
    tasks = [task.title for task in todo.tasks(city_staff, center, today=LATER)]
    assert any("edition 2" in title for title in tasks)
    duty = Duty.objects.select_related("obligation__agreement__center").get(pk=stored.pk)
    duty_actions.follow_amendment(duty=duty, version=duty.version, by=city_staff, at=tokyo(LATER))
    again = items(center, foundation_staff, 2027)["report", 2026]
    assert (again.first_due, again.due_on, again.amended) == (date(2027, 5, 31), date(2027, 6, 30), None)
    duty.refresh_from_db()
    with pytest.raises(ValidationError):
        duty_actions.follow_amendment(duty=duty, version=duty.version, by=city_staff, at=tokyo(LATER))
    reminded = reminder_actions.due_reminders(center, today=date(2027, 6, 10))
    days = {one.due_on for one in reminded}
    assert (date(2027, 6, 30) in days, date(2027, 5, 31) in days) == (True, False)


def test_what_was_settled_with_the_earlier_date_says_so(
    draft: Edition, report: Obligation, center: Center, city_staff: User, foundation_staff: User
) -> None:
    """Handed in after the one date and before the other, on which both had agreed: it is called late by nobody."""
    stored = store(center, 2027, by=foundation_staff, on=date(2026, 11, 2))["report/2026"]
    say(draft, report, JUNE, city_staff)
    settle(draft, city_staff, foundation_staff)
    duty = hand_in(stored, by=foundation_staff, on=date(2027, 6, 10))
    accept_duty(open_duty(duty, by=city_staff, on=date(2027, 6, 11)), by=city_staff, on=date(2027, 6, 15))
    day = date(2027, 7, 1)
    item = items(center, foundation_staff, 2027, today=day)["report", 2026]
    assert (item.is_settled, item.due_on, item.days_late) == (True, date(2027, 5, 31), 0)
    with translation.override("ja"):
        assert "第2版の前の登録（同版の期限はR9.6.30）" in texts.beside_the_date(item)
    assert not [task for task in todo.tasks(city_staff, center, today=day) if "edition 2" in task.title]
    (known,) = [
        one for one in duty_status.concerning(center, FiscalYear(2026), known_at=day) if one.is_stored
    ]
    keys = [column.key for column in sheets.duties_data(center, [known], known_at=day).columns]
    rows = [
        dict(zip(keys, row, strict=True)) for row in sheets.duties_data(center, [known], known_at=day).rows
    ]
    assert rows[0]["note"] == "登録後の改定による期限はR9.6.30（未反映）"


def test_a_duty_stored_after_it_needs_nothing(
    settled: Edition, center: Center, city_staff: User, foundation_staff: User
) -> None:
    store(center, 2027, by=foundation_staff, on=LATER)
    assert items(center, foundation_staff, 2027)["report", 2026].amended is None


def test_what_is_dropped_is_neither_previewed_nor_overdue(
    draft: Edition, report: Obligation, center: Center, city_staff: User, foundation_staff: User
) -> None:
    store(center, 2027, by=foundation_staff, on=date(2026, 11, 2))
    say(draft, report, WantedRule(Outcome.DROPPED, FiscalYear(2026)), city_staff)
    settle(draft, city_staff, foundation_staff)
    day = date(2027, 9, 1)
    item = items(center, foundation_staff, 2027, today=day)["report", 2026]
    assert (item.status, item.is_overdue, item.waits_for) == (Status.DROPPED, False, frozenset())
    assert "Edition 2" in texts.standing(item, None)
    assert ("report", 2027) not in items(center, foundation_staff, 2028, today=day), "no preview"
    known = duty_status.concerning(center, FiscalYear(2026), known_at=day)
    assert [one.progress for one in known if one.obligation.code == "report"] == [Progress.DROPPED]


def test_a_subscribed_calendar_cancels_what_is_dropped(
    draft: Edition,
    report: Obligation,
    center: Center,
    city_staff: User,
    foundation_staff: User,
    time_machine: TimeMachineFixture,
) -> None:
    """It stays there on its date, called what it is, and not as if it were still asked for."""
    store(center, 2027, by=foundation_staff, on=date(2026, 11, 2))
    say(draft, report, WantedRule(Outcome.DROPPED, FiscalYear(2026)), city_staff)
    settled = settle(draft, city_staff, foundation_staff)
    time_machine.move_to(tokyo(LATER))
    address = f"/calendar/{feed_actions.issue(by=foundation_staff, at=tokyo(LATER))}.ics"
    events = icalendar.Calendar.from_ical(Client().get(address).content).walk("VEVENT")
    (event,) = [one for one in events if str(one["uid"]).startswith(f"{center.code}.basic.report.2026")]
    assert event["status"] == "CANCELLED"
    assert str(event["summary"]).startswith("【改定により不要】")
    assert settled.confirmed_at is not None
    assert event["last-modified"].dt == settled.confirmed_at.replace(microsecond=0)


def test_what_was_dropped_is_not_called_ended_when_the_agreement_ends(
    draft: Edition, report: Obligation, center: Center, city_staff: User, foundation_staff: User
) -> None:
    """The amendment took it; the sheet says so of it as the page does."""
    store(center, 2027, by=foundation_staff, on=date(2026, 11, 2))
    say(draft, report, WantedRule(Outcome.DROPPED, FiscalYear(2026)), city_staff)
    settle(draft, city_staff, foundation_staff)
    agreement, last = report.agreement, date(2027, 8, 31)
    talk = settled_talk(agreement, by=city_staff, confirmed_by=foundation_staff)
    ending = ending_actions.propose(
        agreement=agreement, ends_on=last, consultation=talk, reason="終了", by=city_staff, at=tokyo(LATER)
    )
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=tokyo(LATER))
    for day in (last, date(2027, 9, 1)):
        item = items(center, foundation_staff, 2027, today=day)["report", 2026]
        known = duty_status.concerning(center, FiscalYear(2026), known_at=day)
        said = [one.progress for one in known if one.obligation.code == "report"]
        assert (item.status, said) == (Status.DROPPED, [Progress.DROPPED])


def test_a_second_amendment_rules_from_its_own_year(
    settled: Edition, report: Obligation, city_staff: User, foundation_staff: User
) -> None:
    again = make_amendment(settled.agreement, city_staff, day=date(2029, 4, 1))
    draft_actions.change_provision(
        edition=again,
        version=again.version,
        key="art3/par1",
        wanted=draft_actions.Wanted(text="緑の会は、毎年度7月末までに報告書を架空市に提出する。"),
        by=city_staff,
        at=AT,
    )
    again.refresh_from_db()
    say(again, report, WantedRule(Outcome.NEW_RULE, FiscalYear(2028), 7, 31, 1), city_staff)
    settle(again, city_staff, foundation_staff)
    report = Obligation.objects.get(pk=report.pk)

    def month(year: int) -> int:
        found = rules.rule_of(report, FiscalYear(year), known_at=LATER).due(FiscalYear(year))
        return found.on.month if found else 0

    assert [month(year) for year in (2025, 2026, 2027, 2028)] == [5, 6, 6, 7]


# -- In the browser --


def test_it_is_said_on_a_page_of_the_draft(
    log_in: LogIn, draft: Edition, report: Obligation, city_staff: User, foundation_staff: User
) -> None:
    client, base = log_in(city_staff), "/lab/agreements/basic/editions/2/"
    assert "未定" in client.get(f"{base}draft/").content.decode()
    url = f"{base}obligations/report/"
    sent: dict[str, Any] = {
        "outcome": "new_rule",
        "from_year": "2026",
        "due_month": "6",
        "due_day": "30",
        "due_year_offset": "1",
    }
    assert client.get(url).status_code == 200
    assert client.post(url, sent | {"version": draft.version, "from_year": "2025"}).status_code == 400
    answer = client.post(url, sent | {"version": draft.version})
    assert answer["Location"] == f"{base}draft/#obligations"
    assert "令和8年度分から（第2版）" in client.get(f"{base}draft/").content.decode()
    draft.refresh_from_db()
    put_forward(draft, city_staff, change_talk(draft.agreement, city_staff, foundation_staff))
    other = log_in(foundation_staff)
    assert "令和8年度分から（第2版）" in other.get(base).content.decode(), (
        "the other side sees it before it confirms"
    )


def test_master_data_name_the_new_rule(log_in: LogIn, settled: Edition, city_staff: User) -> None:
    page = log_in(city_staff).get("/lab/master/agreements/basic/").content.decode()
    assert "令和8年度分から（第2版）" in page
