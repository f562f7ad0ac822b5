"""One obligation in one fiscal year, stored or not, as one person may see it: where it stands and whose step is next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import assert_never

from agreements.duties import due_rules
from agreements.duties.due_rules import Agreed, Owed
from agreements.duties.parties import BOTH, bound_sides, is_joint, side_that_handed_in, sides_handing_in
from agreements.editions.obligations import due_dates, rules
from agreements.editions.obligations.rules import Rule
from agreements.instruments import agreements as instrument_agreements
from agreements.models import (
    Agreement,
    Duty,
    Edition,
    Extension,
    Obligation,
    RequiredDocument,
    Timing,
    Verification,
    Way,
    with_corrections,
)
from agreements.models.duties import in_address
from iconm_portal.models import Center, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.standing.deeds import Deed, Deeds, DeedState
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

# What is open is asked for from two months before it falls due.
AHEAD = timedelta(days=60)
# What nobody stored is asked for while it fell due in this fiscal year or the one before; further back it stands in the
# calendar of its year only (decision record 18).
YEARS_BACK = 1


class Status(Enum):
    """Where a duty stands. UNSETTLED is all that a viewer learns of what is handed in and being answered."""

    PREVIEW = "preview"  # not stored yet
    OPEN = "open"
    HANDED_IN = "handed in"
    IN_REVIEW = "in review"
    RETURNED = "returned"
    UNSETTLED = "not settled"
    SETTLED = "settled"
    DROPPED = "dropped"  # an amendment no longer asks for it
    ENDED = "ended"  # with its agreement, before it was settled

    @property
    def is_to_be_done(self) -> bool:
        """Whether it lies with whoever is bound."""
        match self:
            case Status.OPEN | Status.RETURNED:
                return True
            case (
                Status.PREVIEW
                | Status.HANDED_IN
                | Status.IN_REVIEW
                | Status.UNSETTLED
                | Status.SETTLED
                | Status.DROPPED
                | Status.ENDED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_being_answered(self) -> bool:
        """Whether it was handed in and lies with the other side."""
        match self:
            case Status.HANDED_IN | Status.IN_REVIEW:
                return True
            case (
                Status.PREVIEW
                | Status.OPEN
                | Status.RETURNED
                | Status.UNSETTLED
                | Status.SETTLED
                | Status.DROPPED
                | Status.ENDED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_over(self) -> bool:
        """Whether nobody has anything to do any more."""
        match self:
            case Status.SETTLED | Status.DROPPED | Status.ENDED:
                return True
            case (
                Status.PREVIEW
                | Status.OPEN
                | Status.HANDED_IN
                | Status.IN_REVIEW
                | Status.RETURNED
                | Status.UNSETTLED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def to_viewers(self) -> "Status":
        """What those learn of it who see only what is settled."""
        match self:
            case Status.HANDED_IN | Status.IN_REVIEW:
                return Status.UNSETTLED
            case Status.RETURNED:
                return Status.OPEN
            case (
                Status.PREVIEW
                | Status.OPEN
                | Status.UNSETTLED
                | Status.SETTLED
                | Status.DROPPED
                | Status.ENDED
            ):
                return self
            case _:
                assert_never(self)


_OF_DEED = {
    DeedState.RETURNED: Status.RETURNED,
    DeedState.HANDED_IN: Status.HANDED_IN,
    DeedState.DONE: Status.SETTLED,
}
_OF_STATE = {
    ReviewState.DRAFT: Status.OPEN,
    ReviewState.SUBMITTED: Status.HANDED_IN,
    ReviewState.IN_REVIEW: Status.IN_REVIEW,
    ReviewState.RETURNED: Status.RETURNED,
    ReviewState.ACCEPTED: Status.SETTLED,
}


@dataclass(frozen=True, slots=True)
class Amended:
    """What an amendment makes of a duty that was stored under an earlier rule: another due date, or that it falls away."""

    edition: Edition
    due_on: date | None

    @property
    def is_dropped(self) -> bool:
        return self.due_on is None


@dataclass(frozen=True)
class Item:
    """One obligation in one fiscal year, stored or not, as one person may see it."""

    agreement: Agreement
    obligation: Obligation
    fiscal_year: FiscalYear  # that it concerns
    number: int  # which one of its year
    duty: Duty | None
    verification: Verification | None  # that fulfils it, where one does
    deed: Deed | None  # that fulfils it, where one does and it is not settled by itself
    is_concluded: bool  # the agreement
    status: Status
    first_due: date | None
    extensions: tuple[Extension, ...]
    is_clamped: bool  # the rule says 29 February and the year has none
    is_pending: bool  # owed, and not yet done by whoever is bound: it is late once its date has passed
    waits_for: frozenset[Side]  # whose step is next; nobody's for those who only look
    sees_draft: bool
    today: date
    rule: Rule  # in force for the year
    amended: Amended | None = None  # since it was stored, and not answered yet
    ended_on: date | None = None  # the last day of its agreement, which is over

    @property
    def is_stored(self) -> bool:
        return self.duty is not None

    @property
    def place(self) -> str:
        """The obligation's code in the addresses of the duty, as `Duty.place` has it."""
        return in_address(self.obligation.code, self.number)

    @property
    def history_key(self) -> str:
        """As the history names it, stored or not."""
        return Duty(
            obligation=self.obligation, fiscal_year=self.fiscal_year, number=self.number
        ).history_key()

    @property
    def is_draft(self) -> bool:
        """Whether it is only what an unsigned draft would ask for (案)."""
        return self.status is Status.PREVIEW and not self.is_concluded

    @property
    def is_settled(self) -> bool:
        return self.status is Status.SETTLED

    @property
    def is_dropped(self) -> bool:
        return self.status is Status.DROPPED

    @property
    def is_ended(self) -> bool:
        """Whether its agreement was over before it was settled: nothing is asked for any more."""
        return self.status is Status.ENDED

    @property
    def was_due(self) -> bool:
        """Whether its date had come, without it being done, when its agreement ended."""
        return self.is_ended and self.due_on is not None and self.due_on <= (self.ended_on or self.due_on)

    @property
    def corrected_since(self) -> str:
        """That what the verification rests on was corrected since; empty where it holds."""
        unsettled = self.verification.unsettled if self.verification else None
        return unsettled.word if unsettled else ""

    @property
    def is_overdue(self) -> bool:
        return self.is_pending and self.due_on is not None and self.due_on < self.today

    @property
    def is_recent(self) -> bool:
        """Whether it is stored, or fell due lately enough to be asked for although it is not."""
        since = (FiscalYear.of(self.today) - YEARS_BACK).first_day
        return self.is_stored or (self.due_on is not None and self.due_on >= since)

    @property
    def is_near(self) -> bool:
        """Whether it is asked for now: it falls due soon or is late, has come back, or lies with the other side."""
        if not self.is_concluded:
            return False
        if self.status in _TO_BEGIN and self.due_on is None:
            # Without a date it is done within its year, or once that has ended; `waits_for` knows which.
            return self.is_stored and self.fiscal_year <= FiscalYear.of(self.today)
        if self.status in _TO_BEGIN:
            return self.is_recent and self.due_on is not None and self.due_on <= self.today + AHEAD
        return not self.status.is_over

    def asks(self, side: Side | None) -> bool:
        """Whether the side has something to do about it now. To-do lists, marks, and reminders all ask this."""
        return side in self.waits_for and self.is_near

    @property
    def handed_in_on(self) -> date | None:
        """When it was done by whoever is bound; late or not is judged by this day."""
        if self.deed is not None:
            return self.deed.handed_in_on
        row = self.verification or self.duty
        return clock.day_of(row.submitted_at) if row and row.submitted_at else None

    @property
    def days_late(self) -> int:
        """By how many days it was handed in after its date; 0 where it was not, or has no date."""
        done, due = self.handed_in_on, self.due_on
        return max((done - due).days, 0) if done and due else 0

    @property
    def settled_on(self) -> date | None:
        """The day from which it is known to be settled."""
        if not self.is_settled:
            return None
        if self.deed is not None:
            return self.deed.settled_on
        row = self.verification or self.duty
        return row.known_from if row else None

    @property
    def settled_by(self) -> str:
        """Who accepted, confirmed or decided it; empty where nobody has."""
        if not self.is_settled:
            return ""
        if self.deed is not None:
            return self.deed.settled_by
        row = self.verification or self.duty
        person = (row.accepted_by or getattr(row, "decided_by", None)) if row else None
        return person.name if person else row.source if row else ""

    @property
    def is_own_date(self) -> bool:
        """Whether the date is the parties' own, because the agreement prints none."""
        return self.duty is not None and self.duty.due_is_own

    @property
    def due_on(self) -> date | None:
        """The date that holds: the last extension's, otherwise the first one."""
        return self.extensions[-1].due_on if self.extensions else self.first_due

    @cached_property
    def last_working_day(self) -> date | None:
        """The last day on which the offices are open, at or before the due date."""
        return due_dates.last_working_day(self.due_on) if self.due_on else None

    @property
    def days_over(self) -> int:
        """By how many days it is late; 0 where it is not."""
        return (self.today - self.due_on).days if self.is_overdue and self.due_on else 0

    @property
    def days_left(self) -> int | None:
        """How many days there are until the due date; None without one, or when it has passed."""
        left = (self.due_on - self.today).days if self.due_on else -1
        return left if left >= 0 else None

    @cached_property
    def missing(self) -> tuple[RequiredDocument, ...]:
        """The required documents that are not there yet, for those who see what is being put together."""
        if not self.sees_draft or not (self.status is Status.PREVIEW or self.status.is_to_be_done):
            return ()
        there = {document.required_id for document in self.duty.documents.all()} if self.duty else set()
        return tuple(one for one in self.obligation.required_documents.all() if one.pk not in there)

    def falls_in(self, year: FiscalYear) -> bool:
        """Whether its first or its present due date lies within the fiscal year."""
        return any(FiscalYear.of(day) == year for day in (self.first_due, self.due_on) if day)

    def __str__(self) -> str:
        further = f"・第{self.number}回" if self.obligation.timing == Timing.ON_REQUEST else ""
        return f"{self.obligation.title}（{self.fiscal_year}分{further}）"


