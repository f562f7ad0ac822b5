"""What the source report says of the center beside its tables: reasons, plans, organisation, its own verdicts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.support import SupportMeasure
from iconm_portal.models import Center, CodeField


class ReportedFact(models.Model):
    """A fact of the report in the portal's own words, with its place; about a support measure, an agreement, or the center.

    The pages of its measure or agreement show it, and that of the KPIs under the agreement; the chronology has them all.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="reported_facts")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    heading = models.CharField(_("Heading"), max_length=120)
    text = models.CharField(_("Text"), max_length=500)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="reported_facts"
    )
    measure = models.ForeignKey(
        SupportMeasure, models.PROTECT, null=True, blank=True, related_name="reported_facts"
    )
    source = models.CharField(_("Source"), max_length=120)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_reportedfact_code_unique",
                violation_error_message=_("The center has a fact with this code already."),
            )
        ]

    def __str__(self) -> str:
        return self.heading

    def history_key(self) -> str:
        return f"agreements.reported_fact/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.heading
