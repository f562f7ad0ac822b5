"""The fictional center shows every state of the agreements and of what the two sides propose."""

from datetime import date

import pytest

from agreements.instruments import agreements
from agreements.instruments.state import State
from agreements.loading import demonstration
from agreements.models import Consultation, Edition, Ending
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.story import Player
from iconm_portal.models import Center, ProposalState, User

pytestmark = pytest.mark.django_db


def test_every_state_can_be_seen(center: Center, city_staff: User, foundation_staff: User) -> None:
    demonstration.load(Player(Loader(center), {"city": city_staff, "foundation": foundation_staff}))
    found = agreements.load(center, day=date(2026, 11, 24))
    assert {entry.state for entry in found.entries} == set(State)
    assert set(Consultation.objects.values_list("state", flat=True)) == set(ProposalState.values)
    assert set(Ending.objects.values_list("state", flat=True)) == {"proposed", "confirmed"}
    assert Edition.objects.filter(agreement__kind="annual", state=ProposalState.PROPOSED).exists()
    assert any(entry.is_due_for_review for entry in found.entries)
