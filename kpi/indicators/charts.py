"""The indicator's chart: read model in, Plotly figure out. Pure, no queries.

Actuals are bars, solid only when final; targets are black steps, one line for each plan. Stretches that count
different things stand in panels of their own, each with its own scale, with a dashed line in the gap between them:
a line or a common axis across a break would be false.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, assert_never

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from iconm_portal.display.charts import (
    INKS,
    PAPER,
    TEXT_SECONDARY,
    WARNING,
    Chart,
    ChartTable,
    Figure,
    axis,
    bars,
    category_axis,
    hollow_bars,
    layout,
    plain,
)
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import bracketed
from kpi.indicators.continuity import Stretch, YearOfLife, stretches
from kpi.plans import labels, texts
from kpi.plans.achievement import Certainty
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Cell, Segment

GAP = 0.1  # between panels, as a part of the width


def _step(colour: str, width: int) -> Figure:
    """The look of a target line: level in each year, with a longer stroke on the year itself."""
    stroke = {
        "symbol": "line-ew-open",
        "size": 30 + width,
        "color": colour,
        "line": {"width": width + 1, "color": colour},
    }
    return {"line": {"color": colour, "width": width, "shape": "hvh"}, "marker": stroke}


@dataclass(frozen=True, slots=True)
class Panel:
    """A stretch with its place on the paper. Values are shown in the unit of its newest plan."""

    number: int
    stretch: Stretch
    indicator: IndicatorFacts
    left: float
    right: float

    @property
    def suffix(self) -> str:
        """How Plotly numbers the axes: x, x2, x3."""
        return "" if self.number == 0 else str(self.number + 1)

    @property
    def years(self) -> tuple[FiscalYear, ...]:
        known = list(self.stretch)
        return FiscalYear.range(known[0], known[-1])

    def label(self, year: FiscalYear) -> str:
        """The year along the bottom; a baseline says that it is one."""
        here = self.stretch.get(year)
        if here and here.actual.cell.is_baseline and here.actual.cell.value is not None:
            return f"{texts.year_short(year)}<br>" + _("Baseline")
        return texts.year_short(year)

    def shown(self, value: Decimal) -> Decimal:
        """A stored value in the panel's unit: 505,794 in a chart in 千円, though its own plan prints 505 百万円."""
        return self.indicator.shown(value)

    def text(self, value: Decimal) -> str:
        return texts.quantity(self.indicator.text(value), self.indicator.unit)

    def target_text(self, cell: Cell) -> str:
        """The target with its comparator, and what it became after the year was judged."""
        now = texts.moved_target(self.indicator, cell)
        if not now:
            return texts.target(self.indicator, cell)
        words = {"target": texts.target(self.indicator, cell), "mark": texts.moved_mark(cell), "now": now}
        return (_("%(target)s (%(mark)s: %(now)s)") if cell.target else _("%(mark)s: %(now)s")) % words


def indicator_chart(life: list[Segment], *, caption: str, today: date) -> Chart:
    """Actuals against stepped targets through all plans. `caption` is the finding in words."""
    panels = _panels(stretches(life))
    traces: list[Figure] = []
    for panel in panels:
        traces += _actual_traces(panel)
        traces += _target_traces(panel, life)
    figure = {"data": _one_legend(traces), "layout": _layout(panels, today)}
    reasons = tuple(note.reason for note in texts.continuities(life) if note.is_break)
    return Chart("indicator", caption, figure, _table(panels), notes=reasons)


def _panels(found: list[Stretch]) -> list[Panel]:
    """Widths in proportion to the years."""
    numbers = [max(stretch) - min(stretch) + 1 for stretch in found]
    room = 1 - GAP * (len(found) - 1)
    panels, left = [], 0.0
    for number, (stretch, years) in enumerate(zip(found, numbers, strict=True)):
        right = left + room * years / sum(numbers)
        newest = list(stretch.values())[-1].actual.segment.row.indicator
        panels.append(Panel(number, stretch, newest, round(left, 4), round(min(right, 1), 4)))
        left = right + GAP
    return panels


def _on(panel: Panel, trace: Figure) -> Figure:
    return trace | {"xaxis": f"x{panel.suffix}", "yaxis": f"y{panel.suffix}"}


