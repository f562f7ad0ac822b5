"""What a settled thing rested on when it was settled, and what both sides said when that had changed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import ways
from iconm_portal.models.people import Center
from iconm_portal.models.settling import ProposalState, Proposed


class Answer(Proposed):
    """What a settled thing rests on has changed: one side proposes that it stands as it is, and why; the other confirms.

    It names the thing by kind, key and revision as text, as the history does: what is settled may stand on any floor.
    What it was about, in the revisions that both saw, are the rows of `RestsOn` that name it.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="answers")
    settled_kind = models.CharField(max_length=40)
    settled_key = models.CharField(max_length=160)
    settled_revision = models.CharField(max_length=40, blank=True)
    label = models.CharField(_("Object"), max_length=200)
    reason = models.TextField(_("Reason"))

    class Meta(Proposed.Meta):
        ordering = ["pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["center", "settled_kind", "settled_key"],
                condition=Q(state=ProposalState.PROPOSED),
                name="portal_answer_one_open",
                violation_error_message=_("The other side has proposed an answer already."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="portal_answer_has_reason",
                violation_error_message=_("Say why it stands as it is."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def history_key(self) -> str:
        return f"portal.answer/{self.settled_kind}/{self.settled_key}/{self.pk}"

    def history_label(self) -> str:
        return f"{self.label} 再確認"


class RestsOn(models.Model):
    """What a settled thing rests on, in the revision that was seen: written when it is settled, and again with each
    answer, which counts once it is confirmed. An empty `revision`: there was nothing of it yet.

    `value` is what it said, where only that matters: a settlement corrected elsewhere leaves an account's amount alone.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    settled_kind = models.CharField(max_length=40)
    settled_key = models.CharField(max_length=160)
    settled_revision = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    revision = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=40, blank=True)
    known_from = models.DateField(_("Known from"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, null=True, blank=True, related_name="rests_on")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["center", "settled_kind"], name="portal_restson_of_kind")]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "settled_kind", "settled_key", "settled_revision", "kind", "key"],
                condition=Q(answer__isnull=True),
                name="portal_restson_once",
                violation_error_message=_("It is recorded already what this rests on."),
            ),
            models.UniqueConstraint(
                fields=["answer", "kind", "key"],
                condition=Q(answer__isnull=False),
                name="portal_restson_once_an_answer",
                violation_error_message=_("It is recorded already what this rests on."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.settled_kind}/{self.settled_key} → {self.kind}/{self.key} {self.revision}"


_CONFIRMED = "EXISTS (SELECT 1 FROM portal_answer a WHERE a.id = OLD.answer_id AND a.state = 'confirmed')"  # what both saw

guards.declare(
    *ways.proposal_way(
        "portal.Answer",
        center="NEW.center_id",
        content=("center", "settled_kind", "settled_key", "settled_revision", "label", "reason"),
        begun={
            # What one side settled alone, it alone says of.
            "given by the side that settled it": (
                "NEW.state = 'confirmed' AND NEW.proposed_by_id IS NULL AND "
                + ways.belongs_to("NEW.confirmed_by_id", ways.side("NEW.proposed_side"), "NEW.center_id")
            )
        },
    ),
    guards.Guard(
        "portal_answer_settled",
        "portal.Answer",
        ("UPDATE", "DELETE"),
        "what both confirmed is frozen",
        "OLD.state = 'confirmed'",
    ),
    guards.Guard(
        "portal_restson_unchanged", "portal.RestsOn", ("UPDATE",), "what something rested on is never changed"
    ),
    guards.Guard(
        "portal_restson_kept",
        "portal.RestsOn",
        ("DELETE",),
        "what something rested on is kept",
        f"OLD.answer_id IS NULL OR {_CONFIRMED}",
    ),
)
