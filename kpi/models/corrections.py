"""Corrections of a settled plan's wording: one side proposes them with a reason, the other confirms."""

from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import Center, Proposed, ways
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField
from kpi.models.plans import Goal, Indicator, Plan, measured_indicator, measured_plan


class Wording(models.TextChoices):
    """What can be corrected: how a thing is called and printed, never how it is counted."""

    LABEL = "label", _("Name")
    NAME = "name", _("Indicator")
    UNIT = "unit", _("Unit")
    SIGNIFICANCE = "significance", _("Significance")
    PRINTED_KIND = "printed_kind", _("Printed mark of the kind")

    @property
    def is_of_indicator(self) -> bool:
        """Whether an indicator has it; a plan and a goal only have a name."""
        match self:
            case Wording.NAME | Wording.UNIT | Wording.SIGNIFICANCE | Wording.PRINTED_KIND:
                return True
            case Wording.LABEL:
                return False
            case _:
                assert_never(self)


OF_INDICATOR = tuple(one for one in Wording if one.is_of_indicator)


class PlanCorrection(Proposed):
    """Wordings of a plan, its goals and its indicators that one side wants corrected. The old ones stay readable here."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="corrections")
    reason = models.CharField(_("Reason"), max_length=300)

    class Meta(Proposed.Meta):
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.history_label()

    @property
    def center(self) -> Center:
        return self.plan.center

    def history_key(self) -> str:
        return f"kpi.plan_correction/{self.plan.center.code}/{self.plan.code}/{self.pk}"

    def history_label(self) -> str:
        return f"{self.plan.label} 表記の訂正"


class PlanCorrectionLine(models.Model):
    """One wording, as it stood and as it is to stand: of a goal, of an indicator, or of the plan itself."""

    correction = models.ForeignKey(PlanCorrection, models.CASCADE, related_name="lines")
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, blank=True, related_name="corrections")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    wording = EnumField(Wording, _("What is corrected"))
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            known("wording", Wording.values, "kpi_plancorrectionline_wording_known"),
            models.CheckConstraint(
                condition=Q(indicator__isnull=True, wording=Wording.LABEL)
                | Q(
                    indicator__isnull=False,
                    goal__isnull=True,
                    wording__in=[one for one in Wording if one.is_of_indicator],
                ),
                name="kpi_plancorrectionline_of_one",
                violation_error_message=_("A correction is of the plan, of a goal, or of an indicator."),
            ),
            models.CheckConstraint(
                condition=~Q(before=F("after")),
                name="kpi_plancorrectionline_changes",
                violation_error_message=_("Nothing would change."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def _corrected(row: str, column: str) -> str:
    """Both sides have confirmed that this column goes from what it was to what it becomes, or it does not change."""
    return (
        f"OLD.{column} IS NOT DISTINCT FROM NEW.{column} OR EXISTS (SELECT 1 FROM kpi_plancorrectionline l"
        " JOIN kpi_plancorrection c ON c.id = l.correction_id"
        f" WHERE l.{row}_id = OLD.id AND l.wording = '{column}' AND c.state = 'confirmed'"
        f" AND l.before = OLD.{column} AND l.after = NEW.{column})"
    )


_SETTLED = "EXISTS (SELECT 1 FROM kpi_plancorrection p WHERE p.id = {row}.correction_id AND p.state IN ('proposed', 'confirmed'))"

guards.declare(
    guards.Guard(
        "kpi_plancorrection_settled",
        "kpi.PlanCorrection",
        ("UPDATE", "DELETE"),
        "what both confirmed is frozen",
        "OLD.state = 'confirmed'",
    ),
    *ways.proposal_way(
        "kpi.PlanCorrection",
        center="(SELECT p.center_id FROM kpi_plan p WHERE p.id = NEW.plan_id)",
        content=("plan", "reason"),
    ),
    *(
        guards.Guard(
            f"kpi_plancorrectionline_{event.lower()}",
            "kpi.PlanCorrectionLine",
            (event,),
            "the lines of what lies before both, or was confirmed, are locked",
            " OR ".join(_SETTLED.format(row=row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
    guards.Guard(
        "kpi_indicator_corrected",
        "kpi.Indicator",
        ("UPDATE",),
        "an indicator with targets or accepted values is called otherwise only as both sides confirmed it",
        f"({measured_indicator('OLD.id')}) AND "
        + ways.unless(" AND ".join(f"({_corrected('indicator', one.value)})" for one in OF_INDICATOR)),
        columns=tuple(one.value for one in OF_INDICATOR),
    ),
    guards.Guard(
        "kpi_goal_corrected",
        "kpi.Goal",
        ("UPDATE",),
        "a goal of a plan with targets or accepted values is called otherwise only as both sides confirmed it",
        f"({measured_plan('OLD.plan_id')}) AND " + ways.unless(_corrected("goal", Wording.LABEL.value)),
        columns=(Wording.LABEL.value,),
    ),
)
