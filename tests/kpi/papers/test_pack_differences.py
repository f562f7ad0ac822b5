"""Two packs are compared figure by figure, by what names a datum and not by where it stands."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.display.sheets import Column, DataSheet, LongRow, long_form
from kpi.papers import pack_page
from kpi.papers.data import DataTable, canonical, digest, plain, read, table
from kpi.papers.differences import PackChange, compare, is_only_its_day


def row(**facts: object) -> LongRow:
    usual = {
        "fiscal_year": 2022,
        "fiscal_year_wareki": "令和4年度",
        "facility_code": "lab",
        "plan_code": "r4",
        "item_code": "ventures",
        "item_name": "ベンチャー設立数",
        "value": 8,
        "unit": "社",
        "status": "target",
        "as_of": None,
        "note": "",
    }
    return LongRow(**(usual | facts))  # type: ignore[arg-type]


def kpi(*rows: LongRow) -> DataTable:
    return table(long_form("データ_KPI", rows))


def test_a_changed_figure_is_named_with_both_values() -> None:
    (found,) = compare([kpi(row(), row(item_code="trials"))], [kpi(row(item_code="trials"), row(value=9))])
    assert found.change is PackChange.CHANGED
    assert found.value is not None
    assert (found.value.before, found.value.after) == (8, 9)
    assert found.row["item_code"] == "ventures"


def test_what_is_new_and_what_is_gone_are_told_apart() -> None:
    found = compare([kpi(row(status="final"))], [kpi(row())])
    assert [one.change for one in found] == [PackChange.ADDED, PackChange.REMOVED]


def test_a_blank_is_not_zero() -> None:
    (found,) = compare([kpi(row(value=None))], [kpi(row(value=0))])
    assert found.value is not None
    assert (found.value.before, found.value.after) == (None, 0)


def test_a_table_that_only_one_has_is_compared_too() -> None:
    other = DataTable("データ_経緯", ("facility_code", "date", "text"), (("lab", "2015-04", "開始"),))
    assert [one.change for one in compare([], [other])] == [PackChange.ADDED]
    assert [one.change for one in compare([other], [])] == [PackChange.REMOVED]


def test_a_renamed_item_is_no_other_figure() -> None:
    assert compare([kpi(row())], [kpi(row(item_name="設立数"))]) == ()


@given(st.lists(st.integers(-(10**9), 10**9) | st.none(), max_size=5))
def test_a_table_differs_from_itself_nowhere_even_with_repeated_names(values: list[int | None]) -> None:
    one = kpi(*(row(value=value) for value in values))
    assert compare([one], [one]) == ()


def test_values_keep_their_digits_and_their_kind() -> None:
    assert [plain(value) for value in (Decimal("24.30"), 0, "", None, date(2022, 1, 27), "0")] == [
        "24.30",
        0,
        None,
        None,
        "2022-01-27",
        "0",
    ]


def test_what_is_written_is_read_again_and_the_digest_follows_the_data() -> None:
    tables = [table(DataSheet("データ_x", [Column("a"), Column("b", "number")], [("＝1", Decimal("1.5"))]))]
    data = canonical({"title": "資料"}, tables)
    kept = read(data)
    assert (kept.about, list(kept.tables)) == ({"title": "資料"}, tables)
    assert (
        digest(data)
        == digest(canonical({"title": "資料"}, tables))
        != digest(canonical({"title": "別"}, tables))
    )


def test_the_day_for_which_a_pack_was_made_is_no_difference() -> None:
    """A duty that is still open said so on both days, and stood in the list with nothing but those."""
    before, after = (kpi(row(status="open", value=None, as_of=date(2026, 8, day))) for day in (20, 27))
    (found,) = compare([before], [after])
    assert is_only_its_day(found, ["2026-08-20", "2026-08-27"])
    assert not is_only_its_day(found, ["2026-08-20", "2026-12-01"]), "a due date that moved is one"
    (figure,) = compare([kpi(row(value=8))], [kpi(row(value=9))])
    assert not is_only_its_day(figure, ["2026-08-20", "2026-08-27"])


def test_a_difference_is_said_in_words_and_not_in_codes() -> None:
    columns = ("facility_code", "agreement_code", "agreement_name", "state", "ends_on")
    before = DataTable("データ_協定", columns, (("lab", "visits", "見学の協定", "in_force", None),))
    after = DataTable("データ_協定", columns, (("lab", "visits", "見学の協定", "terminating", "2027-03-31"),))
    (found,) = compare([before], [after])
    assert pack_page.values_in_words(found, "before", None) == "状態：有効"
    assert pack_page.values_in_words(found, "after", None) == "状態：解約協議中、最終日：令和9年3月31日"
