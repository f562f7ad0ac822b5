"""What a next plan holds while it is prepared: its head, goals and indicators, and what has to hold of them."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import Agreement, Consultation
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from iconm_portal.values.text import listed
from kpi.models import IndicatorShape, IndicatorStep, Plan, PlanProposal, PlanProposalLine
from kpi.models.plans import RESERVED_INDICATOR_CODES, RESERVED_PLAN_CODES, refuse_reserved
from kpi.targets.actions import require_consultation
from kpi.targets.falling import FALLING_WITHOUT_REASON, falls, field_name
from kpi.value_sources import choices

SHAPE = tuple(part.name for part in IndicatorShape._meta.fields)
SAME_LABEL = "表記が前の計画と同じ"
CONTINUED = "前の計画と同じ数え方で続ける"
LONGEST_PLAN = 10
MONEY = {unit.value: unit.yen for unit in MoneyUnit}


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal of the next plan; `continues` is the code of the previous plan's goal, with the reason for saying so."""

    code: str
    label: str
    continues: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KgiDraft:
    """A direct goal that the plan brings: what is to be true, by which year. Those of the plan before stay by themselves."""

    code: str
    text: str
    target_year: FiscalYear

    def as_stored(self) -> dict[str, Any]:
        """As the proposal keeps it."""
        return {"code": self.code, "text": self.text, "target_year": self.target_year.start}


@dataclass(frozen=True, slots=True)
class Head:
    """The plan itself: what it is called, which years it runs, under which agreement, by which talk."""

    code: str
    label: str
    first_year: FiscalYear
    last_year: FiscalYear
    baseline_year: FiscalYear | None = None
    goal_heading: str = ""
    under: Agreement | None = None
    consultation: Consultation | None = None

    def as_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def as_history(self) -> dict[str, Any]:
        """The same as the history keeps it."""
        return {name: str(value) if value else "" for name, value in self.as_fields().items()}


@dataclass(frozen=True, slots=True)
class LineDraft:
    """An indicator: what becomes of it, how it is counted and printed, and its targets in base units by fiscal year."""

    step: IndicatorStep
    code: str
    shape: Mapping[str, Any]
    goal: str = ""
    reason: str = ""
    targets: Mapping[FiscalYear, Decimal] = field(default_factory=dict)
    basis: str = ""

    def as_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        targets = {str(year.start): f"{value.normalize():f}" for year, value in self.targets.items()}
        names = ("step", "code", "goal", "reason", "basis")
        own = {name: getattr(self, name) for name in names}
        return {**own, **self.shape, "targets": targets}


# -- Reading it back --


def head_of(proposal: PlanProposal) -> Head:
    """The head as it is stored."""
    return Head(**{name: getattr(proposal, name) for name in Head.__dataclass_fields__})


def goals_of(proposal: PlanProposal) -> list[GoalDraft]:
    """The goals as they are stored."""
    return [GoalDraft(**goal) for goal in proposal.goals]


def kgis_of(proposal: PlanProposal) -> list[KgiDraft]:
    """The new direct goals as they are stored."""
    return [KgiDraft(one["code"], one["text"], FiscalYear(one["target_year"])) for one in proposal.kgis or []]


def targets_of(line: PlanProposalLine) -> dict[FiscalYear, Decimal]:
    """The targets as they are stored, in base units."""
    return {FiscalYear(int(year)): Decimal(value) for year, value in line.targets.items()}


def targets_text(targets: Mapping[str, str]) -> str:
    """As the history keeps them: 2026: 12, 2027: 14."""
    return ", ".join(f"{year}: {value}" for year, value in targets.items())


# -- What has to hold --


def require_complete(proposal: PlanProposal) -> None:
    """ValidationError with everything that is missing before it can be put forward."""
    missing: list[str] = []
    try:
        require_consultation(proposal.consultation, proposal.center)
    except ValidationError as error:
        missing += error.messages
    kept = [line for line in proposal.lines.select_related("previous") if line.step != IndicatorStep.DROP]
    if not kept:
        missing.append(_("The plan has no indicator."))
    without = [line.name for line in kept if not line.targets]
    if without:
        missing.append(
            _("Set targets for every indicator. Missing: %(indicators)s") % {"indicators": listed(without)}
        )
    try:
        check_head(proposal, head_of(proposal), goals_of(proposal), kgis_of(proposal))
    except ValidationError as error:
        missing += error.messages
    if missing:
        raise ValidationError(missing)


