"""The calendar of a fiscal year: what falls due, what is late, what is settled, as far as a person may know of it.

A fiscal year's programme is what an official expects under 「令和8年度の予定」: everything that falls due within the year
by its first date or by its present one (and, in the current year, what is late from earlier years), then what is done in it
without a date (a verification speaks of the year before), then what concerns it but belongs to another year's programme,
then what holds at all times.

A fixed number of queries, whatever the number of agreements, obligations and years.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from agreements.duties import due_rules
from agreements.duties.due_rules import Agreed
from agreements.duties.items import Item, ItemReader, Status, in_order
from agreements.models import Duty, Extension, Obligation, Verification
from iconm_portal.models import Center, ReviewState, Side, User
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class StandingDuties:
    """What holds at all times, or on request."""

    obligation: Obligation
    is_concluded: bool


@dataclass(frozen=True)
class Calendar:
    """A fiscal year's programme. Each item stands in exactly one of the lists."""

    center: Center
    year: FiscalYear
    today: date
    side: Side | None  # the reader's
    dated: tuple[Item, ...]  # overdue first, then by date
    undated: tuple[Item, ...]
    elsewhere: tuple[Item, ...]  # concern the year, fall due in another one
    standing: tuple[StandingDuties, ...]  # at all times, or on request

    @property
    def items(self) -> tuple[Item, ...]:
        return self.dated + self.undated + self.elsewhere

    @property
    def overdue(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_overdue)

    @property
    def mine(self) -> tuple[Item, ...]:
        """What waits for the reader's side."""
        return tuple(item for item in self.items if self.side in item.waits_for)

    @property
    def to_store(self) -> int:
        """How many of the concluded agreements' duties are not stored yet."""
        programme = self.dated + self.undated
        return sum(item.status is Status.PREVIEW and item.is_concluded for item in programme)

    @property
    def drafts(self) -> int:
        """How many come from agreements that nobody has signed."""
        return sum(item.is_draft for item in self.items)

    @property
    def next_due(self) -> Item | None:
        """The next one to fall due that is not settled."""
        return next((i for i in self.dated if not i.status.is_over and i.days_left is not None), None)


# -- Loading --


def load(center: Center, user: User, year: FiscalYear, *, today: date) -> Calendar:
    """The year's programme as this person may see it."""
    agreed = due_rules.agreements_of(center)
    near = Q(fiscal_year__gte=year - due_rules.REACH, fiscal_year__lte=year + due_rules.REACH)
    duties = _with_all(_duties(center).filter(near | ~Q(state=ReviewState.ACCEPTED)))
    items = list(ItemReader(center, user, today, agreed=agreed).programme(agreed, duties, year))
    dated = [item for item in items if item.due_on and _is_due_in(item, year)]
    undated = [item for item in items if not item.due_on and _is_undated_of(item, year)]
    listed = {_key(item) for item in (*dated, *undated)}
    elsewhere = [item for item in items if item.fiscal_year == year and _key(item) not in listed]
    return Calendar(
        center=center,
        year=year,
        today=today,
        side=center.side_of(user),
        dated=in_order(dated),
        undated=in_order(undated),
        elsewhere=in_order(elsewhere),
        standing=tuple(_standing(agreed, year, today)),
    )


def find(
    center: Center, user: User, *, agreement: str, obligation: str, year: FiscalYear, today: date
) -> Item | None:
    """One obligation in the fiscal year that it concerns; None where nothing is owed and nothing is stored."""
    agreed = [one for one in due_rules.agreements_of(center) if one.agreement.code == agreement]
    duties = _with_all(
        _duties(center).filter(
            obligation__agreement__code=agreement, obligation__code=obligation, fiscal_year=year
        )
    )
    items = ItemReader(center, user, today, agreed=agreed).programme(agreed, duties, year)
    return next((i for i in items if (i.obligation.code, i.fiscal_year) == (obligation, year)), None)


def outstanding(
    center: Center, user: User, *, today: date, verifications: Iterable[Verification] | None = None
) -> tuple[Item, ...]:
    """What is stored and not settled, in order, without what ended with its agreement; seven queries, one less where
    the center's verifications are there already. For the to-do list."""
    duties = _duties(center).exclude(state=ReviewState.ACCEPTED)
    items = ItemReader(center, user, today, verifications).of_duties(duties.prefetch_related("extensions"))
    return in_order(item for item in items if not item.status.is_over)


def for_feed(center: Center, user: User, *, today: date) -> tuple[Item, ...]:
    """Everything that has a date: what is stored, and the previews of this fiscal year and the next."""
    agreed = due_rules.agreements_of(center)
    reader = ItemReader(center, user, today, agreed=agreed)
    this_year = FiscalYear.of(today)
    duties = list(_with_all(_duties(center)))
    found = {_key(item): item for item in reader.of_duties(duties)}
    for year in (this_year, this_year + 1):
        for item in reader.programme(agreed, duties, year):
            if item.falls_in(year):
                found.setdefault(_key(item), item)
        # What ended is told of where it was in the feed before: a calendar program strikes it out.
    return in_order(item for item in found.values() if item.due_on and (item.is_stored or not item.is_ended))


def _is_due_in(item: Item, year: FiscalYear) -> bool:
    """In the current year also what is late from earlier ones: it has to be done now."""
    return item.falls_in(year) or (item.is_overdue and year == FiscalYear.of(item.today))


def _is_undated_of(item: Item, year: FiscalYear) -> bool:
    """In the current year also what was stored without a date for an earlier one and is not settled."""
    programme_year = due_rules.programme_year(item.obligation, item.fiscal_year, None)
    is_left_over = item.is_stored and not item.status.is_over and programme_year < year
    return programme_year == year or (is_left_over and year == FiscalYear.of(item.today))


def _standing(agreed: list[Agreed], year: FiscalYear, today: date) -> Iterator[StandingDuties]:
    """What holds at all times or on request, under the agreements that touch the year."""
    for one in agreed:
        last = one.facts.last_day(today)
        if one.facts.starts_on > year.last_day or (last is not None and last < year.first_day):
            continue
        if one.facts.has_ended(today):
            continue  # it binds nobody any more
        for obligation in one.obligations:
            if not obligation.timing.has_programme:
                yield StandingDuties(obligation, one.facts.is_concluded(today))


def _duties(center: Center) -> QuerySet[Duty]:
    """The center's duties with the obligation behind them and the people on whose side the next step depends."""
    return Duty.objects.filter(obligation__agreement__center=center).select_related(
        "obligation__agreement__center", "obligation__provision__edition", "submitted_by"
    )


def _with_all(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    return duties.prefetch_related(
        Prefetch("extensions", Extension.objects.select_related("consultation")),
        "documents",
        "obligation__required_documents",
    )


def _key(item: Item) -> tuple[int, FiscalYear]:
    return item.obligation.pk, item.fiscal_year
