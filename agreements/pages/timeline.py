"""The agreements of a center as bars over time, with today, reviews, notices and ends. Pure, no queries."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.instruments import labels
from agreements.instruments.agreements import READING_ORDER, AgreementOnDay, AgreementsOnDay
from agreements.instruments.state import State
from iconm_portal.display import template_tags
from iconm_portal.display.charts import (
    INKS,
    PAPER,
    RULE,
    TEXT,
    TEXT_SECONDARY,
    WARNING,
    Chart,
    ChartTable,
    Figure,
    layout,
)
from iconm_portal.values.fiscal import FiscalYear

ROW = 46  # pixels for an agreement
FRAME = 150  # pixels above and below the rows
LEGEND = 24  # pixels between the rows and the legend, for the word "today"
YEARS_AHEAD = 5  # how far the axis goes on where no end is agreed
TICKS = 8  # about so many years are named along the axis
_DAY = 24 * 60 * 60 * 1000  # a bar's length on a date axis is in milliseconds

_LOOK: dict[State, Figure] = {
    State.IN_FORCE: {"color": INKS[0].colour},
    State.TERMINATING: {
        "color": INKS[3].colour,
        "pattern": {"shape": "\\", "bgcolor": INKS[3].colour, "fgcolor": PAPER, "size": 8, "solidity": 0.2},
    },
    State.CONCLUDED: {"color": PAPER, "line": {"color": INKS[0].colour, "width": 2}},
    State.DRAFT: {
        "color": PAPER,
        "line": {"color": INKS[5].colour, "width": 2},
        "pattern": {"shape": "/", "bgcolor": PAPER, "fgcolor": INKS[5].colour, "size": 8, "solidity": 0.15},
    },
    State.ENDED: {"color": RULE, "line": {"color": INKS[5].colour, "width": 1}},
}


def chart(on_day: AgreementsOnDay, *, caption: str) -> Chart:
    """Every agreement as a bar from its start to its end. `caption` is the finding in words."""
    names = _names(on_day.entries)
    first, horizon = _span(on_day)
    traces = [*_bars(on_day, names, horizon), *_marks(on_day, names, horizon)]
    figure = {"data": traces, "layout": _layout(on_day, names, first, horizon)}
    return Chart("agreements", caption, figure, _table(on_day))


def _names(entries: Iterable[AgreementOnDay]) -> dict[int, str]:
    """What stands beside each bar: unique, and broken before its bracket."""
    times = Counter(entry.agreement.short_title for entry in entries)
    return {
        entry.agreement.pk: escape(
            entry.agreement.short_title
            if times[entry.agreement.short_title] == 1
            else f"{entry.agreement.short_title} {entry.agreement.code}"
        ).replace("（", "<br>（")
        for entry in entries
    }


def _span(on_day: AgreementsOnDay) -> tuple[date, date]:
    """From the first start to the last end, and some years beyond today for what has none."""
    starts = [entry.agreement.starts_on for entry in on_day.entries]
    ends = [entry.last_day for entry in on_day.entries if entry.last_day]
    ahead = (FiscalYear.of(max([on_day.day, *starts])) + YEARS_AHEAD).last_day
    return min([on_day.day, *starts]), max([ahead, *ends])


def _bars(on_day: AgreementsOnDay, names: dict[int, str], horizon: date) -> list[Figure]:
    """A trace for each state that occurs, so that the legend explains what is drawn and nothing else."""
    traces = []
    for state in READING_ORDER:
        entries = on_day.in_state(state)
        if not entries:
            continue
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": str(labels.STATE[state]),
                "y": [names[entry.agreement.pk] for entry in entries],
                "base": [entry.agreement.starts_on.isoformat() for entry in entries],
                "x": [_length(entry, horizon) for entry in entries],
                "width": 0.5,
                "marker": _LOOK[state],
                "customdata": [_words(entry) for entry in entries],
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    return traces


def _length(entry: AgreementOnDay, horizon: date) -> int:
    """Milliseconds from the start to the end of the last day, or to the edge of the picture."""
    end = entry.last_day or horizon
    return max((end - entry.agreement.starts_on).days + 1, 1) * _DAY


def _marks(on_day: AgreementsOnDay, names: dict[int, str], horizon: date) -> list[Figure]:
    """Reviews, notices, ends, and arrows where no end is agreed."""
    entries = on_day.entries
    reviews = [(entry, entry.agreement.review_on) for entry in entries if entry.agreement.review_on]
    notices = [(entry, entry.notice.given_on) for entry in entries if entry.notice]
    ends = [(entry, entry.last_day) for entry in entries if entry.last_day and not _never_begins(entry)]
    endless = [(entry, horizon) for entry in entries if not entry.last_day]
    found = [
        _mark(pgettext("timeline", "review"), "diamond", WARNING, names, reviews),
        _mark(pgettext("timeline", "notice of termination"), "triangle-down", INKS[4].colour, names, notices),
        _mark(pgettext("timeline", "last day"), "square", TEXT, names, ends),
        _mark(pgettext("timeline", "no end agreed"), "triangle-right", TEXT_SECONDARY, names, endless),
    ]
    return [trace for trace in found if trace["x"]]


def _mark(
    name: str,
    symbol: str,
    colour: str,
    names: dict[int, str],
    days: Iterable[tuple[AgreementOnDay, date | None]],
) -> Figure:
    places = [(names[entry.agreement.pk], day) for entry, day in days if day is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [day.isoformat() for _name, day in places],
        "y": [name_ for name_, _day in places],
        "marker": {"symbol": symbol, "size": 12, "color": colour, "line": {"color": PAPER, "width": 1.5}},
        "customdata": [f"{name} {template_tags.era_date(day)}" for _name, day in places],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _words(entry: AgreementOnDay) -> str:
    return f"{escape(entry.agreement.short_title)}<br>{period(entry)}<br>{_state(entry)}"


def _state(entry: AgreementOnDay) -> str:
    return labels.state_word(entry.facts, entry.day)


def period(entry: AgreementOnDay, write: Callable[[date], str] = template_tags.era_date) -> str:
    """From – until, in words; without an end it says so. `write`: how a day is written."""
    start = write(entry.agreement.starts_on)
    if entry.last_day is None:
        return _("from %(start)s, no end agreed") % {"start": start}
    if _never_begins(entry):
        return _("from %(start)s, which it does not come to") % {"start": start}
    return _("%(start)s – %(end)s") % {"start": start, "end": write(entry.last_day)}


def _never_begins(entry: AgreementOnDay) -> bool:
    """Whether its last day comes before its first."""
    return entry.last_day is not None and entry.last_day < entry.agreement.starts_on


def _until(entry: AgreementOnDay) -> str:
    if _never_begins(entry):
        return pgettext("last day of an agreement", "does not come into force")
    return template_tags.era_date(entry.last_day) or _("no end agreed")


def _layout(on_day: AgreementsOnDay, names: dict[int, str], first: date, horizon: date) -> Figure:
    years = FiscalYear.range(FiscalYear.of(first), FiscalYear.of(horizon))
    every = next(step for step in (1, 2, 5, 10, 20, 50) if len(years) / step <= TICKS or step == 50)
    ticks = [year for year in years if year.start % every == 0]
    today = on_day.day.isoformat()
    height = ROW * len(names)
    time_axis: dict[str, Any] = {
        "type": "date",
        "range": [
            (first - timedelta(days=120)).isoformat(),
            (horizon + timedelta(days=(horizon - first).days // 30 + 60)).isoformat(),
        ],
        "tickmode": "array",
        "tickvals": [year.first_day.isoformat() for year in ticks],
        "ticktext": [template_tags.fiscal_year_short(year) for year in ticks],
        "fixedrange": True,
        "gridcolor": RULE,
        "zeroline": False,
        "side": "bottom",
    }
    rows: dict[str, Any] = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(names.values()),
        "range": [len(names) - 0.5, -0.5],
        "fixedrange": True,
        "showgrid": False,
        "automargin": True,
        "ticks": "",
    }
    return layout(
        years=[],
        unit="",
        height=FRAME + height,
        margin={"l": 16, "r": 24, "t": 64, "b": 40},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": LEGEND / height + 1, "yanchor": "bottom"},
        barmode="overlay",
        hovermode="closest",
        xaxis=time_axis,
        yaxis=rows,
        shapes=[
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": today,
                "x1": today,
                "y0": 0,
                "y1": 1,
                "line": {"color": WARNING, "width": 2, "dash": "dash"},
            }
        ],
        annotations=[
            {
                "text": pgettext("timeline", "today"),
                "xref": "x",
                "yref": "paper",
                "x": today,
                "y": 1,
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
                "bgcolor": PAPER,
                "font": {"size": 14, "color": WARNING},
            }
        ],
    )


def _table(on_day: AgreementsOnDay) -> ChartTable:
    headers = [
        _("Agreement"),
        _("State"),
        pgettext("agreement", "From"),
        pgettext("agreement", "Until"),
        pgettext("agreement", "Review"),
        _("Notice of termination"),
    ]
    rows = [
        [
            entry.agreement.short_title,
            _state(entry),
            template_tags.era_date(entry.agreement.starts_on),
            _until(entry),
            template_tags.era_date(entry.agreement.review_on),
            template_tags.era_date(entry.notice.given_on) if entry.notice else "",
        ]
        for entry in on_day.entries
    ]
    return ChartTable(headers, rows)
