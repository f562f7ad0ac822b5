"""Targets that one side proposes and the other confirms: then each line becomes a revision of its target."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Consultation
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking, acting_side
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, TargetProposal, TargetProposalLine
from kpi.plans.actions import add_target
from kpi.targets import target_proposals
from kpi.targets.falling import FALLING, field_name
from kpi.targets.target_proposals import Key, falls_of, present

Values = Mapping[tuple[Indicator, FiscalYear], Decimal]
"""The targets asked for, in base units. Those that are in force already are left out when it is saved."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Why the targets change, from which day on, and the talk that settled it (needed once it is put forward).

    `may_fall`: that a cumulative target falls is meant, and the reason says why. `may_move`: that the target of a year
    whose result is accepted changes is meant; the verdict stays, and is marked.
    """

    reason: str
    effective_from: date
    consultation: Consultation | None = None
    may_fall: bool = False
    may_move: bool = False

    def as_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        return {
            "reason": self.reason,
            "effective_from": self.effective_from,
            "consultation": self.consultation,
        }

    def as_history(self) -> dict[str, Any]:
        """The same as the history keeps it."""
        return self.as_fields() | {"consultation": str(self.consultation or "")}


@transaction.atomic
def start(*, plan: Plan, terms: Terms, values: Values, by: User, at: datetime) -> TargetProposal:
    """Begin a draft. ValidationError where nothing would change, or something does not belong to the plan."""
    acting_side(plan.center, by)
    proposal = TargetProposal(plan=plan, recorded_at=at)
    _take(proposal, terms)
    proposal.full_clean()
    lines = _changed(plan, terms, values, today=clock.day_of(at))
    proposal.save()
    _write_lines(proposal, lines)
    STEPS.record(proposal, "save", by, after=terms.as_history() | _as_history(lines))
    return proposal


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


# -- Lines --


def _changed(plan: Plan, terms: Terms, values: Values, *, today: date) -> list[TargetProposalLine]:
    now = present(plan, today=today, from_day=terms.effective_from)
    years = FiscalYear.range(plan.first_year, plan.last_year)
    lines = []
    for (indicator, year), value in values.items():
        if indicator.plan_id != plan.pk or year not in years:
            raise ValueError(f"{indicator} {year} is no target of {plan}")
        indicator.refuse_as_target(value)
        if now.get((indicator.pk, year)) != value:
            lines.append(TargetProposalLine(indicator=indicator, fiscal_year=year, value=value))
    if not lines:
        raise ValidationError(_("Nothing would change. Enter a target that differs from the present one."))
    refusals = {} if terms.may_fall else _falls(lines, now)
    if not terms.may_move:
        refusals |= _moves(plan, lines, today)
    if refusals:
        raise ValidationError(refusals)
    return lines


def _falls(lines: list[TargetProposalLine], now: Mapping[Key, Decimal]) -> dict[str, ValidationError]:
    """A refusal at every target that makes a cumulative fall."""
    return {
        field_name(indicator.code, year): fall.said(FALLING)
        for indicator, fallen in falls_of(lines, now).items()
        for year, fall in fallen.items()
    }


def _moves(plan: Plan, lines: list[TargetProposalLine], today: date) -> dict[str, ValidationError]:
    """A refusal at every target of a year whose result is accepted."""
    judged = target_proposals.judged(plan, today=today)
    message = _(
        "The result of this year is accepted, and keeps its verdict. Correct it, or tick that the target changes all the same."
    )
    return {
        field_name(line.indicator.code, line.fiscal_year): ValidationError(message)
        for line in lines
        if (line.indicator.pk, line.fiscal_year) in judged
    }


def _write_lines(proposal: TargetProposal, lines: list[TargetProposalLine]) -> None:
    for line in lines:
        line.proposal = proposal
    TargetProposalLine.objects.bulk_create(lines)


def _take(proposal: TargetProposal, terms: Terms) -> None:
    for name, value in terms.as_fields().items():
        setattr(proposal, name, value)
    if terms.consultation is not None:
        require_consultation(terms.consultation, proposal.center)


def _said(proposal: TargetProposal) -> dict[str, Any]:
    terms = Terms(proposal.reason, proposal.effective_from, proposal.consultation)
    return terms.as_history() | _as_history(list(proposal.lines.select_related("indicator")))


def _as_history(lines: list[TargetProposalLine]) -> dict[str, Any]:
    """{"patents": {"2026": "12"}}, in base units."""
    said: dict[str, Any] = {}
    for line in lines:
        said.setdefault(line.indicator.code, {})[str(line.fiscal_year.start)] = f"{line.value.normalize():f}"
    return said


# -- Steps --


def _check_terms(taking: Taking[TargetProposal]) -> None:
    changed = copy(taking.item)
    _take(changed, taking.given["terms"])
    changed.clean_fields()
    taking.changes = taking.given["terms"].as_fields()
    today = clock.day_of(taking.at)
    taking.made = _changed(taking.item.plan, taking.given["terms"], taking.given["values"], today=today)
    taking.before = _said(taking.item)


def _write_anew(taking: Taking[TargetProposal]) -> None:
    taking.item.lines.all().delete()
    _write_lines(taking.item, taking.made)
    after = taking.given["terms"].as_history() | _as_history(taking.made)
    taking.before, taking.after = history.changed(taking.before, after)


def _is_settled(taking: Taking[TargetProposal]) -> None:
    require_consultation(taking.item.consultation, taking.item.center)


def _revise_targets(taking: Taking[TargetProposal]) -> None:
    """Every line becomes a revision of its target, known from today on.

    The plan is locked with the proposal: two proposals at once never give a target the same revision.
    """
    proposal = taking.item
    Plan.objects.select_for_update().get(pk=proposal.plan_id)
    for line in proposal.lines.select_related("indicator__plan__center"):
        line.made = add_target(
            indicator=line.indicator,
            fiscal_year=line.fiscal_year,
            value=line.value,
            known_from=clock.day_of(taking.at),
            by=taking.by,
            reason=proposal.reason,
            consultation=proposal.settled_in,
            effective_from=proposal.effective_from,
            at=taking.at,
        )
        line.save(update_fields=["made"])


def _keep_what_it_said(taking: Taking[TargetProposal]) -> None:
    taking.before = _said(taking.item)


STEPS = StepTable(
    TargetProposal,
    named="proposal",
    code="target_proposal",
    steps=(
        replace(
            proposal_workflow.EDIT,
            takes={"terms": REQUIRED, "values": REQUIRED},
            check=_check_terms,
            then=_write_anew,
        ),
        replace(
            proposal_workflow.PROPOSE,
            check=_is_settled,
            says=gettext_lazy("The targets were put before the other side."),
        ),
        proposal_workflow.TAKE_BACK,
        replace(
            proposal_workflow.CONFIRM,
            first=_revise_targets,
            says=gettext_lazy("The targets are settled by both sides; the earlier ones stay readable."),
        ),
        proposal_workflow.DECLINE,
        replace(proposal_workflow.DISCARD, then=_keep_what_it_said),
    ),
)
save, propose, take_back = STEPS.action("edit"), STEPS.action("propose"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")
