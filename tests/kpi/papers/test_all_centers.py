"""One workbook over all of a person's centers, however many: the same tables, a row for each figure of each center."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from iconm_portal.display.sheets import Column
from iconm_portal.display.sheets.stream import SheetFull, StreamBook
from iconm_portal.models import Job, JobState
from tests.builders.plans import TRIALS, make_plan, tokyo
from tests.people import make_center


@pytest.fixture
def many(city, foundation, foreign_city, foreign_foundation):
    """Three centers of the city with the same target, one of them not yet known of; and a foreign one."""
    for number in range(3):
        make_plan(make_center(f"lab{number}", city, foundation), indicators=[TRIALS], targets={"trials": 10})
    make_center("empty", city, foundation)
    foreign = make_center("far", foreign_city, foreign_foundation)
    make_plan(foreign, indicators=[TRIALS], targets={"trials": 10})


@pytest.mark.django_db
def test_holds_the_rows_of_every_own_center_and_of_no_other(many, city_viewer, log_in, time_machine) -> None:
    time_machine.move_to(tokyo(datetime.date(2024, 5, 1)))
    client = log_in(city_viewer)
    response = client.post("/lab0/data/workbook/", {"known_at": "2024-05-01"})
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    page = client.get(response["Location"])
    address = f"{response['Location']}result/"
    assert address in page.content.decode()
    book = load_workbook(io.BytesIO(client.get(address).content), read_only=True)
    header, *rows = book["データ_KPI達成状況"].iter_rows(values_only=True)
    centers = [row[header.index("facility_code")] for row in rows]
    assert {center: centers.count(center) for center in centers} == {"lab0": 4, "lab1": 4, "lab2": 4}
    assert "データ_コード・定義" in book.sheetnames


@pytest.mark.django_db
def test_a_day_before_anything_was_known_says_so(many, city_viewer, log_in, time_machine) -> None:
    time_machine.move_to(tokyo(datetime.date(2024, 5, 1)))
    client = log_in(city_viewer)
    response = client.post("/lab0/data/workbook/", {"known_at": "2020-01-01"}, follow=True)
    assert Job.objects.get().state == JobState.FAILED
    assert "もっと後の日" in response.content.decode()
    assert client.post("/lab0/data/workbook/", {"known_at": "x"}).status_code == 400


def test_texts_stay_texts_and_the_same_rows_give_the_same_bytes() -> None:
    def written() -> bytes:
        book, file = StreamBook(title="表", created=datetime.date(2022, 1, 27)), io.BytesIO()
        book.sheet("データ_a", [Column("text"), Column("number", "number")])
        book.rows("データ_a", [("=1+1", 2), ("#N/A", None)])
        book.write_to(file)
        return file.getvalue()

    assert written() == written()
    sheet = load_workbook(io.BytesIO(written()))["データ_a"]
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet["A2:B3"]] == [
        [("=1+1", "s"), (2, "n")],
        [("#N/A", "s"), (None, "n")],
    ]


def test_more_rows_than_a_spreadsheet_holds_are_refused(monkeypatch) -> None:
    monkeypatch.setattr("iconm_portal.display.sheets.stream.LONGEST_SHEET", 3)
    book = StreamBook(title="表", created=datetime.date(2022, 1, 27))
    book.sheet("データ_a", [Column("text")])
    with pytest.raises(SheetFull):
        book.rows("データ_a", [("x",)] * 3)
    book.abandon()
