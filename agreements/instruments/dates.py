"""The days of the agreements themselves: the last day in force, and the day on which one is to be reviewed.

What an obligation asks for on a day is a duty (`agreements/duties`); these are announced beside the duties, by task, mail
and feed, over a range of days, so that a missed one loses nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from agreements.instruments import agreements
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.state import State
from agreements.models import Agreement, Consultation, ConsultationType, Duty
from iconm_portal.models import Center, ProposalState, ReviewState
from iconm_portal.values.fiscal import FiscalYear

# An end or a review takes talks and a budget; an annual agreement ends with its year as a matter of course.
AHEAD = timedelta(days=180)
AHEAD_OF_ANNUAL = timedelta(days=30)
# What was settled within a year before the day of review was its review.
BEFORE_REVIEW = timedelta(days=365)


class DayKind(Enum):
    """Which day of an agreement it is."""

    LAST_DAY = "last-day"
    REVIEW = "review"

    @property
    def can_be_late(self) -> bool:
        """Whether something is to be done by then: a review; an agreement ends by itself."""
        match self:
            case DayKind.REVIEW:
                return True
            case DayKind.LAST_DAY:
                return False
            case _:
                assert_never(self)


NAMES: dict[DayKind, Promise] = {
    DayKind.LAST_DAY: pgettext_lazy("day of an agreement", "Last day in force"),
    DayKind.REVIEW: pgettext_lazy("day of an agreement", "Review"),
}


@dataclass(frozen=True, slots=True)
class AgreementDay:
    """A day of an agreement, as seen from another day."""

    agreement: Agreement
    kind: DayKind
    on: date
    today: date
    is_concluded: bool

    @property
    def key(self) -> str:
        """What reminders call it."""
        return f"{self.agreement.history_key()}/{self.kind.value}"

    @property
    def word(self) -> str:
        """Which day it is, in the reader's language."""
        return str(NAMES[self.kind])

    @property
    def name(self) -> str:
        """基本協定（令和4年）の最終日, in the reader's language."""
        return _("%(agreement)s: %(day)s") % {"agreement": self.agreement.short_title, "day": self.word}

    @property
    def is_overdue(self) -> bool:
        return self.kind.can_be_late and self.on < self.today

    @property
    def is_near(self) -> bool:
        """Whether it is announced now: from some time before it; a review until it is held."""
        ahead = AHEAD_OF_ANNUAL if self.agreement.fiscal_year else AHEAD
        return (
            self.is_concluded and self.on <= self.today + ahead and (self.on >= self.today or self.is_overdue)
        )


def load(center: Center, *, today: date) -> tuple[AgreementDay, ...]:
    """The last days and reviews of the center's agreements from the last fiscal year on, in order; without reviews that
    were held, and without what is only proposed. A fixed number of queries."""
    held = _held_reviews(center)
    since = (FiscalYear.of(today) - 1).first_day
    found = [
        AgreementDay(entry.agreement, kind, on, today, entry.facts.is_concluded(today))
        for entry in agreements.load(center, day=today).entries
        if not entry.is_only_proposed
        for kind, on in _days(entry)
        if on >= since and not (kind is DayKind.REVIEW and _is_held(entry, on, held))
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.agreement.position, one.agreement.pk)))


def coming(center: Center, *, today: date) -> tuple[AgreementDay, ...]:
    """Those that are announced now."""
    return tuple(one for one in load(center, today=today) if one.is_near)


def _days(entry: AgreementOnDay) -> list[tuple[DayKind, date]]:
    """A review is of what still stands, and not of what ends before it."""
    last, review = entry.last_day, entry.agreement.review_on
    days = [(DayKind.LAST_DAY, last)] if last else []
    if review and entry.state is not State.ENDED and (last is None or review <= last):
        days.append((DayKind.REVIEW, review))
    return days


Held = list[tuple[int, date | None]]


def _held_reviews(center: Center) -> Held:
    """On which day something was settled that is a review of an agreement: a talk about its change, or what it asks for
    once on the very day."""
    talks = Consultation.objects.filter(
        center=center, type=ConsultationType.CHANGE, state=ProposalState.CONFIRMED, agreement__isnull=False
    )
    duties = Duty.objects.filter(
        obligation__agreement__center=center, obligation__due_on__isnull=False, state=ReviewState.ACCEPTED
    )
    return [
        *talks.order_by().values_list("agreement", "held_on"),
        *duties.order_by().values_list("obligation__agreement", "obligation__due_on"),
    ]


def _is_held(entry: AgreementOnDay, review: date, held: Held) -> bool:
    """By a talk or a duty, or by an amendment that both confirmed."""
    amended = [
        (entry.agreement.pk, one.known_from) for one in entry.editions if one.number > 1 and one.known_from
    ]
    settled = [day for pk, day in [*held, *amended] if pk == entry.agreement.pk and day]
    return any(day >= review - BEFORE_REVIEW for day in settled)