def check_head(
    proposal: PlanProposal, head: Head, goals: Sequence[GoalDraft], kgis: Sequence[KgiDraft] = ()
) -> None:
    """ValidationError at the fields: code, years, agreement, consultation; or for a goal that cannot be so."""
    center, previous = proposal.center, proposal.previous
    refuse_reserved(head.code, RESERVED_PLAN_CODES)
    changed = copy(proposal)
    for name, value in head.as_fields().items():
        setattr(changed, name, value)
    changed.clean_fields(exclude=["goals", "kgis"])  # there may be none
    if Plan.objects.filter(center=center, code=head.code).exists():
        raise ValidationError({"code": _("The center has a plan with this code already.")})
    if head.last_year < head.first_year:
        raise ValidationError({"last_year": _("The last year does not come before the first.")})
    if head.last_year - head.first_year >= LONGEST_PLAN:
        raise ValidationError({"last_year": _("A plan runs for ten fiscal years at most.")})
    if head.baseline_year is not None and head.baseline_year >= head.first_year:
        raise ValidationError({"baseline_year": _("The baseline year comes before the first year.")})
    if previous is not None and head.first_year <= previous.first_year:
        raise ValidationError({"first_year": _("The next plan begins after the one that it follows.")})
    begun_in = FiscalYear.of(clock.day_of(proposal.recorded_at))
    if previous is None and head.last_year < begun_in:
        raise ValidationError(
            {
                "last_year": _(
                    "The first plan prepared here runs at least to %(year)s; earlier ones are over."
                )
                % {"year": begun_in}
            }
        )
    if head.under is not None and head.under.center_id != center.pk:
        raise ValidationError({"under": _("Choose an agreement of this center.")})
    if head.consultation is not None:
        require_consultation(head.consultation, center)
    _check_goals(proposal, goals)
    for kgi in kgis:
        if kgi.target_year < max(head.first_year, begun_in):
            message = _("“%(kgi)s”: its target year lies before the plan, or has passed.")
            raise ValidationError({f"{kgi.code}-year": ValidationError(message, params={"kgi": kgi.text})})


def _check_goals(proposal: PlanProposal, goals: Sequence[GoalDraft]) -> None:
    for goal in goals:
        if goal.continues and not goal.reason.strip():
            raise ValidationError(_("Say why “%(goal)s” counts as the same goal.") % {"goal": goal.label})
    codes = {goal.code for goal in goals}
    lines = proposal.lines.exclude(step=IndicatorStep.DROP).exclude(goal="").exclude(goal__in=codes)
    orphans = [line.name for line in lines]
    if orphans:
        raise ValidationError(
            _(
                "These indicators stand under a goal that is taken out; move or drop them first: %(indicators)s"
            )
            % {"indicators": listed(orphans)}
        )


def check_line(line: PlanProposalLine) -> None:
    """ValidationError at the fields: shape, code, goal, and what continues, breaks or ends without a reason."""
    refuse_reserved(line.code, RESERVED_INDICATOR_CODES)
    line.clean_fields(exclude=["proposal", "targets"])  # there may be none yet
    if line.lowest is not None and line.highest is not None and line.lowest > line.highest:
        raise ValidationError({"highest": _("The lowest value lies below the highest.")})
    for year, value in targets_of(line).items():
        try:
            line.refuse_as_target(value)
        except ValidationError as error:
            raise ValidationError({f"target-{year.start}": error}) from error
    others = line.proposal.lines.exclude(pk=line.pk)
    if others.filter(code=line.code).exists():
        raise ValidationError({"code": _("The plan has an indicator with this code already.")})
    if line.goal and line.goal not in {goal.code for goal in goals_of(line.proposal)}:
        raise ValidationError({"goal": _("Choose one of the plan's goals.")})
    if line.basis and line.basis not in choices.in_words(line.proposal.center):
        raise ValidationError({"basis": _("Choose one of the listed values.")})
    if (line.previous is None) != (line.step == IndicatorStep.NEW):
        raise ValidationError({"step": _("Only a new indicator has none before it.")})
    if line.step == IndicatorStep.CONTINUE and line.previous and not same_counting(line, line.previous):
        raise ValidationError(
            {
                "step": _(
                    "The kind or the unit changes, so the two cannot be compared. Choose “same name, counted otherwise”"
                    " and say why."
                )
            }
        )
    says_nothing = line.reason.strip() in ("", CONTINUED)  # the latter stands there from the beginning
    if line.step.needs_reason and says_nothing:
        raise ValidationError({"reason": _("Say why it is counted otherwise, or no longer counted.")})
    fallen = falls(line, targets_of(line)) if line.step != IndicatorStep.DROP else []
    if fallen and says_nothing:
        raise ValidationError({"reason": fallen[0].said(FALLING_WITHOUT_REASON)})


def target_refusals(line: PlanProposalLine) -> dict[str, ValidationError]:
    """What is wrong with an indicator's targets, by the field on the grid: what cannot be, and what falls unexplained."""
    refusals: dict[str, ValidationError] = {}
    for year, value in targets_of(line).items():
        try:
            line.refuse_as_target(value)
        except ValidationError as error:
            refusals[field_name(line.code, year)] = error
    if line.reason.strip() in ("", CONTINUED):
        for fall in falls(line, targets_of(line)):
            refusals.setdefault(field_name(line.code, fall.later_year), fall.said(FALLING_WITHOUT_REASON))
    return refusals


def same_counting(line: IndicatorShape, previous: IndicatorShape) -> bool:
    """Whether values of both can be set side by side: one kind, and one unit or only another display of yen."""
    is_money = line.unit in MONEY and previous.unit in MONEY
    return line.kind == previous.kind and (line.unit == previous.unit or is_money)
