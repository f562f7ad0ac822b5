"""Records that are the same thing. What makes them so is the category's own choice: of reference, title, date, institution.

Whatever else two records have in common is a likeness (the same newspaper on another day) and no reason to ask anybody.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import Q

from iconm_portal.values.written.letters import folded
from kpi.models import Category, Record, RecordStatus

Same = tuple[int, tuple[tuple[str, Any], ...]]
"""The category, and what was compared with what it holds; equal for records that are the same."""

_USUAL: Final = ("title", "date")
"""Where all that the category chose is blank, as of a patent whose number is not known yet."""


def chosen(category: Category) -> list[str]:
    """What the category's records are known by."""
    return [name for name in ("reference", "title", "date", "partner") if getattr(category, f"same_{name}")]


def same(record: Record) -> Same:
    """By what the record is known again."""
    held = {
        "reference": record.reference_key,
        "title": record.title_key,
        "date": (record.earliest, record.latest),
        "partner": folded(record.partner),
    }
    names: Sequence[str] = chosen(record.category)
    if not any(held[name] not in ("", (None, None)) for name in names):
        names = _USUAL
    return record.category_id, tuple((name, held[name]) for name in names)


def stored_as(records: Iterable[Record], *, with_withdrawn: bool) -> dict[Same, list[Record]]:
    """The stored records that are the same as one of these, by what they are known by; one query.

    Withdrawn ones are for whoever can make them valid again; a table that comes in anew does not repeat them.
    """
    wanted = {same(record): record for record in records}
    if not wanted:
        return {}
    found = Record.objects.filter(_may_be(wanted.values())).select_related("category").order_by("pk")
    if not with_withdrawn:
        found = found.filter(status=RecordStatus.KEPT)
    stored: dict[Same, list[Record]] = {}
    for record in found:
        if (known_by := same(record)) in wanted:
            stored.setdefault(known_by, []).append(record)
    return stored


def like(record: Record) -> list[Record]:
    """Records of its category that are the same, but for itself, withdrawn ones too."""
    stored = stored_as([record], with_withdrawn=True).get(same(record), [])
    return [one for one in stored if one.pk != record.pk]


def _may_be(records: Iterable[Record]) -> Q:
    """By one field that an index knows for each of them; what else they have in common is compared afterwards."""
    by_field: dict[str, dict[int, set[Any]]] = {}
    for record in records:
        known_by = dict(same(record)[1])
        field, value = next(
            (_INDEXED[name], known_by[name][1] if name == "date" else known_by[name])
            for name in _INDEXED
            if name in known_by
        )
        by_field.setdefault(field, {}).setdefault(record.category_id, set()).add(value)
    found = Q(pk__in=[])
    for field, of_category in by_field.items():
        for category, values in of_category.items():
            of_field = Q(**{f"{field}__in": values - {None}})
            if None in values:
                of_field |= Q(**{f"{field}__isnull": True})
            found |= of_field & Q(category=category)
    return found


_INDEXED: Final = {"reference": "reference_key", "title": "title_key", "date": "latest"}
"""The columns by which stored records are found, the most telling first. A category chooses one of them at least."""
