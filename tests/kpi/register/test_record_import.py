"""Records from a table: as officials write it, what is wrong by cell, what may be there already, all or nothing."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from iconm_portal.models import Center, ImportRow, ImportState, TableImport, User
from kpi.models import Category, Record
from tests.builders.imports import csv_file, xlsx
from tests.builders.records import make_category, make_record
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
HEADINGS = ["区分", "件名", "開催日", "参加者数", "満足度", "番号", "備考"]


@pytest.fixture
def lectures(center: Center) -> Category:
    return make_category(center, "lectures", name="市民公開講座", asks_people=True, asks_satisfaction=True)


def upload(client, center: Center, file: SimpleUploadedFile) -> TableImport:
    response = client.post(reverse("kpi:record_imports", kwargs={"center": center.code}), {"file": file})
    assert response.status_code == 302, response.context["form"].errors
    return TableImport.objects.get()


def page(table: TableImport, step: str = "") -> str:
    return reverse(f"kpi:record_import{step}", kwargs={"center": table.center.code, "number": table.pk})


def problems(table: TableImport) -> list[tuple[int, str, str, str]]:
    rows = ImportRow.objects.filter(table=table, has_problem=True)
    return [
        (row.number, one["column"], one["level"], one["message"].partition("%")[0][:20])
        for row in rows
        for one in row.problems
    ]


def test_a_table_as_officials_write_it(lectures: Category, foundation_staff: User, log_in: LogIn) -> None:
    client = log_in(foundation_staff)
    rows = [
        ["市民公開講座", "第１回", "令和3年3月", "２００人", "90%", "", ""],
        ["lectures", "第2回", date(2021, 5, 15), 180, 92.5, "", "備考（＝）"],
        ["lectures", "年だけ", 2020, None, None, None, None],
    ]
    table = upload(client, lectures.center, xlsx([HEADINGS, *rows]))
    assert (table.state, table.problem_count) == (ImportState.CHECKED, 0)
    assert client.get(page(table)).status_code == 200
    assert not Record.objects.exists()
    assert client.post(page(table, "_apply")).status_code == 302
    made = list(Record.objects.order_by("number"))
    assert [(one.title, one.happened, one.people, one.number) for one in made] == [
        ("第１回", "2021-03", 200, 1),
        ("第2回", "2021-05-15", 180, 2),
        ("年だけ", "2020", None, 3),
    ]
    assert made[1].satisfaction is not None
    assert float(made[1].satisfaction) == 92.5
    assert {one.imported_id for one in made} == {table.pk}
    assert made[0].search_text


def test_what_is_wrong_is_said_by_cell_and_nothing_is_applied(
    lectures: Category, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    text = "区分,件名,開催日,参加者数,満足度,番号\n講演,A,R3.3,1,,\nlectures,,R3.3,1,,\nlectures,C,R3.13,x,120,\nlectures,D,R12.1,1,,X-1\n"
    table = upload(client, lectures.center, csv_file(text, encoding="cp932"))
    assert {problem[:3] for problem in problems(table)} == {
        (2, "category", "error"),
        (3, "title", "error"),
        (4, "happened", "error"),
        (4, "people", "error"),
        (4, "satisfaction", "error"),
        (5, "happened", "error"),
        (5, "reference", "error"),
    }
    client.post(page(table, "_apply"))
    assert not Record.objects.exists()
    assert client.get(page(table)).status_code == 200


def test_what_may_be_there_already_is_pointed_out(
    lectures: Category, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    make_record(lectures, "第1回", happened="2021-04-01")
    text = "区分,件名,開催日\nlectures,第１回,R3.4.1\nlectures,第2回,R3.5.2\nlectures,第２回,R3.5.2\nlectures,第3回,\n"
    table = upload(client, lectures.center, csv_file(text))
    assert [problem[:3] for problem in problems(table)] == [
        (2, "title", "warning"),
        (4, "title", "warning"),
        (5, "title", "warning"),
    ]
    client.post(page(table, "_apply"))
    assert Record.objects.count() == 1, "the first row is there already, and nobody has said that it is meant"
    client.post(page(table, "_apply"), {"is_meant": "yes"})
    assert Record.objects.count() == 5


def test_an_export_can_be_read_back(lectures: Category, foundation_staff: User, log_in: LogIn) -> None:
    client, center = log_in(foundation_staff), lectures.center
    make_record(lectures, "第1回", happened="2021-03", people=5)
    make_record(
        lectures, "合計", is_period_total=True, first_year=2015, last_year=2020, people=10, quantity=None
    )
    exported = client.get(reverse("kpi:records_xlsx", kwargs={"center": center.code})).content
    table = upload(client, center, SimpleUploadedFile("export.xlsx", exported))
    assert table.problem_count == 0
    assert {problem[2] for problem in problems(table)} == {"warning"}  # they are there already
    client.post(page(table, "_apply"), {"is_meant": "yes"})
    again = Record.objects.filter(number__gt=2).order_by("title")
    assert [(one.title, one.happened, one.people, one.is_period_total) for one in again] == [
        ("合計", "", 10, True),
        ("第1回", "2021-03", 5, False),
    ]


def test_applying_takes_as_many_queries_for_many_rows_as_for_few(
    lectures: Category, foundation_staff: User, log_in: LogIn
) -> None:
    client, asked = log_in(foundation_staff), []
    for number in (3, 300):
        lines = "".join(f"lectures,第{number}-{index}回,R3.5,{index},\n" for index in range(number))
        text = "区分,件名,開催日,参加者数\n" + lines
        with CaptureQueriesContext(connection) as queries:
            client.post(
                reverse("kpi:record_imports", kwargs={"center": lectures.center.code}),
                {"file": csv_file(text, name=f"{number}.csv")},
            )
            client.post(page(TableImport.objects.latest("pk"), "_apply"))
        asked.append(len(queries))
    assert Record.objects.count() == 303
    assert asked[1] - asked[0] < 20  # rows are staged a few dozen at a time


def test_the_template_is_read_by_the_import_itself(
    lectures: Category, foundation_staff: User, log_in: LogIn
) -> None:
    client = log_in(foundation_staff)
    for ending in ("xlsx", "csv"):
        kwargs = {"center": lectures.center.code, "ending": ending}
        assert client.get(reverse("kpi:record_import_template", kwargs=kwargs)).status_code == 200
    kwargs = {"center": lectures.center.code, "ending": "exe"}
    assert client.get(reverse("kpi:record_import_template", kwargs=kwargs)).status_code == 404
