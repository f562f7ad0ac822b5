"""Small files of the register that say themselves what they are, and what is right of each. Synthetic."""

from datetime import date

import pytest

from iconm_portal.imports import importing
from iconm_portal.models import Center, TableImport, User
from kpi.models import Category, Record
from kpi.register.imports.kind import RECORDS
from tests.builders.imports import csv_file, looked_at, notes, problems, xlsx
from tests.builders.plans import tokyo
from tests.builders.records import make_category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn", "lectures")]
TODAY = tokyo(date(2026, 10, 1))


@pytest.fixture
def lectures(center: Center) -> Category:
    return make_category(
        center, "lectures", name="市民公開講座", asks_people=True, asks_satisfaction=True, unit="回"
    )


def upload(center: Center, by: User, text: str, *, encoding: str = "utf-8") -> TableImport:
    file = looked_at(csv_file(text, encoding=encoding))
    return importing.upload(spec=RECORDS, center=center, file=file, params={}, by=by, at=TODAY)


def values(table: TableImport, key: str) -> list[str]:
    return [row.values.get(key, "") for row in table.rows.all()]


def test_hundreds_are_hundreds_and_points_are_no_percentage(center: Center, foundation_staff: User) -> None:
    text = "区分,件名,年月日,人数（百人）,満足の割合（5点満点）\n市民公開講座,単位の試験,2026/4/20,3,4.5\n"
    table = upload(center, foundation_staff, text)
    assert values(table, "people") == ["300"]
    assert [(row, key) for row, key, said in problems(table) if "5点満点" in said and "%" in said] == [
        (2, "satisfaction")
    ]
    assert notes(table) == ["“人数（百人）” is in 百人, as the file says: its figures are converted into 人."]


@pytest.mark.parametrize(
    ("first", "second"), [("utf-8", "cp932"), ("cp932", "utf-8"), ("euc_jp", "cp932"), ("utf-16", "euc_jp")]
)
def test_the_same_record_in_two_encodings_is_one(
    center: Center, foundation_staff: User, first: str, second: str
) -> None:
    """〜 and − of one, ～ and － of the other; the same category, too, however its name was typed."""
    texts = {
        "cp932": "区分,件名,年月日,機関\n市民公開講座,講座～入門編,2026/4/18,A－B社\n",
        "other": "区分,件名,年月日,機関\n市民公開講座,講座〜入門編,2026/4/18,A−B社\n",
    }
    table = upload(center, foundation_staff, texts.get(first, texts["other"]), encoding=first)
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    again = upload(center, foundation_staff, texts.get(second, texts["other"]), encoding=second)
    assert [row for row, _key, said in problems(again) if "has it already" in said] == [2]
    kept = Record.objects.get()
    assert kept.title == ("講座～入門編" if first == "cp932" else "講座〜入門編"), "stored as it was written"


def test_a_category_is_found_in_whatever_letters(center: Center, foundation_staff: User) -> None:
    make_category(center, "visits", name="髙﨑〜ﾂｱｰ")
    table = upload(center, foundation_staff, "区分,件名,年月日\n高崎～ツアー,甲,2026/4/18\n")
    assert problems(table) == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("20260418", "2026-04-18"),
        ("2026年4月18日(土)", "2026-04-18"),
        ("2026/04/18 0:00", "2026-04-18"),
        ("令和八年四月十八日", "2026-04-18"),
        ("R8", "2026"),
        ("令和7年", "2025"),
        ("令和7年度", "2025-FY"),
        ("R8.3", "2026-03"),
    ],
)
def test_dates_as_precisely_as_they_are_written(
    center: Center, foundation_staff: User, written: str, kept: str
) -> None:
    table = upload(center, foundation_staff, f"区分,件名,年月日\nlectures,甲,{written}\n")
    assert problems(table) == []
    assert values(table, "happened") == [kept]


def test_a_fiscal_year_is_counted_in_it(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, "区分,件名,年月日\nlectures,甲,令和7年度\n")
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    kept = Record.objects.get()
    assert (kept.earliest, kept.latest) == (date(2025, 4, 1), date(2026, 3, 31))


