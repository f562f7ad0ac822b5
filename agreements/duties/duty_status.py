"""How a fiscal year's duties stood at the end of a day, as everyone may know it. For papers, which name no reader.

`calendar.py` answers what a person sees today; this answers what was settled by a day, and never shows what was only
handed in: that a duty was handed in on time is told, what was handed in is not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.db.models import Prefetch

from agreements.duties import due_rules
from agreements.duties.due_rules import Owed
from agreements.duties.item_reader import amended
from agreements.duties.texts import provision_name
from agreements.editions.obligations import rules
from agreements.endings import resting
from agreements.instruments.obligation_deeds import deed_of
from agreements.models import (
    Agreement,
    Duty,
    Extension,
    Obligation,
    Verification,
    VerificationKind,
    Way,
    in_force,
)
from iconm_portal.models import EDITABLE_STATES, Center, HistoryEvent, ReviewState
from iconm_portal.standing.deeds import Deed, Deeds, DeedState
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


class Progress(StrEnum):
    """Where a duty stood."""

    SETTLED = "settled"
    CORRECTED = "corrected"  # verified by both, and what that rests on was corrected since
    CHANGED = "changed"  # judged by the city, and the figures that this rests on have changed since
    HANDED_IN = "handed_in"  # by the due date or after it; not settled yet
    OVERDUE = "overdue"
    OPEN = "open"
    NOT_STORED = "not_stored"  # the agreement asks for it; nobody has stored it
    DRAFT = "draft"  # 案: an unsigned agreement would ask for it
    DROPPED = "dropped"  # an amendment no longer asks for it
    ENDED = "ended"  # its agreement was over before it was settled
    FALLS = "falls"  # its agreement ends, as both agreed, before it would fall due


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """One obligation in the fiscal year that it concerns."""

    agreement: Agreement
    obligation: Obligation
    place: str  # 第8条第2項
    year: FiscalYear
    number: int  # which one of its year
    first_due: date | None
    due_on: date | None
    extension_reason: str
    required: tuple[str, ...]  # the documents that it asks for
    documents_settled: int | None  # how many of them are settled with it; None before
    progress: Progress
    settled_on: date | None
    settled_by: str
    deed: str  # what the portal has that fulfils it
    is_stored: bool
    deed_falls: bool = False  # with the agreement, when that ends before it is done
    is_amended: bool = False  # the date that holds came with an amendment, not by an extension
    due_by_rule: date | None = (
        None  # what an amendment made of it since it was stored, and nobody has taken over
    )

    @property
    def title(self) -> str:
        """The obligation's title; of several requests of a year, which one it is."""
        return self.obligation.titled(self.number)

    @property
    def is_extended(self) -> bool:
        return self.due_on != self.first_due


def load(center: Center, year: FiscalYear, *, known_at: date) -> tuple[Fulfilment, ...]:
    """What falls due within the year, and what concerns it without a date, as known at the end of the day (Japan).

    A fixed number of queries. In the order of agreements and articles.
    """
    return _in_order(one for one in _around(center, year, known_at) if _belongs_to(one, year))


def concerning(center: Center, year: FiscalYear, *, known_at: date) -> tuple[Fulfilment, ...]:
    """What concerns the year, whenever it falls due, as known at the end of the day; without what is only a draft's."""
    return _in_order(
        one
        for one in _around(center, year, known_at)
        if one.year == year and one.progress is not Progress.DRAFT
    )


def _in_order(found: Iterable[Fulfilment]) -> tuple[Fulfilment, ...]:
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.agreement.position,
                one.agreement.pk,
                one.obligation.position,
                one.obligation.pk,
                one.year.start,
                one.number,
            ),
        )
    )


def _around(center: Center, year: FiscalYear, known_at: date) -> list[Fulfilment]:
    """Whatever is owed or stored for the years around."""
    agreed = due_rules.agreements_of(center)
    duties = {(duty.obligation_id, duty.fiscal_year, duty.number): duty for duty in _duties(center, known_at)}
    verified = _verified(center, known_at)
    deeds = Deeds(center)
    ways = _ways(duties.values(), known_at)
    over = {one.agreement.pk for one in agreed if one.facts.has_ended(known_at)}
    ends = {one.agreement.pk: last for one in agreed if (last := one.facts.binds_until(known_at))}
    found = []
    for one in due_rules.owed_around(agreed, year, today=known_at):
        duty = duties.pop((one.obligation.pk, one.fiscal_year, 1), None)
        if duty is None:
            found.append(_not_stored(one, verified, deeds, known_at))
        else:
            found.append(_of_duty(duty, ways[duty.history_key()], verified, deeds, known_at))
    found += [_of_duty(duty, ways[duty.history_key()], verified, deeds, known_at) for duty in duties.values()]
    handed_in = _verifications_handed_in(center, known_at) if over else frozenset()
    return [
        _as_it_ended(one, handed_in)
        if one.agreement.pk in over
        else _before_its_end(one, ends.get(one.agreement.pk))
        for one in found
    ]


