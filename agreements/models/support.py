"""支援措置: what the city grants, and the amounts of each year."""

from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.consultations import Consultation
from agreements.models.rules import append_only, concluded_with, known, sourced
from agreements.models.wording import Provision
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, User, paired, ways
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField


class SupportKind(models.TextChoices):
    CONTRIBUTION = "contribution", pgettext_lazy("support", "contribution")
    LOAN = "loan", pgettext_lazy("support", "loan")
    LAND = "land", pgettext_lazy("support", "land for free")


class LimitRule(models.TextChoices):
    PERIOD_TOTAL = "period_total", _("a total over the period")
    INDIRECT_COST_INCOME = (
        "indirect_cost_income",
        _("the research-support expenditure borne from that year's indirect-cost income, within the budget"),
    )
    ANNUAL_AGREEMENT = "annual_agreement", _("the amount of the annual agreement, within the budget")
    NONE = "none", _("no limit in yen")

    @property
    def is_of_all_years(self) -> bool:
        """Whether only the sum of its years is limited, and no single year."""
        match self:
            case LimitRule.PERIOD_TOTAL:
                return True
            case LimitRule.INDIRECT_COST_INCOME | LimitRule.ANNUAL_AGREEMENT | LimitRule.NONE:
                return False
            case _:
                assert_never(self)


class SupportMeasure(models.Model):
    """支援措置: what the city grants under an agreement, with the rule that limits it. Amounts in whole yen."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="support_measures")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="support_measures")
    contract = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="carries")
    provision = models.ForeignKey(
        Provision, models.PROTECT, null=True, blank=True, related_name="support_measures"
    )
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    kind = EnumField(SupportKind, _("Kind"))
    title = models.CharField(_("Title"), max_length=120)
    first_year = FiscalYearField(_("First fiscal year"))
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    total = models.BigIntegerField(_("Total as printed (yen)"), null=True, blank=True)
    limit_rule = EnumField(LimitRule, _("Limit"), max_length=30)
    conditions = models.TextField(_("Conditions"), blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Who entered it; nobody where it came with its source.
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_supportmeasure_code_unique",
                violation_error_message=_("The center has a measure with this code already."),
            ),
            known("kind", SupportKind.values, "agreements_supportmeasure_kind_known"),
            known("limit_rule", LimitRule.values, "agreements_supportmeasure_limit_known"),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="agreements_supportmeasure_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0),
                name="agreements_supportmeasure_total_positive",
                violation_error_message=_("An amount is not negative."),
            ),
            paired("recorded", "agreements_supportmeasure_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.title

    def history_key(self) -> str:
        return f"agreements.support/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.title


class AmountStage(models.TextChoices):
    BUDGET = "budget", pgettext_lazy("stage", "budget")
    SETTLED = "settled", pgettext_lazy("stage", "settled")


class SupportAmount(models.Model):
    """An amount for a fiscal year, in whole yen. A change is a new revision with a reason."""

    measure = models.ForeignKey(SupportMeasure, models.PROTECT, related_name="amounts")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    stage = EnumField(AmountStage, _("Stage"))
    revision = models.PositiveSmallIntegerField(default=1)
    amount = models.BigIntegerField(_("Amount (yen)"))
    known_from = models.DateField(_("Known from"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="amounts"
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["measure_id", "fiscal_year", "stage", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "fiscal_year", "stage", "revision"],
                name="agreements_supportamount_revision_unique",
                violation_error_message=_("This revision of the amount exists already."),
            ),
            known("stage", AmountStage.values, "agreements_supportamount_stage_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="agreements_supportamount_not_negative",
                violation_error_message=_("An amount is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="agreements_supportamount_revision_has_reason",
                violation_error_message=_("A changed amount needs a reason."),
            ),
            sourced("recorded_by", "agreements_supportamount_recorded_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.fiscal_year}"

    def history_key(self) -> str:
        return f"{self.measure.history_key()}/{self.fiscal_year.start}/{self.stage}/r{self.revision}"

    def history_label(self) -> str:
        return f"{self.measure.title} {self.fiscal_year}"


# An amount or an amendment names it, or its agreement was concluded with it.
_SETTLED = (
    "EXISTS (SELECT 1 FROM agreements_supportamount x WHERE x.measure_id = OLD.id)"
    " OR EXISTS (SELECT 1 FROM agreements_measurechange x WHERE x.measure_id = OLD.id)"
    f" OR ({concluded_with('OLD')})"
)

guards.declare(
    append_only("SupportAmount"),
    ways.written_by(
        "agreements.SupportAmount",
        ways.EITHER_SIDE,
        center="(SELECT m.center_id FROM agreements_supportmeasure m WHERE m.id = NEW.measure_id)",
        or_document=True,
    ),
    guards.Guard(
        "agreements_supportmeasure_terms",
        "agreements.SupportMeasure",
        ("UPDATE",),
        "the terms of a settled support measure change by amendment",
        _SETTLED,
        columns=("kind", "contract", "first_year", "last_year", "total", "limit_rule"),
    ),
    guards.Guard(
        "agreements_supportmeasure_of",
        "agreements.SupportMeasure",
        ("UPDATE",),
        "a support measure's agreement and code never change",
        columns=("center", "agreement", "code", "source", "recorded_at", "recorded_by"),
    ),
    guards.Guard(
        "agreements_supportmeasure_kept",
        "agreements.SupportMeasure",
        ("DELETE",),
        "a settled support measure, or one that comes with a document, is kept",
        f"{_SETTLED} OR OLD.source <> ''",
    ),
)
