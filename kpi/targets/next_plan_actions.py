"""The next plan, prepared from an earlier one: continued, counted otherwise, dropped or new, indicator by indicator.

One side puts it forward, the other confirms; only then are plan, goals, indicators and targets made, all in one
transaction. Until then nothing of it is a KPI.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, Consultation
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.version_lock import WrongStep
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.models import IndicatorShape, IndicatorStep, Plan, PlanProposal, PlanProposalLine
from kpi.models.plans import RESERVED_INDICATOR_CODES, RESERVED_PLAN_CODES, refuse_reserved
from kpi.targets.actions import of_own_side, own_side, require_consultation, required_reason

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

    def as_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        targets = {str(year.start): f"{value.normalize():f}" for year, value in self.targets.items()}
        own = {"step": self.step, "code": self.code, "goal": self.goal, "reason": self.reason}
        return {**own, **self.shape, "targets": targets}


# -- Writing it --


@transaction.atomic
def start(*, center: Center, previous: Plan | None, by: User, at: datetime) -> PlanProposal:
    """Begin a draft: from a plan, with every indicator and goal continued, or empty. ValidationError while one is open."""
    own_side(center, by)
    if previous is not None and previous.center_id != center.pk:
        raise ValueError(f"{previous} is no plan of {center}")
    first, last = _years(previous, at)
    proposal = PlanProposal(
        center=center,
        previous=previous,
        code=f"plan-{first.start}",
        label=f"次期計画（{first.wareki}〜{last.wareki}）",
        first_year=first,
        last_year=last,
        goal_heading=previous.goal_heading if previous else "",
        under=previous.under if previous else None,
        goals=[asdict(goal) for goal in _continued_goals(previous)],
        recorded_at=at,
    )
    proposal.clean_fields(exclude=["goals"])
    try:
        with transaction.atomic():
            proposal.save()
    except IntegrityError as error:
        raise ValidationError(_("A plan is being prepared already.")) from error
    if previous is not None:
        PlanProposalLine.objects.bulk_create(_continued(proposal, previous))
    after = head_of(proposal).as_history() | {"previous": previous.code if previous else ""}
    _remember("plan_proposal.start", proposal, by, after=after)
    return proposal


def _years(previous: Plan | None, at: datetime) -> tuple[FiscalYear, FiscalYear]:
    """As many years as the plan before, right after it; four from the next one on where there is none."""
    if previous is None:
        first = FiscalYear.of(clock.day_of(at)).next
        return first, first + 3
    return previous.last_year.next, previous.last_year + (previous.last_year - previous.first_year + 1)


def _continued_goals(previous: Plan | None) -> list[GoalDraft]:
    goals = previous.goals.all() if previous else ()
    return [GoalDraft(goal.code, goal.label, goal.code, SAME_LABEL) for goal in goals]


def _continued(proposal: PlanProposal, previous: Plan) -> Iterable[PlanProposalLine]:
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
            **shape,
        )


@transaction.atomic
def save_head(
    *, proposal: PlanProposal, version: int, head: Head, goals: Sequence[GoalDraft], by: User
) -> PlanProposal:
    """Change the plan itself and its goals. Targets of years that it no longer has are let go.

    Conflict when somebody changed anything of it since `version`.
    """
    of_own_side(proposal, proposal.center, by)
    _check_head(proposal, head, goals)
    before = head_of(proposal).as_history() | _goals_as_history(goals_of(proposal))
    proposal_workflow.save_draft(
        proposal, version=version, **head.as_fields(), goals=[asdict(goal) for goal in goals]
    )
    years = {str(year.start) for year in FiscalYear.range(head.first_year, head.last_year)}
    for line in proposal.lines.all():
        kept = {year: value for year, value in line.targets.items() if year in years}
        if kept != line.targets:
            line.targets = kept
            line.save(update_fields=["targets"])
    was, now = history.changed(before, head.as_history() | _goals_as_history(goals))
    _remember("plan_proposal.save", proposal, by, before=was, after=now)
    return proposal


@transaction.atomic
def save_line(
    *, proposal: PlanProposal, version: int, code: str, draft: LineDraft, by: User
) -> PlanProposalLine:
    """Change the indicator with this code; an empty code adds a new one at the end."""
    of_own_side(proposal, proposal.center, by)
    line = proposal.lines.filter(code=code).select_related("previous").first() if code else None
    if line is None and code:
        raise ValidationError(_("This indicator is no longer part of the proposal."))
    before = _line_as_history(line) if line else {}
    if line is None:
        last = proposal.lines.order_by("-position").first()
        line = PlanProposalLine(proposal=proposal, position=last.position + 1 if last else 1)
    for name, value in draft.as_fields().items():
        setattr(line, name, value)
    if line.step == IndicatorStep.CONTINUE and not line.reason:
        line.reason = CONTINUED
    _check_line(line)
    proposal_workflow.save_draft(proposal, version=version)
    line.save()
    was, now = history.changed(before, _line_as_history(line))
    _remember("plan_proposal.save", proposal, by, before={line.code: was}, after={line.code: now})
    return line


@transaction.atomic
def remove_line(*, proposal: PlanProposal, version: int, code: str, by: User) -> None:
    """Take out a new indicator. Those of the previous plan are dropped, with a reason, and stay in sight."""
    of_own_side(proposal, proposal.center, by)
    line = proposal.lines.filter(code=code, step=IndicatorStep.NEW).first()
    if line is None:
        raise ValidationError(_("Only a new indicator can be taken out; drop the others with a reason."))
    proposal_workflow.save_draft(proposal, version=version)
    _remember("plan_proposal.save", proposal, by, before={code: _line_as_history(line)})
    line.delete()


# -- Settling it --


@transaction.atomic
def propose(*, proposal: PlanProposal, version: int, by: User, at: datetime) -> PlanProposal:
    """Put it before the other side. ValidationError while something is missing."""
    side = of_own_side(proposal, proposal.center, by)
    require_complete(proposal)
    proposal_workflow.propose(proposal, version=version, by=by, side=side, at=at)
    _remember("plan_proposal.propose", proposal, by)
    return proposal


@transaction.atomic
def take_back(*, proposal: PlanProposal, version: int, by: User) -> PlanProposal:
    """取下げ, as long as the other side has not answered."""
    of_own_side(proposal, proposal.center, by)
    proposal_workflow.take_back(proposal, version=version)
    _remember("plan_proposal.take_back", proposal, by)
    return proposal


@transaction.atomic
def decline(*, proposal: PlanProposal, version: int, reason: str, by: User, at: datetime) -> PlanProposal:
    """The other side does not agree, and says why."""
    side = own_side(proposal.center, by)
    said = required_reason(reason)
    proposal_workflow.decline(proposal, version=version, by=by, side=side, at=at, reason=said)
    _remember("plan_proposal.decline", proposal, by, reason=said)
    return proposal


@transaction.atomic
def discard(*, proposal: PlanProposal, version: int, by: User) -> None:
    """Throw away a draft that lies with nobody, so that another can be begun."""
    of_own_side(proposal, proposal.center, by)
    proposal_workflow.save_draft(proposal, version=version)
    if proposal.state != ProposalState.DRAFT:
        raise WrongStep(proposal.state)
    lines = {line.code: _line_as_history(line) for line in proposal.lines.all()}
    _remember("plan_proposal.discard", proposal, by, before=head_of(proposal).as_history() | lines)
    proposal.delete()


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
            _("Set targets for every indicator. Missing: %(indicators)s") % {"indicators": "、".join(without)}
        )
    try:
        _check_head(proposal, head_of(proposal), goals_of(proposal))
    except ValidationError as error:
        missing += error.messages
    if missing:
        raise ValidationError(missing)


def _check_head(proposal: PlanProposal, head: Head, goals: Sequence[GoalDraft]) -> None:
    center, previous = proposal.center, proposal.previous
    refuse_reserved(head.code, RESERVED_PLAN_CODES)
    changed = copy(proposal)
    for name, value in head.as_fields().items():
        setattr(changed, name, value)
    changed.clean_fields(exclude=["goals"])  # there may be none
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
    if head.under is not None and head.under.center_id != center.pk:
        raise ValidationError({"under": _("Choose an agreement of this center.")})
    if head.consultation is not None:
        require_consultation(head.consultation, center)
    _check_goals(proposal, goals)


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
            % {"indicators": "、".join(orphans)}
        )


def _check_line(line: PlanProposalLine) -> None:
    """ValidationError at the fields: shape, code, goal, and what continues, breaks or ends without a reason."""
    refuse_reserved(line.code, RESERVED_INDICATOR_CODES)
    line.clean_fields(exclude=["proposal", "targets"])  # there may be none yet
    others = line.proposal.lines.exclude(pk=line.pk)
    if others.filter(code=line.code).exists():
        raise ValidationError({"code": _("The plan has an indicator with this code already.")})
    if line.goal and line.goal not in {goal.code for goal in goals_of(line.proposal)}:
        raise ValidationError({"goal": _("Choose one of the plan's goals.")})
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
    if line.step in (IndicatorStep.BREAK, IndicatorStep.DROP) and says_nothing:
        raise ValidationError({"reason": _("Say why it is counted otherwise, or no longer counted.")})


def same_counting(line: IndicatorShape, previous: IndicatorShape) -> bool:
    """Whether values of both can be set side by side: one kind, and one unit or only another display of yen."""
    is_money = line.unit in MONEY and previous.unit in MONEY
    return line.kind == previous.kind and (line.unit == previous.unit or is_money)


# -- Reading it back --


def head_of(proposal: PlanProposal) -> Head:
    """The head as it is stored."""
    return Head(**{name: getattr(proposal, name) for name in Head.__dataclass_fields__})


def goals_of(proposal: PlanProposal) -> list[GoalDraft]:
    """The goals as they are stored."""
    return [GoalDraft(**goal) for goal in proposal.goals]


def targets_of(line: PlanProposalLine) -> dict[FiscalYear, Decimal]:
    """The targets as they are stored, in base units."""
    return {FiscalYear(int(year)): Decimal(value) for year, value in line.targets.items()}


def _goals_as_history(goals: Iterable[GoalDraft]) -> dict[str, Any]:
    return {"goals": [goal.label for goal in goals]}


def _line_as_history(line: PlanProposalLine) -> dict[str, Any]:
    names = ("step", "name", "printed_kind", "unit", "kind", "comparator", "goal", "reason")
    said = {name: str(getattr(line, name)) for name in names}
    return said | {"targets": ", ".join(f"{year}: {value}" for year, value in line.targets.items())}


def _remember(
    action: str,
    proposal: PlanProposal,
    by: User,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    history.record(
        by=by,
        action=action,
        subject=proposal,
        center=proposal.center,
        before=before,
        after=after,
        reason=reason,
        consultation=proposal.consultation.key if proposal.consultation else "",
    )
