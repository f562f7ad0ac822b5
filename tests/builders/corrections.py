"""Small builders of corrections of a plan's wording, through the actions."""

from iconm_portal.models import User
from kpi.models import Plan, PlanCorrection
from kpi.targets.corrections import actions
from tests.days import AT


def draft_correction(plan: Plan, *, by: User, text: str = "治験の件数") -> PlanCorrection:
    """A draft: the first indicator is to be called otherwise."""
    code = plan.indicators.earliest("position").code
    return actions.start(
        plan=plan, reason="計画書の表記に合わせる", texts={f"indicator-{code}-name": text}, by=by, at=AT
    )


def propose_correction(plan: Plan, *, by: User, text: str = "治験の件数") -> PlanCorrection:
    """Put before the other side."""
    made = draft_correction(plan, by=by, text=text)
    return actions.propose(correction=made, version=made.version, by=by, at=AT)


def settle_correction(plan: Plan, *, by: User, other: User, text: str = "治験の件数") -> PlanCorrection:
    """Proposed by one side, confirmed by the other."""
    made = propose_correction(plan, by=by, text=text)
    return actions.confirm(correction=made, version=made.version, by=other, at=AT)


def make_plan_corrections(plan: Plan, *, city: User, foundation: User) -> None:
    """One in each state that a page can show: confirmed, proposed by the foundation, and a draft."""
    settle_correction(plan, by=city, other=foundation)
    propose_correction(plan, by=foundation, text="治験件数")
    draft_correction(plan, by=foundation, text="治験")
