"""Records from a table: each row is held against its category, the register, and the rows before it.

The headings of our own data sheet are understood too, so that an export can be changed and brought back as new records.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from agreements.models import known_days
from iconm_portal.display.sheets import Book, DataSheet, csv_bytes
from iconm_portal.display.sheets import Column as SheetColumn
from iconm_portal.imports.cell_values import CellProblem, Choice, Day, Number, Text, written
from iconm_portal.imports.reading.asides import IS_A_SUM
from iconm_portal.imports.reading.chosen import Chosen
from iconm_portal.imports.reading.tables import Column
from iconm_portal.imports.sheet_reading import SheetCell
from iconm_portal.imports.specs import SUM, Description, ReadRow, Spec, register
from iconm_portal.models import Center, ImportState, TableImport, User
from iconm_portal.values import clock, partial_date
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.number_input import LONGEST_INPUT, MESSAGES, NumberInputError, parse_number
from iconm_portal.values.written.letters import folded
from kpi.models import Category, Record
from kpi.register import actions, duplicates
from kpi.register.actions import Facts, PreparedRecords
from kpi.register.forms import LARGEST
from kpi.register.imports import undoing

NO_CATEGORY: Final = gettext_noop("There is no category “%(found)s”. Write its code or its name.")
NOT_YES_OR_NO: Final = gettext_noop(
    "“%(found)s” is neither 1 nor 0. Write 1 where it is so; leave it blank otherwise."
)
IN_REGISTER: Final = gettext_noop(
    "The register has it already: %(title)s (No. %(number)s), recorded on %(day)s."
)
IN_TABLE: Final = gettext_noop("Row %(row)s is about the same thing, by what the category chose.")
NO_DATE: Final = gettext_noop("Without a date no fiscal year counts it.")


@dataclass(frozen=True, slots=True)
class PartialDay:
    """A day, a month or a year, as ISO text."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        if not cell.kind.may_be_words:
            return Day().read(cell)
        text = written(cell).strip()
        try:
            return partial_date.parse(text)
        except EraInputError as error:
            raise CellProblem(error.template, **error.params) from error

    def show(self, value: Any) -> str:
        return partial_date.label(value, "ja") if value else ""


@dataclass(frozen=True, slots=True)
class Year:
    """A fiscal year, by its first calendar year."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        text = Text(40).read(cell)
        try:
            return str(FiscalYear.parse(text).start)
        except EraInputError as error:
            raise CellProblem(error.template, **error.params) from error

    def show(self, value: Any) -> str:
        return FiscalYear(int(value)).wareki if value else ""


@dataclass(frozen=True, slots=True)
class Quantity(Number):
    """A number behind which may stand what is counted (3回), which is held against the category's unit later."""

    def read(self, cell: SheetCell) -> str:
        try:
            return Number.read(self, cell)
        except CellProblem as problem:
            text = written(cell).strip()
            if (
                problem.message == MESSAGES["unexpected_unit"]
                and len(text) <= LONGEST_INPUT
                and not self.stated
            ):
                return text
            raise

    def show(self, value: Any) -> str:
        return Number.show(self, value) if value.isdecimal() else str(value)


