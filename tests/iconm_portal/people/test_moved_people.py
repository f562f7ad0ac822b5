"""Somebody moves to the other party: what they handed in stays with the side for which they did it."""

from datetime import date

import pytest

from agreements.duties import actions as dutie_actions
from agreements.duties import calendar
from agreements.models import Duty, Verification, VerificationKind
from agreements.verifications import actions, verification_access
from iconm_portal.forms.refusals import SamePerson, SameSide
from iconm_portal.models import Center, ReviewState, Role, Side, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import ANNUAL, hand_in, make_agreement, make_obligation, store
from tests.builders.plans import tokyo
from tests.builders.support import make_verification_obligation
from tests.people import make_person

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)
NOW = tokyo(TODAY)


@pytest.fixture
def colleague(center: Center) -> User:
    return make_person("city-colleague", center.supporter, Role.STAFF)


def move(person: User, center: Center) -> User:
    """As an administrator's change would leave them, as at the next request."""
    other = center.operator if person.organisation_id == center.supporter_id else center.supporter
    User.objects.filter(pk=person.pk).update(organisation=other)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def proposed(center: Center, city_staff: User) -> Duty:
    agreement = make_agreement(center)
    make_obligation(agreement, ANNUAL)
    duty = next(iter(store(center, 2026, by=city_staff).values()))
    return hand_in(duty, by=city_staff)


def test_the_side_that_proposed_a_duty_cannot_confirm_it_after_its_proposer_has_moved(
    center: Center, proposed: Duty, city_staff: User, foundation_staff: User, colleague: User
) -> None:
    moved = move(city_staff, center)
    duty = Duty.objects.get(pk=proposed.pk)
    with pytest.raises(SameSide):
        dutie_actions.accept(duty=duty, version=duty.version, by=colleague, at=NOW)
    with pytest.raises(SamePerson):
        dutie_actions.accept(duty=duty, version=duty.version, by=moved, at=NOW)
    (waiting,) = calendar.outstanding(center, colleague, today=TODAY)
    assert waiting.waits_for == {Side.OPERATOR}
    duty = Duty.objects.get(pk=proposed.pk)
    dutie_actions.accept(duty=duty, version=duty.version, by=foundation_staff, at=NOW)
    assert duty.state == ReviewState.ACCEPTED


@pytest.fixture
def written(center: Center, city_staff: User) -> Verification:
    make_verification_obligation(make_agreement(center), VerificationKind.KPI)
    return actions.save_draft(
        center=center,
        kind=VerificationKind.KPI,
        fiscal_year=FiscalYear(2025),
        version=0,
        result="結果",
        by=city_staff,
        at=NOW,
    )


def test_the_side_that_handed_in_a_verification_cannot_confirm_it_after_its_author_has_moved(
    center: Center, written: Verification, city_staff: User, foundation_staff: User, colleague: User
) -> None:
    actions.submit(verification=written, version=written.version, by=city_staff, at=NOW)
    moved = move(city_staff, center)
    row = Verification.objects.get(pk=written.pk)
    with pytest.raises(SameSide):
        actions.confirm(verification=row, version=row.version, by=colleague, at=NOW)
    with pytest.raises(SamePerson):
        actions.confirm(verification=row, version=row.version, by=moved, at=NOW)
    row = Verification.objects.get(pk=written.pk)
    actions.confirm(verification=row, version=row.version, by=foundation_staff, at=NOW)
    assert row.state == ReviewState.ACCEPTED


def test_a_draft_stays_with_the_side_that_began_it(
    center: Center, written: Verification, city_staff: User, foundation_staff: User, colleague: User
) -> None:
    moved = move(city_staff, center)
    assert list(verification_access.visible(colleague, center)) == [written]
    assert not verification_access.visible(foundation_staff, center)
    assert not verification_access.visible(moved, center)
