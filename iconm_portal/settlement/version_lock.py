"""The lock against two people at once: a version number in the UPDATE's WHERE. It works on both databases.

`get()` and `save()` lose updates silently, and `select_for_update()` does nothing on SQLite.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import F

Item = TypeVar("Item", bound=models.Model)
"""A row with a `state` and a `version`: what is reviewed, proposed, or prepared and then frozen."""


class Conflict(Exception):
    """Somebody else changed it since the version that the person saw."""


class WrongStep(Exception):
    """The item is not in a state from which this step can be taken."""


class SamePerson(Exception):
    """Nobody settles both sides: whoever put it forward cannot accept or confirm it."""


def step(item: Item, version: int, from_states: Sequence[str], **changes: Any) -> Item:
    """Write the changes if the row still has this version and one of these states, and raise its version by one.

    Otherwise nothing is written: raises Conflict, or WrongStep where the version is right and the state is not.
    """
    rows = type(item)._default_manager.filter(pk=item.pk, version=version, state__in=from_states)
    done = rows.update(version=F("version") + 1, **changes)
    item.refresh_from_db()
    if not done:
        # The version tells the two failures apart: the same version in another state is a stale or forged request.
        now = cast(Any, item)
        raise WrongStep(now.state) if now.version == version else Conflict
    return item
