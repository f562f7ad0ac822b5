"""Every write of the register: records are added, corrected, withdrawn and reinstated, never deleted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.models import known_days
from agreements.models.known_days import KnownDays
from iconm_portal.forms import files
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.imports.specs import Outdated
from iconm_portal.models import Center, TableImport, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import version_lock
from iconm_portal.values import clock
from iconm_portal.values.many_rows import ManyRows
from kpi.models import Category, Record, RecordFile, RecordStatus
from kpi.register import duplicates, possible
from kpi.register.possible import Facts

FACTS = tuple(Facts.__dataclass_fields__)


class Alike(Exception):
    """The category holds records that are the same thing by its own choice; nothing was saved."""

    def __init__(self, records: Sequence[Record]) -> None:
        super().__init__(len(records))
        self.records = list(records)


def facts_of(record: Record) -> Facts:
    """The record's facts as they stand; a `latest` that only follows from the date or the years is left out."""
    facts = Facts(**{name: getattr(record, name) for name in FACTS})
    return replace(facts, latest=None) if record.happened or record.is_period_total else facts


def build(category: Category, facts: Facts, *, days: KnownDays) -> Record:
    """A record with the facts and its keys, not yet numbered or saved. ValidationError by field for what cannot be."""
    possible.check(category, facts, days)
    record = Record(center_id=category.center_id, category=category, number=0)
    _set(record, facts)
    record.clean_fields(exclude=["number", "center", "category"])
    return record


@transaction.atomic
def add(
    *,
    category: Category,
    facts: Facts,
    by: User,
    at: datetime,
    new_files: Sequence[files.CheckedFile] = (),
    is_another: bool = False,
) -> Record:
    """Write a record down. Raises Alike where the category may hold it already, unless the person says that it
    is another one (`is_another`)."""
    require(by, category.center, Right.KEEP)
    record = build(category, facts, days=known_days.of(category.center, today=clock.day_of(at)))
    record.number = _next_number(category)
    if not is_another:
        _refuse_alike(record)
    record.recorded_at, record.recorded_by = at, by
    record.full_clean()
    record.save()
    names = _attach(record, new_files, by, at)
    _remember("record.add", record, by, after=_as_history(facts) | names)
    return record


@transaction.atomic
def change(
    *,
    record: Record,
    version: int,
    facts: Facts,
    by: User,
    at: datetime,
    new_files: Sequence[files.CheckedFile] = (),
    is_another: bool = False,
) -> Record:
    """Correct a record. Raises Conflict where somebody saved it since `version`, Alike as in `add`, and WrongStep for
    a withdrawn one, which is reinstated first. Where nothing changed, nothing is written."""
    require(by, record.center, Right.KEEP)
    days = known_days.of(record.center, today=clock.day_of(at))
    possible.check(record.category, facts, days, was=facts_of(record))
    held = Record.objects.select_for_update().select_related("center", "category").get(pk=record.pk)
    before = facts_of(held)
    changed = Record.objects.select_related("center", "category").get(pk=record.pk)
    _set(changed, facts)
    if held.version != version:
        raise Conflict
    if held.is_withdrawn:
        raise WrongStep(held.status)
    if not is_another and duplicates.same(held) != duplicates.same(changed):
        _refuse_alike(changed)
    if before == facts_of(changed) and not new_files:
        return held
    changed.saved_at, changed.saved_by = at, by
    changed.full_clean()
    keys = ("earliest", "latest", "search_text", "title_key", "reference_key", "saved_at", "saved_by")
    new = {name: getattr(changed, name) for name in (*FACTS, *keys)}
    version_lock.step(changed, version, (RecordStatus.KEPT,), state_field="status", **new)
    names = _attach(changed, new_files, by, at)
    was, now = history.changed(_as_history(before), _as_history(facts))
    _remember("record.change", changed, by, before=was, after=now | names)
    return changed


@transaction.atomic
def withdraw(*, record: Record, version: int, reason: str, by: User, at: datetime) -> Record:
    """Take back a record that should not count. It stays, with the reason, and is never counted."""
    require(by, record.center, Right.KEEP)
    reason = _reason(reason, _("Say why the record is withdrawn."))
    version_lock.step(
        record,
        version,
        (RecordStatus.KEPT,),
        state_field="status",
        status=RecordStatus.WITHDRAWN,
        withdrawn_at=at,
        withdrawn_by=by,
        withdrawal_reason=reason,
    )
    _remember("record.withdraw", record, by, reason=reason)
    return record


@transaction.atomic
def reinstate(*, record: Record, version: int, reason: str, by: User) -> Record:
    """Let a withdrawn record count again; the history keeps why it was withdrawn and why it is back."""
    require(by, record.center, Right.KEEP)
    reason = _reason(reason, _("Say why the record is valid again."))
    version_lock.step(
        record,
        version,
        (RecordStatus.WITHDRAWN,),
        state_field="status",
        status=RecordStatus.KEPT,
        withdrawn_at=None,
        withdrawn_by=None,
        withdrawal_reason="",
    )
    _remember("record.reinstate", record, by, reason=reason)
    return record


