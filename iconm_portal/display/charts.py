"""The chart tool: figures as plain dicts in Plotly's schema, in the house's look.

Pure: data in, figure out. Plotly itself is not imported here, because plain dicts are several times faster and the
request path never needs more; tests pass every figure through `plotly.graph_objects.Figure`, which validates it.

A chart never stands without its table: `Chart` holds both, drawn from the same values, and `components/chart.html`
shows them. Fiscal years are categories, not dates. A missing value is None, which leaves a gap; it is never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from iconm_portal.values.text import bracketed

Figure = dict[str, Any]

TEXT = "#1a1a1a"
TEXT_SECONDARY = "#4d4d4d"
RULE = "#cccccc"
RULE_STRONG = "#666666"
PAPER = "#ffffff"
WARNING = "#ac3e00"
FONT = '"BIZ UDPGothic", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", Meiryo, sans-serif'


@dataclass(frozen=True, slots=True)
class Ink:
    """A series' colour with the marker and the bar pattern that tell it apart without colour."""

    colour: str
    symbol: str
    pattern: str
    dash: str


# In order of use; every colour has at least 3:1 against white.
INKS = (
    Ink("#0017c1", "circle", "", "solid"),
    Ink("#4979f5", "square", "/", "dash"),
    Ink("#197a4b", "diamond", "x", "dot"),
    Ink("#ac3e00", "triangle-up", "\\", "dashdot"),
    Ink("#6f23d0", "cross", ".", "longdash"),
    Ink("#4d4d4d", "star", "-", "longdashdot"),
)

# No button may send a figure anywhere, and there is no bar of buttons at all: the page's own button saves the picture.
CONFIG: Mapping[str, Any] = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "displayModeBar": False,
    "displayNotifier": False,
    "showTips": False,
    "doubleClick": False,
    "scrollZoom": False,
    "responsive": True,
}


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The chart's data as text, as it is to be read: the first header names the rows, the first cell is a row's name."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure that can be put on a page.

    `key` is unique on its page and becomes part of ids. `caption` states the finding in words; `notes` say what the
    picture cannot, such as why a definition breaks.
    """

    key: str
    caption: str
    figure: Figure
    table: ChartTable
    notes: Sequence[str] = ()

    @property
    def data_id(self) -> str:
        """The id of the page's JSON element."""
        return f"chart-{self.key}-data"

    @property
    def payload(self) -> dict[str, Any]:
        """What the loader needs; goes through `json_script`, which escapes it."""
        return {"figure": self.figure, "config": dict(CONFIG), "name": self.key}


def plain(value: Decimal | int | None) -> float | int | None:
    """A figure's number as JSON knows numbers; drawing needs no more digits than a float has."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def layout(*, years: Sequence[str], unit: str, height: int = 360, **overrides: Any) -> Figure:
    """The house's layout: fiscal years along the bottom, the unit above the axis, nothing that carries no meaning.

    `overrides` replace whole keys of Plotly's layout.
    """
    base: Figure = {
        "template": "none",
        "autosize": True,
        "height": height,
        "font": {"family": FONT, "size": 14, "color": TEXT},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 60, "r": 16, "t": 64, "b": 32},
        "xaxis": category_axis(years),
        "yaxis": axis(),
        "annotations": [unit_label(unit)],
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.1, "yanchor": "bottom"},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": RULE_STRONG,
            "font": {"family": FONT, "size": 14, "color": TEXT},
        },
        "dragmode": False,
        "separators": ".,",
        "bargap": 0.45,
    }
    return base | overrides


def category_axis(years: Sequence[str]) -> Figure:
    """Fiscal years as labels in the given order, each of them shown, also where it has no value."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(years),
        "range": [-0.5, len(years) - 0.5],
        "fixedrange": True,
        "showgrid": False,
        "tickangle": 0,
        "linecolor": RULE_STRONG,
        "ticks": "",
        "automargin": True,
    }


def axis(*, from_zero: bool = True, **overrides: Any) -> Figure:
    """A value axis with quiet lines; from zero unless the values themselves go below or the reader needs a window."""
    base: Figure = {
        "rangemode": "tozero" if from_zero else "normal",
        "fixedrange": True,
        "gridcolor": RULE,
        "zeroline": True,
        "zerolinecolor": RULE_STRONG,
        "zerolinewidth": 1,
        "tickformat": ",~f",
        "nticks": 6,
        "automargin": True,
    }
    return base | overrides


def unit_label(unit: str) -> Figure:
    """The unit, written once at the top of the value axis."""
    return {
        "text": bracketed(unit),
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "right",
        "yanchor": "bottom",
        "xshift": -4,
        "yshift": 6,
        "showarrow": False,
        "font": {"size": 14, "color": TEXT_SECONDARY},
    }


def bars(
    name: str, years: Sequence[str], values: Sequence[Decimal | int | None], ink: Ink, **overrides: Any
) -> Figure:
    """Solid bars, for final values; a missing value is a gap."""
    marker: Figure = {"color": ink.colour}
    if ink.pattern:
        marker["pattern"] = {
            "shape": ink.pattern,
            "bgcolor": ink.colour,
            "fgcolor": PAPER,
            "size": 8,
            "solidity": 0.15,
        }
    return _trace("bar", name, years, values) | {"marker": marker} | overrides


def hollow_bars(
    name: str,
    years: Sequence[str],
    values: Sequence[Decimal | int | None],
    ink: Ink,
    *,
    hatched: bool = False,
) -> Figure:
    """Outlined bars, for values that are not final: empty for interim ones, hatched for forecasts."""
    marker: Figure = {"color": PAPER, "line": {"color": ink.colour, "width": 2}}
    if hatched:
        marker["pattern"] = {
            "shape": "/",
            "fgcolor": ink.colour,
            "bgcolor": PAPER,
            "size": 7,
            "solidity": 0.2,
        }
    return _trace("bar", name, years, values) | {"marker": marker}


def line(name: str, years: Sequence[str], values: Sequence[Decimal | int | None], ink: Ink) -> Figure:
    """A line whose dash and marker tell it apart without colour; it does not bridge missing years."""
    return _trace("scatter", name, years, values) | {
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"color": ink.colour, "width": 2, "dash": ink.dash},
        "marker": {"symbol": ink.symbol, "size": 9, "color": ink.colour},
    }


def _trace(kind: str, name: str, years: Sequence[str], values: Sequence[Decimal | int | None]) -> Figure:
    if len(years) != len(values):
        raise ValueError(f"{len(years)} years, but {len(values)} values")
    return {"type": kind, "name": name, "x": list(years), "y": [plain(value) for value in values]}
