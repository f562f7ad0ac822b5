"""The reader is worth what it finds: a page made to lie in one place only must be caught, with the sentence and its condition."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from agreements.duties import reminder_actions, sheets
from agreements.duties.calendar import Calendar
from agreements.duties.duty_status import Progress
from agreements.pages import todo
from finance.balance import texts as balance_texts
from finance.balance.balance import Balance
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


LIES: list[tuple[Callable[[Patch], None], str, str]] = [
    (no_indicator_meets_its_target, "", "none_met"),
    (the_sentence_alone_says_so, "kpi/second/", "none_met"),
    (a_value_is_that_of_another_year, "", "is held"),
    (sums_go_on_over_gaps, "finance/", "together"),
    (nothing_is_overdue, "calendar/2021/", "none_overdue"),
    (a_sentence_is_new, "kpi/second/", "no sentence of “plan” begins like “順調です。”"),
    (nobody_has_anything_to_do, "", "and is not told"),
    (a_verdict_is_turned_round, "", "and the page says"),
]
"""What is made to lie, on which page, and what the reader must say of it."""


def test_every_lie_is_caught(monkeypatch: Patch) -> None:
    (life,) = lives.begin(SEED, lives.two_centers()[:1], Random(0), thorough=True)
    life.chronicle.until(DAY)
    for path in {path for _lie, path, _caught in LIES}:
        assert list(said(life, path)) == []
    for lie, path, caught in LIES:
        with monkeypatch.context() as patch:
            lie(patch)
            found = list(said(life, path))
        assert any(caught in one for one in found), (lie.__name__, found[:10])


def test_a_lie_of_a_sheet_and_a_mail_that_is_left_out_are_caught(monkeypatch: Patch) -> None:
    (life,) = lives.begin(SEED, lives.two_centers()[:1], Random(0))
    life.chronicle.until(DAY)
    log = life.chronicle.log

    def found() -> list[str]:
        return [str(one) for one in life.readers.read_papers(log, seed=SEED, today=DAY, day=DAY)]

    assert found() == []
    with monkeypatch.context() as patch:
        patch.setitem(sheets.PROGRESS, Progress.OPEN, sheets.PROGRESS[Progress.SETTLED])
        assert any("未履行, not 履行済み" in one for one in found())
    with monkeypatch.context() as patch:
        patch.setattr(reminder_actions, "due_reminders", lambda center, today: [])
        sent = mails_of_the_night(DAY)
    forgotten = list(life.readers.read_mails(log, sent, seed=SEED, today=DAY))
    assert any("is not reminded of" in str(one) for one in forgotten)
    sent = mails_of_the_night(DAY)
    assert list(life.readers.read_mails(log, sent, seed=SEED, today=DAY)) == []
