"""The way of a report: who may know of it, who may take which step when."""

import pytest
from django.utils.translation import gettext as _

from iconm_portal.models import Center, HistoryEvent, ReviewState, User
from iconm_portal.values.money import Rounding
from kpi.models import Plan, Report
from kpi.plans.achievement import Kind
from tests.builders.entry_pages import address, form_of
from tests.builders.plans import (
    correct,
    make_accepted_report,
    make_draft,
    make_plan,
    make_returned,
    make_submitted,
)
from tests.people import LogIn, end_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center)


@pytest.fixture
def everyone(
    city_viewer: User,
    city_staff: User,
    foundation_viewer: User,
    foundation_staff: User,
    administrator: User,
    foreign_city_staff: User,
) -> dict[str, User]:
    return {
        person.username: person
        for person in (
            city_viewer,
            city_staff,
            foundation_viewer,
            foundation_staff,
            administrator,
            foreign_city_staff,
        )
    }


VALUES = {"trials": 12, "patents": None}


# Who may know of it


@pytest.mark.parametrize(
    ("state", "seen_by"),
    [
        ("draft", {"foundation-staff"}),
        ("returned", {"foundation-staff"}),
        ("submitted", {"foundation-staff", "city-staff"}),
        ("accepted", {"foundation-staff", "city-staff", "foundation-viewer", "city-viewer"}),
    ],
)
def test_a_report_is_seen_by_those_of_the_access_table(
    log_in: LogIn,
    plan: Plan,
    everyone: dict[str, User],
    foundation_staff: User,
    city_staff: User,
    state: str,
    seen_by: set[str],
) -> None:
    report = {
        "draft": lambda: make_draft(plan, 2023, VALUES, by=foundation_staff),
        "returned": lambda: make_returned(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff),
        "submitted": lambda: make_submitted(plan, 2023, VALUES, by=foundation_staff),
        "accepted": lambda: make_accepted_report(
            plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff
        ),
    }[state]()
    shown, listed, statuses = set(), set(), {}
    for name, person in everyone.items():
        answer = log_in(person).get(address(report))
        statuses[name] = answer.status_code
        if answer.status_code == 200:
            shown.add(name)
            assert "治験の実施件数" in answer.content.decode()
        for path in ("/lab/reports/", "/lab/reports/2023/"):
            if address(report) in log_in(person).get(path).content.decode():
                listed.add(name)
    assert shown == listed == seen_by
    # Whoever looks after nothing but people, or belongs elsewhere, is stopped earlier.
    unknowing = everyone.keys() - seen_by - {"administrator", "foreign-city-staff"}
    assert {statuses[name] for name in unknowing} <= {404}
    assert (statuses["administrator"], statuses["foreign-city-staff"]) == (403, 404)


