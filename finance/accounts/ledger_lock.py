"""The lock that everything which changes a center's books takes: entries, closings, accounts."""

from django.db import transaction

from iconm_portal.models import Center


def lock(center: Center) -> None:
    """One after the other, until the transaction ends: RuntimeError outside one.

    A limit is judged by the year's whole sum, a closing forbids what is not yet written, and a new account turns
    another one into a sum: none of these can be told from one row. SQLite has one writer anyway.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the books are locked inside a transaction")
    # NO KEY: rows elsewhere that merely name the center need not wait.
    Center.objects.select_for_update(no_key=True).get(pk=center.pk)