_TO_BEGIN = frozenset({Status.OPEN, Status.PREVIEW})


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """What is late first, then by date; what has none comes last, in the order of the articles."""
    return tuple(
        sorted(
            items,
            key=lambda item: (
                not item.is_overdue,
                item.due_on or date.max,
                item.fiscal_year.start,
                item.agreement.position,
                item.agreement.pk,
                item.obligation.position,
                item.obligation.pk,
                item.number,
            ),
        )
    )


class ItemReader:
    """Builds items as one person may see them. Reads the center's verifications once."""

    def __init__(
        self,
        center: Center,
        user: User,
        today: date,
        verifications: Iterable[Verification] | None = None,
        agreed: Iterable[Agreed] | None = None,
    ) -> None:
        self.center, self.user, self.today = center, user, today
        self.side = center.side_of(user)
        self.sees_submitted = allowed(user, center, Right.SEE_SUBMITTED)
        if verifications is None:
            verifications = Verification.objects.filter(center=center).select_related("submitted_by")
        verifications = with_corrections(center, verifications, known_at=today)
        self.verifications = {(one.kind, one.fiscal_year): one for one in verifications}
        self.deeds = Deeds(center)
        self.facts = (
            instrument_agreements.of_center(center)
            if agreed is None
            else {one.agreement.pk: one.facts for one in agreed}
        )

    def programme(self, agreed: list[Agreed], duties: Iterable[Duty], year: FiscalYear) -> Iterator[Item]:
        """What is owed around the year, with the duty where it is stored; then what else is stored."""
        by_key = {(duty.obligation_id, duty.fiscal_year, duty.number): duty for duty in duties}
        for one in due_rules.owed_around(agreed, year, today=self.today):
            duty = by_key.pop((one.obligation.pk, one.fiscal_year, 1), None)
            yield self._as_it_ended(self.of_duty(duty, one) if duty else self.preview(one))
        for duty in by_key.values():
            yield self._as_it_ended(self.of_duty(duty))

    def of_duties(self, duties: Iterable[Duty]) -> Iterator[Item]:
        """What is stored."""
        return (self._as_it_ended(self.of_duty(duty)) for duty in duties)

    def _as_it_ended(self, item: Item) -> Item:
        """What was not settled when its agreement ended is asked of nobody any more (decision record 16)."""
        facts = self.facts[item.agreement.pk]
        if item.is_settled or item.is_dropped or not facts.has_ended(self.today):
            return item
        return replace(
            item,
            status=Status.ENDED,
            is_pending=False,
            waits_for=frozenset(),
            amended=None,
            ended_on=facts.binds_until(self.today),
        )

    def of_duty(self, duty: Duty, one: Owed | None = None) -> Item:
        """A stored duty; `one` is what the rule says of it, where it still does."""
        rule = rules.rule_of(duty.obligation, duty.fiscal_year, known_at=self.today)
        obligation = rules.under(duty.obligation, rule)
        verification, deed = self._fulfilled_by(obligation, duty.fiscal_year, duty)
        status = _status(obligation, duty, verification, deed)
        if rule.is_dropped and status is not Status.SETTLED:
            status = Status.DROPPED
        return Item(
            agreement=obligation.agreement,
            obligation=obligation,
            fiscal_year=duty.fiscal_year,
            number=duty.number,
            duty=duty,
            verification=verification,
            deed=deed,
            is_concluded=True,
            status=self._shown(status),
            first_due=duty.due_on,
            extensions=tuple(duty.extensions.all()),
            is_clamped=bool(one and one.due and one.due.clamped and one.due.on == duty.due_on),
            is_pending=_is_pending(obligation, status),
            waits_for=self._waits_for(obligation, duty.fiscal_year, status, verification or duty, deed),
            sees_draft=self._sees_draft(obligation),
            today=self.today,
            amended=None if status is Status.SETTLED else amended(duty, rule),
            rule=rule,
        )

    def preview(self, one: Owed) -> Item:
        """What is owed and not stored. Under a concluded agreement it is due all the same; a verification or a deed may
        have fulfilled it."""
        obligation, is_concluded = one.obligation, one.agreed.facts.is_concluded(self.today)
        verification, deed = self._fulfilled_by(obligation, one.fiscal_year, None)
        status = _status(obligation, None, verification, deed)
        shown = self._shown(status)
        if shown is Status.OPEN or (not is_concluded and status is not Status.SETTLED):
            shown = Status.PREVIEW
        return Item(
            agreement=one.agreed.agreement,
            obligation=obligation,
            fiscal_year=one.fiscal_year,
            number=1,
            duty=None,
            verification=verification,
            deed=deed,
            is_concluded=is_concluded,
            status=shown,
            first_due=one.due.on if one.due else None,
            extensions=(),
            is_clamped=bool(one.due and one.due.clamped),
            is_pending=is_concluded and _is_pending(obligation, status),
            waits_for=self._waits_for(obligation, one.fiscal_year, status, verification, deed)
            if is_concluded
            else frozenset(),
            sees_draft=self._sees_draft(obligation),
            today=self.today,
            rule=one.rule,
        )

    def _fulfilled_by(
        self, obligation: Obligation, year: FiscalYear, duty: Duty | None
    ) -> tuple[Verification | None, Deed | None]:
        """What fulfils the duty in its place: the year's verification, or a deed, unless it goes its own way already."""
        if obligation.verification:
            return self.verifications.get((obligation.verification, year)), None
        if not obligation.deed or (duty is not None and duty.is_settled):
            return None, None
        deed = deed_of(self.deeds, obligation, year, duty)
        is_on_its_way = duty is not None and duty.is_under_review
        return None, None if deed and is_on_its_way and deed.state is not DeedState.DONE else deed

    def _shown(self, status: Status) -> Status:
        return status if self.sees_submitted else status.to_viewers

    def _sees_draft(self, obligation: Obligation) -> bool:
        return self.sees_submitted and self.side in sides_handing_in(obligation)

    def _waits_for(
        self,
        obligation: Obligation,
        year: FiscalYear,
        status: Status,
        one: Duty | Verification | None,
        deed: Deed | None,
    ) -> frozenset[Side]:
        """Whose step is next."""
        if not self.sees_submitted or status.is_over:
            return frozenset()
        if deed is not None:
            return deed.waits_for
        author = side_that_handed_in(one, self.center) if one else None
        if obligation.verification and status.is_to_be_done and year.last_day >= self.today:
            return frozenset()  # a year is verified when it has ended
        if obligation.verification and not obligation.verification.is_joint:
            # The city owes it; the foundation's part waits for it once it is asked for, or has begun it itself.
            is_asked = isinstance(one, Verification) and (one.asked_at is not None or one.begun_at is None)
            is_the_foundations = status.is_to_be_done and (is_asked or status is Status.RETURNED)
            return frozenset({Side.OPERATOR if is_the_foundations else Side.SUPPORTER})
        if obligation.verification:
            if status.is_to_be_done:
                # Once one side writes it, the other has nothing to do until it is handed in.
                writer = author or (one.author_side if one else None) or None
                return frozenset({writer}) if writer else BOTH
            return BOTH - {author}
        if status.is_to_be_done:
            return sides_handing_in(obligation)
        if is_joint(obligation):
            return BOTH - {author}
        match obligation.way:
            case Way.REVIEW:
                return BOTH - bound_sides(obligation)
            case Way.OPERATOR_DECIDES:
                return bound_sides(obligation)
            case Way.JOINT | Way.NONE:
                return frozenset()
            case _:
                assert_never(obligation.way)


