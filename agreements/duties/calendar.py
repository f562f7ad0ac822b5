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
from agreements.duties.item_reader import ItemReader
from agreements.duties.items import Item, in_order
from agreements.editions.obligations import rules
from agreements.models import Duty, Extension, Obligation, Verification
from agreements.models.duties import from_address
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
    forgotten: tuple[
        Item, ...
    ]  # late, and neither stored nor recent: each stands in the calendar of its own year

    @property
    def items(self) -> tuple[Item, ...]:
        return self.dated + self.undated + self.elsewhere

    @property
    def overdue(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_overdue)

    @property
    def mine(self) -> tuple[Item, ...]:
        """What the reader's side has to do now."""
        return tuple(item for item in self.items if item.asks(self.side))

    @property
    def to_store(self) -> int:
        """How many of the concluded agreements' duties of this year's programme are not stored yet."""
        programme = self.dated + self.undated
        return sum(
            not item.is_stored
            and not item.status.is_over
            and item.is_concluded
            and _programme_year(item) == self.year
            for item in programme
        )

    @property
    def left_behind(self) -> tuple[FiscalYear, ...]:
        """The earlier years in whose calendars something is late that nobody stored, too long ago to be asked for now."""
        return tuple(sorted({FiscalYear.of(item.due_on) for item in self.forgotten if item.due_on}))

    @property
    def drafts(self) -> int:
        """How many come from agreements that nobody has signed."""
        return sum(item.is_draft for item in self.items)

    @property
    def next_due(self) -> Item | None:
        """The next one to fall due that somebody still has to do: not what was handed in already."""
        still = (item for item in self.dated if item.is_pending or item.is_draft)
        return next((item for item in still if item.days_left is not None), None)


# -- Loading --


def load(center: Center, user: User, year: FiscalYear, *, today: date) -> Calendar:
    """The year's programme as this person may see it."""
    agreed = due_rules.agreements_of(center)
    # The current year's calendar names every earlier year in which something was forgotten, however long ago.
    since = due_rules.first_year(agreed) if year == FiscalYear.of(today) else None
    duties = _with_all(_duties(center).filter(_near(year, since)))
    items = list(ItemReader(center, user, today, agreed=agreed).programme(agreed, duties, year, since))
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
        forgotten=in_order(item for item in items if item.is_forgotten),
    )


def find(
    center: Center, user: User, *, agreement: str, place: str, year: FiscalYear, today: date
) -> Item | None:
    """One duty by the year that it concerns and its place in addresses; None where nothing is owed or stored."""
    code, number = from_address(place)
    agreed = [one for one in due_rules.agreements_of(center) if one.agreement.code == agreement]
    duties = _with_all(
        _duties(center).filter(obligation__agreement__code=agreement, obligation__code=code, fiscal_year=year)
    )
    items = ItemReader(center, user, today, agreed=agreed).programme(agreed, duties, year)
    wanted = (code, year, number)
    return next((i for i in items if (i.obligation.code, i.fiscal_year, i.number) == wanted), None)


def outstanding(
    center: Center,
    user: User,
    *,
    today: date,
    verifications: Iterable[Verification] | None = None,
    agreed: list[Agreed] | None = None,
    with_forgotten: bool = False,
) -> tuple[Item, ...]:
    """What is not settled, stored or not, and asked for now by somebody's side; in order. For to-do lists and reminders:
    a fixed number of queries, fewer where verifications and agreements are there already.

    `with_forgotten`: also what fell due too long ago to be asked for one by one.
    """
    if agreed is None:
        agreed = due_rules.agreements_of(center)
    year = FiscalYear.of(today)
    since = due_rules.first_year(agreed) if with_forgotten else None
    duties = _duties(center).filter(_near(year, since)).prefetch_related("extensions")
    items = ItemReader(center, user, today, verifications, agreed).programme(agreed, duties, year, since)
    return in_order(
        item
        for item in items
        if item.is_near
        or (item.is_stored and not item.status.is_over)
        or (with_forgotten and item.is_forgotten)
    )


def for_feed(center: Center, user: User, *, today: date) -> tuple[Item, ...]:
    """Everything that has a date: what is stored, what of the last year is late all the same, and the previews of this
    fiscal year and the next."""
    agreed = due_rules.agreements_of(center)
    reader = ItemReader(center, user, today, agreed=agreed)
    this_year = FiscalYear.of(today)
    duties = list(_with_all(_duties(center)))
    found = {_key(item): item for item in reader.of_duties(duties)}
    for year in (this_year, this_year + 1):
        for item in reader.programme(agreed, duties, year):
            if item.falls_in(year) or (item.is_overdue and item.is_recent):
                found.setdefault(_key(item), item)
        # What ended is told of where it was in the feed before: a calendar program strikes it out.
    return in_order(
        item
        for item in found.values()
        if item.due_on and (item.is_stored or not item.status.is_over or item.is_settled)
    )


def _near(year: FiscalYear, since: FiscalYear | None = None) -> Q:
    """Duties around the year, or `since` an earlier one, and what is not settled of any year."""
    first = min(year - due_rules.REACH, since) if since is not None else year - due_rules.REACH
    near = Q(fiscal_year__gte=first, fiscal_year__lte=year + due_rules.REACH)
    return near | ~Q(state=ReviewState.ACCEPTED)


def _is_due_in(item: Item, year: FiscalYear) -> bool:
    """In the current year also what is late from earlier ones: it has to be done now."""
    is_left_over = item.is_overdue and item.is_recent
    return item.falls_in(year) or (is_left_over and year == FiscalYear.of(item.today))


def _is_undated_of(item: Item, year: FiscalYear) -> bool:
    """In the current year also what was stored without a date for an earlier one and is not settled."""
    is_left_over = item.is_stored and not item.status.is_over and _programme_year(item) < year
    return _programme_year(item) == year or (is_left_over and year == FiscalYear.of(item.today))


def _programme_year(item: Item) -> FiscalYear:
    return due_rules.programme_year(item.obligation, item.fiscal_year, item.first_due)


def _standing(agreed: list[Agreed], year: FiscalYear, today: date) -> Iterator[StandingDuties]:
    """What holds at all times or on request, under the agreements that touch the year."""
    for one in agreed:
        last = one.facts.last_day(today)
        if one.facts.starts_on > year.last_day or (last is not None and last < year.first_day):
            continue
        if one.facts.has_ended(today):
            continue  # it binds nobody any more
        for obligation in one.obligations:
            is_dropped = rules.rule_of(obligation, year, known_at=today).is_dropped
            if not obligation.timing.has_programme and not is_dropped:
                yield StandingDuties(obligation, one.facts.is_concluded(today))


def _duties(center: Center) -> QuerySet[Duty]:
    """The center's duties with the obligation behind them and the people on whose side the next step depends."""
    duties = Duty.objects.filter(obligation__agreement__center=center).select_related(
        "obligation__agreement__center", "obligation__provision__edition", "submitted_by"
    )
    return rules.with_changes(duties, "obligation__")


def _with_all(duties: QuerySet[Duty]) -> QuerySet[Duty]:
    return duties.prefetch_related(
        Prefetch("extensions", Extension.objects.select_related("consultation", "edition")),
        "documents",
        "obligation__required_documents",
    )


def _key(item: Item) -> tuple[int, FiscalYear, int]:
    return item.obligation.pk, item.fiscal_year, item.number
