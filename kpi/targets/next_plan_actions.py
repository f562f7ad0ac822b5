"""The next plan, prepared from an earlier one: continued, counted otherwise, dropped or new, indicator by indicator.

One side puts it forward, the other confirms; only then are plan, goals, indicators and targets made, all in one
transaction. Until then nothing of it is a KPI.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking, acting_side
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear, span_of_years
from kpi.models import IndicatorBasis, IndicatorStep, Plan, PlanProposal, PlanProposalLine
from kpi.plans import codes
from kpi.targets import new_plan
from kpi.targets.next_plan_drafts import (
    CONTINUED,
    SAME_LABEL,
    SHAPE,
    GoalDraft,
    KgiDraft,
    LineDraft,
    check_head,
    check_line,
    goals_of,
    head_of,
    kgis_of,
    require_complete,
    target_refusals,
    targets_of,
    targets_text,
)
from kpi.value_sources.actions import chosen

Draft = Taking[PlanProposal]

# -- Writing it --


@transaction.atomic
def start(*, center: Center, previous: Plan | None, by: User, at: datetime) -> PlanProposal:
    """Begin a draft: from a plan, with every indicator and goal continued, or empty. ValidationError while one is open."""
    acting_side(center, by)
    if previous is not None and previous.center_id != center.pk:
        raise ValueError(f"{previous} is no plan of {center}")
    first, last = _years(previous, at)
    codes_taken = set(center.plans.values_list("code", flat=True))
    continued = previous.goals.all() if previous else ()
    proposal = PlanProposal(
        center=center,
        previous=previous,
        code=codes.free(f"plan-{first.start}", codes_taken),
        label=f"{'次期計画' if previous else '計画'}（{span_of_years(first.wareki, last.wareki)}）",
        first_year=first,
        last_year=last,
        goal_heading=previous.goal_heading if previous else "",
        under=previous.under if previous else None,
        goals=[asdict(GoalDraft(goal.code, goal.label, goal.code, SAME_LABEL)) for goal in continued],
        recorded_at=at,
    )
    proposal.clean_fields(exclude=["goals", "kgis"])
    try:
        with transaction.atomic():
            proposal.save()
    except IntegrityError as error:
        raise ValidationError(_("A plan is being prepared already.")) from error
    if previous is not None:
        PlanProposalLine.objects.bulk_create(_continued(proposal, previous))
    after = head_of(proposal).as_history() | {"previous": previous.code if previous else ""}
    STEPS.record(proposal, "start", by, after=after)
    return proposal


def _years(previous: Plan | None, at: datetime) -> tuple[FiscalYear, FiscalYear]:
    """As many years as the plan before, right after it; four from the next one on where there is none."""
    if previous is None:
        first = FiscalYear.of(clock.day_of(at)).next
        return first, first + 3
    return previous.last_year.next, previous.last_year + (previous.last_year - previous.first_year + 1)


def _continued(proposal: PlanProposal, previous: Plan) -> Iterable[PlanProposalLine]:
    found = IndicatorBasis.objects.filter(indicator__plan=previous).select_related("account", "category")
    bases = {basis.indicator_id: chosen(basis).key for basis in found}
    for position, indicator in enumerate(previous.indicators.select_related("goal"), 1):
        shape = {name: getattr(indicator, name) for name in SHAPE} | {"is_new": False}
        yield PlanProposalLine(
            proposal=proposal,
            previous=indicator,
            step=IndicatorStep.CONTINUE,
            code=indicator.code,
            position=position,
            goal=indicator.goal.code if indicator.goal else "",
            reason=CONTINUED,
            basis=bases.get(indicator.pk, ""),
            **shape,
        )


# -- Its steps --


def _check_head(taking: Draft) -> None:
    proposal, head, goals = taking.item, taking.given["head"], taking.given["goals"]
    kgis = taking.given["kgis"]
    check_head(proposal, head, goals, kgis)
    taking.before = head_of(proposal).as_history() | _goals_as_history(goals_of(proposal), kgis_of(proposal))
    taking.changes = head.as_fields() | {
        "goals": [asdict(goal) for goal in goals],
        "kgis": [kgi.as_stored() for kgi in kgis],
    }


def _let_years_go(taking: Draft) -> None:
    """Targets of years that the plan no longer has."""
    head, goals = taking.given["head"], taking.given["goals"]
    years = {str(year.start) for year in FiscalYear.range(head.first_year, head.last_year)}
    for line in taking.item.lines.all():
        kept = {year: value for year, value in line.targets.items() if year in years}
        if kept != line.targets:
            line.targets = kept
            line.save(update_fields=["targets"])
    after = head.as_history() | _goals_as_history(goals, taking.given["kgis"])
    taking.before, taking.after = history.changed(taking.before, after)


def _change_line(taking: Draft) -> None:
    """The indicator with the code; an empty code adds a new one at the end."""
    proposal, code = taking.item, taking.given["code"]
    line = proposal.lines.filter(code=code).select_related("previous").first() if code else None
    if line is None and code:
        raise ValidationError(_("This indicator is no longer part of the proposal."))
    taking.before = _line_as_history(line) if line else {}
    if line is None:
        last = proposal.lines.order_by("-position").first()
        line = PlanProposalLine(proposal=proposal, position=last.position + 1 if last else 1)
    for name, value in taking.given["draft"].as_fields().items():
        setattr(line, name, value)
    if line.step == IndicatorStep.CONTINUE and not line.reason:
        line.reason = CONTINUED
    check_line(line)
    taking.result = line


def _save_line(taking: Draft) -> None:
    line = taking.result
    line.save()
    was, now = history.changed(taking.before, _line_as_history(line))
    taking.before, taking.after = {line.code: was}, {line.code: now}


def _check_targets(taking: Draft) -> None:
    """All targets at once. ValidationError at the cells: what cannot be, and a cumulative that falls without a reason."""
    lines = {line.code: line for line in taking.item.lines.exclude(step=IndicatorStep.DROP)}
    refusals: dict[str, Any] = {}
    taking.made = []
    for code, values in taking.given["targets"].items():
        if (line := lines.get(code)) is None:
            raise ValidationError(_("This indicator is no longer part of the proposal."))
        was, stood = line.targets, targets_of(line)
        line.targets = LineDraft(line.step, code, {}, targets=values).as_fields()["targets"]
        if values != stood:
            taking.made.append(line)
            taking.before[code] = {"targets": targets_text(was)}
            taking.after[code] = {"targets": targets_text(line.targets)}
        refusals |= target_refusals(line)
    if refusals:
        raise ValidationError(refusals)


def _write_targets(taking: Draft) -> None:
    for line in taking.made:
        line.save(update_fields=["targets"])


def _find_new_line(taking: Draft) -> None:
    """Those of the previous plan are dropped, with a reason, and stay in sight."""
    code = taking.given["code"]
    taking.made = taking.item.lines.filter(code=code, step=IndicatorStep.NEW).first()
    if taking.made is None:
        raise ValidationError(_("Only a new indicator can be taken out; drop the others with a reason."))


def _remove_line(taking: Draft) -> None:
    taking.before = {taking.made.code: _line_as_history(taking.made)}
    taking.made.delete()


def _is_complete(taking: Draft) -> None:
    require_complete(taking.item)


def _make_plan(taking: Draft) -> None:
    """Plan, goals, indicators and targets, known from today on. ValidationError where something is missing by now."""
    require_complete(taking.item)
    plan = new_plan.make(taking.item, by=taking.by, today=clock.day_of(taking.at))
    taking.changes, taking.after, taking.result = {"made": plan}, {"plan": plan.code}, plan


def _keep_what_it_said(taking: Draft) -> None:
    lines = {line.code: _line_as_history(line) for line in taking.item.lines.all()}
    taking.before = head_of(taking.item).as_history() | lines


STEPS = StepTable(
    PlanProposal,
    named="proposal",
    code="plan_proposal",
    steps=(
        replace(
            proposal_workflow.EDIT,
            takes={"head": REQUIRED, "goals": REQUIRED, "kgis": ()},
            check=_check_head,
            then=_let_years_go,
        ),
        replace(
            proposal_workflow.EDIT,
            name="save_line",
            takes={"code": REQUIRED, "draft": REQUIRED},
            check=_change_line,
            then=_save_line,
        ),
        replace(
            proposal_workflow.EDIT,
            name="save_targets",
            takes={"targets": REQUIRED},
            check=_check_targets,
            then=_write_targets,
        ),
        replace(
            proposal_workflow.EDIT,
            name="remove_line",
            takes={"code": REQUIRED},
            check=_find_new_line,
            then=_remove_line,
        ),
        replace(
            proposal_workflow.PROPOSE,
            check=_is_complete,
            says=gettext_lazy("The plan was put before the other side."),
        ),
        proposal_workflow.TAKE_BACK,
        replace(
            proposal_workflow.CONFIRM,
            first=_make_plan,
            says=gettext_lazy("The plan is settled by both sides, and known from today on."),
        ),
        proposal_workflow.DECLINE,
        replace(proposal_workflow.DISCARD, then=_keep_what_it_said),
    ),
)
save_head, save_line, save_targets = (
    STEPS.action("edit"),
    STEPS.action("save_line"),
    STEPS.action("save_targets"),
)
remove_line, propose, take_back = (
    STEPS.action("remove_line"),
    STEPS.action("propose"),
    STEPS.action("take_back"),
)
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")


def _goals_as_history(goals: Iterable[GoalDraft], kgis: Iterable[KgiDraft]) -> dict[str, Any]:
    return {"goals": [goal.label for goal in goals], "kgis": [kgi.text for kgi in kgis]}


def _line_as_history(line: PlanProposalLine) -> dict[str, Any]:
    names = ("step", "name", "printed_kind", "unit", "kind", "comparator", "goal", "reason", "basis")
    said = {name: str(getattr(line, name)) for name in names}
    return said | {"targets": targets_text(line.targets)}
