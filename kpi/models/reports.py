"""The reports that hold the actuals, what stands behind a value, and what the reviewers say."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import Center, Reviewed, ReviewState, StoredFile, User, paired, ways
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from kpi.models.plans import Indicator, Plan
from kpi.models.values import ValueField
from kpi.plans import labels
from kpi.plans.achievement import Certainty


class Report(Reviewed):
    """実績報告: the actuals of one plan for one fiscal year as of a day. Goes through review as a set.

    A correction after acceptance is a new revision with a reason.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reports")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    as_of = models.DateField(_("As of"))
    revision = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(_("Reason for the correction"), max_length=300, blank=True)

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", "as_of", "revision"]
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "fiscal_year", "as_of", "revision"],
                name="kpi_report_revision_unique",
                violation_error_message=_("There is a report for this year and day already."),
            ),
            models.UniqueConstraint(
                fields=["plan", "fiscal_year"],
                condition=~Q(state=ReviewState.ACCEPTED),
                name="kpi_report_one_open",
                violation_error_message=_("A report for this year is being worked on already."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="kpi_report_correction_has_reason",
                violation_error_message=_("A correction needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.history_label()

    @property
    def center(self) -> Center:
        return self.plan.center

    def history_key(self) -> str:
        return f"kpi.report/{self.plan.center.code}/{self.plan.code}/{self.fiscal_year.start}/{self.pk}"

    def history_label(self) -> str:
        return f"{self.plan.label} {self.fiscal_year} 実績報告"


class Actual(models.Model):
    """実績 of one indicator in a report. A blank value is not yet reported; `not_applicable` is 「-」; 0 is 0."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="actuals")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="actuals")
    value = ValueField(null=True, blank=True)
    not_applicable = models.BooleanField(_("Not applicable"), default=False)
    certainty = EnumField(Certainty, _("Certainty"), words=labels.CERTAINTY, default=Certainty.FINAL)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator"],
                name="kpi_actual_one_per_indicator",
                violation_error_message=_("The report has a value for this indicator already."),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(not_applicable=False),
                name="kpi_actual_value_or_not_applicable",
                violation_error_message=_("A value cannot be there and not applicable at once."),
            ),
            models.CheckConstraint(
                condition=Q(certainty__in=list(Certainty)),
                name="kpi_actual_certainty_known",
                violation_error_message=_("Choose one of the certainties."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.value}"

    def clean(self) -> None:
        if self.value is not None:
            self.indicator.refuse_outside(self.value)


class Evidence(models.Model):
    """A file that shows where a value comes from."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="evidence")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator", "file"],
                name="kpi_evidence_once",
                violation_error_message=_("This file is attached to the value already."),
            ),
            paired("attached", "kpi_evidence_attached_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.indicator_id}: {self.file_id}"


class ReviewComment(models.Model):
    """What the reviewing side said of a value, or of the whole report when no indicator is named."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="comments")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(_("Comment"), max_length=1000)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [paired("written", "kpi_reviewcomment_written_pair")]

    def __str__(self) -> str:
        return self.text


_LOCKED = "('submitted', 'in_review', 'accepted')"


def _report_is_locked(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM kpi_report r WHERE r.id = {row}.report_id AND r.state IN {_LOCKED})"


guards.declare(
    guards.Guard(
        "kpi_report_accepted",
        "kpi.Report",
        ("UPDATE",),
        "an accepted report is frozen",
        "OLD.state = 'accepted'",
    ),
    *ways.review_way(
        "kpi.Report",
        center="(SELECT p.center_id FROM kpi_plan p WHERE p.id = NEW.plan_id)",
        submitter=ways.OF_OPERATOR,
        acceptor=ways.OF_SUPPORTER,
        content=(
            *("plan", "fiscal_year", "as_of", "revision", "reason"),
            *("submission_decided_on", "submission_decided_post"),
        ),
    ),
    guards.Guard("kpi_comment", "kpi.ReviewComment", ("UPDATE", "DELETE"), "review comments are append-only"),
    *(
        guards.Guard(
            f"kpi_{name}_{event.lower()}",
            model,
            (event,),
            "the lines of a submitted or accepted report are locked",
            " OR ".join(_report_is_locked(row) for row in rows),
        )
        for name, model in (("actual", "kpi.Actual"), ("evidence", "kpi.Evidence"))
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
)
