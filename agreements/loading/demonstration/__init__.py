"""Invented agreements for the fictional center, in which every state can be seen. iCONM gets none of it."""

from agreements.loading.demonstration import agreements, duties, support, verifications, wording
from agreements.loading.demonstration.cast import People
from iconm_portal.models import Center

__all__ = ["People", "agreements", "duties", "load", "support", "verifications", "wording"]


def load(center: Center, people: People) -> None:
    """Everything, subject by subject, through the actions."""
    for subject in (agreements, support, verifications, duties, wording):
        subject.load(center, people)
