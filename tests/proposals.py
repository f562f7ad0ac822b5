"""Small builders of proposed targets and next plans, through the actions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.models import Consultation
from iconm_portal.fiscal import FiscalYear
from iconm_portal.models import User
from kpi.actions import proposals as actions
from kpi.actions.proposals import Terms
from kpi.models import Plan, TargetProposal
from tests.agreements import make_consultation
from tests.days import AT, TODAY

# Targets asked for: base values by (indicator code, first year).
Asked = Mapping[tuple[str, int], int | str]
REASON = "実績の伸びを踏まえて引き上げる"


def values_of(plan: Plan, asked: Asked) -> dict[Any, Decimal]:
    """The same as the actions take them."""
    by_code = {indicator.code: indicator for indicator in plan.indicators.all()}
    return {(by_code[code], FiscalYear(year)): Decimal(value) for (code, year), value in asked.items()}


def terms_of(talk: Consultation | None, *, reason: str = REASON, since: date = TODAY) -> Terms:
    return Terms(reason, since, talk)


def make_target_draft(
    plan: Plan, asked: Asked, *, by: User, talk: Consultation | None = None, since: date = TODAY
) -> TargetProposal:
    """A draft of the person's."""
    return actions.start(
        plan=plan, terms=terms_of(talk, since=since), values=values_of(plan, asked), by=by, at=AT
    )


def make_target_proposal(
    plan: Plan, asked: Asked, *, by: User, talk: Consultation, since: date = TODAY
) -> TargetProposal:
    """Put before the other side."""
    draft = make_target_draft(plan, asked, by=by, talk=talk, since=since)
    return actions.propose(proposal=draft, version=draft.version, by=by, at=AT)


def settle_targets(
    plan: Plan, asked: Asked, *, by: User, other: User, talk: Consultation, since: date = TODAY
) -> TargetProposal:
    """Proposed by one side, confirmed by the other."""
    made = make_target_proposal(plan, asked, by=by, talk=talk, since=since)
    return actions.confirm(proposal=made, version=made.version, by=other, at=AT)


def make_target_proposals(plan: Plan, *, city: User, foundation: User) -> None:
    """One in each state that a page can show: confirmed, proposed by the foundation, and a draft."""
    talk = make_consultation(plan.center, proposer=foundation, confirmer=city)
    code, year = plan.indicators.earliest("position").code, plan.last_year.start
    settle_targets(plan, {(code, year): 101}, by=city, other=foundation, talk=talk)
    make_target_proposal(plan, {(code, year): 102}, by=foundation, talk=talk)
    make_target_draft(plan, {(code, year): 103}, by=foundation, talk=talk)
