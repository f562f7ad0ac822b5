"""What differs between the data of two packs, figure by figure. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
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


# The columns of the データ sheets in words, as all that is printed; the codes that name rows are not among them.
COLUMN_WORDS = {
    "value": "値",
    "unit": "単位",
    "status": "区分",
    "as_of": "時点",
    "note": "備考",
    "comparator": "達成とする条件",
    "is_summary": "要旨",
    "set_in": "設定年度",
    "category_mark": "区分の番号",
    "category_name": "区分",
    "activity": "取組内容",
    "is_new": "新規",
    "plan": "計画",
    "result": "結果",
    "goal": "実現する目標",
    "title": "件名",
    "reference": "番号・掲載先",
    "partner": "相手方",
    "happened": "年月日",
    "earliest": "最初の日",
    "latest": "最後の日",
    "is_period_total": "期間の合計",
    "is_level": "ある時点の数",
    "first_fiscal_year": "最初の年度",
    "last_fiscal_year": "最後の年度",
    "quantity": "数",
    "people": "人数",
    "is_approximate": "数は概数",
    "people_are_approximate": "人数は概数",
    "satisfaction": "満足割合",
    "theme": "分野",
    "stage": "段階",
    "became": "その後の名称",
    "withdrawal_reason": "取下げの理由",
    "source": "出典",
    "agreement_code": "協定",
    "agreement_name": "協定の名称",
    "supporter": "甲",
    "operator": "乙",
    "state": "状態",
    "concluded_on": "締結日",
    "starts_on": "発効日",
    "ends_on": "最終日",
    "ended_by": "終了の基となる協定",
    "review_on": "見直しの期限",
    "legal_basis": "根拠法令",
    "parent_key": "上位の条項",
    "provision_name": "条項",
    "kind": "種別",
    "heading": "見出し",
    "obligation": "義務",
    "bound": "義務を負う者",
    "due": "期限",
    "verdict": "判断",
    "follow_up": "今後の対応",
    "settled_on": "確定日",
    "revision": "版",
    "revision_reason": "改めた理由",
    "corrected_on": "検証後の訂正日",
    "takes_effect_on": "効力が生じる日",
    "judgement_corrected_on": "判断の訂正日",
    "first_verdict": "当初の判断",
    "text": "内容",
    "about": "対象",
    "place": "記載箇所",
}


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


def is_only_its_day(one: PackDifference, days: Collection[str]) -> bool:
    """Whether a row without a figure differs by nothing but the day for which each pack was made."""
    return (
        one.change is PackChange.CHANGED
        and one.row.get("value") is None
        and [field.column for field in one.fields] == ["as_of"]
        and {str(one.fields[0].before), str(one.fields[0].after)} == set(days)
    )


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
