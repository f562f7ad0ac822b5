"""Whatever is typed anywhere is taken or refused, by both databases alike; never answered with an error of ours.

`make test` tries a few hundred things, always the same; `make verify` others each time, for FUZZ_MINUTES; `make soak`
1,000 at each door.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from tests.fuzz import doors, hostile
from tests.fuzz.doors import PLACES, Door, Doors, Place
from tests.repository.test_access import World, make_world

pytestmark = pytest.mark.django_db

IN_THE_SUITE = 250
AT_A_TIME = 500
AT_EACH_DOOR = 1000
SEED = int(os.environ.get("SEED") or os.environ.get("FUZZ_SEED") or secrets.randbelow(10**6))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once; each request undoes what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world("own")
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def found(world: World) -> Doors:
    return Doors(world)


def something_typed(data: st.DataObject, door: Door) -> dict[str, Any]:
    """What is typed into one to three of its places."""
    places = data.draw(st.lists(st.sampled_from(door.names), min_size=1, max_size=3, unique=True))
    return {
        place: SimpleUploadedFile(*data.draw(st.sampled_from(hostile.FILES)))
        if place in door.files
        else data.draw(hostile.values)
        for place in places
    }


def try_out(
    found: Doors,
    places: Sequence[Place],
    examples: int,
    seeded: int,
    *,
    tell: Callable[[Door, dict[str, Any], doors.Verdict], None] = lambda door, typed, verdict: None,
) -> None:
    """Type something `examples` times."""

    @seed(seeded)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
    )
    @given(st.data())
    def nothing_breaks(data: st.DataObject) -> None:
        at = found.at(data.draw(st.sampled_from(places)))
        if not at:
            return
        door = data.draw(st.sampled_from(at))
        typed = something_typed(data, door)
        verdict = doors.knock(found.world, door, typed)
        assert verdict.status < 500, (door, typed)
        tell(door, typed, verdict)

    nothing_breaks()


def test_nothing_that_is_typed_breaks_anything(found: Doors) -> None:
    try_out(found, PLACES, IN_THE_SUITE, 12)


def verdicts_of(vendor: str) -> Path | None:
    """Where the verdicts of this run on a database are written down; None where nobody asked for it."""
    folder = os.environ.get("FUZZ_VERDICTS")
    return Path(folder) / f"{vendor}-{SEED}.jsonl" if folder else None


@pytest.mark.verify
def test_nothing_breaks_for_some_minutes(found: Doors, record_property: Callable[[str, int], None]) -> None:
    """With SEED, what that seed typed. What both databases were asked must have been taken or refused by both."""
    print(f"seed {SEED} (again: make verify SEED={SEED})")
    verdicts: dict[str, list[int]] = {}

    def tell(door: Door, typed: dict[str, Any], verdict: doors.Verdict) -> None:
        what = repr({name: getattr(text, "name", text) for name, text in sorted(typed.items())})
        verdicts[f"{door.known} {sha256(what.encode(errors='surrogatepass')).hexdigest()}"] = [
            verdict.status,
            verdict.wrongs,
        ]

    minutes = float(os.environ.get("FUZZ_MINUTES") or "3")
    until = time.monotonic() + 60 * minutes
    for part in count():
        try_out(found, PLACES, AT_A_TIME, SEED + part, tell=tell)
        if time.monotonic() > until:
            break
    record_property("things typed", len(verdicts))
    own, other = (
        verdicts_of(vendor)
        for vendor in sorted(("sqlite", "postgresql"), key=lambda v: v != connection.vendor)
    )
    if own is None or other is None:
        return
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(json.dumps(verdicts))
    if other.exists():
        theirs = json.loads(other.read_text())
        both = verdicts.keys() & theirs.keys()
        assert both
        assert {
            known: (verdicts[known], theirs[known]) for known in both if verdicts[known] != theirs[known]
        } == {}


@pytest.mark.soak
def test_nothing_breaks_at_any_door(found: Doors) -> None:
    """Hours: each door by itself."""
    print(f"seed {SEED} (again: make soak SEED={SEED})")
    for place in PLACES:
        for _door in found.at(place):
            try_out(found, [place], AT_EACH_DOOR, SEED)
