"""What joins the money and the KPIs: the occupancy that T2 prints above revenue and expenditure."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.balance.balance import Balance, Face
from finance.balance.sheets import Rate, Rates
from finance.balance.texts import money
from finance.models import Purpose
from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.plans.facts import ActualFact, IndicatorFacts, TargetFact
from kpi.plans.scorecard import Board, Cell, Row, Scorecard
from kpi.plans.tables.columns import TARGET_CHANGED, actual_mark, printed_comparator

YEARS_OF_RENT = 3
OCCUPANCY = "occupancy"
"""The indicator of 入居率, by its code in every plan that has it."""


@dataclass(frozen=True, slots=True)
class OccupancyOfYear:
    """Target and actual of a fiscal year in the plan that the year belongs to; baselines stay where they are."""

    plan: Scorecard
    row: Row
    cell: Cell

    @property
    def target(self) -> TargetFact | None:
        return self.cell.target

    @property
    def actual(self) -> ActualFact | None:
        return self.cell.actual

    @property
    def indicator(self) -> IndicatorFacts:
        return self.row.indicator


def occupancy(board: Board) -> Mapping[FiscalYear, OccupancyOfYear]:
    """By fiscal year. Where plans overlap, the one with a reported value speaks, otherwise the later one."""
    found: dict[FiscalYear, OccupancyOfYear] = {}
    for plan in board.plans:
        for row in plan.rows:
            if row.indicator.code != OCCUPANCY:
                continue
            for cell in row.cells:
                if cell.is_baseline or not (cell.target_in_force or cell.actual):
                    continue
                before = found.get(cell.year)
                if before is None or before.actual is None or cell.actual is not None:
                    found[cell.year] = OccupancyOfYear(plan, row, cell)
    return found


def rent_beside(balance: Balance) -> str:
    """The settled income from rents of the last years known, which occupancy is to bring; empty without any."""
    rents = [(year, balance.of_purpose(Purpose.RENT, year, Face.SETTLEMENT)) for year in balance.years]
    known = [(year, rent) for year, rent in rents if rent is not None][-YEARS_OF_RENT:]
    if not known:
        return ""
    said = [
        f"{template_tags.fiscal_year_short(year)} {money(rent, MoneyUnit.THOUSAND)}" for year, rent in known
    ]
    return _("Income from rents: %(years)s.") % {"years": pgettext("list", ", ").join(said)}


def rates(board: Board) -> Rates:
    """The occupancy as the sheets print it, in percent."""
    return {
        year: Rate(
            one.indicator.shown(one.target.value) if one.target else None,
            one.indicator.shown(one.actual.value) if one.actual and one.actual.value is not None else None,
            printed_comparator(one.indicator) + (f"（{TARGET_CHANGED}）" if one.cell.moved else ""),
            actual_mark(one.cell),
        )
        for year, one in occupancy(board).items()
    }
