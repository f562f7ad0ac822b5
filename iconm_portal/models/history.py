"""履歴: what was done, by whom, and why."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards


class HistoryEvent(models.Model):
    """One thing that someone did. Text rather than foreign keys: it stays readable whatever becomes of the rest."""

    at = models.DateTimeField(_("Time"), default=timezone.now)
    actor = models.CharField(_("User name"), max_length=60, blank=True)
    actor_name = models.CharField(_("Person"), max_length=60, blank=True)
    actor_organisation = models.CharField(_("Organisation"), max_length=40, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    action = models.CharField(_("Action"), max_length=60)
    center = models.CharField(_("Center"), max_length=40, blank=True)
    organisation = models.CharField(max_length=40, blank=True)  # whose affair it is where there is no center
    subject = models.CharField(_("Object"), max_length=200)
    subject_label = models.CharField(_("Object"), max_length=200)
    before = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    after = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    reason = models.TextField(_("Reason"), blank=True)
    consultation = models.CharField(_("Consultation"), max_length=80, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["center", "-at"], name="portal_history_by_center"),
            models.Index(fields=["subject", "-at"], name="portal_history_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(actor="") | ~Q(source=""),
                name="portal_history_someone_or_source",
                violation_error_message=_("Name the person who did it, or the source."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


guards.declare(guards.Guard("history", "portal.HistoryEvent", ("UPDATE", "DELETE"), "history is append-only"))
