"""Whatever is recorded at a center says who sees it (iconm_portal/history/seen_by.py); a forgotten kind is for auditors alone."""

import ast
import re
from collections.abc import Iterator

import pytest

from iconm_portal.history import seen_by
from iconm_portal.models import HistoryEvent
from tests.loaded import load_demo
from tests.repository.test_repository import our_modules

OF_NO_CENTER = {"person", "organisation", "calendar_address"}
"""Kinds of things that stand at no center: administrators and auditors see what is done to them."""


def recorded() -> Iterator[str]:
    """Every action that the source names as `action=…`."""
    for file in our_modules():
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            for keyword in (one for one in call.keywords if one.arg == "action"):
                for part in ast.walk(keyword.value):
                    if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(part.value)):
                        yield str(part.value)


def test_every_action_in_the_source_says_who_sees_it() -> None:
    actions = set(recorded())
    assert len(actions) > 50, "the reading finds them"
    undeclared = {action for action in actions if not seen_by.is_declared(action)}
    assert {action for action in undeclared if action.partition(".")[0] not in OF_NO_CENTER} == set()


@pytest.mark.django_db
def test_every_event_of_the_demonstration_says_who_sees_it() -> None:
    load_demo()
    actions = set(
        HistoryEvent.objects.exclude(center="").order_by().values_list("action", flat=True).distinct()
    )
    assert len(actions) > 30
    assert {action for action in actions if not seen_by.is_declared(action)} == set()
