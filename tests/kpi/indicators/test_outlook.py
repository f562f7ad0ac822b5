"""Where an indicator stands against its plan's last year: arithmetic by kind, words, and where nothing can be said."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.indicators.outlook import Standing, outlook, shown_step
from kpi.indicators.outlook_texts import assumptions, pace, statement
from kpi.models import Continuity
from kpi.plans.achievement import Achievement, Band, Certainty, Comparator, Kind, Reason
from kpi.plans.facts import ActualFact, IndicatorFacts, ReportFact, TargetFact
from kpi.plans.scorecard import Cell, Row

pytestmark = pytest.mark.usefixtures("in_english")
LAST = FiscalYear(2025)
TODAY = date(2024, 6, 3)
NO_VERDICT = Achievement(Band.UNREPORTED, None, comparable=False, reason=Reason.UNREPORTED)
AT_LEAST, AT_MOST, MAINTAIN = Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.MAINTAIN
FINAL, INTERIM, FORECAST = Certainty.FINAL, Certainty.INTERIM, Certainty.FORECAST


def facts(kind: Kind, comparator: Comparator, **fields: Any) -> IndicatorFacts:
    return IndicatorFacts(
        **{
            "id": 1,
            "plan_code": "research",
            "goal_id": None,
            "code": "x",
            "name": "指標",
            "printed_kind": "",
            "is_new": False,
            "significance": "",
            "unit": "%" if kind == Kind.RATIO else "件",
            "kind": kind,
            "comparator": comparator,
            "prints_comparator": False,
            "decimals": 1 if kind == Kind.RATIO else 0,
            "entry_decimals": 1,
            "scale": 1,
            "rounding": Rounding.HALF_UP,
            "continuity": Continuity.NONE,
            "predecessor_id": None,
            "continuity_reason": "",
            **fields,
        }
    )


def actual(year: int, value: str, certainty: Certainty = FINAL, as_of: date | None = None) -> ActualFact:
    report = ReportFact(1, as_of or FiscalYear(year).last_day, 1, date(2024, 5, 1), "", "", "", "")
    return ActualFact(Decimal(value), False, certainty, "", "", report)


def row(
    kind: Kind,
    values: dict[int, str | ActualFact],
    target: str | None = "20",
    comparator: Comparator = AT_LEAST,
    **fields: Any,
) -> Row:
    """A row of 2021 (baseline) to 2025, with a target in the last year."""
    cells = []
    for year in FiscalYear.range(FiscalYear(2021), LAST):
        given = values.get(year.start)
        fact = TargetFact(Decimal(target), 1, TODAY, "", "") if target is not None and year == LAST else None
        cells.append(
            Cell(
                year,
                fact,
                actual(year.start, given) if isinstance(given, str) else given,
                NO_VERDICT,
                year.start == 2021,
            )
        )
    return Row(facts(kind, comparator, **fields), tuple(cells))


C, F, R, L = Kind.CUMULATIVE, Kind.FLOW, Kind.RATIO, Kind.LEVEL
N, REACHED = Standing.NEEDS, Standing.REACHED


@pytest.mark.parametrize(
    # kind, comparator, target, values → standing, difference, per year, pace
    ("kind", "comparator", "target", "values", "standing", "difference", "per_year", "change"),
    [
        (C, AT_LEAST, "15", {2022: "12", 2023: "13"}, N, "2", "1", "1"),
        (C, AT_LEAST, "20", {2022: "12", 2023: "13"}, N, "7", "3.5", "1"),
        (C, AT_LEAST, "15", {2022: "12", 2023: "15"}, REACHED, "0", "0", "3"),
        (C, AT_LEAST, "15", {2023: "12"}, N, "3", "1.5", None),
        (
            C,
            AT_LEAST,
            "15",
            {2021: "9", 2023: "12"},
            N,
            "3",
            "1.5",
            "1.5",
        ),  # a baseline of a whole year counts
        (C, AT_MOST, "15", {2022: "12", 2023: "13"}, REACHED, "2", "1", "1"),
        (C, AT_MOST, "10", {2022: "12", 2023: "13"}, N, "-3", "-1.5", "1"),
        (F, AT_LEAST, "20", {2022: "5", 2023: "11"}, N, "9", None, "6"),
        (F, AT_LEAST, "20", {2022: "25", 2023: "21"}, REACHED, "-1", None, "-4"),
        (F, AT_MOST, "2", {2022: "3", 2023: "4"}, N, "-2", None, "1"),
        (F, AT_MOST, "2", {2023: "0"}, REACHED, "2", None, None),
        (R, AT_LEAST, "90", {2022: "87.5", 2023: "88"}, N, "2", None, "0.5"),
        (R, MAINTAIN, "90", {2022: "91", 2023: "90"}, REACHED, "0", None, "-1"),
        (R, AT_MOST, "5", {2022: "8", 2023: "7.5"}, N, "-2.5", None, "-0.5"),
        (L, AT_LEAST, "75", {2022: "70", 2023: "72"}, N, "3", None, "2"),
        (L, MAINTAIN, "70", {2023: "69"}, N, "1", None, None),
    ],
)
def test_what_it_needs_by_kind(
    kind: Kind,
    comparator: Comparator,
    target: str,
    values: dict[int, str],
    standing: Standing,
    difference: str,
    per_year: str | None,
    change: str | None,
) -> None:
    found = outlook(row(kind, values, target, comparator), LAST, today=TODAY)
    expected = (standing, Decimal(difference), per_year and Decimal(per_year), change and Decimal(change))
    assert (found.standing, found.difference, found.per_year, found.pace) == expected


@pytest.mark.parametrize(
    "value",
    [
        actual(2023, "13", INTERIM),
        actual(2023, "13", FORECAST),
        actual(2023, "13", FINAL, as_of=date(2023, 11, 30)),
        ActualFact(None, True, FINAL, "", "", actual(2023, "1").report),
    ],
)
def test_only_final_values_of_whole_years_count(value: ActualFact) -> None:
    assert outlook(row(C, {2023: value}), LAST, today=TODAY).standing == Standing.NO_DATA
    found = outlook(row(C, {2022: "12", 2023: value}), LAST, today=TODAY)
    assert found.latest is not None
    assert (found.latest.year.start, found.years_left) == (2022, 2)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (actual(2023, "13", FORECAST), "The 13 件 of FY2023 (31 Mar 2024, settlement forecast) is not used."),
        (actual(2023, "13", INTERIM, as_of=date(2023, 11, 30)), "The 13 件 of FY2023 (30 Nov 2023, interim) is not used."),
    ],
)  # fmt: skip
def test_a_later_value_that_is_not_used_is_named(value: ActualFact, said: str) -> None:
    of = row(C, {2022: "12", 2023: value})
    assert statement(of, outlook(of, LAST, today=TODAY)).endswith(said)
    final = row(C, {2022: "12", 2023: "13"})
    assert "not used" not in statement(final, outlook(final, LAST, today=TODAY))


@pytest.mark.parametrize(
    ("latest", "today", "left", "said"),
    [
        (2022, date(2026, 3, 31), 1, "4 件 more are needed in the year that is left"),
        (2022, date(2025, 4, 1), 1, "4 件 more are needed in the year that is left"),
        (2022, date(2025, 3, 31), 2, "4 件 more are needed within 2 years: 2 件 per year"),
        (2023, date(2024, 4, 1), 2, "4 件 more are needed within 2 years: 2 件 per year"),
        (2024, date(2025, 3, 31), 1, "4 件 more are needed in the year that is left"),
    ],
)
def test_the_years_left_are_counted_from_today(latest: int, today: date, left: int, said: str) -> None:
    of = row(C, {latest: "12"}, "16")
    found = outlook(of, LAST, today=today)
    assert (found.years_left, found.difference) == (left, Decimal(4))
    assert said in statement(of, found)


@pytest.mark.parametrize(
    ("values", "target", "standing", "said"),
    [
        ({2025: "21"}, "20", Standing.ENDED, "The plan ended with FY2025: 21 件 against a target of 20 件, which is met."),
        ({2025: "19"}, "20", Standing.ENDED, "The plan ended with FY2025: 19 件 against a target of 20 件, which is not met."),
        ({2024: "19"}, "20", Standing.ENDED_OPEN, "The plan ended with FY2025. No final value of that year, set against a target, is known."),
        ({2025: "19"}, None, Standing.ENDED_OPEN, "The plan ended with FY2025. No final value of that year, set against a target, is known."),
    ],
)  # fmt: skip
def test_a_plan_that_is_over_says_what_it_ended_with(
    values: dict[int, str], target: str | None, standing: Standing, said: str
) -> None:
    ended = row(C, values, target)
    found = outlook(ended, LAST, today=date(2026, 4, 1))
    assert (found.standing, statement(ended, found), pace(ended.indicator, found)) == (standing, said, "")
    assert outlook(ended, LAST, today=date(2026, 3, 31)).standing != standing, "its last day is still in it"


def test_without_a_target_or_a_value_it_says_so() -> None:
    for of, text in (
        (row(C, {2023: "13"}, None), "No target is set for the plan's last year, FY2025."),
        (row(C, {}), "asks for 20 件. No final value of a whole fiscal year is known yet"),
    ):
        assert text in statement(of, outlook(of, LAST, today=TODAY))


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (
            row(C, {2022: "12", 2023: "13"}),
            "It stands at 13 件 (FY2023). To reach 20 件 in FY2025, 7 件 more are needed within 2 years: 3.5 件 per year.",
        ),
        (
            row(C, {2024: "13"}, "15"),
            "It stands at 13 件 (FY2024). To reach 15 件 in FY2025, 2 件 more are needed in the year that is left.",
        ),
        (
            row(R, {2023: "88.3"}, "90"),
            "It stands at 88.3 % (FY2023); the plan's last year, FY2025, asks for 90 %: 1.7 points more than now.",
        ),
        (
            row(F, {2023: "4"}, "2", AT_MOST),
            "It stands at 4 件 (FY2023); by the plan's last year, FY2025, it has to come down by 2 件 to 2 件 or less.",
        ),
        (
            row(F, {2023: "288954000"}, "360000000", unit="千円", scale=1000),
            "It stands at 288,954 千円 (FY2023); the plan's last year, FY2025, asks for 360,000 千円: 71,046 千円 more than now.",
        ),
    ],
)
def test_it_is_said_plainly(of: Row, said: str) -> None:
    found = outlook(of, LAST, today=TODAY)
    assert statement(of, found) == said
    assert any("not a forecast" in line for line in assumptions(found))


def test_the_pace_is_said_with_its_years() -> None:
    of = row(C, {2021: "9", 2023: "12"})
    found = outlook(of, LAST, today=TODAY)
    assert pace(of.indicator, found) == "From FY2021 to FY2023 it changed by +1.5 件 per year on average."


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "up", "shown"),
    [
        ("1.2345", 1, 0, True, "1.3"),
        ("1.2345", 1, 0, False, "1.2"),
        ("2", 1, 0, True, "2"),
        ("-1.25", 1, 0, False, "-1.3"),
        ("71046500", 1000, 0, True, "71047"),
        ("100", 1, 0, True, "100"),
    ],
)
def test_a_step_is_never_flattered(value: str, scale: int, decimals: int, up: bool, shown: str) -> None:
    assert str(shown_step(Decimal(value), scale=scale, decimals=decimals, up=up)) == shown