def _actual_traces(panel: Panel) -> list[Figure]:
    """One trace for each certainty that occurs, so that the legend explains what is drawn and nothing else."""
    traces = []
    for certainty in (Certainty.FINAL, Certainty.INTERIM, Certainty.FORECAST):
        found = {
            year: here
            for year, here in panel.stretch.items()
            if here.actual.cell.value is not None
            and here.actual.cell.actual
            and here.actual.cell.actual.certainty == certainty
        }
        if not found:
            continue
        names = [panel.label(year) for year in found]
        values = [
            panel.shown(here.actual.cell.value)
            for here in found.values()
            if here.actual.cell.value is not None
        ]
        name = _("Actual (%(certainty)s)") % {"certainty": labels.CERTAINTY[certainty]}
        match certainty:
            case Certainty.FINAL:
                trace = bars(name, names, values, INKS[0])
            case Certainty.INTERIM:
                trace = hollow_bars(name, names, values, INKS[0], hatched=False)
            case Certainty.FORECAST:
                trace = hollow_bars(name, names, values, INKS[0], hatched=True)
            case _:
                assert_never(certainty)
        words = [_actual_words(panel, here) for here in found.values()]
        traces.append(
            _on(panel, trace | {"customdata": words, "hovertemplate": "%{customdata}<extra></extra>"})
        )
    return traces


def _actual_words(panel: Panel, here: YearOfLife) -> str:
    cell = here.actual.cell
    if cell.value is None or cell.actual is None:
        return ""
    return _("Actual %(value)s (%(as_of)s)") % {
        "value": panel.text(cell.value),
        "as_of": texts.as_of(cell.actual),
    }


def _target_traces(panel: Panel, life: list[Segment]) -> list[Figure]:
    """A step line for each plan: what one plan set is not joined to what the next one set."""
    traces = []
    for segment in life:
        cells = [
            here.target.cell
            for here in panel.stretch.values()
            if here.target is not None and here.target.segment is segment
        ]
        values = [panel.shown(cell.target.value) for cell in cells if cell.target]
        if not values:
            continue
        words = [_("Target %(value)s") % {"value": panel.target_text(cell)} for cell in cells if cell.target]
        steps: Figure = {
            "type": "scatter",
            "mode": "lines+markers",
            "name": _("Target"),
            "x": [panel.label(cell.year) for cell in cells],
            "y": [plain(value) for value in values],
        }
        # The white edge keeps the black line visible where it crosses a dark bar.
        traces.append(_on(panel, steps | _step(PAPER, 6) | {"hoverinfo": "skip", "showlegend": False}))
        traces.append(
            _on(
                panel,
                steps
                | _step("#000000", 2)
                | {"customdata": words, "hovertemplate": "%{customdata}<extra></extra>"},
            )
        )
    return [*traces, *_moved_targets(panel)]


def _moved_targets(panel: Panel) -> Iterator[Figure]:
    """What a target became after its year was judged, as marks beside the line of those that years are judged by."""
    found = [
        (here.target.cell, here.target.cell.moved, here.target.segment.row.indicator)
        for here in panel.stretch.values()
        if here.target is not None and here.target.cell.moved is not None
    ]
    if found:
        yield _on(
            panel,
            {
                "type": "scatter",
                "mode": "markers",
                "name": _("Target changed after the result"),
                "x": [panel.label(cell.year) for cell, _moved, _indicator in found],
                "y": [plain(panel.shown(moved.target.value)) for _cell, moved, _indicator in found],
                "marker": {"symbol": "diamond-open", "size": 11, "color": WARNING, "line": {"width": 2}},
                "customdata": [texts.moved_target(indicator, cell) for cell, _moved, indicator in found],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
        )


def _one_legend(traces: list[Figure]) -> list[Figure]:
    """Every name once in the legend, whatever the number of panels and plans."""
    seen: set[str] = set()
    shown = []
    for trace in traces:
        explained = trace.get("showlegend", True) and trace["name"] not in seen
        shown.append(trace | {"legendgroup": trace["name"], "showlegend": explained})
        if explained:
            seen.add(trace["name"])
    return shown


def _layout(panels: list[Panel], today: date) -> Figure:
    first = panels[0]
    result = layout(
        years=[first.label(year) for year in first.years],
        unit=first.indicator.unit,
        height=420,
        margin={"l": 72, "r": 16, "t": 112 if len(panels) > 1 else 80, "b": 48},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.26 if len(panels) > 1 else 1.12,
            "yanchor": "bottom",
        },
        barmode="overlay",
        annotations=[note for panel in panels for note in _annotations(panel, today)],
        shapes=[_break_line(before, after) for before, after in pairwise(panels)],
    )
    for panel in panels:
        places: dict[str, Any] = {"domain": [panel.left, panel.right], "anchor": f"y{panel.suffix}"}
        result[f"xaxis{panel.suffix}"] = category_axis([panel.label(year) for year in panel.years]) | places
        result[f"yaxis{panel.suffix}"] = axis(from_zero=not _goes_below_zero(panel)) | {
            "anchor": f"x{panel.suffix}"
        }
    return result


