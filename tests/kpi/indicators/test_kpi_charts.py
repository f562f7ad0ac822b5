"""The indicator's figure: valid for Plotly, true to the figures, and never one line across a break."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects
import pytest
from django.utils import translation

from iconm_portal.display.charts import Chart
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding
from kpi.indicators.charts import indicator_chart
from kpi.indicators.continuity import in_one_line, stretches
from kpi.models import Continuity
from kpi.plans.achievement import Certainty, Comparator, Kind, assess
from kpi.plans.facts import ActualFact, IndicatorFacts, ReportFact, TargetFact
from kpi.plans.scorecard import Cell, Row, Scorecard, Segment

TODAY = date(2026, 11, 24)
F, N, C = Certainty.FINAL, Certainty.INTERIM, Certainty.FORECAST
PATENTS = IndicatorFacts(
    id=1,
    plan_code="plan",
    goal_id=None,
    code="patents",
    name="特許出願件数",
    printed_kind="",
    is_new=False,
    significance="",
    unit="件",
    kind=Kind.FLOW,
    comparator=Comparator.AT_LEAST,
    prints_comparator=False,
    decimals=0,
    entry_decimals=0,
    scale=1,
    rounding=Rounding.HALF_UP,
    continuity=Continuity.NONE,
    predecessor_id=None,
    continuity_reason="",
)
OLD = replace(PATENTS, kind=Kind.CUMULATIVE)
MILLIONS = replace(PATENTS, code="income", unit="百万円", scale=1_000_000, rounding=Rounding.TRUNCATE)
THOUSANDS = replace(
    MILLIONS, unit="千円", scale=1_000, rounding=Rounding.HALF_UP, continuity=Continuity.CONTINUES
)
BROKEN = replace(PATENTS, continuity=Continuity.BREAKS, continuity_reason="累計から年間へ")

Reported = dict[int, tuple[int, Certainty]]


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def segment(
    indicator: IndicatorFacts,
    years: tuple[int, int],
    targets: dict[int, int],
    actuals: Reported,
    baseline: int | None = None,
) -> Segment:
    """An indicator in a plan. Figures in base units, by the year's first calendar year."""
    cells = []
    for start in ([baseline] if baseline else []) + list(range(years[0], years[1] + 1)):
        year = FiscalYear(start)
        target = TargetFact(Decimal(targets[start]), 1, year.first_day, "", "") if start in targets else None
        actual = None
        if start in actuals:
            value, certainty = actuals[start]
            day = year.last_day if certainty != N else date(start, 11, 30)
            report = ReportFact(1, day, 1, day, "T1", "", "", "")
            actual = ActualFact(Decimal(value), False, certainty, "", "", report)
        achievement = assess(
            actual=actual.value if actual else None,
            target=target.value if target else None,
            kind=indicator.kind,
            comparator=indicator.comparator,
            certainty=actual.certainty if actual else None,
            is_baseline=start == baseline,
        )
        cells.append(Cell(year, target, actual, achievement, start == baseline))
    plan = Scorecard(
        id=years[0],
        code=f"plan-{years[0]}",
        label=f"計画{years[0]}",
        goal_heading="",
        agreement="",
        first_year=FiscalYear(years[0]),
        last_year=FiscalYear(years[1]),
        baseline_year=FiscalYear(baseline) if baseline else None,
        goals=(),
        kgis=(),
        reports={},
    )
    return Segment(plan, Row(indicator, tuple(cells)))


FIRST = segment(OLD, (2019, 2021), {2019: 40, 2020: 70, 2021: 75}, {2019: (63, F), 2020: (87, F)})
SECOND = segment(
    BROKEN, (2022, 2025), {2022: 5, 2023: 10, 2024: 15, 2025: 20}, {2021: (8, N), 2022: (7, F)}, baseline=2021
)
INCOME = [
    segment(MILLIONS, (2019, 2021), {2019: 460_000_000, 2021: 530_000_000}, {2019: (505_794_000, F)}),
    segment(
        THOUSANDS, (2022, 2023), {2022: 286_000_000}, {2021: (438_802_000, C), 2022: (0, F)}, baseline=2021
    ),
]


def drawn(life: Sequence[Segment]) -> Chart:
    """The chart, after Plotly itself has accepted the figure."""
    chart = indicator_chart(list(life), caption="so it is", today=TODAY)
    plotly.graph_objects.Figure(chart.figure)
    return chart


def traces(chart: Chart, name: str) -> list[dict[str, Any]]:
    return [
        trace for trace in chart.figure["data"] if trace["name"] == name and trace.get("hoverinfo") != "skip"
    ]


