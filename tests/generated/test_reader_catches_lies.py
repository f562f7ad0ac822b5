"""The reader is worth what it finds: a page made to lie in one place only must be caught, with the sentence and its condition."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from agreements.duties import reminder_actions, sheets
from agreements.duties import texts as duty_texts
from agreements.duties.calendar import Calendar
from agreements.duties.duty_status import Progress
from agreements.duties.items import Item
from agreements.models import Verification
from agreements.pages import todo
from agreements.pages.feeds import feed
from agreements.support import sheets as support_sheets
from agreements.verifications import resting
from finance.balance import texts as balance_texts
from finance.balance.balance import Balance
from finance.statements import texts as statement_texts
from finance.statements.statements import StatementSheet
from finance.year import texts as year_texts
from iconm_portal.standing import registry
from kpi.evaluation.traceability import Trace
from kpi.plans import findings
from kpi.plans.achievement import Band, Counts
from kpi.plans.scorecard import Row, Scorecard
from tests.generated import lives
from tests.generated.lives import Life
from tests.generated.reading import mails_of_the_night

pytestmark = pytest.mark.django_db
SEED, DAY = 25, date(2021, 9, 1)
"""A life that has come to a day on which a settlement is missing between two, duties are overdue, and all targets are met."""
Patch = pytest.MonkeyPatch


def said(life: Life, path: str) -> Iterator[str]:
    """What the reader finds on a page."""
    return map(str, life.readers.read(life.chronicle.log, seed=SEED, today=DAY, paths={path}))


def no_indicator_meets_its_target(patch: Patch) -> None:
    patch.setattr(Scorecard, "counts", lambda self, year: Counts(not_met=len(self.rows)))


def the_sentence_alone_says_so(patch: Patch) -> None:
    patch.setattr(findings, "finding", lambda counts, year: f"{counts.total}指標すべてが未達です。")


def a_value_is_that_of_another_year(patch: Patch) -> None:
    cell = Row.cell

    def of_another(self: Row, year: Any) -> Any:
        other = next(one for one in self.cells if one.actual and one.year != year)
        return replace(cell(self, year), actual=other.actual)

    patch.setattr(Row, "cell", of_another)


def sums_go_on_over_gaps(patch: Patch) -> None:
    def together(self: Balance, years: Any, face: Any) -> dict[Any, int]:
        found, sum_ = {}, 0
        for year in years:
            sum_ += balance_texts.yen(self.total(balance_texts.TotalOf.BALANCE, year, face)) or 0
            found[year] = sum_
        return found

    patch.setattr(Balance, "cumulative", together)


def nothing_is_overdue(patch: Patch) -> None:
    patch.setattr(Calendar, "overdue", property(lambda self: ()))


def a_sentence_is_new(patch: Patch) -> None:
    patch.setattr(findings, "plan_finding", lambda *_how, **_more: "順調です。")


def a_verdict_is_turned_round(patch: Patch) -> None:
    turned = {Band.MET: Band.NOT_MET, Band.NOT_MET: Band.MET}
    patch.setattr(
        "kpi.plans.texts._chip", lambda band, language: f"✓{findings.labels.BAND[turned.get(band, band)]}"
    )


def nobody_has_anything_to_do(patch: Patch) -> None:
    patch.setattr(todo, "of_items", lambda items, user, center: [])


def the_city_has_accepted_and_both_verified(patch: Patch) -> None:
    patch.setattr(statement_texts, "state_name", lambda _statement: "検証済み")


def an_earlier_statement_holds(patch: Patch) -> None:
    patch.setattr(StatementSheet, "is_in_force", True)


def what_was_verified_still_holds(patch: Patch) -> None:
    patch.setattr(Verification, "unsettled", property(lambda _row: None, lambda _row, _changed: None))


def the_figures_are_those_of_today(patch: Patch) -> None:
    def of_today(sheet: Any, *, today: date) -> Any:
        seen = registry.of_year(sheet.center, sheet.year, resting.RESTS_ON, day=today)
        return registry.exhibits(sheet.center, seen, day=today)

    patch.setattr(resting, "exhibits", of_today)


def a_duty_is_late_by_nothing(patch: Patch) -> None:
    patch.setattr(Item, "is_overdue", False)


def a_duty_falls_due_tomorrow(patch: Patch) -> None:
    patch.setattr(duty_texts, "when", lambda _item: "令和3年9月2日")


def more_was_spent(patch: Patch) -> None:
    patch.setattr(year_texts, "rate_text", lambda *_how: "99.9%")


def one_that_is_settled_is_not_counted(patch: Patch) -> None:
    counts = Trace.counts.fget  # type: ignore[attr-defined]
    everything = property(lambda self: replace(counts(self), settled=counts(self).settled - 1))
    patch.setattr(Trace, "counts", everything)


STATEMENT = "finance/statements/2016/settlement/1/"
VERIFICATION, DUTY = "verifications/settlement/2016/", "calendar/2018/basic/report/"
LIES: list[tuple[Callable[[Patch], None], str, str]] = [
    (no_indicator_meets_its_target, "", "none_met"),
    (the_sentence_alone_says_so, "kpi/second/", "none_met"),
    (a_value_is_that_of_another_year, "", "is held"),
    (sums_go_on_over_gaps, "finance/", "together"),
    (nothing_is_overdue, "calendar/2021/", "none_overdue"),
    (a_sentence_is_new, "kpi/second/", "no sentence of “plan” begins like “順調です。”"),
    (nobody_has_anything_to_do, "", "and is not told"),
    (a_verdict_is_turned_round, "", "and the page says"),
    (the_city_has_accepted_and_both_verified, STATEMENT, "no sentence"),
    (an_earlier_statement_holds, STATEMENT, "holds: "),
    (what_was_verified_still_holds, VERIFICATION, "verified: "),
    (the_figures_are_those_of_today, VERIFICATION, "accepted_on: "),
    (a_duty_is_late_by_nothing, DUTY, "late is True"),
    (a_duty_falls_due_tomorrow, DUTY, "a_day: "),
    (more_was_spent, "finance/2019/", "used: "),
    (one_that_is_settled_is_not_counted, "traceability/basic/2016/", "settled_of: "),
]
"""What is made to lie, on which page, and what the reader must say of it."""


def test_every_lie_is_caught(monkeypatch: Patch) -> None:
    (life,) = lives.begin(SEED, lives.two_centers()[:1], Random(0), thorough=True)
    life.chronicle.until(DAY)
    for path in {path for _lie, path, _caught in LIES}:
        assert list(said(life, path)) == []
    missed = {}
    for lie, path, caught in LIES:
        with monkeypatch.context() as patch:
            lie(patch)
            found = list(said(life, path))
        if not any(caught in one for one in found):
            missed[lie.__name__] = found[:10]
    assert not missed


def nothing_is_said_of_the_total_that_is_not_recorded(patch: Patch) -> None:
    patch.setattr(support_sheets, "_period_text", lambda _measure, _check: "上限内")


def a_duty_is_not_called_done(patch: Patch) -> None:
    patch.setattr(feed, "_summary", lambda entry: f"{entry.item} {entry.center.short_name}")


def a_duty_that_is_open_is_done(patch: Patch) -> None:
    patch.setitem(sheets.PROGRESS, Progress.OPEN, sheets.PROGRESS[Progress.SETTLED])


def test_lies_of_papers_and_calendars_and_a_mail_that_is_left_out_are_caught(monkeypatch: Patch) -> None:
    (life,) = lives.begin(SEED, lives.two_centers()[:1], Random(0))
    life.chronicle.until(DAY)
    log = life.chronicle.log

    def of_papers() -> list[str]:
        return [str(one) for one in life.readers.read_papers(log, seed=SEED, today=DAY, day=DAY)]

    def of_calendar() -> list[str]:
        return [str(one) for one in life.readers.read_feeds(log, seed=SEED, today=DAY)]

    assert of_papers() == of_calendar() == []
    for lie, read, caught in (
        (a_duty_that_is_open_is_done, of_papers, "未履行, not 履行済み"),
        (a_value_is_that_of_another_year, of_papers, "KPI達成状況"),
        (nothing_is_said_of_the_total_that_is_not_recorded, of_papers, "記録の範囲で上限内, not"),
        (a_duty_is_not_called_done, of_calendar, "settled, not"),
    ):
        with monkeypatch.context() as patch:
            lie(patch)
            found = read()
        assert any(caught in one for one in found), (lie.__name__, found[:10])
    with monkeypatch.context() as patch:
        patch.setattr(reminder_actions, "due_reminders", lambda center, today: [])
        sent = mails_of_the_night(DAY)
    forgotten = list(life.readers.read_mails(log, sent, seed=SEED, today=DAY))
    assert any("is not reminded of" in str(one) for one in forgotten)
    sent = mails_of_the_night(DAY)
    assert list(life.readers.read_mails(log, sent, seed=SEED, today=DAY)) == []