def test_a_day_that_a_spreadsheet_keeps_as_a_number(center: Center, foundation_staff: User) -> None:
    rows = [
        ["区分", "件名", "年月日", "遅くとも"],
        ["lectures", "甲", 20260418, None],
        ["lectures", "乙", None, 20260418],
    ]
    file = looked_at(xlsx(rows))
    table = importing.upload(spec=RECORDS, center=center, file=file, params={}, by=foundation_staff, at=TODAY)
    assert problems(table) == []
    assert values(table, "happened") == ["2026-04-18", ""]
    assert values(table, "latest") == ["", "2026-04-18"]


def test_a_weekday_of_another_day_is_refused(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, "区分,件名,年月日\nlectures,甲,2026年4月18日(日)\n")
    assert [(row, key) for row, key, said in problems(table) if "土曜日" in said] == [(2, "happened")]


@pytest.mark.parametrize(
    ("written", "people"), [("30名", "30"), ("「３０人」", "30"), ("1.5千人", "1500"), ("－", "")]
)
def test_people_as_they_are_written(
    center: Center, foundation_staff: User, written: str, people: str
) -> None:
    table = upload(center, foundation_staff, f"区分,件名,年月日,人数\nlectures,甲,2026/4/18,{written}\n")
    assert problems(table) == []
    assert values(table, "people") == [people]


@pytest.mark.parametrize(
    "heading",
    [
        "人数 単位：百人",
        "人数・百人",
        "人数／百人",
        "人数百人",
        "人数（百名）",
        "参加者数（単位：百人）",
        "人数（百）",
    ],
)
def test_people_in_hundreds(center: Center, foundation_staff: User, heading: str) -> None:
    table = upload(center, foundation_staff, f"区分,件名,年月日,{heading}\nlectures,甲,2026/4/18,3\n")
    assert values(table, "people") == ["300"]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        *((f"人数（{other}）", "people") for other in ("増減", "前年度", "目標", "うち学生", "見込", "平均")),
        *(
            (f"満足度（{other}）", "satisfaction")
            for other in ("0〜1", "1～5", "平均点", "最高5", "/5", "件数")
        ),
        *((f"満足度（{other}）", "satisfaction") for other in ("割", "点", "10点満点", "5段階評価")),
        ("満足度５点満点", "satisfaction"),
    ],
)
def test_figures_of_another_kind_are_never_taken(
    center: Center, foundation_staff: User, heading: str, key: str
) -> None:
    """They are named as not read, or refused at their cell."""
    table = upload(center, foundation_staff, f"区分,件名,年月日,{heading}\nlectures,甲,2026/4/18,3\n")
    assert values(table, key) == [""]
    wrong = [(row, at) for row, at, _said in problems(table)]
    assert wrong == [(2, key)] or table.params["read"]["not_read"] == [heading]


@pytest.mark.parametrize(
    "heading", ["満足の割合（％）", "満足度（割合）", "満足度［%］", "満足度（単位：パーセント）"]
)
def test_a_percentage_is_one(center: Center, foundation_staff: User, heading: str) -> None:
    table = upload(center, foundation_staff, f"区分,件名,年月日,{heading}\nlectures,甲,2026/4/18,95.5\n")
    assert values(table, "satisfaction") == ["95.5"]


@pytest.mark.parametrize(
    "written",
    ["約30名", "30名程度", "30名以上", "30～40", "14件", "30人（延べ）", "該当なし", "百人", "30数名"],
)
def test_people_that_are_no_number_are_refused(center: Center, foundation_staff: User, written: str) -> None:
    table = upload(center, foundation_staff, f"区分,件名,年月日,人数\nlectures,甲,2026/4/18,{written}\n")
    assert [(row, key) for row, key, _said in problems(table)] == [(2, "people")]


def test_records_outside_the_year_that_the_file_states_are_asked(
    center: Center, foundation_staff: User
) -> None:
    text = "令和7年度 活動実績\n区分,件名,年月日\nlectures,甲,2026/3/31\nlectures,乙,2026/4/1\nlectures,丙,2026\n"
    table = upload(center, foundation_staff, text)
    assert [(row, key) for row, key, said in problems(table) if "FY2026" in said] == [(4, "happened")]
    assert table.problem_count == 0
