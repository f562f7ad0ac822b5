"""What is settled jointly: every step from every state, two sides, two people, and the version that guards them."""

import datetime

import pytest

from agreements.models import Consultation, ConsultationType
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, ProposalState, Side, User
from iconm_portal.settlement import proposal_workflow
from tests.builders.plans import tokyo
from tests.people import make_person

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 24)
AT = tokyo(DAY)


@pytest.fixture
def talk(center: Center) -> Consultation:
    return Consultation.objects.create(
        center=center,
        number=1,
        type=ConsultationType.COORDINATE,
        held_on=DAY,
        subject="次年度の計画",
        outcome="了承",
    )


def proposed(talk: Consultation, by: User) -> Consultation:
    return proposal_workflow.propose(talk, version=talk.version, by=by, side=Side.OPERATOR, at=AT)


def test_proposed_by_one_side_and_confirmed_by_the_other(talk, foundation_staff, city_staff) -> None:
    proposed(talk, foundation_staff)
    proposal_workflow.confirm(talk, version=2, by=city_staff, side=Side.SUPPORTER, at=AT, known_from=DAY)
    assert (talk.state, talk.version, talk.known_from) == (ProposalState.CONFIRMED, 3, DAY)
    assert (talk.proposed_by, talk.confirmed_by) == (foundation_staff, city_staff)


def test_declined_with_a_reason_and_proposed_again(talk, foundation_staff, city_staff) -> None:
    proposed(talk, foundation_staff)
    proposal_workflow.decline(
        talk, version=2, by=city_staff, side=Side.SUPPORTER, at=AT, reason="日付が違います"
    )
    assert (talk.state, talk.decline_reason) == (ProposalState.DECLINED, "日付が違います")
    proposed(talk, foundation_staff)
    assert (talk.state, talk.decline_reason, talk.declined_by) == (ProposalState.PROPOSED, "", None)


def test_nobody_settles_both_sides(talk, foundation_staff) -> None:
    proposed(talk, foundation_staff)
    with pytest.raises(SamePerson):
        proposal_workflow.confirm(
            talk, version=2, by=foundation_staff, side=Side.SUPPORTER, at=AT, known_from=DAY
        )


def test_a_colleague_of_the_same_side_cannot_confirm(talk, foundation_staff, center) -> None:
    colleague = make_person("colleague", center.operator, "staff")
    proposed(talk, foundation_staff)
    with pytest.raises(SameSide):
        proposal_workflow.confirm(talk, version=2, by=colleague, side=Side.OPERATOR, at=AT, known_from=DAY)
    with pytest.raises(SameSide):
        proposal_workflow.decline(talk, version=2, by=colleague, side=Side.OPERATOR, at=AT, reason="x")


def test_taken_back_before_it_is_confirmed(talk, foundation_staff) -> None:
    proposed(talk, foundation_staff)
    proposal_workflow.take_back(talk, version=2)
    assert (talk.state, talk.proposed_by, talk.proposed_side) == (ProposalState.DRAFT, None, "")


def test_a_stale_version_changes_nothing(talk, foundation_staff, city_staff) -> None:
    proposed(talk, foundation_staff)
    with pytest.raises(Conflict):
        proposal_workflow.confirm(talk, version=1, by=city_staff, side=Side.SUPPORTER, at=AT, known_from=DAY)
    talk.refresh_from_db()
    assert (talk.state, talk.version) == (ProposalState.PROPOSED, 2)


def test_only_what_is_proposed_can_be_confirmed_declined_or_taken_back(talk, city_staff) -> None:
    with pytest.raises(WrongStep):
        proposal_workflow.confirm(talk, version=1, by=city_staff, side=Side.SUPPORTER, at=AT, known_from=DAY)
    with pytest.raises(WrongStep):
        proposal_workflow.decline(talk, version=1, by=city_staff, side=Side.SUPPORTER, at=AT, reason="x")
    with pytest.raises(WrongStep):
        proposal_workflow.take_back(talk, version=1)


def test_what_is_proposed_cannot_be_written_into(talk, foundation_staff) -> None:
    proposed(talk, foundation_staff)
    with pytest.raises(WrongStep):
        proposal_workflow.save_draft(talk, version=2, subject="別の件名")
    assert talk.subject == "次年度の計画"
