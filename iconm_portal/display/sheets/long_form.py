"""Figures in long form: one datum a row, the same columns whatever the figures are of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter

from iconm_portal.display.sheets.columns import data_sheet
from iconm_portal.display.sheets.model import Column, ColumnKind, DataSheet


@dataclass(frozen=True, slots=True)
class LongRow:
    """One datum in the long form. `value` is in the display unit of the printed table (505 百万円, 24.3 %).

    A printed 「－」 is a row without value and with a note; what is not reported is no row at all.
    """

    fiscal_year: int
    fiscal_year_wareki: str
    facility_code: str
    plan_code: str
    item_code: str
    item_name: str
    value: int | Decimal | None
    unit: str
    status: str
    as_of: date | None
    note: str = ""


def _field(key: str, kind: ColumnKind = "text") -> Column[LongRow]:
    return Column(key, kind, attrgetter(key))


LONG_FORM_COLUMNS = (
    _field("fiscal_year", "number"),
    _field("fiscal_year_wareki"),
    _field("facility_code"),
    _field("plan_code"),
    _field("item_code"),
    _field("item_name"),
    _field("value", "number"),
    _field("unit"),
    _field("status"),
    _field("as_of", "date"),
    _field("note"),
)


def long_form(name: str, rows: Iterable[LongRow], beside: Sequence[Column[LongRow]] = ()) -> DataSheet:
    """The データ sheet of these data; `name` begins with データ_. Columns of a table's own stand behind the common ones."""
    return data_sheet(name, (*LONG_FORM_COLUMNS, *beside), rows)


def is_long_form(keys: Sequence[str]) -> bool:
    """Whether a table with these headers holds data in the long form."""
    common = [column.key for column in LONG_FORM_COLUMNS]
    return list(keys[: len(common)]) == common
