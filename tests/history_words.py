"""Every row of the history that a test leaves, looked at: a reader finds words there and no codes.

An action has its verb, a field its name, and what is a member of an enumeration its word; only codes that people gave,
such as an indicator's, are shown as they are (`iconm_portal/history/texts.py`).
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.utils import translation

from iconm_portal.history import history, texts
from iconm_portal.models import HistoryEvent

GIVEN = {
    "account",
    "agreement",
    "category",
    "code",
    "contract",
    "funds",
    "goals",
    "measure",
    "obligation",
    "parent",
    "part",
    "previous",
    "provision",
}
"""Fields that hold codes which people gave."""


NAME = re.compile("[a-z_]+")
"""A field's name; what holds figures or strokes is the place of a provision."""


class HasNoWord(AssertionError):
    """What a reader of the history would not understand."""


@cache
def codes() -> frozenset[str]:
    """Everything that a field stores as the member of an enumeration."""
    return frozenset(
        str(one.value)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        for one in getattr(field, "enumeration", None) or ()
        if one.value
    )


def wordless(event: HistoryEvent) -> Iterator[str]:
    """The codes that a reader would meet in the row."""
    if texts.verb(event) == event.action:
        yield f"{event.action}: the action has no verb"
    fields = texts._fields(event.subject.partition("/")[0], event.action.rpartition(".")[0])
    for state in (event.before, event.after):
        for path, value in texts._flat(state):
            place = " / ".join(path)
            name = path[-1].rpartition(".")[2]
            if NAME.fullmatch(name) and texts._label(fields, name) == name:
                yield f"{event.action}: the field {place} has no name"
            for part in value if isinstance(value, list) else [value]:
                if is_member(part) and name not in GIVEN and texts._text(fields, path, part) == part:
                    yield f"{event.action}: {part} under {place} has no word"


def is_member(part: Any) -> bool:
    return isinstance(part, str) and part in codes()


@pytest.fixture(scope="session", autouse=True)
def history_is_read() -> Iterator[None]:
    """In every test: whoever leaves a row that has no words is stopped there."""
    real = history.record

    def record(**parts: Any) -> HistoryEvent:
        event = real(**parts)
        if not sys._getframe(1).f_globals["__name__"].startswith("tests."):
            with translation.override("ja"):
                if found := list(wordless(event)):
                    with open("/tmp/w_raw.txt", "a") as f:
                        print(*found, sep="\n", file=f)
        return event

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "record", record)
        yield
