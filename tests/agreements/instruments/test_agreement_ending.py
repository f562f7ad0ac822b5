"""Notices and endings: one side speaks, the other answers, and both see what falls."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agreements.instruments import agreements, ending_actions
from agreements.instruments.actions import give_notice, withdraw_notice
from agreements.instruments.state import State
from agreements.models import (
    Agreement,
    AgreementKind,
    ConsultationType,
    Duty,
    Ending,
    LimitRule,
    Notice,
    SupportKind,
    SupportMeasure,
)
from agreements.pages import todo
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, ProposalState, Role, User
from tests.builders.agreements import (
    make_agreement,
    make_consultation,
    make_obligation,
    proposed_ending,
    settled_talk,
)
from tests.days import AT, TODAY
from tests.people import LogIn, client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
LAST = date(2027, 3, 31)


@pytest.fixture
def basic(center: Center) -> Agreement:
    return make_agreement(center)


def notice(
    agreement: Agreement, by: User, given_on: date = date(2026, 11, 1), reason: str = "理由"
) -> Notice:
    return give_notice(agreement=agreement, given_on=given_on, reason=reason, by=by, at=AT)


def state(agreement: Agreement, day: date = TODAY) -> State:
    return agreements.state_of(Agreement.objects.get(pk=agreement.pk), day)


# Notices


def test_a_notice_opens_the_talks_and_is_withdrawn_by_the_same_side(
    basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    notice(basic, city_staff)
    assert state(basic) is State.TERMINATING
    with pytest.raises(ValidationError):
        withdraw_notice(agreement=basic, by=foundation_staff, at=AT)
    withdraw_notice(agreement=basic, by=city_staff, at=AT)
    assert state(basic) is State.IN_FORCE
    with pytest.raises(WrongStep):
        withdraw_notice(agreement=basic, by=city_staff, at=AT)
    actions = HistoryEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["agreement.give_notice", "agreement.withdraw_notice"]


def test_one_notice_stands_at_a_time(basic: Agreement, city_staff: User, foundation_staff: User) -> None:
    notice(basic, city_staff)
    with pytest.raises(ValidationError):
        notice(basic, foundation_staff)


@pytest.mark.parametrize("given_on", [date(2026, 11, 25), date(2022, 3, 24)])
def test_a_notice_is_given_after_the_conclusion_and_not_tomorrow(
    basic: Agreement, city_staff: User, given_on: date
) -> None:
    with pytest.raises(ValidationError) as refused:
        notice(basic, city_staff, given_on)
    assert "given_on" in refused.value.message_dict


def test_nothing_is_terminated_that_does_not_bind(center: Center, city_staff: User) -> None:
    draft = make_agreement(center, code="draft", concluded=None)
    over = make_agreement(center, code="over", ends_on=date(2025, 3, 31))
    for agreement in (draft, over):
        with pytest.raises(WrongStep):
            notice(agreement, city_staff)


def test_a_viewer_gives_no_notice(basic: Agreement, city_viewer: User) -> None:
    with pytest.raises(PermissionDenied):
        notice(basic, city_viewer)


# Endings


def test_one_side_proposes_and_the_other_confirms(
    basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    notice(basic, city_staff)
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    assert state(basic) is State.TERMINATING
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=AT)
    assert state(basic) is State.IN_FORCE
    assert state(basic, LAST) is State.IN_FORCE
    assert state(basic, date(2027, 4, 1)) is State.ENDED
    event = HistoryEvent.objects.get(action="ending.confirm")
    assert event.consultation == "lab/consultations/1"
    with pytest.raises(ValidationError):
        notice(basic, city_staff)


def test_nobody_settles_both_sides(basic: Agreement, city_staff: User, foundation_staff: User) -> None:
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    colleague = make_person("city-colleague", basic.center.supporter, Role.STAFF)
    for person, refusal in ((city_staff, SamePerson), (colleague, SameSide)):
        with pytest.raises(refusal):
            ending_actions.confirm(ending=ending, version=ending.version, by=person, at=AT)
        with pytest.raises(refusal):
            ending_actions.decline(ending=ending, version=ending.version, reason="x", by=person, at=AT)
    with pytest.raises(ValidationError):
        ending_actions.take_back(ending=ending, version=ending.version, by=foundation_staff)
    ending.refresh_from_db()
    assert ending.state == ProposalState.PROPOSED


def test_a_declined_ending_leaves_the_agreement_and_may_be_proposed_anew(
    basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    with pytest.raises(ValidationError):
        ending_actions.decline(ending=ending, version=ending.version, reason=" ", by=foundation_staff, at=AT)
    ending_actions.decline(
        ending=ending, version=ending.version, reason="時期尚早", by=foundation_staff, at=AT
    )
    assert state(basic, date(2027, 4, 1)) is State.IN_FORCE
    again = propose(basic, ending.consultation, by=foundation_staff)
    assert again.pk != ending.pk
    assert HistoryEvent.objects.get(action="ending.decline").reason == "時期尚早"


def test_what_was_taken_back_is_proposed_again_with_its_version(
    basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    ending = proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    ending_actions.take_back(ending=ending, version=ending.version, by=city_staff)
    with pytest.raises(Conflict):
        propose(basic, ending.consultation, by=city_staff, version=1)
    propose(basic, ending.consultation, by=city_staff, version=ending.version, ends_on=date(2027, 6, 30))
    ending.refresh_from_db()
    assert (ending.state, ending.ends_on) == (ProposalState.PROPOSED, date(2027, 6, 30))
    assert Ending.objects.count() == 1


def propose(
    agreement: Agreement, consultation: Any, *, by: User, ends_on: date = LAST, version: int = 0
) -> Ending:
    return ending_actions.propose(
        agreement=agreement,
        ends_on=ends_on,
        consultation=consultation,
        reason="理由",
        by=by,
        at=AT,
        version=version,
    )


def test_it_rests_on_a_confirmed_talk_about_this_termination(
    basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    other = make_agreement(basic.center, code="other")
    both = {"by": city_staff, "confirmed_by": foundation_staff}
    unfit = [
        settled_talk(other, **both),
        settled_talk(basic, type=ConsultationType.CHANGE, **both),
        make_consultation(
            basic.center, proposer=city_staff, agreement=basic, type=ConsultationType.TERMINATE
        ),
    ]
    for consultation in unfit:
        with pytest.raises(ValidationError) as refused:
            propose(basic, consultation, by=city_staff)
        assert "consultation" in refused.value.message_dict


@pytest.mark.parametrize("ends_on", [date(2022, 3, 31), date(2026, 6, 9), date(2030, 3, 31)])
def test_impossible_last_days_are_refused(
    center: Center, city_staff: User, foundation_staff: User, ends_on: date
) -> None:
    term = make_agreement(center, code="term", ends_on=date(2030, 3, 31))
    talk = settled_talk(term, by=city_staff, confirmed_by=foundation_staff)
    with pytest.raises(ValidationError) as refused:
        propose(term, talk, by=city_staff, ends_on=ends_on)
    assert "ends_on" in refused.value.message_dict


# What falls, on the pages


@pytest.fixture
def dependents(basic: Agreement, foundation_staff: User) -> None:
    """A support agreement with an annual one, the contract for the land, measures, and an open duty."""
    center = basic.center
    support = make_agreement(
        center,
        code="support",
        kind=AgreementKind.RESEARCH_SUPPORT,
        parent=basic,
        short_title="研究支援の協定",
    )
    make_agreement(
        center,
        code="annual",
        kind=AgreementKind.ANNUAL,
        parent=support,
        fiscal_year=2027,
        starts_on=date(2027, 4, 1),
        short_title="年度の協定",
    )
    land = make_agreement(
        center, code="land", kind=AgreementKind.LAND_LOAN, parent=basic, short_title="土地の契約"
    )
    common = {"center": center, "first_year": 2022, "limit_rule": LimitRule.NONE}
    SupportMeasure.objects.create(
        **common, code="free", agreement=basic, contract=land, kind=SupportKind.LAND, title="土地の無償貸付"
    )
    SupportMeasure.objects.create(
        **common, code="money", agreement=support, kind=SupportKind.CONTRIBUTION, title="支援の負担金"
    )
    SupportMeasure.objects.create(
        **common, code="past", agreement=basic, kind=SupportKind.LOAN, title="過ぎた貸付", last_year=2023
    )
    Duty.objects.create(
        obligation=make_obligation(support, title="残った義務"), fiscal_year=2026, stored_by=foundation_staff
    )


WORDS = ("研究支援の協定", "年度の協定", "土地の無償貸付", "支援の負担金", "残った義務", "土地の契約")


@pytest.mark.usefixtures("dependents")
def test_what_falls_is_seen_before_the_notice_the_proposal_and_the_answer(
    log_in: LogIn, basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    settled_talk(basic, by=city_staff, confirmed_by=foundation_staff)
    before = [city.get(f"/lab/agreements/basic/{page}/").content.decode() for page in ("notice", "ending")]
    proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    for text in [*before, foundation.get("/lab/agreements/basic/ending/").content.decode()]:
        falls = text[text.index('id="falls"') :]
        assert [word for word in WORDS if word not in falls] == []
        assert "過ぎた貸付" not in falls


@pytest.mark.usefixtures("dependents")
def test_the_ending_goes_through_both_browsers(
    log_in: LogIn, basic: Agreement, city_staff: User, foundation_staff: User
) -> None:
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    talk = settled_talk(basic, by=city_staff, confirmed_by=foundation_staff)
    typed = {"ends_on": "令和9年3月31日", "consultation": talk.pk, "reason": "役割を終えた", "version": 0}
    assert city.post("/lab/agreements/basic/ending/", typed).status_code == 302
    assert city.post("/lab/agreements/basic/ending/", typed).status_code == 409
    ending = Ending.objects.get()
    own = city.post("/lab/agreements/basic/ending/confirm/", {"version": ending.version})
    assert own.status_code == 409
    stale = foundation.post("/lab/agreements/basic/ending/confirm/", {"version": ending.version + 1})
    assert stale.status_code == 409
    assert foundation.post("/lab/agreements/basic/ending/decline/", {"version": 1}).status_code == 400
    answer = foundation.post("/lab/agreements/basic/ending/confirm/", {"version": ending.version})
    assert answer["Location"] == "/lab/agreements/basic/"
    ending.refresh_from_db()
    assert (ending.state, ending.confirmed_by) == (ProposalState.CONFIRMED, foundation_staff)
    text = foundation.get("/lab/agreements/basic/").content.decode()
    assert "令和9年3月31日" in text


def test_an_ending_without_a_talk_says_what_to_do(log_in: LogIn, basic: Agreement, city_staff: User) -> None:
    text = log_in(city_staff).get("/lab/agreements/basic/ending/").content.decode()
    assert "/lab/consultations/new/?type=terminate&amp;agreement=basic" in text


def test_a_proposed_ending_is_no_viewers_business(
    log_in: LogIn, basic: Agreement, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)
    for person, sees in ((city_viewer, False), (foundation_staff, True)):
        text = log_in(person).get("/lab/agreements/basic/").content.decode()
        assert ("役割を終えた" in text) == sees


def test_a_notice_through_the_page(log_in: LogIn, basic: Agreement, city_staff: User) -> None:
    client = log_in(city_staff)
    bad = client.post("/lab/agreements/basic/notice/", {"given_on": "2026-12-31", "reason": "見直し"})
    assert bad.status_code == 400
    assert "見直し" in bad.content.decode()
    good = {"given_on": "R8.11.1", "reason": "見直し"}
    assert client.post("/lab/agreements/basic/notice/", good).status_code == 302
    assert client.post("/lab/agreements/basic/notice/", good).status_code == 400
    assert client.post("/lab/agreements/basic/notice/withdraw/", {"version": 0}).status_code == 302
    assert client.post("/lab/agreements/basic/notice/withdraw/", {"version": 0}).status_code == 409


# The to-do list


def test_a_proposed_ending_waits_for_the_other_side(
    basic: Agreement, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    proposed_ending(basic, by=city_staff, confirmed_by=foundation_staff)

    def addresses(person: User) -> list[str]:
        return [task.url for task in todo.tasks(person, basic.center, today=TODAY)]

    assert addresses(foundation_staff) == ["/lab/agreements/basic/ending/"]
    assert addresses(city_staff) == addresses(city_viewer) == []


def test_an_ending_that_waits_for_a_side_without_staff_says_so_on_the_agreement_too(
    center: Center, city_staff: User, foundation_staff: User, city_viewer: User
) -> None:
    agreement = make_agreement(center)
    proposed_ending(agreement, by=foundation_staff, confirmed_by=city_staff)
    User.objects.filter(pk=city_staff.pk).update(is_active=False)
    told = {
        person.username: client_of(person).get(f"/lab/agreements/{agreement.code}/").context["nobody_answers"]
        for person in (foundation_staff, city_viewer)
    }
    assert "担当者" in told["foundation-staff"]
    assert told["city-viewer"] == ""
