"""Counting the register: which records an indicator's value is made of, and what they come to.

The rules (domain.md, Records behind counts):
- a cumulative value, and a level, counts every record that happened by the as-of day at the latest;
- a yearly value, and a yearly share, counts the records whose whole [earliest, latest] lies in the fiscal year, up to
  the as-of day;
- a record whose date is too vague to be assigned to either is not counted, and told apart;
- withdrawn records and totals of a period are never counted; what was renamed or absorbed still is;
- a record stands for as many things as it names (数 13 is 13), for one where it names none;
- from an opening balance on, a cumulative count begins with the day after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, assert_never, cast

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from iconm_portal.models import Center
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_first
from kpi.models import IndicatorBasis, Measured, Record, RecordStatus
from kpi.plans.achievement import Kind

STANDS_FOR_MANY = Q(is_period_total=True) | Q(is_level=True)
COUNTABLE = Q(status=RecordStatus.KEPT, is_period_total=False, is_level=False)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a count speaks of, both included; `first` is None where everything before counts too."""

    first: date | None
    last: date

    @classmethod
    def so_far(cls, as_of: date) -> "Span":
        """Since the start, up to the day."""
        return cls(None, as_of)

    @classmethod
    def since(cls, opening: date, as_of: date) -> "Span":
        """From the day after an opening balance, up to the day."""
        return cls(opening + timedelta(days=1), as_of)

    @classmethod
    def in_year(cls, fiscal_year: FiscalYear, as_of: date) -> "Span":
        """The fiscal year up to the day, and not beyond its end. Before its start it holds no day."""
        return cls(fiscal_year.first_day, min(fiscal_year.last_day, as_of))

    @classmethod
    def of(cls, kind: Kind, fiscal_year: FiscalYear, as_of: date) -> "Span":
        """What an indicator of that kind counts in a report of the year as of the day."""
        return cls.so_far(as_of) if kind.counts_all_so_far else cls.in_year(fiscal_year, as_of)

    @property
    def is_empty(self) -> bool:
        return self.first is not None and self.first > self.last

    def surely(self) -> Q:
        """Records that happened within it whatever day of theirs it was."""
        if self.is_empty:
            return _NONE
        by_then = Q(latest__lte=self.last)
        return by_then & Q(earliest__gte=self.first) if self.first else by_then

    def perhaps(self) -> Q:
        """Records that happened within it on some, but not on every day that their date can mean."""
        if self.is_empty:
            return _NONE
        possible = Q(earliest__isnull=True) | Q(earliest__lte=self.last)
        if self.first is None:
            return possible & (Q(latest__isnull=True) | Q(latest__gt=self.last))
        possible &= Q(latest__isnull=True) | Q(latest__gte=self.first)
        unsure = Q(latest__isnull=True) | Q(latest__gt=self.last)
        return possible & (unsure | Q(earliest__isnull=True) | Q(earliest__lt=self.first))

    def holds(self, earliest: date | None, latest: date | None) -> bool:
        """`surely()` for the days of one record at hand."""
        if self.is_empty or latest is None or latest > self.last:
            return False
        return self.first is None or (earliest is not None and earliest >= self.first)

    def may_hold(self, earliest: date | None, latest: date | None) -> bool:
        """Whether it happened within it on some day that its date can mean, or on all of them."""
        begins = earliest is None or earliest <= self.last
        ends = self.first is None or latest is None or latest >= self.first
        return begins and ends and not self.is_empty


