"""The fictional center shows an official wording, and an amendment in every state."""

from datetime import date

import pytest

from agreements.editions import editions
from agreements.editions.editions import EditionStanding
from agreements.loading import demonstration
from iconm_portal.imports.reference_files import Loader
from iconm_portal.imports.story import Player
from iconm_portal.models import Center, User

pytestmark = pytest.mark.django_db


def test_every_state_of_an_edition_can_be_seen(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    demonstration.load(Player(Loader(center), {"city": city_staff, "foundation": foundation_staff}))
    seen = {
        code: [
            line.standing
            for line in editions.load(
                city_staff, center, center.agreements.get(code=code), day=date(2026, 11, 24)
            ).lines
        ]
        for code in ("basic", "research", "next-research")
    }
    assert seen == {
        "basic": [EditionStanding.PAST, EditionStanding.IN_FORCE, EditionStanding.PROPOSED],
        "research": [EditionStanding.IN_FORCE, EditionStanding.DECLINED],
        "next-research": [EditionStanding.COMING, EditionStanding.DRAFTED],
    }
    basic = center.agreements.get(code="basic").editions.get(number=1)
    text = editions.read(basic)
    assert text.has_official_text
    assert text.missing == []
    assert [part.place for part in text.parts if part.obligations] == ["第1条", "第2条", "第3条", "第4条"]
