"""Small builders of proposed targets and next plans, through the actions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.models import Consultation
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorStep, Plan, PlanProposal, PlanProposalLine, TargetProposal
from kpi.targets import actions, next_plan_actions
from kpi.targets import next_plan_drafts as drafts
from kpi.targets.actions import Terms
from tests.builders.agreements import make_consultation
from tests.days import AT, TODAY

# Targets asked for: base values by (indicator code, first year).
Asked = Mapping[tuple[str, int], int | str]
REASON = "実績の伸びを踏まえて引き上げる"


def values_of(plan: Plan, asked: Asked) -> dict[Any, Decimal]:
    """The same as the actions take them."""
    by_code = {indicator.code: indicator for indicator in plan.indicators.all()}
    return {(by_code[code], FiscalYear(year)): Decimal(value) for (code, year), value in asked.items()}


def terms_of(talk: Consultation | None, *, reason: str = REASON, since: date = TODAY) -> Terms:
    return Terms(reason, since, talk, may_move=True)


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


def make_plan_proposals(plan: Plan, *, city: User, foundation: User) -> None:
    """A next plan in each state that a page can show: confirmed; then only one can be open, a draft or a proposed one."""
    settle_next_plan(plan, by=foundation, other=city)
    next_plan_actions.start(center=plan.center, previous=plan, by=foundation, at=AT)


def settle_next_plan(plan: Plan, *, by: User, other: User) -> PlanProposal:
    """Every indicator continued with a target of 9 in each year, proposed by one side and confirmed by the other."""
    made = complete_next_plan(plan, by=by, other=other)
    next_plan_actions.propose(proposal=made, version=made.version, by=by, at=AT)
    next_plan_actions.confirm(proposal=made, version=made.version, by=other, at=AT)
    return made


def complete_next_plan(plan: Plan, *, by: User, other: User) -> PlanProposal:
    """A draft that can be put forward."""
    made = next_plan_actions.start(center=plan.center, previous=plan, by=by, at=AT)
    talk = make_consultation(plan.center, proposer=by, confirmer=other, subject="次期計画")
    head = replace(drafts.head_of(made), consultation=talk)
    next_plan_actions.save_head(
        proposal=made, version=made.version, head=head, goals=drafts.goals_of(made), by=by
    )
    for line in made.lines.all():
        save_line(made, line.code, by=by, targets=9)
    return made


def save_line(
    proposal: PlanProposal, code: str, *, by: User, targets: int | None = None, **changes: Any
) -> PlanProposalLine:
    """Change a line as it is stored; a new one for a code that is not there."""
    line = proposal.lines.filter(code=code).first()
    stored = {name: getattr(line, name) for name in drafts.SHAPE} if line else {}
    years = FiscalYear.range(proposal.first_year, proposal.last_year)
    values = {year: Decimal(targets) for year in years} if targets is not None else {}
    own = {name: changes.pop(name) for name in ("step", "reason", "goal", "basis") if name in changes}
    draft = drafts.LineDraft(
        **{
            "step": IndicatorStep(line.step) if line else IndicatorStep.NEW,
            "code": code,
            "goal": line.goal if line else "",
            "reason": line.reason if line else "",
            "basis": line.basis if line else "",
            **own,
            "shape": stored | changes,
            "targets": values or (drafts.targets_of(line) if line else {}),
        }
    )
    return next_plan_actions.save_line(
        proposal=proposal, version=proposal.version, code=code if line else "", draft=draft, by=by
    )
