"""How an agreement ends before its last day: one side gives notice, both agree on a day."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.consultations import Consultation
from agreements.models.rules import frozen_once, known
from iconm_portal.history import guards
from iconm_portal.models import Center, ProposalState, Proposed, Side, User, paired, ways
from iconm_portal.values.enum_field import EnumField


class Notice(models.Model):
    """解約の申出 by one side. While it stands, the parties consult; it is withdrawn or ends in an ending."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="notices")
    side = EnumField(Side, _("Side"))
    given_on = models.DateField(_("Given on"))
    reason = models.TextField(_("Reason"))
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["given_on", "pk"]
        constraints = [
            known("side", Side.values, "agreements_notice_side_known"),
            paired("recorded", "agreements_notice_recorded_pair"),
            paired("withdrawn", "agreements_notice_withdrawn_pair"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(withdrawn_at__isnull=True),
                name="agreements_notice_one_standing",
                violation_error_message=_("A notice of termination stands already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.given_on}"


class Ending(Proposed):
    """終了 by mutual consent (basic Art. 12(2)): one side proposes the day, the other confirms it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="endings")
    ends_on = models.DateField(_("Ends on"))
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="+")
    reason = models.TextField(_("Reason"))

    class Meta(Proposed.Meta):
        ordering = ["pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement"],
                condition=~Q(state=ProposalState.DECLINED),
                name="agreements_ending_one_standing",
                violation_error_message=_("An ending is proposed or confirmed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.ends_on}"

    @property
    def center(self) -> Center:
        return self.agreement.center

    @property
    def settled_in(self) -> str:
        return self.consultation.key

    def history_key(self) -> str:
        return f"{self.agreement.history_key()}/ending"

    def history_label(self) -> str:
        return f"{self.agreement.short_title} 終了"


_CENTER = "(SELECT a.center_id FROM agreements_agreement a WHERE a.id = NEW.agreement_id)"

guards.declare(
    frozen_once("Ending", ProposalState.CONFIRMED),
    *ways.proposal_way(
        "agreements.Ending", center=_CENTER, content=("agreement", "ends_on", "consultation", "reason")
    ),
    guards.Guard(
        "agreements_notice_kept", "agreements.Notice", ("DELETE",), "notices are withdrawn, never deleted"
    ),
    guards.Guard(
        "agreements_notice_given",
        "agreements.Notice",
        ("UPDATE",),
        "a notice stays as it was given",
        columns=("agreement", "side", "given_on", "reason", "recorded_at", "recorded_by"),
    ),
    guards.Guard(
        "agreements_notice_withdrawn",
        "agreements.Notice",
        ("UPDATE",),
        "the side that gave a notice withdraws it, once",
        "OLD.withdrawn_at IS NOT NULL OR "
        + ways.unless(
            "NEW.withdrawn_at IS NULL",
            ways.belongs_to("NEW.withdrawn_by_id", ways.side("NEW.side"), _CENTER),
        ),
    ),
    guards.Guard(
        "agreements_notice_by_its_side",
        "agreements.Notice",
        ("INSERT",),
        "a side gives its own notice",
        ways.unless(
            "NEW.withdrawn_at IS NULL AND "
            + ways.belongs_to("NEW.recorded_by_id", ways.side("NEW.side"), _CENTER)
        ),
    ),
)
