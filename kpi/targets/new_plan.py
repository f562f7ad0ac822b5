"""What the confirmation of a next plan makes: plan, goals, indicators and targets."""

from datetime import date
from typing import Any

from iconm_portal.history import history
from iconm_portal.history.history import Traced
from iconm_portal.models import User
from kpi.models import (
    Continuity,
    Goal,
    Indicator,
    IndicatorBasis,
    IndicatorStep,
    Plan,
    PlanProposal,
    PlanProposalLine,
)
from kpi.plans.actions import add_target
from kpi.targets.falling import falls
from kpi.targets.next_plan_drafts import SHAPE, goals_of, targets_of


def make(proposal: PlanProposal, *, by: User, today: date) -> Plan:
    """The plan of a complete proposal, its targets known from today on; in the transaction that confirms it."""
    plan = _make_plan(proposal, by)
    goals = _make_goals(proposal, plan, by)
    for line in proposal.lines.exclude(step=IndicatorStep.DROP).select_related("previous"):
        _make_indicator(line, plan, goals.get(line.goal), by, today)
    return plan


def _make_plan(proposal: PlanProposal, by: User) -> Plan:
    plan = Plan(
        center=proposal.center,
        code=proposal.code,
        label=proposal.label,
        first_year=proposal.first_year,
        last_year=proposal.last_year,
        baseline_year=proposal.baseline_year,
        goal_heading=proposal.goal_heading,
        agreement=proposal.under.title if proposal.under else "",
        under=proposal.under,
    )
    plan.full_clean()
    plan.save()
    if proposal.previous is not None:
        # A direct goal whose year has not passed stays one of the plan that follows.
        for kgi in proposal.previous.kgis.filter(target_year__gte=plan.first_year):
            kgi.plans.add(plan)
    after = {"label": plan.label, "first_year": str(plan.first_year), "last_year": str(plan.last_year)}
    _remember(proposal, "plan.add", plan, by, after)
    return plan


def _make_goals(proposal: PlanProposal, plan: Plan, by: User) -> dict[str, Goal]:
    earlier = {goal.code: goal for goal in proposal.previous.goals.all()} if proposal.previous else {}
    made = {}
    for position, draft in enumerate(goals_of(proposal), 1):
        continues = earlier.get(draft.continues)
        goal = Goal(
            plan=plan,
            code=draft.code,
            position=position,
            label=draft.label,
            continues=continues,
            continuity_reason=draft.reason if continues else "",
        )
        goal.full_clean()
        goal.save()
        made[goal.code] = goal
        _remember(proposal, "goal.add", goal, by, {"label": goal.label}, reason=goal.continuity_reason)
    return made


def _make_indicator(
    line: PlanProposalLine, plan: Plan, goal: Goal | None, by: User, today: date
) -> Indicator:
    is_followed = line.previous is not None
    indicator = Indicator(
        plan=plan,
        goal=goal,
        code=line.code,
        position=line.position,
        continuity=line.step.continuity or Continuity.NONE,
        predecessor=line.previous,
        continuity_reason=line.reason if is_followed else "",
        **{name: getattr(line, name) for name in SHAPE},
    )
    indicator.full_clean()
    indicator.save()
    after = {"name": indicator.name, "unit": indicator.unit, "kind": indicator.kind}
    proposal = line.proposal
    _remember(proposal, "indicator.add", indicator, by, after, reason=indicator.continuity_reason)
    if line.step == IndicatorStep.CONTINUE:
        _carry_basis(line, indicator)
    why = {fall.later_year: line.reason for fall in falls(line, targets_of(line))}
    for year, value in sorted(targets_of(line).items()):
        add_target(
            indicator=indicator,
            fiscal_year=year,
            value=value,
            known_from=today,
            by=by,
            reason=why.get(year, ""),
            consultation=proposal.settled_in,
        )
    return indicator


def _carry_basis(line: PlanProposalLine, indicator: Indicator) -> None:
    """What its value is proposed from stays the same; the history of the indicator's own beginning covers it."""
    basis = IndicatorBasis.objects.filter(indicator=line.previous).first()
    if basis is not None:
        IndicatorBasis.objects.create(
            indicator=indicator, account=basis.account, category=basis.category, measured=basis.measured
        )


def _remember(
    proposal: PlanProposal, action: str, subject: Traced, by: User, after: dict[str, Any], *, reason: str = ""
) -> None:
    history.record(
        by=by,
        action=action,
        subject=subject,
        center=proposal.center,
        after=after,
        reason=reason,
        consultation=proposal.settled_in,
    )
