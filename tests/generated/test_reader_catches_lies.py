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
from kpi.plans import findings, scorecard
from kpi.plans.achievement import Band, Counts
from kpi.plans.scorecard import Cell, Row, Scorecard
from tests.generated import lives
from tests.generated.frame import DUE
from tests.generated.lives import Life
from tests.generated.reading import mails_of_the_night
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import Agreements
from tests.generated.reckoned_money import Money

pytestmark = pytest.mark.django_db
SEED, DAY = 8, date(2021, 9, 1)
"""A life that has come to a day on which a settlement is missing between two, duties are overdue, and all targets are met."""
DIFFERING = 9
"""Another one, in which the settlement gives a value of the second plan another verdict."""
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


def a_value_that_differs_keeps_its_verdict(patch: Patch) -> None:
    patch.setattr(Cell, "is_contradicted", False)


def what_the_settlement_says_is_forgotten(patch: Patch) -> None:
    patch.setattr(scorecard, "_differing", lambda center, known_at, standing: {})


def places(life: Life) -> dict[str, object]:
    """The years in which this life has what the lies are about; StopIteration where it has none."""
    log = life.chronicle.log
    true, money = Agreements(log, DAY), Money(log, DAY)
    budgets = {year for year, face in Day(log, DAY).statements() if face == "budget"}
    late = next(one for one in true.overdue() if one.obligation in DUE)
    return {
        "settled_anew": next(
            one.year for one in log.statements if (one.stage, one.revision) == ("settlement", 2)
        ),
        "corrected": next(year for kind, year in true.all_corrected() if kind == "settlement"),
        "spent": next(year for year in money.settled_years if year in budgets),
        "late": late.obligation,
        "of": late.year,
    }


STATEMENT = "finance/statements/{settled_anew}/settlement/1/"
VERIFICATION, DUTY = "verifications/settlement/{corrected}/", "calendar/{of}/basic/{late}/"
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
    (more_was_spent, "finance/{spent}/", "used: "),
    (one_that_is_settled_is_not_counted, "traceability/basic/{corrected}/", "settled_of: "),
]
"""What is made to lie, on which page (with its `places`), and what the reader must say of it."""


def test_every_lie_is_caught(monkeypatch: Patch) -> None:
    (life,) = lives.begin(SEED, lives.two_centers()[:1], Random(0), thorough=True)
    life.chronicle.until(DAY)
    found_at = places(life)
    for path in {path for _lie, path, _caught in LIES}:
        assert list(said(life, path.format(**found_at))) == []
    missed = {}
    for lie, path, caught in LIES:
        with monkeypatch.context() as patch:
            lie(patch)
            found = list(said(life, path.format(**found_at)))
        if not any(caught in one for one in found):
            missed[lie.__name__] = found[:10]
    assert not missed


def nothing_is_said_of_the_total_that_is_not_recorded(patch: Patch) -> None:
    patch.setattr(support_sheets, "_period_text", lambda _measure, _check: "上限内")


def a_duty_is_not_called_done(patch: Patch) -> None:
    patch.setattr(feed, "_summary", lambda entry: f"{entry.item} {entry.center.short_name}")


def a_duty_that_is_open_is_done(patch: Patch) -> None:
    patch.setitem(sheets.PROGRESS, Progress.OPEN, sheets.PROGRESS[Progress.SETTLED])


def test_lies_of_papers_calendars_and_differences_and_a_mail_that_is_left_out_are_caught(
    monkeypatch: Patch,
) -> None:
    (life,) = lives.begin(DIFFERING, lives.two_centers()[:1], Random(0))
    life.chronicle.until(DAY)
    log = life.chronicle.log

    def of_papers() -> list[str]:
        return [str(one) for one in life.readers.read_papers(log, seed=SEED, today=DAY, day=DAY)]

    def of_calendar() -> list[str]:
        return [str(one) for one in life.readers.read_feeds(log, seed=SEED, today=DAY)]

    def of_plan() -> list[str]:
        return list(said(life, "kpi/second/"))

    assert of_papers() == of_calendar() == of_plan() == []
    for lie, read, caught in (
        (a_duty_that_is_open_is_done, of_papers, "未履行, not 履行済み"),
        (a_value_is_that_of_another_year, of_papers, "KPI達成状況"),
        (nothing_is_said_of_the_total_that_is_not_recorded, of_papers, "記録の範囲で上限内, not"),
        (a_duty_is_not_called_done, of_calendar, "settled, not"),
        (a_value_that_differs_keeps_its_verdict, of_plan, "by_settlement, and the page says"),
        (what_the_settlement_says_is_forgotten, of_plan, "is said instead"),
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