def test_a_break_parts_the_picture_into_panels_with_scales_of_their_own() -> None:
    chart = drawn([FIRST, SECOND])
    axes = {trace["yaxis"] for trace in traces(chart, "Target")}
    assert axes == {"y", "y2"}
    layout = chart.figure["layout"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
    (line,) = layout["shapes"]
    assert layout["xaxis"]["domain"][1] < line["x0"] < layout["xaxis2"]["domain"][0]
    assert line["line"]["dash"] == "dash"
    assert "Counted differently from here: not comparable" in [note["text"] for note in layout["annotations"]]
    assert chart.notes == ("累計から年間へ",)


def test_no_trace_holds_values_from_both_sides_of_a_break() -> None:
    chart = drawn([FIRST, SECOND])
    values = {trace["xaxis"]: trace["y"] for trace in traces(chart, "Actual (final)")}
    assert values == {"x": [63, 87], "x2": [7]}


def test_plans_that_continue_share_one_panel_in_the_newest_unit() -> None:
    chart = drawn(INCOME)
    (final,) = traces(chart, "Actual (final)")
    assert dict(zip(final["x"], final["y"], strict=True)) == {"FY2019": 505_794, "FY2022": 0}
    assert "shapes" not in chart.figure["layout"] or not chart.figure["layout"]["shapes"]
    assert "(千円)" in chart.figure["layout"]["annotations"][0]["text"]


def test_the_target_lines_of_two_plans_are_not_joined() -> None:
    found = [(trace["x"], trace["y"]) for trace in traces(drawn(INCOME), "Target")]
    assert found == [(["FY2019", "FY2021<br>Baseline"], [460_000, 530_000]), (["FY2022"], [286_000])]
    assert {trace["line"]["shape"] for trace in traces(drawn(INCOME), "Target")} == {"hvh"}


def test_what_is_not_final_is_drawn_hollow_and_a_forecast_hatched() -> None:
    (final,) = traces(drawn(INCOME), "Actual (final)")
    (forecast,) = traces(drawn(INCOME), "Actual (settlement forecast)")
    (interim,) = traces(drawn([SECOND]), "Actual (interim)")
    assert final["marker"]["color"] != interim["marker"]["color"] == "#ffffff"
    assert forecast["marker"]["pattern"]["shape"]
    assert "pattern" not in interim["marker"]


def test_a_year_without_a_value_is_a_question_mark_and_zero_is_not() -> None:
    notes = drawn(INCOME).figure["layout"]["annotations"]
    assert [note["x"] for note in notes if note["text"] == "?"] == ["FY2020", "FY2023"]


def test_a_year_that_has_not_ended_is_not_questioned() -> None:
    chart = indicator_chart([SECOND], caption="", today=date(2024, 6, 1))
    marks = [note["x"] for note in chart.figure["layout"]["annotations"] if note["text"] == "?"]
    assert marks == ["FY2023"]


def test_every_name_stands_once_in_the_legend() -> None:
    shown = [trace["name"] for trace in drawn([FIRST, SECOND]).figure["data"] if trace["showlegend"]]
    assert sorted(shown) == sorted(set(shown))
    assert "Target" in shown


def test_the_table_says_what_the_picture_shows() -> None:
    rows = drawn(INCOME).table.rows
    assert list(rows[0]) == ["FY2019", "460,000 千円", "505,794 千円", "31 Mar 2020, final"]
    assert list(rows[1])[2] == "Not reported"
    assert list(rows[2]) == ["FY2021", "530,000 千円", "438,802 千円", "31 Mar 2022, settlement forecast"]
    assert "Counted differently" in drawn([FIRST, SECOND]).table.rows[3][0]


def test_values_below_zero_open_the_axis() -> None:
    life = [segment(PATENTS, (2022, 2023), {2022: 5}, {2022: (-3, F)})]
    assert drawn(life).figure["layout"]["yaxis"]["rangemode"] == "normal"
    assert drawn([FIRST]).figure["layout"]["yaxis"]["rangemode"] == "tozero"


def test_a_single_year_and_a_life_without_values_can_be_drawn() -> None:
    drawn([segment(PATENTS, (2022, 2022), {2022: 5}, {})])
    drawn([segment(PATENTS, (2022, 2023), {}, {2022: (1, N)})])


def test_a_plans_own_value_goes_before_the_baseline_of_the_next() -> None:
    own = segment(OLD, (2019, 2021), {2021: 75}, {2021: (95, F)})
    (joined,) = stretches([own, replace_definition(SECOND, PATENTS)])
    assert joined[FiscalYear(2021)].actual.cell.value == 95
    line = in_one_line(stretches([own, SECOND]))
    assert line[FiscalYear(2021)][1].actual.cell.value == 95
    assert in_one_line(stretches([FIRST, SECOND]))[FiscalYear(2021)][1].actual.cell.value == 8


def replace_definition(of: Segment, indicator: IndicatorFacts) -> Segment:
    return Segment(of.plan, Row(indicator, of.row.cells))
