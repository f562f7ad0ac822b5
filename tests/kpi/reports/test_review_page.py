"""The city's review: what it sees, comments, return, accept."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext as _

from iconm_portal.models import Center, Organisation, ReviewState, Role, User
from kpi.models import Plan, Report
from kpi.plans import labels
from kpi.plans.achievement import Band
from kpi.reports import actions
from kpi.value_sources.entry_values import Entered
from tests.builders.entry_pages import address, form_of, opened, type_in
from tests.builders.plans import fill, make_accepted_report, make_draft, make_plan, make_submitted, tokyo
from tests.people import LogIn, end_session, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, targets={"trials": 13, "patents": 5, "occupancy": 90})


@pytest.fixture
def opened_report(plan: Plan, foundation_staff: User, city_staff: User) -> Report:
    report = make_submitted(
        plan,
        2023,
        {"trials": 12, "patents": 6, "occupancy": Entered(value=Decimal("0.9"), note="増床")},
        by=foundation_staff,
    )
    at = report.submitted_at
    assert at is not None
    return actions.open_review(report=report, version=report.version, by=city_staff, at=at)


def reviewed(log_in: LogIn, person: User, report: Report) -> str:
    return log_in(person).get(address(report, "review")).content.decode()


def step(log_in: LogIn, person: User, report: Report, name: str, **typed: str) -> object:
    page = form_of(log_in(person).get(address(report, "review")), holds="trials-comment")
    typed = {key.replace("_comment", "-comment"): value for key, value in typed.items()}
    return log_in(person).post(address(report, name), page | typed)


def test_the_city_sees_value_target_verdict_and_warnings(
    log_in: LogIn, opened_report: Report, city_staff: User
) -> None:
    text = reviewed(log_in, city_staff, opened_report)
    for words in (
        "12",
        "13",
        str(labels.BAND[Band.MET]),
        str(labels.BAND[Band.NOT_MET]),
        "増床",
        _("It is about one %(factor)sth of the target (%(reference)s). Is it entered in %(unit)s?")
        % {"factor": "100", "reference": "90%", "unit": "%"},
        "研究費収入額",
    ):
        assert words in text


def test_it_is_returned_with_comments_that_stand_at_their_values(
    log_in: LogIn, opened_report: Report, city_staff: User, foundation_staff: User
) -> None:
    answer = step(
        log_in, city_staff, opened_report, "return", trials_comment="内訳を書いてください", comment="全体"
    )
    assert answer["Location"] == "/lab/reports/2023/"
    opened_report.refresh_from_db()
    assert (opened_report.state, opened_report.returned_by) == (ReviewState.RETURNED, city_staff)
    text = log_in(foundation_staff).get(address(opened_report, "entry")).content.decode()
    assert text.index("治験の実施件数") < text.index("内訳を書いてください") < text.index("特許出願件数")
    assert "全体" in text


def test_returning_needs_a_comment(log_in: LogIn, opened_report: Report, city_staff: User) -> None:
    answer = step(log_in, city_staff, opened_report, "return", trials_comment="  ")
    assert answer.status_code == 409
    assert (
        _("Say what has to be changed: comment on a value or on the whole report.") in answer.content.decode()
    )
    opened_report.refresh_from_db()
    assert opened_report.state == ReviewState.IN_REVIEW


def test_it_is_accepted_and_settled_from_today(
    log_in: LogIn, opened_report: Report, city_staff: User, city_viewer: User
) -> None:
    answer = step(
        log_in, city_staff, opened_report, "accept", decided_on="令和6年6月1日", decided_post="室長"
    )
    assert answer["Location"] == address(opened_report)
    opened_report.refresh_from_db()
    assert (opened_report.state, opened_report.accepted_by) == (ReviewState.ACCEPTED, city_staff)
    assert str(opened_report.known_from) == "2024-06-03"
    assert (str(opened_report.acceptance_decided_on), opened_report.acceptance_decided_post) == (
        "2024-06-01",
        "室長",
    )
    assert "室長" in log_in(city_viewer).get(address(opened_report)).content.decode()


@pytest.mark.parametrize(
    ("name", "typed"),
    [("accept", {"decided_on": "2024-06-04"}), ("return", {"patents_comment": "あ" * 1001})],
)
def test_comments_are_kept_when_something_is_refused(
    log_in: LogIn, opened_report: Report, city_staff: User, name: str, typed: dict[str, str]
) -> None:
    answer = step(log_in, city_staff, opened_report, name, trials_comment="内訳", **typed)
    assert answer.status_code == 400
    assert form_of(answer, holds="trials-comment")["trials-comment"] == "内訳"
    opened_report.refresh_from_db()
    assert opened_report.state == ReviewState.IN_REVIEW


def test_comments_are_kept_when_a_colleague_was_faster(
    log_in: LogIn, center: Center, opened_report: Report, city_staff: User
) -> None:
    colleague = make_person("aoki", center.supporter, Role.STAFF)
    page = form_of(log_in(city_staff).get(address(opened_report, "review")), holds="trials-comment")
    step(log_in, colleague, opened_report, "return", comment="差し戻します")
    answer = log_in(city_staff).post(
        address(opened_report, "accept"), page | {"trials-comment": "よくできています"}
    )
    assert answer.status_code == 404
    assert "よくできています" in answer.content.decode()
    opened_report.refresh_from_db()
    assert opened_report.state == ReviewState.RETURNED


def test_comments_survive_the_end_of_the_session(
    log_in: LogIn, opened_report: Report, city_staff: User
) -> None:
    client = log_in(city_staff)
    page = form_of(client.get(address(opened_report, "review")), holds="trials-comment")
    end_session(client)
    client.post(address(opened_report, "return"), page | {"trials-comment": "内訳"})
    client.force_login(city_staff)
    # The login page leads back to the address of the step.
    again = client.get(address(opened_report, "return"), follow=True)
    assert form_of(again, holds="trials-comment")["trials-comment"] == "内訳"


def test_nobody_accepts_what_they_submitted(
    log_in: LogIn, opened_report: Report, city: Organisation, foundation_staff: User
) -> None:
    """Someone who changed sides between the two."""
    foundation_staff.organisation = city
    foundation_staff.save()
    answer = step(log_in, foundation_staff, opened_report, "accept")
    assert answer.status_code == 409
    assert _("You submitted this report yourself. Someone else must accept it.") in answer.content.decode()
    opened_report.refresh_from_db()
    assert opened_report.state == ReviewState.IN_REVIEW


def test_only_the_citys_staff_review(
    log_in: LogIn, opened_report: Report, city_viewer: User, foundation_staff: User, foreign_city_staff: User
) -> None:
    for person, status in ((city_viewer, 403), (foundation_staff, 403), (foreign_city_staff, 404)):
        for name in ("open", "review", "return", "accept"):
            assert log_in(person).post(address(opened_report, name), {}).status_code == status


def test_a_submitted_report_is_opened_first(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    report = make_submitted(plan, 2023, {"trials": 12}, by=foundation_staff)
    client = log_in(city_staff)
    assert client.get(address(report, "review"))["Location"] == address(report)
    assert client.post(address(report, "accept"), {"version": report.version}).status_code == 409
    client.post(address(report, "open"), {"version": report.version})
    report.refresh_from_db()
    assert (report.state, report.opened_by) == (ReviewState.IN_REVIEW, city_staff)


# What changed since last time


def test_changes_since_the_return_are_said_in_words(
    log_in: LogIn, opened_report: Report, city_staff: User, foundation_staff: User
) -> None:
    step(log_in, city_staff, opened_report, "return", trials_comment="13では？")
    keeper = log_in(foundation_staff)
    type_in(keeper, opened_report, trials_value="14")
    type_in(keeper, opened_report, trials_value="13", patents_value="-", occupancy_note="", income_value="5")
    keeper.post(address(opened_report, "entry"), opened(keeper, opened_report) | {"step": "submit"})
    opened_report.refresh_from_db()
    log_in(city_staff).post(address(opened_report, "open"), {"version": opened_report.version})
    text = reviewed(log_in, city_staff, opened_report)
    assert _("Changed: was %(before)s") % {"before": "12件"} in text
    assert _("Changed: was %(before)s") % {"before": "6件"} in text
    assert _("Changed: was not reported") in text
    assert _("Note changed: was “%(before)s”") % {"before": "増床"} in text
    assert "13では？" in text


def test_changes_are_counted_against_the_accepted_figures_in_a_correction(
    log_in: LogIn, plan: Plan, foundation_staff: User, city_staff: User
) -> None:
    first = make_accepted_report(
        plan, 2023, {"trials": 12, "patents": 6}, by=foundation_staff, reviewer=city_staff
    )
    draft = actions.start_correction(report=first, reason="集計漏れ", by=foundation_staff)
    fill(draft, {"trials": 13, "patents": 6}, by=foundation_staff)
    actions.submit(report=draft, version=draft.version, by=foundation_staff, at=tokyo(draft.as_of))
    log_in(city_staff).post(address(draft, "open"), {"version": draft.version})
    text = reviewed(log_in, city_staff, draft)
    assert _("Accepted so far") in text
    assert _("Changed: was %(before)s") % {"before": "12件"} in text
    assert text.count(_("Unchanged")) == 3
    assert "集計漏れ" in text


def test_a_first_report_has_nothing_to_compare_with(
    log_in: LogIn, opened_report: Report, city_staff: User
) -> None:
    text = reviewed(log_in, city_staff, opened_report)
    assert _("Unchanged") not in text
    assert _("Accepted so far") not in text


def test_the_number_of_queries_does_not_grow(
    log_in: LogIn, center: Center, foundation_staff: User, city_staff: User
) -> None:
    client = log_in(city_staff)
    counted = []
    for number in (8, 80, 800):
        plan = make_plan(center, code=f"p{number}", indicators=number)
        values = {f"i{index}": Decimal(index % 100) for index in range(number)}
        report = make_draft(plan, 2023, values, by=foundation_staff)
        actions.submit(report=report, version=report.version, by=foundation_staff, at=tokyo(report.as_of))
        actions.open_review(report=report, version=report.version, by=city_staff, at=tokyo(report.as_of))
        for page in ("", "review"):
            client.get(address(report, page))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(report, page)).status_code == 200
            counted.append((page, len(queries)))
    assert len(set(counted)) == 2
