"""A register for tests: categories, and records as they lie in the database, without the way they got there."""

from typing import Any

from iconm_portal.models import Center
from kpi.models import Category, Record

SOURCE = "T0"


def make_category(center: Center, code: str = "ventures", **fields: Any) -> Category:
    given: dict[str, Any] = {"name": f"区分 {code}", "unit": "件", "source": SOURCE, **fields}
    return Category.objects.create(center=center, code=code, **given)


def a_record(category: Category, title: str, **fields: Any) -> Record:
    """A record with its keys, not saved: what `happened` gives, or `earliest` and `latest`, whichever is named."""
    given: dict[str, Any] = {"number": 0, "title": title, "source": SOURCE, **fields}
    record = Record(center=category.center, category=category, **given)
    record.set_keys()
    return record


def make_record(category: Category, title: str = "できごと", **fields: Any) -> Record:
    record = a_record(category, title, **{"number": category.records.count() + 1, **fields})
    record.save()
    return record


def make_many(category: Category, number: int, **fields: Any) -> None:
    """Many records at once, cheaply."""
    Record.objects.bulk_create(
        a_record(category, f"記録 {index}", number=index, **{"happened": "2024-06-01", **fields})
        for index in range(1, number + 1)
    )
