"""Which accepted values the register is held against: a list that comes to less than one of them is not whole.

A register that was begun in the middle, or that has a gap, shows it here: it holds fewer things than both sides had
settled on by that day. Nobody can say then that a report is wrong, nor what comes next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, Continuity, Indicator, IndicatorBasis
from kpi.register.counting import Span


@dataclass(frozen=True, slots=True)
class AcceptedValue:
    """An accepted value in base units, and the days that it speaks of."""

    indicator_id: int
    year: FiscalYear
    as_of: date
    value: Decimal


def load(
    center: Center, bases: Iterable[IndicatorBasis], *, known_at: date
) -> dict[int, list[AcceptedValue]]:
    """By the id of each indicator that is counted: all accepted values, those of the indicators that it continues too. Two
    queries."""
    counted = [
        basis
        for basis in bases
        if basis.category_id is not None and basis.measured and basis.measured.adds_up
    ]
    if not counted:
        return {}
    before = dict(
        Indicator.objects.filter(plan__center=center, continuity=Continuity.CONTINUES)
        .order_by()
        .values_list("pk", "predecessor_id")
    )
    rows = (
        Actual.objects.filter(
            report__plan__center=center,
            report__state=ReviewState.ACCEPTED,
            report__known_from__lte=known_at,
            value__isnull=False,
        )
        .order_by("report__revision")
        .values_list("indicator_id", "report__fiscal_year", "report__as_of", "value")
    )
    # Of one day the highest revision holds.
    held = {row[:3]: AcceptedValue(*row) for row in rows}
    found: dict[int, list[AcceptedValue]] = {}
    for basis in counted:
        chain = _chain(basis.indicator_id, before)
        found[basis.indicator_id] = [one for one in held.values() if one.indicator_id in chain]
    return found


def of_year(basis: IndicatorBasis, values: Iterable[AcceptedValue], year: FiscalYear) -> list[AcceptedValue]:
    """Those that a list for the year has to reach: of a cumulative all, of a yearly figure those of the year."""
    all_so_far = basis.indicator.kind.counts_all_so_far
    return [one for one in values if all_so_far or one.year == year]


def _chain(indicator_id: int, before: Mapping[int, int | None]) -> set[int]:
    """The indicator and those that it continues."""
    chain: set[int] = set()
    one: int | None = indicator_id
    while one is not None and one not in chain:
        chain.add(one)
        one = before.get(one)
    return chain


def span_of(basis: IndicatorBasis, year: FiscalYear, as_of: date, opening_day: date | None) -> Span:
    """The days whose records a value is counted from: from the opening balance on, where there is one."""
    if opening_day is not None:
        return Span.since(opening_day, as_of)
    return Span.of(basis.indicator.kind, year, as_of)
