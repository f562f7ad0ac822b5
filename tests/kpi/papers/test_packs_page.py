"""The page of the committee papers: a day is chosen, the contents shown, the workbook downloaded."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from tests.builders.agreements import make_agreement, make_obligation
from tests.builders.plans import TRIALS, make_accepted_report, make_plan
from tests.builders.support import make_measure

pytestmark = pytest.mark.django_db
PAGE = "/lab/packs/"
FILE = "/lab/packs/committee.xlsx"


@pytest.fixture
def known(center, foundation_staff, city_staff):
    """A plan with an accepted report, known from 1 April 2023 on; its targets from 1 April 2022."""
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    make_accepted_report(plan, 2022, {"trials": 9}, by=foundation_staff, reviewer=city_staff)
    return plan


@pytest.mark.parametrize("person", ["city_viewer", "city_staff", "foundation_viewer", "foundation_staff"])
def test_everyone_of_the_center_downloads_it(known, person, log_in, request) -> None:
    response = log_in(request.getfixturevalue(person)).get(FILE, {"as_of": "R5.4.1"})
    assert response.status_code == 200
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''lab-kpi-2023-04-01.xlsx"
    assert "成果指標（KPI）" in load_workbook(io.BytesIO(response.content)).sheetnames


def test_shows_what_the_pack_will_hold(known, city_viewer, log_in) -> None:
    response = log_in(city_viewer).get(PAGE, {"as_of": "2023-04-01"})
    assert response.status_code == 200
    assert known.label in response.content.decode()
    assert f"{FILE}?as_of=2023-04-01" in response.content.decode()


def test_lists_the_sheets_of_the_agreements_where_there_are_any(known, center, city_viewer, log_in) -> None:
    client = log_in(city_viewer)
    assert "支援措置と負担金" not in client.get(PAGE, {"as_of": "2023-04-01"}).content.decode()
    agreement = make_agreement(center)
    make_obligation(agreement)
    make_measure(agreement)
    text = client.get(PAGE, {"as_of": "2023-04-01"}).content.decode()
    sheets = load_workbook(io.BytesIO(client.get(FILE, {"as_of": "2023-04-01"}).content)).sheetnames
    for name in ("支援措置と負担金", "義務の履行状況", "データ_支援措置", "データ_履行事項"):
        assert name in text
        assert name in sheets


def test_defaults_to_today(known, city_viewer, log_in, time_machine) -> None:
    time_machine.move_to(datetime.datetime(2024, 5, 1, 3, tzinfo=datetime.UTC))
    response = log_in(city_viewer).get(PAGE)
    assert response.context["contents"].contents.as_of == datetime.date(2024, 5, 1)


def test_a_day_before_anything_was_known(known, city_viewer, log_in) -> None:
    client = log_in(city_viewer)
    assert client.get(PAGE, {"as_of": "2022-03-31"}).context["contents"] is None
    response = client.get(FILE, {"as_of": "2022-03-31"})
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("typed", ["", "tomorrow", "2023-02-30", "2999-01-01"])
def test_a_day_that_cannot_be(known, city_viewer, log_in, typed) -> None:
    client = log_in(city_viewer)
    page = client.get(PAGE, {"as_of": typed})
    assert page.status_code == 200
    assert page.context["form"].errors["as_of"]
    assert client.get(FILE, {"as_of": typed}).status_code == 400


@pytest.mark.parametrize("number", [8, 800])
def test_query_count_is_constant(
    center, foundation_staff, city_staff, log_in, number, django_assert_num_queries
):
    plan = make_plan(center, indicators=number)
    values = {indicator.code: 1 for indicator in plan.indicators.all()}
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)
    agreement = make_agreement(center)
    for n in range(number // 8):
        make_obligation(agreement, code=f"report-{n}", documents=1)
        make_measure(agreement, code=f"grant-{n}")
    client = log_in(city_staff)
    with django_assert_num_queries(51):
        client.get(FILE, {"as_of": "2024-01-01"})
