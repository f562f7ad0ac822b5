"""Codes that the portal gives of its own accord: readable, and asked from nobody."""

import re
from collections.abc import Container

from iconm_portal.models import LONGEST_CODE, code_words, numbered_code
from iconm_portal.values.text import normalised


def slug(name: str) -> str:
    """The letters and digits of ASCII in a name, in words; empty where they are too few to be read."""
    code = "-".join(code_words(normalised(name).lower()))[:LONGEST_CODE].rstrip("-")
    # One in which most is left out says nothing: the R of a name in Japanese.
    return code if len(re.sub(r"[^a-z]", "", code)) >= max(3, len(name.strip()) // 2) else ""


def free(code: str, taken: Container[str]) -> str:
    """The code, numbered from the second on: media, media-2."""
    return numbered_code(code, lambda one: one in taken)


def next_in_line(prefix: str, taken: Container[str], *, width: int = 1) -> str:
    """The first free one of kgi-1, kgi-2, … (`width`: of at least so many digits)."""
    number = 1
    while (code := f"{prefix}-{number:0{width}}") in taken:
        number += 1
    return code
