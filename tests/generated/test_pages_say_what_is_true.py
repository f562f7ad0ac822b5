"""Whole lives of two centers: on random days every page is read back, in both languages and as each side sees it.

What a page may say, and when, stands in `tests.generated.pages`; what is true is reckoned from the log that the history
wrote of itself (`tests.generated.reckoned…`). One false sentence is a failure, and so is one that has no condition.
"""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest

from iconm_portal.models import Center, Role, User
from tests.generated.chronicle import Chronicle
from tests.generated.reading import False_, Readers
from tests.people import make_person

SEEDS = [11, 12]
DAYS = 6
"""So many days of each life: the last one, and those between."""

pytestmark = pytest.mark.django_db


def staff_and_viewer(center: Center) -> dict[str, User]:
    """The people who write the history, and one who only looks."""
    prefix = "" if center.code == "lab" else f"{center.code}-"
    return {
        "foundation-staff": make_person(f"{prefix}foundation-staff", center.operator, Role.STAFF),
        "city-staff": make_person(f"{prefix}city-staff", center.supporter, Role.STAFF),
        "city-viewer": make_person(f"{prefix}city-viewer", center.supporter),
    }


def false_sentences(seed: int, centers: list[Center], days: int) -> Iterator[False_]:
    """Those of the lives that the seed makes."""
    random = Random(seed)
    lives = []
    for number, center in enumerate(centers):
        people = staff_and_viewer(center)
        chronicle = Chronicle(
            center,
            foundation=people["foundation-staff"],
            city=people["city-staff"],
            seed=seed,
            ends=(seed + number) % 2 == 0,
        )
        lives.append((chronicle, Readers(center.code, people, random)))
    first, last = date(2016, 2, 1), date(2026, 12, 31)
    between = sorted(random.sample(range((last - first).days), days - 1))
    for today in [*(first + timedelta(days=number) for number in between), last]:
        for chronicle, _readers in lives:
            chronicle.until(today)
        for chronicle, readers in lives:
            yield from readers.read(chronicle.log, seed=seed, today=today)
            earlier = first + timedelta(days=random.randrange((today - first).days or 1))
            yield from readers.read(chronicle.log, seed=seed, today=today, known_on=earlier)


@pytest.mark.parametrize("seed", [int(os.environ["SEED"])] if "SEED" in os.environ else SEEDS)
def test_no_page_says_what_is_false(seed: int, center: Center) -> None:
    found = list(false_sentences(seed, [center], DAYS))
    assert found == [], "\n".join(str(one) for one in found[:400])
