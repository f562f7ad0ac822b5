"""How an app names what its events keep under a field: words for codes that are no field's choices.

Without models, so that `apps.py` can import it; the names are dotted, and what stands there is read at the first event.
"""

from collections.abc import Callable
from functools import cache

from django.utils.module_loading import import_string

_PLACES: dict[str, str] = {}


def name_values(**places: str) -> None:
    """By the field's name the dotted name of a function from a kept text to its word, empty where it knows none."""
    _PLACES.update(places)


@cache
def words_of_values(name: str) -> Callable[[str], str] | None:
    """The function for the field; None where no app has one."""
    return import_string(_PLACES[name]) if name in _PLACES else None
