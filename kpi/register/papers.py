"""Which records of the register a committee paper about a fiscal year shows."""

from datetime import date

from django.db.models import Q

from iconm_portal.models import Center
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_first
from kpi.models import Record, RecordStatus
from kpi.plans.achievement import Kind
from kpi.register.counting import STANDS_FOR_MANY


def load(center: Center, *, year: FiscalYear, as_of: date) -> tuple[Record, ...]:
    """What happened in the year, the totals of periods, the levels, and all of what cumulative indicators count; one query.

    As known at the end of the day: nothing that happened later, or that somebody entered later.
    """
    in_year = Q(latest__gte=year.first_day, latest__lte=year.last_day)
    cumulative = Q(category__indicators__indicator__kind__in=[kind for kind in Kind if kind.only_grows])
    happened = Q(latest__isnull=True) | Q(latest__lte=as_of)
    rows = (
        Record.objects.filter(in_year | cumulative | STANDS_FOR_MANY, happened, center=center)
        .filter(status=RecordStatus.KEPT)
        .select_related("category")
        .order_by("category__position", "category_id", blanks_first("latest"), "number")
        .distinct()
    )
    return tuple(row for row in rows if row.source or clock.day_of(row.recorded_at) <= as_of)
