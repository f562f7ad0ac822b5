"""Each guard is broken in every way there is past the portal's actions, on what the demonstration has settled."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import connection

from iconm_portal.history import guards
from tests.iconm_portal.history import attacks
from tests.iconm_portal.history.attacks import Row

MESSAGES: dict[str, set[str]] = {}
for one in guards.declared():
    MESSAGES.setdefault(one.model, set()).add(one.message)


def is_a_guards(message: str, model: str) -> bool:
    """Whether a guard of the table said it; a TRUNCATE that takes others along meets theirs as well."""
    return any(known in message for known in MESSAGES[model]) or any(
        known in message for told in MESSAGES.values() for known in told
    )


@pytest.mark.parametrize("app", ["portal", "agreements", "finance", "kpi"])
def test_debug(app: str, demo: None) -> None:
    passed = []
    reached: set[str] = set()
    for guard in guards.declared():
        if not guard.model.startswith(app + ".") or not guard.keeps_rows:
            continue
        for row in attacks.kept_by(guard):
            tries = []
            if "UPDATE" in guard.events:
                tries += attacks.changes(row, guard)
            if "DELETE" in guard.events:
                tries += attacks.deletions(row)
            for way, statement in tries:
                message = attacks.refused_by(statement)
                if guard.message in message:
                    reached.add(guard.name)
                if not is_a_guards(message, guard.model):
                    passed.append((guard.name, way, message[:100]))
    for name in sorted({(p[0], p[1], p[2]) for p in passed}):
        print("PASSED", name)
    print("UNREACHED", [g.name for g in guards.declared() if g.keeps_rows and g.model.startswith(app + ".") and g.name not in reached])
