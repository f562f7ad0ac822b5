"""The fictional center shows amounts within and above their limits, and verifications in every state."""

from datetime import date

import pytest

from agreements.loading import demonstration
from agreements.models import Verdict, Verification, VerificationKind
from agreements.support import support
from agreements.support.limits import Standing
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.story import Player
from iconm_portal.models import Center, ReviewState, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(center: Center, city_staff: User, foundation_staff: User) -> Center:
    player = Player(Loader(center), {"city": city_staff, "foundation": foundation_staff})
    demonstration.load(player)
    demonstration.load_verifications(player)
    return center


def test_limits(shown: Center) -> None:
    measures = support.load(shown, known_at=date(2026, 11, 24))
    checks = [check for measure in measures for check in measure.checks]
    assert {check.standing for check in checks} == {Standing.WITHIN, Standing.PASSED}
    passed = [fact for measure in measures for fact in measure.revisions if fact.consultation]
    assert len(passed) == 2


def test_verifications(shown: Center) -> None:
    states = set(Verification.objects.values_list("state", flat=True))
    assert states == set(ReviewState.values)
    effects = Verification.objects.filter(kind=VerificationKind.EFFECT).order_by("fiscal_year")
    assert [(row.state, row.verdict) for row in effects] == [
        ("accepted", Verdict.MEETS),
        ("in_review", ""),
        ("draft", ""),
    ]
