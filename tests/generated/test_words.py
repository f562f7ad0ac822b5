"""The reader's own words are those of the portal: every sign before a word, and every state of a statement."""

import pytest
from django.utils.translation import override

from iconm_portal.display.template_tags import REVIEW_CHIPS, SIGNS
from iconm_portal.models import ReviewState
from tests.generated.pages import words
from tests.generated.pages.statements import STATES


def test_every_sign_is_read() -> None:
    assert set(SIGNS.values()) - {"i"} == set(words.SIGNS)


@pytest.mark.parametrize("state", [one for one in ReviewState if one is not ReviewState.ACCEPTED])
def test_every_state_of_a_statement_is_read(state: ReviewState) -> None:
    said = []
    for language in ("ja", "en"):
        with override(language):
            said.append(f"{SIGNS.get(REVIEW_CHIPS[state], '')}{state.label}")
    assert tuple(said) == STATES[state.value]
