"""Of what is asked of a person: the to-do list of the home page, and the mails that remind of due dates.

Both ask for what is due and not done, of the side whose step is next, and for nothing else; a mail comes once for each date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.generated.chronicle_log import Log
from tests.generated.frame import CODES, DEEDS, VERIFIES
from tests.generated.pages.agreements import OnAgreements
from tests.generated.pages.corrections import DIFFERS, OF_VERIFICATION, is_being_corrected
from tests.generated.pages.duties import TITLES
from tests.generated.pages.home import HOME
from tests.generated.pages.words import ERA_YEAR
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import year as year_of
from tests.generated.reckoned_agreements import Agreements, Stand
from tests.generated.reckoned_kpis import Kpis
from tests.readers.page_reading import Node

AHEAD = timedelta(days=30)
"""From so long before a date on, a mail is sent of it."""
Key = tuple[str, int]
LATE = ("期限超過", "Overdue")
_OF_DUTY = re.compile(r"/[\w-]+/calendar/(\d+)/[\w-]+/([\w-]+)/")
_OF_STATEMENT = re.compile(r"/[\w-]+/finance/statements/(\d+)/(settlement|budget)/\d+/")
_OF_ANSWER = re.compile(r"/[\w-]+/standing/(\d+)/")
_AMENDED = re.compile(r"第\d+版の期限に改める|Take over the due date of edition")
_DAY = rf"(?:{ERA_YEAR}\.\d+\.\d+|{ERA_YEAR}年\d+月\d+日|\d+ \w+ \d{{4}})"
_DUE = re.compile(rf"({_DAY})まで|due ({_DAY})")


def of_address(path: str, log: Log) -> Key | None:
    """What is done at the address: a duty, by its obligation and year; a verification, by the obligation that asks for it, and so
    the answer of one side that it stands."""
    if found := _OF_DUTY.fullmatch(path):
        return found[2], int(found[1])
    if found := OF_VERIFICATION.fullmatch(path):
        return _asked_by(found[1]), int(found[2])
    if found := _OF_STATEMENT.match(path):
        return next(code for code, stage in DEEDS.items() if stage == found[2]), int(found[1])
    if found := _OF_ANSWER.fullmatch(path):
        kind, year = next(
            one.paper[1:3] for one in log.papers if one.paper[0] == "answer" and one.paper[3] == int(found[1])
        )
        return _asked_by(str(kind)), int(str(year))
    return None


def _asked_by(kind: str) -> str:
    return next(code for code, verified in VERIFIES.items() if verified == kind)


@HOME.whole
def asked(on: OnAgreements, main: Node) -> Iterator[str]:
    """The list names exactly what the reader's side has to do now, with its date, and marks what is late; who only looks has
    none, and an earlier day asks nothing."""
    heading = next((one for one in main.all("h2") if one.attributes.get("id") == "todo"), None)
    if heading is None:
        if on.is_staff and on.day == on.today:
            yield "nothing says what is to be done"
        return
    if not on.is_staff:
        yield "who only looks is asked for something"
        return
    true = Agreements(on.log, on.today)
    asked_for = {key for key, one in true.duties.items() if true.asks(one, on.side)}
    corrected = {
        (_asked_by(kind), year)
        for kind, year in true.all_corrected()
        if on.side in true.can_put_right(kind, year)
    }
    told: list[Key] = []
    taken_over: list[Key] = []
    for node in next(one for one in heading.up() if one.tag == "section").all("li"):
        link = node.first("a")
        key = of_address(link.attributes["href"], on.log) if link else None
        if key is None or (key[0] in DEEDS and key not in asked_for):
            continue  # a correction of what is settled waits for somebody too, and fulfils nothing
        if _AMENDED.search(node.text):
            taken_over.append(key)
            continue
        told.append(key)
        if key in asked_for:
            yield from _task_faults(true, true.duties[key], node.text)
    for key in set(told) - asked_for - corrected:
        yield f"{key} is asked of the {on.side}, and is {true.duties.get(key)}"
    for key in (asked_for | corrected) - set(told):
        yield f"{key} waits for the {on.side}, and is not told: {true.duties.get(key)}"
    amended = sorted(
        key for key, one in true.duties.items() if true.amended_to(*key) and one.state != "settled"
    )
    if sorted(taken_over) != amended:
        yield f"an amendment brought another date for {amended}, and the list offers it for {sorted(taken_over)}"
    if len(told) != len(set(told)):
        yield f"asked for more than once: {sorted(told)}"


@HOME.whole
def differing_asked(on: OnAgreements, main: Node) -> Iterator[str]:
    """Of every value of which something else is said, and whose report is not being corrected, the foundation is asked once."""
    heading = next((one for one in main.all("h2") if one.attributes.get("id") == "todo"), None)
    if heading is None:
        return
    true = Kpis(on.log, on.today)
    expected = sorted(
        f"{DIFFERS[other.by == 'register'][on.language == 'en']}{'：' if on.language == 'ja' else ': '}{_value_label(on, key)}"
        for key, other in true.others.items()
        if on.side == "foundation" and not is_being_corrected(on, key[0], key[2])
    )
    items = next(one for one in heading.up() if one.tag == "section").all("li")
    told = sorted(
        link.text for one in items if (link := one.first("a")) and any(w in link.text for w in DIFFERENT)
    )
    if told != expected:
        yield f"asked is {expected}, not {told}"


DIFFERENT = ("相違する実績：", "Differs from the")


def _value_label(on: OnAgreements, key: tuple[str, str, int]) -> str:
    """研究費収入額（令和3年度）"""
    name, of = CODES[key[1]].name, key[2]
    if on.language == "en":
        return f"{name} (FY{of})"
    return (
        f"{name}（平成{of - 1988}年度）"
        if of < 2019
        else f"{name}（令和{'元' if of == 2019 else of - 2018}年度）"
    )


def _task_faults(true: Agreements, one: Stand, said: str) -> Iterator[str]:
    place, is_late = f"{one.obligation} {one.year}", true.is_overdue(one)
    if said.startswith(LATE) != is_late:
        yield f"{place}: late {is_late}, and the list says {said}"
    found = _DUE.search(said)
    due = day_of(found[1] or found[2]) if found else None
    # What was handed in waits since that day: its date would read as if it were late.
    expected = one.due if is_late or one.state != "in" else None
    if due != expected:
        yield f"{place}: due {expected}, and the list says {said}"


# -- Mails --


@dataclass
class Mails:
    """What was sent of a center: (side, kind, obligation, year, due). The same is never sent again."""

    sent: set[tuple[str, str, str, int, date]] = field(default_factory=set)

    def faults(self, true: Agreements, mails: dict[str, str]) -> Iterator[str]:
        """Everything wrong in the mails of a night, by side: exactly what its side has to do and has a date within a month, or
        one that has passed, as far as no mail told of it before."""
        for side in ("foundation", "city"):
            to_tell = {one for one in _to_tell(true, side) if one not in self.sent}
            told = set(_told(side, mails.get(side, "")))
            for one in told - to_tell:
                yield f"the {side} is reminded of {one[1:]}, which is {true.duties.get(one[2:4])}"
            for one in to_tell - told:
                yield f"the {side} is not reminded of {one[1:]}"
            self.sent |= told


def _to_tell(true: Agreements, side: str) -> Iterator[tuple[str, str, str, int, date]]:
    for (obligation, year), one in true.duties.items():
        if one.due is None or not (true.asks(one, side) and true.is_pending(one)):
            continue
        if one.due < true.day:
            yield side, "overdue", obligation, year, one.due
        elif one.due <= true.day + AHEAD:
            yield side, "ahead", obligation, year, one.due


def _told(side: str, body: str) -> Iterator[tuple[str, str, str, int, date]]:
    """■ 検証（令和6年度分） / 期限：令和7年5月31日（…） / 期限超過 3日"""
    for paragraph in body.split("■ ")[1:]:
        head, due, rest = paragraph.split("\n", 2)
        if found := re.fullmatch(r"(.+)（(.+)分）", head):
            day = day_of(due.removeprefix("期限：").partition("（")[0])
            kind = "overdue" if rest.startswith("期限超過") else "ahead"
            yield side, kind, TITLES[found[1]], year_of(found[2]), day