_NONE = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Sums:
    """What the records of one category come to within one span.

    `things` adds up for how many each record stands. `quantity` and `people` add up what is written down; `without_…` says
    in how many records it is not. `points` is the satisfied share times the people who were asked, summed (in percent ×
    people), and `weight` those people. `vague` records, and the `vague_things` that they stand for, are in none of the sums.
    """

    records: int = 0
    things: int = 0
    quantity: int = 0
    without_quantity: int = 0
    people: int = 0
    without_people: int = 0
    points: Decimal = Decimal(0)
    weight: int = 0
    without_share: int = 0
    vague: int = 0
    vague_things: int = 0

    def value(self, measured: Measured | Literal[""], *, decimals: int = 1) -> Decimal | None:
        """The value in display units. A share is rounded half up to `decimals`, and None where nobody was asked: without
        people there is no share, and 0 % would be a lie. Nor do records of which none says how many make 0."""
        if self.records and self.lacking(measured) == self.records:
            return None
        match measured:
            case Measured.RECORDS:
                return Decimal(self.things)
            case Measured.QUANTITY:
                return Decimal(self.quantity)
            case Measured.PEOPLE:
                return Decimal(self.people)
            case Measured.SATISFACTION:
                if not self.weight:
                    return None
                return (self.points / self.weight).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            case "":
                raise ValueError("an account counts no records")
            case _:
                assert_never(measured)

    def lacking(self, measured: Measured | Literal[""]) -> int:
        """How many of the counted records do not hold what is measured, so that the value is too low or not whole."""
        match measured:
            case Measured.RECORDS:
                return 0
            case Measured.QUANTITY:
                return self.without_quantity
            case Measured.PEOPLE:
                return self.without_people
            case Measured.SATISFACTION:
                return self.without_share
            case "":
                raise ValueError("an account counts no records")
            case _:
                assert_never(measured)


NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Counts:
    """The sums of all categories of a center, by category id, since the start and within the fiscal year."""

    fiscal_year: FiscalYear
    as_of: date
    so_far: Mapping[int, Sums] = field(default_factory=dict)
    in_year: Mapping[int, Sums] = field(default_factory=dict)

    def of(self, category_id: int, kind: Kind) -> Sums:
        """What an indicator of that kind counts in the category; nothing where it has no records."""
        sums = self.so_far if kind.counts_all_so_far else self.in_year
        return sums.get(category_id, NOTHING)

    def is_kept(self, category_id: int, kind: Kind) -> bool:
        """Whether the register surely holds anything of the category among what that kind counts. One that was begun
        later, or that is not kept at all, tells nothing: a 0 would be a claim that nobody made. Nor does a record of
        one year say that the next one had none."""
        return self.of(category_id, kind).records > 0


def count(center: Center, *, fiscal_year: FiscalYear, as_of: date, known_at: date | None = None) -> Counts:
    """What the register comes to in a report of the year as of the day: two queries, however many records there are.
    `known_at` as in `sums`."""
    so_far, in_year = Span.so_far(as_of), Span.in_year(fiscal_year, as_of)
    found = sums(center, [so_far, in_year], known_at=known_at)
    return Counts(fiscal_year, as_of, found[so_far], found[in_year])


def sums(
    center: Center, spans: Iterable[Span], *, known_at: date | None = None
) -> dict[Span, dict[int, Sums]]:
    """What every category comes to within each of the spans, by category id: two queries for all of them.

    `known_at`: with the records that were kept at the end of that day, without those withdrawn by then; None for today's.
    A record that was corrected since counts as it reads now: what it said before is in its history.
    """
    named = {f"s{number}": span for number, span in enumerate(dict.fromkeys(spans))}
    records = Record.objects.filter(_kept(known_at), center=center).order_by()
    shares = _shares(records, named)
    rows = [cast("dict[str, Any]", row) for row in records.values("category").annotate(**_aggregates(named))]
    return {span: _sums(name, rows, shares) for name, span in named.items()}


@dataclass(frozen=True, slots=True)
class Changes:
    """When something of a category within a span last changed; `edited_on`: when a record of it was last written over."""

    changed_on: date | None = None
    edited_on: date | None = None


def last_changes(center: Center, spans: Iterable[Span], *, known_at: date) -> dict[Span, dict[int, Changes]]:
    """By category id, of the records that were there at the end of the day, withdrawn ones too; one query."""
    named = {f"s{number}": span for number, span in enumerate(dict.fromkeys(spans))}
    end = timezone.make_aware(datetime.combine(known_at + timedelta(days=1), time()))
    aggregates: dict[str, Max] = {}
    for name, span in named.items():
        within = span.surely() | span.perhaps()
        aggregates |= {
            f"{name}_recorded": Max("recorded_at", filter=within & Q(recorded_by__isnull=False)),
            f"{name}_edited": Max("saved_at", filter=within),
            f"{name}_withdrawn": Max("withdrawn_at", filter=within & Q(withdrawn_at__lt=end)),
        }
    rows = Record.objects.filter(center=center, recorded_at__lt=end).order_by().values("category")
    found: dict[Span, dict[int, Changes]] = {span: {} for span in named.values()}
    for row in (cast("dict[str, Any]", row) for row in rows.annotate(**aggregates)):
        for name, span in named.items():
            moments = [row[f"{name}_{what}"] for what in ("recorded", "edited", "withdrawn")]
            days = [clock.day_of(moment) for moment in moments if moment is not None]
            edited = moments[1]
            found[span][row["category"]] = Changes(
                max(days, default=None), clock.day_of(edited) if edited is not None else None
            )
    return found