def _goes_below_zero(panel: Panel) -> bool:
    values = [here.actual.cell.value for here in panel.stretch.values()]
    values += [
        fact.value
        for here in panel.stretch.values()
        if here.target
        for fact in (here.target.cell.target, here.target.cell.target_in_force)
        if fact
    ]
    return any(value is not None and value < 0 for value in values)


def _annotations(panel: Panel, today: date) -> list[Figure]:
    """The unit and the kind above the panel, and a “?” where an ended year has no value: not reported is not zero."""
    kind = texts.kind_badge(panel.indicator)
    notes = [
        {
            "text": f"{bracketed(panel.indicator.unit)}{kind}",
            "xref": "paper",
            "yref": "paper",
            "x": panel.left,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 6,
            "showarrow": False,
            "font": {"size": 14, "color": TEXT_SECONDARY},
        }
    ]
    for year in panel.years:
        here = panel.stretch.get(year)
        if here is None or here.actual.cell.value is not None or year.last_day >= today:
            continue
        cell = here.actual.cell
        notes.append(
            {
                "text": "－" if cell.actual and cell.actual.not_applicable else "?",
                "xref": f"x{panel.suffix}",
                "yref": f"y{panel.suffix}",
                "x": panel.label(year),
                "y": 0,
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 16, "color": TEXT_SECONDARY},
                "hovertext": texts.absent(cell),
            }
        )
    if panel.number:
        notes.append(_break_words(panel))
    return notes


def _break_line(before: Panel, after: Panel) -> Figure:
    middle = round((before.right + after.left) / 2 - GAP / 6, 4)
    return {
        "type": "line",
        "xref": "paper",
        "yref": "paper",
        "x0": middle,
        "x1": middle,
        "y0": 0,
        "y1": 1.24,
        "line": {"color": WARNING, "width": 1.5, "dash": "dash"},
    }


def _break_words(panel: Panel) -> Figure:
    return {
        "text": _("Counted differently from here: not comparable"),
        "xref": "paper",
        "yref": "paper",
        "x": round(panel.left - GAP / 2 - GAP / 6, 4),
        "y": 1.24,
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 6,
        "showarrow": False,
        "bgcolor": PAPER,
        "font": {"size": 14, "color": WARNING},
    }


def _table(panels: list[Panel]) -> ChartTable:
    """The drawn values as text; the break is a row of its own."""
    rows: list[list[str]] = []
    for panel in panels:
        if panel.number:
            rows.append([_("Counted differently from here: not comparable"), "", "", ""])
        for year in panel.years:
            here = panel.stretch.get(year)
            if here is None:
                continue
            cell, aim = here.actual.cell, here.target
            rows.append(
                [
                    texts.year_label(year),
                    panel.target_text(aim.cell) if aim else "",
                    panel.text(cell.value) if cell.value is not None else texts.absent(cell),
                    _as_of_and_beside(cell),
                ]
            )
    return ChartTable([_("Fiscal year"), _("Target"), _("Actual"), _("As of, certainty")], rows)


def _as_of_and_beside(cell: Cell) -> str:
    """Of which day and how certain the value is, and what the settlement or the register says of it by now."""
    if cell.actual is None or cell.value is None:
        return ""
    return pgettext("list", ", ").join(filter(None, [texts.as_of(cell.actual), texts.beside_value(cell)]))
