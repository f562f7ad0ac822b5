"""Verifications that both confirmed, and what was corrected since of the figures that they rest on."""

from collections.abc import Iterable
from datetime import date

from agreements.models import Verification, VerificationKind
from iconm_portal.models import Center
from iconm_portal.standing import changes
from iconm_portal.values.fiscal import FiscalYear

VERIFICATION = "agreements.verification"
"""Their kind among the things that rest on others (`iconm_portal/standing`)."""


def key_of(kind: VerificationKind, year: FiscalYear) -> str:
    return f"{kind.value}/{year.start}"


def mark(center: Center, rows: Iterable[Verification], *, known_at: date) -> list[Verification]:
    """The rows, and on those of which something was corrected since what that is (`unsettled`). No query where none of
    them is settled by both."""
    marked = list(rows)
    settled = [row for row in marked if row.is_settled and row.kind.is_joint]
    if settled:
        standing = changes.load(center, known_at=known_at, kinds=[VERIFICATION])
        for row in settled:
            row.unsettled = standing.of(VERIFICATION, key_of(row.kind, row.fiscal_year))
    return marked
