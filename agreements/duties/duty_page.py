"""One duty with everything about it that a person may know: documents, comments, steps taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from agreements.duties import calendar
from agreements.duties.items import Item
from agreements.duties.parties import sides_handing_in
from agreements.models import Duty, DutyComment, DutyDocument, Reminder
from iconm_portal.history import texts
from iconm_portal.models import EDITABLE_STATES, Center, HistoryEvent, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A required document, or the others (`name` empty), with the versions that the person may see, latest first."""

    name: str
    code: str
    versions: tuple[DutyDocument, ...]

    @property
    def latest(self) -> DutyDocument | None:
        return self.versions[0] if self.versions else None

    @property
    def earlier(self) -> tuple[DutyDocument, ...]:
        return self.versions[1:]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: what, when, by whom, why."""

    verb: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class DutyPage:
    """What the page of a duty shows."""

    item: Item
    documents: tuple[DocumentLine, ...]
    note: str
    comments: tuple[DutyComment, ...]
    history: tuple[Taken, ...]
    reminders: tuple[Reminder, ...]

    @property
    def has_documents(self) -> bool:
        return any(line.versions for line in self.documents)


def load(item: Item, user: User, center: Center) -> DutyPage:
    """Everything about the item; a fixed number of queries. A preview has no steps behind it."""
    duty = item.duty
    sees_submitted = allowed(user, center, Right.SEE_SUBMITTED)
    sent = Reminder.objects.filter(about=item.history_key).select_related("person")
    reminders = tuple(sent) if sees_submitted else ()
    if duty is None:
        return DutyPage(item, _lines(item, ()), "", (), (), reminders)
    return DutyPage(
        item=item,
        documents=_lines(item, visible_documents(duty, user, center)),
        note=duty.note if sees_content(duty, user, center) else "",
        comments=tuple(duty.comments.select_related("written_by")) if sees_submitted else (),
        history=_history(duty, user, center) if sees_submitted else (),
        reminders=reminders,
    )


def sees_content(duty: Duty, user: User, center: Center) -> bool:
    """Whether the person sees what the duty holds now: settled, everyone; handed in, both staffs; before, the side
    that puts it together."""
    if duty.is_settled:
        return allowed(user, center, Right.SEE_SETTLED)
    if not allowed(user, center, Right.SEE_SUBMITTED):
        return False
    return duty.state not in EDITABLE_STATES or center.side_of(user) in sides_handing_in(duty.obligation)


def visible_documents(duty: Duty, user: User, center: Center) -> tuple[DutyDocument, ...]:
    """The documents that the person may read. The other side keeps what it saw before it returned the duty; whoever
    only looks reads what was settled, in its last version."""
    found = tuple(
        duty.documents.select_related("file", "required", "handed_in_by").order_by("-version", "-pk")
    )
    sees_submitted = allowed(user, center, Right.SEE_SUBMITTED)
    if sees_content(duty, user, center):
        return found if sees_submitted else _last_versions(found)
    if sees_submitted and duty.returned_at is not None:
        returned_at = duty.returned_at
        return tuple(document for document in found if document.handed_in_at <= returned_at)
    return ()


def _last_versions(documents: Iterable[DutyDocument]) -> tuple[DutyDocument, ...]:
    """Of each required document the last; of others, which do not replace one another, all."""
    last: dict[object, DutyDocument] = {}
    for document in documents:  # the latest first
        last.setdefault(document.required_id or f"other {document.pk}", document)
    return tuple(last.values())


def _lines(item: Item, documents: Iterable[DutyDocument]) -> tuple[DocumentLine, ...]:
    """A line for each required document, and one for the others where there are any."""
    found = list(documents)
    lines = [
        DocumentLine(one.name, one.code, tuple(d for d in found if d.required_id == one.pk))
        for one in item.obligation.required_documents.all()
    ]
    others = tuple(document for document in found if document.required_id is None)
    return (*lines, DocumentLine("", "", others)) if others else tuple(lines)


def _history(duty: Duty, user: User, center: Center) -> tuple[Taken, ...]:
    """The steps from the history, oldest first; what was only saved is the affair of the side that saved it."""
    events = HistoryEvent.objects.filter(center=center.code, subject=duty.history_key()).order_by("at", "pk")
    if center.side_of(user) not in sides_handing_in(duty.obligation):
        events = events.exclude(action="duty.save")
    return tuple(
        Taken(
            texts.verb(event),
            event.at,
            event.actor_name,
            event.reason or "\n".join(event.after.get("comments", ())),
        )
        for event in events
    )


def find(
    center: Center, user: User, *, agreement: str, place: str, year: FiscalYear, today: date
) -> DutyPage | None:
    """The page of a duty by its place in addresses; None where nothing is owed and nothing is stored."""
    item = calendar.find(center, user, agreement=agreement, place=place, year=year, today=today)
    return load(item, user, center) if item else None