_FLAG: Final = Choice(
    names={
        "1": "1",
        "0": "",
        "はい": "1",
        "いいえ": "",
        "yes": "1",
        "no": "",
        "○": "1",
        "×": "",
        "約": "1",
        "-": "",
    },
    unknown=NOT_YES_OR_NO,
    labels={"1": "1", "": ""},
)
COLUMNS: Final = (
    Column("category", ("区分", "Category", "category_code", "区分コード"), Text(120), required=True),
    Column("title", ("件名", "Title", "名称", "内容", "title"), Text(200), required=True),
    Column("happened", ("年月日", "Date", "日付", "開催日", "年月", "happened"), PartialDay()),
    Column("latest", ("遅くとも", "At the latest on", "までに"), Day(is_as_of=True)),
    Column(
        "reference",
        ("番号等", "Reference", "番号", "reference", "出願番号", "契約番号", "法人番号"),
        Text(120),
    ),
    Column("partner", ("機関", "Institution", "相手先", "相手方", "partner"), Text(120)),
    Column("quantity", ("数", "How many", "数量", "件数", "quantity"), Quantity(minimum=0, maximum=LARGEST)),
    Column(
        "people",
        ("人数", "People", "参加者数", "参加人数", "people"),
        Number(unit="人", minimum=0, maximum=LARGEST, is_blank_when_dashed=True),
    ),
    Column("is_approximate", ("概数", "About so many", "約", "is_approximate"), _FLAG),
    Column("people_are_approximate", ("人数の概数", "About so many people", "people_are_approximate"), _FLAG),
    Column("is_level", ("ある時点の数", "Level at a time", "is_level"), _FLAG),
    Column(
        "satisfaction",
        ("満足の割合", "Satisfied", "満足度", "満足割合", "satisfaction"),
        Number(unit="%", decimals=1, minimum=0, maximum=100, is_blank_when_dashed=True),
    ),
    Column("theme", ("テーマ", "Theme", "theme"), Text(120)),
    Column("stage", ("段階", "Stage", "ステージ", "stage"), Text(120)),
    Column("became", ("改称・統合", "Renamed or absorbed", "became"), Text(200)),
    Column("note", ("備考", "Note", "note"), Text(500)),
    Column("first_year", ("期間の最初の年度", "First fiscal year", "first_fiscal_year"), Year()),
    Column("last_year", ("期間の最後の年度", "Last fiscal year", "last_fiscal_year"), Year()),
)


class RecordChecker:
    """Three queries for the whole table, and one for each chunk of rows."""

    def __init__(self, table: TableImport, today: date) -> None:
        self._days = known_days.of(table.center, today=today)
        self._warns = table.state == ImportState.READING  # warnings are for whoever decides
        self._categories: dict[str, Category] = {}
        categories = list(Category.objects.filter(center=table.center).select_related("center"))
        for by in ("name", "code"):  # a code goes before a name that reads the same
            self._categories |= {folded(getattr(category, by)): category for category in categories}
        self._seen: dict[int, int] = {}  # the hash of what a record is known by → its first row
        self._counts: Counter[str] = Counter()

    def check(self, rows: Sequence[ReadRow]) -> None:
        """What cannot be recorded is an error; what may be there already, or lacks a date, a warning."""
        for row in rows:
            if row.get(SUM):
                row.is_left_out = True
                row.warn("title", IS_A_SUM, found=row.get(SUM))
        records = [(row, record) for row in rows if (record := self._record(row)) is not None]
        stored = duplicates.stored_as((record for _row, record in records), with_withdrawn=False)
        for row, record in records:
            known_by = duplicates.same(record)
            for other in stored.get(known_by, [])[:1]:
                day = clock.day_of(other.recorded_at)
                row.repeat("title", day, IN_REGISTER, title=other.title, number={"number": other.number})
            if not self._warns:
                continue
            first = self._seen.setdefault(hash(known_by), row.number)
            if first != row.number:
                row.warn("title", IN_TABLE, row={"row": first})
            if not record.happened and record.latest is None:
                row.warn("happened" if "happened" in row.values else "title", NO_DATE)
            self._counts[record.category.code] += 1

    def summary(self) -> dict[str, Any]:
        """Records by category."""
        return {"categories": dict(self._counts)}

    def _record(self, row: ReadRow) -> Record | None:
        """The record that the row would become; None where something of it cannot be meant."""
        category = self._categories.get(folded(row.get("category")))
        if category is None and row.get("category"):
            row.error("category", NO_CATEGORY, found=row.get("category"))
        if category is None or not row.is_sound() or not _has_quantity(row, category):
            return None
        facts = _facts(row)
        # In no language: the msgids and what fills them are kept until somebody reads them.
        with translation.override(None):
            try:
                record = actions.build(category, facts, days=self._days)
            except ValidationError as refused:
                _say(row, refused)
                return None
        row.resolved = record
        return record


def _has_quantity(row: ReadRow, category: Category) -> bool:
    """Whether what is written as the number can be one of what the category counts: 3回 where it counts 回."""
    try:
        number = parse_number(row.get("quantity"), unit=category.unit, decimals=0, minimum=0, maximum=LARGEST)
    except NumberInputError as error:
        row.error("quantity", error.template, **error.params)
        return False
    row.values["quantity"] = "" if number is None else f"{number:f}"
    return True