def _before_its_end(one: Fulfilment, last_day: date | None) -> Fulfilment:
    """What would fall due after the day on which its agreement ends is asked of nobody (decision record 16)."""
    falls = last_day is not None and one.due_on is not None and last_day < one.due_on
    return replace(one, progress=Progress.FALLS) if falls and one.progress is Progress.OPEN else one


def _as_it_ended(one: Fulfilment, verifications: Collection[tuple[str, FiscalYear]]) -> Fulfilment:
    """What was not settled when its agreement ended is asked of nobody any more; what was handed in before is still
    answered (decision record 16)."""
    if one.settled_on or one.progress is Progress.DROPPED:
        return one
    if one.progress is Progress.HANDED_IN and not one.deed_falls:
        return one
    is_there = (one.obligation.verification, one.year) in verifications
    return replace(one, progress=Progress.HANDED_IN if is_there else Progress.ENDED)


def _verifications_handed_in(center: Center, known_at: date) -> frozenset[tuple[str, FiscalYear]]:
    """What lay with the other side at the end of the day; nothing is handed in after its agreement has ended."""
    rows = Verification.objects.filter(center=center, submitted_at__isnull=False)
    return frozenset(
        (row.kind, row.fiscal_year)
        for row in rows.exclude(state__in=EDITABLE_STATES)
        if row.submitted_at and clock.day_of(row.submitted_at) <= known_at
    )


Verified = dict[tuple[str, FiscalYear], Verification]


@dataclass(frozen=True, slots=True)
class DutyWay:
    """What the history tells of a duty that the row itself no longer does."""

    is_handed_in: bool = False  # it lay with the other side at the end of the day
    is_dated_later: bool = False  # its own due date was entered after the day


_HANDED_IN = ("duty.submit", "duty.propose", "duty.open")
_CAME_BACK = ("duty.take_back", "duty.return", "duty.decline")
_DATED = "duty.date"


def _ways(duties: Iterable[Duty], known_at: date) -> Mapping[str, DutyWay]:
    """By the duty's key, in one query. A duty that came back has lost the day on which it was handed in before."""
    events: dict[str, list[tuple[date, str]]] = defaultdict(list)
    rows = HistoryEvent.objects.filter(
        subject__in=[duty.history_key() for duty in duties], action__in=(*_HANDED_IN, *_CAME_BACK, _DATED)
    )
    for subject, at, action in rows.order_by("at", "pk").values_list("subject", "at", "action"):
        events[subject].append((clock.day_of(at), action))
    return defaultdict(DutyWay, {key: _way(steps, known_at) for key, steps in events.items()})


def _way(steps: list[tuple[date, str]], known_at: date) -> DutyWay:
    by_then = [action for day, action in steps if day <= known_at and action != _DATED]
    return DutyWay(
        is_handed_in=bool(by_then) and by_then[-1] in _HANDED_IN,
        is_dated_later=any(action == _DATED and day > known_at for day, action in steps),
    )


def _duties(center: Center, known_at: date) -> Iterator[Duty]:
    rows = rules.with_changes(
        Duty.objects.filter(obligation__agreement__center=center)
        .select_related("obligation__agreement__center", "obligation__provision", "accepted_by", "decided_by")
        .prefetch_related(
            Prefetch("extensions", Extension.objects.order_by("pk")),
            "documents",
            "obligation__required_documents",
        ),
        "obligation__",
    )
    return (duty for duty in rows if clock.day_of(duty.stored_at) <= known_at)


def _verified(center: Center, known_at: date) -> Verified:
    """Those in force on the day. A duty was fulfilled by the first one: another one after a correction does not make it late."""
    rows = Verification.objects.filter(
        center=center, state=ReviewState.ACCEPTED, known_from__lte=known_at
    ).select_related("accepted_by")
    marked = in_force(center, rows, known_at=known_at)
    resting.mark(center, marked, known_at=known_at)
    return {(row.kind, row.fiscal_year): row for row in marked}


def _not_stored(one: Owed, verified: Verified, deeds: Deeds, known_at: date) -> Fulfilment:
    """What is owed all the same: late like anything else, and done where the portal has the deed. Under a draft nothing is
    owed, so that nothing is done either."""
    obligation, year = one.obligation, one.fiscal_year
    is_concluded = one.agreed.facts.is_concluded(known_at)
    verification = _verification(obligation, year, verified) if is_concluded else None
    deed = deed_of(deeds, obligation, year, None) if is_concluded else None
    due = one.due.on if one.due else None
    by_deed = deed.as_known_on(known_at) if deed else None
    if not is_concluded:
        progress = Progress.DRAFT
    elif verification is not None or by_deed is DeedState.DONE:
        progress = _settled(verification)
    elif by_deed is DeedState.HANDED_IN:
        progress = Progress.HANDED_IN
    elif due is not None and due < known_at and _can_be_late(obligation):
        progress = Progress.OVERDUE
    else:
        progress = Progress.NOT_STORED
    is_done = verification is not None or by_deed is DeedState.DONE
    return Fulfilment(
        agreement=one.agreed.agreement,
        obligation=obligation,
        place=provision_name(obligation.provision),
        year=year,
        number=1,
        first_due=due,
        due_on=due,
        extension_reason="",
        required=tuple(document.name for document in obligation.required_documents.all()),
        documents_settled=None,
        progress=progress,
        settled_on=_settled_on(verification, deed) if is_done else None,
        settled_by=_settled_by(verification, deed) if is_done else "",
        deed=deed.name if deed and by_deed else "",
        deed_falls=deed is not None and deed.falls_with_agreement,
        is_stored=False,
    )


