"""Several people at one moment, on real connections: numbers run on, one notice stands, one answer counts."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from agreements.consultations import actions
from agreements.instruments import ending_actions
from agreements.instruments.actions import give_notice
from agreements.instruments.conclusions.actions import record_conclusion
from agreements.models import Agreement, Conclusion, Consultation, Ending, Notice
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center, HistoryEvent, ProposalState, Role, User
from tests.builders.agreements import details, make_agreement, proposed_ending
from tests.builders.plans import tokyo
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
AT = tokyo(date(2026, 11, 24))


def at_once(*steps: Callable[[], object]) -> list[str]:
    """All steps begin at the same moment; what became of each, in their order."""
    start = threading.Barrier(len(steps))
    outcomes = ["?"] * len(steps)

    def take(number: int, step: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            step()
            outcomes[number] = "done"
        except (Conflict, ValidationError) as error:
            outcomes[number] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_numbers_have_neither_gaps_nor_repeats(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    def recording(person: User) -> Callable[[], object]:
        return lambda: actions.record(center=center, details=details(), by=person, at=AT)

    assert at_once(*[recording(person) for person in (city_staff, foundation_staff) * 3]) == ["done"] * 6
    assert sorted(Consultation.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_one_notice_stands_and_one_conclusion_is_recorded(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    signed, draft = make_agreement(center), make_agreement(center, code="draft", concluded=None)

    def notice(person: User) -> Callable[[], object]:
        return lambda: give_notice(
            agreement=signed, given_on=date(2026, 11, 2), reason="理由", by=person, at=AT
        )

    def conclusion(person: User) -> Callable[[], object]:
        return lambda: record_conclusion(agreement=draft, concluded_on="2022-03-25", by=person, at=AT)

    for steps in (
        [notice(city_staff), notice(foundation_staff)],
        [conclusion(city_staff), conclusion(foundation_staff)],
    ):
        assert sorted(at_once(*steps)) == ["ValidationError", "done"]
    assert Notice.objects.count() == 1
    assert Conclusion.objects.filter(agreement=draft).count() == 1


def test_an_ending_is_confirmed_or_declined_but_not_both(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    colleague = make_person("foundation-colleague", center.operator, Role.STAFF)
    ending = proposed_ending(make_agreement(center), by=city_staff, confirmed_by=foundation_staff)
    seen = ending.version

    def own() -> Ending:
        return Ending.objects.select_related("agreement__center", "consultation__center").get(pk=ending.pk)

    one, other = own(), own()
    outcomes = at_once(
        lambda: ending_actions.confirm(ending=one, version=seen, by=foundation_staff, at=AT),
        lambda: ending_actions.decline(ending=other, version=seen, reason="時期尚早", by=colleague, at=AT),
    )
    assert sorted(outcomes) == ["Conflict", "done"]
    ending.refresh_from_db()
    won = ProposalState.CONFIRMED if outcomes[0] == "done" else ProposalState.DECLINED
    assert ending.state == won
    answers = HistoryEvent.objects.filter(action__in=["ending.confirm", "ending.decline"])
    assert answers.count() == 1


def test_one_ending_is_proposed(center: Center, city_staff: User, foundation_staff: User) -> None:
    agreement: Agreement = make_agreement(center)
    talk = proposed_ending(agreement, by=city_staff, confirmed_by=foundation_staff).consultation
    declined = Ending.objects.get()
    ending_actions.decline(ending=declined, version=declined.version, reason="x", by=foundation_staff, at=AT)

    def proposing(person: User) -> Callable[[], object]:
        return lambda: ending_actions.propose(
            agreement=agreement,
            ends_on=date(2027, 3, 31),
            consultation=talk,
            reason="理由",
            by=person,
            at=AT,
        )

    assert sorted(at_once(proposing(city_staff), proposing(foundation_staff))) == ["Conflict", "done"]
    assert Ending.objects.filter(state=ProposalState.PROPOSED).count() == 1
