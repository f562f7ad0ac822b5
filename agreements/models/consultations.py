"""協議: what the parties talked over, and what they settled."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.rules import append_only, frozen_once, known
from iconm_portal.history import guards
from iconm_portal.models import Center, ProposalState, Proposed, StoredFile, User, paired, ways
from iconm_portal.values.enum_field import EnumField


class ConsultationType(models.TextChoices):
    DRAFT_TOGETHER = "draft_together", pgettext_lazy("consultation", "drawing up in consultation")
    COORDINATE = "coordinate", pgettext_lazy("consultation", "consultation and coordination")
    SET = "set", pgettext_lazy("consultation", "setting goals and indicators")
    CONCLUDE = "conclude", pgettext_lazy("consultation", "conclusion")
    CHANGE = "change", pgettext_lazy("consultation", "change")
    TERMINATE = "terminate", pgettext_lazy("consultation", "termination")
    NOT_PROVIDED = "not_provided", pgettext_lazy("consultation", "what the agreement does not provide for")


class Consultation(Proposed):
    """協議: a recorded talk and what it settled. One side records it, the other confirms that it was so."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="consultations")
    number = models.PositiveIntegerField(_("Number"))
    type = EnumField(ConsultationType, _("Type"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    held_on = models.DateField(_("Held on"))
    subject = models.CharField(_("Subject"), max_length=200)
    participants = models.CharField(_("Participants"), max_length=500, blank=True)
    outcome = models.TextField(_("Outcome"))

    class Meta(Proposed.Meta):
        ordering = ["-held_on", "-number"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["center", "number"],
                name="agreements_consultation_number_unique",
                violation_error_message=_("The center has a consultation with this number already."),
            ),
            known("type", ConsultationType.values, "agreements_consultation_type_known"),
        ]

    def __str__(self) -> str:
        return f"協議{self.number}号 {self.subject}"

    @property
    def key(self) -> str:
        """What the history and other rows cite."""
        return f"{self.center.code}/consultations/{self.number}"

    @property
    def settled_in(self) -> str:
        return self.key

    def history_key(self) -> str:
        return f"agreements.consultation/{self.center.code}/{self.number}"

    def history_label(self) -> str:
        return str(self)


class ConsultationFile(models.Model):
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("attached", "agreements_consultationfile_attached_pair")]

    def __str__(self) -> str:
        return f"{self.consultation_id}: {self.file_id}"


guards.declare(
    frozen_once("Consultation", ProposalState.CONFIRMED),
    *ways.proposal_way(
        "agreements.Consultation",
        center="NEW.center_id",
        content=(
            *("center", "number", "type", "agreement", "held_on", "subject", "participants", "outcome"),
        ),
    ),
    append_only("ConsultationFile"),
    guards.Guard(
        "agreements_consultationfile_after",
        "agreements.ConsultationFile",
        ("INSERT",),
        "a confirmed consultation takes no more files",
        "EXISTS (SELECT 1 FROM agreements_consultation p WHERE p.id = NEW.consultation_id AND p.state = 'confirmed')",
    ),
)
