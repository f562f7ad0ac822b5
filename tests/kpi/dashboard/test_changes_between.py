"""What changed between two days: exactly what the pages of the two days show differently, with who and why."""

import datetime

import pytest

from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import changes_between
from kpi.dashboard.changes_between import Subject
from kpi.reports import actions
from tests.builders.agreements import make_agreement
from tests.builders.plans import PATENTS, TRIALS, accept, fill, make_accepted_report, make_plan, tokyo
from tests.builders.support import make_measure

pytestmark = pytest.mark.django_db
PAGE = "/lab/changes/"


@pytest.fixture
def corrected(center, foundation_staff, city_staff):
    """Trials 9 accepted on 1 April 2023, corrected to 12 on 1 February 2024; patents stay."""
    plan = make_plan(center, indicators=[TRIALS, PATENTS], targets={"trials": 10})
    report = make_accepted_report(
        plan, 2022, {"trials": 9, "patents": 3}, by=foundation_staff, reviewer=city_staff
    )
    at = tokyo(datetime.date(2024, 2, 1))
    draft = actions.start_correction(report=report, reason="集計の誤り", by=foundation_staff)
    fill(draft, {"trials": 12, "patents": 3}, by=foundation_staff, at=at)
    actions.submit(report=draft, version=draft.version, by=foundation_staff, at=at)
    accept(draft, reviewer=city_staff, at=at)
    return plan


def asked(log_in, person, earlier: str, later: str):
    return log_in(person).get(PAGE, {"earlier": earlier, "later": later})


def test_names_the_figure_its_values_the_people_and_the_reason(corrected, city_viewer, log_in) -> None:
    response = asked(log_in, city_viewer, "R5.5.1", "R6.2.1")
    assert response.status_code == 200
    (group,) = response.context["groups"]
    (line,) = group.lines
    assert TRIALS["name"] in line.name
    assert (line.before, line.after) == ("9件", "12件")
    assert line.why == "集計の誤り"
    assert {person.strip() for person in line.who.split("、")} == {"名前 foundation-staff", "名前 city-staff"}


def test_a_day_before_anything_was_known_shows_everything_as_new(corrected, center) -> None:
    found = changes_between.load(center, earlier=datetime.date(2020, 1, 1), later=datetime.date(2023, 5, 1))
    assert {(one.subject, one.name) for one in found.changes} == {
        (Subject.TARGET, TRIALS["name"]),
        (Subject.ACTUAL, TRIALS["name"]),
        (Subject.ACTUAL, PATENTS["name"]),
    }
    assert all(one.actual[0] is None and one.target[0] is None for one in found.changes)


def test_a_value_that_was_blank_and_stays_blank_is_no_change(center, foundation_staff, city_staff) -> None:
    plan = make_plan(center, indicators=[TRIALS, PATENTS])
    make_accepted_report(plan, 2022, {"trials": 9}, by=foundation_staff, reviewer=city_staff)
    found = changes_between.load(center, earlier=datetime.date(2020, 1, 1), later=datetime.date(2023, 5, 1))
    assert [one.name for one in found.changes if one.subject == Subject.ACTUAL] == [TRIALS["name"]]


def test_nothing_between_two_days_is_said(corrected, city_viewer, log_in) -> None:
    response = asked(log_in, city_viewer, "R5.6.1", "R5.7.1")
    assert response.context["between"].changes == ()
    assert "変更はありません" in response.context["finding"]


@pytest.mark.parametrize(
    ("earlier", "later", "field"),
    [("R6.1.1", "R5.1.1", "later"), ("x", "R5.1.1", "earlier"), ("R5.1.1", "R9.1.1", "later")],
)
def test_days_that_cannot_be_compared_are_said_at_their_place(
    corrected, city_viewer, log_in, earlier, later, field
) -> None:
    response = asked(log_in, city_viewer, earlier, later)
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert earlier in response.content.decode()


def test_an_amount_of_a_support_measure_counts(center, city_viewer, log_in, city_staff) -> None:
    measure = make_measure(make_agreement(center))
    measure.amounts.create(
        fiscal_year=FiscalYear(2022),
        stage="budget",
        amount=1_000_000,
        known_from=datetime.date(2023, 1, 1),
        source="T8",
    )
    response = asked(log_in, city_viewer, "R4.12.31", "R5.1.1")
    (group,) = response.context["groups"]
    assert [line.after for line in group.lines] == ["1,000千円"]


@pytest.mark.parametrize("indicators", [8, 40])
def test_the_number_of_queries_does_not_grow(
    center, foundation_staff, city_staff, city_viewer, log_in, django_assert_num_queries, indicators
) -> None:
    plan = make_plan(center, indicators=indicators)
    values = {f"i{index}": 1 for index in range(indicators)}
    make_accepted_report(plan, 2022, values, by=foundation_staff, reviewer=city_staff)
    client = log_in(city_viewer)
    client.get(PAGE)
    with django_assert_num_queries(26):
        client.get(PAGE, {"earlier": "2022-01-01", "later": "2023-05-01"})
