"""Targets that one side proposes and the other confirms: then each line becomes a revision of its target."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Consultation
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, Proposed, Side, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow, version_lock
from iconm_portal.settlement.version_lock import WrongStep
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, TargetProposal, TargetProposalLine
from kpi.plans.actions import add_target
from kpi.targets.target_proposals import present

Values = Mapping[tuple[Indicator, FiscalYear], Decimal]
"""The targets asked for, in base units. Those that are in force already are left out when it is saved."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Why the targets change, from which day on, and the talk that settled it (needed once it is put forward)."""

    reason: str
    effective_from: date
    consultation: Consultation | None = None

    def as_history(self) -> dict[str, Any]:
        """The same as the history keeps it."""
        return {
            "reason": self.reason,
            "effective_from": self.effective_from,
            "consultation": str(self.consultation or ""),
        }


@transaction.atomic
def start(*, plan: Plan, terms: Terms, values: Values, by: User, at: datetime) -> TargetProposal:
    """Begin a draft. ValidationError where nothing would change, or something does not belong to the plan."""
    own_side(plan.center, by)
    proposal = TargetProposal(plan=plan, recorded_at=at)
    _take(proposal, terms)
    proposal.full_clean()
    lines = _changed(plan, terms, values)
    proposal.save()
    _write_lines(proposal, lines)
    _remember("target_proposal.save", proposal, by, after=terms.as_history() | _as_history(lines))
    return proposal


@transaction.atomic
def save(*, proposal: TargetProposal, version: int, terms: Terms, values: Values, by: User) -> TargetProposal:
    """Change a draft, or what was declined. Conflict when somebody changed it since `version`."""
    of_own_side(proposal, proposal.plan.center, by)
    before = _said(proposal)
    changed = copy(proposal)
    _take(changed, terms)
    changed.clean_fields()
    lines = _changed(proposal.plan, terms, values)
    proposal_workflow.save_draft(
        proposal,
        version=version,
        reason=terms.reason,
        effective_from=terms.effective_from,
        consultation=terms.consultation,
    )
    proposal.lines.all().delete()
    _write_lines(proposal, lines)
    was, now = history.changed(before, terms.as_history() | _as_history(lines))
    _remember("target_proposal.save", proposal, by, before=was, after=now)
    return proposal


@transaction.atomic
def propose(*, proposal: TargetProposal, version: int, by: User, at: datetime) -> TargetProposal:
    """Put it before the other side. ValidationError without a confirmed consultation."""
    side = of_own_side(proposal, proposal.plan.center, by)
    require_consultation(proposal.consultation, proposal.plan.center)
    proposal_workflow.propose(proposal, version=version, by=by, side=side, at=at)
    _remember("target_proposal.propose", proposal, by)
    return proposal


@transaction.atomic
def take_back(*, proposal: TargetProposal, version: int, by: User) -> TargetProposal:
    """取下げ, as long as the other side has not answered."""
    of_own_side(proposal, proposal.plan.center, by)
    proposal_workflow.take_back(proposal, version=version)
    _remember("target_proposal.take_back", proposal, by)
    return proposal


@transaction.atomic
def confirm(*, proposal: TargetProposal, version: int, by: User, at: datetime) -> TargetProposal:
    """The other side agrees: every line becomes a revision of its target, known from today on, in one transaction."""
    side = own_side(proposal.plan.center, by)
    # The lock first, and the plan with it: two proposals at once never give a target the same revision.
    version_lock.step(proposal, version, (ProposalState.PROPOSED,))
    Plan.objects.select_for_update().get(pk=proposal.plan_id)
    today, key = clock.day_of(at), proposal.consultation.key if proposal.consultation else ""
    for line in proposal.lines.select_related("indicator__plan__center"):
        line.made = add_target(
            indicator=line.indicator,
            fiscal_year=line.fiscal_year,
            value=line.value,
            known_from=today,
            by=by,
            reason=proposal.reason,
            consultation=key,
            effective_from=proposal.effective_from,
        )
        line.save(update_fields=["made"])
    proposal_workflow.confirm(proposal, version=proposal.version, by=by, side=side, at=at, known_from=today)
    _remember("target_proposal.confirm", proposal, by)
    return proposal


