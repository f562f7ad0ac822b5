"""The balance as pictures, each with its table. Pure, no queries; figures in 千円."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from finance.balance import texts as phrases
from finance.balance.balance import Balance, Cell, Face, yen
from finance.models import Account, Purpose, Side, TotalOf
from finance.models.accounts import IN_STATEMENT
from iconm_portal.display.charts import INKS, TEXT, Chart, ChartTable, Figure, Ink, axis, bars, layout, line
from iconm_portal.display.template_tags import fiscal_year_short
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, Rounding, format_number, in_unit
from iconm_portal.values.text import bracketed

UNIT = MoneyUnit.THOUSAND
LINE = Ink(TEXT, "circle", "", "solid")
Years = Sequence[FiscalYear]


def charts(
    balance: Balance, years: Years, face: Face, occupancy: Mapping[FiscalYear, Decimal]
) -> list[Chart]:
    """The pictures that these years have figures for; `occupancy` is in percent."""
    told = [year for year in years if balance.statement(year, face)]
    if not told:
        return []
    years = FiscalYear.range(told[0], told[-1])
    drawn = (
        _both_sides(balance, years, face),
        _share_of_city(balance, years, face),
        _rent_and_occupancy(balance, years, face, occupancy),
        _cumulative(balance, years, face),
    )
    return [chart for chart in drawn if chart]


def _both_sides(balance: Balance, years: Years, face: Face) -> Chart:
    """Each year's revenue and expenditure as two stacks side by side, by main account, and the balance as a line."""
    labels = [fiscal_year_short(year) for year in years]
    names: list[str] = []
    columns: list[list[int | None]] = []
    traces: list[Figure] = []
    for side in IN_STATEMENT:
        for account in _tops(balance, years, side):
            values = [_thousands(balance.cell(account, year, face)) for year in years]
            if not any(values):
                continue
            name = _("%(side)s: %(account)s") % {"side": str(side.label), "account": account.name}
            ink = INKS[len(traces) % len(INKS)]
            traces.append(bars(name, labels, values, ink, offsetgroup=side.value))
            names.append(name)
            columns.append(values)
    left = _of_total(balance, TotalOf.BALANCE, years, face)
    name = str(TotalOf.BALANCE.label)
    traces.append(line(name, labels, left, LINE))
    return Chart(
        key="both-sides",
        caption=_("Revenue and expenditure by main account, and the balance of the year"),
        figure={
            "data": traces,
            "layout": layout(
                years=labels, unit=str(UNIT), barmode="stack", height=440, bargap=0.25, bargroupgap=0.08
            )
            | {"margin": {"l": 60, "r": 16, "t": 120, "b": 32}, "legend": _LEGEND},
        },
        table=_table(labels, [*names, name], [*columns, left]),
    )


# As every legend of the house, but in the order of the accounts: a stack's own would be turned round.
_LEGEND: Figure = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.1,
    "yanchor": "bottom",
    "traceorder": "normal",
}


def _tops(balance: Balance, years: Years, side: Side) -> list[Account]:
    return [
        account
        for account in balance.accounts
        if account.side == side
        and account.parent_id is None
        and account.within_id is None
        and any(account.is_valid_in(year) for year in years)
    ]


def _share_of_city(balance: Balance, years: Years, face: Face) -> Chart | None:
    shares = [phrases.city_share(balance, year, face) for year in years]
    if not any(share is not None for share in shares):
        return None
    labels = [fiscal_year_short(year) for year in years]
    name = _("The city's share of the revenue")
    given = [_in_thousands(balance.contributions(year, face)) for year in years]
    return Chart(
        key="city-share",
        caption=name,
        figure={
            "data": [bars(name, labels, shares, INKS[0])],
            "layout": layout(years=labels, unit="%", height=300, showlegend=False),
        },
        table=_table(
            labels,
            [f"{name} {bracketed('%')}", _("The city's contributions")],
            [[None if share is None else format_number(share, 1) for share in shares], given],
        ),
    )


def _rent_and_occupancy(
    balance: Balance, years: Years, face: Face, occupancy: Mapping[FiscalYear, Decimal]
) -> Chart | None:
    """Rent as bars, occupancy as a line on an axis of its own from 0 to 100 %."""
    rents = [_in_thousands(balance.of_purpose(Purpose.RENT, year, face)) for year in years]
    shares = [occupancy.get(year) for year in years]
    if not any(rent is not None for rent in rents) or not any(share is not None for share in shares):
        return None
    labels = [fiscal_year_short(year) for year in years]
    rent_name, share_name = _("Rent of tenants (left)"), _("Occupancy (right, %)")
    right = axis() | {"overlaying": "y", "side": "right", "showgrid": False} | _PERCENT
    return Chart(
        key="rent-occupancy",
        caption=_("Rent of tenants beside the occupancy"),
        figure={
            "data": [
                bars(rent_name, labels, rents, INKS[0]),
                line(share_name, labels, shares, INKS[3]) | {"yaxis": "y2"},
            ],
            "layout": layout(years=labels, unit=str(UNIT), height=340) | {"yaxis2": right} | _WIDE_RIGHT,
        },
        table=_table(
            labels,
            [_("Rent of tenants"), _("Occupancy (%)")],
            [rents, [None if share is None else format_number(share, strip_zeros=True) for share in shares]],
        ),
    )


_PERCENT: Figure = {"range": [0, 100], "tickmode": "linear", "tick0": 0, "dtick": 25}
_WIDE_RIGHT: Figure = {"margin": {"l": 60, "r": 48, "t": 64, "b": 32}}


def _cumulative(balance: Balance, years: Years, face: Face) -> Chart:
    labels = [fiscal_year_short(year) for year in years]
    left = _of_total(balance, TotalOf.BALANCE, years, face)
    sums = [_in_thousands(amount) for amount in balance.cumulative(years, face).values()]
    of_year, so_far = str(TotalOf.BALANCE.label), _("Cumulative balance")
    return Chart(
        key="cumulative",
        caption=_("Balance of each year, and what has come together since %(year)s") % {"year": labels[0]},
        figure={
            "data": [bars(of_year, labels, left, INKS[1]), line(so_far, labels, sums, INKS[0])],
            "layout": layout(years=labels, unit=str(UNIT), height=320),
        },
        table=_table(labels, [of_year, so_far], [left, sums]),
    )


def _of_total(balance: Balance, of: TotalOf, years: Years, face: Face) -> list[int | None]:
    return [_thousands(balance.total(of, year, face)) for year in years]


def _thousands(cell: Cell) -> int | None:
    return _in_thousands(yen(cell))


def _in_thousands(amount: int | None) -> int | None:
    return None if amount is None else int(in_unit(amount, UNIT, Rounding.HALF_UP))


def _table(
    labels: Sequence[str], names: Sequence[str], columns: Sequence[Sequence[int | str | None]]
) -> ChartTable:
    heading = f"{_('Fiscal year')} {bracketed(UNIT)}"
    rows = [(label, *(_cell(column[number]) for column in columns)) for number, label in enumerate(labels)]
    return ChartTable(headers=(heading, *names), rows=rows)


def _cell(value: int | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else format_number(value)
