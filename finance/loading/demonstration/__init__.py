"""Invented money for the fictional center: accounts, statements in every state, a ledger. iCONM gets none of it."""

from agreements.loading.demonstration.cast import People
from finance.loading.demonstration import accounts, entries, statements
from iconm_portal.models import Center

__all__ = ["accounts", "entries", "load", "statements"]


def load(center: Center, people: People) -> None:
    """Everything, subject by subject, through the actions. The support measures must be there."""
    for subject in (accounts, statements, entries):
        subject.load(center, people)