def amended(duty: Duty, rule: Rule) -> Amended | None:
    """What an amendment that was confirmed after the duty was stored says of it, until a date was set since.

    The stored date stays where it was stored by; with `extensions` fetched there is no query.
    """
    edition = rule.edition
    if edition is None or edition.confirmed_at is None or edition.confirmed_at <= duty.stored_at:
        return None
    if rule.is_dropped:
        return Amended(edition, None)
    extensions = list(duty.extensions.all())
    due = rule.due(duty.fiscal_year)
    holds = extensions[-1].due_on if extensions else duty.due_on
    if due is None or due.on == holds or any(one.recorded_at > edition.confirmed_at for one in extensions):
        return None
    return Amended(edition, due.on)


def deed_of(deeds: Deeds, obligation: Obligation, year: FiscalYear, duty: Duty | None) -> Deed | None:
    """The deed that fulfils the obligation in the year; a request is answered by one done after it was made."""
    if not obligation.deed:
        return None
    code, agreement = obligation.deed, obligation.agreement.code
    if obligation.timing == Timing.ON_REQUEST:
        return deeds.first_since(code, agreement, clock.day_of(duty.stored_at)) if duty else None
    return deeds.find(code, agreement, year)


def _status(
    obligation: Obligation, duty: Duty | None, verification: Verification | None, deed: Deed | None
) -> Status:
    """That of the verification or the deed where one fulfils the duty: it is open until there is one."""
    if deed is not None:
        return _OF_DEED[deed.state]
    row = verification if obligation.verification else duty
    return _OF_STATE[row.state] if row else Status.OPEN


def _is_pending(obligation: Obligation, status: Status) -> bool:
    """What was handed in for review or decision is not late any more; what both must settle is, until they have."""
    if status.is_over:
        return False
    if obligation.verification or is_joint(obligation):
        return True
    return obligation.way != Way.NONE and status.is_to_be_done
