"""Random agreements in every notation, read back: as they were, or with what is doubtful named. Nothing is lost."""

import os
import random
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agreements.wording import ProblemCode, Wording, parse
from tests.agreements.wording.test_wording import letters_of_lines, letters_of_tree
from tests.agreements.wording.written_out import Scribe, damaged, flat, invented

_BRACKETS = str.maketrans("()", "（）")
SEEDS = st.integers(min_value=0, max_value=2**32)


def what_was_read(wording: Wording) -> list[tuple[str, str, str]]:
    """As the tree was made: without spaces, and with the brackets of Japanese texts."""
    return [
        (node.key, node.heading, "".join(node.text.split()).translate(_BRACKETS)) for node in wording.walk()
    ]


def check_account(wording: Wording) -> None:
    assert letters_of_tree(wording) == letters_of_lines(wording)
    keys = {node.key for node in wording.walk()}
    assert all(line.belongs_to in keys for line in wording.lines if line.belongs_to)


def clean(seed: int) -> None:
    chance = random.Random(seed)
    leaves = invented(chance)
    text = "\n".join(map(str, Scribe(chance).text(leaves)))
    wording = parse(text)
    assert what_was_read(wording) == list(flat(leaves)), text
    assert [problem.code for problem in wording.problems] == [], text
    check_account(wording)


def with_damage(seed: int) -> tuple[bool, set[ProblemCode]]:
    """Whether it was read as it was, and what was named."""
    chance = random.Random(seed)
    leaves = invented(chance)
    text = damaged(Scribe(chance).text(leaves), chance)
    wording = parse(text)
    check_account(wording)
    is_same = what_was_read(wording) == list(flat(leaves))
    assert is_same or wording.problems, text
    return is_same, {problem.code for problem in wording.problems}


@given(SEEDS)
@hypothesis_settings(max_examples=200)
def test_every_notation_is_read_as_it_was_written(seed: int) -> None:
    clean(seed)


@given(SEEDS)
@hypothesis_settings(max_examples=200)
def test_damage_is_undone_or_named(seed: int) -> None:
    with_damage(seed)


def test_doubts_are_no_way_out() -> None:
    """Most damage is undone, and what is read as it was is seldom doubted."""
    found = Counter((is_same, bool(named)) for is_same, named in map(with_damage, range(300)))
    assert found[True, False] >= 200, found
    assert found[True, True] + found[False, True] <= 100, found


@pytest.mark.verify
def test_as_many_as_fit_into_the_time() -> None:
    seed = time.time_ns()
    until = time.monotonic() + 6 * float(os.environ.get("VERIFY_MINUTES", "10"))
    while time.monotonic() < until:
        seed += 1
        clean(seed)
        with_damage(seed)
