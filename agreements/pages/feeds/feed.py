"""The calendar feed: due dates as whole-day events that calendar programs subscribe to (RFC 5545). Pure, in Japanese.

The same duty keeps its UID from preview to settlement. Nothing depends on the moment of the request, so that an
unchanged calendar is the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import icalendar
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.duties import texts
from agreements.duties.items import Item, Status
from agreements.instruments.addresses import address
from agreements.instruments.dates import AgreementDay, DayKind
from agreements.pages import todo
from iconm_portal.models import Center, User
from iconm_portal.standing.deeds import Deed

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=12)
ALARM = timedelta(days=-7)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A dated item of a center."""

    center: Center
    item: Item


def render(
    entries: Iterable[FeedEntry], person: User, *, site: str, days: Iterable[AgreementDay] = ()
) -> bytes:
    """The feed's bytes. `site` is the portal's own address, such as https://portal.example.lg.jp, for the links."""
    with translation.override("ja"):
        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//iconm-portal//duties//JA")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", _("Duties under the agreements"))
        calendar.add("x-wr-timezone", "Asia/Tokyo")
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", REFRESH)
        for entry in entries:
            calendar.add_component(_event(entry, person, site))
        for day in days:
            calendar.add_component(_day(day, site))
    return bytes(calendar.to_ical())


def uid(entry: FeedEntry) -> str:
    """The same for a duty for ever: natural codes, of which none holds a dot."""
    item = entry.item
    codes = [entry.center.code, item.agreement.code, item.obligation.code, str(item.fiscal_year.start)]
    codes += [str(item.number)] if item.number > 1 else []
    return f"{'.'.join(codes)}@duties.iconm-portal"


def _event(entry: FeedEntry, person: User, site: str) -> icalendar.Event:
    item = entry.item
    assert item.due_on is not None  # noqa: S101 - the read model gives dated ones only
    changed = _changed(item)
    event = icalendar.Event()
    event.add("uid", uid(entry))
    event.add("summary", _summary(entry))
    event.add("dtstart", item.due_on)
    event.add("dtend", item.due_on + timedelta(days=1))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", (item.duty.version if item.duty else 0) + _steps_of(item.deed))
    event.add("status", _status(item))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [entry.center.short_name])
    event.add("url", f"{site}{todo.duty_address('agreements:duty', item, entry.center)}")
    event.add("description", _description(item))
    # An open task of the person's own side is worth an alarm.
    if item.is_pending and entry.center.side_of(person) in item.waits_for:
        event.add_component(_alarm(event))
    return event


def _day(day: AgreementDay, site: str) -> icalendar.Event:
    """The last day or the review of an agreement, which both sides look at."""
    agreement, center = day.agreement, day.agreement.center
    event = icalendar.Event()
    event.add("uid", f"{center.code}.{agreement.code}.{day.kind.value}@agreements.iconm-portal")
    mark = "" if day.is_concluded else f"【{pgettext('state of a duty', 'draft')}】"
    event.add("summary", f"{mark}{day.name} {center.short_name}")
    event.add("dtstart", day.on)
    event.add("dtend", day.on + timedelta(days=1))
    changed = agreement.recorded_at.astimezone(UTC).replace(microsecond=0)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", 0)
    event.add("status", "CONFIRMED" if day.is_concluded else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [center.short_name])
    event.add("url", f"{site}{address('agreements:agreement', center, agreement)}")
    if agreement.review_reason and day.kind is DayKind.REVIEW:
        event.add("description", agreement.review_reason)
    if day.is_concluded:
        event.add_component(_alarm(event))
    return event


def _status(item: Item) -> str:
    if item.is_no_longer_asked or item.falls_on is not None:
        return "CANCELLED"
    return "CONFIRMED" if item.is_stored else "TENTATIVE"


def _summary(entry: FeedEntry) -> str:
    """【案】事業報告書の提出（令和7年度） iCONM. Done is only what still holds."""
    item = entry.item
    mark = ""
    if item.status is Status.PREVIEW or item.is_no_longer_asked or item.corrected_since:
        mark = texts.state(item)
    elif item.falls_on is not None:
        mark = pgettext("state of a duty", "falls with the agreement's end")
    elif item.is_settled:
        mark = pgettext("calendar feed", "done")
    return f"{f'【{mark}】' if mark else ''}{item} {entry.center.short_name}"


def _description(item: Item) -> str:
    return "\n".join(
        [
            _("Basis: %(basis)s") % {"basis": texts.basis(item.obligation)},
            _("Who is bound: %(bound)s") % {"bound": texts.bound(item.obligation)},
            _("State: %(state)s") % {"state": texts.state(item)},
            *filter(None, (texts.fulfilled(item), texts.falls(item))),
            *texts.beside_the_date(item),
        ]
    )


def _changed(item: Item) -> datetime:
    """When the event last changed; of a preview, when its agreement was recorded."""
    moments = [item.duty.stored_at if item.duty else item.agreement.recorded_at]
    moments += [extension.recorded_at for extension in item.extensions]
    if item.rule.edition is not None and item.rule.edition.confirmed_at is not None:
        moments.append(item.rule.edition.confirmed_at)
    if item.duty and item.duty.decided_at:
        moments.append(item.duty.decided_at)
    for row in (item.duty, item.verification):
        if row is not None:
            steps = (row.saved_at, row.submitted_at, row.opened_at, row.returned_at, row.accepted_at)
            moments += [moment for moment in steps if moment]
    days = (item.deed.handed_in_on, item.deed.settled_on, item.deed.corrected_on) if item.deed else ()
    moments += [timezone.make_aware(datetime.combine(day, time())) for day in days if day]
    return max(moments).astimezone(UTC).replace(microsecond=0)


def _steps_of(deed: Deed | None) -> int:
    """How often the deed changed what the event says."""
    days = (deed.handed_in_on, deed.settled_on, deed.corrected_on) if deed else ()
    return sum(day is not None for day in days)


def _alarm(event: icalendar.Event) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", ALARM)
    alarm.add("description", event["summary"])
    return alarm
