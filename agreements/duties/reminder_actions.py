"""Reminders of due dates: a row is claimed before the mail is sent, so that a crash shows as unclear, never twice.

The rows are the record themselves; no history is written of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from agreements.duties import calendar
from agreements.duties.items import Item
from agreements.models import Reminder, ReminderKind
from iconm_portal.models import Center, Role, User

# From a month before the due date on; once for each due date, and once more when it has passed.
AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that a person should have: the rule asks for ranges of days, so that a missed night loses nothing."""

    item: Item
    person: User
    kind: ReminderKind

    @property
    def due_on(self) -> date:
        assert self.item.due_on is not None  # noqa: S101 - only what has a date is reminded of
        return self.item.due_on


def due_reminders(center: Center, *, today: date) -> list[Due]:
    """Every reminder that should have been sent by today and was not claimed, in order of person and date."""
    people = _people(center)
    if not people:
        return []
    claimed = set(
        Reminder.objects.filter(duty__obligation__agreement__center=center).values_list(
            "duty", "person", "kind", "due_on"
        )
    )
    found = [
        Due(item, person, kind)
        for item in calendar.outstanding(center, people[0], today=today)
        if (kind := _kind(item, today)) is not None
        for person in people
        if center.side_of(person) in item.waits_for
    ]
    return sorted(
        (due for due in found if _key(due) not in claimed),
        key=lambda due: (due.person.pk, due.due_on, due.item.obligation.pk),
    )


def _key(due: Due) -> tuple[int | None, int, str, date]:
    return (due.item.duty.pk if due.item.duty else None, due.person.pk, str(due.kind), due.due_on)


def _kind(item: Item, today: date) -> ReminderKind | None:
    """Ahead within the month before, overdue after; nothing for what its side has done."""
    if item.due_on is None or item.duty is None or not item.is_pending:
        return None
    if item.is_overdue:
        return ReminderKind.OVERDUE
    return ReminderKind.AHEAD if today <= item.due_on <= today + AHEAD else None


def _people(center: Center) -> list[User]:
    """The staff of both sides who can be reached."""
    people = User.objects.filter(
        organisation__in=[center.supporter_id, center.operator_id], role=Role.STAFF, is_active=True
    ).exclude(email="")
    return list(people.select_related("organisation").order_by("pk"))


def claim(due: Iterable[Due], *, at: datetime) -> list[tuple[Due, Reminder]]:
    """Claim each reminder in a transaction of its own; what another run has claimed meanwhile is left to it."""
    claimed = []
    for one in due:
        assert one.item.duty is not None  # noqa: S101 - `_kind` has seen to it
        try:
            with transaction.atomic():
                row = Reminder.objects.create(
                    duty=one.item.duty,
                    person=one.person,
                    kind=one.kind,
                    due_on=one.due_on,
                    claimed=at,
                )
        except IntegrityError:
            continue
        claimed.append((one, row))
    return claimed


def mark_sent(rows: Sequence[Reminder], *, at: datetime) -> None:
    """The mail server has taken the mail."""
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(sent=at)


def mark_problem(rows: Sequence[Reminder], *, problem: str) -> None:
    """The mail server refused the mail, or the connection broke: it is unclear whether it went out."""
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(problem=problem[:300])


def unclear(center: Center | None = None) -> list[Reminder]:
    """Claimed and not known to be sent, oldest first: somebody should ask the person."""
    rows: QuerySet[Reminder] = Reminder.objects.filter(sent__isnull=True).select_related(
        "person", "duty__obligation__agreement__center"
    )
    if center is not None:
        rows = rows.filter(duty__obligation__agreement__center=center)
    return list(rows.order_by("claimed", "pk"))
