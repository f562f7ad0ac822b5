"""A register for tests: categories, and records as they lie in the database, without the way they got there."""

from typing import Any

from iconm_portal.forms import files
from iconm_portal.models import Center, TableImport, User
from iconm_portal.values import clock
from kpi.models import Category, Indicator, IndicatorBasis, Plan, Record, RecordFile
from tests.builders.imports import make_import

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


def make_many(category: Category, number: int, *, first: int = 1, **fields: Any) -> None:
    """Many records at once, cheaply."""
    Record.objects.bulk_create(
        a_record(category, f"記録 {index}", number=index, **{"happened": "2024-06-01", **fields})
        for index in range(first, first + number)
    )


def make_register(plan: Plan, *, by: User) -> Category:
    """Ventures, counted by the plan's trials: one with a file, one withdrawn, and an open import."""
    category = make_category(plan.center)
    make_basis(plan.indicators.get(code="trials"), category)
    first = make_record(category, "海風バイオ(株)", happened="2022-09")
    withdrawn = {"status": "withdrawn", "withdrawn_at": clock.now(), "withdrawn_by": by}
    make_record(category, "設立中止", happened="2022-10", withdrawal_reason="設立に至らず", **withdrawn)
    checked = files.CheckedFile("登記.txt", "text/plain", b"x")
    file = files.store(checked, center=plan.center, by=by)
    RecordFile.objects.create(record=first, file=file, attached_by=by)
    table = make_import(plan.center, by=by, kind="kpi.records")
    TableImport.objects.filter(pk=table.pk).update(params={"summary": {"categories": {}}})
    return category


def make_basis(indicator: Indicator, category: Category, measured: str = "records") -> IndicatorBasis:
    return IndicatorBasis.objects.create(
        indicator=indicator, category=category, measured=measured, source=SOURCE
    )
