"""How an agreement ends before its last day: one side gives notice, both agree on a day."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.agreements import Agreement
from agreements.models.consultations import Consultation
from agreements.models.rules import frozen_once, known
from iconm_portal.history import database_triggers
from iconm_portal.models import Center, ProposalState, Proposed, Side, User, paired
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


database_triggers.declare(frozen_once("Ending", ProposalState.CONFIRMED))
