"""The ledger to read: years and their sums, pages of entries with running totals, deposits held. Whole yen.

Sums come from the months' sums, pages from an index and a place in it, so that no page adds up or counts the entries
of a year, however many there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet, Sum

from finance.ledger.posting import Books, NewEntry
from finance.models import Account, Entry, MonthTotal, Side, YearClosing
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.written.letters import folded

MOST_ALIKE: Final = 5
PAGE: Final = 50


# -- Years and their sums --


@dataclass(frozen=True, slots=True)
class Total:
    """What entries come to, and how many they are."""

    amount: int = 0
    count: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(self.amount + other.amount, self.count + other.count)


Sums = Mapping[tuple[int, int | None], Total]
"""By account and part; None is what belongs to no part. An account's sum is that of all its rows."""


def year_sums(center: Center, year: FiscalYear) -> dict[tuple[int, int | None], Total]:
    """The sums of a year by account and part; one query over the months' sums."""
    return sums_by_year(center, [year]).get(year, {})


def sums_by_year(
    center: Center, years: Iterable[FiscalYear] | None = None
) -> dict[FiscalYear, dict[tuple[int, int | None], Total]]:
    """The same for some years, or for all that have entries; one query."""
    totals = MonthTotal.objects.filter(center=center, count__gt=0).order_by()
    if years is not None:
        totals = totals.filter(fiscal_year__in=list(years))
    found: dict[FiscalYear, dict[tuple[int, int | None], Total]] = defaultdict(dict)
    of_years = totals.values_list("fiscal_year", "account_id", "part_id")
    for year, account, part, amount, count in of_years.annotate(Sum("amount"), Sum("count")):
        found[year][account, part] = Total(amount, count)
    return dict(found)


def of_account(sums: Sums, account: int) -> Total:
    """The sum of an account that takes entries itself, its parts included."""
    return sum((total for (one, _part), total in sums.items() if one == account), Total())


def of_part(sums: Sums, part: int) -> Total:
    """The sum of what belongs to a part."""
    return sum((total for (_account, one), total in sums.items() if one == part), Total())


def has_ledger(center: Center) -> set[FiscalYear]:
    """The years that have entries; of all others the portal says 「台帳なし」."""
    totals = MonthTotal.objects.filter(center=center, count__gt=0).order_by()
    return set(totals.values_list("fiscal_year", flat=True).distinct())


def closed_years(center: Center) -> set[FiscalYear]:
    """The years that take no more entries."""
    closings = YearClosing.objects.filter(center=center, reopened_at=None).order_by()
    return set(closings.values_list("fiscal_year", flat=True))


def sees(user: User, center: Center, year: FiscalYear, closed: Collection[FiscalYear]) -> bool:
    """Whether the person sees entries and sums of the year: open years are the operator's own (docs/decisions/0007)."""
    return allowed(user, center, Right.SEE_DRAFTS) or (
        year in closed and allowed(user, center, Right.SEE_SETTLED)
    )


def closings(center: Center, year: FiscalYear) -> list[YearClosing]:
    """The story of the year's closings, in order; one query."""
    found = YearClosing.objects.filter(center=center, fiscal_year=year)
    return list(found.select_related("closed_by", "reopened_by").order_by("closed_at", "pk"))


@dataclass(frozen=True, slots=True)
class AccountSums:
    """An account in a year's sums; a sum of others has their sum, a part that of its own entries."""

    account: Account
    depth: int
    is_sum: bool
    total: Total

    @property
    def is_part(self) -> bool:
        return self.account.within_id is not None


def rows(books: Books, year: FiscalYear, sums: Sums) -> list[AccountSums]:
    """The accounts that hold in the year, each above what stands under or in it, with their sums. No query."""
    return [
        AccountSums(account, depth, books.is_sum(account, year), total_of(books, year, sums, account))
        for account, depth in tree(books, year)
    ]


def tree(books: Books, year: FiscalYear | None = None) -> list[tuple[Account, int]]:
    """The accounts (those that hold in the year), each above what stands under or in it, and how deep it stands."""
    found: list[tuple[Account, int]] = []

    def add(account: Account, depth: int) -> None:
        if year is None or account.is_valid_in(year):
            found.append((account, depth))
            for below in books.accounts.values():
                if account.pk in (below.parent_id, below.within_id):
                    add(below, depth + 1)

    for account in books.accounts.values():
        if account.parent_id is None and account.within_id is None:
            add(account, 0)
    return found


def total_of(books: Books, year: FiscalYear, sums: Sums, account: Account) -> Total:
    """An account's sum in the year: of its own entries, of those below it, or of the part. No query."""
    if account.within_id is not None:
        return of_part(sums, account.pk)
    below = (child for child in books.below.get(account.pk, ()) if child.is_valid_in(year))
    return sum((total_of(books, year, sums, child) for child in below), of_account(sums, account.pk))


