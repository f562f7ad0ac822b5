"""The city's contributions year by year as a chart. Pure, no queries."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from agreements.support import texts
from agreements.support.support import Measure, YearOfMeasure
from iconm_portal.display.charts import INKS, Chart, ChartTable, bars, hollow_bars, layout
from iconm_portal.display.template_tags import fiscal_year_short
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, Rounding, in_unit
from iconm_portal.values.text import bracketed

UNIT = "千円"


def contributions_chart(measures: Sequence[Measure]) -> Chart | None:
    """Every contribution that has amounts, stacked by fiscal year; what is budget only is hollow. None without any."""
    shown = [measure for measure in measures if measure.recorded]
    if not shown:
        return None
    recorded = {year.year for measure in shown for year in measure.recorded}
    years = FiscalYear.range(min(recorded), max(recorded))
    labels = [fiscal_year_short(year) for year in years]
    traces = []
    for number, measure in enumerate(shown):
        ink = INKS[number % len(INKS)]
        cells = [measure.year(year) for year in years]
        settled = [_thousands(cell) if cell and cell.settled else None for cell in cells]
        budget = [_thousands(cell) if cell and cell.fact and not cell.settled else None for cell in cells]
        if any(value is not None for value in settled):
            traces.append(bars(measure.title, labels, settled, ink))
        if any(value is not None for value in budget):
            name = _("%(title)s (budget)") % {"title": measure.title}
            traces.append(hollow_bars(name, labels, budget, ink))
    return Chart(
        key="contributions",
        caption=_("Contributions of the city by fiscal year"),
        figure={"data": traces, "layout": layout(years=labels, unit=UNIT, barmode="stack")},
        table=_table(shown, years),
    )


def _thousands(year: YearOfMeasure) -> int | None:
    fact = year.fact
    return int(in_unit(fact.amount, MoneyUnit.THOUSAND, Rounding.HALF_UP)) if fact else None


def _table(measures: Sequence[Measure], years: Sequence[FiscalYear]) -> ChartTable:
    heading = _("Fiscal year")
    return ChartTable(
        headers=(f"{heading} {bracketed(UNIT)}", *(measure.title for measure in measures)),
        rows=[
            (fiscal_year_short(year), *(_cell(measure.year(year)) for measure in measures)) for year in years
        ],
    )


def _cell(year: YearOfMeasure | None) -> str:
    """The amount; the word for a missing one within the measure's years, 「－」 outside them."""
    if year is None:
        return "－"
    if year.fact is None:
        return texts.blank_text(year)
    amount = texts.thousands(year.fact.amount)
    return amount if year.settled else _("%(amount)s (budget)") % {"amount": amount}