def test_the_city_learns_that_what_it_returned_is_being_revised(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    make_returned(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    seen = log_in(city_staff).get("/lab/reports/").content.decode()
    for words in (f"令和6年4月1日に{city_staff.name}が財団へ差戻し", "確認してください。"):
        assert words in seen
        assert words not in log_in(city_viewer).get("/lab/reports/").content.decode()


def test_a_report_is_found_under_its_own_year_and_center_only(
    log_in: LogIn, plan: Plan, foreign_center: Center, foundation_staff: User, city_staff: User
) -> None:
    report = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    client = log_in(city_staff)
    assert client.get(f"/lab/reports/2022/{report.pk}/").status_code == 404
    assert client.get(f"/foreign-lab/reports/2023/{report.pk}/").status_code == 404
    assert client.get("/lab/reports/2023/999999999/").status_code == 404
    assert client.get("/lab/reports/1999/").status_code == 404


def test_the_page_says_who_stands_behind_the_figures(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    report = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    text = log_in(city_viewer).get(address(report)).content.decode()
    for words in ("名前 foundation-staff", "名前 city-staff", "令和6年3月末", "－", _("not reported")):
        assert words in text


def test_a_value_is_shown_by_the_indicators_own_rounding_and_as_it_was_entered(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    """T3 prints 505百万円 of 505,794千円."""
    income = {
        "code": "income",
        "name": "研究費収入額",
        "unit": "百万円",
        "kind": Kind.FLOW,
        "scale": 1_000_000,
        "entry_decimals": 3,
        "rounding": Rounding.TRUNCATE,
    }
    plan = make_plan(center, code="old", indicators=[income])
    report = make_accepted_report(
        plan, 2022, {"income": 505_794_000}, by=foundation_staff, reviewer=city_staff
    )
    text = log_in(city_viewer).get(address(report)).content.decode()
    assert ">505<" in text
    assert _("entered as %(value)s") % {"value": "505.794"} in text
    correction = log_in(foundation_staff).post(address(report, "correct"), {"reason": "訂正"})
    assert 'value="505.794"' in log_in(foundation_staff).get(correction["Location"]).content.decode()


# The foundation's steps


def post(log_in: LogIn, person: User, report: Report, step: str, **more: str) -> object:
    report.refresh_from_db()
    return log_in(person).post(address(report, step), {"version": report.version, **more})


def test_submit_and_take_back(log_in: LogIn, plan: Plan, foundation_staff: User) -> None:
    report = make_draft(plan, 2023, VALUES, by=foundation_staff)
    assert post(log_in, foundation_staff, report, "submit")["Location"] == address(report)
    report.refresh_from_db()
    assert report.state == ReviewState.SUBMITTED
    assert post(log_in, foundation_staff, report, "take-back")["Location"] == address(report, "entry")
    report.refresh_from_db()
    assert (report.state, report.submitted_by) == (ReviewState.DRAFT, None)


def test_nothing_is_taken_back_once_the_city_has_opened_it(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_submitted(plan, 2023, VALUES, by=foundation_staff)
    assert post(log_in, city_staff, report, "open")["Location"] == address(report, "review")
    answer = post(log_in, foundation_staff, report, "take-back")
    assert answer.status_code == 409
    assert str(ReviewState.IN_REVIEW.label) in answer.content.decode()
    report.refresh_from_db()
    assert report.state == ReviewState.IN_REVIEW


def test_a_draft_is_discarded_and_remembered(log_in: LogIn, plan: Plan, foundation_staff: User) -> None:
    report = make_draft(plan, 2023, VALUES, by=foundation_staff)
    assert post(log_in, foundation_staff, report, "discard")["Location"] == "/lab/reports/"
    assert not Report.objects.exists()
    assert HistoryEvent.objects.get(action="report.discard").before["trials"]["value"] == "12"


def test_a_returned_report_cannot_be_discarded(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_returned(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    assert post(log_in, foundation_staff, report, "discard").status_code == 409
    assert Report.objects.filter(pk=report.pk).exists()


def test_a_correction_begins_with_the_accepted_figures_and_a_reason(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    report = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    answer = log_in(foundation_staff).post(address(report, "correct"), {"reason": "集計漏れ"})
    revision = Report.objects.get(revision=2)
    assert answer["Location"] == address(revision, "entry")
    assert (revision.reason, revision.actuals.count()) == ("集計漏れ", 2)
    # Until it is accepted, everyone else sees what was accepted and nothing of the correction.
    text = log_in(city_viewer).get("/lab/reports/2023/").content.decode()
    assert address(revision) not in text
    assert "集計漏れ" not in log_in(city_viewer).get(address(report)).content.decode()


def test_a_correction_needs_a_reason(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    for reason in ("", "  "):
        assert (
            log_in(foundation_staff).post(address(report, "correct"), {"reason": reason}).status_code == 400
        )
    assert Report.objects.count() == 1


def test_the_reason_of_a_correction_survives_the_end_of_the_session(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    client = log_in(foundation_staff)
    end_session(client)
    client.post(address(report, "correct"), {"reason": "集計漏れ"})
    client.force_login(foundation_staff)
    answer = client.get(address(report, "correct"), follow=True)
    assert form_of(answer, holds="reason")["reason"] == "集計漏れ"


def test_earlier_revisions_stay_readable(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    first = make_accepted_report(plan, 2023, VALUES, by=foundation_staff, reviewer=city_staff)
    second = correct(first, {"trials": 13}, reason="集計漏れ", by=foundation_staff, reviewer=city_staff)
    client = log_in(city_viewer)
    assert address(first) in client.get(address(second)).content.decode()
    assert address(second) in client.get(address(first)).content.decode()
    assert client.get("/lab/reports/2023/").content.decode().count(_("These figures hold")) == 1
    # Only the last word is corrected.
    keeper = log_in(foundation_staff)
    assert address(first, "correct") not in keeper.get(address(first)).content.decode()
    assert address(second, "correct") in keeper.get(address(second)).content.decode()


# Buttons and steps belong together


STEPS = ("submit", "take-back", "discard", "correct", "open", "return", "accept")


def test_pages_offer_only_steps_that_can_be_taken(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    def offered(person: User, report: Report) -> set[str]:
        text = log_in(person).get(address(report)).content.decode()
        return {step for step in (*STEPS, "entry", "review") if f'"{address(report, step)}"' in text}

    report = make_draft(plan, 2023, VALUES, by=foundation_staff)
    assert offered(foundation_staff, report) == {"entry", "submit", "discard"}
    post(log_in, foundation_staff, report, "submit")
    assert offered(foundation_staff, report) == {"take-back"}
    assert offered(city_staff, report) == {"open"}
    post(log_in, city_staff, report, "open")
    assert offered(foundation_staff, report) == set()
    assert offered(city_staff, report) == {"review"}
    post(log_in, city_staff, report, "accept")
    assert offered(foundation_staff, report) == {"correct"}
    assert offered(city_staff, report) == offered(city_viewer, report) == set()


@pytest.mark.parametrize("step", STEPS)
def test_coming_by_the_address_alone_changes_nothing(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User, step: str
) -> None:
    report = make_submitted(plan, 2023, VALUES, by=foundation_staff)
    person = city_staff if step in ("open", "return", "accept") else foundation_staff
    assert log_in(person).get(address(report, step)).status_code == 302
    report.refresh_from_db()
    assert report.state == ReviewState.SUBMITTED


@pytest.mark.parametrize("step", ["submit", "take-back", "discard"])
def test_a_step_seen_on_an_old_page_is_refused(
    log_in: LogIn, plan: Plan, foundation_staff: User, step: str
) -> None:
    make = make_submitted if step == "take-back" else make_draft
    report = make(plan, 2023, VALUES, by=foundation_staff)
    state = report.state
    for version in ("1", "", "x"):
        answer = log_in(foundation_staff).post(address(report, step), {"version": version})
        assert answer.status_code == 409
    report.refresh_from_db()
    assert report.state == state


def test_the_list_asks_few_questions(
    log_in: LogIn,
    center: Center,
    foundation_staff: User,
    city_staff: User,
    django_assert_max_num_queries: object,
) -> None:
    for code in ("a", "b"):
        plan = make_plan(center, code=code, years=(2019, 2023))
        for year in range(2019, 2024):
            make_accepted_report(plan, year, VALUES, by=foundation_staff, reviewer=city_staff)
    client = log_in(foundation_staff)
    with django_assert_max_num_queries(8):
        client.get("/lab/reports/")
