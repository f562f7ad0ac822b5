"""Lists of activities as people write them, and what becomes of each: right values, or the cell that is asked. Synthetic."""

from datetime import date

import pytest

from iconm_portal.imports import importing
from iconm_portal.models import Center, TableImport, User
from kpi.models import Record
from kpi.register.imports.kind import RECORDS
from tests.builders.imports import book, csv_file, looked_at, notes, problems, refusal, saved
from tests.builders.plans import tokyo
from tests.builders.records import make_category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
TODAY = tokyo(date(2026, 10, 1))
H = "区分,件名,年月日,数,人数,満足度\n"


@pytest.fixture(autouse=True)
def _categories(center: Center) -> None:
    make_category(
        center, "lectures", name="市民公開講座", asks_people=True, asks_satisfaction=True, unit="回"
    )
    make_category(center, "places", name="訪問先", unit="箇所")


def upload(center: Center, by: User, text: str, *, encoding: str = "utf-8") -> TableImport:
    file = looked_at(csv_file(text, encoding=encoding))
    return importing.upload(spec=RECORDS, center=center, file=file, params={}, by=by, at=TODAY)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{H}lectures,甲,2026/4/18,3回,30名,95％\n", [("2026-04-18", 3, 30, "95.0")]),
        (f"{H}lectures,甲,2026/4/18,３回,３０人,95パーセント\n", [("2026-04-18", 3, 30, "95.0")]),
        (f"{H}places,甲,2026/4/18,3か所,,\nplaces,乙,2026/4/18,4ヶ所,,\n", [("2026-04-18", 3, None, None), ("2026-04-18", 4, None, None)]),
        (f"{H}lectures,甲,R8.4.18（土）,1,ー,－\n", [("2026-04-18", 1, None, None)]),
        (f"{H}lectures,甲,R8.4.18［土］,1,――,--\n", [("2026-04-18", 1, None, None)]),
        (f"{H}lectures,甲,2026年4月18日【土曜日】,1,1千人,87.5%\n", [("2026-04-18", 1, 1000, "87.5")]),
        (f"{H}lectures,甲,2026/4/18,1,30,\n合計,,,1,30,\n※ 人数は延べ\n", [("2026-04-18", 1, 30, None)]),
        (f"{H}lectures,甲,2026/4/18,1,30,\n,計,,1,30,\n以上\n", [("2026-04-18", 1, 30, None)]),
        (f"{H},,,（回）,（人）,（％）\nlectures,甲,2026/4/18,1,30,95\n", [("2026-04-18", 1, 30, "95.0")]),
        (f"{H},,,回,百人,％\nlectures,甲,2026/4/18,1,3,95\n", [("2026-04-18", 1, 300, "95.0")]),
        ("区分,件名,年月日,数,単位\nlectures,甲,2026/4/18,3,回\n", [("2026-04-18", 3, None, None)]),
        ("区分;件名;年月日\nlectures;甲;令和8年度\n", [("2026-FY", 1, None, None)]),
        ("\"区分\",\"件名\",\"開催日\"\n\"ﾚｸﾁｬｰ\",\"一行目\r\n二行目\",\"R8.4\"\n", [("2026-04", 1, None, None)]),
        ("令和8年度 活動実績一覧,,\n\n区分,件名,開催日\n【前期】,,\nlectures,甲,R8.4\n【後期】,,\nlectures,乙,R8.9.30\n", [("2026-04", 1, None, None), ("2026-09-30", 1, None, None)]),
    ],
)  # fmt: skip
def test_a_list_that_comes_in(
    center: Center, foundation_staff: User, text: str, kept: list[tuple[str, int, int | None, str | None]]
) -> None:
    make_category(center, "other", name="レクチャー")
    table = upload(center, foundation_staff, text)
    assert not table.refusal, refusal(table)
    assert table.problem_count == 0, problems(table)
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    found = Record.objects.order_by("pk").values_list("happened", "quantity", "people", "satisfaction")
    assert [(*rest, None if share is None else str(share)) for *rest, share in found] == kept


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{H}lectures,甲,2026/4/18,3人,,\n", (2, "quantity")),
        (f"{H}lectures,甲,2026/4/18,3か所,,\n", (2, "quantity")),
        (f"{H}lectures,甲,2026/4/18,－,,\n", (2, "quantity")),
        (f"{H}lectures,甲,2026/4/18,1ー3,,\n", (2, "quantity")),
        (f"{H}lectures,甲,2026/4/18,1,延べ30人,\n", (2, "people")),
        (f"{H}lectures,甲,2026/4/18,1,30人（うち学生5人）,\n", (2, "people")),
        (f"{H}lectures,甲,2026/4/18,1,30ー40,\n", (2, "people")),
        (f"{H}lectures,甲,2026/4/18,1,30,9割5分\n", (2, "satisfaction")),
        (f"{H}lectures,甲,2026/4/18,1,30,4.5点\n", (2, "satisfaction")),
        (f"{H}lectures,甲,2026/4/18-19,1,30,\n", (2, "happened")),
        (f"{H}lectures,甲,4月18日,1,30,\n", (2, "happened")),
        (f"{H}lectures,甲,2026年4月18日［日］,1,30,\n", (2, "happened")),
        (f"{H}公開講座,甲,2026/4/18,1,30,\n", (2, "category")),
        ("区分,件名,年月日,人数,単位\nlectures,甲,2026/4/18,3,百人\n", (2, "people")),
        ("区分,件名,年月日,人数（百人）\nlectures,甲,2026/4/18,3件\n", (2, "people")),
    ],
)
def test_a_record_that_is_asked(
    center: Center, foundation_staff: User, text: str, place: tuple[int, str]
) -> None:
    table = upload(center, foundation_staff, text)
    assert table.problem_count
    assert place in [(row, key) for row, key, _said in problems(table)]


def test_a_share_that_a_workbook_keeps_as_one(center: Center, foundation_staff: User) -> None:
    made = book(
        ("一覧", [["区分", "件名", "年月日", "満足度"], ["lectures", "甲", date(2026, 4, 18), 0.955]])
    )
    made[0]["一覧"]["D2"].number_format = "0.0%"
    table = importing.upload(
        spec=RECORDS, center=center, file=looked_at(saved(made)), params={}, by=foundation_staff, at=TODAY
    )
    assert problems(table) == []
    assert [row.values["satisfaction"] for row in table.rows.all()] == ["95.5"]


def test_a_row_of_sums_is_named(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, f"{H}lectures,甲,2026/4/18,1,30,\n合計,,,1,30,\n※ 延べ\n")
    assert problems(table) == [(3, "title", "“合計” is a sum of other rows. It is left out.")]
    assert notes(table) == ["Rows with one text alone, such as remarks and titles, are left out: 1 (4)"]
    assert table.row_count == 1
