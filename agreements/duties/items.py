"""One obligation in one fiscal year, stored or not, as one person may see it: where it stands and whose step is next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import assert_never

from agreements.editions.obligations import due_dates
from agreements.editions.obligations.rules import Rule
from agreements.models import (
    Agreement,
    Duty,
    Edition,
    Extension,
    Obligation,
    RequiredDocument,
    Timing,
    Verification,
)
from agreements.models.duties import in_address
from iconm_portal.models import Side
from iconm_portal.standing.deeds import Deed
from iconm_portal.values import clock, closing_days
from iconm_portal.values.fiscal import FiscalYear

# What is open is asked for from two months before it falls due.
AHEAD = timedelta(days=60)
# What nobody stored is asked for while it fell due in this fiscal year or the one before; further back it stands in the
# calendar of its year, and one task names these years (decision record 18).
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
    def is_with_the_other_side(self) -> bool:
        """The same, also as those learn it who see only what is settled."""
        return self.is_being_answered or self is Status.UNSETTLED

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
    amended: Amended | None = None  # since it was stored, and not taken over
    falls_on: date | None = (
        None  # the last day of its agreement, agreed on and still to come, after which it would fall due
    )
    ended_on: date | None = None  # the last day of its agreement, which was over before this was settled

    @property
    def is_stored(self) -> bool:
        return self.duty is not None

    @property
    def place(self) -> str:
        """The obligation's code in the addresses of the duty, as `Duty.place` has it."""
        return in_address(self.obligation.code, self.number)

    @property
    def title(self) -> str:
        """The obligation's title; of several requests of a year, which one it is."""
        return self.obligation.titled(self.number)

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
    def is_no_longer_asked(self) -> bool:
        """Whether it was not settled and nobody asks for it any more: its agreement is over, or an amendment dropped it."""
        return self.is_ended or self.is_dropped

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
    def verified_anew_on(self) -> date | None:
        """When both verified it again, after a correction; None where they did not."""
        row = self.verification
        return row.known_from if row and row.is_settled and row.is_anew else None

    @property
    def _fulfilled_first(self) -> Duty | Verification | None:
        """A verification that was settled anew fulfilled the duty the first time; it does not make it late."""
        return (self.verification.first or self.verification) if self.verification else self.duty

    @property
    def is_overdue(self) -> bool:
        return self.is_pending and self.due_on is not None and self.due_on < self.today

    @property
    def is_recent(self) -> bool:
        """Whether it is stored, or fell due lately enough to be asked for although it is not."""
        since = (FiscalYear.of(self.today) - YEARS_BACK).first_day
        return self.is_stored or (self.due_on is not None and self.due_on >= since)

    @property
    def is_forgotten(self) -> bool:
        """Whether it is late, and nobody stored it for so long that it is not asked for by itself any more."""
        return self.is_overdue and not self.is_recent

    @property
    def is_near(self) -> bool:
        """Whether it is asked for now: it falls due soon or is late, has come back, or lies with the other side."""
        if not self.is_concluded or self.falls_on is not None:
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
        row = self._fulfilled_first
        return clock.day_of(row.submitted_at) if row and row.submitted_at else None

    @property
    def days_late(self) -> int:
        """By how many days it was handed in after its date; 0 where it was not, or has no date. Where both agreed on another
        date since, which nobody took over, only what is late by either is."""
        done, due = self.handed_in_on, self.due_on
        later = self.amended.due_on if self.amended else None
        return max((done - max(due, later or due)).days, 0) if done and due else 0

    @property
    def settled_on(self) -> date | None:
        """The day from which it is known to be settled."""
        if not self.is_settled:
            return None
        if self.deed is not None:
            return self.deed.settled_on
        row = self._fulfilled_first
        return row.known_from if row else None

    @property
    def settled_by(self) -> str:
        """Who accepted, confirmed or decided it; empty where nobody has."""
        if not self.is_settled:
            return ""
        if self.deed is not None:
            return self.deed.settled_by
        row = self._fulfilled_first
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
        if self.due_on is None:
            return None
        closed = closing_days.parse(self.obligation.agreement.center.closing_days)
        return due_dates.last_working_day(self.due_on, closed)

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
