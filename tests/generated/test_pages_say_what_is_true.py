"""Whole lives of centers: on random days the pages are read back, in both languages and as each side sees them.

What a page may say, and when, stands in `tests.generated.pages`; what is true is reckoned from the log that the history
wrote of itself (`tests.generated.reckoned…`). One false sentence is a failure, and so is one that has no condition.
`make test` runs the small form with the same seeds every time, `make verify` the long one with fresh seeds.
"""

import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import transaction

from tests.generated import lives
from tests.generated.frame import CONCLUDED

SEED = 12
DAYS = 3
"""So many days of a life in the small form; the long one has more. Of its two centers one ends its basic agreement."""
DAYS_OF_A_LONG_LIFE = 5

pytestmark = pytest.mark.django_db


def test_no_page_says_what_is_false() -> None:
    found = list(lives.false_sentences(SEED, lives.two_centers(), days=DAYS))
    assert not found, told(found)


def test_no_page_says_that_a_draft_is_in_force() -> None:
    """A day before anything is signed."""
    random, day = Random(SEED), CONCLUDED - timedelta(days=20)
    found: list[object] = []
    for life in lives.begin(SEED, lives.two_centers(), random, thorough=True):
        life.chronicle.until(day)
        found += life.readers.read(life.chronicle.log, seed=SEED, today=day)
        found += life.readers.read_papers(life.chronicle.log, seed=SEED, today=day, day=day)
    assert not found, told(found)


@pytest.mark.verify
def test_no_page_says_what_is_false_in_fresh_lives(
    capsys: pytest.CaptureFixture[str], record_property: Callable[[str, int], None]
) -> None:
    """As many as fit into VERIFY_MINUTES, or the one that SEED names."""
    named = os.environ.get("SEED")
    until = datetime.now().astimezone() + timedelta(minutes=float(os.environ.get("VERIFY_MINUTES", "10")))
    while True:
        seed = int(named) if named else secrets.randbelow(10**6)
        with capsys.disabled():
            print(f"\nseed {seed}: two centers, {DAYS_OF_A_LONG_LIFE} days (again: make verify SEED={seed})")
        with transaction.atomic():
            found = list(
                lives.false_sentences(seed, lives.two_centers(), days=DAYS_OF_A_LONG_LIFE, thorough=True)
            )
            transaction.set_rollback(True)
        assert not found, told(found)
        record_property("lives of two centers", 1)
        if named or datetime.now().astimezone() > until:
            return


def told(found: list[object]) -> str:
    """The first of them; the rest mostly says the same on other pages."""
    return "\n".join([f"{len(found)} false sentences", *map(str, found[:200])])
