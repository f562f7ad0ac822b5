"""What `manage.py check --database default` says of the ledger: that the months' sums are those of their entries.

The portal writes both in one transaction. An entry that came in past it, into a year that is open, stands in no sum, and no
database can hold two tables together at the end of a transaction in a way that both databases know. A year that is closed on
such sums is refused by a guard; until then this finds it.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from finance.models import Entry, MonthTotal

_OF = ("center__code", "fiscal_year", "account__code", "part_id")


def sums_are_those_of_the_entries(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Names the first month whose sum says something else than its entries."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    entries = Entry.objects.order_by().values_list(*_OF, TruncMonth("date"))
    kept = MonthTotal.objects.order_by().exclude(count=0).values_list(*_OF, "month", "amount", "count")
    try:
        differing = set(entries.annotate(Sum("amount"), Count("pk"))) ^ set(kept)
    except DatabaseError:
        return []  # nothing is there yet
    if not differing:
        return []
    center, year, account, _part, month, *_sum = min(differing, key=str)
    return [
        Error(
            f"The ledger's sums differ from its entries: {center}, {account}, {month:%Y-%m} of FY{year.start}"
            f" ({len({row[:5] for row in differing})} in all).",
            hint="Entries came in past the portal. Set each sum (finance_monthtotal) to that of its entries: nothing else"
            " is taken. Until then the year is not closed.",
            id="finance.E001",
        )
    ]
