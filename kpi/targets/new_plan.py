"""What the confirmation of a next plan makes: plan, goals, indicators and targets."""

from datetime import date
from typing import Any

from finance.models import Account
from iconm_portal.history import history
from iconm_portal.history.history import Traced
from iconm_portal.models import User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import (
    Category,
    Continuity,
    Goal,
    Indicator,
    IndicatorBasis,
    IndicatorStep,
    Kgi,
    Measured,
    Plan,
    PlanProposal,
    PlanProposalLine,
)
from kpi.plans import codes
from kpi.plans.actions import add_target
from kpi.targets.falling import falls
from kpi.targets.next_plan_drafts import SHAPE, goals_of, kgis_of, targets_of
from kpi.value_sources.actions import Choice


def make(proposal: PlanProposal, *, by: User, today: date) -> Plan:
    """The plan of a complete proposal, its targets known from today on; in the transaction that confirms it."""
    plan = _make_plan(proposal, by, today)
    goals = _make_goals(proposal, plan, by)
    for line in proposal.lines.exclude(step=IndicatorStep.DROP).select_related("previous"):
        _make_indicator(line, plan, goals.get(line.goal), by, today)
    return plan


def _make_plan(proposal: PlanProposal, by: User, today: date) -> Plan:
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
    _make_kgis(proposal, plan, by, today)
    after = {"label": plan.label, "first_year": str(plan.first_year), "last_year": str(plan.last_year)}
    _remember(proposal, "plan.add", plan, by, after)
    return plan


def _make_kgis(proposal: PlanProposal, plan: Plan, by: User, today: date) -> None:
    """Behind those that there are. Somebody may have taken a code meanwhile."""
    there = Kgi.objects.filter(center=plan.center)
    taken, last = set(there.values_list("code", flat=True)), there.order_by("position").last()
    for position, draft in enumerate(kgis_of(proposal), (last.position if last else 0) + 1):
        kgi = Kgi(
            center=plan.center,
            code=draft.code if draft.code not in taken else codes.next_in_line("kgi", taken),
            position=position,
            text=draft.text,
            target_year=draft.target_year,
            set_in=FiscalYear.of(today),
        )
        kgi.full_clean()
        kgi.save()
        kgi.plans.add(plan)
        taken.add(kgi.code)
        _remember(proposal, "kgi.add", kgi, by, {"text": kgi.text, "target_year": str(kgi.target_year)})


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
    if line.basis:
        after["basis"] = line.basis
    proposal = line.proposal
    _remember(proposal, "indicator.add", indicator, by, after, reason=indicator.continuity_reason)
    if line.basis:
        _make_basis(Choice.of(line.basis), indicator)
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


def _make_basis(choice: Choice, indicator: Indicator) -> None:
    """What its value is proposed from; the history of the indicator's own beginning covers it."""
    center = indicator.plan.center
    account = Account.objects.filter(center=center, code=choice.account).first() if choice.account else None
    category = (
        Category.objects.filter(center=center, code=choice.category).first() if choice.category else None
    )
    basis = IndicatorBasis(indicator=indicator, account=account, category=category)
    basis.measured = Measured(choice.measured) if choice.measured else ""
    basis.full_clean()
    basis.save()


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
