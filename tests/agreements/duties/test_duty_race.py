"""Two people who accept and return the same duty at the same moment, on real connections: exactly one wins."""

import threading
from datetime import date

import pytest
from django.db import connection

from agreements.duties import actions, programme_actions
from agreements.models import Duty, DutyComment
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, ReviewState, Role, User
from iconm_portal.settlement import version_lock
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import hand_in, make_agreement, make_obligation, open_duty, store
from tests.builders.plans import tokyo
from tests.kpi.reports.test_report_race import ignoring_the_version
from tests.people import make_person
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
AT = tokyo(date(2026, 5, 25))


def in_review(center: Center, code: str, foundation: User, city: User) -> Duty:
    make_obligation(make_agreement(center, code=f"basic-{code}"), code=code)
    duty = store(center, 2026, by=foundation)[f"{code}/2025"]
    hand_in(duty, by=foundation)
    return open_duty(duty, by=city)


def raced(duty: Duty, people: list[User]) -> list[str]:
    """One accepts and one returns the version that both saw; both begin at the same moment."""
    start = threading.Barrier(2)
    seen = duty.version
    outcomes: dict[str, str] = {}

    def answer(person: User, is_accepting: bool) -> None:
        try:
            own = Duty.objects.select_related("obligation__agreement__center").get(pk=duty.pk)
            start.wait(timeout=30)
            if is_accepting:
                actions.accept(duty=own, version=seen, text="", by=person, at=AT)
                outcomes[person.username] = "accepted"
            else:
                actions.send_back(duty=own, version=seen, text="直してください。", by=person, at=AT)
                outcomes[person.username] = "returned"
        except Conflict:
            outcomes[person.username] = "conflict"
        finally:
            connection.close()

    threads = [
        threading.Thread(target=answer, args=(person, number == 0)) for number, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[person.username] for person in people]


@pytest.fixture
def people(center: Center) -> list[User]:
    return [make_person(name, center.supporter, Role.STAFF) for name in ("aoki", "ueda")]


def test_exactly_one_answer_counts(center: Center, foundation_staff: User, people: list[User]) -> None:
    for number in range(ROUNDS):
        duty = in_review(center, f"report-{number}", foundation_staff, people[0])
        outcomes = raced(duty, people)
        assert outcomes.count("conflict") == 1
        duty.refresh_from_db()
        (won,) = [outcome for outcome in outcomes if outcome != "conflict"]
        assert duty.state == {"accepted": ReviewState.ACCEPTED, "returned": ReviewState.RETURNED}[won]
        # The loser left nothing behind: no comment, no step in the history.
        assert DutyComment.objects.filter(duty=duty).count() == (1 if won == "returned" else 0)
        answers = HistoryEvent.objects.filter(
            subject=duty.history_key(), action__in=["duty.accept", "duty.return"]
        )
        assert answers.count() == 1


def test_without_the_check_both_would_count(
    center: Center, foundation_staff: User, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, one after the other: it is the version that decides the race above."""
    duty = in_review(center, "report", foundation_staff, people[0])
    seen = duty.version
    monkeypatch.setattr(version_lock, "step", ignoring_the_version)
    actions.send_back(duty=duty, version=seen, text="直してください。", by=people[1], at=AT)
    with no_guards():  # the database would refuse the way from returned to accepted by itself
        actions.accept(duty=duty, version=seen, by=people[0], at=AT)
    assert duty.state == ReviewState.ACCEPTED


def test_two_who_store_a_year_at_once_double_nothing(
    center: Center, foundation_staff: User, people: list[User]
) -> None:
    agreement = make_agreement(center)
    for number in range(6):
        make_obligation(agreement, code=f"report-{number}")
    start = threading.Barrier(2)
    made: list[int] = []

    def run(person: User) -> None:
        try:
            start.wait(timeout=30)
            made.append(
                len(
                    programme_actions.store_year(
                        center=center, fiscal_year=FiscalYear(2026), by=person, at=AT
                    )
                )
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == Duty.objects.count() == 6
    assert HistoryEvent.objects.filter(action="duty.store").count() == 6
