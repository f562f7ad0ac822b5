"""Writing the history: one row per thing done, in the transaction of the change itself.

Every write of every kind goes through `record`, and what has to happen with each write belongs there. Whoever writes and
forgets it is named by tests/repository/test_every_write_is_recorded.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

from iconm_portal.history import once
from iconm_portal.models import Center, HistoryEvent, Organisation, User
from iconm_portal.values import clock


@dataclass(frozen=True)
class Source:
    """Where a row comes from that no person typed: a table or an article of the reference report."""

    text: str


Actor = User | Source


class Traced(Protocol):
    """Something whose changes are recorded."""

    def history_key(self) -> str:
        """Natural codes, such as kpi.report/iconm/support-r4/2022/r1."""

    def history_label(self) -> str:
        """What a reader calls it, in Japanese."""


def record(
    *,
    by: Actor,
    action: str,
    subject: Traced,
    center: Center | None = None,
    organisation: Organisation | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    consultation: str = "",
) -> HistoryEvent:
    """Append one event. Must run inside the transaction of the change: if it fails, the change fails with it.

    `before` and `after` hold only what changed, JSON-able. It concerns either a center or, where it is about none, an
    organisation. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("history is written in the transaction of the change")
    if (center is None) == (organisation is None):
        raise ValueError(f"{action} concerns either a center or an organisation")
    once.claim()
    person = by if isinstance(by, User) else None
    return HistoryEvent.objects.create(
        at=clock.now(),
        actor=person.username if person else "",
        actor_name=person.name if person else "",
        actor_organisation=person.organisation.code if person else "",
        source=by.text if isinstance(by, Source) else "",
        action=action,
        center=center.code if center else "",
        organisation=organisation.code if organisation else "",
        subject=subject.history_key(),
        subject_label=subject.history_label()[:200],
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        consultation=consultation,
    )


def last_moment() -> datetime | None:
    """When the last thing happened that anybody did; one query. None before anything did."""
    return HistoryEvent.objects.order_by("-pk").values_list("at", flat=True).first()


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts of two states that differ, as (before, after)."""
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ({k: before[k] for k in keys if k in before}, {k: after[k] for k in keys if k in after})
