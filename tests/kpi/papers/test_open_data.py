"""The data tables as CSV and JSON: the same figures as page and sheet, and to everybody only what the city opened."""

import csv
import datetime
import io
import json
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook

from iconm_portal.models import Center, HistoryEvent
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Publication
from kpi.papers import contents
from kpi.papers.open_data.open_data import TABLES
from kpi.papers.sections import SECTIONS
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import PATENTS, TRIALS, make_accepted_report, make_draft, make_plan, tokyo

pytestmark = pytest.mark.django_db
DATA = "/lab/data/"
OPEN = "/open/lab/"


@pytest.fixture(autouse=True)
def _own_day(time_machine):
    time_machine.move_to(tokyo(datetime.date(2024, 5, 1)))
    cache.clear()


@pytest.fixture
def plan(center, foundation_staff, city_staff):
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10})
    values = {"trials": Entered(value=Decimal(9), note="担当 山田"), "patents": None}
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)
    make_draft(plan, 2023, {"trials": 77}, by=foundation_staff)
    return plan


def switch(log_in, person, *, to: str, version: int = 0):
    return log_in(person).post(f"{DATA}switch/", {"is_open": to, "version": version})


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_csv_json_and_sheet_hold_the_same(plan, city_viewer, log_in) -> None:
    client = log_in(city_viewer)
    response = client.get(f"{DATA}kpi-achievement.csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    as_csv = rows_of(response)
    as_json = json.loads(client.get(f"{DATA}kpi-achievement.json").content)
    book = load_workbook(io.BytesIO(client.get("/lab/packs/committee.xlsx", {"as_of": "R6.5.1"}).content))
    header, *lines = book["データ_KPI達成状況"].iter_rows(values_only=True)
    for line, text, document in zip(lines, as_csv, as_json["rows"], strict=True):
        cells = dict(zip(header, line, strict=True))
        assert document["value"] == cells["value"]
        assert text["value"] == ("" if cells["value"] is None else str(cells["value"]))
        assert document["item_code"] == text["item_code"] == cells["item_code"]
    assert [row["value"] for row in as_json["rows"] if row["item_code"] == "patents"] == [None]
    assert {code["code"] for code in as_json["codes"]} >= {"research / trials", "target", "lab"}


def test_a_day_can_be_asked_for(plan, city_viewer, log_in) -> None:
    client = log_in(city_viewer)
    before = rows_of(client.get(f"{DATA}kpi-achievement.csv", {"known_at": "2023-03-31"}))
    assert {row["status"] for row in before} == {"target"}
    assert client.get(f"{DATA}kpi-achievement.csv", {"known_at": "x"}).status_code == 400


@pytest.mark.parametrize("address", ["nonsense.csv", "kpi-achievement.xml", "balance.csv"])
def test_what_is_not_there_is_not_found(plan, city_viewer, log_in, address) -> None:
    assert log_in(city_viewer).get(f"{DATA}{address}").status_code == 404


def test_nothing_is_open_before_the_city_opens_it(plan, foundation_staff, log_in) -> None:
    assert Client().get(OPEN).status_code == 404
    assert Client().get(f"{OPEN}kpi-achievement.csv").status_code == 404
    assert switch(log_in, foundation_staff, to="yes").status_code == 403
    assert not Publication.objects.exists()


def test_open_figures_are_accepted_ones_without_what_people_typed(plan, city_staff, log_in) -> None:
    assert switch(log_in, city_staff, to="yes").status_code == 302
    response = Client().get(f"{OPEN}kpi-achievement.csv")
    assert response.status_code == 200
    text = response.content.decode("utf-8-sig")
    assert "77" not in text  # a draft
    assert "山田" not in text
    assert [row["note"] for row in rows_of(response) if row["item_code"] == "patents"] == ["該当なし（－）"]
    assert "public" in response["Cache-Control"]
    assert "Set-Cookie" not in response
    page = Client().get(OPEN).content.decode()
    assert "9件" in page
    assert "山田" not in page
    assert city_staff.name not in page
    assert (
        Client().get(f"{OPEN}kpi-achievement.csv", headers={"If-None-Match": response["ETag"]}).status_code
        == 304
    )


def test_only_figures_can_be_opened(plan, city_staff, log_in) -> None:
    switch(log_in, city_staff, to="yes")
    for table in TABLES:
        if not table.is_public:
            assert Client().get(f"{OPEN}{table.code}.csv").status_code == 404
    for address in ("/lab/", DATA, f"{DATA}kpi-achievement.csv", "/lab/packs/"):
        assert Client().get(address).status_code == 302


def test_closing_takes_effect_at_once(plan, city_staff, log_in) -> None:
    switch(log_in, city_staff, to="yes")
    assert Client().get(f"{OPEN}kpi-achievement.csv").status_code == 200
    assert switch(log_in, city_staff, to="no", version=1).status_code == 302
    assert Client().get(f"{OPEN}kpi-achievement.csv").status_code == 404
    done = HistoryEvent.objects.filter(action="publication.switch").order_by("pk")
    assert [event.after["is_open"] for event in done] == [True, False]


def test_who_switches_second_is_told(plan, city_staff, log_in) -> None:
    switch(log_in, city_staff, to="yes")
    assert switch(log_in, city_staff, to="yes").status_code == 409
    assert switch(log_in, city_staff, to="no", version=7).status_code == 409
    assert Publication.objects.get().is_open


@pytest.mark.parametrize("indicators", [4, 40])
def test_the_number_of_queries_does_not_grow(
    center, foundation_staff, city_staff, log_in, django_assert_num_queries, indicators
) -> None:
    plan = make_plan(center, indicators=indicators)
    values = {f"i{index}": 1 for index in range(indicators)}
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)
    client = log_in(city_staff)
    with django_assert_num_queries(32):
        assert client.get(f"{DATA}kpi-achievement.json").status_code == 200


def test_every_data_table_of_a_pack_has_an_address(iconm: Center) -> None:
    found = contents.read(iconm, year=FiscalYear(2021), as_of=datetime.date(2022, 4, 30))
    made = {(section.key, sheet.name) for section in SECTIONS for sheet in section.data(found)}
    assert len(made) > 10
    assert made <= {(table.section, table.sheet) for table in TABLES}