def of_side(books: Books, sums: Sums, side: Side) -> Total:
    """The sum of a side; parts are inside their accounts."""
    of_side = {account.pk for account in books.accounts.values() if account.side == side}
    return sum((total for (account, _part), total in sums.items() if account in of_side), Total())


@dataclass(frozen=True, slots=True)
class Deposits:
    """預かり保証金 in a year: received, repaid, and what is held at its end (or now); outside every statement."""

    received: int
    repaid: int
    held: int


def deposits(books: Books, by_year: Mapping[FiscalYear, Sums], year: FiscalYear) -> Deposits | None:
    """None where nothing was ever received or repaid by then. No query."""
    until = [sums for one, sums in by_year.items() if one <= year]

    def both(all_sums: Iterable[Sums]) -> tuple[Total, Total]:
        found = list(all_sums)
        return (
            sum((of_side(books, sums, Side.DEPOSIT_RECEIVED) for sums in found), Total()),
            sum((of_side(books, sums, Side.DEPOSIT_REPAID) for sums in found), Total()),
        )

    received, repaid = both(until)
    if not received.count and not repaid.count:
        return None
    this_received, this_repaid = both([by_year.get(year, {})])
    return Deposits(this_received.amount, this_repaid.amount, received.amount - repaid.amount)


def years_shown(books: Books, with_entries: Collection[FiscalYear]) -> list[FiscalYear]:
    """From the first year of an account or an entry to the present one, the latest first."""
    this_year = FiscalYear.of(books.today)
    begun = {account.first_year for account in books.accounts.values() if account.first_year <= this_year}
    known = begun | set(with_entries)
    if not known:
        return [this_year]
    return list(reversed(FiscalYear.range(min(known), max(this_year, *known))))


# -- Pages of entries --


@dataclass(frozen=True, slots=True)
class EntryPosition:
    """A place in the order of the entries: by date, then by number."""

    day: date
    number: int

    def __str__(self) -> str:
        return f"{self.day:%Y%m%d}-{self.number}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries of a year are shown; `account` is the one page's, `part` a part's own page."""

    account: Account | None = None
    part: Account | None = None
    month: date | None = None
    text: str = ""
    voucher: str = ""
    only_reversals: bool = False
    only_reductions: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether the months' sums know how many entries it is."""
        return not (self.text or self.voucher or self.only_reversals or self.only_reductions)

    @property
    def is_narrowed(self) -> bool:
        return self.month is not None or not self.is_counted


def of_what(account: Account, whole: Account | None, month: date | None = None) -> Choice:
    """The entries of an account, or of a part of `whole`."""
    if whole is None:
        return Choice(account=account, month=month)
    return Choice(account=whole, part=account, month=month)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after a place, before one, or at the very end; the first page where nothing is set."""

    after: EntryPosition | None = None
    before: EntryPosition | None = None
    last: bool = False

    @property
    def is_backward(self) -> bool:
        return self.after is None and (self.before is not None or self.last)


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry on a page; `running` is the sum from the beginning of the year to it, where that is asked for."""

    entry: Entry
    running: int | None = None
    reversed_by: int | None = None
    corrected_by: int | None = None


@dataclass(frozen=True)
class EntryPage:
    """A page of entries. `count` and `total` speak of all that were chosen, None where nobody counted them.

    Entries of several accounts, of revenue and of expenditure, have no total. `previous` and `next` are where the
    neighbouring pages begin; `brought_forward` is the sum before the first line.
    """

    lines: Sequence[ListedEntry]
    count: int | None
    previous: EntryPosition | None = None
    next: EntryPosition | None = None
    total: int | None = None
    brought_forward: int | None = None


def page(
    center: Center,
    year: FiscalYear,
    choice: Choice,
    cursor: Cursor,
    *,
    sums: Sums,
    size: int = PAGE,
) -> EntryPage:
    """A page of the year's entries, in at most four queries. `sums` are those of the year.

    With an account (or a part) and nothing that leaves entries out, each line has its running total.
    """
    chosen = _chosen(center, year, choice)
    found, is_more = _slice(chosen, cursor, size)
    has_before = is_more if cursor.is_backward else cursor.after is not None
    has_after = is_more if not cursor.is_backward else cursor.before is not None
    reversals = _answers(found)
    runs = choice.is_counted and (choice.account is not None or choice.part is not None)
    running = _before(center, year, choice, found[0]) if runs and found else None
    brought = running
    lines = []
    for entry in found:
        running = None if running is None else running + entry.amount
        red, black = reversals.get(entry.pk, (None, None))
        lines.append(ListedEntry(entry, running, red, black))
    known = _count(center, year, choice, sums)
    return EntryPage(
        lines,
        known.count if known else None,
        _place(found[0]) if found and has_before else None,
        _place(found[-1]) if found and has_after else None,
        known.amount if known and choice.account is not None else None,
        brought,
    )


