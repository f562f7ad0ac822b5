"""Of the calendar that a person subscribes to: which dates it holds, how each stands, and of what it rings."""

import re
from collections.abc import Iterator
from datetime import date

import icalendar

from tests.generated.frame import fiscal_year
from tests.generated.pages.agreements import name_of
from tests.generated.pages.duties import STATES, TITLES
from tests.generated.pages.words import SIGNS
from tests.generated.pages.words import year as year_of
from tests.generated.reckoned_agreements import ALONE, Agreements, Stand

Key = tuple[str, int]
_DUTY = re.compile(r"(?:【(?P<mark>.+)】)?(?P<title>[^【】（]+)（(?P<year>[^）]+)分） (?P<center>\w+)")
_LAST_DAY = re.compile(r"(?P<name>.+)：最終日 (?P<center>\w+)")


def faults(true: Agreements, role: str, center: str, data: bytes) -> Iterator[str]:
    """Exactly the duties that have a date: what is stored, and what concluded agreements ask for in this fiscal year and the
    next; and the last days of the agreements. An earlier year is left out where nobody stored it, unless it is late."""
    told: list[Key] = []
    days: dict[str, date] = {}
    for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
        summary, on = str(event["summary"]), event["dtstart"].dt
        if found := _LAST_DAY.fullmatch(summary):
            days[found["name"]] = on
            continue
        found = _DUTY.fullmatch(summary)
        if found is None or found["center"] != center:
            yield f"no rule knows “{summary}”"
            continue
        key = TITLES[found["title"]], year_of(found["year"])
        told.append(key)
        if key not in true.duties:
            yield f"{key} is not asked for by anybody"
            continue
        one = true.duties[key]
        if on != one.due:
            yield f"{key}: due {one.due}, not {on}"
        yield from _event_faults(true, role, one, event, found["mark"] or "")
    expected = {key for key, one in true.duties.items() if is_in_feed(true, one)}
    for key in expected - set(told):
        yield f"{key} is not told: {true.duties[key]}"
    for key in set(told) - expected:
        yield f"{key} is told: {true.duties.get(key)}"
    if len(told) != len(set(told)):
        yield f"told more than once: {sorted(told)}"
    if days != (last_days := _last_days(true)):
        yield f"last days are {last_days}, not {days}"


def is_in_feed(true: Agreements, one: Stand) -> bool:
    if one.due is None:
        return False
    return one.is_stored or fiscal_year(one.due) in (true.running, true.running + 1) or true.is_overdue(one)


def _last_days(true: Agreements) -> dict[str, date]:
    """Of what is concluded, from the last fiscal year on."""
    found = {}
    for code in true.known():
        last = true.last_day(code)
        if last and last >= date(true.running - 1, 4, 1) and (code in ALONE or true.concluded_on(code)):
            found[name_of(code)] = last
    return found


def _event_faults(
    true: Agreements, role: str, one: Stand, event: icalendar.Event, mark: str
) -> Iterator[str]:
    place, is_staff = f"{one.obligation} {one.year}", role.endswith("-staff")
    marks = {"settled": "済", "not_stored": "未登録"}
    marks |= {"ended": "終了（協定の終了による）", "dropped": "改定により不要"}
    if true.state("basic") == "draft":
        marks["not_stored"] = "案"
    falls = true.falls_with_the_end(one)
    if mark != ("協定の終了により不要" if falls else marks.get(one.state, "")):
        yield f"{place}: {one.state}, not {event['summary']}"
    is_asked = one.state not in ("ended", "dropped") and not falls
    status = "CANCELLED" if not is_asked else "CONFIRMED" if one.is_stored else "TENTATIVE"
    if str(event["status"]) != status:
        yield f"{place}: {status}, not {event['status']}"
    lines = str(event["description"]).split("\n")
    state = next(line for line in lines if line.startswith("状態：")).removeprefix("状態：")
    seen = one.state if is_staff else {"in": "hidden", "returned": "open"}.get(one.state, one.state)
    words = ("案",) if true.state("basic") == "draft" else STATES[seen]
    if not any(word.lstrip(SIGNS) == state for word in words):
        yield f"{place}: {seen}, not {state}"
    is_extended = any(re.match(r"延長（当初|改定後（第\d+版）の期限、当初", line) for line in lines)
    if is_extended != (one.first_due != one.due):
        yield f"{place}: first due {one.first_due}, now {one.due}, not {lines}"
    rings = any(True for _alarm in event.walk("VALARM"))
    side = role.partition("-")[0]
    if rings != (is_staff and true.is_pending(one) and side in true.waits_for(one)):
        yield f"{place}: waits for {true.waits_for(one)}, and rings for the {role}: {rings}"