def _settled_on(row: Duty | Verification | None, deed: Deed | None) -> date | None:
    row = _first(row)
    return row.known_from if row else deed.settled_on if deed else None


def _settled_by(row: Duty | Verification | None, deed: Deed | None) -> str:
    row = _first(row)
    return _name(row) if row else deed.settled_by if deed else ""


def _first(row: Duty | Verification | None) -> Duty | Verification | None:
    """What fulfilled it: a verification that was settled anew did so the first time."""
    return row.first or row if isinstance(row, Verification) else row


def _of_duty(duty: Duty, way: DutyWay, verified: Verified, deeds: Deeds, known_at: date) -> Fulfilment:
    obligation = duty.obligation
    extensions = [
        extension for extension in duty.extensions.all() if clock.day_of(extension.recorded_at) <= known_at
    ]
    first_due = None if way.is_dated_later else duty.due_on
    due_on = extensions[-1].due_on if extensions else first_due
    required = list(obligation.required_documents.all())
    settled: Duty | Verification | None = _verification(obligation, duty.fiscal_year, verified)
    if not obligation.verification and duty.is_settled and duty.known_from and duty.known_from <= known_at:
        settled = duty
    deed = None if settled else deed_of(deeds, obligation, duty.fiscal_year, duty)
    by_deed = deed.as_known_on(known_at) if deed else None
    is_done = settled is not None or by_deed is DeedState.DONE
    there = {document.required_id for document in duty.documents.all()}
    rule = rules.rule_of(obligation, duty.fiscal_year, known_at=known_at)
    moved = amended(duty, rule, extensions)
    return Fulfilment(
        agreement=obligation.agreement,
        obligation=obligation,
        place=provision_name(obligation.provision),
        year=duty.fiscal_year,
        number=duty.number,
        first_due=first_due,
        due_on=due_on,
        extension_reason=extensions[-1].reason if extensions else "",
        required=tuple(document.name for document in required),
        documents_settled=sum(document.pk in there for document in required) if settled is duty else None,
        progress=_settled(settled) if is_done else _unsettled(duty, way, due_on, by_deed, known_at),
        settled_on=_settled_on(settled, deed) if is_done else None,
        settled_by=_settled_by(settled, deed) if is_done else "",
        deed=deed.name if deed and by_deed else "",
        deed_falls=deed is not None and deed.falls_with_agreement,
        is_stored=True,
        is_amended=bool(extensions) and extensions[-1].edition_id is not None,
        due_by_rule=moved.due_on if moved and not way.is_dated_later else None,
    )


def _settled(row: Duty | Verification | None) -> Progress:
    """Done, with what became of it since."""
    if not isinstance(row, Verification) or row.unsettled is None:
        return Progress.SETTLED
    return Progress.CORRECTED if row.kind.is_joint else Progress.CHANGED


def _unsettled(
    duty: Duty, way: DutyWay, due_on: date | None, by_deed: DeedState | None, known_at: date
) -> Progress:
    if rules.rule_of(duty.obligation, duty.fiscal_year, known_at=known_at).is_dropped:
        return Progress.DROPPED
    is_there = duty.submitted_at is not None and clock.day_of(duty.submitted_at) <= known_at
    if by_deed is DeedState.HANDED_IN or is_there or way.is_handed_in:
        return Progress.HANDED_IN
    if due_on is not None and due_on < known_at and _can_be_late(duty.obligation):
        return Progress.OVERDUE
    return Progress.OPEN


def _can_be_late(obligation: Obligation) -> bool:
    """What there is nothing to hand in or to verify for is never late."""
    return obligation.way != Way.NONE or bool(obligation.verification)


def _verification(obligation: Obligation, year: FiscalYear, verified: Verified) -> Verification | None:
    if not obligation.verification:
        return None
    return verified.get((VerificationKind(obligation.verification).value, year))


def _belongs_to(one: Fulfilment, year: FiscalYear) -> bool:
    """In whose programme it stands, as in the calendar: by its dates; without one, a verification follows its year."""
    days = [day for day in (one.first_due, one.due_on) if day]
    if days:
        return any(FiscalYear.of(day) == year for day in days)
    return due_rules.programme_year(one.obligation, one.year, None) == year


def _name(row: Duty | Verification | None) -> str:
    """Who accepted, confirmed or decided it."""
    if row is None:
        return ""
    people: Iterable[object] = (row.accepted_by, getattr(row, "decided_by", None))
    return next((str(person) for person in people if person), row.source)
