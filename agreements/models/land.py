"""無償貸付に関する市の判断: whether the use of the land may go on being free of charge."""

from typing import Any, assert_never

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.rules import append_only, known, sourced
from agreements.models.verification import Verdict, Verification
from iconm_portal.history import guards
from iconm_portal.models import Center, User, ways
from iconm_portal.values.enum_field import EnumField


class LandGround(models.TextChoices):
    """On what the city judges: the report's 6(1)b, or the basic agreement's Art. 11(3)."""

    EFFECT = "effect", pgettext_lazy("ground of a judgement", "the yearly evaluation of effects")
    NON_PERFORMANCE = (
        "non_performance",
        pgettext_lazy("ground of a judgement", "the foundation does not perform the agreement"),
    )

    @property
    def is_of_a_verification(self) -> bool:
        """Whether it rests on the 効果検証 of a year; otherwise it is an act of its own under the agreement."""
        match self:
            case LandGround.EFFECT:
                return True
            case LandGround.NON_PERFORMANCE:
                return False
            case _:
                assert_never(self)


class LandJudgement(models.Model):
    """A judgement of the city. The next one on the same ground holds from its own day of effect on; a correction
    (`replaces`) takes the place of what was wrong from the beginning. Nothing is changed or deleted.

    A negative one takes the free use of the grants that it names in `takes`, and of no others: a later grant is judged
    anew.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="land_judgements")
    ground = EnumField(LandGround, _("Ground"))
    verification = models.ForeignKey(
        Verification, models.PROTECT, null=True, blank=True, related_name="land_judgements"
    )
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="land_judgements"
    )
    is_free = models.BooleanField(_("The use may be free of charge"))
    takes_effect_on = models.DateField(_("Takes effect on"))
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.TextField(_("Reason"), blank=True)
    follow_up = models.TextField(_("Follow-up"), blank=True)
    said = models.JSONField(default=dict, blank=True)  # the judgement under each criterion, by its code
    takes = models.JSONField(default=list, blank=True)  # the natural keys of the support measures
    known_from = models.DateField(_("Known from"))
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["known_from", "pk"]
        constraints = [
            known("ground", LandGround.values, "agreements_landjudgement_ground_known"),
            models.CheckConstraint(
                condition=Q(ground=LandGround.EFFECT, verification__isnull=False, agreement__isnull=True)
                | Q(ground=LandGround.NON_PERFORMANCE, verification__isnull=True, agreement__isnull=False),
                name="agreements_landjudgement_rests_on_its_ground",
                violation_error_message=_("It names the evaluation, or the agreement, on which it rests."),
            ),
            models.CheckConstraint(
                condition=~Q(reason="") | (Q(ground=LandGround.EFFECT, replaces__isnull=True)),
                name="agreements_landjudgement_has_reason",
                violation_error_message=_("Say why the city judges so."),
            ),
            sourced("recorded_by", "agreements_landjudgement_recorded_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.takes_effect_on}"

    @property
    def verdict(self) -> Verdict:
        """The same as the evaluation says it."""
        return Verdict.MEETS if self.is_free else Verdict.DOES_NOT_MEET

    @property
    def first(self) -> "LandJudgement":
        """The one that was corrected, and what that corrected; itself where nothing was."""
        return self.replaces.first if self.replaces else self

    def as_history(self) -> dict[str, Any]:
        """What it says, as the history keeps it."""
        return {
            "ground": str(self.ground),
            "is_free": self.is_free,
            "takes_effect_on": self.takes_effect_on,
            "falls": self.takes,
        }

    def history_key(self) -> str:
        return f"agreements.land_judgement/{self.center.code}/{self.pk}"

    def history_label(self) -> str:
        return "用地の無償貸付に関する市の判断"


guards.declare(
    append_only("LandJudgement"),
    ways.written_by("agreements.LandJudgement", ways.OF_SUPPORTER, or_document=True),
)
