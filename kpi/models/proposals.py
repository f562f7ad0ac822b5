"""What one side proposes and the other confirms: changed targets, and the next plan with its indicators."""

from typing import assert_never

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models import Agreement, Consultation
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, ProposalState, Proposed, ways
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from kpi.models.plans import Continuity, Indicator, IndicatorShape, Plan, Target, shape_constraints
from kpi.models.values import ValueField


class TargetProposal(Proposed):
    """Targets of a plan that one side wants set or changed; the other side's confirmation makes revisions of them."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="target_proposals")
    reason = models.CharField(_("Reason"), max_length=300)
    effective_from = models.DateField(_("In force from"))
    consultation = models.ForeignKey(
        Consultation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="target_proposals",
        verbose_name=_("Consultation"),
    )

    class Meta(Proposed.Meta):
        ordering = ["-pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED) | Q(consultation__isnull=False),
                name="kpi_targetproposal_after_consultation",
                violation_error_message=_("Targets are settled in a recorded consultation."),
            ),
        ]

    def __str__(self) -> str:
        return self.history_label()

    @property
    def center(self) -> Center:
        return self.plan.center

    @property
    def settled_in(self) -> str:
        return self.consultation.key if self.consultation else ""

    def history_key(self) -> str:
        return f"kpi.target_proposal/{self.plan.center.code}/{self.plan.code}/{self.pk}"

    def history_label(self) -> str:
        return f"{self.plan.label} 目標の変更"


class TargetProposalLine(models.Model):
    proposal = models.ForeignKey(TargetProposal, models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    value = ValueField()
    made = models.OneToOneField(Target, models.PROTECT, null=True, blank=True, related_name="made_from")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "indicator", "fiscal_year"],
                name="kpi_targetproposalline_once",
                violation_error_message=_("The proposal has a target for this year already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.fiscal_year}: {self.value}"


class PlanProposal(Proposed):
    """The next plan, prepared from an earlier one. The other side's confirmation makes a plan of it."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="plan_proposals")
    previous = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    code = CodeField()
    label = models.CharField(_("Name"), max_length=120)
    first_year = FiscalYearField(_("First year"))
    last_year = FiscalYearField(_("Last year"))
    baseline_year = FiscalYearField(_("Baseline year"), null=True, blank=True)
    goals = models.JSONField(
        encoder=DjangoJSONEncoder, default=list
    )  # see `kpi.targets.next_plan_drafts.GoalDraft`
    kgis = models.JSONField(
        _("New direct goals"), encoder=DjangoJSONEncoder, default=list, blank=True
    )  # see `kpi.targets.next_plan_drafts.KgiDraft`
    goal_heading = models.CharField(_("Printed heading of the goals"), max_length=60, blank=True)
    under = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Agreement")
    )
    consultation = models.ForeignKey(
        Consultation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plan_proposals",
        verbose_name=_("Consultation"),
    )
    made = models.OneToOneField(Plan, models.PROTECT, null=True, blank=True, related_name="made_from")

    class Meta(Proposed.Meta):
        ordering = ["-pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(first_year__lte=F("last_year")),
                name="kpi_planproposal_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(baseline_year__isnull=True) | Q(baseline_year__lt=F("first_year")),
                name="kpi_planproposal_baseline_before",
                violation_error_message=_("The baseline year comes before the first year."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED)
                | Q(consultation__isnull=False, made__isnull=False),
                name="kpi_planproposal_after_consultation",
                violation_error_message=_("A plan is settled in a recorded consultation."),
            ),
            models.UniqueConstraint(
                fields=["center"],
                condition=~Q(state=ProposalState.CONFIRMED),
                name="kpi_planproposal_one_open",
                violation_error_message=_("A plan is being prepared already."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def settled_in(self) -> str:
        return self.consultation.key if self.consultation else ""

    def history_key(self) -> str:
        return f"kpi.plan_proposal/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return f"{self.label}（案）"


class IndicatorStep(models.TextChoices):
    CONTINUE = "continue", pgettext_lazy("next plan", "continue")
    BREAK = "break", pgettext_lazy("next plan", "same name, counted otherwise")
    DROP = "drop", pgettext_lazy("next plan", "drop")
    NEW = "new", pgettext_lazy("next plan", "new")

    @property
    def continuity(self) -> Continuity | None:
        """How the indicator stands to the one before it; None where there is none in the next plan."""
        match self:
            case IndicatorStep.CONTINUE:
                return Continuity.CONTINUES
            case IndicatorStep.BREAK:
                return Continuity.BREAKS
            case IndicatorStep.NEW:
                return Continuity.NONE
            case IndicatorStep.DROP:
                return None
            case _:
                assert_never(self)

    @property
    def needs_reason(self) -> bool:
        """Whether readers must be told why the series does not simply go on."""
        match self:
            case IndicatorStep.BREAK | IndicatorStep.DROP:
                return True
            case IndicatorStep.CONTINUE | IndicatorStep.NEW:
                return False
            case _:
                assert_never(self)


class PlanProposalLine(IndicatorShape):
    """An indicator of the next plan, or one of the previous plan that is not taken over (`drop`)."""

    proposal = models.ForeignKey(PlanProposal, models.CASCADE, related_name="lines")
    previous = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    step = EnumField(IndicatorStep, _("What becomes of it"))
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    goal = models.CharField(_("Goal"), max_length=120, blank=True)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    basis = models.CharField(_("Proposed from"), max_length=100, blank=True)  # a `Choice.key`; empty: nothing
    targets = models.JSONField(encoder=DjangoJSONEncoder, default=dict)  # {"2026": "12"} in base units

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "code"],
                name="kpi_planproposalline_code_unique",
                violation_error_message=_("The plan has an indicator with this code already."),
            ),
            *shape_constraints("kpi_planproposalline"),
            known("step", IndicatorStep.values, "kpi_planproposalline_step_known"),
            models.CheckConstraint(
                condition=Q(step=IndicatorStep.NEW, previous__isnull=True)
                | (~Q(step=IndicatorStep.NEW) & Q(previous__isnull=False)),
                name="kpi_planproposalline_previous",
                violation_error_message=_("Only a new indicator has none before it."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def _settled(row: str, table: str, states: str = "'confirmed'") -> str:
    return f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {row}.proposal_id AND p.state IN ({states}))"


_BEFORE_BOTH = "'proposed', 'confirmed'"

guards.declare(
    *(
        guards.Guard(
            f"kpi_{model.lower()}_settled",
            f"kpi.{model}",
            ("UPDATE", "DELETE"),
            "what both confirmed is frozen",
            "OLD.state = 'confirmed'",
        )
        for model in ("TargetProposal", "PlanProposal")
    ),
    *ways.proposal_way(
        "kpi.TargetProposal",
        center="(SELECT p.center_id FROM kpi_plan p WHERE p.id = NEW.plan_id)",
        content=("plan", "reason", "effective_from", "consultation"),
    ),
    *ways.proposal_way(
        "kpi.PlanProposal",
        center="NEW.center_id",
        content=(
            *("center", "previous", "code", "label", "first_year", "last_year", "baseline_year"),
            *("goals", "kgis", "goal_heading", "under", "consultation"),
        ),
    ),
    *(
        guards.Guard(
            f"kpi_{model.lower()}line_{event.lower()}",
            f"kpi.{model}Line",
            (event,),
            "the lines of what lies before both, or was confirmed, are locked",
            " OR ".join(_settled(row, f"kpi_{model.lower()}", _BEFORE_BOTH) for row in rows),
            stays_open={"made": "the confirmation says which target it made"}
            if model == "TargetProposal" and event == "UPDATE"
            else {},
        )
        for model in ("TargetProposal", "PlanProposal")
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
    guards.Guard(
        "kpi_targetproposalline_made",
        "kpi.TargetProposalLine",
        ("UPDATE",),
        "which target was made of what both confirmed stays",
        _settled("OLD", "kpi_targetproposal"),
    ),
)