def _kept(known_at: date | None) -> Q:
    if known_at is None:
        return COUNTABLE
    end = timezone.make_aware(datetime.combine(known_at + timedelta(days=1), time()))
    was_recorded = Q(recorded_by__isnull=True) | Q(
        recorded_at__lt=end
    )  # what came from a source was always there
    stood = Q(status=RecordStatus.KEPT) | Q(withdrawn_at__gte=end)
    return Q(is_period_total=False) & was_recorded & stood


def counted(basis: IndicatorBasis, span: Span) -> QuerySet[Record]:
    """The records that make the value which the basis proposes."""
    return Record.objects.filter(COUNTABLE & span.surely(), category=basis.category_id)


def vague(basis: IndicatorBasis, span: Span) -> QuerySet[Record]:
    """The records that may belong to it, but whose date is too vague to say."""
    return Record.objects.filter(COUNTABLE & span.perhaps(), category=basis.category_id)


def withdrawn(basis: IndicatorBasis, span: Span) -> QuerySet[Record]:
    """The records that would be counted if they had not been withdrawn."""
    return Record.objects.filter(
        span.surely(),
        category=basis.category_id,
        is_period_total=False,
        is_level=False,
        status=RecordStatus.WITHDRAWN,
    )


def totals(basis: IndicatorBasis) -> QuerySet[Record]:
    """What only a period's total, or a level, tells of: counted by nothing, and not to be forgotten beside it."""
    return Record.objects.filter(
        STANDS_FOR_MANY, category=basis.category_id, status=RecordStatus.KEPT
    ).order_by(blanks_first("first_year"), "pk")


def _aggregates(spans: Mapping[str, Span]) -> dict[str, Count | Sum]:
    aggregates: dict[str, Count | Sum] = {}
    for name, span in spans.items():
        surely = span.surely()
        share_is_whole = Q(satisfaction__isnull=False, people__isnull=False)
        aggregates |= {
            f"{name}_records": Count("pk", filter=surely),
            f"{name}_things": Sum(Coalesce("quantity", 1), filter=surely, default=0),
            f"{name}_quantity": Sum("quantity", filter=surely, default=0),
            f"{name}_without_quantity": Count("pk", filter=surely & Q(quantity__isnull=True)),
            f"{name}_people": Sum("people", filter=surely, default=0),
            f"{name}_without_people": Count("pk", filter=surely & Q(people__isnull=True)),
            f"{name}_without_share": Count("pk", filter=surely & ~share_is_whole),
            f"{name}_vague": Count("pk", filter=span.perhaps()),
            f"{name}_vague_things": Sum(Coalesce("quantity", 1), filter=span.perhaps(), default=0),
        }
    return aggregates


def _shares(
    records: QuerySet[Record], spans: Mapping[str, Span]
) -> dict[tuple[str, int], tuple[Decimal, int]]:
    """Points and weight by span and category. Summed by equal shares in the database and multiplied here, because
    SQLite multiplies decimals as floats."""
    people = {name: Sum("people", filter=span.surely(), default=0) for name, span in spans.items()}
    rows = (
        records.filter(satisfaction__isnull=False, people__isnull=False)
        .values("category", share=F("satisfaction"))
        .annotate(**people)
    )
    found: dict[tuple[str, int], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    for row in (cast("dict[str, Any]", row) for row in rows):
        for name in spans:
            points, weight = found[name, row["category"]]
            found[name, row["category"]] = (points + row["share"] * row[name], weight + row[name])
    return found


def _sums(
    name: str, rows: list[dict[str, Any]], shares: Mapping[tuple[str, int], tuple[Decimal, int]]
) -> dict[int, Sums]:
    sums = {}
    for row in rows:
        points, weight = shares.get((name, row["category"]), (Decimal(0), 0))
        counted_up = {key.removeprefix(f"{name}_"): n for key, n in row.items() if key.startswith(f"{name}_")}
        sums[row["category"]] = Sums(**counted_up, points=points, weight=weight)
    return sums
