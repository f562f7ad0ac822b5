"""A year that both sides verified: its settlement, its report, and the verification."""

from datetime import date
from typing import Any

from agreements.models import Verification, VerificationKind
from agreements.verifications import actions as verification_actions
from finance.models import Statement
from finance.statements import draft_actions
from iconm_portal.models import Answer, Center, User
from iconm_portal.settlement import answers
from iconm_portal.values.fiscal import FiscalYear
from tests.builders import finance
from tests.builders.plans import tokyo


def verify(
    center: Center,
    year: int,
    *,
    by: User,
    confirmer: User,
    kind: VerificationKind = VerificationKind.SETTLEMENT,
    day: date | None = None,
) -> Verification:
    """Written by the one and confirmed by the other, on the last day of June after the year."""
    at = tokyo(day or date(year + 1, 6, 30))
    row = verification_actions.save_and_submit(
        center=center, kind=kind, fiscal_year=FiscalYear(year), version=0, result="適正と認める", by=by, at=at
    )
    confirmed: Verification = verification_actions.confirm(
        verification=row, version=row.version, by=confirmer, at=at
    )
    return confirmed


def correct_statement(
    statement: Statement,
    amounts: finance.Amounts,
    *,
    by: User,
    reviewer: User,
    day: date,
    reason: str = "計上漏れ",
) -> Statement:
    """A new revision of the settlement, accepted on the day."""
    at = tokyo(day)
    draft = draft_actions.start_correction(statement=statement, reason=reason, by=by)
    draft = finance.fill(draft, amounts, by=by, at=at)
    return finance.accept(finance.submit(draft, by=by, at=at), by=reviewer, at=at)


def propose_as_it_is(center: Center, kind: str, key: str, *, by: User, day: date, **more: Any) -> Answer:
    """Put before the other side that it stands as it is."""
    what = {"reason": "実績に影響しない", **more}
    return answers.propose(center=center, kind=kind, key=key, by=by, at=tokyo(day), **what)


def make_answer(center: Center, *, city: User, foundation: User) -> Answer:
    """For every address: the settlement of FY2022 came after the KPIs had been verified (`make_verifications`), and the
    foundation proposes that the verification stands."""
    at = tokyo(date(2026, 6, 10))
    finance.settled(center, 2022, {"stated": 1_000}, by=foundation, reviewer=city, at=at)
    return propose_as_it_is(
        center, "agreements.verification", "kpi/2022", by=foundation, day=date(2026, 6, 11)
    )