@transaction.atomic
def decline(*, proposal: TargetProposal, version: int, reason: str, by: User, at: datetime) -> TargetProposal:
    """The other side does not agree, and says why."""
    side = own_side(proposal.plan.center, by)
    said = required_reason(reason)
    proposal_workflow.decline(proposal, version=version, by=by, side=side, at=at, reason=said)
    _remember("target_proposal.decline", proposal, by, reason=said)
    return proposal


@transaction.atomic
def discard(*, proposal: TargetProposal, version: int, by: User) -> None:
    """Throw away a draft that lies with nobody. What was declined stays, with the answer."""
    of_own_side(proposal, proposal.plan.center, by)
    proposal_workflow.save_draft(proposal, version=version)
    if proposal.state != ProposalState.DRAFT:
        raise WrongStep(proposal.state)
    _remember("target_proposal.discard", proposal, by, before=_said(proposal))
    proposal.delete()


# -- What proposals of targets and of the next plan share --


def own_side(center: Center, by: User) -> Side:
    """The side for which the person settles things at the center; PermissionDenied without the right."""
    require(by, center, Right.SETTLE_JOINTLY)
    side = center.side_of(by)
    if side is None:
        raise AssertionError("whoever may settle jointly stands on a side")
    return side


def of_own_side(proposal: Proposed, center: Center, by: User) -> Side:
    """The person's side, if it is the one that put the proposal forward (or nobody does at present)."""
    side = own_side(center, by)
    if proposal.proposed_side not in ("", side):
        raise ValidationError(_("Only the side that put it forward can do this."))
    return side


def require_consultation(consultation: Consultation | None, center: Center) -> None:
    """ValidationError unless both sides confirmed the talk, and it was one of this center."""
    if consultation is None or not consultation.is_confirmed or consultation.center_id != center.pk:
        raise ValidationError(
            {
                "consultation": _(
                    "Choose the consultation, confirmed by both sides, in which this was settled."
                )
            }
        )


def required_reason(reason: str) -> str:
    """The reason for declining. ValidationError for a blank one."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you do not agree.")})
    return reason.strip()


# -- Lines --


def _changed(plan: Plan, terms: Terms, values: Values) -> list[TargetProposalLine]:
    now, years = present(plan, day=terms.effective_from), FiscalYear.range(plan.first_year, plan.last_year)
    lines = []
    for (indicator, year), value in values.items():
        if indicator.plan_id != plan.pk or year not in years:
            raise ValueError(f"{indicator} {year} is no target of {plan}")
        if now.get((indicator.pk, year)) != value:
            lines.append(TargetProposalLine(indicator=indicator, fiscal_year=year, value=value))
    if not lines:
        raise ValidationError(_("Nothing would change. Enter a target that differs from the present one."))
    return lines


def _write_lines(proposal: TargetProposal, lines: list[TargetProposalLine]) -> None:
    for line in lines:
        line.proposal = proposal
    TargetProposalLine.objects.bulk_create(lines)


def _take(proposal: TargetProposal, terms: Terms) -> None:
    proposal.reason = terms.reason
    proposal.effective_from = terms.effective_from
    proposal.consultation = terms.consultation
    center = proposal.plan.center
    if terms.consultation is not None:
        require_consultation(terms.consultation, center)


def _said(proposal: TargetProposal) -> dict[str, Any]:
    terms = Terms(proposal.reason, proposal.effective_from, proposal.consultation)
    return terms.as_history() | _as_history(list(proposal.lines.select_related("indicator")))


def _as_history(lines: list[TargetProposalLine]) -> dict[str, Any]:
    """{"patents": {"2026": "12"}}, in base units."""
    said: dict[str, Any] = {}
    for line in lines:
        said.setdefault(line.indicator.code, {})[str(line.fiscal_year.start)] = f"{line.value.normalize():f}"
    return said


def _remember(
    action: str,
    proposal: TargetProposal,
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
        center=proposal.plan.center,
        before=before,
        after=after,
        reason=reason,
        consultation=proposal.consultation.key if proposal.consultation else "",
    )
