"""The sums of the months that lines add to, and the limits that a year's sum is held to. Written with the lines themselves."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import F, Sum

from finance.ledger.posting import Books
from finance.limits import contribution_limits
from finance.limits.contribution_limits import ContributionLimits
from finance.models import Entry, MonthTotal
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

_Key = tuple[int, int, int, date]  # fiscal year, account, part (0 for none), first day of the month


class MonthSums:
    """What lines add to the sums of their months."""

    def __init__(self) -> None:
        self._added: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, line: Entry) -> None:
        added = self._added[
            line.fiscal_year.start, line.account_id, line.part_id or 0, line.date.replace(day=1)
        ]
        added[0] += line.amount
        added[1] += 1

    def write(self, center: Center) -> None:
        """In the order of the keys, so that two who write several never wait for each other in a circle.

        Nobody else makes a month's first row meanwhile: the books are locked.
        """
        there = self._there(center)
        new = []
        for (year, account, part, month), (amount, count) in sorted(self._added.items()):
            if pk := there.get((year, account, part, month)):
                total = MonthTotal.objects.filter(pk=pk)
                total.update(amount=F("amount") + amount, count=F("count") + count)
            else:
                key = {"fiscal_year": year, "account_id": account, "part_id": part or None, "month": month}
                new.append(MonthTotal(center=center, amount=amount, count=count, **key))
        MonthTotal.objects.bulk_create(new)

    def _there(self, center: Center) -> dict[_Key, int]:
        """The months that have a sum already."""
        years, months = {key[0] for key in self._added}, {key[3] for key in self._added}
        totals = MonthTotal.objects.filter(center=center, fiscal_year__in=years, month__in=months).order_by()
        rows = totals.values_list("fiscal_year", "account_id", "part_id", "month", "pk")
        return {(year.start, account, part or 0, month): pk for year, account, part, month, pk in rows}

    def risen(self) -> set[tuple[int, FiscalYear]]:
        """Accounts and years of which the lines make more; what lessens a sum passes no limit."""
        came: dict[tuple[int, int], int] = defaultdict(int)
        for (year, account, _part, _month), (amount, _count) in self._added.items():
            came[account, year] += amount
        return {(account, FiscalYear(year)) for (account, year), amount in came.items() if amount > 0}


def limits_are_kept(known: Books, touched: Iterable[tuple[int, FiscalYear]]) -> None:
    """ValidationError, which takes the new lines back, where a year's sum of a contribution passes its limit."""
    granted = {
        (above.pk, year)
        for account, year in touched
        for above in known.upwards(known.accounts[account])
        if above.measure_id is not None
    }
    if not granted:
        return
    measures = {known.accounts[pk].measure_id or 0 for pk, _year in granted}
    limits = ContributionLimits.hold(known.center, measures, today=known.today)
    sums = _year_sums(known.center, {year for _pk, year in granted})
    for pk, year in sorted(granted):
        account = known.accounts[pk]
        amount = sum(sums.get((one.pk, year), 0) for one in known.downwards(account))
        excess = limits.excess(account, year, amount)
        if excess is not None:
            raise ValidationError({"amount": [contribution_limits.refusal(excess)]})


def _year_sums(center: Center, years: Iterable[FiscalYear]) -> dict[tuple[int, FiscalYear], int]:
    """What was entered on each account in the years; one query."""
    totals = MonthTotal.objects.filter(center=center, fiscal_year__in=years).order_by()
    sums = totals.values_list("account_id", "fiscal_year").annotate(sum=Sum("amount"))
    return {(account, year): amount for account, year, amount in sums}
