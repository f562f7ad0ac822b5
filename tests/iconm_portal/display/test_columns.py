"""Columns draw sheet, data and page: what each is given says where it stands."""

from typing import Any, NamedTuple

import pytest

from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, FormCell, PageCell, csv_rows, data_sheet, form_sheet


class Work(NamedTuple):
    group: str
    name: str
    hours: int | None


ROWS = [Work("甲", "調査", 3), Work("甲", "<報告>", None), Work("乙", "調査", 0)]
COLUMNS: list[Column[Work]] = [
    Column(
        heading="区分",
        width=10,
        printed=lambda row: FormCell(row.group, "label"),
        shared=lambda row: row.group,
    ),
    Column("name", value=lambda row: row.name, heading="名称", width=20, label="Name"),
    Column(
        "hours",
        "number",
        lambda row: row.hours,
        over="令和4年度",
        heading="時間",
        width=8,
        label_over="FY2022",
        label="Hours",
        name="Hours FY2022",
        css="num",
        html=lambda row: PageCell("" if row.hours is None else str(row.hours), "num"),
    ),
]


def test_the_sheet_has_what_has_a_width_and_one_cell_for_what_is_shared() -> None:
    form = form_sheet("様式", COLUMNS, ROWS, title="様式", freeze_columns=1)
    assert form.widths == [10, 20, 8]
    above, below = form.heading
    assert [(cell.value, cell.rowspan) for cell in above] == [("区分", 2), ("名称", 2), ("令和4年度", 1)]
    assert [cell.value for cell in below] == ["時間"]
    assert [[(cell.value, cell.rowspan) for cell in row] for row in form.body] == [
        [("甲", 2), ("調査", 1), (3, 1)],
        [("<報告>", 1), (None, 1)],
        [("乙", 1), ("調査", 1), (0, 1)],
    ]


def test_the_data_have_what_has_a_key() -> None:
    data = data_sheet("データ_様式", COLUMNS, ROWS)
    assert [column.key for column in data.columns] == ["name", "hours"]
    assert list(data.rows) == [("調査", 3), ("<報告>", None), ("調査", 0)]
    assert b"".join(csv_rows(COLUMNS, ROWS)).decode("utf-8-sig").splitlines()[2] == "<報告>,"


def test_the_page_has_what_has_a_label_and_escapes_texts() -> None:
    table = PageTable(COLUMNS, ROWS)
    assert table.heads == [
        '<th scope="col" rowspan="2">Name</th><th scope="colgroup" colspan="1" class="year">FY2022</th>',
        '<th scope="col" class="num">Hours</th>',
    ]
    assert table.rows[1] == (
        '<th scope="row"><span lang="ja">&lt;報告&gt;</span></th>'
        '<td class="num" data-label="Hours FY2022"></td>'
    )
    assert table.rows[2].endswith('<td class="num" data-label="Hours FY2022">0</td>')


def test_beside_other_rows_a_column_gives_what_belongs_to_them() -> None:
    beside = COLUMNS[1].beside(lambda number: ROWS[number] if number < 2 else None)
    assert list(data_sheet("データ_数", [beside], [0, 2]).rows) == [("調査",), (None,)]


@pytest.mark.parametrize("given", [{"width": 10}, {"width": 10, "heading": "名称"}, {"label": "Name"}])
def test_a_place_without_anything_to_stand_there_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="value or"):
        Column(**given)


def test_data_without_a_value_are_refused() -> None:
    with pytest.raises(ValueError, match="hours"):
        data_sheet("データ_様式", [Column("hours")], ROWS)
