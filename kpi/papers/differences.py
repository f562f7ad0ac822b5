"""What differs between the data of two packs, figure by figure. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kpi.papers.data import DataTable, Plain

# What names a datum in the long form; the rest is what is said of it.
_LONG_KEY = ("fiscal_year", "facility_code", "plan_code", "item_code", "status")
# Of other tables: the columns that name a row. A table that is not listed is compared row by row.
_KEYS = (
    ("facility_code", "agreement_code", "provision_key", "obligation_code"),
    ("facility_code", "agreement_code"),
    ("facility_code", "category_code", "number"),
    ("facility_code", "fiscal_year", "kind"),
    ("facility_code", "scheme_code", "category_code", "activity_code", "fiscal_year"),
    ("facility_code", "scheme_code", "category_code", "plan_code", "goal_code"),
    ("facility_code", "date"),
    ("facility_code", "item_code"),
)
_DESCRIBES = frozenset({"fiscal_year_wareki", "item_name"})


class PackChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Field:
    """One column in which a row differs."""

    column: str
    before: Plain
    after: Plain


@dataclass(frozen=True)
class PackDifference:
    """A row that is new, gone, or says something else. `row` is the later one, for a removed row the earlier."""

    table: str
    change: PackChange
    key: tuple[Plain, ...]
    row: dict[str, Plain]
    fields: tuple[Field, ...]

    @property
    def value(self) -> Field | None:
        """The figure itself, where it is what differs."""
        return next((field for field in self.fields if field.column == "value"), None)


def key_columns(table: DataTable) -> tuple[str, ...]:
    """The columns that name a row of the table."""
    if table.is_long_form:
        return _LONG_KEY
    return next((key for key in _KEYS if set(key) <= set(table.columns)), table.columns)


def compare(before: Iterable[DataTable], after: Iterable[DataTable]) -> tuple[PackDifference, ...]:
    """Every difference, table by table in the later pack's order; a table of the earlier one alone comes last."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(difference for name in names for difference in _of_table(name, old.get(name), new.get(name)))


def _of_table(name: str, old: DataTable | None, new: DataTable | None) -> Iterator[PackDifference]:
    was, now = _by_key(old), _by_key(new)
    for key, row in now.items():
        if key not in was:
            yield PackDifference(name, PackChange.ADDED, key, row, tuple(_fields({}, row)))
        elif fields := tuple(_fields(was[key], row)):
            yield PackDifference(name, PackChange.CHANGED, key, row, fields)
    for key, row in was.items():
        if key not in now:
            yield PackDifference(name, PackChange.REMOVED, key, row, tuple(_fields(row, {})))


def _fields(before: dict[str, Plain], after: dict[str, Plain]) -> Iterator[Field]:
    for column in [*after, *(column for column in before if column not in after)]:
        was, now = before.get(column), after.get(column)
        if was != now and column not in _DESCRIBES:
            yield Field(column, was, now)


def _by_key(table: DataTable | None) -> dict[tuple[Plain, ...], dict[str, Plain]]:
    """Rows by what names them; a name that occurs twice is told apart by its turn."""
    if table is None:
        return {}
    columns, turns = key_columns(table), Counter[tuple[Plain, ...]]()
    found = {}
    for values in table.rows:
        row = dict(zip(table.columns, values, strict=True))
        key = tuple(row.get(column) for column in columns)
        turns[key] += 1
        found[key if turns[key] == 1 else (*key, turns[key])] = row
    return found
