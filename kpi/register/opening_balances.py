"""期首累計: what stood before the register counts on, with the document that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from iconm_portal.models import Center
from iconm_portal.values import clock
from kpi.models import Category, Indicator, IndicatorBasis, Measured, OpeningBalance


@dataclass(frozen=True, slots=True)
class Opening:
    """So many until the end of the day. `of_category`: of all that the category counts, not of the one indicator only."""

    value: int
    as_of: date
    source: str
    reason: str
    recorded_on: date
    recorded_by: str
    of_category: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What an opening balance is of: one indicator, or all that a category counts in one way."""

    indicator: Indicator | None = None
    category: Category | None = None
    measured: Measured | None = None

    def rows(self) -> Q:
        if self.indicator is not None:
            return Q(indicator=self.indicator)
        return Q(category=self.category, measured=self.measured)


def load(
    center: Center, bases: Iterable[IndicatorBasis], *, known_at: date | None = None
) -> dict[int, Opening]:
    """By indicator, for what is counted up since the start; as known at the end of the day (today's without one).

    One query. An indicator's own goes before that of its category.
    """
    rows = OpeningBalance.objects.filter(center=center).select_related("recorded_by").order_by("revision")
    of_indicator: dict[int, OpeningBalance] = {}
    of_category: dict[tuple[int, str], OpeningBalance] = {}
    for row in rows:
        if known_at is not None and clock.day_of(row.recorded_at) > known_at:
            continue
        if row.indicator_id is not None:
            of_indicator[row.indicator_id] = row
        elif row.category_id is not None:
            of_category[row.category_id, str(row.measured)] = row
    found: dict[int, Opening] = {}
    for basis in bases:
        if basis.category_id is None or not basis.indicator.kind.counts_all_so_far:
            continue
        own = of_indicator.get(basis.indicator_id)
        if own is None or own.value is None:
            own = of_category.get((basis.category_id, str(basis.measured)))
        if (opening := _opening(own)) is not None:
            found[basis.indicator_id] = opening
    return found


def _opening(row: OpeningBalance | None) -> Opening | None:
    if row is None or row.value is None or row.as_of is None:
        return None
    return Opening(
        value=row.value,
        as_of=row.as_of,
        source=row.source,
        reason=row.reason,
        recorded_on=clock.day_of(row.recorded_at),
        recorded_by=row.recorded_by.name,
        of_category=row.category_id is not None,
    )


def latest(scope: Scope) -> OpeningBalance | None:
    """The last revision, one that took the balance away included."""
    return OpeningBalance.objects.filter(scope.rows()).order_by("-revision").first()
