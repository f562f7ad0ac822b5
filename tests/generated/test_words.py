"""The reader's own words: every sign that the portal puts before a word is known to it."""

from iconm_portal.display.template_tags import SIGNS
from tests.generated.pages import words


def test_every_sign_is_read() -> None:
    assert set(SIGNS.values()) - {"i"} == set(words.SIGNS)