def _facts(row: ReadRow) -> Facts:
    first_year, last_year = _year(row, "first_year"), _year(row, "last_year")
    is_total = bool(first_year or last_year)
    return Facts(
        title=row.get("title"),
        reference=row.get("reference"),
        partner=row.get("partner"),
        happened=row.get("happened"),
        latest=date.fromisoformat(row.get("latest")) if row.get("latest") else None,
        is_period_total=is_total,
        first_year=first_year,
        last_year=last_year,
        quantity=int(row.get("quantity")) if row.get("quantity") else None if is_total else 1,
        people=int(row.get("people")) if row.get("people") else None,
        is_approximate=bool(row.get("is_approximate")),
        people_are_approximate=bool(row.get("people_are_approximate")),
        is_level=bool(row.get("is_level")),
        satisfaction=Decimal(row.get("satisfaction")) if row.get("satisfaction") else None,
        theme=row.get("theme"),
        stage=row.get("stage"),
        became=row.get("became"),
        note=row.get("note"),
    )


def _year(row: ReadRow, key: str) -> FiscalYear | None:
    return FiscalYear(int(row.get(key))) if row.get(key) else None


def _say(row: ReadRow, refused: ValidationError) -> None:
    """What the action would refuse, at the cells that it names."""
    for name, errors in refused.error_dict.items():
        column = name if name in row.values else "title"
        for error in errors:
            row.error(column, str(error.message), **(error.params or {}))


def prepare(table: TableImport, rows: Iterator[ReadRow], by: User, at: datetime) -> PreparedRecords:
    """Make the records ready."""
    records = (row.resolved for row in rows if not row.is_left_out)
    return actions.prepare_many(center=table.center, records=records, by=by, at=at, imported=table)


def apply(table: TableImport, prepared: PreparedRecords, by: User, at: datetime) -> Mapping[str, Any]:
    """Write them all down."""
    return {"count": actions.add_prepared(prepared, by=by)}


def describe(table: TableImport) -> Description:
    """Records by category."""
    counts: dict[str, int] = table.params["summary"]["categories"]
    categories = Category.objects.filter(center=table.center, code__in=counts)
    applied = table.state.was_applied
    told = (
        _("The records were added to the register.")
        if applied
        else _(
            "Records are added to the register. A mistake can be corrected or withdrawn there, but not deleted."
        )
    )
    return Description(
        sentences=(told,) if counts else (),
        headers=(_("Category"), _("Records")),
        rows=tuple((category.name, f"{counts[category.code]:,}") for category in categories),
    )


RECORDS: Final = register(
    Spec(
        kind="kpi.records",
        title=gettext_lazy("Import of records"),
        columns=COLUMNS,
        checker=RecordChecker,
        prepare=prepare,
        apply=apply,
        describe=describe,
        pages="kpi:record_import",
        chosen=lambda table: Chosen(dated_by="happened"),
        undo=undoing.UNDO,
        sums_lack=(("category",),),
    )
)


# The empty table to fill in

_CATEGORIES: Final[Sequence[SheetColumn[Any]]] = (
    SheetColumn("区分コード"),
    SheetColumn("区分"),
    SheetColumn("単位"),
    SheetColumn("番号等"),
    SheetColumn("人数"),
    SheetColumn("満足の割合"),
    SheetColumn("テーマ・段階"),
)


def workbook(center: Center, categories: Sequence[Category], *, today: date) -> bytes:
    """The table to fill in, and the categories with what each asks for on a second sheet."""
    book = Book(title=f"{center.short_name} 活動実績 取込様式", created=today)
    book.data_sheet(DataSheet("データ_活動実績", _headings(), []))
    asked = [
        (
            category.code,
            category.name,
            category.unit,
            category.reference_label,
            _circle(category.asks_people),
            _circle(category.asks_satisfaction),
            _circle(category.asks_stage),
        )
        for category in categories
    ]
    book.data_sheet(DataSheet("データ_区分一覧", _CATEGORIES, asked))
    return book.to_bytes()


def csv() -> bytes:
    """The same table as CSV (UTF-8 with BOM)."""
    return csv_bytes(_headings(), [])


def _headings() -> list[SheetColumn[Any]]:
    return [SheetColumn(column.heading) for column in COLUMNS]


def _circle(asks: bool) -> str:
    return "○" if asks else ""
