"""The steps of a review: each from the right states only, by the version it saw, and never both sides by one person."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from iconm_portal.forms.refusals import Conflict, SamePerson, WrongStep
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.settlement import review
from kpi.models import Report
from tests.builders.plans import make_draft, make_plan, tokyo
from tests.unguarded import no_guards

AT = tokyo(date(2026, 6, 1))
DRAFT, SUBMITTED, IN_REVIEW = ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.IN_REVIEW
RETURNED, ACCEPTED = ReviewState.RETURNED, ReviewState.ACCEPTED

Step = Callable[[Report, int, User, User], Report]

# The step, the states from which it can be taken, and where it leads.
STEPS: dict[str, tuple[Step, set[ReviewState], ReviewState | None]] = {
    "save_draft": (
        lambda report, version, operator, supporter: review.save_draft(
            report, version=version, by=operator, at=AT
        ),
        {DRAFT, RETURNED},
        None,
    ),
    "submit": (
        lambda report, version, operator, supporter: review.submit(
            report, version=version, by=operator, at=AT
        ),
        {DRAFT, RETURNED},
        SUBMITTED,
    ),
    "take_back": (
        lambda report, version, operator, supporter: review.take_back(report, version=version),
        {SUBMITTED},
        DRAFT,
    ),
    "open_review": (
        lambda report, version, operator, supporter: review.open_review(
            report, version=version, by=supporter, at=AT
        ),
        {SUBMITTED},
        IN_REVIEW,
    ),
    "send_back": (
        lambda report, version, operator, supporter: review.send_back(
            report, version=version, by=supporter, at=AT
        ),
        {IN_REVIEW},
        RETURNED,
    ),
    "accept": (
        lambda report, version, operator, supporter: review.accept(
            report, version=version, by=supporter, at=AT, known_from=AT.date()
        ),
        {IN_REVIEW},
        ACCEPTED,
    ),
}
WAY_TO = {
    DRAFT: [],
    SUBMITTED: ["submit"],
    IN_REVIEW: ["submit", "open_review"],
    RETURNED: ["submit", "open_review", "send_back"],
    ACCEPTED: ["submit", "open_review", "accept"],
}


@pytest.fixture
def report(center: Center, foundation_staff: User) -> Report:
    return make_draft(make_plan(center), 2025, {"trials": 9}, by=foundation_staff)


@pytest.fixture
def take(foundation_staff: User, city_staff: User) -> Callable[..., Report]:
    def taken(report: Report, name: str, version: int | None = None) -> Report:
        step, _from_states, _to = STEPS[name]
        return step(report, report.version if version is None else version, foundation_staff, city_staff)

    return taken


def bring_to(report: Report, state: ReviewState, take: Callable[..., Report]) -> Report:
    for name in WAY_TO[state]:
        take(report, name)
    assert report.state == state
    return report


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_from_every_state(
    report: Report, take: Callable[..., Report], name: str, state: ReviewState
) -> None:
    bring_to(report, state, take)
    _step, from_states, to = STEPS[name]
    before = report.version
    if state in from_states:
        take(report, name)
        assert (report.state, report.version) == (to or state, before + 1)
    else:
        with pytest.raises(WrongStep):
            take(report, name)
        assert (report.state, report.version) == (state, before)


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_with_a_stale_version_changes_nothing(
    report: Report, take: Callable[..., Report], name: str, state: ReviewState
) -> None:
    bring_to(report, state, take)
    fresh = Report.objects.get(pk=report.pk)
    with pytest.raises(Conflict):
        take(report, name, version=report.version - 1)
    kept = Report.objects.get(pk=report.pk)
    assert {name: getattr(kept, name) for name in ("state", "version", "saved_at", "submitted_by_id")} == {
        name: getattr(fresh, name) for name in ("state", "version", "saved_at", "submitted_by_id")
    }


def test_two_who_saw_the_same_draft_the_second_is_told(report: Report, foundation_staff: User) -> None:
    seen = report.version
    mine, yours = Report.objects.get(pk=report.pk), Report.objects.get(pk=report.pk)
    review.save_draft(mine, version=seen, by=foundation_staff, at=AT)
    with pytest.raises(Conflict):
        review.save_draft(yours, version=seen, by=foundation_staff, at=AT)
    assert yours.version == seen + 1, "the second one holds what the first one saved"


def test_taking_back_and_opening_at_once_only_one_wins(report: Report, take: Callable[..., Report]) -> None:
    bring_to(report, SUBMITTED, take)
    seen = report.version
    take(Report.objects.get(pk=report.pk), "open_review", seen)
    with pytest.raises(Conflict):
        take(report, "take_back", seen)
    assert report.state == IN_REVIEW


def test_taken_back_after_a_return_it_is_returned_again(report: Report, take: Callable[..., Report]) -> None:
    bring_to(report, RETURNED, take)
    take(report, "submit")
    take(report, "take_back")
    assert report.state == RETURNED


def test_who_did_what_is_kept_beside_when(
    report: Report, take: Callable[..., Report], foundation_staff: User, city_staff: User
) -> None:
    bring_to(report, ACCEPTED, take)
    assert (report.submitted_by, report.submitted_at) == (foundation_staff, AT)
    assert (report.opened_by, report.opened_at) == (city_staff, AT)
    assert (report.accepted_by, report.accepted_at, report.known_from) == (city_staff, AT, AT.date())


def test_a_return_lets_go_of_the_submission_and_names_the_reviewer(
    report: Report, take: Callable[..., Report], city_staff: User
) -> None:
    bring_to(report, RETURNED, take)
    assert report.returned_by == city_staff
    assert (report.submitted_by, report.submitted_at, report.opened_by, report.opened_at) == (None,) * 4


def test_whoever_submitted_cannot_accept(
    report: Report, take: Callable[..., Report], foundation_staff: User
) -> None:
    bring_to(report, IN_REVIEW, take)
    with pytest.raises(SamePerson):
        review.accept(report, version=report.version, by=foundation_staff, at=AT, known_from=AT.date())
    assert Report.objects.get(pk=report.pk).state == IN_REVIEW


def test_the_database_too_refuses_one_person_on_both_sides(
    report: Report, take: Callable[..., Report], foundation_staff: User
) -> None:
    bring_to(report, IN_REVIEW, take)
    for version, refusal in ((report.version, "no step leads"), (report.version + 1, "no step leads")):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(
                state=ACCEPTED,
                accepted_by=foundation_staff,
                accepted_at=AT,
                known_from=AT.date(),
                version=version,
            )
    with pytest.raises(IntegrityError, match="two_people"), no_guards():
        Report.objects.filter(pk=report.pk).update(accepted_by=foundation_staff, accepted_at=AT)


def test_an_accepted_report_cannot_be_changed_by_sql_either(
    report: Report, take: Callable[..., Report]
) -> None:
    bring_to(report, ACCEPTED, take)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(as_of=date(2020, 1, 1))


@pytest.mark.parametrize("state", [SUBMITTED, IN_REVIEW, ACCEPTED])
def test_the_values_of_a_locked_report_cannot_be_changed(
    report: Report, take: Callable[..., Report], state: ReviewState
) -> None:
    bring_to(report, state, take)
    with pytest.raises(IntegrityError, match="locked"), transaction.atomic():
        report.actuals.update(value=1)
