"""The days of the agreements themselves: the last day in force, and the day on which one is to be reviewed.

What an obligation asks for on a day is a duty (`agreements/duties`); these are announced beside the duties, by task, mail
and feed, over a range of days, so that a missed one loses nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from agreements.instruments import agreements
from agreements.instruments.state import Facts
from agreements.models import Agreement, AgreementKind, Consultation, ConsultationType, Duty, Edition
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


def load(
    center: Center, *, today: date, agreed: Iterable[Agreement] | None = None
) -> tuple[AgreementDay, ...]:
    """The last days and reviews of the center's agreements from the last fiscal year on, in order; without reviews that
    were held, and without what is only proposed. `agreed`: the agreements, where they are there already `with_state`.

    At most one query more than those.
    """
    if agreed is None:
        agreed = agreements.with_state(Agreement.objects.filter(center=center).select_related("center"))
    since = (FiscalYear.of(today) - 1).first_day
    rows = list(agreed)
    known_facts = agreements.linked(rows)
    found = [
        AgreementDay(agreement, kind, on, today, facts.is_concluded(today))
        for agreement in rows
        for facts in [known_facts[agreement.pk]]
        # An annual agreement without a conclusion may be what one side only proposes.
        if agreement.kind != AgreementKind.ANNUAL or facts.concluded_on(today)
        for kind, on in _days(agreement, facts, today)
        if on >= since
    ]
    held = _held_reviews(center) if any(day.kind is DayKind.REVIEW for day in found) else []
    standing = (day for day in found if not (day.kind is DayKind.REVIEW and _is_held(day, held)))
    return tuple(sorted(standing, key=lambda one: (one.on, one.agreement.position, one.agreement.pk)))


def coming(
    center: Center, *, today: date, agreed: Iterable[Agreement] | None = None
) -> tuple[AgreementDay, ...]:
    """Those that are announced now."""
    return tuple(one for one in load(center, today=today, agreed=agreed) if one.is_near)


def _days(agreement: Agreement, facts: Facts, today: date) -> list[tuple[DayKind, date]]:
    """A review is of what still stands, and not of what ends before it. What ends before its start has no last day."""
    last, review = facts.last_day(today), agreement.review_on
    days = [(DayKind.LAST_DAY, last)] if last and last >= agreement.starts_on else []
    if review and (last is None or (review <= last and today <= last)):
        days.append((DayKind.REVIEW, review))
    return days


Held = list[tuple[int, date]]


def _held_reviews(center: Center) -> Held:
    """On which day something was settled that is a review of an agreement, in one query: a talk about its change, what
    it asks for once on the very day, or an amendment."""
    talks = Consultation.objects.filter(
        center=center, type=ConsultationType.CHANGE, state=ProposalState.CONFIRMED, agreement__isnull=False
    )
    duties = Duty.objects.filter(
        obligation__agreement__center=center, obligation__due_on__isnull=False, state=ReviewState.ACCEPTED
    )
    amendments = Edition.objects.filter(agreement__center=center, number__gt=1, known_from__isnull=False)
    rows = talks.order_by().values_list("agreement", "held_on")
    return list(
        rows.union(
            duties.order_by().values_list("obligation__agreement", "obligation__due_on"),
            amendments.order_by().values_list("agreement", "known_from"),
        )
    )


def _is_held(review: AgreementDay, held: Held) -> bool:
    return any(pk == review.agreement.pk and day >= review.on - BEFORE_REVIEW for pk, day in held)
