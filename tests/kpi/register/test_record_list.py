"""The register's list: what it says first, what it is narrowed to, in which order, as which files."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from iconm_portal.models import Center, User
from kpi.models import Record
from kpi.register import records as read
from tests.builders.plans import make_plan
from tests.builders.records import make_category, make_many, make_record, make_register
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def url(center: Center, name: str = "records") -> str:
    return reverse(f"kpi:{name}", kwargs={"center": center.code})


@pytest.fixture
def kept(center: Center, foundation_staff: User) -> Center:
    """Ventures of 2022, and this year's lectures: one in full, one without a date, a withdrawn one and a total."""
    make_register(make_plan(center), by=foundation_staff)
    lectures = make_category(center, "lectures", asks_people=True, unit="回")
    make_record(
        lectures,
        "第１回 公開講座",
        happened="2026-05-01",
        people=120,
        source="",
        recorded_by=foundation_staff,
    )
    make_record(lectures, "日付のない講座")
    make_record(lectures, "延べ人数", is_period_total=True, first_year=2015, last_year=2020,
                earliest=date(2015, 4, 1), latest=date(2021, 3, 31), people=4200, quantity=None)  # fmt: skip
    return center


def titles(center: Center, client, **asked: str) -> list[str]:
    response = client.get(url(center), asked)
    assert response.status_code == 200
    return [row.record.title for row in response.context["table"].paginated_rows]


def test_the_list_says_what_this_year_holds_and_what_is_missing(
    kept: Center, foundation_staff: User, log_in: LogIn
) -> None:
    response = log_in(foundation_staff).get(url(kept), headers={"accept-language": "en"})
    assert "区分 lectures 1回" in response.context["finding"]
    lines = {line.category.code: line for line in response.context["lines"]}
    lectures = lines["lectures"]
    assert (lectures.this_year, lectures.valid, lectures.totals) == (1, 2, 1)
    assert (lectures.without_date, lectures.without_file) == (1, 1)
    assert lines["ventures"].valid == 1  # the withdrawn one is not
    assert [record.title for record in read.without_file(kept)] == ["第１回 公開講座"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "第1回公開"}, ["第１回 公開講座"]),
        ({"q": "公開 第1回"}, ["第１回 公開講座"]),
        ({"q": "なし"}, []),
        ({"category": "lectures", "year": "2026"}, ["第１回 公開講座"]),
        ({"category": "lectures", "year": "2018"}, ["延べ人数"]),
        ({"category": "lectures", "year": "2018", "date": "sure"}, []),
        ({"date": "none"}, ["日付のない講座"]),
        ({"status": "withdrawn"}, ["設立中止"]),
        ({"file": "with"}, ["海風バイオ(株)"]),
        ({"file": "missing"}, ["第１回 公開講座"]),
        ({"totals": "yes"}, ["延べ人数"]),
        ({"category": "lectures"}, ["第１回 公開講座", "延べ人数", "日付のない講座"]),  # the latest first
        ({"category": "lectures", "sort": "latest"}, ["延べ人数", "第１回 公開講座", "日付のない講座"]),
        ({"category": "lectures", "sort": "-people"}, ["延べ人数", "第１回 公開講座", "日付のない講座"]),
        ({"category": "nobody"}, []),
        ({"year": "9999999999999"}, []),
        ({"status": "\x00"}, []),
    ],
)
def test_the_list_is_narrowed(
    kept: Center, city_viewer: User, log_in: LogIn, asked: dict[str, str], found: list[str]
) -> None:
    assert titles(kept, log_in(city_viewer), **asked) == found


def test_another_centers_records_are_not_there(
    kept: Center, foreign_center: Center, foreign_city_viewer: User, log_in: LogIn
) -> None:
    client = log_in(foreign_city_viewer)
    assert client.get(url(kept)).status_code == 404
    assert "公開講座" not in client.get(url(foreign_center)).content.decode()


def test_pages_ask_as_often_for_many_records_as_for_few(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    client, category = log_in(foundation_staff), make_category(center)
    asked = []
    for number in (60, 340):
        make_many(category, number, first=category.records.count() + 1)
        for page in (
            url(center),
            f"{url(center)}?category=ventures&q=記録&page=2",
            url(center, "records_csv"),
        ):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(page)
                b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
            asked.append(len(queries))
    assert asked[:2] == asked[3:5]
    assert max(asked) <= 20


def test_the_csv_holds_every_text_as_a_text(kept: Center, city_viewer: User, log_in: LogIn) -> None:
    record = Record.objects.get(title="日付のない講座")
    Record.objects.filter(pk=record.pk).update(note="=HYPERLINK(1)")
    response = log_in(city_viewer).get(url(kept, "records_csv"), {"category": "lectures"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["title"] for row in rows] == ["第１回 公開講座", "延べ人数", "日付のない講座"]
    assert rows[0]["people"] == "120"
    assert rows[1]["first_fiscal_year"] == "2015"
    assert rows[2]["note"] == "'=HYPERLINK(1)"


def test_the_workbook_is_to_read_and_for_machines(kept: Center, city_viewer: User, log_in: LogIn) -> None:
    response = log_in(city_viewer).get(url(kept, "records_xlsx"))
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["活動実績", "データ_活動実績"]
    printed = [[cell.value for cell in row] for row in book["活動実績"].iter_rows()]
    texts = {value for row in printed for value in row if isinstance(value, str)}
    assert {"第１回 公開講座", "令和8年5月1日", "H27〜R2"} <= texts
    assert "設立中止" not in texts  # withdrawn
    assert book["データ_活動実績"].max_row == 1 + Record.objects.count()
