"""What the floors above keep that cites a consultation. They say how to find it; the consultation's page lists it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agreements.models import Consultation


@dataclass(frozen=True, slots=True)
class Citation:
    """Something settled after a consultation: what it is, in the reader's language, and its page."""

    text: str
    url: str


Finder = Callable[[Consultation], Iterable[Citation]]

_FINDERS: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask this too. A finder gives only what everybody who may see the consultation may see, in one query."""
    if finder not in _FINDERS:
        _FINDERS.append(finder)


def of(consultation: Consultation) -> list[Citation]:
    """All that cites it; a query for each finder."""
    return [citation for find in _FINDERS for citation in find(consultation)]
