"""Ten years of targets, reports, statements and duties: fifty past days, each held against a reconstruction.

The reconstruction (`tests.generated.reckoned`) knows only the log that the history (`tests.generated.chronicle`) wrote of itself.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from agreements.duties import duty_status
from finance.balance import balance
from finance.balance.balance import Absent, Face
from finance.models import TotalOf
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import changes_between
from kpi.dashboard.changes_between import Changed, Subject
from kpi.plans import scorecard
from kpi.plans.facts import ActualFact
from tests.generated.chronicle import Chronicle
from tests.generated.chronicle_log import Log
from tests.generated.reckoned import Day, differences

SEED = 5
DAYS = 50
TOTALS = {TotalOf.REVENUE, TotalOf.EXPENDITURE, TotalOf.BALANCE}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_fifty_past_days_show_what_was_known_then(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    log = Chronicle(center, foundation=foundation_staff, city=city_staff, seed=SEED).write()
    days = chosen(log)
    assert len(days) == DAYS
    for day in days:
        then = Day(log, day)
        assert shown_kpis(center, day) == reckoned_kpis(then), day
        assert shown_money(center, day) == (then.money_years(), then.money()), day
        assert shown_duties(center, day) == then.duties(), day
    for earlier, later in pairwise(days):
        found = changes_between.load(center, earlier=earlier, later=later)
        said = [in_words_of_the_log(one) for one in found.changes]
        assert len(said) == len(set(said)), (earlier, later)
        assert set(said) == differences(Day(log, earlier), Day(log, later)), (earlier, later)


def chosen(log: Log) -> list[date]:
    """Days on which something changed, those before and after them, one before all of it and one after."""
    days = log.days
    around = sorted({day + timedelta(days=by) for day in days for by in (-1, 0, 1)})
    ends = [days[0] - timedelta(days=1), days[0], days[-1], days[-1] + timedelta(days=400)]
    rest = [day for day in around if day not in ends]
    return sorted([*ends, *Random(SEED).sample(rest, DAYS - len(ends))])


# -- What the read models show, in the same shape as what is reckoned --


def shown_kpis(center: Center, day: date) -> tuple[list[str], *tuple[dict[Any, Any], ...]]:
    board = scorecard.load(center, known_at=day)
    cells = [
        ((plan.code, row.indicator.code, cell.year.start), cell)
        for plan in board.plans
        for row in plan.rows
        for cell in row.cells
    ]
    lives = {
        code: [
            [(segment.plan.code, segment.breaks_before) for segment in board.life_of(row.indicator)]
            for plan in board.plans
            for row in plan.rows
            if row.indicator.code == code
        ]
        for code in ("trials", "patents", "income")
    }
    return (
        [plan.code for plan in board.plans],
        {key: cell.target_in_force.value for key, cell in cells if cell.target_in_force},
        {key: cell.target.value for key, cell in cells if cell.target},
        {key: value_of(cell.actual) for key, cell in cells if cell.actual},
        lives,
    )


def value_of(fact: ActualFact) -> tuple[Any, date]:
    return ("-" if fact.not_applicable else fact.value, fact.report.as_of)


def reckoned_kpis(then: Day) -> tuple[list[str], *tuple[dict[Any, Any], ...]]:
    plans = then.plans()
    followed = {"trials": {}, "patents": {"second": True}, "income": None}
    lives = {}
    for code, breaks in followed.items():
        lines = [[plan] for plan in plans]
        if code == "trials":
            lines = [plans] * len(plans)
        elif code == "patents":
            lines = [plans[:2] if plan != "third" else [plan] for plan in plans]
        lives[code] = [[(plan, bool(breaks and breaks.get(plan))) for plan in line] for line in lines]
    targets = {key: one.value for key, one in then.targets().items()}
    return plans, targets, then.judging(), then.actuals(), lives


def shown_money(center: Center, day: date) -> tuple[list[int], dict[Any, Any]]:
    found = balance.load(center, known_at=day)
    return [year.start for year in found.years], dict(_figures(found))


def _figures(found: balance.Balance) -> Iterator[tuple[tuple[int, str, str], int | None]]:
    for year in found.years:
        for face in Face:
            if found.statement(year, face) is None:
                continue
            for account in found.accounts:
                cell = found.cell(account, year, face)
                if cell is not Absent.NOT_APPLICABLE:
                    yield (year.start, face.value, account.code), balance.yen(cell)
            for of in TOTALS:
                yield (year.start, face.value, of.value), balance.yen(found.total(of, year, face))


def shown_duties(center: Center, day: date) -> dict[tuple[str, int], tuple[str, date | None]]:
    return {
        (one.obligation.code, one.year.start): (one.progress.value, one.due_on)
        for one in duty_status.load(center, FiscalYear.of(day), known_at=day)
    }


def in_words_of_the_log(one: Changed) -> tuple[Any, ...]:
    year = one.year.start
    match one.subject:
        case Subject.TARGET:
            values = [fact and fact.value for fact in one.target]
            return "target", _place(one), *values, one.since, one.why, frozenset(one.who)
        case Subject.ACTUAL:
            return (
                "actual",
                _place(one),
                *(fact and value_of(fact) for fact in one.actual),
                one.since,
                one.why,
            )
        case Subject.STATEMENT if one.face:
            return "statement", (year, one.face.value, one.account), *one.yen, one.since, one.why
        case Subject.SUPPORT:
            return "support", year, *one.yen
        case Subject.EXTENSION:
            return "extension", one.account.split("/")[1], year, *one.due
        case _:
            return "duty", one.verification or one.account.split("/")[1], year, one.since


def _place(one: Changed) -> tuple[str, str, int]:
    assert one.plan is not None
    assert one.row is not None
    return one.plan.code, one.row.indicator.code, one.year.start
