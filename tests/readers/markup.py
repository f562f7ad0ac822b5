"""HTML as a reader of it sees it, for tests that look for pieces of markup."""

import re


def tight(html: str) -> str:
    """HTML in one line, without the blanks around its tags and between the last attribute and the end of a tag."""
    return re.sub(r" ?([<>]) ?", r"\1", re.sub(r"\s+", " ", html))
