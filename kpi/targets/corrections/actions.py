"""Wordings of a settled plan that one side wants corrected, and the other confirms. The figures stay as they are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking, acting_side
from kpi.models import Goal, Indicator, Plan, PlanCorrection, PlanCorrectionLine, Wording
from kpi.targets.corrections.corrections import Item, groups
from kpi.targets.next_plan_drafts import MONEY

Texts = Mapping[str, str]
"""The wordings by their fields (`Item.field`). Those that stand already are left out."""


@transaction.atomic
def start(*, plan: Plan, reason: str, texts: Texts, by: User, at: datetime) -> PlanCorrection:
    """Begin a draft. ValidationError where nothing would change, or a wording cannot be so."""
    acting_side(plan.center, by)
    correction = PlanCorrection(plan=plan, reason=_said(reason), recorded_at=at)
    correction.full_clean()
    lines = _lines(plan, texts)
    correction.save()
    _write(correction, lines)
    STEPS.record(correction, "save", by, after=_as_history(correction.reason, lines))
    return correction


def _said(reason: str) -> str:
    if not (said := reason.strip()):
        raise ValidationError({"reason": _("Say why it is corrected.")})
    return said


def _lines(plan: Plan, texts: Texts) -> list[PlanCorrectionLine]:
    lines, refusals = [], {}
    for item in (item for group in groups(plan) for item in group.items):
        text = texts.get(item.field, item.present).strip()
        if text == item.present:
            continue
        if refusal := _refusal(item, text):
            refusals[item.field] = refusal
        lines.append(item.line(text))
    if refusals:
        raise ValidationError(refusals)
    if not lines:
        raise ValidationError(_("Nothing would change. Correct at least one wording."))
    return lines


def _refusal(item: Item, text: str) -> str:
    """Why a wording cannot be so; empty where it can."""
    if not text and not item.may_be_blank:
        return _("This cannot be left empty.")
    if len(text) > item.longest:
        return _("At most %(limit)s characters.") % {"limit": item.longest}
    if item.wording is Wording.UNIT and (text in MONEY or item.present in MONEY):
        return _("Another unit of money gives other figures; only the next plan can change it.")
    return ""


def _write(correction: PlanCorrection, lines: list[PlanCorrectionLine]) -> None:
    for line in lines:
        line.correction = correction
    PlanCorrectionLine.objects.bulk_create(lines)


def _as_history(reason: str, lines: list[PlanCorrectionLine]) -> dict[str, Any]:
    """The wordings beside those that they replace."""
    return {"reason": reason, "texts": {line.before or "－": line.after for line in lines}}


def _kept(correction: PlanCorrection) -> dict[str, Any]:
    return _as_history(correction.reason, list(correction.lines.all()))


# -- Steps --


def _check(taking: Taking[PlanCorrection]) -> None:
    taking.changes = {"reason": _said(taking.given["reason"])}
    taking.made = _lines(taking.item.plan, taking.given["texts"])
    taking.before = _kept(taking.item)


def _write_anew(taking: Taking[PlanCorrection]) -> None:
    taking.item.lines.all().delete()
    _write(taking.item, taking.made)
    after = _as_history(taking.changes["reason"], taking.made)
    taking.before, taking.after = history.changed(taking.before, after)


def _still_stands(taking: Taking[PlanCorrection]) -> None:
    """What it corrects stands as it was seen: another correction may have been confirmed meanwhile."""
    Plan.objects.select_for_update().get(pk=taking.item.plan_id)
    present = {
        (item.goal and item.goal.pk, item.indicator and item.indicator.pk, item.wording): item.present
        for group in groups(taking.item.plan)
        for item in group.items
    }
    for line in taking.item.lines.all():
        if present[line.goal_id, line.indicator_id, Wording(line.wording)] != line.before:
            raise ValidationError(
                _("“%(text)s” was corrected meanwhile. Take the proposal back or decline it, and look again.")
                % {"text": line.before}
            )


def _correct(taking: Taking[PlanCorrection]) -> None:
    """Confirmed by now, as the database asks for."""
    correction = taking.item
    taking.after, taking.reason = _kept(correction), correction.reason
    for line in correction.lines.select_related("goal__plan__center", "indicator__plan__center"):
        subject: Plan | Goal | Indicator = line.indicator or line.goal or correction.plan
        setattr(subject, line.wording, line.after)
        subject.save(update_fields=[line.wording])
        history.record(
            by=taking.by,
            action=f"{subject._meta.model_name}.change",
            subject=subject,
            center=correction.center,
            before={line.wording: line.before},
            after={line.wording: line.after},
            reason=correction.reason,
        )


def _keep_what_it_said(taking: Taking[PlanCorrection]) -> None:
    taking.before = _kept(taking.item)


STEPS = StepTable(
    PlanCorrection,
    named="correction",
    code="plan_correction",
    steps=(
        replace(
            proposal_workflow.EDIT,
            takes={"reason": REQUIRED, "texts": REQUIRED},
            check=_check,
            then=_write_anew,
        ),
        replace(
            proposal_workflow.PROPOSE,
            check=_still_stands,
            says=gettext_lazy("The correction was put before the other side."),
        ),
        proposal_workflow.TAKE_BACK,
        replace(
            proposal_workflow.CONFIRM,
            check=_still_stands,
            then=_correct,
            says=gettext_lazy("Both sides confirmed the correction. What stood before stays readable here."),
        ),
        proposal_workflow.DECLINE,
        replace(proposal_workflow.DISCARD, then=_keep_what_it_said),
    ),
)
save, propose, take_back = STEPS.action("edit"), STEPS.action("propose"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")
