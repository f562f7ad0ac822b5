"""A ledger of a million lines against one of a thousand: what the pages cost, with the same rows on each page."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from finance.ledger.actions import post_many
from finance.ledger.posting import NewEntry
from finance.models import Account, Entry, MonthTotal, Side
from iconm_portal.models import Center, Organisation, Role, User
from iconm_portal.values.fiscal import FiscalYear

FIRST, LAST = 2015, 2024
ACCOUNTS = 12
MANY, FEW = 1_000_000, 1_000
# A large ledger is posted once and then copied in the database, which is many times as fast.
COPIES = 50
# So many of the few lie in the year and account that are looked at, so that its pages are as full as the others.
FULL = 130
AT = timezone.make_aware(datetime(2025, 5, 20, 12))


class Ledger(NamedTuple):
    """A center with its ledger, and the person who looks at it."""

    center: Center
    staff: User
    entries: int

    def addresses(self) -> dict[str, str]:
        """The pages that are measured, by name."""
        at = {"center": self.center.code}
        year = at | {"year": LAST}
        account = reverse("finance:ledger_of_account", kwargs=year | {"account": "account-1"})
        return {
            "ledger: years side by side": reverse("finance:ledger", kwargs=at),
            "ledger: a year, first page": reverse("finance:ledger_of_year", kwargs=year),
            "ledger: an account, first page": account,
            "ledger: an account, last page": f"{account}?last=1",
            "ledger: an account, from October on": f"{account}?after={LAST}0930-1",
            "balance": reverse("kpi:balance", kwargs=at),
        }


def build(code: str, entries: int) -> Ledger:
    """Ten years with twelve accounts, the lines spread over all of them."""
    city, foundation = (
        Organisation.objects.create(code=f"{code}-{name}", name=name) for name in ("city", "lab")
    )
    center = Center.objects.create(
        code=code, position=90, name=code, short_name=code, supporter=city, operator=foundation
    )
    staff = User.objects.create(username=f"{code}-staff", name=code, organisation=foundation, role=Role.STAFF)
    accounts = [
        Account.objects.create(
            center=center,
            code=f"account-{number}",
            position=number,
            side=Side.REVENUE if number % 2 else Side.EXPENDITURE,
            name=f"科目 {number}",
            first_year=FIRST,
            source="bench",
        )
        for number in range(1, ACCOUNTS + 1)
    ]
    copies = COPIES if entries > FEW else 1
    post_many(center=center, rows=_rows(accounts, entries // copies), by=staff, at=AT)
    _copy(center, copies - 1)
    return Ledger(center, staff, Entry.objects.filter(center=center).count())


def _copy(center: Center, times: int) -> None:
    """Every line so many times more, and the months' sums accordingly."""
    names = [str(field.column) for field in Entry._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(names)
    with transaction.atomic(), connection.cursor() as cursor:
        last = Entry.objects.latest("pk").pk
        for _time in range(times):
            cursor.execute(
                f"INSERT INTO finance_entry ({columns})"  # noqa: S608 - names of our own columns
                f" SELECT {columns} FROM finance_entry WHERE center_id = %s AND id <= %s ORDER BY id",
                [center.pk, last],
            )
        MonthTotal.objects.filter(center=center).update(
            amount=F("amount") * (times + 1), count=F("count") * (times + 1)
        )


def _rows(accounts: list[Account], entries: int) -> Iterator[NewEntry]:
    """In order of date, as they would have been written."""
    random = Random(entries)
    years = FiscalYear.range(FiscalYear(FIRST), FiscalYear(LAST))
    spread = max(entries - FULL, 0) // len(years)
    for year in years:
        looked_at = FULL if year.start == LAST else 0
        for number in range(spread + looked_at):
            account = accounts[0] if number >= spread else accounts[number % len(accounts)]
            days = (number if number < spread else number - spread) * 365 // max(spread, looked_at)
            day: date = year.first_day + timedelta(days=min(days, 364))
            yield NewEntry(
                date=day,
                account=account,
                amount=random.randrange(1, 5_000_000),
                counterparty=f"相手方 {number % 200}",
                description=f"業務委託 {number % 1000}",
                voucher=f"{year.start}-{number}",
            )
