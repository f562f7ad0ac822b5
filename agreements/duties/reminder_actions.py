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
from agreements.instruments import dates
from agreements.instruments.dates import AgreementDay
from agreements.models import Reminder, ReminderKind
from iconm_portal.models import Center, Role, User

# From a month before the due date on; once for each due date, and once more when it has passed.
AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that a person should have: the rule asks for ranges of days, so that a missed night loses nothing."""

    what: Item | AgreementDay
    person: User
    kind: ReminderKind

    @property
    def about(self) -> str:
        """What the claim names: the same for a duty before and after somebody stores it."""
        return self.what.history_key if isinstance(self.what, Item) else self.what.key

    @property
    def title(self) -> str:
        return str(self.what) if isinstance(self.what, Item) else self.what.name

    @property
    def due_on(self) -> date:
        day = self.what.due_on if isinstance(self.what, Item) else self.what.on
        assert day is not None  # noqa: S101 - only what has a date is reminded of
        return day


def due_reminders(center: Center, *, today: date) -> list[Due]:
    """Every reminder that should have been sent by today and was not claimed, in order of person and date."""
    people = _people(center)
    if not people:
        return []
    claimed = set(Reminder.objects.filter(center=center).values_list("about", "person", "kind", "due_on"))
    found = [
        Due(item, person, kind)
        for item in calendar.outstanding(center, people[0], today=today)
        if (kind := _kind(item, today)) is not None
        for person in people
        if item.asks(center.side_of(person))
    ]
    found += [
        Due(day, person, ReminderKind.OVERDUE if day.is_overdue else ReminderKind.AHEAD)
        for day in dates.coming(center, today=today)
        for person in people
    ]
    return sorted(
        (due for due in found if _key(due) not in claimed),
        key=lambda due: (due.person.pk, due.due_on, due.about),
    )


def _key(due: Due) -> tuple[str, int, str, date]:
    return (due.about, due.person.pk, str(due.kind), due.due_on)


def _kind(item: Item, today: date) -> ReminderKind | None:
    """Ahead within the month before, overdue after; nothing for what its side has done."""
    if item.due_on is None or not item.is_pending:
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


def claim(center: Center, due: Iterable[Due], *, at: datetime) -> list[tuple[Due, Reminder]]:
    """Claim each reminder in a transaction of its own; what another run has claimed meanwhile is left to it."""
    claimed = []
    for one in due:
        try:
            with transaction.atomic():
                row = Reminder.objects.create(
                    center=center,
                    about=one.about,
                    title=one.title[:300],
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
    rows: QuerySet[Reminder] = Reminder.objects.filter(sent__isnull=True).select_related("person")
    if center is not None:
        rows = rows.filter(center=center)
    return list(rows.order_by("claimed", "pk"))