def entries(center: Center, year: FiscalYear) -> QuerySet[Entry]:
    """All entries of a year in order, for an export that goes through them once."""
    return (
        Entry.objects.filter(center=center, fiscal_year=year)
        .select_related("account", "part", "recorded_by")
        .order_by("date", "pk")
    )


def alike(center: Center, new: NewEntry) -> list[Entry]:
    """Entries of the same day, account, amount and description that nobody took back, the latest first: whoever posts
    a voucher twice is asked."""
    found = Entry.objects.filter(
        center=center,
        fiscal_year=FiscalYear.of(new.date),
        date=new.date,
        account=new.account,
        amount=new.amount,
        search_text__contains=f"\n{folded(new.description)}\n",
        reverses=None,
        reversed_by=None,
    )
    return list(found.select_related("account", "part").order_by("-pk")[:MOST_ALIKE])


def _chosen(center: Center, year: FiscalYear, choice: Choice) -> QuerySet[Entry]:
    found = Entry.objects.filter(center=center, fiscal_year=year)
    if choice.account is not None:
        found = found.filter(account=choice.account)
    if choice.part is not None:
        found = found.filter(part=choice.part)
    if choice.month is not None:
        found = found.filter(date__gte=choice.month, date__lt=_month_after(choice.month))
    for word in choice.text.split():
        found = found.filter(search_text__contains=folded(word))
    if choice.voucher:
        found = found.filter(search_text__endswith=f"\n{folded(choice.voucher)}")
    if choice.only_reversals:
        found = found.filter(reverses__isnull=False)
    if choice.only_reductions:
        found = found.filter(amount__lt=0, reverses__isnull=True)
    return found.select_related("account", "part")


def _slice(chosen: QuerySet[Entry], cursor: Cursor, size: int) -> tuple[list[Entry], bool]:
    """The page's entries in order, and whether there are more in the direction in which it was read."""
    if cursor.is_backward:
        place = cursor.before
        if place is not None:
            chosen = chosen.filter(date__lte=place.day).exclude(date=place.day, pk__gte=place.number)
        found = list(chosen.order_by("-date", "-pk")[: size + 1])
        return found[:size][::-1], len(found) > size
    if cursor.after is not None:
        place = cursor.after
        chosen = chosen.filter(date__gte=place.day).exclude(date=place.day, pk__lte=place.number)
    found = list(chosen.order_by("date", "pk")[: size + 1])
    return found[:size], len(found) > size


def _answers(found: Sequence[Entry]) -> dict[int, tuple[int | None, int | None]]:
    """By entry: the number of its reversal, and of the line that was written in its place."""
    numbers = [entry.pk for entry in found]
    answers: dict[int, tuple[int | None, int | None]] = {}
    later = Entry.objects.filter(Q(reverses__in=numbers) | Q(corrects__in=numbers)).order_by()
    for number, reverses, corrects in later.values_list("pk", "reverses_id", "corrects_id"):
        red, black = answers.get(reverses or corrects, (None, None))
        answers[reverses or corrects] = (number if reverses else red, number if corrects else black)
    return answers


def _before(center: Center, year: FiscalYear, choice: Choice, first: Entry) -> int:
    """The sum of the account's (or part's) entries before the first of the page: whole months, and the begun one."""
    of_what = {"part": choice.part} if choice.part is not None else {"account": choice.account}
    month = first.date.replace(day=1)
    whole = MonthTotal.objects.filter(center=center, fiscal_year=year, month__lt=month, **of_what)
    begun = (
        _chosen(center, year, Choice(account=choice.account, part=choice.part))
        .filter(date__gte=month, date__lte=first.date)
        .exclude(date=first.date, pk__gte=first.pk)
    )
    return sum(rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (whole, begun))


def _count(center: Center, year: FiscalYear, choice: Choice, sums: Sums) -> Total | None:
    """How many entries are chosen and what they come to, where the months' sums say so."""
    if not choice.is_counted:
        return None
    if choice.month is None:
        if choice.part is not None:
            return of_part(sums, choice.part.pk)
        if choice.account is not None:
            return of_account(sums, choice.account.pk)
        return sum(sums.values(), Total())
    totals = MonthTotal.objects.filter(center=center, fiscal_year=year, month=choice.month)
    if choice.account is not None:
        totals = totals.filter(account=choice.account)
    if choice.part is not None:
        totals = totals.filter(part=choice.part)
    found = totals.aggregate(amount=Sum("amount"), count=Sum("count"))
    return Total(found["amount"] or 0, found["count"] or 0)


def _place(entry: Entry) -> EntryPosition:
    return EntryPosition(entry.date, entry.pk)


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
