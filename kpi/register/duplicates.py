"""Records that may be the same thing: the same reference in a category, or the same title within a month."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from kpi.models import Record

NEAR = timedelta(days=31)

Identity = tuple[str, str, date | None, date | None]


def identity(record: Record) -> Identity:
    """By what a record is recognised: reference, title, and the days between which it happened."""
    return record.reference_key, record.title_key, record.earliest, record.latest


def like(record: Record) -> QuerySet[Record]:
    """Records of its category that may be the same thing: with the same reference, or with the same title and no more
    than 31 days away. Where a date is missing, the title alone speaks. Withdrawn ones are among them."""
    same = Q(title_key=record.title_key) & _near(record)
    if record.reference_key:
        same |= Q(reference_key=record.reference_key)
    return Record.objects.filter(same, category=record.category_id).exclude(pk=record.pk)


def like_any(records: Iterable[Record]) -> dict[int, list[Record]]:
    """The stored records that are like each of these, none of which is saved yet, by their place; one query."""
    wanted = list(records)
    titles = {record.title_key for record in wanted}
    references = {record.reference_key for record in wanted} - {""}
    found = Record.objects.filter(
        Q(title_key__in=titles) | Q(reference_key__in=references),
        category__in={record.category_id for record in wanted},
    ).select_related("category")
    stored = Pile(found)
    return {place: alike for place, record in enumerate(wanted) if (alike := stored.like(record))}


class Pile:
    """Records at hand, to be asked which of them are like another one; for tables, where no query a row can be."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._by_title: dict[tuple[int, str], list[Record]] = {}
        self._by_reference: dict[tuple[int, str], list[Record]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        self._by_title.setdefault((record.category_id, record.title_key), []).append(record)
        if record.reference_key:
            self._by_reference.setdefault((record.category_id, record.reference_key), []).append(record)

    def like(self, record: Record) -> list[Record]:
        same = self._by_reference.get((record.category_id, record.reference_key), [])
        near = self._by_title.get((record.category_id, record.title_key), [])
        return same + [other for other in near if other not in same and are_near(record, other)]


def are_near(record: Record, other: Record) -> bool:
    """Whether the two may have happened within 31 days; a missing day may be any."""
    begin, end = record.earliest or date.min, record.latest or date.max
    other_begin, other_end = other.earliest or date.min, other.latest or date.max
    return other_begin - end <= NEAR and begin - other_end <= NEAR


def _near(record: Record) -> Q:
    near = Q()
    if record.latest and record.latest < date.max - NEAR:
        near &= Q(earliest__isnull=True) | Q(earliest__lte=record.latest + NEAR)
    if record.earliest and record.earliest > date.min + NEAR:
        near &= Q(latest__isnull=True) | Q(latest__gte=record.earliest - NEAR)
    return near
