"""The register as it is read: the list and its categories in numbers, one record, and what a value is counted from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from iconm_portal.models import Center, HistoryEvent
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_last
from kpi.models import Category, Indicator, IndicatorBasis, Record, RecordFile, RecordStatus
from kpi.register.counting import COUNTABLE, STANDS_FOR_MANY, Span

WITHOUT_DATE = Q(happened="", latest__isnull=True)


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category in numbers. Only valid single records are counted; totals of periods and levels stand apart.
    `without_file` leaves out what a source told, which needs none."""

    category: Category
    this_year: int
    valid: int
    totals: int
    without_date: int
    without_file: int


def of(center: Center) -> QuerySet[Record]:
    """Every record of the center, with its category."""
    return Record.objects.filter(center=center).select_related("category")


def listed(center: Center) -> QuerySet[Record]:
    """The same with what a list shows of each; the page asks for its own rows' files at once."""
    return of(center).prefetch_related("files")


def without_file(center: Center) -> QuerySet[Record]:
    """Valid single records of persons of which no file tells; what the reference report named needs none."""
    has_file = Exists(RecordFile.objects.filter(record=OuterRef("pk")))
    return Record.objects.filter(COUNTABLE, ~has_file, center=center, source="").order_by(
        blanks_last("-latest"), "-pk"
    )


def category_lines(center: Center, year: FiscalYear) -> list[CategoryLine]:
    """All categories of the center in order; three queries."""
    in_year = Span.in_year(year, year.last_day)
    records = Record.objects.filter(center=center).order_by()
    rows = records.values("category").annotate(
        this_year=Count("pk", filter=COUNTABLE & in_year.surely()),
        valid=Count("pk", filter=COUNTABLE),
        totals=Count("pk", filter=STANDS_FOR_MANY & Q(status=RecordStatus.KEPT)),
        without_date=Count("pk", filter=COUNTABLE & WITHOUT_DATE),
        by_persons=Count("pk", filter=COUNTABLE & Q(source="")),
    )
    # Counted from the center's files: most records of a long register need not be looked at for it.
    with_file = dict(
        Record.objects.filter(COUNTABLE, source="", files__file__center=center)
        .order_by()
        .values("category")
        .annotate(number=Count("pk", distinct=True))
        .values_list("category", "number")
    )
    numbers = {row["category"]: cast("dict[str, int]", row) for row in rows}
    return [
        _line(category, numbers.get(category.pk), with_file.get(category.pk, 0))
        for category in Category.objects.filter(center=center)
    ]


def _line(category: Category, numbers: Mapping[str, int] | None, with_file: int) -> CategoryLine:
    if numbers is None:
        return CategoryLine(category, 0, 0, 0, 0, 0)
    return CategoryLine(
        category,
        this_year=numbers["this_year"],
        valid=numbers["valid"],
        totals=numbers["totals"],
        without_date=numbers["without_date"],
        without_file=numbers["by_persons"] - with_file,
    )


def years(center: Center, today: date) -> list[FiscalYear]:
    """The fiscal years of which there may be records, the latest first; one query."""
    first = Record.objects.filter(center=center).aggregate(first=Min("earliest"))["first"]
    current = FiscalYear.of(today)
    begin = min(FiscalYear.of(first), current) if first else current
    return list(reversed(FiscalYear.range(begin, current)))


# -- One record --


@dataclass(frozen=True, slots=True)
class Counting:
    """An indicator whose value may be counted from a record's category. `year` is the first fiscal year of its plan in
    which the record counts; None where it counts in none of them, or its date is too vague."""

    indicator: Indicator
    year: FiscalYear | None
    is_vague: bool


def counting(record: Record) -> list[Counting]:
    """The indicators of the record's category, plan by plan; one query."""
    bases = IndicatorBasis.objects.filter(category=record.category_id).select_related("indicator__plan")
    return [
        _counting(basis.indicator, record)
        for basis in sorted(bases, key=lambda basis: (basis.indicator.plan.first_year, basis.pk))
    ]


def _counting(indicator: Indicator, record: Record) -> Counting:
    plan = indicator.plan
    first = min(plan.first_year, plan.baseline_year or plan.first_year)
    spans = {
        year: Span.of(indicator.kind, year, year.last_day) for year in FiscalYear.range(first, plan.last_year)
    }
    sure = next((year for year, span in spans.items() if span.holds(record.earliest, record.latest)), None)
    vague = any(span.may_hold(record.earliest, record.latest) for span in spans.values())
    return Counting(indicator, sure, is_vague=sure is None and vague)


def events(record: Record) -> QuerySet[HistoryEvent]:
    """What was done to the record, the latest first."""
    return HistoryEvent.objects.filter(subject=record.history_key()).order_by("-at", "-pk")


# -- Files --


def attached(record: Record) -> QuerySet[RecordFile]:
    return record.files.select_related("file", "attached_by")
