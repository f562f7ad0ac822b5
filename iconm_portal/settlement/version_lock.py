"""The lock against two people at once: a version number in the UPDATE's WHERE. It works on both databases.

`get()` and `save()` lose updates silently, and `select_for_update()` does nothing on SQLite.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import F

from iconm_portal.forms.refusals import Conflict, Gone, WrongStep
from iconm_portal.history import once

Row = TypeVar("Row", bound=models.Model)
"""A row with a `version`; what is reviewed, proposed, or prepared and then frozen has a state too."""


def write(item: Row, version: int, **changes: Any) -> Row:
    """Write the changes if the row still has this version, and raise its version by one; otherwise Conflict, or Gone."""
    return _write(item, version, {}, changes)


def step(
    item: Row, version: int, from_states: Sequence[str], *, state_field: str = "state", **changes: Any
) -> Row:
    """The same where the row is still in one of these states too.

    Otherwise nothing is written: raises Conflict, or WrongStep where the version is right and the state is not, or Gone
    where somebody discarded it.
    """
    return _write(item, version, {state_field: from_states}, changes)


def _write(item: Row, version: int, states: Mapping[str, Sequence[str]], changes: Mapping[str, Any]) -> Row:
    where = {f"{name}__in": values for name, values in states.items()}
    rows = type(item)._default_manager.filter(pk=item.pk, version=version, **where)
    done = rows.update(version=F("version") + 1, **changes)
    try:
        item.refresh_from_db()
    except ObjectDoesNotExist:
        raise Gone from None
    if not done:
        # The version tells the two failures apart: the same version in another state is a stale or forged request.
        now = cast(Any, item)
        raise WrongStep(*(getattr(now, name) for name in states)) if now.version == version else Conflict
    once.claim()  # also where nothing differs from before, and so no row of the history is left
    return item


def require_there(item: models.Model) -> None:
    """Gone where somebody discarded the row meanwhile."""
    if not type(item)._default_manager.filter(pk=item.pk).exists():
        raise Gone
