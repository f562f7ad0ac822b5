"""From a reported number to the things counted: the register beside the report, for one indicator and year."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorBasis, Measured, Record
from kpi.plans import scorecard
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Cell, Scorecard, Segment
from kpi.register import counting
from kpi.register.counting import Span, Sums
from kpi.value_sources import suggested_values
from kpi.value_sources.suggested_values import RegisterCount


@dataclass(frozen=True)
class Counted:
    """What the register comes to (`value`, in base units; None where it is not kept for this) beside what was reported.

    `as_of` is the report's day, or where nothing is reported today or the year's last day, whichever is earlier.
    """

    plan: Scorecard
    indicator: IndicatorFacts
    cell: Cell
    basis: IndicatorBasis
    as_of: date
    counted: RegisterCount

    @property
    def span(self) -> Span:
        return self.counted.span

    @property
    def sums(self) -> Sums:
        return self.counted.sums

    @property
    def value(self) -> Decimal | None:
        return self.counted.least

    @property
    def difference(self) -> Decimal | None:
        """Reported less registered, in base units; None unless both are known."""
        if self.value is None or self.cell.value is None:
            return None
        return self.cell.value - self.value

    @property
    def may_be_as_many(self) -> bool:
        """Whether the records that are dated too vaguely can make up for all that the register counts less."""
        if self.difference is None or self.basis.measured != Measured.RECORDS:
            return False
        return 0 < self.difference <= self.sums.vague_things * self.indicator.scale

    @property
    def in_opening(self) -> QuerySet[Record]:
        """Records up to the day of the opening balance, which holds them already."""
        if self.counted.opening is None:
            return Record.objects.none()
        return counting.counted(self.basis, Span.so_far(self.counted.opening.as_of))

    @property
    def records(self) -> QuerySet[Record]:
        return counting.counted(self.basis, self.span)

    @property
    def vague(self) -> QuerySet[Record]:
        return counting.vague(self.basis, self.span)

    @property
    def withdrawn(self) -> QuerySet[Record]:
        return counting.withdrawn(self.basis, self.span)

    @property
    def totals(self) -> QuerySet[Record]:
        """Totals of periods of the category: they tell of the same things, and are counted by nothing."""
        return counting.totals(self.basis)


def load(
    center: Center, plan_code: str, indicator_code: str, year: FiscalYear, *, today: date, as_of: date | None
) -> Counted:
    """`as_of`: another day than the report's. KeyError for a plan, an indicator or a year that is not known, and for an
    indicator that no category counts."""
    plan = scorecard.load(center, known_at=today).plan(plan_code)
    row = plan.row(indicator_code)
    cell = row.cell(year)
    basis = (
        IndicatorBasis.objects.filter(indicator=row.indicator.id, category__isnull=False)
        .select_related("category", "indicator__plan__center")
        .first()
    )
    if basis is None or basis.category is None:
        raise KeyError(indicator_code)
    reported = cell.actual.as_of if cell.actual else None
    day = as_of or reported or min(today, year.last_day)
    proposal = suggested_values.of_bases([basis], basis.indicator.plan, year, day, today)[row.indicator.id]
    if proposal.counted is None:
        raise KeyError(indicator_code)
    return Counted(
        plan=plan,
        indicator=row.indicator,
        cell=cell,
        basis=basis,
        as_of=day,
        counted=proposal.counted,
    )


def counted_indicators(life: list[Segment]) -> set[int]:
    """Which indicators of a life are counted in the register, by id; one query."""
    ids = [segment.row.indicator.id for segment in life]
    based = IndicatorBasis.objects.filter(indicator__in=ids, category__isnull=False)
    return set(based.values_list("indicator_id", flat=True))