@transaction.atomic
def attach(*, record: Record, new_files: Sequence[files.CheckedFile], by: User, at: datetime) -> None:
    """Add files to a record. Files are never taken away, so nobody's work can be in the way: no version is asked."""
    require(by, record.center, Right.KEEP)
    names = _attach(record, new_files, by, at)
    if names:
        _remember("record.attach", record, by, after=names)


@dataclass(frozen=True)
class PreparedRecords:
    """Records ready to be put in as long as the categories are as they were; numbered then."""

    center: Center
    categories: Mapping[int, tuple[Any, ...]]
    records: ManyRows
    of_category: list[int]  # the category of each


def prepare_many(
    *,
    center: Center,
    records: Iterable[Record],
    by: User,
    at: datetime,
    imported: TableImport | None = None,
) -> PreparedRecords:
    """Make many records ready, as `build` gave them, without writing anything: so the transaction that puts them in is short.

    Whether they are there already is looked at before (`duplicates.stored_as`), with the person, and not again.
    """
    prepared = PreparedRecords(center, _categories(center), ManyRows(Record), [])
    for record in records:
        record.recorded_at, record.recorded_by, record.imported = at, by, imported
        prepared.records.add(record)
        prepared.of_category.append(record.category_id)
    return prepared


@transaction.atomic
def add_prepared(prepared: PreparedRecords, *, by: User) -> int:
    """Write them down, all or none, numbered on in each category; says how many.

    Outdated where the categories are no longer as they were: build them again.
    """
    require(by, prepared.center, Right.KEEP)
    numbers = _Numbers(prepared.center)
    if _categories(prepared.center) != prepared.categories:
        raise Outdated
    place = prepared.records.place("number")
    for category, row in zip(prepared.of_category, prepared.records.rows, strict=True):
        row[place] = numbers.next(category)
    prepared.records.insert_all()
    return len(prepared.records)


@transaction.atomic
def add_many(*, center: Center, rows: Iterable[tuple[Category, Facts]], by: User, at: datetime) -> int:
    """Write many records down, numbered on in each category, all or none; returns how many.

    ValidationError by field for what cannot be. Likeness is not looked at.
    """
    require(by, center, Right.KEEP)
    days = known_days.of(center, today=clock.day_of(at))
    records = (build(category, facts, days=days) for category, facts in rows)
    return add_prepared(prepare_many(center=center, records=records, by=by, at=at), by=by)


def _categories(center: Center) -> dict[int, tuple[Any, ...]]:
    """What a record is held against."""
    return {row[0]: row for row in Category.objects.filter(center=center).order_by().values_list()}


class _Numbers:
    """The next number of every category of a center, which is locked until the end of the transaction."""

    def __init__(self, center: Center) -> None:
        list(Category.objects.select_for_update().filter(center=center).order_by("pk").values_list("pk"))
        last = Record.objects.filter(center=center).order_by().values("category").annotate(last=Max("number"))
        self._last: dict[int, int] = {row["category"]: row["last"] for row in last}

    def next(self, category: int) -> int:
        self._last[category] = number = self._last.get(category, 0) + 1
        return number


def _next_number(category: Category) -> int:
    """One more than the last, with the category locked until the end: two at once never get the same number."""
    Category.objects.select_for_update().get(pk=category.pk)
    last = Record.objects.filter(category=category).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _set(record: Record, facts: Facts) -> None:
    """The facts into the record, with the days and the keys that follow from them."""
    for name in FACTS:
        value = getattr(facts, name)
        setattr(record, name, value.strip() if isinstance(value, str) else value)
    record.earliest = None
    if facts.is_period_total and facts.first_year and facts.last_year:
        record.earliest, record.latest = facts.first_year.first_day, facts.last_year.last_day
    record.set_keys()


def _refuse_alike(record: Record) -> None:
    if found := duplicates.like(record)[:10]:
        raise Alike(found)


def _attach(
    record: Record, checked: Sequence[files.CheckedFile], by: User, at: datetime
) -> dict[str, list[str]]:
    stored = [files.store(file, center=record.center, by=by) for file in checked]
    RecordFile.objects.bulk_create(
        RecordFile(record=record, file=file, attached_at=at, attached_by=by) for file in stored
    )
    return {"files": [file.name for file in stored]} if stored else {}


def _reason(text: str, refusal: str) -> str:
    if not text.strip():
        raise ValidationError({"reason": refusal})
    return text.strip()


def _as_history(facts: Facts) -> dict[str, Any]:
    """What is written down, without blanks."""
    return dict(_as_kept(facts))


def _as_kept(facts: Facts) -> Iterator[tuple[str, Any]]:
    for name, value in asdict(facts).items():
        if name in ("first_year", "last_year"):
            value = getattr(facts, name) and getattr(facts, name).wareki
        if value not in ("", None, False):
            yield name, str(value) if isinstance(value, Decimal) else value


def _remember(
    action: str,
    record: Record,
    by: User,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    history.record(
        by=by,
        action=action,
        subject=record,
        center=record.center,
        before=before,
        after=after,
        reason=reason,
    )
